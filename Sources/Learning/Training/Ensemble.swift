internal import Inference
internal import Models
package import Pretrained
public import Reporting
package import Tasks

/// Refuses models that nothing can be told by together; one alone is always well.
/// - Throws: `EnsembleError`.
package func requireMean(of models: [(directory: ModelDirectory, task: any Task)]) throws(EnsembleError) {
  guard models.count > 1, let first = models.first else { return }
  for (directory, task) in models where task.objectives.isEmpty { throw .noTask(path: directory.path) }
  for (directory, task) in models.dropFirst() {
    if let reason = obstacle(first.task, task) {
      throw .noMean(first: first.directory.path, second: directory.path, reason: reason)
    }
  }
}

private func obstacle<Kind: Task>(_ task: Kind, _ other: any Task) -> String? {
  guard let same = other as? Kind else {
    return "one was trained for \(Kind.name), the other for \(type(of: other).name)"
  }
  return task.obstacleToMean(with: same)
}

/// Refuses the same weights twice: they say the same, and their mean is what one says.
/// - Throws: `EnsembleError`.
func requireDifferentWeights(_ models: [LoadedModel]) throws {
  guard models.count > 1 else { return }
  let prints = try models.map { try $0.stamp(name: "").fingerprint }
  for second in prints.indices {
    if let first = prints[..<second].firstIndex(of: prints[second]) {
      throw EnsembleError.sameWeights(first: models[first].directory.path, second: models[second].directory.path)
    }
  }
}

/// Why several models are no ensemble.
public enum EnsembleError: ReportableError {
  case noTask(path: String)
  case noMean(first: String, second: String, reason: String)
  case sameWeights(first: String, second: String)
  /// What is asked for of one model alone.
  case oneAlone(what: String)

  public var description: String {
    switch self {
    case .noTask(let path):
      "\(printable(path)) has no task whose predictions have a mean (classes or answers); name it alone"
    case .noMean(let first, let second, let reason):
      "\(printable(first)) and \(printable(second)) tell nothing together: \(reason); name models that were trained for the same, or one"
    case .sameWeights(let first, let second):
      "\(printable(first)) and \(printable(second)) have the same weights, and their mean is what one says: the ranks of a run and its links "
        + "are no ensemble; name runs with other seeds"
    case .oneAlone(let what): "\(what) is told of one model; name one"
    }
  }

  public var exitCode: ExitCode { .configuration }
}
