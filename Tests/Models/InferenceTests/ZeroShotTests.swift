import Batching
import Files
import Inference
import Reporting
import TestSupport
import Testing

@Suite struct ZeroShotTests {
  @Test func weightsAreTheMeanBroughtBackToLengthOne() {
    let prompts = Features([1, 0, 0.6, 0.8, 0, 1, 0, 1], width: 2)
    let weights = ZeroShot.classWeights(prompts: prompts, templates: 2)
    // (1.6, 0.8) / √3.2, then (0, 1).
    #expect(difference(weights.values, [0.894_427, 0.447_214, 0, 1], relative: 1e-5) == nil)
  }

  @Test func promptsGoClassByClass() {
    #expect(
      ZeroShot.prompts(classes: ["cat", "dog"], templates: ["a {}.", "{} and {}"]) == [
        "a cat.", "cat and cat", "a dog.", "dog and dog",
      ])
    #expect(ZeroShot.templates.count == 7 && ZeroShot.templates.allSatisfy { $0.contains("{}") })
  }

  @Test func accuracyIsCounted() {
    let logits: [Float] = [
      3, 1, 2,  // of class 0: right
      1, 2, 3,  // of class 1: taken for 2
      2, 2, 1,  // of class 1: a tie is not right, and the first is taken
      0, 0, 5,  // of class 2: right
    ]
    let report = ClassificationReport(logits: logits, labels: [0, 1, 1, 2], classes: 3)
    #expect(report.top1 == 0.5 && report.top5 == 1 && report.photos == 4)
    #expect(report.perClass == [1, 0, 1])
    #expect(report.meanPerClass == 2.0 / 3)
    #expect(report.confusion == [[1, 0, 0], [1, 0, 1], [0, 0, 1]])
    #expect(ClassificationReport(logits: [1, 0], labels: [0], classes: 2).perClass == [1, nil])
    #expect(ClassificationReport(logits: [.nan, 0], labels: [0], classes: 2).top1 == 0, "NaN is never right")
  }

  @Test func classesAreFolders() throws {
    let directory = try TemporaryDirectory()
    try writePhotos(["x/red_rose/1.jpg", "x/daisy/1.jpg", "x/daisy/2.jpg"], in: directory.path)
    var data = try ClassifiedPhotos(at: directory.path)
    #expect(data.classes.map(\.key) == ["daisy", "red_rose"] && data.classes.map(\.words) == ["daisy", "red rose"])
    #expect(data.labels == [0, 0, 1])
    try writeAtomically("oxeye daisy\nrose\n".utf8, to: directory("words"))
    try data.describe(byFile: directory("words"))
    #expect(data.classes.map(\.words) == ["oxeye daisy", "rose"])
    try writeAtomically("tulip\ttulip\nred_rose\ta rose\ndaisy\tdaisy\n".utf8, to: directory("words"))
    try data.describe(byFile: directory("words"))
    #expect(data.classes.map(\.key) == ["tulip", "red_rose", "daisy"])
    #expect(data.labels == [2, 2, 1])
  }

  @Test(arguments: [
    ("one\n", "1 lines for 2 classes (a, b)"), ("a\tx\n", "no line for b"), ("a\tx\na\ty\nb\tz\n", "there twice"),
    ("a\tx\nb\t\n", "no NAME<TAB>WORDS"),
  ])
  func wrongClassFilesAreRefused(content: String, words: String) throws {
    let directory = try TemporaryDirectory()
    try writePhotos(["a/1.jpg", "b/1.jpg"], in: directory("photos"))
    try writeAtomically(content.utf8, to: directory("words"))
    var data = try ClassifiedPhotos(at: directory("photos"))
    #expect {
      try data.describe(byFile: directory("words"))
    } throws: { "\($0)".contains(words) && ($0 as? any ReportableError)?.exitCode == .badData }
  }

  /// One class of one label, or what sets had before there were columns: a `label` among the details.
  @Test func classesOfAPreparedSet() throws {
    let directory = try TemporaryDirectory()
    let writer = try PreparedDataSetWriter(
      directory: directory("set"), description: DataSetDescription(name: "classes"))
    for number in 0..<4 {
      var columns = SampleColumns()
      if number < 2 { columns.labels = ["finding": [["flu", "cold"][number]]] }
      let label = ["flu", "mumps"][number % 2]
      let record = SampleRecord(
        key: "k\(number)", fileName: "\(number).jpg", split: number < 3 ? "train" : "test", columns: columns,
        details: number == 2 ? .object(["label": .string(label)]) : nil)
      try writer.add(image: try testPhoto(number), width: 16, height: 12, record: record)
    }
    try writer.finish()
    let data = try ClassifiedPhotos(at: directory("set"), split: "train")
    #expect(data.classes.map(\.key) == ["cold", "flu"] && data.labels == [1, 0, 1])
    #expect {
      _ = try ClassifiedPhotos(at: directory("set"), split: "test")
    } throws: { "\($0)".contains("label:NAME") }
  }

  @Test func aPhotoOutsideAFolderHasNoClass() throws {
    let directory = try TemporaryDirectory()
    try writePhotos(["1.jpg"], in: directory.path)
    #expect(throws: InferenceError.self) { try ClassifiedPhotos(at: directory.path) }
  }
}
