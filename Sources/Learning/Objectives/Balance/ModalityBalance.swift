public import Collectives
public import Models

/// What a run knows of how far each of its modalities is, and what it does about it: one for all steps. Figures are of the global batch.
public final class ModalityBalance {
  public let modalities: [Modality]
  public let method: any BalanceMethod
  public let settings: BalanceSettings
  /// After the last step whose gradient was used.
  public private(set) var state: BalanceState
  /// After the last step that was computed, and what that said: a step that is computed again finds all as it was.
  private var computed: (state: BalanceState, step: [ModalityStep])?
  private let seed: UInt64

  /// How much the last step's score counts in the running one.
  private static let newShare = 0.1

  /// - Parameter modalities: that the task looks at, in their order.
  public init(_ settings: BalanceSettings, _ modalities: [Modality], seed: UInt64) {
    (self.settings, self.modalities, self.seed) = (settings, modalities, seed)
    method = BalanceMethods.kind(settings.method).init(settings)
    state = BalanceState(modalities: modalities.map(\.rawValue), scores: modalities.map { _ in nil })
  }

  // MARK: A step

  /// Takes in what the heads have said of this rank's samples. Collective.
  /// - Returns: the masses of all ranks' samples, of each modality.
  public func take(_ own: [ModalitySums], _ communicator: any Communicator) throws -> [Double] {
    let sums = try ModalitySums.summed(own, communicator)
    var next = state
    for (place, sum) in sums.enumerated() {
      guard let score = sum.score else { continue }
      next.scores[place] = next.scores[place].map { $0 + Self.newShare * (score - $0) } ?? score
    }
    let steps = zip(modalities, sums).map { modality, sum in
      ModalityStep(
        name: modality.rawValue, count: Int(sum.count), score: sum.score, loss: sum.meanLoss,
        shareScore: sum.shareScore)
    }
    computed = (next, steps)
    return sums.map(\.mass)
  }

  /// Which modalities are hidden from a sample in a step; none before anything is known of all of them.
  /// - Parameters:
  ///   - present: whether the sample has each.
  ///   - sample: its name, whatever rank it is on.
  public func hidden(present: [Bool], sample: UInt64, epoch: Int, step: Int) -> [Bool] {
    let scores = state.scores.compactMap(\.self)
    guard let hiding = method as? HiddenModalities, scores.count == modalities.count,
      hiding.isHiding(step: step, seed: seed), let rates = hiding.hiding(scores)
    else { return present.map { _ in false } }
    return HiddenModalities.drawn(rates, present: present, sample: sample, epoch: epoch, seed: seed)
  }

  /// What the gradient of each tower of the last step is multiplied by; nil leaves all as they are.
  package var factors: [Double]? {
    let scores = lastStep.compactMap(\.shareScore)
    guard method.looksAtShares, scores.count == modalities.count else { return nil }
    return method.factors(scores)
  }

  /// What was found of the gradients of the last step.
  /// - Parameters:
  ///   - norms: of each tower's, as it came.
  ///   - factors: what was done with it.
  package func note(norms: [Double], factors: [Double]?) {
    for place in modalities.indices {
      computed?.step[place].gradientNorm = norms[place]
      computed?.step[place].factor = factors?[place]
    }
  }

  // MARK: What stays

  /// The gradient of the last step was used.
  package func accept() { if let computed { state = computed.state } }

  /// What the last step that was computed said of each modality.
  public var lastStep: [ModalityStep] { computed?.step ?? [] }

  /// Goes on from what a checkpoint has.
  /// - Returns: false where that is of other modalities, and nothing has changed.
  public func takeUp(_ saved: BalanceState) -> Bool {
    guard saved.modalities == state.modalities, saved.scores.count == state.scores.count else { return false }
    (state, computed) = (saved, nil)
    return true
  }
}

/// What a run has to remember of its modalities: it belongs into the checkpoint.
public struct BalanceState: Codable, Equatable, Sendable {
  public let modalities: [String]
  /// Of each the mean probability that its own head gave what was true, the last step counting a tenth; nil before there was any.
  public internal(set) var scores: [Double?]
}

/// What a step says of a modality.
public struct ModalityStep: Equatable, Sendable {
  public let name: String
  /// Samples that have it, and teach something.
  public let count: Int
  /// The mean probability that its own head gives what is true; nil where nobody has it.
  public let score: Double?
  public let loss: Double?
  /// The same of what it adds to the sum that all make, where that is known.
  public let shareScore: Double?
  /// Of its tower, before anything was done with it.
  public internal(set) var gradientNorm: Double?
  /// By what that was multiplied.
  public internal(set) var factor: Double?
}

/// What a modality's head says of some samples.
public struct ModalitySums: Equatable, Sendable {
  /// Samples that have it, and teach something.
  public var count = 0.0
  /// Of these, where some count more than others.
  public var mass = 0.0
  /// Weighed by mass.
  public var loss = 0.0
  /// Of the probabilities of what is true.
  public var probability = 0.0
  /// The same of what it adds to the sum that all make; nil where nobody asks.
  public var shareProbability: Double?

  public init() {}

  var score: Double? { count > 0 ? probability / count : nil }
  var meanLoss: Double? { mass > 0 ? loss / mass : nil }
  var shareScore: Double? { count > 0 ? shareProbability.map { $0 / count } : nil }

  /// Over all ranks. Collective.
  static func summed(_ own: [ModalitySums], _ communicator: any Communicator) throws -> [ModalitySums] {
    var numbers: [Double] = own.reduce(into: []) {
      $0 += [$1.count, $1.mass, $1.loss, $1.probability, $1.shareProbability ?? 0]
    }
    try numbers.withUnsafeMutableBufferPointer { try communicator.allReduce($0, .sum, "scores of modalities") }
    return own.indices.map { place in
      var sum = ModalitySums()
      let of = numbers[5 * place..<5 * place + 5].map { $0 }
      (sum.count, sum.mass, sum.loss, sum.probability) = (of[0], of[1], of[2], of[3])
      sum.shareProbability = own[place].shareProbability.map { _ in of[4] }
      return sum
    }
  }
}
