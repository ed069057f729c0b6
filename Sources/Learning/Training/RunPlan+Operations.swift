internal import Models

/// Multiplications and additions of one step of the global batch in all linear layers, attention and the patch embedding:
/// forward once, backward twice as much, and forward once more where blocks run again. What is frozen counts as trained.
/// Nil for a model whose towers are no transformers.
func modelOperations(_ description: ModelDescription, _ configuration: RunConfiguration) -> Double? {
  guard let towers = description.transformers else { return nil }
  let pairs = Double(configuration.batch.global)
  let (imageTokens, textTokens) = (Double(towers.imageTokens), Double(min(20, towers.text.contextLength)))
  let (vision, text) = (towers.vision, towers.text)
  var forward =
    pairs * block(tokens: imageTokens, width: vision.width, hidden: vision.intermediate) * Double(vision.layers)
  forward += pairs * block(tokens: textTokens, width: text.width, hidden: text.intermediate) * Double(text.layers)
  if case .crossAttention(_, let fusion) = description, configuration.objective.matching > 0 {
    // Positives and two kinds of negatives, each through self-attention, cross-attention and perceptron.
    for (tokens, others, isLeftOut) in [
      (textTokens, imageTokens, FusionDirection.imageToText), (imageTokens, textTokens, .textToImage),
    ] where fusion.direction != isLeftOut {
      let layer =
        block(tokens: tokens, width: fusion.width, hidden: fusion.intermediate)
        + cross(tokens: tokens, others: others, width: fusion.width)
      forward += 3 * pairs * layer * Double(fusion.layers)
    }
  }
  let patch = Double(vision.patchSize * vision.patchSize * vision.channels)
  // Pixels need no gradient.
  let embedding = 2 * 2 * pairs * (imageTokens - 1) * patch * Double(vision.width)
  return forward * (configuration.memory.recompute == .blocks ? 4 : 3) + embedding
}

/// Queries, keys, values, output, perceptron; scores and their sums over values.
private func block(tokens: Double, width: Int, hidden: Int) -> Double {
  let (width, hidden) = (Double(width), Double(hidden))
  return 2 * tokens * (4 * width * width + 2 * width * hidden) + 4 * tokens * tokens * width
}

private func cross(tokens: Double, others: Double, width: Int) -> Double {
  let width = Double(width)
  return 4 * (tokens + others) * width * width + 4 * tokens * others * width
}
