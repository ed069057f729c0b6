import Archives
import Files
import Images
import Synchronization
import TestSupport

/// A data set of a dozen small photos with captions, on a server of this machine, and a manifest that describes it.
final class ToySet: Sendable {
  let directory: TemporaryDirectory
  let server: LoopbackServer
  let photos: [UInt8]
  let captions: [UInt8]
  private let interference = Interference()

  /// What the server says instead, where that is not nil.
  private final class Interference: Sendable {
    let body = Mutex<@Sendable (LoopbackRequest) -> LoopbackAnswer?>({ _ in nil })
  }

  init() throws {
    directory = try TemporaryDirectory(inMemory: true)
    let names = (0..<12).map { "\(100 + $0).jpg" }
    photos = try packed(names.enumerated().map { ("toy/" + $1, try photo($0)) }, in: directory)
    captions = try packed(
      [("x/dataset_toy.json", Array(karpathy(names).utf8)), ("x/readme.txt", [0x41])], in: directory)
    server = try LoopbackServer { [photos, captions, interference] request in
      if let answer = interference.body.withLock({ $0 })(request) { return answer }
      switch request.path {
      case "/photos.zip": return .file(photos, etag: "\"photos\"", to: request)
      case "/captions.zip": return .file(captions, etag: "\"captions\"", to: request)
      default: return LoopbackAnswer(404)
      }
    }
    try writeAtomically(manifest().utf8, to: path)
  }

  /// Of the manifest.
  var path: String { directory("toy.yaml") }
  var output: String { directory("out/toy") }
  var downloads: String { directory("out/downloads/toy") }

  /// - Parameter photosURL: nil takes the server's own.
  func manifest(photosURL: String? = nil) -> String {
    """
    name: toy
    title: Twelve small photos
    licence: free of rights
    citation: nobody
    files:
      - name: captions.zip
        role: captions
        urls: ["\(server.url)/captions.zip"]
        size: \(captions.count)
        sha256: \(sha256(captions))
        members: [dataset_toy.json]
      - name: photos.zip
        role: photos
        urls: ["\(photosURL ?? server.url + "/photos.zip")"]
        size: \(photos.count)
        sha256: \(sha256(photos))
    expected:
      photos: 12
      captions: 24
      captions_per_photo: 2
      splits: { train: 8, validation: 2, test: 2 }

    """
  }

  /// Says something else to the requests that `body` has an answer for.
  func interfere(_ body: @escaping @Sendable (LoopbackRequest) -> LoopbackAnswer?) {
    interference.body.withLock { $0 = body }
  }

  func start(_ more: String...) throws -> RunningProcess {
    try RunningProcess(Program.path, ["prepare", path, "--output", output] + more)
  }

  /// Forgets all that was fetched and made.
  func clear() throws { try removeTree(directory("out")) }

  var preparedManifest: [UInt8] { get throws { try readFile(output + "/manifest.json") } }
}

private func photo(_ seed: Int) throws -> [UInt8] {
  var state = UInt32(seed + 1)
  let pixels = (0..<96 * 80 * 3).map { _ in
    state = state &* 1_664_525 &+ 1_013_904_223
    return UInt8(state >> 24)
  }
  return try encodeJPEG(Image(width: 96, height: 80, pixels: pixels), quality: 90)
}

private func packed(_ files: [(name: String, bytes: [UInt8])], in directory: TemporaryDirectory) throws -> [UInt8] {
  let path = directory("packed.zip")
  let writer = try ZipWriter(path: path)
  for file in files { try writer.add(name: file.name, bytes: file.bytes, store: true) }
  try writer.finish()
  defer { try? removeTree(path) }
  return try readFile(path)
}

private func karpathy(_ names: [String]) -> String {
  let images = names.enumerated().map { place, name in
    let split = place < 8 ? "train" : place < 10 ? "val" : "test"
    let sentences = (1...2).map { #"{"raw": "view \#($0) of photo number \#(place)"}"# }.joined(separator: ", ")
    return #"{"filename": "\#(name)", "split": "\#(split)", "sentences": [\#(sentences)]}"#
  }
  return #"{"images": [\#(images.joined(separator: ", "))], "dataset": "toy"}"#
}
