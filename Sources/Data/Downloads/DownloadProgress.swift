internal import Reporting

/// Tells how far a file is, in megabytes; of a file of less than one, nothing.
final class DownloadProgress {
  private let title: String
  private let output: ProgressOutput
  private var reporter: ProgressReporter?
  private let megabyte = 1_000_000

  init(_ title: String, output: ProgressOutput) {
    (self.title, self.output) = (title, output)
  }

  func note(_ text: String) {
    if let reporter { reporter.note(printable(text, limit: 1000)) } else { Downloads.note(text, output) }
  }

  /// The rate counts from here.
  func begin(at bytes: Int, of size: Int?) {
    guard reporter == nil, size.map({ $0 >= megabyte }) ?? true else { return }
    reporter = ProgressReporter(
      title: title, unit: "megabyte", total: size.map { $0 / megabyte }, completed: bytes / megabyte, output: output)
  }

  func update(bytes: Int) {
    output.witness?("\(title), byte \(bytes)")
    reporter?.update(completed: bytes / megabyte)
  }

  func finish(bytes: Int) {
    update(bytes: bytes)
    reporter?.finish()
  }
}
