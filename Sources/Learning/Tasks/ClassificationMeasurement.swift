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
    try subject.forEachChunk(of: loader) { chunk in
      let tape = Tape(subject.engine, recording: false)
      logits += head.logits(chunk, subject, tape).values()
      targets += head.targets(chunk.columns)
      progress(targets.count, loader.range.count)
    }
    let communicator = subject.communicator
    return ClassPredictions(
      classes: head.task.classes.names, logits: try gatherOverRanks(logits, communicator, "logits of the split"),
      targets: try gatherListsOverRanks(targets, communicator, "classes of the split"),
      clusters: try subject.clusters(of: dataSet, split: split), isSeveral: head.task.isSeveral)
  }
}
