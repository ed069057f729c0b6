public import Audio
internal import Foundation
public import Images
public import Layers
public import Settings

/// One kind of model with its sizes, as a checkpoint's `config.json` states it. What a model is, it says here itself;
/// `ModelCatalogue` lists those that there are.
public protocol ModelDescription: Encodable, Equatable, Sendable {
  /// The `model_type` of `config.json`, and what configurations call it.
  static var modelType: String { get }
  /// Further ones that it reads: whole models of other libraries.
  static var foreignTypes: [String] { get }
  /// As people call it.
  static var title: String { get }

  /// The parts that every model of this kind has, whatever else it is asked for.
  static var ownParts: [ModelPart] { get }
  /// The configuration's keys below `model` and `initialize`, and of the decay from layer to layer, that mean nothing to it, or
  /// groups of them.
  static var unusedKeys: [String] { get }
  /// Those that mean something to it, and nothing to a model that does not name them here.
  static var ownKeys: [String] { get }
  /// The sizes that its authors published, by the configuration's keys; empty for models that have others, or several.
  static var publishedSizes: [(key: String, size: Int)] { get }
  /// What its authors published of how it was pre-trained, likewise, as a configuration file says it.
  static var publishedRecipe: [(key: String, value: String)] { get }

  /// Reads a `config.json`, all of whose keys must be known.
  init(_ file: Settings) throws(SettingsError)

  /// What a run's configuration asks for.
  /// - Parameter found: of the directory that the run begins from; nil where its weights are drawn.
  init(_ request: ModelRequest, from found: (any ModelDescription)?) throws(ModelRequestError)

  /// What a file of weights seems to be: the model's name, perhaps with sizes; nil where it is none of these.
  /// - Parameter tensors: by their keys.
  static func guess(_ tensors: [(name: String, shape: [Int])]) -> String?

  var inputs: InputShapes { get }
  /// What makes its sizes unusable; nil where a model can be made of them.
  var flaw: String? { get }
  /// The towers' parameters in the order in which data pass: for locks, and rates that fall from layer to layer.
  var towers: [Modality: TowerLayers] { get }
  /// Where the weights of a tower go that a run begins from.
  func place(of modality: Modality) -> TowerPlace
  /// The configuration's keys that mean nothing to this one, though they do to another of its kind.
  var idleKeys: [String] { get }
  /// Its transformer blocks, by which memory and products are counted.
  var blocks: [BlockGroup] { get }
  /// Whether statistics of batches are among what it learns.
  var hasBatchNorm: Bool { get }
  /// What the keys of parameters begin with that no other library has.
  var ownPrefixes: [String] { get }
  /// How pictures are prepared where its directory does not say.
  var usualPreprocessing: Preprocessing { get }
  /// How clips become rows where its directory does not say; nil where it hears none.
  var usualClips: AudioPreprocessing? { get }
  /// How its directory is used, in Markdown: a part of the model card.
  var usage: String { get }

  /// Floating-point operations of a training step: of products and convolutions, heads left out.
  func operations(_ shapes: BatchShapes) -> Double
  /// The same model with a part that an objective needs; nil where it cannot have it.
  func with(_ part: ModelPart) -> Self?
  /// What to set for a part that it cannot have as it is; nil where nothing helps.
  func advice(on part: ModelPart) -> String?
  func make(_ builder: ParameterBuilder) -> any Model
}

/// A part that an objective needs, and that not every model has.
public enum ModelPart: String, Sendable {
  case features = "features of images and texts in one space"
  case pairwiseFeatures = "features of images, texts and clips in one space"
  case logitBias = "logit bias"
  case matchingHead = "matching head"
  case maskedTextHead = "masked-text head"
  case regionFeatures = "head for the features of hidden regions"
  case regionClasses = "head for the classes of hidden regions"
  case regionPixels = "head for the pixels of hidden patches"
  case comparableStates = "states of words and regions that can be compared"
  case textDecoder = "decoder that writes texts"
  case answerDecoder = "decoder that answers questions it reads"

  /// Whether a model gets parameters for it that it would not have otherwise.
  public var isAdded: Bool {
    switch self {
    case .features, .pairwiseFeatures, .matchingHead, .comparableStates, .textDecoder, .answerDecoder: false
    case .logitBias, .maskedTextHead, .regionFeatures, .regionClasses, .regionPixels: true
    }
  }
}

extension ModelDescription {
  public var name: String { Self.modelType }
  public static var foreignTypes: [String] { [] }
  public static var ownKeys: [String] { [] }
  public static var ownParts: [ModelPart] { [.features] }
  public static var publishedSizes: [(key: String, size: Int)] { [] }
  public static var publishedRecipe: [(key: String, value: String)] { [] }
  /// Where no pictures are read it says nothing.
  public var usualPreprocessing: Preprocessing { inputs.images.side.map { .clip(imageSize: $0) } ?? .clip() }

  public var usualClips: AudioPreprocessing? { nil }

  /// The keys that speak of clips, for models that may hear some.
  static var audioKeys: [String] {
    ["encoder", "bands", "frames", "patch_size", "stride", "width", "layers", "heads"].map { "model.audio." + $0 }
      + ["initialize.audio", "initialize.lock.audio"]
  }

