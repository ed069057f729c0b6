internal import Batching

/// The groups of a split that is trained on, with their numbers of samples.
public struct LossGroups: Equatable, Sendable {
  public let grouping: Grouping
  /// In the order of their numbers.
  public let names: [String]
  /// Samples of each that teach something; none is 0.
  public let counts: [Int]
  private let numbers: [String: Int]

  /// - Parameter groups: two at least, each once.
  public init(_ grouping: Grouping, _ groups: [(name: String, samples: Int)]) {
    self.grouping = grouping
    (names, counts) = (groups.map(\.name), groups.map(\.samples))
    numbers = Dictionary(groups.enumerated().map { ($1.name, $0) }) { first, _ in first }
  }

  /// The number of each sample's group; nil for one of none.
  func numbers(of batch: BatchColumns) -> [Int?] {
    grouping.groups(of: batch).map { $0.flatMap { numbers[$0] } }
  }
}

/// What a run has to remember of its groups: it belongs into the checkpoint.
public struct GroupState: Codable, Equatable, Sendable {
  public let names: [String]
  /// How much each group counts: its share of the loss (`dro`), or what its samples are multiplied by (`reweighting`).
  public internal(set) var weights: [Double]
  /// Of each group's losses so far, the last one counting a tenth; nil for one that no step has seen.
  public internal(set) var averages: [Double?]
}

/// What a step says of a group.
public struct GroupStep: Equatable, Sendable {
  public let name: String
  /// What was learnt from, over all ranks: samples, questions, phrases.
  public let count: Int
  /// Nil where nobody of it was there.
  public let loss: Double?
  public let average: Double?
  /// With which the step computed.
  public let weight: Double
}
