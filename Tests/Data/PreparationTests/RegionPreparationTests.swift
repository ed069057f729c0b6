import Batching
import Files
import Foundation
import Images
import Preparation
import Reporting
import TestSupport
import Testing

/// Region features on their way from the files in circulation into a prepared set.
@Suite struct RegionPreparationTests {
  private static let folder = goldenDirectory + "/regions"

  private struct Golden: Decodable {
    let name: String
    let source: String
    let photo: String
    let width: Int
    let height: Int
    let members: Int
  }

  /// Photos of the size that a source of regions is of, with captions.
  private static func source(of name: String, more: [String] = []) throws -> (TestSource, [Golden]) {
    let goldens = try JSONDecoder().decode([Golden].self, from: Data(readFile(folder + "/index.json")))
      .filter { $0.source == name }
    let source = try TestSource()
    for golden in goldens { try add(golden.photo, golden.width, golden.height, to: source) }
    for photo in more { try add(photo, 16, 12, to: source) }
    source.add("captions.csv", TestSource.table(goldens.map(\.photo) + more))
    return (source, goldens)
  }

  private static func add(_ name: String, _ width: Int, _ height: Int, to source: TestSource) throws {
    let tone = UInt8(truncatingIfNeeded: 40 * source.files.count)
    let pixels = [UInt8](repeating: tone, count: width * height * 3)
    source.add(name, bytes: try encodeJPEG(Image(width: width, height: height, pixels: pixels), quality: 80))
  }

  /// The samples of the set that was made last, by the photo's name.
  private static func samples(_ source: TestSource) throws -> (PreparedDataSet, [String: SampleReference]) {
    let set = try PreparedDataSet(path: source.path("prepared"))
    var samples: [String: SampleReference] = [:]
    for split in set.manifest.splits {
      for sample in try set.samples(split: split.name) { samples[try set.record(sample).fileName] = sample }
    }
    return (set, samples)
  }

  /// What a sample has is what NumPy makes of the source, to the last byte.
  @Test(arguments: ["bottom-up.tsv", "lxmert.tsv", "uniter"]) func areThoseOfNumPy(name: String) throws {
    let (source, goldens) = try Self.source(of: name, more: ["bare.jpg"])
    #expect(goldens.count >= 2)
    let (report, _) = try source.prepared { $0.regions = [Self.folder + "/" + name] }
    let (set, samples) = try Self.samples(source)
    try set.verify()
    var total = 0
    for golden in goldens {
      let sample = try #require(samples[golden.photo])
      let regions = try #require(try set.regions(sample), "\(golden.photo)")
      #expect(regions.members.count == golden.members)
      for (member, bytes) in regions.members {
        #expect(try bytes == readFile("\(Self.folder)/expected/\(golden.name).\(member.rawValue)"), "\(golden.name)")
      }
      total += regions.count
    }
    #expect(try set.regions(#require(samples["bare.jpg"])) == nil)
    let counts = report.splits.flatMap(\.columns).filter { $0.column == .regions }
    #expect(counts.reduce(0) { $0 + $1.samples } == goldens.count && counts.reduce(0) { $0 + $1.values } == total)
    #expect(report.problemCount == 0 && report.columnSources.map(\.file) == [name])
    #expect(report.columnSources.map(\.rows) == [goldens.count])
    #expect(report.notes.contains("photos without regions: 1 (first: bare.jpg)"))
  }

