internal import Downloads
internal import Files
internal import Reporting

/// A file of a data set as it is on this disk.
struct LocalFile {
  let file: SourceFile
  let path: String
  private let note: (String) -> Void

  init(_ file: SourceFile, in directory: String, note: @escaping (String) -> Void) {
    (self.file, self.note) = (file, note)
    path = directory + "/" + file.name
  }

  /// Where what came instead of it is kept.
  var rejectPath: String { path + ".bad" }
  /// Its SHA-256, as `sha256sum --check` reads it.
  var recordPath: String { path + ".sha256" }

  /// Whether it is here and what it must be. What is not is moved out of the way, so that it can be fetched.
  func isHere() throws -> Bool {
    guard fileExists(path) else { return false }
    note("\(file.name) is here (\(sizeInWords(try treeSize(path)))); checking it")
    guard let refusal = try refusal() else {
      try record()
      return true
    }
    try reject()
    note("\(path): \(refusal); it is kept as \(rejectPath): \(try kind(ofFile: rejectPath)); fetching it again")
    return false
  }

  /// Why it is not what it must be; nil where it is, as far as that is known.
  func refusal() throws -> String? {
    let size = try treeSize(path)
    if let expected = file.size, size != expected { return "\(size) bytes, \(expected) expected" }
    if let digest = file.digest {
      let found = try hash(ofFile: path, like: digest)
      return found == digest.digits ? nil : "the content hashes to \(found), \(digest.digits) expected"
    }
    let kind = try kind(ofFile: path)
    if let wanted = wantedKind(file.name), kind != wanted { return "\(kind), not \(wanted)" }
    if let recorded = try recorded(), recorded != (try sha256(ofFile: path)) {
      return "it has changed since it was fetched: its SHA-256 is no longer \(recorded)"
    }
    return nil
  }

  /// Moves it out of the way.
  func reject() throws {
    try moveFile(path, to: rejectPath)
    try removeTree(recordPath)
  }

  /// Keeps its SHA-256 beside it; says it where the manifest has none.
  func record() throws {
    let found = try file.sha256 ?? sha256(ofFile: path)
    let isNew = try recorded() != found
    if isNew { try writeAtomically("\(found)  \(file.name)\n".utf8, to: recordPath) }
    guard isNew, file.sha256 == nil else { return }
    let known =
      file.md5 == nil
      ? "the manifest has no digest of it, so what came is taken on trust" : "its MD5 is the one in the manifest"
    note("\(file.name): \(known). Its SHA-256, kept in \(recordPath): \(found)")
  }

  private func recorded() throws -> String? {
    guard fileExists(recordPath) else { return nil }
    let text = String(decoding: try readFile(recordPath, limit: 4096), as: UTF8.self)
    return text.split(separator: " ").first.map(String.init)
  }
}

/// The digest of a file's content, made as `like` was.
private func hash(ofFile path: String, like digest: ContentDigest) throws -> String {
  let file = try MappedFile(path)
  let hasher = ContentHasher(digest)
  withExtendedLifetime(file) { hasher.update(file.bytes) }
  return hasher.finish()
}

/// What a file looks like by its first bytes.
func kind(ofFile path: String) throws -> String {
  let file = try MappedFile(path)
  return withExtendedLifetime(file) { contentKind(file.bytes) }
}

/// What a file of this name begins with; nil where anything may be.
private func wantedKind(_ name: String) -> String? {
  let name = name.lowercased()
  if name.hasSuffix(".zip") { return "a zip archive" }
  if name.hasSuffix(".gz") || name.hasSuffix(".tgz") { return "a gzip file" }
  return name.hasSuffix(".json") ? "JSON" : nil
}
