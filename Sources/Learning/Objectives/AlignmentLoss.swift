public import Models
public import TensorEngine

extension AlignmentModel {
  /// What it costs to carry the words of each pair to its regions, [pairs, 1]; and by which plans (Chen et al., "UNITER", 2020,
  /// §3.2). States are brought to length one first, by the floor that the authors have.
  public func transport(_ joint: JointStates, _ tape: Tape) -> (distances: Tensor, plans: [[Float]]) {
    let (texts, images) = compared(joint, tape)
    return tape.transportDistances(
      tape.normalize(texts.states, epsilon: 1e-5), textOffsets: texts.offsets,
      tape.normalize(images.states, epsilon: 1e-5), imageOffsets: images.offsets)
  }
}

/// The distances of pairs that belong together less those of the others, over the number of all pairs of the global batch. A
/// scalar.
/// - Parameters:
///   - distances: [pairs, 1]
///   - belongs: of each pair whether it does.
public func alignmentLoss(_ distances: Tensor, belongs: [Bool], count: Int, _ tape: Tape) -> Tensor {
  let signs = RowMixture(belongs.enumerated().map { (row: $0, weight: $1 ? 1 : -1) })
  return tape.weightedSum([(1 / Float(count), tape.mixRows(distances, [signs]))])
}
