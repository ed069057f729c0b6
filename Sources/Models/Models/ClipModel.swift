public import Layers
public import TensorEngine

/// Two modalities that are looked at together.
public struct ModalityPair: Hashable, Sendable {
  public let first: Modality
  public let second: Modality

  init(_ first: Modality, _ second: Modality) { (self.first, self.second) = (first, second) }

  /// Every pair there is, in the order of `Modality.allCases`.
  public static let all = Modality.allCases.enumerated().flatMap { place, first in
    Modality.allCases.dropFirst(place + 1).map { ModalityPair(first, $0) }
  }

  /// Whether a modality is one of both.
  public func contains(_ modality: Modality) -> Bool { first == modality || second == modality }

  /// As parameters and metrics are called: "image_text".
  public var name: String { "\(first.rawValue)_\(second.rawValue)" }
  /// As people say it.
  public var words: String { "\(first.rawValue)–\(second.rawValue)" }
}

/// Hears clips beside what it sees and reads. A model that hears them in the place of photos is none: its image encoder does.
public protocol ClipModel: ImageModel, TextModel {
  var clipEncoder: any ImageEncoder { get }
}

extension Modality {
  /// In the order of all.
  var place: Int {
    switch self {
    case .image: 0
    case .text: 1
    case .audio: 2
    }
  }
}

/// Has features of images, texts and clips in one space, and for each pair of these a temperature.
public protocol PairwiseFeatureModel: ClipModel, SharedSpaceModel {
  /// D
  var featureWidth: Int { get }
  /// The projected pooled states, of length one [B, D].
  func features(_ encoding: Encoding, of modality: Modality, _ tape: Tape) -> Tensor
  /// The logarithm of a pair's inverse temperature, a scalar.
  func logitScale(of pair: ModalityPair) -> Parameter
}

extension PairwiseFeatureModel {
  public var logitBias: Parameter? { nil }

  public func features(images: ImageInput, _ tape: Tape) -> Tensor {
    let (encoder, modality) = images.areClips ? (clipEncoder, Modality.audio) : (imageEncoder, .image)
    return features(encoder(images, .pooled, tape), of: modality, tape)
  }

  public func features(texts: PackedText, _ tape: Tape) -> Tensor {
    features(textEncoder(texts, .pooled, tape), of: .text, tape)
  }

  public func logitScale(ofTextsBeside modality: Modality) -> Parameter {
    logitScale(of: modality == .audio ? ModalityPair(.text, .audio) : ModalityPair(.image, .text))
  }
}

extension Model {
  /// The logarithms of the inverse temperatures that it has, scalars.
  public var logitScales: [Parameter] {
    if let model = self as? any PairwiseFeatureModel { return ModalityPair.all.map(model.logitScale) }
    return (self as? any FeatureModel).map { [$0.logitScale] } ?? []
  }
}

/// What encoders make of each modality of some samples; nil where none of them has it.
public struct ModalityEncodings {
  public var images: Encoding?
  public var texts: Encoding?
  public var clips: Encoding?

  public init(images: Encoding? = nil, texts: Encoding? = nil, clips: Encoding? = nil) {
    (self.images, self.texts, self.clips) = (images, texts, clips)
  }

  public subscript(modality: Modality) -> Encoding? {
    get {
      switch modality {
      case .image: images
      case .text: texts
      case .audio: clips
      }
    }
    set {
      switch modality {
      case .image: images = newValue
      case .text: texts = newValue
      case .audio: clips = newValue
      }
    }
  }
}

/// Lets images, texts and clips meet, sample by sample. What a sample lacks, learned tokens of the model's own stand for.
public protocol PairwiseJointModel: ClipModel {
  /// What stands for each sample [N, W].
  /// - Parameter encodings: with the states of all tokens.
  func join(_ encodings: ModalityEncodings, _ samples: [PooledReader.Sample], _ tape: Tape) -> Tensor
  /// W of that.
  var jointWidth: Int { get }
}
