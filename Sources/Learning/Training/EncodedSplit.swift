internal import Batching
internal import Collectives
internal import Models
internal import Objectives
internal import TensorEngine

/// A split of a data set as the towers see it: every photo and every caption, on every rank.
///
/// Each rank encodes its share of the photos with their captions; features and, where a matching head will ask for
/// them, token states are then gathered. Nothing is dropped, and the order is the split's own.
struct EncodedSplit {
  let images: Encoding
  let texts: Encoding
  /// The photo of each caption.
  let imageOfCaption: [Int]
  /// Equal for captions that say the same.
  let captionIdentity: [UInt64]
  /// The photos that this rank encoded, and whose rows it scores.
  let ownImages: Range<Int>
  /// The captions of those photos.
  let ownCaptions: Range<Int>

  /// - Parameter cut: may end it before its end.
  init(
    _ loader: EvaluationLoader, _ model: ImageTextModel, _ engine: Engine, _ communicator: any Communicator,
    cut: EvaluationCut?, progress: (Int) -> Void = { _ in }
  ) throws {
    var images = EncodingParts()
    var texts = EncodingParts()
    var owners: [Int] = []
    var identities: [UInt64] = []
    let keepsStates = model.fusion != nil
    let tokens: EncodedTokens = keepsStates ? .all : .pooled
    func encode(_ chunk: EvaluationChunk) {
      let tape = Tape(engine, recording: false)
      let side = model.description.imageSize
      let pixels = chunk.pixels.withUnsafeBufferPointer { engine.tensor($0, shape: [chunk.count, 3, side, side]) }
      images.append(model.towers.encode(images: pixels, tokens: tokens, tape), keepsStates)
      for text in parts(of: chunk) where cut?.isPending != true {
        texts.append(model.towers.encode(text: text, tokens: tokens, tape), keepsStates)
      }
      for (photo, count) in chunk.captionCounts.enumerated() {
        owners += [Int](repeating: chunk.firstIndex + photo, count: count)
      }
      identities += chunk.captionIdentity
      progress(chunk.firstIndex + chunk.count - loader.range.lowerBound)
    }
    if let cut {
      try cut.forEach(Array(0..<loader.chunks)) { _ in try loader.next().map(encode) }
    } else {
      while let chunk = try loader.next() { encode(chunk) }
    }
    self.images = try images.gathered("image", model.description.embeddingWidth, engine, communicator)
    self.texts = try texts.gathered("text", model.description.embeddingWidth, engine, communicator)
    imageOfCaption = try gatherOverRanks(owners, communicator, "owners of the captions")
    captionIdentity = try gatherOverRanks(identities, communicator, "caption identities")
    let own = loader.range
    ownImages = own
    let first = imageOfCaption.firstIndex { $0 >= own.lowerBound } ?? imageOfCaption.count
    ownCaptions = first..<(first + owners.count)
  }
}

/// The captions of a chunk, so many at a time: a photo may have any number of them.
private func parts(of chunk: EvaluationChunk) -> [PackedText] {
  let count = chunk.offsets.count - 1
  return stride(from: 0, to: count, by: 256).map { first in
    let offsets = chunk.offsets[first...min(first + 256, count)].map { Int($0) }
    return PackedText(
      ids: Array(chunk.tokenIds[offsets[0]..<offsets[offsets.count - 1]]), offsets: offsets.map { $0 - offsets[0] })
  }
}

/// The encodings of chunk after chunk, end to end.
private struct EncodingParts {
  private var features: [Float] = []
  private var states: [Float] = []
  private var lengths: [Int] = []
  private var pooled: [Int] = []
  private var width = 0

  mutating func append(_ encoding: Encoding, _ keepsStates: Bool) {
    features += encoding.features.values()
    guard keepsStates else { return }
    states += encoding.states.values()
    width = encoding.states.columns
    for (segment, row) in encoding.pooledRows.enumerated() {
      lengths.append(encoding.offsets[segment + 1] - encoding.offsets[segment])
      pooled.append(row - encoding.offsets[segment])
    }
  }

  func gathered(
    _ name: String, _ embeddingWidth: Int, _ engine: Engine, _ communicator: any Communicator
  ) throws -> Encoding {
    let features = try gatherOverRanks(features, communicator, "\(name) features of the evaluation")
    let states = try gatherOverRanks(states, communicator, "\(name) states of the evaluation")
    let lengths = try gatherOverRanks(lengths, communicator, "\(name) lengths of the evaluation")
    let pooled = try gatherOverRanks(pooled, communicator, "\(name) pooled tokens of the evaluation")
    let width = try gatherOverRanks([width], communicator, "width of the \(name) states").max() ?? 0
    let offsets = lengths.reduce(into: [0]) { $0.append($0[$0.count - 1] + $1) }
    return Encoding(
      states: engine.tensor(states, shape: [width == 0 ? 0 : states.count / width, width]), offsets: offsets,
      pooledRows: zip(offsets, pooled).map { $0 + $1 },
      features: engine.tensor(features, shape: [features.count / embeddingWidth, embeddingWidth]))
  }
}
