internal import Batching
internal import Files
internal import Layers
internal import Models
internal import Pretrained
internal import Reporting
internal import Tasks

extension ModelDirectory {
  /// The task that the weights were trained for: that beside them, else what the model's own head was published for, else the usual. A run of
  /// ours says which task it was for, the usual by saying nothing.
  /// - Parameter answersFile: the answers of a head whose model names none.
  func task(answersFile: String? = nil) throws -> any Task {
    let known = try TaskCatalogue.task(ofModelIn: path)
    if hasTask {
      guard let answersFile else { return known }
      guard let choosing = try known.choosing(amongThoseOf: answersFile) else {
        throw AnswersFileError.named(path: path, file: answersFile)
      }
      return choosing
    }
    if answersFile != nil || !fileExists(path + "/DONE"),
      let task = try TaskCatalogue.published(description, answersFile: answersFile)
    {
      return task
    }
    if let answersFile { throw AnswersFileError.noHead(path: path, file: answersFile) }
    return known
  }

  /// Whether a file beside the weights says which task they are for.
  var hasTask: Bool { fileExists(path + "/" + TaskCatalogue.fileName) }

  /// The same for what is measured on a split: a model with other heads as well is measured by the head for which the split has data.
  func task(answersFile: String? = nil, measuredOn dataSet: PreparedDataSet, split: String) throws -> any Task {
    let task = try task(answersFile: answersFile)
    guard answersFile == nil, !hasTask, !task.objectives.isEmpty, description.tellsPairs
    else { return task }
    let found = try dataSet.columnCounts(split: split).filter { $0.samples > 0 }.map(\.column)
    return task.columnsOfEachSample.columns.allSatisfy(found.contains) ? task : TaskCatalogue.usual
  }
}

extension ModelDescription {
  /// Whether it says by itself what belongs together.
  fileprivate var tellsPairs: Bool {
    let model = make(ParameterBuilder())
    return model is any FeatureModel || model.matching != nil
  }
}

/// A list of answers for a model that has no use of it.
private enum AnswersFileError: ReportableError {
  case named(path: String, file: String)
  case noHead(path: String, file: String)

  var description: String {
    switch self {
    case .named(let path, let file):
      "\(printable(path)) knows its answers (\(TaskCatalogue.fileName)), and \(printable(file)) could only be another list; leave it out"
    case .noHead(let path, let file):
      "\(printable(path)) has no head for answers, so that \(printable(file)) means nothing to it; name a model that was trained to answer"
    }
  }
  var exitCode: ExitCode { .configuration }
}
