public import Objectives
internal import Reporting

/// What is known of a step once it is done: one `step` line of `metrics.jsonl`.
public struct StepMetrics: Sendable {
  /// Counted from 1.
  public var step: Int
  /// Counted from 0.
  public var epoch: Int
  /// Of the global batch: the same on any number of ranks.
  public var loss: Float
  /// The parts of the loss, unweighted, in the order of the objectives.
  public var losses: [(name: String, value: Float)]
  public var learningRate: Double
  /// Norm of the whole gradient, before clipping.
  public var gradientNorm: Float
  /// What the logits are multiplied by; nil for models without one.
  public var logitScale: Float?
  /// Image–text pairs a second, over all ranks.
  public var samplesPerSecond: Double
  public var stepSeconds: Double
  /// Of `stepSeconds`: waiting for the batch.
  public var dataSeconds: Double
  /// Of `stepSeconds`: exchanging features and gradients.
  public var communicationSeconds: Double
  /// What the step says of each group of samples, where these count.
  public var groups: [GroupStep] = []
  /// What the step says of each modality, where these are measured.
  public var modalities: [ModalityStep] = []
  /// What objectives say beside their losses, by their names.
  public var figures: [(objective: String, values: [(name: String, value: Double)])] = []
  /// Of a private run, which tells nothing else of its samples: neither losses, nor times, by which a step says how many it drew.
  public var privacy: StepPrivacy?

  public init(
    step: Int, epoch: Int, loss: Float, losses: [(name: String, value: Float)], learningRate: Double,
    gradientNorm: Float, logitScale: Float?, samplesPerSecond: Double, stepSeconds: Double, dataSeconds: Double,
    communicationSeconds: Double
  ) {
    self.step = step
    self.epoch = epoch
    self.loss = loss
    self.losses = losses
    self.learningRate = learningRate
    self.gradientNorm = gradientNorm
    self.logitScale = logitScale
    self.samplesPerSecond = samplesPerSecond
    self.stepSeconds = stepSeconds
    self.dataSeconds = dataSeconds
    self.communicationSeconds = communicationSeconds
  }

  var members: [(String, OrderedJSON)] {
    var members: [(String, OrderedJSON)] = [("step", .integer(step)), ("epoch", .integer(epoch))]
    if privacy == nil {
      members += [("loss", .float(loss)), ("losses", .object(losses.map { ($0.name, .float($0.value)) }))]
    }
    members += [("learning_rate", .number(learningRate)), ("gradient_norm", .float(gradientNorm))]
    if let epsilon = privacy?.epsilon { members.append(("epsilon", .number(rounded(epsilon, 1e6)))) }
    if !groups.isEmpty { members.append(("groups", .list(shownGroups.map(\.json)))) }
    if !modalities.isEmpty { members.append(("modalities", .list(modalities.map(\.json)))) }
    members += figures.map { ($0.objective, .object($0.values.map { ($0.name, .number(rounded($0.value, 1e6))) })) }
    if let logitScale { members.append(("logit_scale", .float(logitScale))) }
    guard privacy == nil else { return members }
    return members + [
      ("samples_per_second", .number(rounded(samplesPerSecond, 1e3))), ("step_seconds", microseconds(stepSeconds)),
      ("data_seconds", microseconds(dataSeconds)), ("communication_seconds", microseconds(communicationSeconds)),
    ]
  }
}

/// What a step of a private run says of what was given away.
public struct StepPrivacy: Sendable, Equatable {
  /// Of all steps up to this one, where it was counted: that takes longer than some steps do.
  public let epsilon: Double?
}

extension StepMetrics {
  /// The first of each objective's, for a line of progress.
  var figureWords: String {
    let scores = modalities.compactMap { modality in modality.score.map { "\(modality.name) \(brief($0))" } }
    return figures.compactMap(\.values.first).map { " · \($0.name) \(brief($0.value))" }.joined()
      + (scores.isEmpty ? "" : " · alone " + scores.joined(separator: ", "))
  }
}

extension StepMetrics {
  /// Most groups that a line has.
  private static let mostGroups = 50

  /// All; of many those that weigh most.
  fileprivate var shownGroups: [GroupStep] {
    guard groups.count > Self.mostGroups else { return groups }
    let heaviest = groups.enumerated().sorted { ($1.element.weight, $0.offset) < ($0.element.weight, $1.offset) }
    return heaviest.prefix(Self.mostGroups).map(\.offset).sorted().map { groups[$0] }
  }
}

extension GroupStep {
  fileprivate var json: OrderedJSON {
    .object(
      [("name", .text(name)), ("count", .integer(count))] + (loss.map { [("loss", .number($0))] } ?? [])
        + (average.map { [("average", .number($0))] } ?? []) + [("weight", .number(weight))])
  }
}

extension ModalityStep {
  fileprivate var json: OrderedJSON {
    let figures: [(String, Double?)] = [
      ("score", score), ("loss", loss), ("share_score", shareScore), ("gradient_norm", gradientNorm),
      ("factor", factor),
    ]
    return .object(
      [("name", .text(name)), ("count", .integer(count))]
        + figures.compactMap { name, value in value.map { (name, .number(rounded($0, 1e6))) } })
  }
}

/// Clocks are not finer than this.
private func microseconds(_ seconds: Double) -> OrderedJSON { .number(rounded(seconds, 1e6)) }

private func rounded(_ value: Double, _ unitsPerOne: Double) -> Double { (value * unitsPerOne).rounded() / unitsPerOne }
