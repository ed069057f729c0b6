internal import TensorEngine

/// The features of one tower, computed in parts, and their gradients' way back through it in the same parts (Gao et al.,
/// "Scaling Deep Contrastive Learning Batch Size under Memory Limited Setup", 2021): a loss needs all features, but a part
/// of the tower's gradient needs that part's features' gradients only. All parts but the last run twice.
struct FeatureCache {
  /// Of the whole batch [b, D], where the loss's gradient gathers.
  let features: Tensor
  private let parts: [StepBatch]
  private let tape: Tape
  private let tower: (StepBatch, Tape) -> Tensor
  private let last: Part

  private struct Part {
    let features: Tensor
    let tape: Tape
  }

  /// - Parameter tape: of the loss.
  init(_ parts: [StepBatch], _ tape: Tape, tower: @escaping (StepBatch, Tape) -> Tensor) {
    (self.parts, self.tape, self.tower) = (parts, tape, tower)
    let others = parts.dropLast().map { tower($0, $0.tape(of: tape, recording: false, recomputesBlocks: false)) }
    last = Self.part(parts[parts.count - 1], tape, tower)
    features = tape.engine.leaf(
      joining: others + [last.features], requiresGradient: last.features.requiresGradient)
  }

  func backwardOfLast() throws { try backward(last, rows: features.rows - last.features.rows) }

  func backwardOfOthers() throws {
    // A tower that is frozen does not run again.
    guard features.requiresGradient else { return }
    var row = 0
    for part in parts.dropLast() {
      try backward(Self.part(part, tape, tower), rows: row)
      row += part.count
    }
  }

  private static func part(_ batch: StepBatch, _ tape: Tape, _ tower: (StepBatch, Tape) -> Tensor) -> Part {
    let own = batch.tape(of: tape, recording: true, recomputesBlocks: tape.recomputesBlocks)
    return Part(features: tower(batch, own), tape: own)
  }

  private func backward(_ part: Part, rows first: Int) throws {
    guard let gradient = features.gradient else { return }
    let rows = gradient.rows(first..<first + part.features.rows)
    try part.tape.backward(from: [(part.features, rows)])
  }
}

extension StepBatch {
  /// A tape for this part of the batch that `whole` is of.
  fileprivate func tape(of whole: Tape, recording: Bool, recomputesBlocks: Bool) -> Tape {
    Tape(partOf: whole, recording: recording, recomputesBlocks: recomputesBlocks, firstSample: first)
  }
}
