internal import Batching
internal import Collectives
internal import Evaluation
internal import Models
internal import Objectives
internal import TensorEngine

/// What a model says of the classes of a split: each rank looks at its part, and all know the whole.
struct ClassificationMeasurement {
  let subject: MeasuredModel
  let head: ClassificationHead
  let dataSet: PreparedDataSet
  let split: String

  func callAsFunction(_ progress: (_ done: Int, _ total: Int) -> Void) throws -> ClassPredictions {
    let loader = try subject.loader(
      dataSet, split: split, head.task.columns, photosMayBeAbsent: head.task.lacking.contains(.image))
    var (logits, targets): ([Float], [[Int]]) = ([], [])
    var apart = ApartCounts(head)
    try subject.forEachChunk(of: loader) { chunk in
      let tape = Tape(subject.engine, recording: false)
      let inputs = head.inputs(chunk, subject, tape)
      let own = head.targets(chunk.columns)
      logits += head.logits(subject.model, inputs, tape).values()
      apart.add(inputs, own, subject.model, tape)
      targets += own
      progress(targets.count, loader.range.count)
    }
    let communicator = subject.communicator
    var predictions = ClassPredictions(
      classes: head.task.classes.names, logits: try gatherOverRanks(logits, communicator, "logits of the split"),
      targets: try gatherListsOverRanks(targets, communicator, "classes of the split"),
      clusters: try subject.clusters(of: dataSet, split: split), isSeveral: head.task.isSeveral)
    predictions.apart = try apart.accuracies(communicator)
    return predictions
  }
}

/// How often the heads of single modalities are right.
private struct ApartCounts {
  private let head: ClassificationHead
  private var samples: [Double]
  private var hits: [Double]

  init(_ head: ClassificationHead) {
    self.head = head
    samples = head.reader.modalities.map { _ in 0 }
    hits = samples
  }

  mutating func add(_ inputs: ModalityInputs, _ targets: [[Int]], _ model: any Model, _ tape: Tape) {
    guard let apart = head.apart else { return }
    let classes = head.task.classes.names
    for (place, modality) in head.reader.modalities.enumerated() {
      guard let found = head.reader.vectors(apart: modality, model, inputs, tape) else { continue }
      let told = ClassPredictions(
        classes: classes, logits: apart.logits(found.vectors, of: place, tape).values(),
        targets: found.samples.map { targets[$0] }, clusters: found.samples, isSeveral: head.task.isSeveral
      ).labelled
      samples[place] += Double(told.count)
      for (said, targets) in zip(told.said(), told.targets) {
        hits[place] += ClassPredictions.percent(said, targets: targets, isSeveral: told.isSeveral).map { $0 / 100 } ?? 0
      }
    }
  }

  /// Of the whole split; nil where there are no such heads. Collective.
  func accuracies(_ communicator: any Communicator) throws -> [ApartAccuracy]? {
    guard head.apart != nil else { return nil }
    var sums = samples + hits
    try sums.withUnsafeMutableBufferPointer { try communicator.allReduce($0, .sum, "what modalities tell alone") }
    return head.reader.modalities.enumerated().map { place, modality in
      ApartAccuracy(modality: modality.rawValue, samples: Int(sums[place]), hits: sums[samples.count + place])
    }
  }
}
