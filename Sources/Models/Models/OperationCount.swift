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

  /// - Parameter joinings: as many as hard negatives ask for, where nobody says.
  public init(
    textLengths: [Int], globalBatch: Int, isJoining: Bool, joinings: Int = 3, recomputesBlocks: Bool = false
  ) {
    (self.textLengths, self.globalBatch) = (textLengths, globalBatch)
    self.joinings = isJoining ? joinings : 0
    (self.isJoining, self.recomputesBlocks) = (isJoining, recomputesBlocks)
  }
}

/// The floating-point operations of matrix products, a multiplication and an addition each counting as one. What is not
/// a product (norms, softmax, activations, the optimizer) is left out, as is usual for "model FLOPs".
struct OperationCount {
  /// Of forward and backward: a product has two more for its gradients.
  private(set) var total = 0.0
  private let shapes: BatchShapes
  /// How often a product of a block is computed.
  private var times: Double { shapes.recomputesBlocks ? 4 : 3 }

  init(_ shapes: BatchShapes) { self.shapes = shapes }

  /// A product of [rows, depth] and [depth, columns].
  /// - Parameter times: two for pixels, which need no gradient.
  mutating func product(_ rows: Int, _ depth: Int, _ columns: Int, times: Double = 3) {
    total += times * 2 * Double(rows) * Double(depth) * Double(columns)
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
