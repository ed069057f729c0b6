internal import Collectives
internal import Layers
internal import Models
internal import Randomness
public import TensorEngine

/// This rank's share of each loss; the ranks' shares add up to the loss of the global batch.
public struct ObjectiveLosses {
  /// The weighted sum.
  public let total: Tensor
  /// By the objectives' names, in the catalogue's order, the task's own last.
  public let parts: [(name: String, value: Float)]

  init(_ losses: [(term: ObjectiveMix.Term, loss: Tensor)], _ tape: Tape) {
    let learnt = losses.filter { !$0.term.objective.onlyMeasures }
    total = tape.weightedSum(learnt.map { (Float($0.term.weight), $0.loss) })
    parts = losses.map { ($0.term.name, $0.loss.value) }
  }

  /// Those of one pass and of another, of other objectives.
  public init(_ first: ObjectiveLosses, _ second: ObjectiveLosses, _ engine: Engine) {
    total = engine.tensor([first.total.value + second.total.value], shape: [])
    parts = first.parts + second.parts
  }
}

/// The objectives of a run, with the weights of their losses. The training loop knows nothing else of them; of the model it knows
/// what it tells of a step, the scale of logits where there is one.
public struct ObjectiveMix {
  struct Term {
    let objective: any Objective
    let weight: Double

    var name: String { type(of: objective).name }
  }

  let model: any Model
  let terms: [Term]
  let communicator: any Communicator
  /// How samples of groups count; nil where all count alike.
  public let groups: GroupLosses?
  /// How modalities are kept in balance; nil where nobody asks.
  public let balance: ModalityBalance?
  private let mix: ObjectiveSettings.Mix
  private let seed: UInt64
  /// For each pair of the batch the pairs that are joined in a step.
  public let joinings: Int

  /// - Throws: `ObjectiveError` for an objective that needs what the model, or its vocabulary, has not.
  public init(_ context: ObjectiveContext) throws(ObjectiveError) {
    (model, communicator) = (context.model, context.communicator)
    (groups, balance) = (context.groups, context.balance)
    (mix, seed) = (context.settings.mix, context.seed)
    let weighed =
      ObjectiveCatalogue.all.map { ($0, context.settings[$0.name]) }
      + context.ofTask.map { ($0, context.settings.ofTask) }
    var terms: [Term] = []
    for (kind, weight) in weighed where weight != 0 {
      if let lack = kind.lack(of: context.vocabulary) { throw ObjectiveError(name: kind.name, lack: lack) }
      if kind.readsReferences, context.rewards == nil {
        throw ObjectiveError(name: kind.name, lack: "it needs photos with captions, and here are none")
      }
      guard let objective = kind.init(context) else {
        let parts = kind.needs(context.settings).map(\.rawValue).joined(separator: " and ")
        throw ObjectiveError(name: kind.name, lack: "\(context.model.description.name) has no \(parts)")
      }
      terms.append(Term(objective: objective, weight: weight))
    }
    self.terms = terms
    let areTasksJoint = terms.suffix(context.ofTask.count).contains { !$0.objective.looksAtPooledStatesOnly }
    joinings = max(context.settings.joinings(context.model.description), areTasksJoint ? 1 : 0)
  }

  public func callAsFunction(_ batch: StepBatch, _ tape: Tape) throws -> ObjectiveLosses {
    let chosen = terms(ofStep: batch.step)
    return try losses(chosen, states(of: batch, chosen, tape), tape)
  }

  func states(of batch: StepBatch, _ terms: [Term], _ tape: Tape) -> BatchStates {
    BatchStates(batch, model, tokens: looksAtFeaturesOnly(terms) ? .pooled : .all, communicator, tape)
  }

  /// After an update: the groups' weights of the step are kept, and the modalities' scores, and scales of logits in their range, where the
  /// model has some.
  public func settle() {
    groups?.accept()
    balance?.accept()
    for term in terms { term.objective.watch?.accept() }
    for scale in model.logitScales {
      scale.tensor.withMutableValues {
        $0[0] = min(max($0[0], logitScaleRange.lowerBound), logitScaleRange.upperBound)
      }
    }
  }

  /// What the last step that was computed said beside its losses, by the objectives' names.
  public var figures: [(objective: String, values: [(name: String, value: Double)])] {
    terms.compactMap { term in
      let values = term.objective.watch?.figures ?? []
      return values.isEmpty ? nil : (term.name, values)
    }
  }

  /// What goes wrong and was not said before, with what to do.
  public func takeWarnings() -> [String] { terms.flatMap { $0.objective.watch?.takeWarnings() ?? [] } }

  /// A step's loss without what swings around 0, which tells nothing of a batch that is spoilt.
  /// - Parameter parts: of the same step, before they are weighed.
  public func steadyLoss(_ loss: Double, _ parts: [(name: String, value: Float)], step: Int) -> Double {
    zip(terms(ofStep: step), parts).reduce(loss) { rest, next in
      type(of: next.0.objective).swings ? rest - next.0.weight * Double(next.1.value) : rest
    }
  }

  /// What a step learns.
  package func names(ofStep step: Int) -> [String] { terms(ofStep: step).map(\.name) }

  /// Those of a step: all, or the one that was drawn, with weight 1, and its companions with theirs. A function of the seed and
  /// the step.
  func terms(ofStep step: Int) -> [Term] {
    let drawn = terms.filter { !isCompanion($0) }
    guard mix == .sampled, drawn.count > 1 else { return terms }
    var random = RandomStream(seed: seed, .objectiveMix, UInt64(step))
    var rest = Double(random.uniform()) * drawn.reduce(0) { $0 + $1.weight }
    let found = drawn.first { term in
      rest -= term.weight
      return rest < 0
    }
    let chosen = (found ?? drawn[drawn.count - 1]).objective
    return [Term(objective: chosen, weight: 1)]
      + terms.filter { isCompanion($0) && type(of: $0.objective).companion == type(of: chosen) }
  }

  /// Whether another objective of the mix brings it along.
  private func isCompanion(_ term: Term) -> Bool {
    guard let other = type(of: term.objective).companion else { return false }
    return terms.contains { type(of: $0.objective) == other }
  }

  /// What hides parts of images; nil where nothing does.
  public var hidingName: String? { terms.first { type(of: $0.objective).hidesImages }?.name }

  /// Whether none of them looks at tokens: image and text do not meet then.
  public var looksAtFeaturesOnly: Bool { looksAtFeaturesOnly(terms) }

  func looksAtFeaturesOnly(_ terms: [Term]) -> Bool { terms.allSatisfy { $0.objective.looksAtPooledStatesOnly } }

  func losses(_ terms: [Term], _ states: BatchStates, _ tape: Tape) throws -> ObjectiveLosses {
    ObjectiveLosses(try terms.map { ($0, try $0.objective.loss(states, tape)) }, tape)
  }
}

/// Which objectives a pass is of.
public enum ObjectivePass: Sendable {
  case all
  /// Those of all modalities together.
  case joint
  /// Those of single modalities.
  case apart

  func contains(_ objective: any Objective) -> Bool {
    switch self {
    case .all: true
    case .joint: !objective.isOfSingleModalities
    case .apart: objective.isOfSingleModalities
    }
  }
}

/// An objective that cannot be had.
public struct ObjectiveError: Error, Equatable {
  public let name: String
  /// In words.
  public let lack: String
}
