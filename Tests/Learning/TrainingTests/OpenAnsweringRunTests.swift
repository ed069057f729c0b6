import Batching
import Collectives
import Configuration
import Evaluation
import Files
import Inference
import Pretrained
import Reporting
import Tasks
import TestSupport
import Testing
import Training

/// Questions about plain photos that a decoder answers, from the configuration to what is said to new ones.
@Suite(.serialized) struct OpenAnsweringRunTests {
  private let runs: SmallRuns

  init() throws {
    runs = SmallRuns(
      [
        "task.name=answering", "task.answers=open", "model.name=blip", "model.vision.image_size=8",
        "model.vision.patch_size=4", "model.vision.width=16", "model.vision.heads=2", "model.vision.layers=1",
        "model.text.width=24", "model.text.heads=2", "model.text.layers=1", "optimizer.learning_rate=0.01",
        "evaluation.every_epochs=0",
      ], in: try ToyRuns().place)
  }

  private func evaluate(_ name: String, answers: String? = nil, ranks: Int = 1) throws -> AnsweringReport {
    let reports = try InProcessCommunicator.run(ranks: ranks) { communicator in
      var request = EvaluationRequest([runs.place(name + "/last")], threads: 1)
      request.answersFile = answers
      return try evaluateModel(
        request, data: runs.place("set"), split: "validation", communicator: communicator, output: .silent)
    }
    return try #require(reports[0] as? AnsweringReport)
  }

  private func facts(_ name: String) throws -> String {
    String(decoding: try readFile(runs.place(name + "/last/task.json")), as: UTF8.self).filter { !$0.isWhitespace }
  }

  /// Who looks answers: it writes the right words, and finds them among those of a list; `predict` says what `evaluate` counts.
  @Test func itLearnsToAnswer() throws {
    try runs.train("open", steps: 150, ["evaluation.every_epochs=20"])
    let open = try evaluate("open")
    #expect(open.metrics.questions == 40 && open.metrics.accuracy > 90, "\(open.metrics)")
    #expect(open.metrics.majority.map { $0 < 60 } == true && open.metrics.oracle == nil)
    #expect(open.metrics.byKind["answer_type"]?.map(\.kind) == ["other", "yes/no"])
    #expect(open.metrics.intervals?["accuracy"] != nil && open.metrics.aurc != nil)
    #expect(try facts("open").contains(#""form":"open""#) && !facts("open").contains("id2label"))
    #expect(
      String(decoding: try readFile(runs.place("open/metrics.jsonl")), as: UTF8.self).contains(
        #""event":"evaluation""#))
    let list = runs.place("answers.txt")
    try writeAtomically("red\ngreen\nblue\nyes\nno\n".utf8, to: list)
    let ranked = try evaluate("open", answers: list)
    #expect(ranked.metrics.accuracy >= open.metrics.accuracy - 5 && ranked.metrics.oracle == 100)
    #expect(ranked.way == "the likeliest of all 5 answers of the list")
    for ranks in [2, 3] {
      #expect(try evaluate("open", ranks: ranks).metrics == open.metrics)
      #expect(try evaluate("open", answers: list, ranks: ranks).metrics == ranked.metrics)
    }
    try expectPredictions("open", open.metrics.accuracy)
  }

  private func expectPredictions(_ name: String, _ accuracy: Double) throws {
    let dataSet = try PreparedDataSet(path: runs.place("set"))
    let model = try #require(try TaskModel(ModelDirectory(path: runs.place(name + "/last")), threads: 1))
    var answered: [AnsweredQuestion] = []
    for (place, sample) in try dataSet.samples(split: "validation").enumerated() {
      let questions = try dataSet.record(sample).columns.questions
      try writeAtomically(dataSet.withImageBytes(sample) { Array($0) }, to: runs.place("photo.jpg"))
      let told = try model.predict(PhotoFiles(at: [runs.place("photo.jpg")]), questions.map(\.text), top: 1).told[0]
      answered += zip(questions, told).map { question, told in
        AnsweredQuestion(answer: told.written?.words ?? "(nothing)", annotators: question.answers, cluster: place)
      }
    }
    #expect(try AnswerMetrics(answered, list: nil, majority: nil).accuracy == accuracy)
  }

  /// The list of the data, or of a file, goes with the weights.
  @Test func aListIsRanked() throws {
    try runs.train("ranked", steps: 30, ["task.answers=ranked", "task.answers.most=4"])
    #expect(try facts("ranked").contains(#""form":"ranked""#) && facts("ranked").contains(#""3":"#))
    let report = try evaluate("ranked")
    #expect(
      report.way == "the likeliest of all 4 answers of the list" && report.metrics.oracle.map { $0 < 100 } == true)
  }

  /// Groups of samples are compared as those of a list are; what needs logits says so.
  @Test func whatIsAskedFurther() throws {
    try runs.train("open", steps: 4)
    func further(_ set: (inout FurtherQuestions) -> Void) throws -> any TaskReport {
      var further = FurtherQuestions()
      set(&further)
      return try evaluateFurther(
        further, of: runs.place("open/last"), data: runs.place("set"), split: "validation", threads: 1,
        communicator: SoloCommunicator(), output: .silent)
    }
    let table = try further { $0.by = "label:colour" }.table
    #expect(table.contains("3 groups of fewer than 10 samples"), "\(table)")
    let error = #expect(throws: TaskError.self) { _ = try further { $0.fusion = true } }
    #expect(error?.description.contains("writes its answers token by token") == true)
    #expect(error?.exitCode == .configuration)
  }

  @Test func ranksLearnAsOne() throws { try runs.expectTheSameOnRanks(steps: 5, ["task.smoothing=0.1"]) }
  @Test func piecesEndAsTheWhole() throws { try runs.expectTheSameInPieces() }
  @Test func aForecastIsTakenAgain() throws { try runs.expectAForecastIsTakenAgain() }

  @Test func badSettingsAreRefused() throws {
    #expect(
      runs.refusal(["model.name=clip"]).contains(
        "no decoder that answers questions it reads; name a model that has one"))
    #expect(runs.refusal(["task.blind=image"]).contains("a decoder of answers looks at both"))
    #expect(
      runs.refusal(["task.answers.file=x"]).contains("open answers come from no list; set task.answers to ranked"))
    #expect(runs.refusal(["task.answers=list", "task.smoothing=0.1"]).contains("answers of a list have targets"))
    #expect(runs.refusal(["objective.group=dro"]).contains("objective.group"))
    #expect(runs.refusal(["task.answers=closed"]).contains("task.answers.form: 'closed'"))
  }

  /// A group that has a key `form` may be given as one word, in a file and on the command line; what is written says the key.
  @Test(arguments: ["answers: open", "answers: { form: open }"])
  func aFormStandsForItsGroup(_ answers: String) throws {
    let configuration = try RunConfiguration(
      yaml: "task: { name: answering, \(answers) }\nmodel: { name: blip }\n", name: "run.yaml")
    #expect(configuration.task.answerForm == .open)
    #expect(configuration.yaml().contains("answers:\n    form: open"))
    let ranked = try RunConfiguration(
      yaml: configuration.yaml(), name: "run.yaml", settings: [ConfigurationSetting("task.answers=ranked")])
    #expect(ranked.task.answerForm == .ranked)
  }
}
