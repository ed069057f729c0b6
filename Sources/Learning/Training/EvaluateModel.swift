package import Batching
public import Collectives
public import Evaluation
internal import Inference
internal import Layers
public import Models
internal import Objectives
package import Pretrained
public import Reporting
package import Tasks

/// How models are measured.
public struct EvaluationRequest: Sendable {
  /// Several are measured together, by the mean of their probabilities.
  public var paths: [String]
  /// A file with the answers of a head whose model names none, one a line.
  public var answersFile: String?
  /// How many of the best candidates a matching head puts in order; 0 leaves the features' order.
  public var rerankDepth = 0
  /// Most pairs that a matching head scores for retrieval, where the model has no features.
  public var matchedPairs = 100_000
  /// A model by whose features captions that are written are scored (its path, and what it is called); nil where nobody asks.
  public var judge: (path: String, name: String)?
  /// What is taken away from every sample, of what the task says that samples may lack.
  public var without: [Modality] = []
  /// Whether weights may be NaN or infinite.
  public var allowsNotFinite = false
  /// How texts are to be written.
  public var writing = WritingRequest()
  /// Whether a model that writes none is refused.
  public var needsTexts = false
  /// How many samples of the split, or searches in it, the report keeps to be shown on a page.
  public var shown = 0
  public var threads: Int
  /// Is told what is not as somebody may think, and goes on.
  public var warn: @Sendable (String) -> Void = { _ in }

  public init(_ paths: [String], threads: Int) { (self.paths, self.threads) = (paths, threads) }
}

/// Measures a model on disk on a split of a prepared data set, or several together, as the task does that the weights were trained for;
/// collective.
/// - Throws: the errors of the rooms, each a `ReportableError`.
///
/// - Parameter warnOfNotFinite: is told the tensors that have such values, where there are some.
public func evaluateModel(
  _ request: EvaluationRequest, data: String, split: String, communicator: any Communicator, output: ProgressOutput,
  warnOfNotFinite: ([String]) -> Void = { _ in }
) throws -> any TaskReport {
  let dataSet = try PreparedDataSet(path: data)
  let models = try request.paths.map { path in
    let directory = try ModelDirectory(path: path)
    return (
      directory: directory,
      task: try directory.task(answersFile: request.answersFile, measuredOn: dataSet, split: split)
    )
  }
  return try evaluateModel(
    models, on: dataSet, split: split, request, communicator: communicator, output: output,
    warnOfNotFinite: warnOfNotFinite)
}

/// The same of one model.
public func evaluateModel(
  at path: String, data: String, split: String, rerankDepth: Int, threads: Int, communicator: any Communicator,
  output: ProgressOutput
) throws -> any TaskReport {
  var request = EvaluationRequest([path], threads: threads)
  request.rerankDepth = rerankDepth
  return try evaluateModel(request, data: data, split: split, communicator: communicator, output: output)
}

/// The same for a task that is known.
package func evaluateModel(
  in directory: ModelDirectory, _ task: any Task, on dataSet: PreparedDataSet, split: String, rerankDepth: Int = 0,
  threads: Int, communicator: any Communicator, output: ProgressOutput
) throws -> any TaskReport {
  var request = EvaluationRequest([directory.path], threads: threads)
  request.rerankDepth = rerankDepth
  return try evaluateModel(
    [(directory, task)], on: dataSet, split: split, request, communicator: communicator, output: output)
}

private func evaluateModel(
  _ models: [(directory: ModelDirectory, task: any Task)], on dataSet: PreparedDataSet, split: String,
  _ request: EvaluationRequest, communicator: any Communicator, output: ProgressOutput,
  warnOfNotFinite: ([String]) -> Void = { _ in }
) throws -> any TaskReport {
  let judge = try request.judge.map { judge in
    try requireWriting(models[0].directory, models[0].task)
    return try FeatureJudge(
      path: judge.path, name: judge.name, allowsNotFinite: request.allowsNotFinite, threads: request.threads,
      spins: communicator.size == 1, warn: request.warn)
  }
  let progress = ProgressReporter(
    title: "evaluating", unit: models[0].directory.description.images.modality.segmentName, total: nil, output: output)
  let report = try withMeasuredModels(models, request, communicator, warnOfNotFinite) { unjudged in
    let subjects = unjudged.map { subject in
      var subject = subject
      subject.judge = judge
      return subject
    }
    return try measured(models[0].task, subjects, dataSet, split) { progress.update(completed: $0, of: $1) }
  }
  progress.finish()
  return report
}

