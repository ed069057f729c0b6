internal import Configuration
internal import Models

/// What a rank of a run takes in memory beside weights and gradients: an estimate, docs/launch.md says how good.
struct MemoryEstimate {
  /// Bytes of what a step keeps for its backward pass.
  let keptBytes: Int
  private let description: any ModelDescription
  private let configuration: RunConfiguration
  private let isJoining: Bool

  /// - Parameters:
  ///   - joinings: for each pair of the batch the pairs in which image and text meet at a time; 0 where they do not.
  ///   - pairs: of this rank.
  ///   - activation: bytes of one.
  ///   - trainedLayers: blocks of a tower that have a backward pass; the others keep nothing.
  init(
    _ description: any ModelDescription, _ configuration: RunConfiguration, joinings: Int, pairs: Int,
    activation: Int, trainedLayers: (Modality, BlockGroup) -> Int
  ) {
    (self.description, self.configuration, isJoining) = (description, configuration, joinings > 0)
    let recomputes = configuration.memory.recompute == .blocks
    let atOnce = min(configuration.batch.micro ?? pairs, pairs)
    var (bytes, largest) = (0, 0)
    for group in description.blocks where isJoining || !group.isJoin {
      // A block keeps for a token the two sums of the residual stream as fp32; queries, keys, values, attention's result and
      // the perceptron's hidden layer as activations. Where blocks run again it keeps its input, and one of them the rest
      // and as many gradients. A join runs on so many pairs, and may have a cross-attention more.
      let (sums, states, times) = group.isJoin ? (3, 8, joinings) : (2, 4, 1)
      let tokens = times * atOnce * Self.usualTokens(group)
      let layers = group.isJoin ? group.layers : trainedLayers(group.modality, group)
      let block = tokens * (4 * sums * group.width + activation * (states * group.width + group.intermediate))
      bytes += layers * (recomputes ? tokens * 4 * group.width : block)
      largest = max(largest, recomputes && layers > 0 ? 2 * block : 0)
    }
    let numbers = description.images.numbers
    keptBytes = bytes + largest + 4 * pairs * numbers + activation * atOnce * numbers
  }

  private static func usualTokens(_ group: BlockGroup) -> Int {
    group.modality == .text ? min(BatchShapes.usualTextTokens, group.tokens) : group.tokens
  }

  /// Of the program and its libraries.
  static let programBytes = 96 << 20

  /// Of these, and of what a step keeps with the gradients that pass through it, and what the pool
  /// holds in sizes that only some batches need: measured (docs/launch.md).
  var processBytes: Int {
    let percent = configuration.memory.recompute == .blocks ? 160 : isJoining ? 140 : 125
    return Self.programBytes + keptBytes / 100 * percent
  }

  /// An evaluation, which comes on top as the pool gives nothing back: the hidden layers of 32 photos, or of their five
  /// captions each; for a model that joins the states of the whole split, once here and once gathered.
  /// - Parameter isRehearsed: whether the hidden layers are counted already.
  func evaluationBytes(photos: Int, joins: Bool, isRehearsed: Bool) -> Int {
    guard let image = description.towerBlocks(.image), let text = description.towerBlocks(.text), photos > 0 else {
      return 0
    }
    let textTokens = 5 * Self.usualTokens(text)
    let hidden = isRehearsed ? 0 : 40 * 32 * max(image.tokens * image.intermediate, textTokens * text.intermediate)
    return hidden + (joins ? 8 * photos * (image.tokens * image.width + textTokens * text.width) : 0)
  }
}
