internal import Layers
internal import TensorEngine

/// The sizes of a residual network: ResNet-50 unless something is changed.
public struct ResNetDescription: Equatable, Sendable {
  /// What the blocks are made of.
  public enum Block: String, Sendable {
    /// Two 3×3 convolutions.
    case basic
    /// A 1×1 convolution to a fourth of the width, a 3×3 one, and a 1×1 one back.
    case bottleneck
  }

  public var block = Block.bottleneck
  /// Blocks of each stage.
  public var depths = [3, 4, 6, 3]
  /// Channels behind each stage.
  public var widths = [256, 512, 1024, 2048]
  /// Of what it reads: colours, or one for a spectrogram.
  var channels = 3
  /// Channels before the first stage.
  public var stemWidth = 64
  /// Whether the first stage halves the image as the others do.
  public var reducesInFirstStage = false
  /// Whether a bottleneck's first convolution has the stride, as in the paper; its 3×3 one otherwise.
  public var reducesAtOnce = false
  /// torchvision's first weights.
  public var pictures = PublishedPictures(
    imageSize: 224, cropShare: 0.875, filter: .bilinear, mean: PublishedPictures.imageNet.mean,
    standardDeviation: PublishedPictures.imageNet.standardDeviation)

  public init() {}

  init(_ block: Block, depths: [Int], channels: Int = 3) {
    (self.block, self.depths, self.channels) = (block, depths, channels)
    if block == .basic { widths = [64, 128, 256, 512] }
  }

  /// The published sizes, by the names that torchvision and timm have for them.
  static let published: [(name: String, sizes: ResNetDescription)] = [
    ("resnet18", ResNetDescription(.basic, depths: [2, 2, 2, 2])),
    ("resnet34", ResNetDescription(.basic, depths: [3, 4, 6, 3])),
    ("resnet50", ResNetDescription(.bottleneck, depths: [3, 4, 6, 3])),
    ("resnet101", ResNetDescription(.bottleneck, depths: [3, 4, 23, 3])),
    ("resnet152", ResNetDescription(.bottleneck, depths: [3, 8, 36, 3])),
  ]
}

// MARK: Its blocks

extension ResNetDescription {
  /// What one block computes.
  struct BlockForm {
    /// `layer1.0` and so on.
    let name: String
    let convolutions: [ConvolutionForm]
    /// Of x, where the result has another size.
    let shortcut: ConvolutionForm?
  }

  /// The first convolution, and the largest of each window that stands between it and the first stage.
  var stem: ConvolutionForm { ConvolutionForm(inputs: channels, outputs: stemWidth, kernel: 7, stride: 2) }
  static let pool = (kernel: 3, stride: 2, padding: WindowPadding.even(1))

  var blockForms: [BlockForm] {
    var inputs = stemWidth
    return zip(depths, widths).enumerated().flatMap { stage, sizes in
      (0..<sizes.0).map { place in
        let stride = place == 0 && (stage > 0 || reducesInFirstStage) ? 2 : 1
        defer { inputs = sizes.1 }
        return form("layer\(stage + 1).\(place)", inputs: inputs, outputs: sizes.1, stride: stride)
      }
    }
  }

  private func form(_ name: String, inputs: Int, outputs: Int, stride: Int) -> BlockForm {
    let shortcut = ConvolutionForm(inputs: inputs, outputs: outputs, kernel: 1, stride: stride)
    return BlockForm(
      name: name, convolutions: convolutions(inputs: inputs, outputs: outputs, stride: stride),
      shortcut: shortcut.keepsShape ? nil : shortcut)
  }

  private func convolutions(inputs: Int, outputs: Int, stride: Int) -> [ConvolutionForm] {
    switch block {
    case .basic:
      return [
        ConvolutionForm(inputs: inputs, outputs: outputs, kernel: 3, stride: stride),
        ConvolutionForm(inputs: outputs, outputs: outputs, kernel: 3),
      ]
    case .bottleneck:
      let inner = outputs / 4
      let (first, second) = reducesAtOnce ? (stride, 1) : (1, stride)
      return [
        ConvolutionForm(inputs: inputs, outputs: inner, kernel: 1, stride: first),
        ConvolutionForm(inputs: inner, outputs: inner, kernel: 3, stride: second),
        ConvolutionForm(inputs: inner, outputs: outputs, kernel: 1),
      ]
    }
  }
}
