public import Audio
public import Layers
public import Settings

/// The sizes of a residual network over spectrograms of clips: a ResNet whose first convolution reads one channel. The spectrogram is an
/// image, its bands the rows of it, the lowest first, and its frames the columns.
public struct ClipResNetDescription: Equatable, Sendable {
  public var sizes = ResNetDescription(.basic, depths: [2, 2, 2, 2], channels: 1)
  /// M: bands of a frame.
  public var bands = 128
  /// The most frames of a clip.
  public var frames = 512

  public init() {}

  /// A network of pictures as one of clips.
  public init(_ network: ResNetDescription) {
    sizes = network
    // How pictures were prepared says nothing of clips.
    (sizes.channels, sizes.pictures) = (1, ResNetDescription().pictures)
  }

  /// What comes before the names of the published sizes.
  private static let prefix = "audio-"

  /// Rows and columns of the last map that lie in a clip of so many frames.
  func grid(frames: Int) -> (rows: Int, columns: Int) {
    (sizes.lastLength(of: bands), sizes.lastLength(of: max(1, min(frames, self.frames))))
  }
}

extension ClipResNetDescription: ClipTowerDescription {
  public static let modelType = "audio-resnet"
  public static let title = "ResNet of clips"
  public static var names: [String] { ResNetDescription.names.map { prefix + $0 } }

  /// Those of a network of pictures, whose first convolution is summed over the colours.
  public static var publishedKeys: [PublishedKeys] {
    ResNetDescription.publishedKeys.map { theirs in
      PublishedKeys(
        theirs.title, prefixes: theirs.prefixes + ["audio_model."], mark: theirs.mark,
        unusedPrefixes: theirs.unusedPrefixes + [
          "text_model.", "audio_projection.", "text_projection.", "logit_scale",
        ], key: theirs.key)
    }
  }

  public static func claims(_ file: Settings) throws(SettingsError) -> Bool {
    try file.text("model_type") == modelType
  }

  public init(_ name: String, _ request: ModelRequest) throws(ModelRequestError) {
    for key in ["patch_size", "stride", "width", "layers", "heads"].map({ "model.audio." + $0 })
    where request.isStated(key) {
      throw ModelRequestError(
        key: key, problem: "a tower of convolutions has the sizes that its name says; leave it out")
    }
    self.init(try ResNetDescription(published: String(name.dropFirst(Self.prefix.count))))
    (bands, frames) = (request.settings.audio.bands, request.settings.audio.frames)
  }

  /// torchvision's arrays, of a network of clips or of pictures.
  public init?(shape: (_ parameter: String) -> [Int]?) {
    guard let stem = shape(ResNetDescription.stemParameter), stem.count == 4, [1, 3].contains(stem[1]),
      let network = ResNetDescription(channels: stem[1], shape: shape)
    else { return nil }
    self.init(network)
  }

  public var width: Int { sizes.width }
  public var hasBatchNorm: Bool { true }
  public var layers: TowerLayers { sizes.layers }
  /// It is no transformer.
  public var blocks: [BlockGroup] { [] }

  public var tokens: Int {
    let last = grid(frames: frames)
    return last.rows * last.columns
  }

  public var flaw: String? {
    outside(bands, 1...4096, "a number of bands") ?? outside(frames, 1...100_000, "a number of frames")
      ?? sizes.networkFlaw
  }

  /// AST's bands, with the statistics of AudioSet.
  public var usualClips: AudioPreprocessing {
    var made = AudioPreprocessing.ast
    (made.spectrogram.bands, made.maximumFrames) = (bands, frames)
    return made
  }

  /// Each clip costs what the longest does.
  public func operations(_ lengths: [Int], _ shapes: BatchShapes) -> Double {
    sizes.operations(images: lengths.count, height: bands, width: frames, shapes)
  }

  public func makeEncoder(_ builder: ParameterBuilder) -> any ImageEncoder { ClipResNet(self, builder) }
}

// MARK: Its config.json

extension ClipResNetDescription: Encodable {
  private enum Key: String, CodingKey, CaseIterable {
    case modelType = "model_type"
    case bands = "num_mel_bins"
    case frames = "max_length"
  }

  public init(_ file: Settings) throws(SettingsError) {
    try file.require(
      KnownKeys(read: Key.allCases.map(\.rawValue) + ResNetDescription.sizeKeys, harmless: generalKeys))
    self.init()
    sizes = ResNetDescription(.bottleneck, depths: [3, 4, 6, 3], channels: 1)
    try sizes.readSizes(file)
    bands = try file.whole(Key.bands.rawValue) ?? bands
    frames = try file.whole(Key.frames.rawValue) ?? frames
  }

  public func encode(to encoder: any Encoder) throws {
    var keys = encoder.container(keyedBy: Key.self)
    try keys.encode(Self.modelType, forKey: .modelType)
    try keys.encode(bands, forKey: .bands)
    try keys.encode(frames, forKey: .frames)
    try sizes.encodeSizes(to: encoder)
  }
}
