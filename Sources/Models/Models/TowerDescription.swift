public import Audio
public import Images
public import Layers
public import Settings

/// One kind of tower: an encoder of one modality with its sizes, as published files state it. Models that are put together
/// from towers (`dual-encoder`, `cross-attention`) know nothing else of theirs; `TowerCatalogue` lists the kinds.
public protocol TowerDescription: Encodable, Equatable, Sendable {
  /// The `model_type` of its own `config.json`.
  static var modelType: String { get }
  /// As people call it.
  static var title: String { get }
  /// What a configuration calls its sizes, for towers that are drawn: one name, or one a size.
  static var names: [String] { get }
  /// The `model_type` of whole models whose `config.json` it reads too, for its own part of them.
  static var wholeModels: [String] { get }
  /// How published files name its arrays: the first is what its parameters are called here.
  static var publishedKeys: [PublishedKeys] { get }

  /// Whether a `config.json` is of such a tower, or of a model that has one.
  static func claims(_ file: Settings) throws(SettingsError) -> Bool
  /// Reads a `config.json`, all of whose keys must be known.
  init(_ file: Settings) throws(SettingsError)
  /// What a file of weights without a `config.json` holds; nil where that is no such tower, or its shapes do not say.
  /// - Parameter shape: of the tensor that holds a parameter; nil where there is none.
  init?(shape: (_ parameter: String) -> [Int]?)
  /// What a run's configuration asks for, to be drawn.
  /// - Parameter name: one of `names`.
  init(_ name: String, _ request: ModelRequest) throws(ModelRequestError)

  /// W: of its states, and of what stands for a segment.
  var width: Int { get }
  /// What makes its sizes unusable; nil where a tower can be made of them.
  var flaw: String? { get }
  /// Its parameters in the order in which data pass, by their names within the tower; without a projection.
  var layers: TowerLayers { get }
  /// Its transformer blocks; none for a tower of convolutions.
  var blocks: [BlockGroup] { get }
  /// Why it is none of the towers that transformers' `VisionTextDualEncoderModel` is made of; nil where it is one.
  var dualEncoderObstacle: String? { get }
  /// Floating-point operations of a training step on so many tokens of each segment.
  /// - Parameter lengths: of texts; for images one number an image, which means nothing.
  func operations(_ lengths: [Int], _ shapes: BatchShapes) -> Double
}

extension TowerDescription {
  public static var wholeModels: [String] { [] }
  public var dualEncoderObstacle: String? { "transformers has no \(Self.title) as a part of a pair of encoders" }

  public func isEqual(to other: any TowerDescription) -> Bool { other as? Self == self }

  public static func claims(_ file: Settings) throws(SettingsError) -> Bool {
    try file.text("model_type").map { $0 == modelType || wholeModels.contains($0) } ?? false
  }
}

/// A tower that reads images, or sounds as images of them.
public protocol ImageTowerDescription: TowerDescription {
  var images: ImageShape { get }
  /// The most states of an image.
  var tokens: Int { get }
  /// Whether statistics of batches are among what it learns.
  var hasBatchNorm: Bool { get }
  func makeEncoder(_ builder: ParameterBuilder) -> any ImageEncoder
}

extension ImageTowerDescription {
  public var hasBatchNorm: Bool { false }
  /// Where its parameters are in a model that has such a tower.
  var places: ImagePlaces { images.modality == .audio ? .clips : .pictures }
}

/// What the names of a tower's parameters begin with in a model that has it in the place of images, and those of the projection
/// behind it.
struct ImagePlaces {
  let tower: String
  let projection: String

  static let pictures = ImagePlaces(tower: "vision_model", projection: "visual_projection")
  static let clips = ImagePlaces(tower: "audio_model", projection: "audio_projection")
}

/// A tower that reads pictures.
public protocol PictureTowerDescription: ImageTowerDescription {
  /// S: images come as [B, 3, S, S].
  var imageSize: Int { get }
  /// The places of an image that its states stand for.
  var grid: TokenGrid { get }
  /// How pictures are prepared where nobody says: as its kind was trained.
  var usualPreprocessing: Preprocessing { get }
  /// Whether its states are more than a map of the pixels of their places.
  var statesAreFeatures: Bool { get }
  func makePictureEncoder(_ builder: ParameterBuilder) -> any PictureEncoder
  /// The same network over spectrograms of clips; nil for a kind that has no such form.
  var ofClips: (any ClipTowerDescription)? { get }
}

extension PictureTowerDescription {
  public var images: ImageShape { .pictures(side: imageSize) }
  public var tokens: Int { grid.count }
  public var statesAreFeatures: Bool { true }
  public var ofClips: (any ClipTowerDescription)? { nil }
  public func makeEncoder(_ builder: ParameterBuilder) -> any ImageEncoder { makePictureEncoder(builder) }
}

