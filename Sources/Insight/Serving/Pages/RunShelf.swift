internal import Configuration
internal import Files
internal import Glibc
internal import Reports
internal import Synchronization

/// The runs below a directory, by names that a listing has made: what an address says is looked for among these and is never a path.
/// Links are not followed.
final class RunShelf: Sendable {
  struct Entry: Sendable {
    /// Its path below the directory.
    let name: String
    let directory: String
  }

  struct Listing: Sendable {
    var entries: [Entry] = []
    /// Directories that `mmtrain study` has written to; their runs are among the entries.
    var studies: [Entry] = []
    /// Links to directories that were passed over.
    var links = 0
    /// Whether there is more than is looked at.
    var isCut = false
    fileprivate var directories = 0
  }

  /// As it was named, and from the root with links resolved.
  let path: String
  private let root: String
  private let known = Mutex<[String: (stamp: Stamp, summary: RunSummary)]>([:])

  private static let mostRuns = 1000
  private static let mostDirectories = 20_000
  /// Levels below the directory: of a study a run lies below variant and seed.
  private static let levels = 4

  /// - Throws: `FileError` where there is no such directory.
  init(_ path: String) throws {
    guard isDirectory(path), let root = absolutePath(path) else { throw FileError.missing(path: path) }
    (self.path, self.root) = (path, root)
    _ = try directoryEntries(path)
  }

  /// By the bytes of their names.
  func listing() -> Listing {
    var listing = Listing()
    walk(path, name: "", level: 0, &listing)
    return listing
  }

  private func walk(_ directory: String, name: String, level: Int, _ listing: inout Listing) {
    if fileExists(directory + "/metrics.jsonl") {
      guard listing.entries.count < Self.mostRuns else {
        listing.isCut = true
        return
      }
      let own = name.isEmpty ? lastComponent(of: root) : name
      return listing.entries.append(Entry(name: own, directory: directory))
    }
    if fileExists(directory + "/plan.yaml"), fileExists(directory + "/study.html"),
      listing.studies.count < Self.mostRuns
    {
      let own = name.isEmpty ? lastComponent(of: root) : name
      listing.studies.append(Entry(name: own, directory: directory))
    }
    guard level < Self.levels, let names = try? directoryEntries(directory) else { return }
    for below in names where !below.hasPrefix(".") {
      let path = directory + "/" + below
      guard isDirectory(path) else { continue }
      guard linkTarget(path) == nil else {
        listing.links += 1
        continue
      }
      listing.directories += 1
      guard listing.directories <= Self.mostDirectories else {
        listing.isCut = true
        return
      }
      walk(path, name: name.isEmpty ? below : name + "/" + below, level: level + 1, &listing)
    }
  }

  /// - Throws: `Refusal` for a name that is not in the listing; `RunHistoryError`, the errors of reading.
  func run(named name: String) throws -> RunPage.Run {
    guard let entry = listing().entries.first(where: { $0.name == name }) else {
      throw Refusal.notFound("run of that name")
    }
    let history = try history(of: entry)
    return RunPage.Run(
      history, settings: text(entry, "configuration.yaml").map { writtenSettings($0) } ?? [],
      card: text(entry, "last/README.md"))
  }

  /// What a study has written: its page, or `study.json`.
  /// - Throws: `Refusal` for a name that is not in the listing, or a file that is none of the directory's; the errors of reading.
  func study(named name: String, file: String) throws -> [UInt8] {
    guard let entry = listing().studies.first(where: { $0.name == name }) else {
      throw Refusal.notFound("study of that name")
    }
    let path = entry.directory + "/" + file
    guard isWithin(path) else {
      throw Refusal(.forbidden, "\(file) of \(entry.name) is a link that leads out of what is shown here.")
    }
    return try readFile(path, limit: 64 << 20)
  }

  private func history(of entry: Entry) throws -> RunHistory {
    guard isWithin(entry.directory + "/metrics.jsonl") else {
      throw Refusal(.forbidden, "metrics.jsonl of \(entry.name) is a link that leads out of what is shown here.")
    }
    return try RunHistory(run: entry.directory)
  }

  private func text(_ entry: Entry, _ file: String) -> String? {
    let path = entry.directory + "/" + file
    guard isWithin(path) else { return nil }
    return (try? readFile(path, limit: 1 << 20)).map { String(decoding: $0, as: UTF8.self) }
  }

  private func isWithin(_ file: String) -> Bool {
    absolutePath(file)?.hasPrefix(root == "/" ? "/" : root + "/") ?? false
  }

  // MARK: How runs stand

  private struct Stamp: Equatable {
    let size: Int
    let seconds: Int
    let nanoseconds: Int

    init?(_ path: String) {
      var status = stat()
      guard stat(path, &status) == 0 else { return nil }
      (size, seconds, nanoseconds) = (Int(status.st_size), status.st_mtim.tv_sec, status.st_mtim.tv_nsec)
    }
  }

  /// Read once for each state of the file, unless the run goes on.
  func summary(of entry: Entry) -> RunSummary {
    let stamp = Stamp(entry.directory + "/metrics.jsonl")
    if let stamp, let kept = known.withLock({ $0[entry.directory] }), kept.stamp == stamp, !kept.summary.isRunning {
      return kept.summary
    }
    let summary = RunSummary(entry.name, Result { try history(of: entry) })
    guard let stamp else { return summary }
    known.withLock { known in
      if known.count >= 2 * Self.mostRuns { known = [:] }  // of runs that are gone
      known[entry.directory] = (stamp, summary)
    }
    return summary
  }
}
