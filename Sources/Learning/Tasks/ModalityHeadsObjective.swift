internal import Collectives
internal import Glibc
internal import Models
internal import Objectives
internal import TensorEngine

/// What each modality tells by itself: a mean over the samples of the global batch that have it. Where nothing is to be learnt by that but the
/// heads, no gradient goes back through what they look at.
struct ModalityHeadsObjective: Objective {
  static let name = "modality_heads"
  static let summary = "Which class a sample is of, from each modality alone."
  static let needs: [ModelPart] = []
  static let looksAtFeaturesOnly = false
  static let comparesPairs = false
  static let companion: (any Objective.Type)? = ClassificationObjective.self

  private let head: ClassificationHead
  private let apart: ApartHeads
  private let balance: ModalityBalance
  private let communicator: any Communicator

  init?(_ context: ObjectiveContext) {
    guard let head = context.head as? ClassificationHead, let apart = head.apart, let balance = context.balance else {
      return nil
    }
    (self.head, self.apart, self.balance) = (head, apart, balance)
    communicator = context.communicator
  }

  var looksAtPooledStatesOnly: Bool { !head.layers.reader.isJoint }
  var onlyMeasures: Bool { !balance.method.teachesTowers }
  var isOfSingleModalities: Bool { true }

  func loss(_ states: BatchStates, _ tape: Tape) throws -> Tensor {
    let (inputs, targets) = (head.inputs(states, tape), head.targets(states.batch.columns))
    var (sums, told): ([ModalitySums], [(place: Int, rows: Tensor)]) = ([], [])
    for (place, modality) in balance.modalities.enumerated() {
      var sum = ModalitySums()
      if balance.method.looksAtShares { sum.shareProbability = 0 }
      let found = head.layers.reader.vectors(apart: modality, states.model, inputs, tape)
      if let found, let known = known(found, targets, tape) {
        let logits = apart.logits(known.vectors, of: place, tape)
        let rows = rows(logits, known.targets, tape)
        told.append((place, rows.losses))
        (sum.count, sum.mass) = (Double(known.targets.count), rows.masses.reduce(0, +))
        sum.loss = rows.losses.values().reduce(0) { $0 + Double($1) }
        sum.probability = probability(logits.values(), known.targets)
        if balance.method.looksAtShares {
          sum.shareProbability = probability(share(of: modality, known.vectors, states.model, tape), known.targets)
        }
      }
      sums.append(sum)
    }
    let masses = try balance.take(sums, communicator)
    let terms = told.map { place, rows -> (Float, Tensor) in
      let weight = balance.method.lossWeight(of: balance.modalities[place]) / masses[place]
      return (1, tape.weightedSum(rows, weights: [Float](repeating: Float(weight), count: rows.rows)))
    }
    return terms.isEmpty ? tape.engine.tensor([0], shape: []) : tape.weightedSum(terms.map { (weight: $0, loss: $1) })
  }

  /// Those of the samples whose classes are known; nil without any.
  private func known(
    _ found: (vectors: Tensor, samples: [Int]), _ targets: [[Int]], _ tape: Tape
  ) -> (vectors: Tensor, targets: [[Int]])? {
    let rows = found.samples.indices.filter { head.task.isSeveral || !targets[found.samples[$0]].isEmpty }
    guard !rows.isEmpty else { return nil }
    let own = rows.map { targets[found.samples[$0]] }
    // Rows in place have no gradient.
    let vectors = onlyMeasures ? found.vectors.rows(0..<found.vectors.rows) : found.vectors
    return (rows.count == vectors.rows ? vectors : tape.gatherRows(vectors, rows), own)
  }

  private func rows(_ logits: Tensor, _ targets: [[Int]], _ tape: Tape) -> (losses: Tensor, masses: [Double]) {
    let (training, classes) = (head.task.training, logits.columns)
    if head.task.isSeveral {
      let wanted = tape.engine.tensor(ClassTraining.isTrue(targets, classes: classes), shape: [targets.count, classes])
      let positive = training.positiveWeights ?? [Float](repeating: 1, count: classes)
      return (
        tape.binaryCrossEntropyOfRows(logits, targets: wanted, positiveWeights: positive),
        targets.map { _ in Double(classes) }
      )
    }
    let (shares, masses) = training.shares(of: targets.map { $0[0] }, classes: classes)
    return (
      tape.crossEntropyOfRows(logits, targets: tape.engine.tensor(shares, shape: [targets.count, classes])), masses
    )
  }

  /// What the task's own head would say of what a modality adds, with its share of what is there anyway: W_m z_m + b / M.
  private func share(of modality: Modality, _ vectors: Tensor, _ model: any Model, _ tape: Tape) -> [Float] {
    let still = Tape(tape.engine, recording: false)
    let reader = head.layers.reader
    let said = { (part: Modality?) in
      head.layers(reader.part(of: part, vectors.rows(0..<vectors.rows), model, still), still).values()
    }
    let others = 1 - 1 / Float(balance.modalities.count)
    return zip(said(modality), said(nil)).map { $0 - others * $1 }
  }

  /// The sum over samples of the probability of what is true: of the class, or the mean over classes that are there or not each by itself.
  private func probability(_ logits: [Float], _ targets: [[Int]]) -> Double {
    let classes = logits.count / targets.count
    return targets.enumerated().reduce(0) { total, next in
      let own = logits[next.offset * classes..<(next.offset + 1) * classes].map { Double($0) }
      if head.task.isSeveral {
        let right = own.indices.map { 1 / (1 + exp(next.element.contains($0) ? -own[$0] : own[$0])) }
        return total + right.reduce(0, +) / Double(classes)
      }
      let largest = own.max() ?? 0
      return total + exp(own[next.element[0]] - largest) / own.reduce(0) { $0 + exp($1 - largest) }
    }
  }
}
