public import Batching
public import Collectives
internal import Foundation
public import TensorEngine

/// The loss of a batch whose samples are of groups.
///
/// With `reweighting` it is Σ w ℓ / N over the samples of the global batch, w = N / (G n) of the split: on average over batches the mean
/// of the groups' losses. With `dro` it is Σ q ℓ over groups, ℓ being the mean of the global batch, and before that each
/// q grows with e^(η (ℓ + C / √n)) and all are brought to a sum of 1 (Sagawa et al., "Distributionally Robust Neural Networks", 2020,
/// algorithm 1). The adjustment C moves weights alone: what is told is the loss. A group of which nobody is in the batch keeps its
/// share but for the common divisor. Samples of no group teach nothing.
public final class GroupLosses {
  public let groups: LossGroups
  private let settings: GroupSettings
  /// After the last step whose gradient was used.
  public private(set) var state: GroupState
  /// After the last step that was computed, and what that said: a step that is computed again finds all as it was.
  private var computed: (state: GroupState, step: [GroupStep])?

  /// How much the last loss counts in an average, as in the authors' code.
  private static let newShare = 0.1

  public init(_ groups: LossGroups, _ settings: GroupSettings) {
    (self.groups, self.settings) = (groups, settings)
    state = GroupState(
      names: groups.names, weights: Self.firstWeights(groups, settings), averages: groups.names.map { _ in nil })
  }

  private static func firstWeights(_ groups: LossGroups, _ settings: GroupSettings) -> [Double] {
    let (total, count) = (Double(groups.counts.reduce(0, +)), Double(groups.counts.count))
    return groups.counts.map { settings.method == .dro ? 1 / count : total / (count * Double($0)) }
  }

  // MARK: A step

  /// The number of each sample's group; nil for one of none.
  public func numbers(of batch: BatchColumns) -> [Int?] { groups.numbers(of: batch) }

  /// The same of what samples have several of, as questions.
  public func numbers(of batch: BatchColumns, valuesOfEach counts: [Int]) -> [Int?] {
    zip(numbers(of: batch), counts).flatMap { [Int?](repeating: $0, count: $1) }
  }

  /// This rank's share of the loss of the global batch. Collective.
  /// - Parameters:
  ///   - rows: what each costs [n, 1], weighted by its mass where that is not 1.
  ///   - masses: of which means are taken; nil where all are 1.
  ///   - numbers: of each row's group; nil for one of none.
  public func loss(
    _ rows: Tensor, masses: [Double]? = nil, numbers: [Int?], _ communicator: any Communicator, _ tape: Tape
  ) throws -> Tensor {
    let masses = masses ?? [Double](repeating: 1, count: numbers.count)
    let weights = try factors(of: rows.values(), masses: masses, numbers: numbers, communicator)
    return tape.weightedSum(rows, weights: numbers.map { $0.map { Float(weights[$0]) } ?? 0 })
  }

  /// By what the losses of each group are multiplied.
  private func factors(
    of losses: [Float], masses: [Double], numbers: [Int?], _ communicator: any Communicator
  ) throws -> [Double] {
    let sums = try GroupSums(losses, masses, numbers, groups: groups.names.count, communicator)
    var next = state
    for (group, loss) in sums.means.enumerated() {
      guard let loss else { continue }
      next.averages[group] = next.averages[group].map { $0 + Self.newShare * (loss - $0) } ?? loss
    }
    if settings.method == .dro { next.weights = moved(state.weights, by: sums.means) }
    let told = groups.names.indices.map {
      GroupStep(
        name: groups.names[$0], count: sums.counts[$0], loss: sums.means[$0], average: next.averages[$0],
        weight: next.weights[$0])
    }
    computed = (next, told)
    let total = sums.masses.reduce(0, +)
    return zip(next.weights, sums.masses).map { weight, mass in
      let divisor = settings.method == .dro ? mass : total
      return divisor > 0 ? weight / divisor : 0
    }
  }

  /// In logarithms, of which the largest is taken away, so that no loss is too large.
  private func moved(_ weights: [Double], by losses: [Double?]) -> [Double] {
    let logarithms = weights.indices.map { group in
      let rise = losses[group].map { $0 + settings.adjustment / Double(groups.counts[group]).squareRoot() } ?? 0
      return log(weights[group]) + settings.rate * rise
    }
    let largest = logarithms.max() ?? 0
    let grown = logarithms.map { exp($0 - largest) }
    let sum = grown.reduce(0, +)
    return grown.map { $0 / sum }
  }

  // MARK: What stays

  /// The gradient of the last step was used: its weights are those that the next one begins with.
  package func accept() { if let computed { state = computed.state } }

  /// What the last step that was computed said of each group.
  public var lastStep: [GroupStep] { computed?.step ?? [] }

  /// Goes on from what a checkpoint has.
  /// - Returns: false where that is of other groups, and nothing has changed.
  public func takeUp(_ saved: GroupState) -> Bool {
    guard saved.names == state.names, saved.weights.count == state.weights.count,
      saved.averages.count == state.averages.count
    else { return false }
    (state, computed) = (saved, nil)
    return true
  }
}

/// Of each group's rows, over all ranks.
private struct GroupSums {
  let counts: [Int]
  let masses: [Double]
  /// Nil where nobody is there.
  let means: [Double?]

  /// Collective.
  init(
    _ losses: [Float], _ masses: [Double], _ numbers: [Int?], groups: Int, _ communicator: any Communicator
  ) throws {
    precondition(losses.count == numbers.count && masses.count == numbers.count, "rows without a group or a mass")
    var sums = [Double](repeating: 0, count: 3 * groups)
    for (row, number) in numbers.enumerated() {
      guard let number else { continue }
      sums[number] += Double(losses[row])
      sums[groups + number] += masses[row]
      sums[2 * groups + number] += 1
    }
    try sums.withUnsafeMutableBufferPointer { try communicator.allReduce($0, .sum, "losses of groups") }
    self.masses = Array(sums[groups..<2 * groups])
    counts = sums[(2 * groups)...].map { Int($0) }
    means = zip(sums.prefix(groups), self.masses).map { $1 > 0 ? $0 / $1 : nil }
  }
}
