/// The floating-point operations of matrix products, a multiplication and an addition each counting as one. What is not
/// a product (norms, softmax, activations, the optimizer) is left out, as is usual for "model FLOPs".
public struct OperationCount: Sendable {
  let model: ModelDescription
  let towers: CLIPConfiguration
  /// Whether the matching head is trained: its layers then run on three pairs for each pair of the batch, and the
  /// towers' last blocks on all tokens.
  let isMatching: Bool

  /// Nil for a model whose towers are not transformers.
  public init?(_ model: ModelDescription, isMatching: Bool) {
    guard let towers = model.transformers else { return nil }
    (self.model, self.towers, self.isMatching) = (model, towers, isMatching)
  }

  /// Of forward and backward of one rank: each product has two more for its gradients, but for the patches, which need
  /// none.
  /// - Parameters:
  ///   - captionLengths: tokens of each of the rank's captions.
  ///   - globalBatch: pairs that the rank's features meet in the contrastive loss.
  public func step(captionLengths: [Int], globalBatch: Int) -> Double {
    let images = captionLengths.count
    let imageLengths = [Int](repeating: towers.imageTokens, count: images)
    let side = towers.vision.patchSize * towers.vision.patchSize * towers.vision.channels
    let patches = product(images * (towers.imageTokens - 1), side, towers.vision.width)
    var forward = tower(
      imageLengths, width: towers.vision.width, intermediate: towers.vision.intermediate, layers: towers.vision.layers)
    forward += tower(
      captionLengths, width: towers.text.width, intermediate: towers.text.intermediate, layers: towers.text.layers)
    forward += product(images, towers.vision.width + towers.text.width, towers.embeddingWidth)
    forward += 2 * product(images, towers.embeddingWidth, globalBatch)
    if case .crossAttention(_, let fusion) = model, isMatching {
      forward += self.fusion(fusion, imageLengths, captionLengths)
    }
    return 3 * forward + 2 * patches
  }

  private func tower(_ lengths: [Int], width: Int, intermediate: Int, layers: Int) -> Double {
    let tokens = lengths.reduce(0, +)
    let attention = attended(lengths, lengths, width) + product(tokens, width, 3 * width)
    let rest = { (rows: Int) in product(rows, width, width) + 2 * product(rows, width, intermediate) }
    return Double(layers) * (attention + rest(tokens)) - (isMatching ? 0 : rest(tokens) - rest(lengths.count))
  }

  private func fusion(_ fusion: FusionConfiguration, _ images: [Int], _ texts: [Int]) -> Double {
    var total = product(images.reduce(0, +), towers.vision.width, fusion.width)
    total += product(texts.reduce(0, +), towers.text.width, fusion.width)
    // Positives, each image with a wrong caption, each caption with a wrong image: taken as three times the batch.
    let (imagePairs, textPairs) = (images + images + images, texts + texts + texts)
    if fusion.textHasLayers { total += stream(fusion, textPairs, context: imagePairs) }
    if fusion.imageHasLayers { total += stream(fusion, imagePairs, context: textPairs) }
    return total + product(imagePairs.count, 2 * fusion.width, fusion.width)
  }

  private func stream(_ fusion: FusionConfiguration, _ lengths: [Int], context: [Int]) -> Double {
    let (width, tokens) = (fusion.width, lengths.reduce(0, +))
    var layer = product(tokens, width, 4 * width) + attended(lengths, lengths, width)
    layer += 2 * product(tokens, width, fusion.intermediate)
    if fusion.hasCrossAttention {
      layer += product(tokens, width, 2 * width) + product(context.reduce(0, +), width, 2 * width)
      layer += attended(lengths, context, width)
    }
    return Double(fusion.layers) * layer
  }

  /// Scores and weighted values; a causal mask saves nothing, as whole products are computed.
  private func attended(_ queries: [Int], _ keys: [Int], _ width: Int) -> Double {
    zip(queries, keys).reduce(0) { $0 + 2 * product($1.0, width, $1.1) }
  }
}

/// Operations of a product of [rows, depth] and [depth, columns].
private func product(_ rows: Int, _ depth: Int, _ columns: Int) -> Double {
  2 * Double(rows) * Double(depth) * Double(columns)
}
