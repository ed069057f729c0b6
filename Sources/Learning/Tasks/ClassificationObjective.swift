internal import Collectives
internal import Models
internal import Objectives
internal import TensorEngine

/// Cross-entropy of classes, or the sum of what each class costs by itself where several may be true: means over the samples of the global
/// batch whose classes are known. Of samples that are mixed of two each one's classes count by its share.
struct ClassificationObjective: Objective {
  static let name = "classification"
  static let summary = "Which class a sample is of: cross-entropy, or one sigmoid a class."
  static let needs: [ModelPart] = []
  static let looksAtFeaturesOnly = false
  static let comparesPairs = false
  static let isOfSingleSamples = true
  static let weighsSamples = true

  private let head: ClassificationHead
  private let groups: GroupLosses?
  private let balance: ModalityBalance?
  private let communicator: any Communicator

  init?(_ context: ObjectiveContext) {
    guard let head = context.head as? ClassificationHead else { return nil }
    (self.head, groups, balance) = (head, context.groups, context.balance)
    communicator = context.communicator
  }

  var looksAtPooledStatesOnly: Bool { !head.layers.reader.isJoint }

  func loss(_ states: BatchStates, _ tape: Tape) throws -> Tensor {
    let targets = head.trainingTargets(states.batch.columns)
    let logits = head.logits(states, tape, balance)
    let numbers = groups?.numbers(of: states.batch.columns)
    return try head.task.isSeveral
      ? ofSeveral(logits, targets, groups: numbers, tape) : ofOne(logits, targets, groups: numbers, tape)
  }

  /// As PyTorch's `CrossEntropyLoss` with weights and label smoothing: over the weights of all samples.
  /// - Parameter numbers: of the samples' groups, where these count.
  private func ofOne(
    _ logits: Tensor, _ targets: [ClassTarget], groups numbers: [Int?]?, _ tape: Tape
  ) throws -> Tensor {
    let known = targets.indices.filter { !targets[$0].numbers.isEmpty }
    let classes = logits.columns
    let (shares, masses) = head.task.training.shares(of: known.map { targets[$0] }, classes: classes)
    let (told, wanted) = (
      tape.gatherRows(logits, known), tape.engine.tensor(shares, shape: [known.count, classes])
    )
    if let groups, let numbers {
      return try groups.loss(
        tape.crossEntropyOfRows(told, targets: wanted), masses: masses, numbers: known.map { numbers[$0] },
        communicator, tape)
    }
    let divisor = try communicator.sum(masses.reduce(0, +), "weights of classes")
    return tape.crossEntropy(told, targets: wanted, divisor: divisor > 0 ? divisor : 1)
  }

  /// As PyTorch's `BCEWithLogitsLoss` with `pos_weight`: over all classes of all samples.
  private func ofSeveral(
    _ logits: Tensor, _ targets: [ClassTarget], groups numbers: [Int?]?, _ tape: Tape
  ) throws -> Tensor {
    let classes = logits.columns
    let wanted = tape.engine.tensor(ClassTraining.isTrue(targets, classes: classes), shape: [targets.count, classes])
    let positive = head.task.training.positiveWeights ?? [Float](repeating: 1, count: classes)
    if let groups, let numbers {
      return try groups.loss(
        tape.binaryCrossEntropyOfRows(logits, targets: wanted, positiveWeights: positive),
        masses: [Double](repeating: Double(classes), count: targets.count), numbers: numbers, communicator, tape)
    }
    let count = try communicator.sum(targets.count, "count of samples")
    return tape.binaryCrossEntropy(
      logits, targets: wanted, positiveWeights: positive, divisor: Double(max(count, 1) * classes))
  }
}
