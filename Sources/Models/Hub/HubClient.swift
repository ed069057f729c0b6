internal import Downloads
internal import Files
internal import Reporting

/// What the hub says of a file of a model.
struct RemoteFile: Equatable {
  var name: String
  /// The commit that the revision stands for.
  var commit: String
  /// The SHA-256 of a file in large file storage, git's SHA-1 of any other: 64 or 40 hexadecimal digits.
  var etag: String
  /// Bytes; nil where the hub does not say.
  var size: Int?
}

enum Lookup {
  case file(RemoteFile)
  /// No such file, at this commit where the hub says so much.
  case absent(commit: String?)
}

/// Asks a hub about files, and fetches them.
struct HubClient {
  let settings: HubSettings
  let http: HTTPClient
  let retries: RetryPolicy
  let output: ProgressOutput

  /// Looks a file up.
  ///
  /// - Parameter retries: of this call.
  /// - Throws: `HubError`, `DownloadError`.
  func look(up file: String, of name: HubName, at revision: String, retries: RetryPolicy) throws -> Lookup {
    let request = request(file, of: name, at: revision)
    output.witness?("looking up \(file) of \(name)")
    func ask() throws -> HTTPResponse {
      let response = try http.head(request)
      let error = DownloadError.status(url: request.url, status: response.status, retryAfter: response.retryAfter)
      if error.isTemporary { throw error }
      return response
    }
    let response = try retries.run(note: { note("\(name): \($0)", output) }, ask)
    switch response.status {
    case 200..<400: return .file(try remoteFile(file, response))
    case 404: return try lookup(missing: response, name, revision)
    case 401, 403: throw notPermitted(name)
    default: throw DownloadError.status(url: request.url, status: response.status, retryAfter: nil)
    }
  }

  /// Fetches a file that was looked up into the cache, unless its content is there.
  func fetch(_ file: RemoteFile, of name: HubName, into cache: HubCache) throws {
    let blob = cache.blob(file.etag)
    let download = Download(
      request(file.name, of: name, at: file.commit), to: blob, title: "\(name.repository) \(file.name)",
      size: file.size, digest: try digest(file), lockPath: cache.lock(file.etag))
    do {
      try Downloader(client: http, retries: retries, output: output).fetch(download)
    } catch DownloadError.status(_, 401, _), DownloadError.status(_, 403, _) {
      throw notPermitted(name)
    }
    let found = try treeSize(blob)
    if let size = file.size, size != found {
      throw HubError.damagedCache(path: blob, reason: "\(found) bytes, where the hub has \(size)")
    }
    try cache.link(file.name, at: file.commit, to: file.etag)
  }

  private func request(_ file: String, of name: HubName, at revision: String) -> HTTPRequest {
    let quoted = revision.map { $0 == "/" ? "%2F" : $0 == "+" ? "%2B" : String($0) }.joined()
    return HTTPRequest(
      url: "\(settings.endpoint)/\(name.repository)/resolve/\(quoted)/\(file)",
      authorization: settings.token.map { "Bearer " + $0 })
  }

  private func remoteFile(_ file: String, _ response: HTTPResponse) throws -> RemoteFile {
    guard let commit = response.header("X-Repo-Commit"), isCommit(commit) else {
      throw notAHub("no commit (X-Repo-Commit) for \(file)")
    }
    let etag = normalized(response.header("X-Linked-Etag") ?? response.header("ETag") ?? "")
    guard [40, 64].contains(etag.utf8.count), isHexadecimal(etag) else {
      throw notAHub("the ETag of \(file) is no hash that could be checked: \(etag)")
    }
    let linked = response.header("X-Linked-Size").flatMap { Int($0) }
    let size = linked ?? (response.redirect == nil ? response.contentLength : nil)
    guard size ?? 0 >= 0 else { throw notAHub("\(file) would have \(size ?? 0) bytes") }
    return RemoteFile(name: file, commit: commit, etag: etag, size: size)
  }

  private func lookup(missing response: HTTPResponse, _ name: HubName, _ revision: String) throws -> Lookup {
    switch response.header("X-Error-Code") {
    case "RepoNotFound": throw HubError.noRepository(name: name.repository, endpoint: settings.endpoint)
    case "RevisionNotFound": throw HubError.noRevision(name: name.repository, revision: revision)
    default: return .absent(commit: response.header("X-Repo-Commit").flatMap { isCommit($0) ? $0 : nil })
    }
  }

  private func digest(_ file: RemoteFile) throws -> ContentDigest {
    if file.etag.utf8.count == 64 { return .sha256(file.etag) }
    guard let size = file.size else { throw notAHub("no size for \(file.name)") }
    return .gitBlob(file.etag, size: size)
  }

  private func notPermitted(_ name: HubName) -> HubError {
    .notPermitted(name: name.description, endpoint: settings.endpoint, hasToken: settings.token != nil)
  }

  private func notAHub(_ reason: String) -> HubError { .notAHub(endpoint: settings.endpoint, reason: reason) }
}

/// An ETag without its quotes and without the mark of a weak one.
private func normalized(_ etag: String) -> String {
  let text = etag.hasPrefix("W/") ? etag.dropFirst(2) : etag[...]
  return String(text.filter { $0 != "\"" })
}

/// A line of its own among those of a command.
func note(_ text: String, _ output: ProgressOutput) {
  ProgressReporter(title: "", unit: "", total: nil, output: output).note(printable(text, limit: 1000))
}
