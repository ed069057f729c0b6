import Archives
import Catalogue
import Downloads
import Files
import Reporting
import Synchronization
import TestSupport

/// A directory to fetch data sets into; the waits between tries last no time.
final class Fetching: Sendable {
  let directory: TemporaryDirectory
  let lines = Mutex<[String]>([])
  let waits = Mutex(0)

  init() throws { directory = try TemporaryDirectory(inMemory: true) }

  /// Where the files come to lie.
  var downloads: String { directory("downloads") }
  /// What has been said so far.
  var text: String { lines.withLock { $0.joined() } }
  /// What is there, without the lock files, which stay.
  var names: [String] { get throws { try directoryEntries(downloads).filter { !$0.hasSuffix(".lock") } } }

  func fetch(_ manifest: String) throws -> FetchedSource {
    try fetch(SourceManifest(yaml: manifest, path: "test.yaml"))
  }

  func fetch(_ manifest: SourceManifest) throws -> FetchedSource {
    let retries = RetryPolicy { _ in self.waits.withLock { $0 += 1 } }
    let output = ProgressOutput(
      isLive: false, isColoured: false, width: { 80 }, write: { line in self.lines.withLock { $0.append(line) } })
    return try SourceFetch(manifest, into: downloads, retries: retries, output: output)
      .run(preparing: directory("prepared"))
  }

  /// How a fetch ends that does not succeed.
  func refusal(_ manifest: String) -> (code: ExitCode, text: String)? {
    do {
      _ = try fetch(manifest)
      return nil
    } catch let error as any ReportableError {
      return (error.exitCode, error.description)
    } catch {
      return (.internalError, "\(error)")
    }
  }
}

/// A manifest of one file, `photos.zip`.
func manifest(_ urls: [String], sha256: String? = nil, size: Int? = nil) -> SourceManifest {
  var file = SourceFile(name: "photos.zip", role: .photos, urls: urls)
  (file.sha256, file.size) = (sha256, size)
  var manifest = SourceManifest(name: "test")
  manifest.files = [file]
  return manifest
}

/// Bytes that begin as a zip archive does and are nowhere the same.
func zipLike(_ count: Int, seed: UInt32 = 1) -> [UInt8] {
  var state = seed
  return [0x50, 0x4B, 0x03, 0x04]
    + (4..<count).map { _ in
      state = state &* 1_664_525 &+ 1_013_904_223
      return UInt8(state >> 24)
    }
}

/// A zip archive with these files.
func zip(_ files: [(name: String, text: String)], in directory: TemporaryDirectory) throws -> [UInt8] {
  let writer = try ZipWriter(path: directory("made.zip"))
  for file in files { try writer.add(name: file.name, bytes: Array(file.text.utf8), store: false) }
  try writer.finish()
  defer { try? removeTree(directory("made.zip")) }
  return try readFile(directory("made.zip"))
}
