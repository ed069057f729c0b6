internal import Layers
internal import TensorEngine

/// EfficientNet-Lite (Tan & Le, "EfficientNet", 2019; its Lite form has ReLU6 and no squeeze-and-excitation): a stem,
/// inverted residual blocks, a last convolution. Keys as in timm's `tf_efficientnet_lite0`.
struct EfficientNet: ConvolutionalEncoder {
  let description: EfficientNetDescription
  let stem: ConvolutionUnit
  let blocks: [InvertedResidual]
  let head: ConvolutionUnit

  init(_ description: EfficientNetDescription, _ builder: ParameterBuilder, areNormsFolded: Bool = false) {
    self.description = description
    // As TensorFlow has them: 1e-3, and a hundredth of each batch.
    let norms = ConvolutionUnit.Norms(epsilon: 1e-3, momentum: 0.01, areFolded: areNormsFolded)
    stem = ConvolutionUnit(
      builder, ("conv_stem", "bn1"),
      description.stem, norms, layout: .channelsFirst, activation: .relu6)
    blocks = description.blockForms.map { InvertedResidual(builder[$0.name], $0, norms) }
    head = ConvolutionUnit(
      builder, ("conv_head", "bn2"), description.head, norms, activation: .relu6)
  }

  let group = 2
  var width: Int { description.width }
  var grid: TokenGrid { description.grid }

  func map(of pixels: Tensor, _ tape: Tape) -> Tensor {
    head(blocks.reduce(stem(pixels, tape)) { $1($0, tape) }, tape)
  }
}

extension EfficientNet: StagedEncoder {
  /// Of the last blocks before the image is made smaller, and of the last block.
  func maps(of pixels: Tensor, _ tape: Tape) -> [Tensor] {
    var (x, rest, maps): (Tensor, ArraySlice<InvertedResidual>, [Tensor]) = (stem(pixels, tape), blocks[...], [])
    for (place, stage) in description.stages.enumerated() {
      x = rest.prefix(stage.depth).reduce(x) { $1($0, tape) }
      rest = rest.dropFirst(stage.depth)
      if description.endsResolution(place) { maps.append(x) }
    }
    return maps
  }
}

extension EfficientNet: FoldableEncoder {
  func folded(_ builder: ParameterBuilder) -> (encoder: any FoldableEncoder, fill: () -> Void) {
    let made = EfficientNet(description, builder, areNormsFolded: true)
    return (made, { for (unit, target) in zip(units, made.units) { unit.fold(into: target) } })
  }

  private var units: [ConvolutionUnit] { [stem] + blocks.flatMap(\.units) + [head] }
}

/// A wider map by a 1×1 convolution, a depthwise one, and a 1×1 one back without an activation (Sandler et al.,
/// "MobileNetV2", 2018); the result is added to x where it has its size. The first blocks are not wider.
struct InvertedResidual {
  let units: [ConvolutionUnit]
  let addsInput: Bool

  init(_ builder: ParameterBuilder, _ form: EfficientNetDescription.BlockForm, _ norms: ConvolutionUnit.Norms) {
    units = form.convolutions.enumerated().map { place, convolution in
      ConvolutionUnit(
        builder, (convolution.name, "bn\(place + 1)"), convolution.form, norms,
        activation: place == form.convolutions.count - 1 ? .none : .relu6)
    }
    addsInput = form.keepsShape
  }

  func callAsFunction(_ x: Tensor, _ tape: Tape) -> Tensor {
    units.enumerated().reduce(x) { y, next in
      next.element(y, adding: addsInput && next.offset == units.count - 1 ? x : nil, tape)
    }
  }
}
