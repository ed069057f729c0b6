import Batching
import Collectives
import Evaluation
import Files
import Foundation
import Reporting
import TestSupport
import Testing
import Training

/// Captions beside their photos, by a model of images and texts, and beside scores of other programs.
@Suite struct JudgedCaptionsTests {
  private struct Row: Decodable {
    let photo: String, caption: String, references: [String]
    let score: Double, referenceScore: Double

    private enum CodingKeys: String, CodingKey {
      case photo, caption, references, score
      case referenceScore = "reference_score"
    }
  }

  private let place: TemporaryDirectory
  private let rows: [Row]

  init() throws {
    place = try TemporaryDirectory()
    rows = try JSONDecoder().decode([Row].self, from: Data(readFile(goldenDirectory + "/clipscore/expected.json")))
  }

  private func written(_ value: some Encodable, _ name: String) throws -> String {
    try writeAtomically(Array(JSONEncoder().encode(value)), to: place(name))
    return place(name)
  }

  private func files(
    _ captions: [String: String], _ references: [String: [String]], clip: Bool = true,
    photos: String = goldenDirectory + "/predictions"
  ) throws -> CaptionFiles {
    var files = try CaptionFiles(
      captions: written(captions, "captions.json"), references: written(references, "references.json"))
    if clip { files.judge = (photos, goldenDirectory + "/clipscore", "tiny") }
    return files
  }

  // MARK: By a model of images and texts

  /// Each caption by itself, beside Tests/Golden/clipscore.py: also where the photo and the caption have less than nothing in common.
  @Test func scoresOfSingleCaptionsAreTheFormulas() throws {
    for row in rows {
      let metrics = try scoreCaptions(
        of: files([row.photo: row.caption], [row.photo: row.references])
      ) { _ in }
      #expect(abs(try #require(metrics.clipScore) - row.score) < 2e-5, "\(row.caption)")
      #expect(abs(try #require(metrics.referenceClipScore) - row.referenceScore) < 2e-5, "\(row.caption)")
    }
    #expect(rows.contains { $0.score == 0 } && rows.contains { $0.score > 0.5 })
  }

  /// All together: the mean, intervals, and whose scores they are.
  @Test func theMeanHasIntervalsAndAModel() throws {
    let own = Array(rows.prefix(3))
    let metrics = try scoreCaptions(
      of: files(
        Dictionary(uniqueKeysWithValues: own.map { ($0.photo, $0.caption) }),
        Dictionary(uniqueKeysWithValues: own.map { ($0.photo, $0.references) }))
    ) { _ in }
    #expect(abs(try #require(metrics.clipScore) - own.map(\.score).reduce(0, +) / 3) < 2e-5)
    let interval = try #require(metrics.intervals?["clip_score"])
    #expect(interval.low < interval.high && metrics.intervals?["ref_clip_score"] != nil)
    #expect(metrics.signature.contains("|version:1|clip:tiny,") && metrics.clipModel?.hasPrefix("tiny,") == true)
    #expect(metrics.table.contains("RefCLIPScore"))
    let json = String(decoding: try JSONEncoder().encode(metrics), as: UTF8.self)
    #expect(json.contains(#""clip_score":"#) && json.contains(#""clip_model":"tiny,"#))
  }

