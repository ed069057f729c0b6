public import Models
public import TensorEngine

/// Related pairs shall point the same way, unrelated ones be further apart than a margin: the mean over related pairs of
/// 1 - cos plus the mean over unrelated ones of max(0, cos - m). A form of textbooks; here with all pairs of the global batch,
/// where a pair is related that shows the same photo or says the same.
public struct CosineMarginObjective: Objective {
  public static let name = "cosine_margin"
  public static let summary = "1 − cos of related pairs, and cos above objective.margin of unrelated ones."
  public static let needs = [ModelPart.features]
  public static let looksAtFeaturesOnly = true

  private let margin: Float

  public init?(_ context: ObjectiveContext) {
    guard context.model is any FeatureModel else { return nil }
    margin = Float(context.settings.margin)
  }

  public func loss(_ states: BatchStates, _ tape: Tape) throws -> Tensor {
    let all = try states.allFeatures()
    let identities = try states.identities()
    return tape.cosineMarginLoss(
      image: states.imageFeatures, allTexts: all.texts, relations(identities, states.batch.layout), margin: margin)
  }

  private func relations(_ identities: Identities, _ layout: BatchLayout) -> PairRelations {
    let places = 0..<layout.total
    let related = places.map { image in places.filter { !identities.areNegatives(image, $0) } }
    let count = related.reduce(0) { $0 + $1.count }
    return PairRelations(
      texts: layout.local.map { related[$0] }, relatedCount: count,
      unrelatedCount: layout.total * layout.total - count)
  }
}
