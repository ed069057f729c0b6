internal import Batching
public import Collectives
public import Evaluation
internal import Layers
internal import Models
internal import Pretrained
public import Reporting
internal import TensorEngine

/// Measures a model on disk on a split of a prepared data set; collective.
/// - Throws: the errors of the rooms and `TrainingError`, each a `ReportableError`.
public func evaluateModel(
  at path: String, data: String, split: String, rerankDepth: Int, threads: Int, communicator: any Communicator,
  output: ProgressOutput
) throws -> EvaluationReport {
  let directory = try ModelDirectory(path: path)
  let dataSet = try PreparedDataSet(path: data)
  let engine = Engine(threadCount: threads, spins: communicator.size == 1)
  let builder = ParameterBuilder()
  let model = ImageTextModel(directory.description, builder)
  let arena = ParameterArena(builder)
  try directory.loadWeights(into: arena, threads: engine.threads)
  let progress = ProgressReporter(title: "evaluating", unit: "photo", total: nil, output: output)
  var evaluator = ModelEvaluator(
    model: model, tokenizer: directory.tokenizer, preprocessing: directory.preprocessing, engine: engine,
    communicator: communicator, workers: max(1, threads / 2))
  evaluator.rerankDepth = rerankDepth
  let report = try withExtendedLifetime(arena) {
    try evaluator(dataSet, split: split) { done, total in progress.update(completed: done, of: total) }
  }
  progress.finish()
  return report
}
