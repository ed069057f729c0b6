internal import Files
internal import Reporting

/// One file on its way, over as many tries as it takes.
final class Transfer {
  private let download: Download
  private let client: HTTPClient
  private let partial: PartialFile
  private let progress: DownloadProgress
  private var hasher: ContentHasher?
  /// The strong ETag under which the server gave the bytes of `partial`.
  private var validator: String?
  /// Bytes of the whole file, as far as anybody has said.
  private var size: Int?
  /// Whether the bytes of `partial` came in one answer of this process.
  private var isOfOnePiece = false
  private var hasBeenDoubted = false
  /// The encoding, other than none, that the server calls its content's.
  private var encoding: String?
  private(set) var bytesReceived = 0

  init(_ download: Download, client: HTTPClient, output: ProgressOutput) throws {
    (self.download, self.client, size) = (download, client, download.size)
    partial = try PartialFile(download.partialPath)
    validator = readValidator(download.validatorPath, of: download.source.url)
    hasher = download.digest.map(ContentHasher.init)
    progress = DownloadProgress(download.title, output: output)
    if let hasher { try partial.forEachPart(hasher.update) }
  }

  func note(_ text: String) { progress.note("\(download.title): \(text)") }

  /// Fetches what is missing.
  ///
  /// - Throws: a temporary `DownloadError` where it is worth another call.
  func attempt() throws {
    let canTellTheRest = validator != nil || download.digest != nil
    if !canTellTheRest || partial.count > size ?? .max { try startAfresh() }
    if let size, partial.count == size, size > 0, try isGood() { return }
    var isBegun = false
    var reject = Reject(path: download.rejectPath)
    let offset = partial.count
    let response = try client.get(rangeRequest(from: offset)) { response, bytes in
      if reject.isCollecting { return try reject.collect(bytes) }
      if !isBegun {
        do {
          try begin(response, offset: offset, with: bytes)
        } catch let error as DownloadError where reject.takes(error) {
          return try reject.collect(bytes)
        }
        isBegun = true
      }
      try receive(bytes, from: response.url)
    }
    try reject.finish()
    if !isBegun { try begin(response, offset: offset, with: UnsafeRawBufferPointer(start: nil, count: 0)) }
    if let size, partial.count < size {
      throw DownloadError.connection(url: response.url, reason: "it ended after \(partial.count) of \(size) bytes")
    }
    if try !isGood() { throw DownloadError.changed(url: response.url) }
  }

  /// Gives the file its name.
  func finish() throws {
    try partial.commit(to: download.target)
    try removeTree(download.validatorPath)
    progress.finish(bytes: partial.count)
  }

  private func rangeRequest(from offset: Int) -> HTTPRequest {
    var request = download.source
    guard offset > 0 else { return request }
    request.headers.append((name: "Range", value: "bytes=\(offset)-"))
    if let validator { request.headers.append((name: "If-Range", value: validator)) }
    return request
  }

  /// Looks at the head of the answer before any of its content is taken.
  private func begin(_ response: HTTPResponse, offset: Int, with bytes: UnsafeRawBufferPointer) throws {
    try requireFile(response)
    if download.rejectPath != nil, offset == 0 || response.status == 200, isWebPage(bytes) {
      throw DownloadError.html(url: response.url)
    }
    if response.status == 206 {
      try requireContinuation(response, offset: offset)
    } else {
      if partial.count > 0 { try startAfresh() }
      try keepValidator(response.strongETag)
    }
    isOfOnePiece = response.status == 200
    try learnSize(response)
    if let size { try requireSpace(for: size - partial.count) }
    progress.begin(at: partial.count, of: size)
  }

  private func requireFile(_ response: HTTPResponse) throws {
    if response.status == 416 {  // the file is shorter than what is there of it
      try startAfresh()
      throw DownloadError.changed(url: response.url)
    }
    guard response.status == 200 || response.status == 206 else {
      throw DownloadError.status(url: response.url, status: response.status, retryAfter: response.retryAfter)
    }
    if response.isHTML { throw DownloadError.html(url: response.url) }
    try requireContentAsItIs(response)
  }

