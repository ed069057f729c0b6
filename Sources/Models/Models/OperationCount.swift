internal import Layers
internal import TensorEngine

/// The batch of a step, for counting what it costs.
public struct BatchShapes: Sendable {
  /// Tokens of each of the rank's texts, one an image.
  public var textLengths: [Int]
  /// Pairs of the global batch, which the rank's features meet.
  public var globalBatch: Int
  /// Whether image and text meet: the towers' last blocks then run on all tokens.
  public var isJoining: Bool
  /// For each pair of the batch the pairs on which the layers run that let image and text meet.
  public var joinings: Int
  /// Whether blocks run once more in the backward pass.
  public var recomputesBlocks: Bool
  /// Whether anything is learnt from it.
  public var hasBackwardPass = true

  /// - Parameter joinings: as many as hard negatives ask for, where nobody says.
  public init(
    textLengths: [Int], globalBatch: Int, isJoining: Bool, joinings: Int = 3, recomputesBlocks: Bool = false
  ) {
    (self.textLengths, self.globalBatch) = (textLengths, globalBatch)
    self.joinings = isJoining ? joinings : 0
    (self.isJoining, self.recomputesBlocks) = (isJoining, recomputesBlocks)
  }

  /// Tokens that a text is taken to have where nobody knows its own.
  public static let usualTextTokens = 20
}

/// The floating-point operations of matrix products and convolutions, a multiplication and an addition each counting as one. What
/// is neither (norms, softmax, activations, the optimizer) is left out, as is usual for "model FLOPs".
struct OperationCount {
  /// Of forward and backward: a product has two more for its gradients.
  private(set) var total = 0.0
  private let shapes: BatchShapes
  /// How often a product of a block is computed.
  var times: Double { shapes.recomputesBlocks ? 4 : 3 }

  init(_ shapes: BatchShapes) { self.shapes = shapes }

  /// A product of [rows, depth] and [depth, columns].
  /// - Parameter times: how often it is computed in a training step; two for pixels, which need no gradient.
  mutating func product(_ rows: Int, _ depth: Int, _ columns: Int, times: Double = 3) {
    total += (shapes.hasBackwardPass ? times : 1) * 2 * Double(rows) * Double(depth) * Double(columns)
  }

  /// A convolution of square images, each output of which is a product with what it reads.
  /// - Parameters:
  ///   - side: of the images in places; becomes that of the result.
  ///   - times: as of a product.
  mutating func convolution(_ form: ConvolutionForm, images: Int, side: inout Int, times: Double = 3) {
    var sides = (height: side, width: side)
    convolution(form, images: images, sides: &sides, times: times)
    side = sides.height
  }

  /// The same of images that are no squares.
  mutating func convolution(
    _ form: ConvolutionForm, images: Int, sides: inout (height: Int, width: Int), times: Double = 3
  ) {
    sides = (
      form.padding.count(of: sides.height, kernel: form.kernel, stride: form.stride),
      form.padding.count(of: sides.width, kernel: form.kernel, stride: form.stride)
    )
    let read = (form.isDepthwise ? 1 : form.inputs) * form.kernel * form.kernel
    product(images * sides.height * sides.width, read, form.outputs, times: times)
  }

  /// Scores and weighted values; a causal mask saves nothing, as whole products are computed.
  mutating func attention(_ queries: [Int], _ keys: [Int], width: Int) {
    for (query, key) in zip(queries, keys) { for _ in 0..<2 { product(query, width, key, times: times) } }
  }

  /// The blocks of a tower.
  /// - Parameter poolsAll: whether all tokens of a segment stand for it.
  mutating func tower(_ group: BlockGroup, _ lengths: [Int], poolsAll: Bool = false) {
    for layer in 0..<group.layers {
      // Where nothing joins, the last block computes behind its attention's keys for one token of each segment alone.
      let isPooled = !shapes.isJoining && !poolsAll && layer == group.layers - 1
      let rows = isPooled ? lengths.count : lengths.reduce(0, +)
      attention(lengths, lengths, width: group.width)
      product(lengths.reduce(0, +), group.width, 3 * group.width, times: times)
      product(rows, group.width, group.width, times: times)
      for _ in 0..<2 { product(rows, group.width, group.intermediate, times: times) }
    }
  }

  /// A vision transformer: patches of three colours, and its blocks.
  mutating func patchTower(_ group: BlockGroup, images: Int, patchSize: Int) {
    product(images * (group.tokens - 1), 3 * patchSize * patchSize, group.width, times: 2)
    tower(group, [Int](repeating: group.tokens, count: images))
  }

  /// Blocks in which one stream's tokens also attend to another's.
  mutating func join(_ group: BlockGroup, _ lengths: [Int], context: [Int], hasCrossAttention: Bool) {
    let (width, tokens) = (group.width, lengths.reduce(0, +))
    for _ in 0..<group.layers {
      product(tokens, width, 4 * width, times: times)
      attention(lengths, lengths, width: width)
      for _ in 0..<2 { product(tokens, width, group.intermediate, times: times) }
      guard hasCrossAttention else { continue }
      for rows in [tokens, context.reduce(0, +)] { product(rows, width, 2 * width, times: times) }
      attention(lengths, context, width: width)
    }
  }
}

extension ModelDescription {
  /// Numbers that are learnt, heads of tasks left out.
  public var parameterCount: Int {
    let builder = ParameterBuilder()
    _ = make(builder)
    return builder.parameters.reduce(0) { $0 + ($1.isConstant ? 0 : $1.count) }
  }

  /// Floating-point operations of looking once at an image and a text of so many tokens together; nothing is learnt.
  public func operationsOfAPair(textTokens: Int = BatchShapes.usualTextTokens) -> Double {
    var shapes = BatchShapes(
      textLengths: [min(textTokens, texts.contextLength)], globalBatch: 1, isJoining: true, joinings: 1)
    shapes.hasBackwardPass = false
    return operations(shapes)
  }
}
