internal import Layers
internal import TensorEngine

/// A residual network (He et al., "Deep Residual Learning for Image Recognition", 2016): a stem, four stages of blocks.
/// Keys as in torchvision.
struct ResNet: ConvolutionalEncoder {
  let description: ResNetDescription
  let stem: ConvolutionUnit
  let blocks: [ResidualBlock]

  init(_ description: ResNetDescription, _ builder: ParameterBuilder, areNormsFolded: Bool = false) {
    self.description = description
    let norms = ConvolutionUnit.Norms(areFolded: areNormsFolded)
    stem = ConvolutionUnit(
      builder, ("conv1", "bn1"),
      description.stem, norms, layout: .channelsFirst, activation: .relu)
    blocks = description.blockForms.map { ResidualBlock(builder[$0.name], $0, norms) }
  }

  let group = 2
  var width: Int { description.width }
  var grid: TokenGrid { description.grid }

  func map(of pixels: Tensor, _ tape: Tape) -> Tensor {
    let started = stem(pixels, tape)
    let pool = ResNetDescription.pool
    let pooled = tape.maxPool(started, kernel: pool.kernel, stride: pool.stride, padding: pool.padding)
    return blocks.reduce(pooled) { $1($0, tape) }
  }
}

extension ResNet: StagedEncoder {
  /// Of the stem, before its maximum, and of each stage.
  func maps(of pixels: Tensor, _ tape: Tape) -> [Tensor] {
    var maps = [stem(pixels, tape)]
    let pool = ResNetDescription.pool
    var x = tape.maxPool(maps[0], kernel: pool.kernel, stride: pool.stride, padding: pool.padding)
    var rest = blocks[...]
    for depth in description.depths {
      x = rest.prefix(depth).reduce(x) { $1($0, tape) }
      rest = rest.dropFirst(depth)
      maps.append(x)
    }
    return maps
  }
}

extension ResNet: FoldableEncoder {
  func folded(_ builder: ParameterBuilder) -> (encoder: any FoldableEncoder, fill: () -> Void) {
    let folded = foldedNetwork(builder)
    return (folded.network, folded.fill)
  }

  /// The same, as what it is.
  func foldedNetwork(_ builder: ParameterBuilder) -> (network: ResNet, fill: () -> Void) {
    let made = ResNet(description, builder, areNormsFolded: true)
    return (made, { for (unit, target) in zip(units, made.units) { unit.fold(into: target) } })
  }

  private var units: [ConvolutionUnit] { [stem] + blocks.flatMap(\.units) }
}

/// Convolutions whose result is added to x, or to x in the result's size. The first to reduce the image does so for all.
struct ResidualBlock {
  let main: [ConvolutionUnit]
  let shortcut: ConvolutionUnit?

  init(_ builder: ParameterBuilder, _ form: ResNetDescription.BlockForm, _ norms: ConvolutionUnit.Norms) {
    main = form.convolutions.enumerated().map {
      ConvolutionUnit(builder, ("conv\($0 + 1)", "bn\($0 + 1)"), $1, norms, activation: .relu)
    }
    shortcut = form.shortcut.map {
      ConvolutionUnit(builder, ("downsample.0", "downsample.1"), $0, norms, activation: .none)
    }
  }

  var units: [ConvolutionUnit] { main + (shortcut.map { [$0] } ?? []) }

  func callAsFunction(_ x: Tensor, _ tape: Tape) -> Tensor {
    let residual = shortcut.map { $0(x, tape) } ?? x
    return main.enumerated().reduce(x) { y, next in
      next.element(y, adding: next.offset == main.count - 1 ? residual : nil, tape)
    }
  }
}
