import Batching
import Calibration
import Collectives
import Configuration
import Evaluation
import Files
import Foundation
import Inference
import Models
import Pretrained
import Reporting
import Tasks
import TestSupport
import Testing
import Training

/// Questions about plain photos, from the configuration to what is answered to new ones.
@Suite(.serialized) struct AnsweringRunTests {
  private let runs: SmallRuns

  init() throws {
    runs = SmallRuns(
      [
        "task.name=answering", "model.name=cross-attention", "model.vision.image_size=8", "model.vision.patch_size=4",
        "model.vision.width=16", "model.vision.heads=2", "model.vision.layers=1", "model.text.width=16",
        "model.text.heads=2", "model.text.layers=1", "model.embedding_width=16", "model.fusion.layers=1",
        "model.fusion.width=16", "model.fusion.heads=2", "optimizer.learning_rate=0.01", "evaluation.every_epochs=0",
      ], in: try ToyRuns().place)
  }

  private func task(_ name: String) throws -> (directory: ModelDirectory, task: any Task) {
    let directory = try ModelDirectory(path: runs.place(name + "/last"))
    return (directory, try TaskCatalogue.task(ofModelIn: directory.path))
  }

  private func evaluate(_ name: String, ranks: Int = 1) throws -> [AnsweringReport] {
    let path = runs.place(name + "/last")
    let task = try TaskCatalogue.task(ofModelIn: path)
    let dataSet = try PreparedDataSet(path: runs.place("set"))
    return try InProcessCommunicator.run(ranks: ranks) { communicator in
      try #require(
        try evaluateModel(
          in: ModelDirectory(path: path), task, on: dataSet, split: "validation", threads: 1,
          communicator: communicator, output: .silent
        )
          as? AnsweringReport)
    }
  }

  private func facts(_ name: String) throws -> String {
    String(decoding: try readFile(runs.place(name + "/last/task.json")), as: UTF8.self).filter { !$0.isWhitespace }
  }

  /// Who sees the photo answers; who does not can only guess the most frequent answer to each kind of question.
  @Test func questionsAreAnsweredByLooking() throws {
    try runs.train("sees", steps: 150)
    let seen = try evaluate("sees")[0].metrics
    #expect(try facts("sees").contains(#""0":"no","1":"#))
    #expect(seen.questions == 40 && seen.oracle == 100 && seen.rules == ["any_annotator": 40])
    #expect(seen.accuracy > 90, "\(seen)")
    #expect(seen.byKind["answer_type"]?.map(\.kind) == ["other", "yes/no"])
    try runs.train("blind", steps: 150, ["task.blind=image"])
    let blind = try evaluate("blind")[0]
    #expect(blind.blind == .image && blind.table.contains("the image is hidden"))
    #expect(blind.metrics.accuracy < 75 && blind.metrics.majority == seen.majority)
    try runs.train("mute", steps: 20, ["task.blind=text"])
    #expect(try evaluate("mute")[0].blind == .text)
  }

  /// In one table the model, those that saw one side alone, and what is right without looking; and what it makes of both.
  @Test func theModelStandsBesideTheBlind() throws {
    try runs.train("sees", steps: 150)
    var further = FurtherQuestions()
    (further.fusion, further.each) = (true, true)
    for (name, hidden) in [("question-only", "image"), ("image-only", "text")] {
      try runs.train(name, steps: 150, ["task.blind=\(hidden)"])
      further.alone.append(runs.place(name + "/last"))
    }
    func measured(ranks: Int) throws -> [Beside] {
      try InProcessCommunicator.run(ranks: ranks) { [further] in
        let report = try evaluateFurther(
          further, of: runs.place("sees/last"), data: runs.place("set"), split: "validation", threads: 1,
          communicator: $0, output: .silent)
        #expect(report.table.contains("the most frequent of each answer_type"))
        return try JSONDecoder().decode(Beside.self, from: JSONEncoder().encode(report))
      }
    }
    let one = try measured(ranks: 1)[0]
    #expect(one.beside.accuracy.value == one.accuracy && one.beside.samples == 40)
    #expect(one.beside.others.prefix(2).map(\.name) == ["text alone", "image alone"])
    let gain = try #require(one.beside.gain)
    #expect(gain.value > 20 && gain.interval.map { $0.low > 0 } == true, "\(one.beside)")
    // Another photo changes what is answered to each question, another question does so more often than not.
    #expect(one.fusion.samples == 40 && one.fusion.missing[0].figure.value == one.accuracy)
    #expect(
      one.fusion.byModality.allSatisfy { ($0.changedByOther?.value ?? 0) > 20 && ($0.perceptual?.value ?? 0) > 10 })
    #expect(one.aurc < 0.1 && one.riskCoverage.last?.coverage == 1)
    // Sample by sample it says the same.
    let percent = one.each.percent.compactMap(\.self)
    #expect(percent.count == 40 && one.each.clusters.count == 40)
    #expect(abs(percent.reduce(0, +) / 40 - one.accuracy) < 1e-9 && Set(percent).isSubset(of: [0, 100]))
    for other in try measured(ranks: 3) {
      #expect(other.each.percent == one.each.percent && other.each.clusters == one.each.clusters)
      #expect(other.fusion.missing.map(\.figure.value) == one.fusion.missing.map(\.figure.value))
      #expect(other.beside == one.beside)
    }
  }

  private struct Each: Decodable { let percent: [Double?], clusters: [Int] }

  private struct Beside: Decodable {
    let accuracy: Double
    let beside: BesideMetrics
    let fusion: FusionMetrics
    let each: Each
    let aurc: Double
    let riskCoverage: [RiskCoveragePoint]

    enum CodingKeys: String, CodingKey {
      case accuracy, beside, fusion, each, aurc
      case riskCoverage = "risk_coverage"
    }
  }

  /// Answers of which one is right are calibrated as classes are, and predict says what should not be believed.
  @Test func answersAreCalibrated() throws {
    try runs.train("sees", steps: 30)
    let path = runs.place("sees/last")
    let calibration = try calibrateModel(
      at: path, data: runs.place("set"), split: "train", aim: .init(), threads: 1, communicator: SoloCommunicator(),
      output: .silent)
    #expect(calibration.samples == 80 && calibration.classes.contains("yes") && calibration.outside == nil)
    let model = try #require(try TaskModel(ModelDirectory(path: path), threads: 1))
    let dataSet = try PreparedDataSet(path: runs.place("set"))
    try writeAtomically(
      dataSet.withImageBytes(dataSet.samples(split: "validation")[0]) { Array($0) }, to: runs.place("photo.jpg"))
    let told = try model.predict(PhotoFiles(at: [runs.place("photo.jpg")]), ["red?"], top: 1).told[0][0]
    #expect(told.members.contains { $0.0 == "calibrated" } && told.lines.contains { $0.contains("calibrated: ") })
  }

  @Test func sharedAnswersAreNotCalibrated() throws {
    let vilt = SmallRuns(
      [
        "task.name=answering", "model.name=vilt", "initialize.weights=\(goldenDirectory)/predictions/answers",
        "evaluation.every_epochs=0",
      ], in: runs.place)
    try vilt.train("vilt", steps: 1)
    let error = #expect(throws: TaskError.self) {
      try calibrateModel(
        at: runs.place("vilt/last"), data: runs.place("set"), split: "train", aim: .init(), threads: 1,
        communicator: SoloCommunicator(), output: .silent)
    }
    #expect(error?.description.contains("calibrate takes models of which one answer is right") == true)
  }

  @Test func predictSaysWhatEvaluateCounts() throws {
    try runs.train("run", steps: 20)
    let one = try evaluate("run")[0].metrics
    for other in try [2, 3].flatMap({ try evaluate("run", ranks: $0) }) { #expect(other.metrics == one) }
    let dataSet = try PreparedDataSet(path: runs.place("set"))
    let model = try #require(try TaskModel(task("run").directory, threads: 1))
    var answered: [AnsweredQuestion] = []
    for (place, sample) in try dataSet.samples(split: "validation").enumerated() {
      let questions = try dataSet.record(sample).columns.questions
      try writeAtomically(dataSet.withImageBytes(sample) { Array($0) }, to: runs.place("photo.jpg"))
      let photos = try PhotoFiles(at: [runs.place("photo.jpg")])
      let told = try model.predict(photos, questions.map(\.text), top: 1).told[0]
      answered += try zip(questions, told).map { question, told in
        AnsweredQuestion(
          answer: try #require(answer(told)), annotators: question.answers, kinds: question.kinds, cluster: place)
      }
    }
    #expect(try AnswerMetrics(answered, list: nil, majority: nil).accuracy == one.accuracy)
    #expect(one.accuracy > 0 && one.accuracy < 100)
  }

  private func answer(_ told: PredictedExample) -> String? {
    guard case .list(let answers) = told.members[0].1, case .object(let members)? = answers.first,
      case .text(let answer) = members[0].1
    else { return nil }
    return answer
  }

  @Test func ranksLearnAsOne() throws { try runs.expectTheSameOnRanks(steps: 5) }
  @Test func piecesEndAsTheWhole() throws { try runs.expectTheSameInPieces() }

  /// A published model learns on with its own head and its own answers, unless a file names others.
  @Test func aPublishedHeadLearnsOn() throws {
    let published = [
      "task.name=answering", "model.name=vilt", "initialize.weights=\(goldenDirectory)/predictions/answers",
      "evaluation.every_epochs=0",
    ]
    let vilt = SmallRuns(published, in: runs.place)
    try vilt.train("vilt", steps: 2)
    #expect(try facts("vilt").contains(#""of_model":true"#))
    let file = runs.place("answers.txt")
    try writeAtomically("red\ngreen\nblue\nyes\nno\n".utf8, to: file)
    try vilt.train("other", steps: 2, ["task.answers.file=\(file)"])
    #expect(try facts("other").contains(#""0":"red","1":"green","2":"blue","3":"yes","4":"no"}"#))
    #expect(try facts("other").contains(#""of_model":false"#))
  }

  // MARK: Bad input

  private func refusal(_ more: [String], set: String = "set") -> (text: String, code: ExitCode?) {
    let error = #expect(throws: (any Error).self) {
      try SmallRuns(runs.settings, data: set, in: runs.place).train("refused", more)
    }
    #expect(!fileExists(runs.place("refused/checkpoints")))
    return (error.map { "\($0)" } ?? "", (error as? any ReportableError)?.exitCode)
  }

  @Test func questionsWithoutAnswersAreRefused() throws {
    let sound = try PreparedDataSet(path: runs.place("set"))
    let writer = try PreparedDataSetWriter(directory: runs.place("mute"), description: .init(name: "mute"))
    try writer.addFile("tokenizer.json", bytes: try #require(try sound.sideFile("tokenizer.json")))
    for sample in try sound.samples(split: "train") {
      var record = try sound.record(sample)
      for place in record.columns.questions.indices { record.columns.questions[place].answers = [] }
      try sound.withImageBytes(sample) { try writer.add(image: Array($0), width: 16, height: 16, record: record) }
    }
    try writer.finish()
    let mute = refusal([], set: "mute")
    #expect(mute.text.contains("nobody has answered the questions of train"), "\(mute)")
    #expect(mute.code == .badData)
  }

  @Test func badListsAreRefused() throws {
    let file = runs.place("answers.txt")
    try writeAtomically("yes\nno\nyes\n".utf8, to: file)
    let twice = refusal(["task.answers.file=\(file)"])
    #expect(twice.text.contains("answers.txt: it names an answer twice") && twice.code == .badData, "\(twice)")
    try writeAtomically("yes\n".utf8, to: file)
    #expect(refusal(["task.answers.file=\(file)"]).text.contains("it names 1 answers"))
    let useless = refusal(["task.label=colour"])
    #expect(useless.text.contains("answering makes no use of it") && useless.code == .configuration)
  }

  /// A list beside weights that tell another number of answers.
  @Test func theListOfAnotherModelIsRefused() throws {
    try runs.train("run", steps: 2)
    let path = runs.place("run/last/task.json")
    let text = String(decoding: try readFile(path), as: UTF8.self)
    let more = text.replacingOccurrences(of: #""0" : "#, with: #""5" : "more", "0" : "#)
    try #require(more != text)
    try writeAtomically(more.utf8, to: path)
    let error = #expect(throws: (any Error).self) { try evaluate("run") }
    #expect(error.map { "\($0)" }?.contains("task_head.output.3.weight") == true, "\(String(describing: error))")
    #expect((error as? any ReportableError)?.exitCode == .configuration)
  }
}
