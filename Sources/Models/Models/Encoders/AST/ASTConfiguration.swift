internal import Layers
public import Settings
public import TensorEngine

/// The sizes of an audio spectrogram transformer (Gong et al., "AST: Audio Spectrogram Transformer", 2021), read from and written as
/// Hugging Face's `config.json`. Keys that a file leaves out have the library's defaults, those of the base size.
public struct ASTConfiguration: PublishedTransformer, Equatable, Sendable {
  /// M: bands of a frame.
  public var bands = 128
  /// The most frames of a clip.
  public var frames = 1024
  /// Side of a square patch, in bands and in frames.
  public var patchSize = 16
  /// From one patch to the next, in bands and in frames.
  public var frequencyStride = 10
  public var timeStride = 10
  public var width = 768
  public var intermediate = 3072
  public var layerCount = 12
  public var heads = 12
  public var activation = Activation.geluErf
  public var epsilon: Float = 1e-12
  /// Whether something is added to queries, keys and values.
  public var hasInBias = true

  public init() {}

  var transformer: TransformerConfiguration {
    var made = TransformerConfiguration(
      width: width, layers: layerCount, heads: heads, intermediate: intermediate, activation: activation,
      epsilon: epsilon, names: .vit, scales: TransformerScales(all: Self.deviation))
    made.hasInBias = hasInBias
    return made
  }

  /// Of all weights at the start.
  static let deviation: Float = 0.02

  /// Tokens of a clip that stand for the whole of it, in front of its patches: for the class, and for a teacher's class.
  static let wholeTokens = 2

  /// Patches along the bands, and along so many frames: what does not fill one is left out, and a clip that does not fill any is
  /// taken to go on with the mean until it does.
  func grid(frames: Int) -> PatchGrid {
    PatchGrid(
      rows: (bands - patchSize) / frequencyStride + 1,
      columns: max(0, min(frames, self.frames) - patchSize) / timeStride + 1)
  }

  /// Of the longest clip.
  var grid: PatchGrid { grid(frames: frames) }
}

// MARK: Reading. Source: transformers 5.24, `models/audio_spectrogram_transformer/configuration_audio_spectrogram_transformer.py`

private enum Key: String, CodingKey, CaseIterable {
  case bands = "num_mel_bins"
  case frames = "max_length"
  case patchSize = "patch_size"
  case frequencyStride = "frequency_stride"
  case timeStride = "time_stride"
  case hasInBias = "qkv_bias"
}

extension ASTConfiguration {
  public init(_ file: Settings) throws(SettingsError) {
    try file.require(known)
    func whole(_ key: Key) throws(SettingsError) -> Int? { try file.whole(key.rawValue) }
    bands = try whole(.bands) ?? bands
    frames = try whole(.frames) ?? frames
    patchSize = try whole(.patchSize) ?? patchSize
    frequencyStride = try whole(.frequencyStride) ?? frequencyStride
    timeStride = try whole(.timeStride) ?? timeStride
    hasInBias = try file.flag(Key.hasInBias.rawValue) ?? hasInBias
    try readTransformer(file)
  }
}

private let known = KnownKeys(
  read: transformerKeys + Key.allCases.map(\.rawValue),
  harmless: [
    // Dropout is for training, and what a run's own configuration says of it counts.
    "hidden_dropout_prob", "attention_probs_dropout_prob", "initializer_range", "cross_attention_hidden_size",
    "bos_token_id", "eos_token_id",
  ] + generalKeys,
  understood: generalUnderstood.merging([
    "is_decoder": JSONValue.nothing, "is_encoder_decoder": JSONValue.nothing, "add_cross_attention": JSONValue.nothing,
  ]) { first, _ in first })

// MARK: Writing

extension ASTConfiguration: Encodable {
  private enum CodingKeys: String, CodingKey {
    case modelType = "model_type"
    case architectures
  }

  public func encode(to encoder: any Encoder) throws {
    var names = encoder.container(keyedBy: CodingKeys.self)
    try names.encode(Self.modelType, forKey: .modelType)
    try names.encode(["ASTModel"], forKey: .architectures)
    var keys = encoder.container(keyedBy: Key.self)
    try keys.encode(bands, forKey: .bands)
    try keys.encode(frames, forKey: .frames)
    try keys.encode(patchSize, forKey: .patchSize)
    try keys.encode(frequencyStride, forKey: .frequencyStride)
    try keys.encode(timeStride, forKey: .timeStride)
    try keys.encode(hasInBias, forKey: .hasInBias)
    try encodeTransformer(to: encoder)
  }
}
