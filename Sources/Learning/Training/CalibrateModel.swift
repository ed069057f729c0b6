internal import Batching
public import Calibration
public import Collectives
internal import Evaluation
internal import Files
internal import Pretrained
public import Reporting
internal import Tasks

/// Calibrates a model on disk on a split of a prepared data set, by what its task says of the classes of its samples, and keeps that beside
/// the weights; collective. All ranks get the same, and rank 0 writes.
/// - Throws: the errors of the rooms, each a `ReportableError`.
public func calibrateModel(
  at path: String, data: String, split: String, aim: Calibration.Aim, allowsNotFinite: Bool = false, threads: Int,
  communicator: any Communicator, output: ProgressOutput, warnOfNotFinite: ([String]) -> Void = { _ in }
) throws -> Calibration {
  let dataSet = try PreparedDataSet(path: data)
  let directory = try ModelDirectory(path: path)
  try directory.requireSquares()
  let predictions = try askClasses(
    in: directory, TaskCatalogue.task(ofModelIn: directory.path), on: dataSet, split: split,
    allowsNotFinite: allowsNotFinite, threads: threads, communicator: communicator, output: output,
    warnOfNotFinite: warnOfNotFinite)
  let samples = try dataSet.samples(split: split).map { "\($0.key) \($0.imageIdentity)\n" }
  let lines = samples + predictions.targets.map { "\($0)\n" }
  let calibration = try Calibration(
    predictions,
    from: Calibration.Source(
      weights: try Calibration.weightsHash(ofModelIn: directory.path),
      calibrationSet: sha256(Array(lines.joined().utf8)),
      dataSet: data, split: split), aim: aim)
  if communicator.rank == 0 { try calibration.write(intoModelIn: directory.path) }
  return calibration
}

/// What a model on disk says of the classes of a split; collective.
/// - Throws: `NoClassesError` where its task tells none.
private func askClasses(
  in directory: ModelDirectory, _ task: any Task, on dataSet: PreparedDataSet, split: String, allowsNotFinite: Bool,
  threads: Int, communicator: any Communicator, output: ProgressOutput, warnOfNotFinite: ([String]) -> Void
) throws -> ClassPredictions {
  let progress = ProgressReporter(title: "asking", unit: "sample", total: nil, output: output)
  let predictions = try withMeasuredModel(
    in: directory, task, allowsNotFinite: allowsNotFinite, threads: threads, communicator: communicator,
    warnOfNotFinite: warnOfNotFinite
  ) { subject in
    try task.classPredictions(subject, on: dataSet, split: split) { progress.update(completed: $0, of: $1) }
  }
  progress.finish()
  guard let predictions else { throw NoClassesError(path: directory.path, task: type(of: task).name) }
  return predictions
}

/// A model whose task tells no classes.
public struct NoClassesError: ReportableError {
  let path: String
  let task: String

  public var description: String {
    "\(printable(path)) was trained for \(task), which tells neither classes nor answers; give a model that was trained to tell some"
  }
  public var exitCode: ExitCode { .configuration }
}
