internal import Files

/// One model's part of the cache, in the layout of huggingface_hub, which reads and writes the same files:
///
///     models--owner--name/
///       blobs/ETAG                     the content, by its hash
///       snapshots/COMMIT/config.json   a link to ../../blobs/ETAG
///       refs/main                      the commit that the branch pointed to
///       .no_exist/COMMIT/vocab.txt     what that commit does not have
///     .locks/models--owner--name/ETAG.lock
struct HubCache {
  let root: String
  private let folder: String

  init(_ root: String, _ name: HubName) {
    self.root = root
    folder = "models--\(name.owner)--\(name.name)"
  }

  private var directory: String { root + "/" + folder }
  func snapshot(_ commit: String) -> String { directory + "/snapshots/" + commit }
  func blob(_ etag: String) -> String { directory + "/blobs/" + etag }
  func lock(_ etag: String) -> String { root + "/.locks/" + folder + "/" + etag + ".lock" }

  /// The commit that a branch or tag pointed to when it was last looked up.
  func commit(of revision: String) -> String? {
    let path = directory + "/refs/" + revision
    guard fileExists(path), !isDirectory(path), let bytes = try? readFile(path, limit: 256) else { return nil }
    let text = String(decoding: bytes, as: UTF8.self).filter { !$0.isWhitespace }
    return isCommit(text) ? text : nil
  }

  /// Notes what a branch or tag points to.
  func setCommit(_ commit: String, of revision: String) throws {
    guard revision != commit, self.commit(of: revision) != commit else { return }
    let path = directory + "/refs/" + revision
    try makeDirectory(parentDirectory(of: path))
    try writeAtomically(commit.utf8, to: path)
  }

  /// Whether a commit's file is here, is known not to exist, or is not known.
  func state(of file: String, at commit: String) -> CachedState {
    if fileExists(snapshot(commit) + "/" + file) { return .here }
    return entryExists(absence(of: file, at: commit)) ? .absent : .unknown
  }

  /// Notes that a commit has no such file; where that cannot be written, as in a cache that is only to be read, it is
  /// asked again the next time.
  func setAbsent(_ file: String, at commit: String) {
    let path = absence(of: file, at: commit)
    if entryExists(path) { return }
    try? makeDirectory(parentDirectory(of: path))
    try? writeAtomically([], to: path)
  }

  /// Gives a blob the name that it has in a commit.
  func link(_ file: String, at commit: String, to etag: String) throws {
    try makeDirectory(snapshot(commit))
    try replaceLink(snapshot(commit) + "/" + file, target: "../../blobs/" + etag)
  }

  private func absence(of file: String, at commit: String) -> String {
    directory + "/.no_exist/" + commit + "/" + file
  }
}

/// What the cache knows about a file of a commit.
enum CachedState {
  case here, absent, unknown
}

/// Git's full name of a commit.
func isCommit(_ text: String) -> Bool { text.utf8.count == 40 && isHexadecimal(text) }

/// Lower-case digits only.
func isHexadecimal(_ text: String) -> Bool {
  text.utf8.allSatisfy { (48...57).contains($0) || (97...102).contains($0) }
}
