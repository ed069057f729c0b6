import Batching
import Preparation
import Scenes
import Testing

/// Questions and boxes within Karpathy's form, as the built-in scenes have them.
@Suite struct SceneColumnTests {
  @Test func scenesGiveQuestionsAndBoxes() throws {
    let source = try TestSource()
    var settings = SceneSettings()
    (settings.train, settings.validation, settings.test) = (12, 3, 3)
    try writeScenes(to: source.path("scenes.zip"), settings: settings)
    let report = try prepare(source.request(.archive(path: source.path("scenes.zip")), bad: 0))
    let set = try PreparedDataSet(path: source.path("prepared"))
    try set.verify()
    for split in set.manifest.splits {
      let counts = try set.columnCounts(split: split.name)
      #expect(counts.map(\.column) == [.image, .captions, .questions, .boxes])
      #expect(counts.map(\.samples) == Array(repeating: split.samples, count: 4))
      for sample in try set.samples(split: split.name) {
        let record = try set.record(sample)
        guard case .object(let details) = record.details, case .array(let objects) = details["objects"] else {
          Issue.record("no objects among the details")
          return
        }
        #expect(details.keys.sorted() == ["ground", "objects"])
        let count = record.columns.questions.first { $0.text == "how many objects are there?" }
        #expect(count?.answers == ["\(objects.count)"] && count?.kinds == ["kind": "count"])
        #expect(record.columns.boxes.count == objects.count)
        #expect(record.columns.boxes.allSatisfy { $0.phrase.split(separator: " ").count == 3 })
      }
    }
    #expect(report.columnSources.map(\.file) == ["scenes/scenes.json"] && report.problemCount == 0)
    #expect(report.tokenizer.hasSuffix("trained on 60 captions"), "the tokenizer is that of the captions alone")
  }

  /// What has another form stays among the details.
  @Test func otherFormsAreDetails() throws {
    let source = try TestSource()
    try source.addPhotos(named: ["a.jpg", "b.jpg"])
    source.add(
      "d.json",
      #"""
      {"images": [{"filename": "a.jpg", "sentences": [{"raw": "a dog"}], "boxes": [{"phrase": "dog", "box": [1, 1, 2]}],
                   "questions": [{"question": "why?", "answer": "so", "difficulty": 3}]},
                  {"filename": "b.jpg", "sentences": [{"raw": "a cat"}], "boxes": [{"phrase": "cat", "box": [1, 1, 2, 0]}],
                   "questions": [{"q": "why?"}]}]}
      """#)
    let (_, samples) = try source.prepared()
    #expect(
      samples["a.jpg"]?.columns.questions == [
        Question(text: "why?", answers: ["so"], details: .object(["difficulty": .integer(3)]))
      ])
    guard case .object(let first) = samples["a.jpg"]?.details, case .object(let second) = samples["b.jpg"]?.details
    else {
      Issue.record("no details")
      return
    }
    #expect(first.keys.sorted() == ["boxes"] && second.keys.sorted() == ["boxes", "questions"])
    #expect(samples["b.jpg"]?.columns.isEmpty == true)
  }
}
