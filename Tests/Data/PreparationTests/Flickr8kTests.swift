import Archives
import Batching
import Files
import Foundation
import Preparation
import TestSupport
import Testing

/// Where real photos lie: beside the repository, or where MMTRAIN_SHARED says.
private let shared = sharedDirectory ?? "shared is not here"
private let flickr8k = shared + "/data/flickr8k"

@Suite(.enabled(if: fileExists(flickr8k), "the real photos are not here: set MMTRAIN_SHARED"))
struct Flickr8kTests {
  let source: TestSource

  init() throws { source = try TestSource() }

  @Test func miniFromZip() throws {
    let request = source.request(.archive(path: flickr8k + "/flickr8k-mini.zip"), bad: 0)
    let report = try prepare(request)
    #expect(report.splits.map(\.name) == ["train", "validation", "test"])
    #expect(report.splits.map(\.photos) == [1600, 200, 200] && report.splits.map(\.captions) == [8000, 1000, 1000])
    #expect(report.problemCount == 0 && report.photosNotListed == 0 && report.photosFound == 2000)
    #expect(report.captionCounts.map(\.captions) == [5] && report.captionCounts.map(\.photos) == [2000])
    #expect(report.captionSources.map(\.layout) == ["Karpathy JSON", "token file", "CSV with bars", "CSV"])
    #expect(report.captionSources.dropFirst().allSatisfy { $0.agrees == true })
    #expect(report.pairs?.rows == 9387)
    let set = try PreparedDataSet(path: request.output)
    try set.verify()
    let first = try #require(try set.samples(split: "train").first)
    #expect(try set.record(first).fileName == "1001773457_577c3a7d70.jpg")
    let zip = try ZipReader(path: flickr8k + "/flickr8k-mini.zip")
    let entry = try #require(zip.entry(named: "flickr8k-mini/images/1001773457_577c3a7d70.jpg"))
    #expect(try set.withImageBytes(first) { Array($0) } == zip.read(entry))
  }

  /// The gzipped tar of the folder gives the folder's samples; the manifest tells them apart by the source's name.
  @Test func tinyFromGzippedTar() throws {
    var request = source.request(.archive(path: flickr8k + "/flickr8k-tiny.tar.gz"), bad: 0)
    let report = try prepare(request)
    #expect(report.splits.map(\.photos) == [40, 12, 12] && report.problemCount == 0)
    let packed = try PreparedDataSet(path: request.output).manifest
    request = source.request(.folder(path: flickr8k + "/flickr8k-tiny"), bad: 0)
    request.output = source.path("folder")
    try prepare(request)
    let folder = try PreparedDataSet(path: request.output).manifest
    #expect(packed.shards == folder.shards)
    func same(_ file: String) -> Bool {
      packed.files.first { $0.file == file } == folder.files.first { $0.file == file }
    }
    #expect(same("index.tsv") && same("tokenizer.json") && same("pairs.tsv") && !same("report.json"))
    #expect(try directoryEntries(source.directory).sorted() == ["folder", "prepared"])
  }

  /// Every layout of captions gives the same samples.
  @Test(arguments: [nil, "results_20130124.token", "results.csv", "captions.txt", "dataset_flickr8k.json"])
  func tinyFromFolder(captions: String?) throws {
    let tiny = flickr8k + "/flickr8k-tiny"
    var request = source.request(.folder(path: captions == nil ? tiny : tiny + "/images"), bad: 0)
    request.captions = captions.map { [tiny + "/" + $0] } ?? []
    request.name = "tiny"
    let report = try prepare(request)
    #expect(report.splits.map(\.photos) == [40, 12, 12] && report.splits.map(\.captions) == [200, 60, 60])
    #expect(report.problemCount == 0 && report.captionSources.count == 4)
    var reference = source.request(.folder(path: tiny), bad: 0)
    reference.output = source.path("reference")
    try prepare(reference)
    let shards = try PreparedDataSet(path: request.output).manifest.shards
    #expect(try PreparedDataSet(path: reference.output).manifest.shards == shards)
  }
}
