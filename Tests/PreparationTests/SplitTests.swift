import Batching
import Files
import Preparation
import Testing

@Suite struct SplitTests {
  let source: TestSource

  init() throws { source = try TestSource() }

  /// The names of the photos in each split.
  private func members(_ request: PreparationRequest) throws -> [String: [String]] {
    let set = try PreparedDataSet(path: request.output)
    var members: [String: [String]] = [:]
    for split in set.manifest.splits {
      members[split.name] = try set.samples(split: split.name).map { try set.record($0).fileName }
    }
    return members
  }

  @Test func aHashOfThePhotoDecidesWhereNothingElseDoes() throws {
    try source.addPhotos(200, list: false)
    source.files[150].bytes = source.files[20].bytes
    var request = source.request(try source.zip())
    let report = try prepare(request)
    let first = try members(request)
    let sizes = report.splits.map(\.photos)
    #expect(report.splits.map(\.name) == ["train", "validation", "test"] && sizes.reduce(0, +) == 200)
    #expect(sizes[0] > 130 && sizes[1] > 5 && sizes[2] > 5)
    #expect(report.leaks == 0 && report.duplicates.count == 1, "photos with the same bytes stay together")
    #expect(report.splitSource.contains("seed 0") && report.splitSource.contains("0.1"))

    // Without a photo the others stay where they are; another seed moves them.
    source.files.remove(at: 7)
    request.output = source.path("fewer")
    request.source = try source.zip("fewer.zip")
    try prepare(request)
    let fewer = try members(request)
    for (split, names) in fewer { #expect(names == first[split]?.filter { $0 != "1007.jpg" }) }
    request.output = source.path("seeded")
    request.seed = 1
    try prepare(request)
    #expect(try members(request) != fewer)
  }

  @Test func listsLeaveOutOnPurpose() throws {
    try source.addPhotos(6)
    source.files[7].bytes = Array("1000.jpg\n1001\n1777.jpg\n".utf8)
    source.files[9].bytes = Array("1005.jpg\r\n1000.jpg\n".utf8)
    let request = source.request(try source.zip())
    let report = try prepare(request)
    #expect(try members(request) == ["train": ["1001.jpg"], "validation": ["1004.jpg"], "test": ["1005.jpg"]])
    #expect(report.photosNotListed == 2)
    #expect(report.problems.map(\.kind) == [.severalSplits, .missingPhoto])
    #expect(report.problems.map(\.subject) == ["1000.jpg", "1777.jpg"])
  }

  @Test(arguments: [
    "image\tsplit\n1000.jpg\ttrain\n1001.jpg\tval\n", "1000.jpg,train\n1001.jpg,dev\n", "train;1000.jpg\nval;1001",
  ])
  func oneFileForAll(text: String) throws {
    try source.addPhotos(4)
    var request = source.request(try source.zip())
    request.splits = source.path("mine.tsv")
    try writeAtomically(Array(text.utf8), to: source.path("mine.tsv"))
    let report = try prepare(request)
    #expect(try members(request) == ["train": ["1000.jpg"], "validation": ["1001.jpg"]])
    #expect(report.splitSource == "split file mine.tsv" && report.notes.contains("no photo is in the split test"))
  }

  @Test func karpathyBeforeTokenBeforeTables() throws {
    try source.addPhotos(3)
    source.add(
      "set/results.csv", "image_name| comment_number| comment\n1000.jpg| 0| photo number  0\n1000.jpg| 1| another\n")
    source.add(
      "set/dataset.json",
      """
      {"images": [{"filename": "1002.jpg", "split": "train", "sentences": [{"raw": "from JSON"}]},
       {"filename": "1001.jpg", "split": "val", "sentences": [{"raw": "photo number 1"}, {"raw": "another view of 1"}]}]}
      """)
    var request = source.request(try source.zip(), bad: 0)
    let report = try prepare(request)
    #expect(report.captionSources.map(\.layout) == ["Karpathy JSON", "token file", "CSV with bars"])
    #expect(report.captionSources.map(\.agrees) == [nil, false, false])
    #expect(report.captionSources[1].difference?.contains("1 photos have other captions (first: 1002.jpg)") == true)
    #expect(report.splitSource.contains("dataset.json") && report.photosNotListed == 1)
    #expect(try members(request) == ["train": ["1002.jpg"], "validation": ["1001.jpg"]])

    // A file that was asked for comes before all; lists beside it decide the splits.
    try writeAtomically(Array("image,caption\n1000.jpg,mine\n".utf8), to: source.path("mine.csv"))
    request.captions = source.path("mine.csv")
    request.output = source.path("mine")
    request.maximumBadFraction = 1
    let mine = try prepare(request)
    #expect(mine.captionSources[0].file == "mine.csv" && mine.splitSource.hasPrefix("lists"))
    #expect(try members(request) == ["train": ["1000.jpg"]])
  }
}
