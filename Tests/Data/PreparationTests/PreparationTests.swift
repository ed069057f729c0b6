import Archives
import Batching
import Files
import Foundation
import Images
import Preparation
import Reporting
import TestSupport
import Testing
import Tokenization

@Suite struct PreparationTests {
  let source: TestSource

  init() throws { source = try TestSource() }

  private func counts(_ report: PreparationReport) -> [String] {
    report.problemCounts.map { "\($0.kind.rawValue) \($0.count)" }
  }

  @Test func fromZipToSet() throws {
    try source.addPhotos(12)
    source.add(
      "set/itm_triples.tsv",
      "split\timage\tsentence\tlabel\ntrain\t1000.jpg\tphoto number 0\tmatch\nval\t1010.jpg\tsomething else\tno-match\n"
    )
    var stages: [PreparationProgress] = []
    var request = source.request(try source.zip(), bad: 0)
    request.licence = "none"
    let report = try prepare(request) { stages.append($0) }
    #expect(report.splits.map(\.name) == ["train", "validation", "test"])
    #expect(report.splits.map(\.photos) == [10, 1, 1] && report.splits.map(\.captions) == [20, 2, 2])
    #expect(report.problems.isEmpty && report.leaks == 0 && report.captionCounts.map(\.photos) == [12])
    #expect(report.captionSources.map(\.layout) == ["token file"])
    #expect(report.pairs?.rows == 2 && report.pairs?.matching == 1 && report.pairs?.notMatching == 1)
    #expect(
      stages.contains { $0.stage == .checking && $0.done == 12 && $0.total == 12 } && stages.last?.stage == .tokenizing)

    let set = try PreparedDataSet(path: request.output)
    try set.verify()
    let samples = try set.samples(split: "train")
    #expect(samples.count == 10 && samples[3].width == 16 && samples[3].height == 12)
    #expect(set.withImageBytes(samples[3]) { Array($0) } == source.files[3].bytes, "photos are kept byte for byte")
    #expect(try set.record(samples[3]).fileName == "1003.jpg")
    #expect(try set.captions(samples[3]) == ["photo number 3", "another view of 3"])
    #expect(try set.labelledPairs(split: "validation") == [.init(key: "1010", matches: false, text: "something else")])
    let json = try #require(try set.sideFile("tokenizer.json"))
    let tokenizer = try loadTokenizer(json, path: "tokenizer.json")
    #expect(tokenizer.decode(tokenizer.encode("photo number 3")).contains("photo number 3"))
    let stored = try JSONDecoder().decode(
      PreparationReport.self, from: Data(try #require(try set.sideFile("report.json"))))
    #expect(stored == report)
    #expect(set.manifest.description.splitSource?.contains("train.txt") == true)
  }

  /// The same source gives the same bytes, whatever the threads; a folder gives the samples of a zip.
  @Test func sameSourceSameSet() throws {
    try source.addPhotos(9)
    let zip = try source.zip()
    var fingerprints: [String] = []
    for threads in [1, 3] {
      var request = source.request(zip)
      request.threads = threads
      request.output = source.path("prepared-\(threads)")
      try prepare(request)
      fingerprints.append(try PreparedDataSet(path: request.output).fingerprint)
    }
    #expect(fingerprints[0] == fingerprints[1])
    var request = source.request(try source.folder())
    request.name = "set"
    try prepare(request)
    let folder = try PreparedDataSet(path: request.output)
    #expect(folder.manifest.shards == (try PreparedDataSet(path: source.path("prepared-1"))).manifest.shards)
  }

  @Test func theUnfitAreNamedAndLeftOut() throws {
    try source.addPhotos(4, list: false)
    source.add("set/images/9001.jpg", "<html>not found</html>")
    source.add("set/images/9002.jpg", "")
    source.add("set/images/9003.jpg", "GIF89a.......")
    source.add("set/images/9004.jpg", bytes: Array(try photo(4).dropLast(40)))
    try source.addPhoto("set/images/9005.jpg", seed: 5)
    try source.addPhoto("set/__MACOSX/images/._1000.jpg", seed: 6)
    source.files[4].bytes += Array(
      """
      9001.jpg#0\ta web page
      9002.jpg#0\tnothing
      9003.jpg#0\ta GIF
      9004.jpg#0\tcut short
      9006.jpg#0\tno photo
      broken row <i>

      """.utf8)
    let request = source.request(try source.zip())
    let report = try prepare(request)
    #expect(report.splits.reduce(0) { $0 + $1.photos } == 4)
    #expect(
      counts(report) == ["missing_photo 1", "missing_caption 1", "not_a_jpeg 3", "truncated 1", "damaged_row 1"])
    #expect(report.problems.first?.place == "set/results_20130124.token:14")
    let set = try PreparedDataSet(path: request.output)
    let page = String(decoding: try #require(try set.sideFile("report.html")), as: UTF8.self)
    #expect(page.contains("broken row &lt;i&gt;") && !page.contains("<i>"))
    #expect(page.contains("9004.jpg") && page.contains("an HTML page"))

    var strict = request
    strict.output = source.path("strict")
    strict.maximumBadFraction = 0.001
    let error = #expect(throws: PreparationError.self) { try prepare(strict) }
    #expect(error?.exitCode == .badData && error?.description.contains("--max-bad-fraction") == true)
    #expect(!fileExists(strict.output))
    #expect(
      try directoryEntries(source.directory).sorted() == ["prepared", "set.zip", "strict.report"],
      "nothing half-made stays behind, and the report lies beside")
  }