  /// Identity was asked for. Servers that call a .gz file's own form its encoding send the file all the same, and servers
  /// that did encode it send something else: only a digest tells one from the other, so it decides where there is one.
  private func requireContentAsItIs(_ response: HTTPResponse) throws {
    encoding = response.header("Content-Encoding").flatMap { $0.lowercased() == "identity" ? nil : $0 }
    guard let encoding, download.digest == nil else { return }
    throw DownloadError.badAnswer(
      url: response.url,
      reason: "sent with the encoding \(encoding), and no digest is known that could tell whether that is the file's "
        + "own form; give its sha256, or fetch it by hand")
  }

  /// That the rest is of the same file, and begins where ours ends.
  private func requireContinuation(_ response: HTTPResponse, offset: Int) throws {
    guard offset > 0, let range = response.contentRange else {
      throw DownloadError.badAnswer(url: response.url, reason: "a part came (status 206) where the whole was asked for")
    }
    let isSameFile = validator == nil || response.strongETag == nil || response.strongETag == validator
    guard isSameFile, range.first == offset, size == nil || range.total == nil || range.total == size else {
      try startAfresh()
      throw DownloadError.changed(url: response.url)
    }
  }

  private func learnSize(_ response: HTTPResponse) throws {
    guard let rest = response.contentLength else { return }
    let (whole, overflows) = partial.count.addingReportingOverflow(rest)
    guard !overflows, rest >= 0, download.size == nil || download.size == whole else {
      throw DownloadError.wrongSize(url: response.url, expected: download.size ?? 0, found: whole)
    }
    size = whole
  }

  private func requireSpace(for bytes: Int) throws {
    let directory = parentDirectory(of: download.target)
    let available = try freeSpace(in: directory)
    guard bytes <= available else {
      throw DownloadError.noSpace(path: directory, needed: bytes, available: available)
    }
  }

  private func keepValidator(_ etag: String?) throws {
    guard etag != validator else { return }
    validator = etag
    if let etag {
      try writeAtomically("\(etag)\n\(download.source.url)\n".utf8, to: download.validatorPath)
    } else {
      try removeTree(download.validatorPath)
    }
  }

  private func receive(_ bytes: UnsafeRawBufferPointer, from url: String) throws {
    if let size, partial.count + bytes.count > size {
      let found = partial.count + bytes.count
      try discard()
      throw DownloadError.wrongSize(url: url, expected: size, found: found)
    }
    try partial.append(bytes)
    hasher?.update(bytes)
    bytesReceived += bytes.count
    progress.update(bytes: partial.count)
  }

  /// Compares the hash of what is there. Where it is wrong, all is forgotten; one that was pieced together gets another
  /// chance, as the pieces may be of different files.
  private func isGood() throws -> Bool {
    guard let digest = download.digest, let found = hasher?.finish(), found != digest.digits else { return true }
    let mayBeMixed = !isOfOnePiece && !hasBeenDoubted
    hasBeenDoubted = true
    if mayBeMixed {
      try startAfresh()
      return false
    }
    try discard()
    throw DownloadError.wrongDigest(
      url: download.source.url, expected: digest.digits, found: found, encoding: encoding)
  }

  /// Puts what is there out of the way of every later try.
  private func discard() throws {
    try removeTree(download.validatorPath)
    if let path = download.rejectPath {
      try moveFile(download.partialPath, to: path)
    } else {
      try removeTree(download.partialPath)
    }
  }

  private func startAfresh() throws {
    try removeTree(download.validatorPath)
    validator = nil
    if partial.count > 0 { try partial.clear() }
    size = download.size
    isOfOnePiece = false
    hasher = download.digest.map(ContentHasher.init)
  }
}

/// The ETag that an earlier try left; nil where there is none that could be sent, or another server gave it.
private func readValidator(_ path: String, of url: String) -> String? {
  guard fileExists(path), let bytes = try? readFile(path, limit: 1 << 16) else { return nil }
  let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n").map(String.init)
  guard let etag = lines.first, lines.count < 2 || lines[1] == url else { return nil }
  return strong(etag)
}

/// A validator that stands for every byte: quoted, and not marked as weak (RFC 9110, 8.8.1).
private func strong(_ etag: String?) -> String? {
  guard let etag, etag.count >= 2, etag.hasPrefix("\""), etag.hasSuffix("\"") else { return nil }
  return etag.utf8.allSatisfy { $0 > 32 && $0 < 127 } && etag.utf8.count <= 1024 ? etag : nil
}

extension HTTPResponse {
  fileprivate var strongETag: String? { strong(header("ETag")) }
}
