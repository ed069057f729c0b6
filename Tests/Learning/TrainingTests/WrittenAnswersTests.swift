import Batching
import Collectives
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

/// A published model that answers in words of its own: what it writes, what it finds likeliest of lists, and what it loses with what people
/// have answered, as transformers has it (`Tests/Golden/writtenanswers.py`).
@Suite struct WrittenAnswersTests {
  private struct Expected: Decodable {
    struct Told: Decodable {
      let answer: String
      let logProbability: Double
    }
    struct Asked: Decodable {
      let photo: String
      let question: String
      let annotators: [String]
      let written: Told
      let short: [Double]
      let long: Told
    }
    struct Loss: Decodable {
      let smoothing: Double
      let loss: Float
      let gradientNorm: Float
    }
    let questions: [Asked]
    let short: [String]
    let long: [String]
    let losses: [Loss]
  }

  private static let golden = goldenDirectory + "/written-answers"
  private static let model = golden + "/answerer"
  private let place: TemporaryDirectory
  private let expected: Expected

  init() throws {
    place = try TemporaryDirectory()
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    expected = try decoder.decode(Expected.self, from: Data(readFile(Self.golden + "/expected.json")))
    let writer = try PreparedDataSetWriter(directory: place("set"), description: .init(name: "asked"))
    for (number, asked) in expected.questions.enumerated() {
      var columns = SampleColumns()
      columns.questions = [Question(text: asked.question, answers: asked.annotators, kinds: ["kind": "\(number % 2)"])]
      try writer.add(
        image: readFile(photo(asked)), width: 64, height: 64,
        record: SampleRecord(
          key: "k\(number)", fileName: "\(number)", split: "train", captions: ["a photo"], columns: columns))
    }
    try writer.finish()
  }

  private func photo(_ asked: Expected.Asked) -> String { goldenDirectory + "/predictions/" + asked.photo }

  private func list(_ answers: [String]) throws -> String {
    let path = place("answers.txt")
    try writeAtomically((answers.joined(separator: "\n") + "\n").utf8, to: path)
    return path
  }

