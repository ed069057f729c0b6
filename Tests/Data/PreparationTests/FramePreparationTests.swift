import Batching
import Preparation
import Reporting
import Testing

/// Sets of videos out of lists of frames and folders of them.
@Suite struct FramePreparationTests {
  /// Folders of frames, called by numbers that have no zeros in front.
  private func videos(_ counts: [String: Int]) throws -> TestSource {
    let source = try TestSource()
    for (number, name) in counts.keys.sorted().enumerated() {
      for frame in 0..<(counts[name] ?? 0) {
        try source.addPhoto("films/\(name)/\(frame + 1).jpg", seed: 100 * number + frame)
      }
    }
    return source
  }

  /// The seeds of a sample's frames, in their order.
  private func frames(_ source: TestSource, _ fileName: String) throws -> [[UInt8]] {
    let set = try PreparedDataSet(path: source.path("prepared"))
    try set.verify()
    var found: [[UInt8]] = []
    for split in set.manifest.splits {
      for sample in try set.samples(split: split.name) where try set.record(sample).fileName == fileName {
        _ = try set.withFrames(of: sample, limit: 1024) { _, bytes, _ in found.append(Array(bytes)) }
      }
    }
    return found
  }

  @Test func aFolderIsItsFramesInNaturalOrder() throws {
    let source = try videos(["walk": 11, "run": 2])
    source.add(
      "films/table.csv", "clip,words,split\nwalk,a man walks,train\nrun,a man runs,val\nwalk,somebody walks,train\n")
    let (report, samples) = try source.prepared { $0.columns = try ColumnRoles("image=clip,caption=words,split=split") }
    #expect(samples["walk"]?.captions == ["a man walks", "somebody walks"] && samples["run"]?.split == "validation")
    #expect(try frames(source, "walk") == (0..<11).map { try photo(100 + $0) })
    #expect(report.problemCount == 0, "\(report.problems)")
    #expect(report.notes.contains { $0 == "2 samples are videos, of 2 to 11 frames each, 13 together" })
    #expect(report.summary(output: "set").contains("11 frames of 1 videos and photos"))
  }

  @Test func aListIsItsFramesInItsOrder() throws {
    let source = try videos(["a": 4])
    source.add("table.csv", "image,words\n\"[\"\"a/3.jpg\"\", \"\"a/1.jpg\"\"]\",backwards\na/2.jpg,alone\n")
    let (report, samples) = try source.prepared(bad: 1) { $0.columns = try ColumnRoles("image=image,caption=words") }
    #expect(samples["a/3.jpg"]?.captions == ["backwards"] && samples["a/2.jpg"]?.captions == ["alone"])
    #expect(try frames(source, "a/3.jpg") == [2, 0].map { try photo($0) })
    #expect(report.problems.map(\.kind) == [.missingCaption], "a/4.jpg is named by nobody: \(report.problems)")
  }

  @Test func recordsOfLists() throws {
    let source = try videos(["a": 3])
    source.add(
      "meta.jsonl",
      #"{"image": ["films/a/2.jpg", "films/a/1.jpg"], "caption": "two"}"# + "\n"
        + #"{"image": "films/a/3.jpg", "caption": "one"}"# + "\n")
    let (report, samples) = try source.prepared()
    #expect(samples["films/a/2.jpg"]?.captions == ["two"] && samples.count == 2)
    #expect(try frames(source, "films/a/2.jpg") == [1, 0].map { try photo($0) })
    #expect(report.problemCount == 0)
  }

  /// A video without one of its frames would be another one: it is left out, and counted.
  @Test func framesThatCannotBeHad() throws {
    let source = try videos(["a": 3, "b": 3, "c": 3, "d": 2])
    source.files[1].bytes.removeLast(200)
    source.add("films/e/1.jpg", "no picture")
    let list = { (names: [String]) in
      #"{"image": [\#(names.map { #""films/\#($0).jpg""# }.joined(separator: ","))], "caption": "c"}"# + "\n"
    }
    source.add(
      "meta.jsonl",
      [
        ["a/1", "a/2", "a/3"], ["b/1", "b/9"], ["c/1", "e/1"], ["d/1", "d/2"], ["d/1", "b/2"],
        ["c/2"] + [String](repeating: "c/3", count: 1024),
      ].map(list).joined())
    let (report, samples) = try source.prepared(bad: 1)
    #expect(Array(samples.keys) == ["films/d/1.jpg"])
    let problems = report.problems.filter { $0.kind != .missingCaption }
    #expect(
      Set(problems.map(\.kind)) == [.truncated, .missingFrame, .notAPicture, .damagedRow, .tooManyFrames], "\(problems)"
    )
    let words = problems.map(\.line).joined(separator: "\n")
    for part in [
      "frame 2 of 3: ", "frame 2 of 2: there is no picture films/b/9.jpg", "behind its first frame it has others",
      "1025 frames, and a video may have 1024",
    ] { #expect(words.contains(part), "\(words)") }
    #expect(report.problemCounts.first { $0.kind == .missingFrame }?.count == 1)
    #expect(throws: PreparationError.self) { _ = try source.prepared(bad: 0) }
  }

  @Test func aCopyKeepsFrames() throws {
    let source = try videos(["walk": 3, "run": 2])
    source.add("films/table.csv", "clip,words\nwalk,a man walks\nrun,a man runs\n")
    _ = try source.prepared { $0.columns = try ColumnRoles("image=clip,caption=words") }
    let set = try PreparedDataSet(path: source.path("prepared"))
    let writer = try PreparedDataSetWriter(directory: source.path("copy"), description: set.manifest.description)
    for split in set.manifest.splits {
      for sample in try set.samples(split: split.name) {
        try set.copy(sample, as: set.record(sample), keeping: [.image], to: writer)
      }
    }
    try writer.finish()
    let copy = try PreparedDataSet(path: source.path("copy"))
    try copy.verify()
    #expect(copy.manifest.shards.map(\.sha256) == set.manifest.shards.map(\.sha256))
  }
}
