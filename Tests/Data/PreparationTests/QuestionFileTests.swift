import Batching
import Preparation
import Reporting
import Testing

/// Questions in the forms in which VQA, GQA, easy-vqa and others hand them on.
@Suite struct QuestionFileTests {
  private let two = ["COCO_train2014_000000000009.jpg", "COCO_train2014_000000000025.jpg"]

  private static let questions = #"""
    {"info": {"description": "questions"}, "data_subtype": "train2014", "questions": [
      {"question_id": 9000, "image_id": 9, "question": "How many cookies can be seen? "},
      {"question_id": 25000, "image_id": 25, "question": "Is it day?"},
      {"question_id": 25001, "image_id": 25, "question": "Is it night?"},
      {"question_id": 77000, "image_id": 77, "question": "Is there a photo?"}]}
    """#

  private static let annotations = #"""
    {"info": {}, "annotations": [
      {"question_id": 25000, "image_id": 25, "question_type": "is it", "answer_type": "yes/no", "multiple_choice_answer": "yes",
       "answers": [{"answer": "yes", "answer_confidence": "yes", "answer_id": 1},
                   {"answer": "yes", "answer_confidence": "maybe", "answer_id": 2},
                   {"answer": "no", "answer_confidence": "no", "answer_id": 3}]},
      {"question_id": 9000, "image_id": 9, "question_type": "how many", "answer_type": "number",
       "answers": [{"answer": "2", "answer_id": 1}]},
      {"question_id": 77000, "image_id": 77, "answers": [{"answer": "no", "answer_id": 1}]},
      {"question_id": 5, "image_id": 9, "answers": [{"answer": "lost", "answer_id": 1}]}]}
    """#

  @Test func pairOfVQA() throws {
    let source = try TestSource()
    try source.addPhotos(named: two.map { "train2014/" + $0 } + ["train2014/COCO_train2014_000000000030.jpg"])
    source.add("v2_OpenEnded_mscoco_train2014_questions.json", Self.questions)
    source.add("v2_mscoco_train2014_annotations.json", Self.annotations)
    let (report, samples) = try source.prepared(bad: 1) { $0.splits = .hash(SplitHash()) }
    #expect(samples.keys.sorted() == two)
    #expect(
      samples[two[0]]?.columns.questions == [
        Question(
          text: "How many cookies can be seen?", answers: ["2"],
          kinds: ["question_type": "how many", "answer_type": "number"], id: "9000")
      ])
    #expect(
      samples[two[1]]?.columns.questions == [
        Question(
          text: "Is it day?", answers: ["yes", "yes", "no"],
          kinds: ["question_type": "is it", "answer_type": "yes/no"],
          id: "25000",
          details: .object([
            "multiple_choice_answer": .string("yes"),
            "answer_confidence": .array([.string("yes"), .string("maybe"), .string("no")]),
          ]))
      ])
    let told = report.problems.map { "\($0.kind.rawValue) \($0.subject) \($0.place ?? ""): \($0.detail)" }
    #expect(
      told == [
        "missing_annotation  v2_OpenEnded_mscoco_train2014_questions.json: questions[2]: "
          + "no annotation answers the question 25001",
        "unknown_question  v2_mscoco_train2014_annotations.json: annotations[3]: there is no question 5",
        "missing_photo 77 v2_OpenEnded_mscoco_train2014_questions.json: there is no photo of this name",
      ])
    #expect(report.alsoLeftOut.contains("1 questions, whose photos are not in the set"))
    #expect(report.photosNotListed == 1)
    #expect(report.notes.contains("answers are those of v2_mscoco_train2014_annotations.json"))
    let counts = report.splits.flatMap(\.columns).filter { $0.column == .questions }
    #expect(counts.map(\.values).reduce(0, +) == 2)
  }

  /// One pair a split, in any order: what the paths speak of are the splits.
  @Test func pairsOfSeveralSplits() throws {
    let source = try TestSource()
    try source.addPhotos(named: ["a/COCO_val2014_000000000009.jpg", "a/COCO_train2014_000000000025.jpg"])
    for (split, id) in [("train", 25), ("val", 9)] {
      source.add(
        "v2_OpenEnded_\(split)2014_questions.json",
        #"{"questions": [{"question_id": \#(id), "image_id": \#(id), "question": "q?"}]}"#)
      source.add(
        "v2_\(split)2014_annotations.json", #"{"annotations": [{"question_id": \#(id), "answers": ["yes", "yes"]}]}"#)
    }
    let (report, samples) = try source.prepared()
    #expect(report.splits.map(\.name) == ["train", "validation"] && report.problemCount == 0)
    #expect(samples["COCO_val2014_000000000009.jpg"]?.split == "validation")
    #expect(samples["COCO_val2014_000000000009.jpg"]?.columns.questions.first?.answers == ["yes", "yes"])
  }

  /// Several photos end in the number: the subset says which is meant, and where it does not, none is.
  @Test func numbersOfPhotos() throws {
    let source = try TestSource()
    try source.addPhotos(named: [
      "COCO_val2014_000000000009.jpg", "COCO_train2014_000000000025.jpg", "other-9.jpg", "25.jpg",
    ])
    source.add(
      "questions.json",
      #"{"data_subtype": "val2014", "questions": [{"question_id": 1, "image_id": 9, "question": "a"}, {"question_id": 2, "image_id": 25, "question": "b"}]}"#
    )
    let (report, samples) = try source.prepared(bad: 1) { $0.hasNoAnnotations = true }
    #expect(samples.keys.sorted() == ["25.jpg", "COCO_val2014_000000000009.jpg"], "a whole name comes first")
    #expect(report.notes.contains("questions.json: its 2 questions have no answers"))
    #expect(samples.values.allSatisfy { $0.columns.questions[0].answers.isEmpty })
  }

  @Test func halvesOfPairs() throws {
    let source = try TestSource()
    try source.addPhotos(named: two)
    source.add("q.json", Self.questions)
    func refusal() throws -> PreparationError? { #expect(throws: PreparationError.self) { try source.prepared() } }
    var error = try refusal()
    #expect(error?.description.contains("q.json has 4 questions and no answers") == true)
    #expect(error?.description.contains("--annotations FILE") == true && error?.exitCode == .missingInput)
    source.files.removeLast()
    source.add("a.json", Self.annotations)
    error = try refusal()
    #expect(
      error?.description.contains("a.json has 4 answers and no questions") == true && error?.exitCode == .missingInput)
    try source.write(Self.questions, to: "outside.json")
    let (_, samples) = try source.prepared(bad: 1) { $0.questions = [source.path("outside.json")] }
    #expect(samples[two[1]]?.columns.questions.count == 1)
  }

  @Test func gqa() throws {
    let source = try TestSource()
    try source.addPhotos(named: ["images/2354786.jpg", "images/n16.jpg"])
    source.add(
      "val_balanced_questions.json",
      #"""
      {"201640614": {"question": "Who is wearing the dress?", "imageId": "2354786", "answer": "woman", "isBalanced": true,
         "types": {"detailed": "relS", "semantic": "rel", "structural": "query"}, "fullAnswer": "The woman.",
         "semantic": [{"operation": "select", "dependencies": []}], "groups": {"global": "person", "local": null}},
       "05": {"question": "Is it?", "imageId": "n16", "answer": "no", "types": {}},
       "06": {"question": "Broken", "answer": "no"}}
      """#)
    let (report, samples) = try source.prepared(bad: 1)
    let question = try #require(samples["2354786"]?.columns.questions.first)
    #expect(question.text == "Who is wearing the dress?" && question.answers == ["woman"] && question.id == "201640614")
    #expect(question.kinds == ["detailed": "relS", "semantic": "rel", "structural": "query"])
    guard case .object(let details) = question.details else {
      Issue.record("no details")
      return
    }
    #expect(details.keys.sorted() == ["fullAnswer", "groups", "isBalanced", "semantic"])
    #expect(samples["n16"]?.columns.questions == [Question(text: "Is it?", answers: ["no"], id: "05")])
    #expect(report.problems.map(\.detail) == ["key imageId is missing"])
  }

  /// As the package has them: numbers begin anew in each split's folder.
  @Test func listsOfEasyVQA() throws {
    let source = try TestSource()
    try source.addPhotos(named: [
      "data/train/images/0.png.jpg", "data/train/images/1.jpg", "data/test/images/0.jpg", "data/test/images/1.jpg",
    ])
    source.files[0].name = "data/train/images/0.jpg"
    source.add(
      "data/train/questions.json",
      #"[["what color?", "blue", 0], ["is there a circle?", "no", 0], ["what shape?", "circle", 1]]"#)
    source.add(
      "data/test/questions.json", #"[["what color?", "red", 0], ["what shape?", "square", 1], ["cut", "short"]]"#)
    source.add("data/answers.txt", "blue\nred\n")
    let (report, samples) = try source.prepared(bad: 1)
    #expect(samples["data/train/images/0.jpg"]?.columns.questions.map(\.answers) == [["blue"], ["no"]])
    #expect(samples["data/test/images/0.jpg"]?.columns.questions.map(\.answers) == [["red"]])
    #expect(report.splits.map(\.name) == ["train", "test"] && report.splits.map(\.photos) == [2, 2])
    #expect(report.problemCounts.map(\.kind.rawValue) == ["column_row"])
  }

  @Test func records() throws {
    let source = try TestSource()
    try source.addPhotos(named: ["a.jpg", "b.jpg"])
    source.add(
      "rad.jsonl",
      #"""
      {"image_name": "a.jpg", "question": "Where?", "answer": "left", "qid": 3, "answer_type": "OPEN", "split": "train"}
      {"image_name": "b.jpg", "question": "How many?", "answers": ["2", "2", "3"], "split": "test", "phrase_type": "free"}
      {"image_name": "b.jpg", "question": "Unanswered?", "split": "test"}
      {"image_name": "b.jpg", "answer": "42", "split": "test"}
      {"image_name": "b.jpg", "question":
      """#)
    let (report, samples) = try source.prepared(bad: 1)
    #expect(
      samples["a.jpg"]?.columns.questions == [
        Question(text: "Where?", answers: ["left"], kinds: ["answer_type": "OPEN"], id: "3")
      ])
    #expect(samples["b.jpg"]?.columns.questions.map(\.answers) == [["2", "2", "3"], []])
    #expect(samples["b.jpg"]?.split == "test")
    #expect(
      report.problems.map { "\($0.kind.rawValue) \($0.place ?? "")" } == [
        "missing_value rad.jsonl:3", "missing_question rad.jsonl:4", "column_row rad.jsonl:5",
      ])
  }

  /// Captions stay what they are beside questions, and the words of a question in a caption file change nothing.
  @Test func captionsBesideQuestions() throws {
    let source = try TestSource()
    try source.addPhotos(named: ["a.jpg", "b.jpg"])
    source.add(
      "captions.json",
      #"{"images": [{"filename": "a.jpg", "sentences": [{"raw": "a question mark"}], "questions": ["why?"]}, {"filename": "b.jpg", "sentences": [{"raw": "a sign"}]}]}"#
    )
    let alone = try source.prepared { $0.splits = .hash(SplitHash()) }
    source.add("questions.jsonl", #"{"image": "a", "question": "what is it?", "answer": "a sign"}"#)
    let both = try source.prepared { $0.splits = .hash(SplitHash()) }
    #expect(both.samples["a.jpg"]?.captions == ["a question mark"] && both.samples["b.jpg"]?.captions == ["a sign"])
    #expect(both.samples["a.jpg"]?.details == .object(["questions": .array([.string("why?")])]))
    #expect(both.samples["a.jpg"]?.columns.questions == [Question(text: "what is it?", answers: ["a sign"])])
    #expect(alone.samples["a.jpg"]?.columns.isEmpty == true && alone.report.columnSources.isEmpty)
    #expect(both.samples.mapValues(\.split) == alone.samples.mapValues(\.split))
    #expect(both.report.tokenizer.contains("trained on") && both.report.tokenizer.contains("captions"))
  }
}
