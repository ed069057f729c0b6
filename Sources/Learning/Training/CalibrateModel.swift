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
/// - Parameter isPublic: whether the split is nobody's secret: what a calibration takes from it, no ε of the weights covers.
/// - Throws: the errors of the rooms, each a `ReportableError`; `PrivateCalibrationError` for a model that was trained privately, and data of
///   which nobody says that they are public.
public func calibrateModel(
  at path: String, data: String, split: String, aim: Calibration.Aim, isPublic: Bool = false,
  allowsNotFinite: Bool = false, threads: Int,
  communicator: any Communicator, output: ProgressOutput, warnOfNotFinite: ([String]) -> Void = { _ in }
) throws -> Calibration {
  let dataSet = try PreparedDataSet(path: data)
  let directory = try ModelDirectory(path: path)
  try directory.requireSquares()
  if !isPublic, let told = try privacyTold(of: directory.path).first(where: { $0.key == "privacy.epsilon" }) {
    throw PrivateCalibrationError(path: path, epsilon: told.value, split: split)
  }
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

/// A model that was trained privately, and a calibration that would tell of somebody's data.
public struct PrivateCalibrationError: ReportableError {
  let path: String
  let epsilon: String
  let split: String

  public var description: String {
    "\(printable(path)) was trained with differential privacy (ε = \(printable(epsilon))), which covers the samples that it was trained on: "
      + "temperature and thresholds would tell of those of \(printable(split)), without any bound. Where these are public, say so with "
      + "--public-data"
  }
  public var exitCode: ExitCode { .configuration }
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