  @Test func whatWasDecidedIsCounted() throws {
    let (source, _) = try Self.source(of: "bottom-up.tsv")
    let paths = ["bottom-up.tsv", "uniter/"].map { Self.folder + "/" + $0 }
    let (report, _) = try source.prepared { $0.regions = paths }
    for note in [
      "rows of regions of no photo of the set: 3 (first: coco_val2014_000000000285)",
      "rows of regions that lead to their photo by its number: 2 (first: 9 is COCO_train2014_000000000009.jpg)",
      "boxes of regions cut off at the edge of their photo, being outside by up to a pixel: 1",
    ] { #expect(report.notes.contains(note), "\(report.notes)") }
    #expect(report.columnSources.map(\.file) == ["bottom-up.tsv, uniter"])
    #expect(report.columnSources.map(\.layout) == ["region features"] && report.columnSources[0].rows == 5)
    let page = try String(contentsOfFile: source.path("prepared/report.html"), encoding: .utf8)
    #expect(page.contains("<td>regions</td>") && page.contains("bottom-up.tsv, uniter"))
  }

  /// Neither threads nor the place of the files are in the set.
  @Test func theSameBytesTwice() throws {
    let (source, _) = try Self.source(of: "uniter", more: ["bare.jpg"])
    var fingerprints: [String] = []
    for (place, threads) in [("here", 1), ("there/deep", 5)] {
      try makeDirectory(source.path(place))
      try FileManager.default.copyItem(atPath: Self.folder + "/uniter", toPath: source.path(place + "/uniter"))
      try source.write("model: bottom-up", to: place + "/uniter/notes.txt")
      let (report, _) = try source.prepared {
        $0.regions = [source.path(place + "/uniter")]
        $0.threads = threads
      }
      #expect(report.notes.contains("files in uniter that are no .npz and were not read: 1"))
      fingerprints.append(try PreparedDataSet(path: source.path("prepared")).fingerprint)
    }
    _ = try source.prepared()
    fingerprints.append(try PreparedDataSet(path: source.path("prepared")).fingerprint)
    #expect(fingerprints[0] == fingerprints[1] && fingerprints[0] != fingerprints[2])
  }

  /// The photo of an unfit row stays, without regions, as far as unfit rows are accepted.
  @Test func anUnfitRow() throws {
    let (source, goldens) = try Self.source(of: "bottom-up.tsv", more: ["bare.jpg"])
    var rows = try String(contentsOfFile: Self.folder + "/bottom-up.tsv", encoding: .utf8)
      .split(whereSeparator: \.isNewline).map { $0.split(separator: "\t").map(String.init) }
    rows[1][5] = "!" + rows[1][5].dropFirst()
    try source.write(rows.map { $0.joined(separator: "\t") }.joined(separator: "\n"), to: "regions.tsv")
    func change(_ request: inout PreparationRequest) { request.regions = [source.path("regions.tsv")] }
    let error = #expect(throws: PreparationError.self) { try source.prepared(bad: 0.4, change) }
    #expect(error?.exitCode == .badData)
    #expect(error?.description.contains("1 of 2 regions of photos are unfit") == true)
    #expect(error?.description.contains("regions.tsv: row 2: its features are no base64") == true)
    #expect(!fileExists(source.path("prepared")))
    let (report, records) = try source.prepared(bad: 0.5, change)
    #expect(records.count == 3 && report.problems.map(\.kind) == [.unfitRegions])
    #expect(report.problems.map(\.subject) == [goldens[1].photo])
    #expect(report.problems[0].detail.hasPrefix("regions.tsv: row 2: "), "the report has no folders of this machine")
    let (set, samples) = try Self.samples(source)
    #expect(try set.regions(#require(samples[goldens[0].photo]))?.count == 3)
    #expect(try set.regions(#require(samples[goldens[1].photo])) == nil)
    try set.verify()
  }

  /// Regions of one photo with other numbers of features than those before it.
  @Test func anotherForm() throws {
    let (source, goldens) = try Self.source(of: "bottom-up.tsv")
    try Self.add("1.jpg", 10, 10, to: source)
    source.files.removeAll { $0.name == "captions.csv" }
    source.add("captions.csv", TestSource.table(goldens.map(\.photo) + ["1.jpg"]))
    let (report, _) = try source.prepared(bad: 1) { request in
      request.regions = ["odd.tsv", "bottom-up.tsv"].map { Self.folder + "/" + $0 }
    }
    #expect(report.problems.map(\.kind) == [.unfitRegions, .unfitRegions])
    #expect(report.problems[0].detail.contains("5 numbers a region, where 1.jpg has 2"))
    #expect(report.splits.flatMap(\.columns).filter { $0.column == .regions }.map(\.values) == [1])
  }

  /// A photo that does not decode takes its regions along.
  @Test func regionsOfLostPhotos() throws {
    let (source, goldens) = try Self.source(of: "uniter")
    source.files[0].bytes = Array(source.files[0].bytes.prefix(200))
    let (report, samples) = try source.prepared(bad: 1) { $0.regions = [Self.folder + "/uniter"] }
    #expect(samples.count == goldens.count - 1)
    #expect(report.alsoLeftOut.contains("the regions of 1 photos, which are not in the set"))
  }

  /// What is no file of regions is refused before any photo is looked at.
  @Test func noRegions() throws {
    let (source, _) = try Self.source(of: "bottom-up.tsv")
    for (path, code) in [
      ("nowhere.tsv", ExitCode.missingInput), ("folder", .missingInput), ("folder/captions.csv", .badData),
    ] {
      let error = #expect(throws: (any Error).self) {
        try source.prepared { $0.regions = [source.path(path)] }
      }
      #expect((error as? any ReportableError)?.exitCode == code, "\(path): \(String(describing: error))")
    }
    #expect(!fileExists(source.path("prepared")))
  }

  /// Files that are written anew between the look at them and the writing of the set.
  @Test func regionsThatChange() throws {
    let (source, _) = try Self.source(of: "uniter")
    try FileManager.default.copyItem(atPath: Self.folder + "/uniter", toPath: source.path("uniter"))
    var request = source.request(try source.folder())
    request.regions = [source.path("uniter")]
    let error = #expect(throws: PreparationError.self) {
      try prepare(request) { step in
        guard step.stage == .checkingRegions, step.done == step.total else { return }
        let others = try? readFile(source.path("uniter/flickr30k_000000001000092795.npz"))
        try? writeAtomically(others ?? [], to: source.path("uniter/dog.npz"))
      }
    }
    #expect(error?.description.contains("uniter changed while it was being prepared") == true)
    #expect(!fileExists(source.path("prepared")))
  }
}
