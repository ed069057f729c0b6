package import Batching
public import Collectives
public import Evaluation
internal import Inference
internal import Layers
internal import Models
package import Pretrained
public import Reporting
package import Tasks

/// Measures a model on disk on a split of a prepared data set, as the task does that its weights were trained for; collective.
/// - Throws: the errors of the rooms, each a `ReportableError`.
///
/// - Parameters:
///   - allowsNotFinite: whether weights may be NaN or infinite.
///   - matchedPairs: most pairs that a matching head scores for retrieval, where the model has no features.
///   - warnOfNotFinite: is told the tensors that have such values, where there are some.
public func evaluateModel(
  at path: String, data: String, split: String, rerankDepth: Int, matchedPairs: Int = 100_000,
  allowsNotFinite: Bool = false, threads: Int,
  communicator: any Communicator, output: ProgressOutput, warnOfNotFinite: ([String]) -> Void = { _ in }
) throws -> any TaskReport {
  let dataSet = try PreparedDataSet(path: data)
  let directory = try ModelDirectory(path: path)
  try directory.requireSquares()
  return try evaluateModel(
    in: directory, TaskCatalogue.task(ofModelIn: directory.path), on: dataSet, split: split, rerankDepth: rerankDepth,
    matchedPairs: matchedPairs, allowsNotFinite: allowsNotFinite, threads: threads, communicator: communicator,
    output: output,
    warnOfNotFinite: warnOfNotFinite)
}

/// The same for a task that is known.
package func evaluateModel(
  in directory: ModelDirectory, _ task: any Task, on dataSet: PreparedDataSet, split: String, rerankDepth: Int = 0,
  matchedPairs: Int = 100_000, allowsNotFinite: Bool = false, threads: Int, communicator: any Communicator,
  output: ProgressOutput,
  warnOfNotFinite: ([String]) -> Void = { _ in }
) throws -> any TaskReport {
  let progress = ProgressReporter(title: "evaluating", unit: "photo", total: nil, output: output)
  let report = try withMeasuredModel(
    in: directory, task, rerankDepth: rerankDepth, matchedPairs: matchedPairs, allowsNotFinite: allowsNotFinite,
    threads: threads, communicator: communicator, warnOfNotFinite: warnOfNotFinite
  ) { subject in
    try task.measure(subject, on: dataSet, split: split) { done, total in
      progress.update(completed: done, of: total)
    }
  }
  progress.finish()
  return report
}

/// Lends a model on disk with what its task has put on it, ready to be measured thoroughly.
package func withMeasuredModel<Result>(
  in directory: ModelDirectory, _ task: any Task, rerankDepth: Int = 0, matchedPairs: Int = 100_000,
  allowsNotFinite: Bool = false, threads: Int, communicator: any Communicator,
  warnOfNotFinite: ([String]) -> Void = { _ in }, _ body: (MeasuredModel) throws -> Result
) throws -> Result {
  var head: (any TaskHead)?
  let loaded = try LoadedModel(
    directory, allowsNotFinite: allowsNotFinite, threads: threads, spins: communicator.size == 1
  ) { head = try task.makeHead(on: $0, $1[taskHeadPrefix]) }
  if communicator.rank == 0 { warnOfNotFinite(loaded.notFiniteTensors) }
  var subject = MeasuredModel(
    loaded.model, loaded.directory.tokenizer, loaded.directory.preprocessing, loaded.engine, communicator)
  (subject.head, subject.workers) = (head, max(1, threads / 2))
  (subject.rerankDepth, subject.matchedPairs) = (rerankDepth, matchedPairs)
  subject.isThorough = true
  return try withExtendedLifetime(loaded) { try body(subject) }
}
