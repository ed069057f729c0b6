internal import Layers
internal import TensorEngine

/// The sizes of an EfficientNet-Lite: Lite0 unless something is changed.
public struct EfficientNetDescription: Equatable, Sendable {
  /// Blocks of one width.
  public struct Stage: Equatable, Sendable, Encodable {
    public var depth: Int
    public var kernel: Int
    /// Of the first block.
    public var stride: Int
    /// How much wider a block is inside.
    public var expansion: Int
    public var width: Int

    public init(depth: Int, kernel: Int, stride: Int, expansion: Int, width: Int) {
      (self.depth, self.kernel, self.stride) = (depth, kernel, stride)
      (self.expansion, self.width) = (expansion, width)
    }
  }

  public var stemWidth = 32
  public var stages = [
    Stage(depth: 1, kernel: 3, stride: 1, expansion: 1, width: 16),
    Stage(depth: 2, kernel: 3, stride: 2, expansion: 6, width: 24),
    Stage(depth: 2, kernel: 5, stride: 2, expansion: 6, width: 40),
    Stage(depth: 3, kernel: 3, stride: 2, expansion: 6, width: 80),
    Stage(depth: 3, kernel: 5, stride: 1, expansion: 6, width: 112),
    Stage(depth: 4, kernel: 5, stride: 2, expansion: 6, width: 192),
    Stage(depth: 1, kernel: 3, stride: 1, expansion: 6, width: 320),
  ]
  /// Channels of the last convolution.
  public var headWidth = 1280
  public var pictures = PublishedPictures(
    imageSize: 224, cropShare: 0.875, filter: .bicubic, mean: [0.5, 0.5, 0.5], standardDeviation: [0.5, 0.5, 0.5])

  public init() {}
}

// MARK: Its blocks

extension EfficientNetDescription {
  /// What one block computes.
  struct BlockForm {
    /// `blocks.0.0` and so on.
    let name: String
    let convolutions: [(name: String, form: ConvolutionForm)]
    let keepsShape: Bool
  }

  /// The first convolution, and the last.
  var stem: ConvolutionForm {
    ConvolutionForm(inputs: 3, outputs: stemWidth, kernel: 3, stride: 2, padding: .same)
  }
  var head: ConvolutionForm {
    ConvolutionForm(inputs: stages.last?.width ?? 0, outputs: headWidth, kernel: 1)
  }

  var blockForms: [BlockForm] {
    var inputs = stemWidth
    return stages.enumerated().flatMap { stage, sizes in
      (0..<sizes.depth).map { place in
        defer { inputs = sizes.width }
        return form("blocks.\(stage).\(place)", sizes, inputs: inputs, stride: place == 0 ? sizes.stride : 1)
      }
    }
  }

  private func form(_ name: String, _ stage: Stage, inputs: Int, stride: Int) -> BlockForm {
    let inner = inputs * stage.expansion
    let isWider = stage.expansion > 1
    let widen = ConvolutionForm(inputs: inputs, outputs: inner, kernel: 1)
    let slide = ConvolutionForm(
      inputs: inner, outputs: inner, kernel: stage.kernel, stride: stride, isDepthwise: true, padding: .same)
    let narrow = ConvolutionForm(inputs: inner, outputs: stage.width, kernel: 1)
    return BlockForm(
      name: name,
      convolutions: (isWider ? [("conv_pw", widen)] : []) + [
        ("conv_dw", slide), (isWider ? "conv_pwl" : "conv_pw", narrow),
      ], keepsShape: inputs == stage.width && stride == 1)
  }
}
