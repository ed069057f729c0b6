internal import Layers
internal import Settings
internal import TensorEngine

/// The sizes of a MobileCLIP model (Vasu et al., 2024): S1 unless something is changed. Written into our checkpoints'
/// `config.json` as model type "mobileclip"; also read from what open_clip publishes.
public struct MobileCLIPConfiguration: Encodable, Equatable, Sendable {
  /// A FastViT; each stage's blocks have `widths[stage]` channels.
  public struct Vision: Encodable, Equatable, Sendable {
    public var imageSize = 256
    public var depths = [4, 12, 20, 4]
    public var widths = [64, 128, 256, 512]
    /// Channels of a perceptron's hidden layer for each of its block's.
    public var hiddenRatio = 3
    /// Stages whose downsampling has a gate.
    public var squeezedStages = [2, 3]
    /// Stages of attention blocks; the others have RepMixer blocks.
    public var attentionStages = [3]
    public var headWidth = 32

    public init() {}

    /// Channels of the last convolution.
    public var outputWidth: Int { 2 * (widths.last ?? 0) }
  }

  public var vision = Vision()
  /// Looks both ways; its activation is the exact GELU.
  public var text = CLIPConfiguration.Text()
  /// D
  public var embeddingWidth = 512
  /// The logarithm of the inverse temperature at the start: ln(1 / 0.07).
  public var initialLogitScale: Float = 2.6592
  /// The bias of all logits at the start, for models that are trained with the sigmoid loss; nil for a model without one.
  public var initialLogitBias: Float?
  public var folding = Folding.unfolded

  public init() {
    text.isCausal = false
    text.activation = .geluErf
  }

  public static let s1 = MobileCLIPConfiguration()
  public static let s2: MobileCLIPConfiguration = {
    var made = MobileCLIPConfiguration()
    made.vision.depths = [4, 12, 24, 4]
    made.vision.widths = [80, 160, 320, 640]
    return made
  }()
}

// MARK: Parts of the image tower

extension MobileCLIPConfiguration.Vision {
  var stem: [ConvolutionForm] {
    let first = widths[0]
    return [
      ConvolutionForm(inputs: 3, outputs: first, kernel: 3, stride: 2),
      ConvolutionForm(inputs: first, outputs: first, kernel: 3, stride: 2, isDepthwise: true),
      ConvolutionForm(inputs: first, outputs: first, kernel: 1),
    ]
  }

  /// What leads to a stage behind the first one.
  func downsampling(toStage stage: Int) -> ConvolutionForm {
    ConvolutionForm(inputs: widths[stage - 1], outputs: widths[stage], kernel: 7, stride: 2, isDepthwise: true)
  }

  /// Channels of the gate in that; nil without one.
  func squeezedWidth(ofStage stage: Int) -> Int? {
    squeezedStages.contains(stage) ? rounded(Double(widths[stage]) / 4, to: 8) : nil
  }

  var last: ConvolutionForm {
    ConvolutionForm(inputs: widths.last ?? 0, outputs: outputWidth, kernel: 3, isDepthwise: true)
  }

  /// Channels of its gate.
  var squeezedOutput: Int { rounded(Double(outputWidth) / 16, to: 1) }
}

/// The nearest multiple of `divisor`, as timm rounds the channels of a gate; one divisor at least.
private func rounded(_ channels: Double, to divisor: Int) -> Int {
  max(divisor, Int(channels + Double(divisor) / 2) / divisor * divisor)
}

// MARK: Names in config.json

extension MobileCLIPConfiguration.Vision {
  private enum CodingKeys: String, CodingKey {
    case imageSize = "image_size"
    case depths
    case widths = "hidden_sizes"
    case hiddenRatio = "mlp_ratio"
    case squeezedStages = "squeezed_stages"
    case attentionStages = "attention_stages"
    case headWidth = "head_dim"
  }
}

extension MobileCLIPConfiguration {
  private enum CodingKeys: String, CodingKey {
    case modelType = "model_type"
    case vision = "vision_config"
    case text = "text_config"
    case embeddingWidth = "projection_dim"
    case initialLogitScale = "logit_scale_init_value"
    case initialLogitBias = "logit_bias_init_value"
    case isWholeFolded = "reparameterized"
  }

  public func encode(to encoder: any Encoder) throws {
    var keys = encoder.container(keyedBy: CodingKeys.self)
    try keys.encode(Self.modelType, forKey: .modelType)
    try keys.encode(vision, forKey: .vision)
    try keys.encode(text, forKey: .text)
    try keys.encode(embeddingWidth, forKey: .embeddingWidth)
    try keys.encode(initialLogitScale, forKey: .initialLogitScale)
    try keys.encodeIfPresent(initialLogitBias, forKey: .initialLogitBias)
    try keys.encode(folding == .whole, forKey: .isWholeFolded)
  }
}