  /// Photos are found by what captions call them: by the name, a part of it, or the number at its end.
  @Test func photosAreFoundByTheirNames() throws {
    let photos = place("photos")
    try writePhotos(["val/COCO_val2014_000000000042.jpg", "val/a cat.png.jpg", "val/7.jpg"], in: photos)
    let captions = ["42": "a dog", "a cat.png": "a cat", "val/7.jpg": "a bus"]
    let metrics = try scoreCaptions(of: files(captions, captions.mapValues { [$0] }, photos: photos)) { _ in }
    #expect(metrics.images == 3 && metrics.clipScore != nil)
    // What the file of references says comes first.
    try writeAtomically(
      Array(
        #"{"images": [{"id": 5, "file_name": "7.jpg"}], "annotations": [{"image_id": 5, "caption": "a bus"}]}"#.utf8),
      to: place("coco.json"))
    var named = try self.files(["5": "a bus"], ["5": ["a bus"]], photos: photos)
    named.references = place("coco.json")
    #expect(try scoreCaptions(of: named) { _ in }.clipScore != nil)
  }

  @Test func photosThatAreNotThereAreNamed() throws {
    let photos = place("photos")
    try writePhotos(["a/1.jpg", "b/1.jpg"], in: photos)
    for (image, words) in [
      ("8", "has no photo of 1 of the captioned images (8)"), ("1", "has several photos that could be image 1"),
    ] {
      let files = try self.files([image: "a dog"], [image: ["a dog"]], photos: photos)
      let error = #expect(throws: CaptionFileError.self) { try scoreCaptions(of: files) { _ in } }
      #expect(error?.description.contains(words) == true && error?.exitCode == .badData)
    }
  }

  // MARK: From outside

  private static let captions = ["1": "a dog", "2": "a cat", "3": "a bus"]

  private func withScores(_ json: String) throws -> CaptionMetrics {
    try writeAtomically(Array(json.utf8), to: place("scores.json"))
    var files = try self.files(Self.captions, Self.captions.mapValues { [$0] }, clip: false)
    files.scores = place("scores.json")
    return try scoreCaptions(of: files) { _ in }
  }

  /// Of all captions together, of each image as an object, and as pycocoevalcap has them.
  @Test func scoresOfOtherProgramsStandBeside() throws {
    let metrics = try withScores(#"{"METEOR": {"3": 0.1, "1": 0.2, "2": 0.6}, "FENSE": 0.75}"#)
    let outside = try #require(metrics.outside)
    #expect(outside.map(\.name) == ["FENSE", "METEOR"])
    #expect(outside[0].value == 0.75 && outside[0].interval == nil)
    #expect(abs(outside[1].value - 0.3) < 1e-12)
    let interval = try #require(outside[1].interval)
    #expect(interval.low < 0.3 && 0.3 < interval.high)
    #expect(metrics.signature.hasSuffix("|outside:FENSE,METEOR"))
    #expect(metrics.table.contains("METEOR, from outside"))
    #expect(metrics.cider == (try withScores(#"{"x": 1}"#)).cider)
    let rows = try withScores(
      #"[{"image_id": 1, "METEOR": 0.2, "SPICE": {"All": {"f": 0.5, "pr": 1}, "Size": {"f": 0}}, "note": "x"}, {"image_id": 2, "METEOR": 0.6, "SPICE": {"All": {"f": 0}}}, {"image_id": "3", "METEOR": 0.1, "SPICE": {"All": {"f": 0.25}}}]"#
    )
    #expect(rows.outside?.map(\.name) == ["METEOR", "SPICE"])
    #expect(rows.outside?[0] == outside[1] && rows.outside?[1].value == 0.25)
  }

  @Test(arguments: [
    (#"{"METEOR": {"1": 0.2, "2": 0.6}}"#, "METEOR has no score of 1 of the captioned images (3)"),
    (#"{"METEOR": {"1": 0.2, "2": 0.6, "3": 1, "9": 1}}"#, "METEOR has scores of 1 images that have no caption (9)"),
    (#"{"METEOR": NaN}"#, "it has NaN or Infinity, which is no number"),
    (#"{"METEOR": {"1": -Infinity, "2": 0.6, "3": 1}}"#, "it has NaN or Infinity, which is no number"),
    (#"{"METEOR": "0.3"}"#, "what it has as METEOR is no number"), ("{}", "it has no score"), ("[]", "it has no score"),
    ("0.3", "it is no file of scores"), (#"[{"METEOR": 0.2}]"#, "it is no file of scores"),
    (
      #"[{"image_id": 1, "METEOR": 0.2}, {"image_id": 1, "METEOR": 0.3}]"#, "METEOR has two scores of image 1"
    ),
  ])
  func whatIsNoScoreIsRefused(_ json: String, _ words: String) throws {
    let error = #expect(throws: CaptionFileError.self) { try withScores(json) }
    #expect(error?.description.contains(words) == true, "\(error.map { "\($0)" } ?? "")")
    #expect(error?.exitCode == .badData)
  }
}
