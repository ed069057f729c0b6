internal import Downloads
internal import Files
internal import Glibc
internal import Reporting

/// One file, from the first of its addresses that gives it.
struct MirrorFetch {
  private let file: SourceFile
  private let title: String
  private let fetch: SourceFetch
  private let local: LocalFile

  init(_ file: SourceFile, title: String, fetch: SourceFetch) {
    (self.file, self.title, self.fetch) = (file, title, fetch)
    local = LocalFile(file, in: fetch.directory, note: fetch.note)
  }

  func run() throws {
    var failures: [(reason: String, code: ExitCode)] = []
    for (place, url) in file.urls.enumerated() {
      let isLast = place == file.urls.count - 1
      let before = identity(of: local.rejectPath)
      do {
        try fetchFile(from: url, isLast: isLast)
        if let refusal = try local.refusal() {
          try local.reject()
          throw DownloadError.badAnswer(url: url, reason: refusal)
        }
        return try local.record()
      } catch let error as DownloadError where !error.isAboutTheDisk {
        let reason = error.happening + (try keptReject(since: before))
        failures.append((reason, error.exitCode))
        if !isLast { fetch.note("\(reason); trying the next address") }
      }
    }
    throw CatalogueError.notFetched(
      file: file.name, reasons: failures.map(\.reason), code: code(of: failures.map(\.code)))
  }

  private func fetchFile(from url: String, isLast: Bool) throws {
    var download = Download(
      HTTPRequest(url: url), to: local.path, title: title, size: file.size, digest: file.digest,
      lockPath: fetch.directory + "/.\(file.name).lock")
    download.rejectPath = local.rejectPath
    var retries = fetch.retries
    if !isLast { retries.fruitlessTries = min(retries.fruitlessTries, 3) }  // the next address may be better
    try Downloader(client: fetch.client, retries: retries, output: fetch.output).fetch(download)
  }

  /// What is kept of what came, as the end of a sentence; nothing where that is of an earlier time.
  private func keptReject(since before: UInt?) throws -> String {
    guard let now = identity(of: local.rejectPath), now != before else { return "" }
    return "; what came is kept as \(local.rejectPath): \(try kind(ofFile: local.rejectPath))"
  }

  /// That of all addresses where they agree; else the network's, as another try may do better, before that of bad data.
  private func code(of codes: [ExitCode]) -> ExitCode {
    for code in [ExitCode.network, .badData] where codes.contains(code) { return code }
    return codes.first ?? .network
  }
}

/// By which a file is told from one that had its name before; nil where there is none.
private func identity(of path: String) -> UInt? {
  var status = stat()
  return lstat(path, &status) == 0 ? status.st_ino : nil
}

extension SourceFile {
  /// By which it is known for what it is; nil where nobody has published one.
  var digest: ContentDigest? { sha256.map { .sha256($0) } ?? md5.map { .md5($0) } }
}

extension DownloadError {
  fileprivate var isAboutTheDisk: Bool {
    if case .noSpace = self { true } else { false }
  }
}