  /// The keys that speak of towers of other kinds than a model's own.
  static var towerKeys: [String] {
    [
      "model.vision.encoder", "model.text.encoder", "model.text.pooling", "model.projection", "model.text.dropout",
      "model.text.attention_dropout", "initialize.vision", "initialize.text",
    ]
  }

  public var images: ImageShape { inputs.images }
  /// Whether what it reads meets in it.
  public var isJoint: Bool {
    let made = make(ParameterBuilder())
    return made is any JointModel || made is any PairwiseJointModel
  }
  /// Not called `text`, as the sizes of a text tower often are: Swift would choose between the two by what fits.
  public var texts: TextShape { inputs.text }
  public var idleKeys: [String] { [] }
  public func place(of modality: Modality) -> TowerPlace { .whole(modality) }
  public var hasBatchNorm: Bool { false }
  public var ownPrefixes: [String] { [] }

  public func advice(on part: ModelPart) -> String? { nil }

  /// With all of these parts; nil where it cannot have one of them.
  public func with(_ parts: [ModelPart]) -> (any ModelDescription)? {
    var made = self
    for part in parts {
      guard let more = made.with(part) else { return nil }
      made = more
    }
    return made
  }

  /// What to say where it cannot have these parts.
  /// - Parameter advice: of whoever needs a part, for models that know none.
  public func words(onLacking parts: [ModelPart], advice: (ModelPart) -> String? = { _ in nil }) -> String {
    let lacking = parts.filter { with($0) == nil }
    let advice =
      lacking.compactMap { self.advice(on: $0) ?? advice($0) }.first ?? "set it to 0, or name a model that has one"
    return "\(name) has no \(lacking.map(\.rawValue).joined(separator: " and ")); \(advice)"
  }

  /// The content of `config.json`.
  public func json() throws -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    return try Array(encoder.encode(self)) + [10]
  }

  public func isEqual(to other: any ModelDescription) -> Bool { other as? Self == self }
}

/// A description of a model with features of all that it reads in one space.
public protocol SharedSpaceDescription: ModelDescription {
  /// D
  var embeddingWidth: Int { get }
}

/// A description of a model with features of images and texts in one space.
public protocol FeatureDescription: SharedSpaceDescription {
  /// The logarithm of the inverse temperature at the start.
  var initialLogitScale: Float { get set }
  /// The bias of all logits at the start, for models that are trained with the sigmoid loss; nil for a model without one.
  var initialLogitBias: Float? { get set }
  /// Whose pooled features are standardised before they are projected.
  var standardized: ProjectionSettings.Standardized { get }
}

extension FeatureDescription {
  public var standardized: ProjectionSettings.Standardized { .none }

  /// With a bias of all logits, where it has none yet. The sigmoid loss begins with a bias of -10 and a temperature of 1/10,
  /// so that the many pairs that do not belong together cost little at first (Zhai et al., "Sigmoid Loss for Language
  /// Image Pre-Training", 2023, §3.2); weights that are loaded keep their own temperature.
  var withLogitBias: Self {
    guard initialLogitBias == nil else { return self }
    var made = self
    (made.initialLogitBias, made.initialLogitScale) = (-10, Float(log(10.0)))
    return made
  }
}

/// A description of a model with branches of convolutions and batch norm, which can be folded into one.
public protocol FoldableDescription: ModelDescription {
  var folding: Folding { get }
  /// The same model, folded so far.
  func folded(_ folding: Folding) -> Self
  /// The block that a key belongs to which only folded branches have; nil for other keys.
  static func foldedBlock(_ key: String) -> Substring?
}

/// How much of a model is folded, which is for inference.
public enum Folding: Sendable {
  /// As it is trained.
  case unfolded
  /// Each set of branches is one convolution; norms and layer scales are there yet. What timm's `reparameterize_model`
  /// leaves; no configuration says so, it shows in the weights.
  case branches
  /// Norms and layer scales too are part of convolutions and products.
  case whole

  var hasBranches: Bool { self == .unfolded }
  var hasNorms: Bool { self != .whole }
}

/// A description of models whose weights say what their `config.json` may not: which heads there are, and how much these know.
public protocol DescriptionOfWeights: ModelDescription {
  /// The same model as the weights have it.
  /// - Parameter shape: of the tensor of that key; nil where there is none.
  func fitting(_ shape: (_ key: String) -> [Int]?) -> Self
}

/// A description with the same weights in another library's form.
public protocol ExportableDescription: ModelDescription {
  /// As transformers has it; nil where it has no such model.
  var huggingFaceForm: (any ModelDescription)? { get }
  /// As open_clip has it; nil where it has no such model.
  var openCLIPForm: (any OpenCLIPDescription)? { get }
  /// Why transformers has no such model where another one of the kind has a form of its; nil where nobody has to be told.
  var huggingFaceObstacle: String? { get }
  /// What loads that form in Python.
  var huggingFaceClasses: (model: String, processor: String) { get }
}

extension ExportableDescription {
  public var huggingFaceObstacle: String? { nil }
  public var huggingFaceClasses: (model: String, processor: String) { ("CLIPModel", "CLIPProcessor") }
}
