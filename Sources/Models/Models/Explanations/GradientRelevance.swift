/// The relevance of Chefer et al. ("Generic Attention-model Explainability for Interpreting Bi-Modal and Encoder-Decoder
/// Transformers", 2021, §3.1): what an attention does counts as far as more of it would raise the score, Ā = E_h (∇A ⊙ A)⁺
/// (eq. 5).
struct GradientRelevance: RelationRule {
  func apply(_ step: AttentionStep, before: TokenRelations, to relations: inout TokenRelations) {
    let (own, all) = (step.queries, Array(0..<relations.count))
    let weights = step.meanOverHeads { max(0, $0 * $1) }
    let read = step.read(relations, before: before)
    // Within a stream, R_ss += Ā R_ss and R_sq += Ā R_sq (eq. 6, 7). Of another one, R_ss += Ā R_qs (eq. 11): the same
    // but for the columns of what is read.
    var added = weights * read
    if !step.isWithinStream {
      // R_sq += R̄_ssᵀ Ā R̄_qq (eq. 10).
      let keys = Array(0..<step.keys.count)
      let theirs = withoutResidual(read[keys, step.keys])
      added[Array(own.indices), step.keys] =
        withoutResidual(relations.matrix[own, own]).transposedTimes(weights * theirs)
    }
    relations.matrix[own, all] = relations.matrix[own, all] + added
  }

  /// R̄ = R̂ / row sums of R̂ + I with R̂ = R − I (eq. 8, 9). A row of zeros, of a token that no attention has reached, stays
  /// one: the authors' code divides by its sum.
  private func withoutResidual(_ relations: Matrix) -> Matrix {
    var made = relations
    for row in 0..<made.rows {
      made[row, row] -= 1
      let sum = (0..<made.columns).reduce(Float(0)) { $0 + made[row, $1] }
      if sum > 0 { for column in 0..<made.columns { made[row, column] /= sum } }
      made[row, row] += 1
    }
    return made
  }
}
