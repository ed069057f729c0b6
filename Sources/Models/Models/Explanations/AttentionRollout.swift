/// Attention rollout (Abnar & Zuidema, "Quantifying Attention Flow in Transformers", 2020, §3): the residual stream is half of what
/// a layer hands on, and the mean of its heads the other half: Ã = (A + I)/2, and R = Ã_L … Ã_1.
///
/// Where tokens read another stream, what they take in is made of what that stream's tokens are made of, and rows go on adding
/// up to one.
struct AttentionRollout: RelationRule {
  func apply(_ step: AttentionStep, before: TokenRelations, to relations: inout TokenRelations) {
    let all = Array(0..<relations.count)
    let taken = step.meanOverHeads { probability, _ in probability } * step.read(relations, before: before)
    relations.matrix[step.queries, all] = 0.5 * (relations.matrix[step.queries, all] + taken)
  }
}
