internal import Batching
public import Collectives
public import Evaluation
internal import Inference
internal import Pretrained
public import Reporting
internal import Tasks

/// Measures a model on disk on a split of a prepared data set; collective.
/// - Throws: the errors of the rooms, each a `ReportableError`.
///
/// - Parameters:
///   - allowsNotFinite: whether weights may be NaN or infinite.
///   - warnOfNotFinite: is told the tensors that have such values, where there are some.
public func evaluateModel(
  at path: String, data: String, split: String, rerankDepth: Int, allowsNotFinite: Bool = false, threads: Int,
  communicator: any Communicator, output: ProgressOutput, warnOfNotFinite: ([String]) -> Void = { _ in }
) throws -> EvaluationReport {
  let dataSet = try PreparedDataSet(path: data)
  let loaded = try LoadedModel(
    path: path, allowsNotFinite: allowsNotFinite, threads: threads, spins: communicator.size == 1)
  if communicator.rank == 0 { warnOfNotFinite(loaded.notFiniteTensors) }
  let progress = ProgressReporter(title: "evaluating", unit: "photo", total: nil, output: output)
  var subject = MeasuredModel(
    loaded.model, loaded.directory.tokenizer, loaded.directory.preprocessing, loaded.engine, communicator)
  (subject.workers, subject.rerankDepth) = (max(1, threads / 2), rerankDepth)
  let report = try withExtendedLifetime(loaded) {
    try TaskCatalogue.usual.measure(subject, on: dataSet, split: split) { done, total in
      progress.update(completed: done, of: total)
    }
  }
  progress.finish()
  return report
}
