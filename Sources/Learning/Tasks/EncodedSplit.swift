internal import Batching
internal import Collectives
internal import Models
internal import Objectives
internal import TensorEngine

/// A split of a data set as the encoders see it: every photo and every caption, on every rank.
///
/// Each rank encodes its share of the photos with their captions; features, where the model has some, and token states, where
/// a join will ask for them, are then gathered. Nothing is dropped, and the order is the split's own.
struct EncodedSplit {
  let images: EncodedSide
  let texts: EncodedSide
  /// The photo of each caption.
  let imageOfCaption: [Int]
  /// Equal for captions that say the same.
  let captionIdentity: [UInt64]
  /// The photos that this rank encoded, and whose rows it scores.
  let ownImages: Range<Int>
  /// The captions of those photos, and their ids.
  let ownCaptions: Range<Int>
  let ownTexts: PackedText
  /// Equal for photos with equal bytes: of those that this rank encoded.
  let ownPhotoIdentity: [UInt64]

  /// - Parameter visit: is shown each chunk of photos that is read, before it is encoded; none where their states are known.
  init(
    _ loader: EvaluationLoader, _ subject: MeasuredModel, _ model: any ImageModel & TextModel,
    visit: (EvaluationChunk, ImageInput) -> Void = { _, _ in }, progress: (Int) -> Void = { _ in }
  ) throws {
    let (engine, communicator, cut) = (subject.engine, subject.communicator, subject.cut)
    var images = EncodingParts()
    var texts = EncodingParts()
    var owners: [Int] = []
    var identities: [UInt64] = []
    var (ids, photos): ([[Int32]], [UInt64]) = ([], [])
    let (features, keepsStates) = (model as? any FeatureModel, model is any JointModel)
    let tokens: EncodedTokens = keepsStates ? .all : .pooled
    let arranged = ArrangedWeights()
    func encode(_ chunk: EvaluationChunk) {
      let tape = Tape(engine, recording: false, arrangedWeights: arranged)
      let range = chunk.firstIndex..<chunk.firstIndex + chunk.count
      let encoding: Encoding
      if let known = subject.states.images?(range) {
        encoding = known
      } else {
        let seen = engine.images(chunk.columns, model.description.images)
        visit(chunk, seen)
        encoding = model.imageEncoder(seen, tokens, tape)
      }
      images.append(encoding, features?.imageFeatures(encoding, tape), keepsStates)
      guard let captions = chunk.columns.captions else { return }
      let packed = PackedText(captions)
      if let encoding = subject.states.texts?(range) {
        texts.append(encoding, features?.textFeatures(encoding, tape), keepsStates)
      } else {
        for text in parts(of: packed) where cut?.isPending != true {
          let encoding = model.textEncoder(text, tokens, tape)
          texts.append(encoding, features?.textFeatures(encoding, tape), keepsStates)
        }
      }
      for (photo, count) in captions.counts.enumerated() {
        owners += [Int](repeating: chunk.firstIndex + photo, count: count)
      }
      identities += captions.identities
      photos += chunk.photoIdentity
      if keepsStates { ids += packed.texts }
      progress(chunk.firstIndex + chunk.count - loader.range.lowerBound)
    }
    if let cut {
      try cut.forEach(Array(0..<loader.chunks)) { _ in try loader.next().map(encode) }
    } else {
      while let chunk = try loader.next() { encode(chunk) }
    }
    self.images = try images.gathered("image", engine, communicator)
    self.texts = try texts.gathered("text", engine, communicator)
    imageOfCaption = try gatherOverRanks(owners, communicator, "owners of the captions")
    captionIdentity = try gatherOverRanks(identities, communicator, "caption identities")
    let own = loader.range
    ownImages = own
    let first = imageOfCaption.firstIndex { $0 >= own.lowerBound } ?? imageOfCaption.count
    ownCaptions = first..<(first + owners.count)
    (ownTexts, ownPhotoIdentity) = (PackedText(ids), photos)
  }
}

extension PackedText {
  fileprivate var texts: [[Int32]] { (0..<count).map { Array(ids[offsets[$0]..<offsets[$0 + 1]]) } }
}

/// The captions of a chunk, so many at a time: a photo may have any number of them.
private func parts(of captions: PackedText) -> [PackedText] {
  stride(from: 0, to: captions.count, by: 256).map { captions[$0..<min($0 + 256, captions.count)] }
}

/// All photos, or all captions.
struct EncodedSide {
  /// n
  let count: Int
  /// Without rows where no join will ask for them.
  let encoding: Encoding
  /// [n, D]; nil where the model has none.
  let features: Tensor?
}

/// The features of all photos and all captions [n, D].
struct EncodedFeatures {
  let images: Tensor
  let texts: Tensor

  /// Nil where the model has none.
  init?(_ encoded: EncodedSplit) {
    guard let images = encoded.images.features, let texts = encoded.texts.features else { return nil }
    (self.images, self.texts) = (images, texts)
  }
}

/// The encodings of chunk after chunk, end to end.
struct EncodingParts {
  private var features: [Float] = []
  private var states: [Float] = []
  private var lengths: [Int] = []
  private var pooled: [Int] = []
  private var count = 0
  private var width = 0
  private var featureWidth = 0

  mutating func append(_ encoding: Encoding, _ features: Tensor?, _ keepsStates: Bool) {
    count += encoding.count
    if let features {
      self.features += features.values()
      featureWidth = features.columns
    }
    guard keepsStates else { return }
    states += encoding.states.values()
    width = encoding.states.columns
    lengths += zip(encoding.offsets, encoding.offsets.dropFirst()).map { $1 - $0 }
    pooled += encoding.relativePooledRows
  }

  func gathered(_ name: String, _ engine: Engine, _ communicator: any Communicator) throws -> EncodedSide {
    let features = try gatherOverRanks(features, communicator, "\(name) features of the evaluation")
    let states = try gatherOverRanks(states, communicator, "\(name) states of the evaluation")
    let lengths = try gatherOverRanks(lengths, communicator, "\(name) lengths of the evaluation")
    let pooled = try gatherOverRanks(pooled, communicator, "\(name) pooled tokens of the evaluation")
    let widths = try gatherOverRanks([width, featureWidth], communicator, "widths of the \(name) states")
    let (width, featureWidth) = (
      stride(from: 0, to: widths.count, by: 2).map { widths[$0] }.max() ?? 0,
      stride(from: 1, to: widths.count, by: 2).map { widths[$0] }.max() ?? 0
    )
    let offsets = lengths.reduce(into: [0]) { $0.append($0[$0.count - 1] + $1) }
    return EncodedSide(
      count: try communicator.sum(count, "\(name)s of the evaluation"),
      encoding: Encoding(
        states: engine.tensor(states, shape: [width == 0 ? 0 : states.count / width, width]), offsets: offsets,
        relativePooledRows: pooled),
      features: featureWidth == 0 ? nil : engine.tensor(features, shape: [features.count / featureWidth, featureWidth]))
  }
}