/// A tower that hears clips.
public protocol ClipTowerDescription: ImageTowerDescription {
  /// The most frames of a clip: another number may be set, and positions of weights that are there are brought to it.
  var frames: Int { get set }
  /// How clips become rows where nobody says: as its kind was trained, in as many bands and frames as it takes.
  var usualClips: AudioPreprocessing { get }
  /// How files of networks of pictures that it begins from name its arrays.
  static var pictureKeys: [PublishedKeys] { get }
  /// What begins from a network that is no tower of pictures here, by its `config.json`; nil for what begins none.
  static func begun(fromPictures file: Settings) throws(SettingsError) -> Self?
}

extension ClipTowerDescription {
  public static var pictureKeys: [PublishedKeys] { publishedKeys }
  public static func begun(fromPictures file: Settings) throws(SettingsError) -> Self? { nil }
  public var images: ImageShape { .clips(ClipShape(bands: usualClips.bands, frames: usualClips.maximumFrames)) }
}

/// A tower that reads pictures of another size with the same weights, but for positions that are brought to it.
protocol ResizableTowerDescription: PictureTowerDescription {
  var imageSize: Int { get set }
}

/// A tower with a pooler behind its class token, which published weights may lack; no `config.json` says so.
public protocol PoolerTowerDescription: PictureTowerDescription {
  var hasPooler: Bool { get set }
  /// The parameter whose absence says it.
  static var poolerParameter: String { get }
}

/// A tower that reads texts.
public protocol TextTowerDescription: TowerDescription {
  /// The longest text is what its positions reach.
  var text: TextShape { get }
  /// Whether a token sees only those before it.
  var isCausal: Bool { get }
  /// How its states become one: published beside the tower, not in its `config.json`.
  var pooling: TextPooling { get set }
  /// The kinds of pooling that it has. The first is that of transformers, which its `pooler_output` is.
  static var poolings: [TextPooling] { get }
  func makeEncoder(_ builder: ParameterBuilder) -> any TextEncoder
}

extension TextTowerDescription {
  public var dualEncoderObstacle: String? {
    guard let theirs = Self.poolings.first, pooling != theirs else { return nil }
    return "it pools texts by \(pooling.words), transformers by \(theirs.words)"
  }
}

/// A text tower that is a part of others.
protocol PartialTowerDescription: TextTowerDescription {
  /// Nil where it is no part of that tower.
  init?(partOf whole: any TextTowerDescription)
}

/// A text tower that drops a part of its states while it is trained.
public protocol DroppingTowerDescription: TextTowerDescription {
  var dropout: DropoutRates { get set }
}

/// What stands for a text.
public enum TextPooling: String, Codable, CaseIterable, Sendable {
  /// The state of the token that opens it.
  case first = "class"
  /// The same through the tower's own pooler: tanh(W x + b).
  case pooler
  /// The mean over all of its tokens, those that open and close it too (sentence-transformers' mean pooling).
  case mean
  /// The state of the token that closes it.
  case end

  public var words: String {
    switch self {
    case .first: "their class token"
    case .pooler: "their tower's pooler"
    case .mean: "the mean of their tokens"
    case .end: "the token that closes them"
    }
  }
}

/// How one family of published files names a tower's arrays.
public struct PublishedKeys: Sendable {
  /// Whose files these are, in words.
  public let title: String
  /// What the files of it may have in front of every key: "" and "bert.", say.
  public let prefixes: [String]
  /// A key, without prefix, that such files have and no others do.
  public let mark: String
  /// Where the file holds a parameter; the name itself by default.
  public let key: @Sendable (_ parameter: String) -> String
  /// What keys begin with, behind a prefix or without one, that such files may have beside the tower's own: heads of other
  /// tasks, the other tower, a pooler that is not asked for.
  public let unusedPrefixes: [String]
  /// Of a transformer of pictures that a tower of clips begins from: how many tokens, and positions, it has in front of its patches,
  /// which are a square; nil where positions are the tower's own.
  public let tokensOfPictures: Int?
  /// Parameters that such files have none of, and the keys that stand for them.
  public let replacements: [Replacement]
  public typealias Replacement = (parameter: String, key: String)

  public init(
    _ title: String, prefixes: [String] = [""], mark: String, unusedPrefixes: [String] = [],
    tokensOfPictures: Int? = nil, replacements: [Replacement] = [],
    key: @escaping @Sendable (_ parameter: String) -> String = { $0 }
  ) {
    (self.title, self.prefixes, self.mark) = (title, prefixes, mark)
    (self.key, self.unusedPrefixes) = (key, unusedPrefixes)
    (self.tokensOfPictures, self.replacements) = (tokensOfPictures, replacements)
  }
}
