import Preparation
import Testing

/// What a known set is known for, held against what was found.
@Suite struct ExpectationTests {
  let source: TestSource

  init() throws {
    source = try TestSource()
    try source.addPhotos(12)
  }

  private func report(_ expectations: DataSetExpectations) throws -> PreparationReport {
    var request = source.request(try source.zip(), bad: 0)
    request.expectations = expectations
    return try prepare(request)
  }

  private func expectations(photos: Int, train: Int) -> DataSetExpectations {
    DataSetExpectations(
      photos: photos, captions: photos * 2, captionsPerPhoto: 2,
      splits: [.init(name: "train", photos: train), .init(name: "val", photos: 1), .init(name: "test", photos: 1)])
  }

  @Test func theKnownNumbers() throws {
    let report = try report(expectations(photos: 12, train: 10))
    #expect(report.expectations.allSatisfy { $0.verdict == .asExpected } && report.warnings.isEmpty)
    #expect(
      report.expectations.map(\.what) == [
        "photos", "captions", "photos with 2 captions", "photos in train", "photos in validation", "photos in test",
      ])
  }

  /// A copy with the photos of the splits alone is whole too.
  @Test func theSplitsAlone() throws {
    let report = try report(expectations(photos: 15, train: 10))
    #expect(report.warnings.isEmpty)
    #expect(report.expectations.prefix(2).map(\.expected) == [12, 24])
    #expect(report.expectations.prefix(2).map(\.found) == [12, 24])
  }

  @Test func aPartIsAWarning() throws {
    let report = try report(expectations(photos: 31_783, train: 29_000))
    let warning = try #require(report.warnings.first)
    #expect(report.warnings.count == 1)
    #expect(warning.contains("photos in train 10, known 29000") && warning.contains("a part of the set"))
    #expect(report.expectations[3].verdict == .fewer && report.expectations[4].verdict == .asExpected)
  }

  @Test func otherSplitsAreAWarning() throws {
    let more = try report(expectations(photos: 12, train: 9))
    #expect(more.warnings.first?.contains("not the published set and splits") == true)
    let source = try TestSource()
    try source.addPhotos(4)
    source.files[source.files.count - 1].name = "set/odd.txt"
    var request = source.request(try source.zip())
    request.splits = .file(source.path("splits.csv"))
    try source.write("1000.jpg,train\n1001.jpg,val\n1002.jpg,test\n1003.jpg,extra\n", to: "splits.csv")
    request.expectations = DataSetExpectations(splits: [.init(name: "train", photos: 1)])
    let extra = try prepare(request)
    #expect(
      extra.expectations.map(\.what) == [
        "photos in train", "photos in validation", "photos in test", "photos in extra",
      ])
    #expect(extra.expectations.map(\.expected) == [1, 0, 0, 0] && extra.expectations.allSatisfy { $0.found == 1 })
  }
}