  /// Photos in one archive, captions in a file, splits in a folder: the samples of the one zip with all of them.
  @Test func severalArchivesAreOneSource() throws {
    try source.addPhotos(6)
    var request = source.request(try source.zip("whole.zip"), bad: 0)
    try prepare(request)
    let whole = try PreparedDataSet(path: request.output)

    let files = source.files
    source.files = files.filter { $0.name.hasSuffix(".jpg") }
    _ = try source.zip("photos.zip")
    source.files = files.filter { $0.name.hasSuffix(".txt") }
    _ = try source.folder("lists")
    let captions = try #require(files.first { $0.name.hasSuffix(".token") })
    try Data(captions.bytes).write(to: URL(fileURLWithPath: source.path("captions.token")))
    let parts = ["photos.zip", "captions.token", "lists"].map(source.path)
    request = source.request(.archives(parts), bad: 0)
    request.output = source.path("joined")
    let report = try prepare(request)
    #expect(report.name == "photos" && report.source == "photos.zip, captions.token, lists")
    #expect(report.sourceDigest == (try parts[..<2].map { try sha256(ofFile: $0) } + ["-"]).joined(separator: ", "))
    #expect(try PreparedDataSet(path: request.output).manifest.shards == whole.manifest.shards)
  }

  /// The kind of an archive makes no difference to the samples. A gzipped one is unpacked beside the output, and what
  /// was unpacked is gone at the end, however it ends.
  @Test func tarAndGzippedTar() throws {
    try source.addPhotos(6)
    let zip = source.request(try source.zip(), bad: 0)
    try prepare(zip)
    let shards = try PreparedDataSet(path: zip.output).manifest.shards
    try removeTree(zip.output)

    var request = source.request(try source.tar(), bad: 0)
    #expect(try prepare(request).name == "set")
    #expect(try PreparedDataSet(path: request.output).manifest.shards == shards)
    #expect(throws: BatchingError.self) { try prepare(request) }
    try removeTree(request.output)

    #expect(try run("/usr/bin/env", ["gzip", source.path("set.tar")]).status == 0)
    request.source = .archive(path: source.path("set.tar.gz"))
    var stages: [PreparationProgress] = []
    let report = try prepare(request) { stages.append($0) }
    #expect(report.name == "set" && report.source == "set.tar.gz")
    #expect(report.sourceDigest == (try sha256(ofFile: source.path("set.tar.gz"))))
    #expect(stages.contains { $0.stage == .unpacking && $0.done == 1 && $0.total == 1 })
    #expect(try PreparedDataSet(path: request.output).manifest.shards == shards)
    #expect(try directoryEntries(source.directory) == ["prepared", "set.tar.gz", "set.zip"])

    // What an earlier run left goes too, where there is nothing left to do, and where the set cannot be made.
    let unpacked = request.output + ".unpacked"
    try makeDirectory(unpacked + "/" + String(repeating: "0", count: 64) + ".partial/tree")
    #expect(throws: BatchingError.self) { try prepare(request) }
    #expect(!fileExists(unpacked))
    // A folder of somebody's own that happens to have the name keeps what is in it.
    try makeDirectory(unpacked + "/photos")
    try removeTree(request.output)
    try prepare(request)
    #expect(try directoryEntries(unpacked) == ["photos"])
    try removeTree(unpacked)
    try removeTree(request.output)
    request.expectedBytes = 100
    #expect(throws: ArchiveError.self) { try prepare(request) }
    #expect(try directoryEntries(source.directory) == ["set.tar.gz", "set.zip"])
  }

  /// A wrong checksum in the archive costs one photo, and the report names no path of this machine.
  @Test func aPhotoDamagedInTheArchive() throws {
    try source.addPhotos(4)
    let zip = try source.zip()
    var bytes = try readFile(source.path("set.zip"))
    let photo = source.files[0].bytes
    let start = try #require(bytes.indices.first { bytes[$0...].starts(with: photo) })
    bytes[start + photo.count / 2] ^= 0x55
    try Data(bytes).write(to: URL(fileURLWithPath: source.path("set.zip")))
    let report = try prepare(source.request(zip))
    #expect(report.problems.map(\.line) == ["set/images/1000.jpg: 1000.jpg: damaged in the archive: CRC error"])
  }

