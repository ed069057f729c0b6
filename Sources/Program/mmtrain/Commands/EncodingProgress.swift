internal import Batching
internal import Files
internal import Launching
internal import Reporting

/// Shows how far the encoding of photos or clips, then of texts is: of rank 0's share, which is about as large as the others'.
final class EncodingProgress {
  private let output: ProgressOutput
  private let kind: MediaKind
  private var current: (title: String, reporter: ProgressReporter)?

  init(_ isRoot: Bool, _ kind: MediaKind) {
    self.kind = kind
    output = isRoot ? .standardError(environment: environmentVariable) : .silent
  }

  func photos(_ done: Int, _ total: Int) { show("encoding \(kind.word)s", kind.word, done, total) }
  func texts(_ done: Int, _ total: Int) { show("encoding texts", "text", done, total) }

  func finish() {
    current?.reporter.finish()
    current = nil
  }

  private func show(_ title: String, _ unit: String, _ done: Int, _ total: Int) {
    if current?.title != title {
      finish()
      current = (title, ProgressReporter(title: title, unit: unit, total: total, output: output))
    }
    current?.reporter.update(completed: done, of: total)
  }
}

/// Finds out before the work whether a file can be written in its place after it.
func requireWritableFile(_ path: String) throws {
  try requireWritable(parentDirectory(of: path))
  if isDirectory(path) { throw OutputError.isDirectory(path: path) }
}

/// Why an output cannot be written where it was wanted.
enum OutputError: ReportableError {
  case isDirectory(path: String)

  var description: String {
    switch self {
    case .isDirectory(let path): "\(printable(path)) is a directory; name a file in it"
    }
  }

  var exitCode: ExitCode { .cannotCreateOutput }
}
