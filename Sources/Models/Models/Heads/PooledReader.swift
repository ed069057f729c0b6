public import Layers
public import TensorEngine

/// What a task's head looks at: one vector a sample, whatever the model. Where image and text meet it is what stands for the pair; else
/// it is what the towers make of each, side by side.
///
/// In the place of a modality that a task does not read, or that a sample lacks, a learned token stands: zeros would look like data.
public struct PooledReader {
  /// The image (or what the model reads in its place) and the text of a sample, by their places among those that are encoded; nil
  /// where it has none.
  public struct Sample: Sendable, Equatable {
    public let image: Int?
    public let text: Int?
    /// Its clip, for a model that hears clips beside images.
    public let clip: Int?
    /// For random choices: the same whatever else is encoded.
    public var name: UInt64 = 0

    public init(image: Int?, text: Int?, clip: Int? = nil) { (self.image, self.text, self.clip) = (image, text, clip) }

    /// For a model that has each modality in a place of its own.
    subscript(modality: Modality) -> Int? {
      switch modality {
      case .image: image
      case .text: text
      case .audio: clip
      }
    }
  }

  /// What is read, in the order in which vectors stand side by side.
  public let modalities: [Modality]
  /// Those of them that a sample may lack: something stands in their place.
  public let replaceable: [Modality]
  /// Whether image and text meet: then the states of all their tokens are read.
  public let isJoint: Bool
  /// W
  public let width: Int
  /// [1, W] of the encoder's states.
  private let absentImage: Parameter?
  private let absentText: Parameter?

  /// Nil for a model that does not read both images and texts, and where nothing is to be read.
  /// - Parameters:
  ///   - modalities: that the task reads.
  ///   - lacking: those of them that a sample may lack.
  ///   - builder: of the tokens that stand for what is not there.
  public init?(
    _ model: any Model, reading modalities: [Modality], lacking: [Modality] = [], _ builder: ParameterBuilder
  ) {
    guard let towers = model as? any ImageModel & TextModel, !modalities.isEmpty else { return nil }
    let joint = model as? any JointModel
    let pairwise = model as? any PairwiseJointModel
    let widths = { (modality: Modality) in
      modality == .text ? towers.textEncoder.width : towers.imageEncoder.width
    }
    self.modalities = Modality.allCases.filter(modalities.contains)
    replaceable = pairwise == nil ? self.modalities.filter(lacking.contains) : self.modalities
    isJoint = joint != nil || pairwise != nil
    width = pairwise?.jointWidth ?? joint?.pooledWidth ?? self.modalities.reduce(0) { $0 + widths($1) }
    // A model of three has tokens of its own.
    func token(_ modality: Modality) -> Parameter? {
      guard pairwise == nil else { return nil }
      let isRead = modalities.contains(modality)
      guard isRead ? lacking.contains(modality) : joint != nil else { return nil }
      return builder.parameter(
        "absent_\(modality.rawValue)", [1, widths(modality)], .normal(standardDeviation: 0.02))
    }
    (absentImage, absentText) = (token(model.description.images.modality), token(.text))
  }

  /// Which states encoders must make for it.
  public var tokens: EncodedTokens { isJoint ? .all : .pooled }

  /// What stands for each sample [N, W].
  /// - Parameters:
  ///   - model: the one it was made for, or its fastest form.
  ///   - images: nil where no sample has one, and likewise `texts`, and `clips` for a model that hears some beside images.
  public func callAsFunction(
    _ model: any Model, images: Encoding?, texts: Encoding?, clips: Encoding? = nil, _ samples: [Sample], _ tape: Tape
  ) -> Tensor {
    if let pairwise = model as? any PairwiseJointModel {
      return pairwise.join(ModalityEncodings(images: images, texts: texts, clips: clips), samples, tape)
    }
    guard let joint = model as? any JointModel else { return sideBySide(model, images, texts, samples, tape) }
    let states = jointStates(joint, images: images, texts: texts, samples, tape)
    return joint.pooled(states, tape)
  }

  /// What a join makes of image and text of each sample.
  public func jointStates(
    _ model: any JointModel, images: Encoding?, texts: Encoding?, _ samples: [Sample], _ tape: Tape
  ) -> JointStates {
    let (images, imagePlaces) = Self.completed(images, samples.map(\.image), absentImage, tape)
    let (texts, textPlaces) = Self.completed(texts, samples.map(\.text), absentText, tape)
    let pairs = zip(imagePlaces, textPlaces).map { ImageTextPair(image: $0, text: $1) }
    return model.join(images, texts, pairs, tape)
  }

  private func sideBySide(
    _ model: any Model, _ images: Encoding?, _ texts: Encoding?, _ samples: [Sample], _ tape: Tape
  ) -> Tensor {
    guard let towers = model as? any ImageModel & TextModel else { preconditionFailure("another model's reader") }
    let vectors = modalities.map { modality in
      switch modality {
      case .image, .audio:
        rows(images.map { towers.imageEncoder.pooled($0, tape) }, samples.map(\.image), absentImage, tape)
      case .text: rows(texts.map { towers.textEncoder.pooled($0, tape) }, samples.map(\.text), absentText, tape)
      }
    }
    return vectors.dropFirst().reduce(vectors[0]) { tape.concatenateColumns($0, $1) }
  }

  // MARK: What is not there

  /// The encoding's segments that samples have, with the absent token behind them where a sample needs it, and the segment of each
  /// sample. What no sample has is not looked at.
  static func completed(
    _ encoding: Encoding?, _ places: [Int?], _ absent: Parameter?, _ tape: Tape
  ) -> (encoding: Encoding, segments: [Int]) {
    if let encoding, let all = complete(places) { return (encoding, all) }
    let token = token(absent, tape)
    let used = Set(places.compactMap(\.self)).sorted()
    guard !used.isEmpty, let encoding = encoding?.selecting(used, tape) else {
      return (Encoding(pooled: token), places.map { _ in 0 })
    }
    let segments = Dictionary(uniqueKeysWithValues: used.enumerated().map { ($1, $0) })
    let (rows, last) = (encoding.states.rows, encoding.count)
    let made = Encoding(
      states: tape.concatenateRows([encoding.states, token]), offsets: encoding.offsets + [rows + 1],
      pooledRows: encoding.pooledRows + [rows..<rows + 1])
    return (made, places.map { $0.flatMap { segments[$0] } ?? last })
  }

  private func rows(_ vectors: Tensor?, _ places: [Int?], _ absent: Parameter?, _ tape: Tape) -> Tensor {
    if let vectors, let all = Self.complete(places) {
      return all.elementsEqual(0..<vectors.rows) ? vectors : tape.gatherRows(vectors, all)
    }
    let token = Self.token(absent, tape)
    guard let vectors else { return tape.gatherRows(token, places.map { _ in 0 }) }
    return tape.gatherRows(tape.concatenateRows([vectors, token]), places.map { $0 ?? vectors.rows })
  }

  /// Nil where a sample has none.
  private static func complete(_ places: [Int?]) -> [Int]? {
    let known = places.compactMap(\.self)
    return known.count == places.count ? known : nil
  }

  private static func token(_ absent: Parameter?, _ tape: Tape) -> Tensor {
    guard let absent else { preconditionFailure("a sample lacks what its task says that each one has") }
    return tape.gatherRows(absent.tensor, [0])
  }
}