  @Test func damagedPhotosAreTakenOnRequest() throws {
    try source.addPhotos(5)
    source.files[0].bytes = Array(source.files[0].bytes.dropLast(40))
    var request = source.request(try source.zip(), bad: 0)
    #expect(throws: PreparationError.self) { try prepare(request) }
    request.acceptsDamagedPhotos = true
    let report = try prepare(request)
    #expect(report.problemCount == 0 && report.acceptedDamage.map(\.kind) == [.truncated])
    #expect(report.warnings.first?.contains("1 damaged photos were taken") == true)
    // Everybody can read what was written, and it shows what there was; the source stays as it is.
    let set = try PreparedDataSet(path: request.output)
    let stored = try set.withImageBytes(try set.samples(split: "train")[0]) { try decodePicture($0) }
    let there = try source.files[0].bytes.withUnsafeBytes { try decodeDamagedPicture($0).image }
    let differences = zip(stored.pixels, there.pixels).map { abs(Int($0) - Int($1)) }
    #expect(stored.width == there.width && differences.reduce(0, +) <= 20 * differences.count)
  }

  @Test func duplicatesAcrossSplitsAreReported() throws {
    try source.addPhotos(6)
    source.files[5].bytes = source.files[0].bytes
    let report = try prepare(source.request(try source.zip()))
    #expect(report.leaks == 1)
    #expect(report.duplicates.map(\.photos) == [["1000.jpg", "1005.jpg"]])
    #expect(report.duplicates.map(\.splits) == [["train", "test"]])
  }

  /// Some archives hold the same photos twice, one folder below the other.
  @Test func copiesOfPhotosCountOnce() throws {
    try source.addPhotos(3)
    for file in source.files.prefix(3) {
      source.add("set/images/more/" + lastComponent(of: file.name), bytes: file.bytes)
    }
    let report = try prepare(source.request(try source.zip(), bad: 0))
    #expect(report.photosFound == 6 && report.splits.reduce(0) { $0 + $1.photos } == 3)

    source.files[source.files.count - 1].bytes[300] ^= 1
    var request = source.request(try source.zip("other.zip"))
    request.output = source.path("other")
    #expect(counts(try prepare(request)) == ["ambiguous_photo 1"])
  }

  /// The built-in scenes come with such a file.
  @Test func detailsFromAFileWithoutCaptions() throws {
    try source.addPhotos(3)
    source.add("set/d.json", #"{"images": [{"filename": "1001.jpg", "split": "test", "questions": ["how many?"]}]}"#)
    let request = source.request(try source.zip(), bad: 0)
    let report = try prepare(request)
    #expect(report.captionSources.count == 1 && report.notes.contains { $0.contains("set/d.json") })
    let set = try PreparedDataSet(path: request.output)
    let records =
      try set.samples(split: "train").map { try set.record($0) }
      + set.samples(split: "validation").map { try set.record($0) }
    #expect(records.map(\.details) == [nil, .object(["questions": .array([.string("how many?")])])])
  }

  @Test func aGivenTokenizerIsKept() throws {
    try source.addPhotos(3)
    let json = try BPETrainer(vocabularySize: 520).train(captions: ["one two"]).huggingFaceJSON()
    var request = source.request(try source.zip())
    request.tokenizer = .given(json: json, path: "mine.json")
    try prepare(request)
    #expect(try PreparedDataSet(path: request.output).sideFile("tokenizer.json") == json)
    request.output = source.path("other")
    request.tokenizer = .given(json: [1, 2], path: "mine.json")
    #expect(throws: TokenizerError.self) { try prepare(request) }
  }

  @Test func refusalsAreClear() throws {
    try source.addPhotos(3)
    let zip = try source.zip()
    func refusal(_ change: (inout PreparationRequest) throws -> Void) throws -> String {
      var request = source.request(zip)
      try change(&request)
      let error = #expect(throws: (any Error).self) { try prepare(request) }
      return (error as? any ReportableError)?.description ?? ""
    }
    #expect(try refusal { $0.expectedDigest = "00" }.contains("SHA-256"))
    #expect(try refusal { $0.source = .archive(path: source.path("none.zip")) }.contains("no such file"))
    #expect(try refusal { $0.source = .folder(path: source.path("none")) }.contains("no such file"))
    #expect(try refusal { $0.captions = [source.path("none.csv")] }.contains("no such file"))
    try writeAtomically(Array("whatever\n".utf8), to: source.path("odd.csv"))
    #expect(try refusal { $0.captions = [source.path("odd.csv")] }.contains("whatever"))
    #expect(try refusal { $0.splits = .file(source.path("odd.csv")) }.contains("odd.csv:1"))
    try makeDirectory(source.path("taken"))
    #expect(try refusal { $0.output = source.path("taken") }.contains("exists"))
    let empty = try TestSource()
    empty.add("notes.txt", "nothing here")
    let bare = try empty.zip()
    #expect(try refusal { $0.source = bare }.contains("no photos"))
    try empty.addPhoto("a.jpg", seed: 1)
    let uncaptioned = try empty.zip("b.zip")
    #expect(try refusal { $0.source = uncaptioned }.contains("--captions"))
  }
}
