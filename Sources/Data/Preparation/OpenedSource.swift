internal import Archives
internal import Files

/// A request's source, opened: the files of an archive or a folder, or of several of them as one.
struct OpenedSource {
  let files: any FileSource
  /// As the request gives it; of several, all with commas between.
  let path: String
  /// Base name of the archive or folder; of several, all of them with commas between.
  let name: String
  /// What the set is called where nobody says.
  let stem: String
  /// SHA-256 of the archive, and nil for a folder; of several, one after the other in the order of `name`, with a hyphen
  /// for each folder.
  let digest: String?

  init(
    _ request: PreparationRequest, _ unpacking: UnpackingDirectory, progress: (PreparationProgress) -> Void
  ) throws {
    let limits = ArchiveLimits(expectedBytes: request.expectedBytes)
    func open(_ path: String, takesFiles: Bool = false) throws -> any FileSource {
      try openSource(
        path, takesFiles: takesFiles, limits: limits, encoding: request.nameEncoding, unpacking: unpacking
      ) { done, total in
        progress(PreparationProgress(stage: .unpacking, done: megabytes(done), total: megabytes(total)))
      }
    }
    let paths: [String]
    switch request.source {
    case .archive(let path) where !isDirectory(path):
      paths = [path]
      digest = try OpenedSource.digest(path, expected: request.expectedDigest)
      files = try open(path)
    case .archive(let path), .folder(let path):
      (paths, digest) = ([path], nil)
      files = try FolderSource(path: path)
    case .archives(let parts):
      paths = parts
      let digests = try parts.map { isDirectory($0) ? "-" : try sha256(ofFile: $0) }
      digest = digests.allSatisfy { $0 == "-" } ? nil : digests.joined(separator: ", ")
      files = try JoinedSource(parts.map { ($0, try open($0, takesFiles: true)) })
    }
    path = paths.joined(separator: ", ")
    name = paths.map { lastComponent(of: $0) }.joined(separator: ", ")
    stem = paths.first.map { withoutArchiveExtension(nameOf($0)) } ?? "nothing"
  }

  /// What was decided about the source, and what of it could not be taken.
  var words: [String] { files.notes + files.leftOut.map { "\($0.name): \($0.reason)" } }

  private static func digest(_ path: String, expected: String?) throws -> String {
    let found = try sha256(ofFile: path)
    if let expected = expected?.lowercased(), expected != found {
      throw PreparationError.notTheExpectedArchive(path: path, expected: expected, found: found)
    }
    return found
  }
}

/// Begun ones counted.
private func megabytes(_ bytes: Int) -> Int { (bytes + 999_999) / 1_000_000 }

/// What a path is called; the folder that one is in has a name as well.
private func nameOf(_ path: String) -> String {
  let name = lastComponent(of: path)
  return name == "." || name == ".." ? lastComponent(of: absolutePath(path) ?? path) : name
}

private func withoutArchiveExtension(_ name: String) -> String {
  let folded = name.lowercased()
  for ending in [".tar.gz", ".tgz", ".tar", ".zip"] where folded.hasSuffix(ending) && folded.count > ending.count {
    return String(name.dropLast(ending.count))
  }
  return name
}