  private func asked(_ answers: [String]?) throws -> TaskModel {
    let directory = try ModelDirectory(path: Self.model)
    return try #require(
      try TaskModel([directory], answersFile: answers.map { try list($0) }, asksWords: false, threads: 1))
  }

  private func told(_ answers: [String]?) throws -> [[Told]] {
    let model = try asked(answers)
    return try expected.questions.map { asked in
      let told = try model.predict(PhotoFiles(at: [photo(asked)]), [asked.question], top: 200).told[0][0]
      guard case .list(let answers)? = told.members.first(where: { $0.0 == "answers" })?.1 else { return [] }
      return answers.map(Told.init)
    }
  }

  private struct Told {
    var (answer, logProbability, isCut) = ("", 0.0, false)

    init(_ json: OrderedJSON) {
      guard case .object(let members) = json else { return }
      for (name, value) in members {
        switch (name, value) {
        case ("answer", .text(let text)): answer = text
        case ("log_probability", .float(let number)): logProbability = Double(number)
        case ("is_cut", .flag(let flag)): isCut = flag
        default: break
        }
      }
    }
  }

  @Test func answersAreWrittenAsTheLibraryWritesThem() throws {
    for (told, asked) in zip(try told(nil), expected.questions) {
      #expect(told.map(\.answer) == [asked.written.answer])
      #expect(abs(told[0].logProbability - asked.written.logProbability) < 1e-3, "\(told)")
    }
    #expect(try told(nil).map { $0[0].isCut } == [false, false, true, false])
  }

  @Test func aShortListIsRankedWhole() throws {
    for (told, asked) in zip(try told(expected.short), expected.questions) {
      #expect(told.count == expected.short.count)
      for one in told {
        let place = try #require(expected.short.firstIndex(of: one.answer))
        #expect(abs(one.logProbability - asked.short[place]) < 1e-3, "\(one)")
      }
      #expect(told.map(\.logProbability) == told.map(\.logProbability).sorted(by: >))
    }
  }

  @Test func aLongListIsShortenedFirst() throws {
    #expect(expected.long.count > 128)
    for (told, asked) in zip(try told(expected.long), expected.questions) {
      #expect(told.count == 128 && told[0].answer == asked.long.answer)
      #expect(abs(told[0].logProbability - asked.long.logProbability) < 1e-3)
    }
  }

  private func evaluate(
    _ answers: [String]?, ranks: Int = 1, writing: WritingRequest = .init(), needsTexts: Bool = false
  ) throws -> AnsweringReport {
    let file = try answers.map { try list($0) }
    let reports = try InProcessCommunicator.run(ranks: ranks) { communicator in
      var request = EvaluationRequest([Self.model], threads: 1)
      request.answersFile = file
      (request.writing, request.needsTexts) = (writing, needsTexts)
      return try evaluateModel(
        request, data: place("set"), split: "train", communicator: communicator, output: .silent)
    }
    return try #require(reports[0] as? AnsweringReport)
  }

  /// By the official rule where four or more have answered; the answers are those that `predict` tells.
  @Test func evaluateCountsThem() throws {
    let written = try evaluate(nil)
    #expect(written.metrics.questions == 4 && written.metrics.oracle == nil && written.metrics.majority == nil)
    let way = "the best of 3 beams, of at most 10 tokens, length reward 0"
    #expect(written.cut == 1 && written.way == way)
    #expect(written.table.contains("answers are \(way); 1 of them were cut there"))
    for ranks in [2, 3] {
      let other = try evaluate(expected.short, ranks: ranks)
      #expect(other.metrics == (try evaluate(expected.short).metrics))
    }
    let ranked = try evaluate(expected.short)
    // "2" to all: right for seven of ten annotators of the first question.
    #expect(abs(ranked.metrics.accuracy - 25) < 1e-9 && ranked.cut == nil, "\(ranked.metrics)")
    // All of the first question, half of the second, which four have answered, and nothing of the others.
    #expect(ranked.metrics.oracle == 37.5)
    #expect(ranked.way == "the likeliest of all 12 answers of the list")
    #expect(
      try evaluate(expected.long).way == "the likeliest of those 128 of 160 answers whose first token is likeliest")
  }

  /// Answers are written as somebody asks, where they are written; and a page of them is not empty but refused.
  @Test func answersAreWrittenAsSomebodyAsks() throws {
    var greedy = WritingRequest()
    (greedy.beams, greedy.maximumLength) = (1, 4)
    let written = try evaluate(nil, writing: greedy)
    #expect(written.way == "the likeliest token each time, of at most 4 tokens")
    #expect(refusal { try evaluate(expected.short, writing: greedy) }.contains("are ranked and not written"))
    #expect(refusal { try evaluate(nil, needsTexts: true) }.contains("leave --page out"))
    var prompted = WritingRequest()
    prompted.prompt = "it is"
    #expect(refusal { try evaluate(nil, writing: prompted) }.contains("leave the prompt out"))
  }

  private func refusal(_ body: () throws -> AnsweringReport) -> String {
    let error = #expect(throws: WritingError.self) { try body() }
    #expect(error?.exitCode == .usage)
    return error?.description ?? ""
  }

  /// What is written is counted, and what is ranked is not.
  @Test func predictCountsWhatIsWritten() throws {
    let open = try self.asked(nil)
    #expect(open.wayOfWriting?.hasPrefix("the best of 3 beams") == true)
    let asked = expected.questions[0]
    let told = try open.predict(PhotoFiles(at: [photo(asked)]), [asked.question], top: 1).told[0][0]
    #expect(told.written?.words == asked.written.answer)
    let ranked = try self.asked(expected.short)
    #expect(try ranked.wayOfWriting == nil && ranked.remarkOnWriting(WrittenCounts(), SoloCommunicator()) == nil)
  }

  /// What one step loses, and its gradient, on any number of ranks.
  @Test(arguments: [1, 2, 3])
  func theLossIsTheirs(_ ranks: Int) throws {
    let runs = SmallRuns(
      [
        "task.name=answering", "task.answers=open", "model.name=blip", "initialize.weights=\(Self.model)",
        "data.augmentation=none", "evaluation.split=none", "batch.global=4", "optimizer.gradient_clip=0",
      ], in: place)
    for expected in expected.losses {
      let name = "run\(ranks)-\(expected.smoothing)"
      try runs.train(name, steps: 1, ranks: ranks, ["task.smoothing=\(expected.smoothing)"])
      #expect(difference(try runs.losses(name), [expected.loss], relative: 1e-4) == nil)
      let metrics = String(decoding: try readFile(place(name + "/metrics.jsonl")), as: UTF8.self)
      let norm = metrics.firstMatch(of: /"gradient_norm":([-+.0-9e]+)/).flatMap { Float($0.1) }
      #expect(difference(try #require(norm), expected.gradientNorm, relative: 1e-3) == nil)
    }
  }

  @Test func listsThatAreNoneAreRefused() throws {
    let error = #expect(throws: (any Error).self) { try evaluate(["yes", "no", "yes"]) }
    #expect(error.map { "\($0)" }?.contains("names an answer twice") == true)
    #expect((error as? any ReportableError)?.exitCode == .badData)
  }
}
