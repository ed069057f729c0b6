public import Downloads
internal import Files
internal import Glibc
public import Reporting

/// Brings the files of a data set into a directory, or finds them there.
public struct SourceFetch {
  let manifest: SourceManifest
  let directory: String
  let client: HTTPClient
  let retries: RetryPolicy
  let output: ProgressOutput

  /// - Parameters:
  ///   - directory: where the files come to lie; no other data set's may be there.
  ///   - retries: what to do when the network fails.
  ///   - output: where progress and warnings go.
  public init(
    _ manifest: SourceManifest, into directory: String, retries: RetryPolicy = RetryPolicy(), output: ProgressOutput
  ) {
    (self.manifest, self.directory, self.retries, self.output) = (manifest, directory, retries, output)
    var limits = HTTPLimits()
    limits.allowsRedirectsInside = false
    client = HTTPClient(limits: limits)
  }

  /// Fetches what is missing; each file is there whole and checked, or not at all.
  ///
  /// - Parameter preparing: the data set to be made of them, for which there must be room too.
  /// - Throws: `CatalogueError`, `DownloadError`, `ArchiveError`, `FileError`; of the latter `.locked` where another
  ///   process is at work in the directory.
  public func run(preparing output: String) throws -> FetchedSource {
    guard manifest.isFetchable else {
      throw CatalogueError.mustBeObtained(name: manifest.name, advice: manifest.obtain ?? "")
    }
    let lock = try DirectoryLock(directory)
    for left in try sweepTemporaries(in: directory, holding: lock) {
      note("removed what a process that ended left behind: \(left.path)")
    }
    let missing = try manifest.files.filter { try !LocalFile($0, in: directory, note: note).isHere() }
    try requireSpace(for: missing, preparing: output)
    for file in missing { try fetch(file) }
    let extraction = Extraction(directory: directory)
    return FetchedSource(
      archives: manifest.files.filter { !$0.isReadByItself || $0.role == .photos }.map { path($0) },
      captions: try extraction.path(of: manifest.files, role: .captions),
      splits: try extraction.path(of: manifest.files, role: .splits), lock: lock)
  }

  private func path(_ file: SourceFile) -> String { directory + "/" + file.name }

  func note(_ text: String) {
    ProgressReporter(title: "", unit: "", total: nil, output: output).note(printable(text, limit: 1000))
  }

  private func fetch(_ file: SourceFile) throws {
    let place = manifest.files.firstIndex { $0.name == file.name } ?? 0
    let many = manifest.files.count > 1 ? " (\(place + 1) of \(manifest.files.count))" : ""
    try MirrorFetch(file, title: file.name + many, fetch: self).run()
  }

  /// That all files fit, and the data set that is made of them, which is about as large as the photos.
  private func requireSpace(for missing: [SourceFile], preparing output: String) throws {
    let coming = missing.reduce(0) { sum, file in
      let there = (try? treeSize(path(file) + ".incomplete")) ?? 0
      return sum + max(0, (file.size ?? 0) - there)
    }
    let photos = manifest.files.filter { $0.role == .photos }
      .reduce(0) { $0 + ($1.size ?? (try? treeSize(path($1))) ?? 0) }
    let parent = nearestDirectory(to: output)
    if device(of: parent) == device(of: directory) {
      try require(coming + photos, in: directory, "the downloads and the data set made of them")
    } else {
      try require(coming, in: directory, "the downloads")
      try require(photos, in: parent, "the data set made of the downloads")
    }
  }

  private func require(_ bytes: Int, in directory: String, _ what: String) throws {
    let available = try freeSpace(in: directory)
    guard bytes <= available else {
      throw CatalogueError.noSpace(directory: directory, needed: bytes, available: available, what: what)
    }
  }
}

/// The directory that there is, on the way to `path`.
private func nearestDirectory(to path: String) -> String {
  var directory = parentDirectory(of: path)
  while !isDirectory(directory), parentDirectory(of: directory) != directory {
    directory = parentDirectory(of: directory)
  }
  return directory
}

/// The file system that a path is on; nil where that cannot be said.
private func device(of path: String) -> UInt? {
  var status = stat()
  return stat(path, &status) == 0 ? status.st_dev : nil
}
