public import Audio
public import Layers
public import Settings

/// A published audio spectrogram transformer with the head that it was fine-tuned for: transformers' `ASTForAudioClassification`. It
/// says of clips which classes they are of, and knows no texts. It is used as it is; a run begins from its tower.
public struct ASTClassifierConfiguration: PublishedClassifierDescription, DescriptionOfWeights, Equatable, Sendable {
  public static let modelType = ASTConfiguration.modelType
  public static let title = "a published AST that classifies clips"
  public static let ownParts: [ModelPart] = []
  public static let unusedKeys: [String] = []

  /// What the names of the tower's parameters begin with, and those of the head's.
  static let (tower, head) = ("audio_spectrogram_transformer", "classifier")
  /// What the classes are to each other, and its value where several may be right.
  private static let (kindKey, several) = ("problem_type", "multi_label_classification")

  public var audio: ASTConfiguration
  /// Logits of the head, as the weights have it; transformers' default where nobody has looked at these.
  public var classCount: Int
  public var classes: [String]?
  public var isSeveral = false

  public init(_ file: Settings) throws(SettingsError) {
    audio = try ASTConfiguration(file)
    classes = try file.labels()
    classCount = classes?.count ?? 2
    isSeveral = try file.text(Self.kindKey) == Self.several
  }

  /// No run makes one.
  public init(_ request: ModelRequest, from found: (any ModelDescription)?) throws(ModelRequestError) {
    throw ModelRequestError(
      key: "initialize.weights",
      problem:
        "\(Self.title) is used as it is; to train on, name its directory with initialize.audio, and a model that hears "
        + "clips with model.name")
  }

  public static func guess(_ tensors: [(name: String, shape: [Int])]) -> String? { nil }

  /// Weights of a tower alone have no head.
  public func fitting(_ shape: (_ key: String) -> [Int]?) -> ASTClassifierConfiguration {
    var made = self
    made.classCount = shape(Self.head + ".dense.weight")?.first ?? 0
    return made
  }

  public var inputs: InputShapes { InputShapes(images: audio.images, text: .none) }
  public var usualClips: AudioPreprocessing? { audio.usualClips }

  public var flaw: String? {
    guard classCount > 0 else {
      return "its weights are a tower without a head (ASTModel), which a run begins from with initialize.audio"
    }
    if let classes, classes.count != classCount {
      return "id2label names \(classes.count) classes, and the head has \(classCount)"
    }
    return outside(classCount, 1...1_000_000, "a number of classes") ?? audio.flaw
  }

  public var towers: [Modality: TowerLayers] { [.audio: audio.layers.within(Self.tower + ".")] }
  public func place(of modality: Modality) -> TowerPlace { TowerPlace([(Self.tower + ".", "")]) }
  public var blocks: [BlockGroup] { audio.blocks }

  public func operations(_ shapes: BatchShapes) -> Double {
    var count = OperationCount(shapes)
    count.product(shapes.textLengths.count, audio.width, classCount)
    return audio.operations(shapes.textLengths, shapes) + count.total
  }

  public func with(_ part: ModelPart) -> ASTClassifierConfiguration? { nil }
  public func make(_ builder: ParameterBuilder) -> any Model { ASTClassifier(self, builder) }
  public var usage: String { "`transformers` loads it as an `ASTForAudioClassification`." }
}

// MARK: Writing

extension ASTClassifierConfiguration: Encodable {
  private enum CodingKeys: String, CodingKey {
    case architectures
    case kind = "problem_type"
  }

  public func encode(to encoder: any Encoder) throws {
    try audio.encode(to: encoder)
    var keys = encoder.container(keyedBy: CodingKeys.self)
    try keys.encode(["ASTForAudioClassification"], forKey: .architectures)
    try keys.encodeIfPresent(isSeveral ? Self.several : nil, forKey: .kind)
    try encodeLabels(classes, to: encoder)
  }
}
