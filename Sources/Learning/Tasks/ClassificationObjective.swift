internal import Collectives
internal import Models
internal import Objectives
internal import TensorEngine

/// Cross-entropy of classes, or the sum of what each class costs by itself where several may be true: means over the samples of the global
/// batch whose classes are known.
struct ClassificationObjective: Objective {
  static let name = "classification"
  static let summary = "Which class a sample is of: cross-entropy, or one sigmoid a class."
  static let needs: [ModelPart] = []
  static let looksAtFeaturesOnly = false
  static let comparesPairs = false

  private let head: ClassificationHead
  private let communicator: any Communicator

  init?(_ context: ObjectiveContext) {
    guard let head = context.head as? ClassificationHead else { return nil }
    (self.head, communicator) = (head, context.communicator)
  }

  var looksAtPooledStatesOnly: Bool { !head.layers.reader.isJoint }

  func loss(_ states: BatchStates, _ tape: Tape) throws -> Tensor {
    let targets = head.targets(states.batch.columns)
    let logits = head.logits(states, tape)
    return try head.task.isSeveral ? ofSeveral(logits, targets, tape) : ofOne(logits, targets, tape)
  }

  /// As PyTorch's `CrossEntropyLoss` with weights and label smoothing: over the weights of all samples.
  private func ofOne(_ logits: Tensor, _ targets: [[Int]], _ tape: Tape) throws -> Tensor {
    let known = targets.indices.filter { !targets[$0].isEmpty }
    let (training, classes) = (head.task.training, logits.columns)
    let weights = training.classWeights
    let share = Float(training.smoothing) / Float(classes)
    var shares = [Float](repeating: share, count: known.count * classes)
    var total = 0.0
    for (row, sample) in known.enumerated() {
      shares[row * classes + targets[sample][0]] += 1 - Float(training.smoothing)
      total += Double(weights?[targets[sample][0]] ?? 1)
    }
    if let weights { for place in shares.indices { shares[place] *= weights[place % classes] } }
    let divisor = try communicator.sum(total, "weights of classes")
    return tape.crossEntropy(
      tape.gatherRows(logits, known), targets: tape.engine.tensor(shares, shape: [known.count, classes]),
      divisor: divisor > 0 ? divisor : 1)
  }

  /// As PyTorch's `BCEWithLogitsLoss` with `pos_weight`: over all classes of all samples.
  private func ofSeveral(_ logits: Tensor, _ targets: [[Int]], _ tape: Tape) throws -> Tensor {
    let classes = logits.columns
    var isTrue = [Float](repeating: 0, count: targets.count * classes)
    for (row, numbers) in targets.enumerated() { for number in numbers { isTrue[row * classes + number] = 1 } }
    let count = try communicator.sum(targets.count, "count of samples")
    return tape.binaryCrossEntropy(
      logits, targets: tape.engine.tensor(isTrue, shape: [targets.count, classes]),
      positiveWeights: head.task.training.positiveWeights ?? [Float](repeating: 1, count: classes),
      divisor: Double(max(count, 1) * classes))
  }
}
