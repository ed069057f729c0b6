import Evaluation
import Files
import Reporting
import TestSupport
import Testing
import Training

/// Captions and references in the files that people have.
@Suite struct ScoreCaptionsTests {
  private static let references = """
    {"images": [{"id": 7}, {"id": 9}, {"id": 11}], "annotations": [
      {"id": 0, "image_id": 9, "caption": "a dog runs"}, {"id": 1, "image_id": 7, "caption": "two cats sleep"},
      {"id": 2, "image_id": 9, "caption": "a brown dog is running"}, {"id": 3, "image_id": 11, "caption": "a bus"}]}
    """

  @Test(arguments: [
    #"[{"image_id": 7, "caption": "two cats sleep"}, {"image_id": 9, "caption": "a dog sleeps"}]"#,
    // In another order, by numbers that are texts, or as an object.
    #"[{"image_id": "9", "caption": "a dog sleeps"}, {"image_id": "7", "caption": "two cats sleep"}]"#,
    #"{"9": "a dog sleeps", "7": "two cats sleep"}"#,
    #"{"annotations": [{"image_id": 7, "caption": "two cats sleep"}, {"image_id": 9, "caption": "a dog sleeps"}]}"#,
  ])
  func formsAndOrdersSayTheSame(_ results: String) throws {
    var told: [String] = []
    let metrics = try score(results) { told.append($0) }
    #expect(metrics.images == 2 && metrics.references == 3)
    // Five of six words; pairs: two cats, cats sleep, a dog of four.
    #expect(abs(metrics.bleu[0] - 5.0 / 6) < 1e-8)
    #expect(abs(metrics.bleu[1] - (5.0 / 6 * 3 / 4).squareRoot()) < 1e-8)
    #expect(told.count == 1 && told[0].hasPrefix("1 images of "))
  }

  /// By the files of COCO's images, or by names that are files', with or without folder and ending.
  @Test func captionsAreFoundByThePhotosFile() throws {
    let directory = try TemporaryDirectory()
    let coco = """
      {"images": [{"id": 7, "file_name": "val/COCO_7.jpg"}], "annotations": [{"image_id": 7, "caption": "two cats"}]}
      """
    try writeAtomically(Array(coco.utf8), to: directory("coco.json"))
    try writeAtomically(Array(#"{"COCO_7": ["two cats"], "b.png": ["a dog"]}"#.utf8), to: directory("own.json"))
    for file in ["coco.json", "own.json"] {
      let table = try CaptionTable(at: directory(file))
      for name in ["val/COCO_7.jpg", "/photos/COCO_7.jpg", "COCO_7"] {
        #expect(table.captions(ofPhoto: name) == ["two cats"], "\(file) \(name)")
      }
      #expect(table.captions(ofPhoto: "COCO_8.jpg").isEmpty)
    }
    #expect(try CaptionTable(at: directory("own.json")).captions(ofPhoto: "photos/b.png") == ["a dog"])
  }

  @Test func frequenciesComeFromAFile() throws {
    let directory = try TemporaryDirectory()
    let file = directory.path + "/train.json"
    try writeAtomically(Array(#"{"1": ["a dog"], "2": ["a cat"], "3": ["a bus", "a red bus"]}"#.utf8), to: file)
    let own = try score(#"{"9": "a dog sleeps"}"#)
    let others = try score(#"{"9": "a dog sleeps"}"#, frequencies: file)
    #expect(own.cider == nil)
    #expect(others.frequencyImages == 3 && (others.cider ?? 0) > 0)
  }

  @Test(arguments: [
    ("not JSON", "is no file of captions"), ("[]", "has no caption"),
    (#"[{"caption": "a"}]"#, "is no file of captions"),
    (#"[{"image_id": 7, "caption": "a"}, {"image_id": 7, "caption": "b"}]"#, "has several captions of image 7"),
    (
      #"[{"image_id": 7, "caption": "a"}, {"image_id": 8, "caption": "b"}]"#,
      "has no reference for 1 of the captioned images (8)"
    ),
  ])
  func whatCannotBeScoredIsRefused(_ results: String, _ words: String) throws {
    let error = #expect(throws: CaptionFileError.self) { try score(results) }
    #expect(error?.description.contains(words) == true)
    #expect(error?.exitCode == .badData)
  }

  private func score(
    _ results: String, frequencies: String? = nil, tell: @escaping (String) -> Void = { _ in }
  ) throws -> CaptionMetrics {
    let directory = try TemporaryDirectory()
    let (said, known) = (directory.path + "/said.json", directory.path + "/known.json")
    try writeAtomically(Array(results.utf8), to: said)
    try writeAtomically(Array(Self.references.utf8), to: known)
    var files = CaptionFiles(captions: said, references: known)
    files.frequencies = frequencies
    return try scoreCaptions(of: files, tell: tell)
  }
}
