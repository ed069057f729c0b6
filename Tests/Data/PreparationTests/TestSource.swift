import Archives
import Batching
import Files
import Foundation
import Images
import Preparation

/// Photos and text files that a test makes into a zip or a folder, in a directory that goes away with the test.
final class TestSource {
  let directory: String
  /// Files by name, in order.
  var files: [(name: String, bytes: [UInt8])] = []

  init() throws {
    directory = NSTemporaryDirectory() + "mmtrain-preparation-" + UUID().uuidString
    try makeDirectory(directory)
  }

  deinit { try? removeTree(directory) }

  func path(_ name: String) -> String { directory + "/" + name }

  /// Writes a file beside the archive.
  func write(_ text: String, to name: String) throws { try writeAtomically(Array(text.utf8), to: path(name)) }

  func add(_ name: String, _ text: String) { files.append((name, Array(text.utf8))) }

  func add(_ name: String, bytes: [UInt8]) { files.append((name, bytes)) }

  /// Adds a photo of its own colours.
  func addPhoto(_ name: String, seed: Int) throws { files.append((name, try photo(seed))) }

  /// Adds `count` photos and a token file with two captions for each.
  func addPhotos(_ count: Int, list: Bool = true) throws {
    var captions = ""
    for i in 0..<count {
      let name = "\(1000 + i).jpg"
      try addPhoto("set/images/" + name, seed: i)
      captions += "\(name)#0\tphoto number \(i)\n\(name)#1\tanother view of \(i)\n"
    }
    add("set/results_20130124.token", captions)
    guard list else { return }
    for (split, range) in [("train", 0..<count - 2), ("val", count - 2..<count - 1), ("test", count - 1..<count)] {
      add("set/\(split).txt", range.map { "\(1000 + $0).jpg\n" }.joined())
    }
  }

  func zip(_ name: String = "set.zip") throws -> PreparationRequest.Source {
    let writer = try ZipWriter(path: path(name))
    for file in files { try writer.add(name: file.name, bytes: file.bytes, store: file.name.hasSuffix(".jpg")) }
    try writer.finish()
    return .archive(path: path(name))
  }

  func tar(_ name: String = "set.tar") throws -> PreparationRequest.Source {
    let writer = try TarWriter(path: path(name))
    for file in files { try writer.add(name: file.name, bytes: file.bytes) }
    try writer.finish()
    return .archive(path: path(name))
  }

  func folder(_ name: String = "folder") throws -> PreparationRequest.Source {
    for file in files {
      let target = path(name) + "/" + file.name
      try makeDirectory(parentDirectory(of: target))
      try Data(file.bytes).write(to: URL(fileURLWithPath: target))
    }
    return .folder(path: path(name))
  }

  /// Adds photos of these names, each with other bytes.
  func addPhotos(named names: [String]) throws {
    for name in names { try addPhoto(name, seed: files.count + 1) }
  }

  /// A table `image,caption` of these names.
  static func table(_ names: [String]) -> String { "image,caption\n" + names.map { "\($0),about \($0)\n" }.joined() }

  /// Prepares the files as a folder.
  ///
  /// - Parameter change: what else is asked for.
  func prepared(
    bad: Double = 0, _ change: (inout PreparationRequest) throws -> Void = { _ in }
  ) throws -> (report: PreparationReport, samples: [String: SampleRecord]) {
    try removeTree(path("folder"))
    try removeTree(path("prepared"))
    var request = self.request(try folder(), bad: bad)
    try change(&request)
    let report = try prepare(request)
    let set = try PreparedDataSet(path: request.output)
    var samples: [String: SampleRecord] = [:]
    for split in set.manifest.splits {
      for sample in try set.samples(split: split.name) {
        let record = try set.record(sample)
        samples[record.fileName] = record
      }
    }
    return (report, samples)
  }

  /// A request with two threads and a small tokenizer; what is unfit is accepted unless told otherwise.
  func request(_ source: PreparationRequest.Source, bad: Double = 1) -> PreparationRequest {
    var request = PreparationRequest(source: source, output: path("prepared"), threads: 2)
    request.maximumBadFraction = bad
    request.tokenizer = .train(vocabularySize: 600)
    return request
  }
}

/// A small JPEG whose pixels depend on the seed.
func photo(_ seed: Int) throws -> [UInt8] {
  let pixels = (0..<16 * 12 * 3).map { UInt8(truncatingIfNeeded: seed &* 41 &+ $0 &* (seed % 7 + 1)) }
  return try encodeJPEG(Image(width: 16, height: 12, pixels: pixels), quality: 90)
}