private func measured<Kind: Task>(
  _ task: Kind, _ subjects: [MeasuredModel], _ dataSet: PreparedDataSet, _ split: String,
  _ progress: (_ done: Int, _ total: Int) -> Void
) throws -> any TaskReport {
  try task.measure(together: subjects, on: dataSet, split: split, progress: progress)
}

/// Lends models on disk with what their task has put on them, ready to be measured thoroughly.
func withMeasuredModels<Result>(
  _ models: [(directory: ModelDirectory, task: any Task)], _ request: EvaluationRequest,
  _ communicator: any Communicator, _ warnOfNotFinite: ([String]) -> Void, _ body: ([MeasuredModel]) throws -> Result
) throws -> Result {
  try requireMean(of: models)
  var (loaded, subjects): ([LoadedModel], [MeasuredModel]) = ([], [])
  for (directory, task) in models {
    // Tasks without a head of their own make chunks themselves, of squares.
    if task.objectives.isEmpty { try directory.requireSquares() }
    var head: (any TaskHead)?
    let model = try LoadedModel(
      directory, allowsNotFinite: request.allowsNotFinite, threads: request.threads, spins: communicator.size == 1
    ) { head = try task.makeHead(on: $0, $1[taskHeadPrefix]) }
    if request.writing.isAsked || request.needsTexts {
      let predictor = task.predictor(head, directory.tokenizer)
      let writer = try requireWriting(predictor, request.writing, path: directory.path, task)
      if request.needsTexts, !writer.isKept {
        throw WritingError.noPage(path: directory.path, task: type(of: task).name)
      }
    }
    try requireTokens(for: request.without, task, directory.path)
    if communicator.rank == 0 { warnOfNotFinite(model.notFiniteTensors) }
    var subject = MeasuredModel(
      model.model, directory.tokenizer, directory.preprocessing, clips: directory.clips, model.engine, communicator)
    (subject.head, subject.shaped, subject.workers) = (head, directory.shaped, max(1, request.threads / 2))
    (subject.rerankDepth, subject.matchedPairs) = (request.rerankDepth, request.matchedPairs)
    (subject.isThorough, subject.writing, subject.without) = (true, request.writing, request.without)
    subject.shown = request.shown
    loaded.append(model)
    subjects.append(subject)
  }
  try requireDifferentWeights(loaded)
  return try withExtendedLifetime(loaded) { try body(subjects) }
}

/// Refuses to take away what nothing was learnt in the place of, or all that there is.
private func requireTokens(for modalities: [Modality], _ task: any Task, _ path: String) throws {
  guard !modalities.isEmpty else { return }
  let can = task.modalities.count > 1 ? task.lacking : []
  guard modalities.allSatisfy(can.contains), !task.modalities.allSatisfy(modalities.contains) else {
    throw WithoutError(path: path, asked: modalities.map(\.rawValue), can: can.map(\.rawValue))
  }
}

/// What cannot be taken away from a model's samples.
struct WithoutError: ReportableError {
  let path: String
  let asked: [String]
  let can: [String]

  var description: String {
    let words = "\(printable(path)): nobody can say what it tells without \(asked.joined(separator: " and ")): "
    return words
      + (can.isEmpty
        ? "it has learnt from samples that have all; train on a set in which some lack it, or with balance.method: dropout"
        : "it has learnt what to make of samples without \(can.joined(separator: " or without ")), and something must be left")
  }
  var exitCode: ExitCode { .configuration }
}

/// Refuses to score captions of a model that writes none.
private func requireWriting(_ directory: ModelDirectory, _ task: any Task) throws {
  guard task.objectives.contains(where: { $0.needs.contains(.textDecoder) }) else {
    throw NoCaptionsError(path: directory.path, task: type(of: task).name)
  }
}

/// A model of a task in which no captions are written.
struct NoCaptionsError: ReportableError {
  let path: String
  let task: String

  var description: String {
    "\(printable(path)) was trained for \(task) and writes no captions that --clip-score would score; leave the option out, or name a captioner"
  }
  var exitCode: ExitCode { .configuration }
}

/// The same of one model.
package func withMeasuredModel<Result>(
  in directory: ModelDirectory, _ task: any Task, matchedPairs: Int = 100_000, allowsNotFinite: Bool = false,
  threads: Int, communicator: any Communicator, warnOfNotFinite: ([String]) -> Void = { _ in },
  _ body: (MeasuredModel) throws -> Result
) throws -> Result {
  var request = EvaluationRequest([directory.path], threads: threads)
  (request.matchedPairs, request.allowsNotFinite) = (matchedPairs, allowsNotFinite)
  return try withMeasuredModels([(directory, task)], request, communicator, warnOfNotFinite) { try body($0[0]) }
}
