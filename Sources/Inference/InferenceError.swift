public import Reporting

/// What can go wrong with what a model is asked to look at.
public enum InferenceError: ReportableError {
  case badPhoto(name: String, problem: any ReportableError)
  case noSoundPhoto(first: PhotoProblem?)
  /// A line that is no UTF-8, holds a NUL byte or is too long; counted from 1.
  case notText(path: String, line: Int)
  case noTexts(path: String)

  public var description: String {
    switch self {
    case .badPhoto(let name, let problem):
      "\(problem)".hasPrefix(printable(name)) ? "\(problem)" : "\(printable(name)): \(problem)"
    case .noSoundPhoto(let first):
      "no photo could be read" + (first.map { "; the first: \(printable($0.name)): \($0.reason)" } ?? "")
    case .notText(let path, let line):
      "\(printable(path)):\(line): no line of UTF-8 text; save the file as UTF-8 with one text a line"
    case .noTexts(let path):
      "\(printable(path)): no text in it; write one text a line"
    }
  }

  public var exitCode: ExitCode {
    switch self {
    case .badPhoto(_, let problem): problem.exitCode
    case .noSoundPhoto, .notText, .noTexts: .badData
    }
  }
}
