internal import Files
public import Reporting

/// Fetches files: each is there whole and checked, or not at all. What came of one that broke off is kept beside it, and
/// the next try, of this process or another, goes on from there.
public struct Downloader {
  private let client: HTTPClient
  private let retries: RetryPolicy
  private let output: ProgressOutput

  /// - Parameter output: where progress and warnings go.
  public init(client: HTTPClient, retries: RetryPolicy, output: ProgressOutput) {
    (self.client, self.retries, self.output) = (client, retries, output)
  }

  /// Fetches the file, unless it is there; waits where another process is at it.
  ///
  /// - Throws: `DownloadError`, `FileError`.
  public func fetch(_ download: Download) throws {
    if entryExists(download.target) { return }
    try makeDirectory(parentDirectory(of: download.target))
    let lock = try FileLock(download.lockPath) { isFirst in
      let words = "\(download.title): waiting for another process that fetches it (\(download.lockPath))"
      if isFirst { note(words, output) } else { output.witness?(words) }
    }
    try withExtendedLifetime(lock) {
      if entryExists(download.target) { return }
      let transfer = try Transfer(download, client: client, output: output)
      try retries.run(progress: { transfer.bytesReceived }, note: transfer.note, transfer.attempt)
      try transfer.finish()
    }
  }
}

/// A line of its own among those of a command.
func note(_ text: String, _ output: ProgressOutput) {
  ProgressReporter(title: "", unit: "", total: nil, output: output).note(printable(text, limit: 1000))
}
