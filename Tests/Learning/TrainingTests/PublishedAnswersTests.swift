import Batching
import Collectives
import Evaluation
import Files
import Foundation
import Inference
import Pretrained
import Reporting
import Tasks
import TestSupport
import Testing
import Training

/// Published heads for answers, measured without training: each question is answered as the library that wrote the model answers it
/// (`Tests/Golden/predictions.py`, `answers.py`).
@Suite struct PublishedAnswersTests {
  private struct Expected: Decodable {
    let photo: String
    let text: String
    let logits: [[Float]]
  }

  private static let photos = goldenDirectory + "/predictions"
  private let place: TemporaryDirectory

  init() throws { place = try TemporaryDirectory() }

  private func expected(_ folder: String, _ kind: String) throws -> [Expected] {
    try #require(
      try JSONDecoder().decode([String: [Expected]].self, from: Data(readFile(folder + "/expected.json")))[kind])
  }

  /// The answers that the library finds likeliest are those of the annotators, but for the last question.
  private func prepare(_ expected: [Expected], _ answers: [String]) throws {
    let writer = try PreparedDataSetWriter(directory: place("set"), description: .init(name: "asked"))
    for photo in ["square.jpg", "tall.jpg", "wide.jpg"] {
      var columns = SampleColumns()
      columns.questions = expected.filter { $0.photo == photo }.map { asked in
        let best = asked.logits[0].indices.reduce(0) { asked.logits[0][$1] > asked.logits[0][$0] ? $1 : $0 }
        return Question(text: asked.text, answers: [answers[best]], kinds: [:])
      }
      if photo == "square.jpg" { columns.questions[columns.questions.count - 1].answers = ["nothing of these"] }
      let bytes = try readFile(Self.photos + "/" + photo)
      try writer.add(
        image: bytes, width: 64, height: 64,
        record: SampleRecord(
          key: String(photo.dropLast(4)), fileName: photo, split: "test", captions: ["a photo"], columns: columns))
    }
    try writer.finish()
  }

  private func evaluate(_ model: String, answers: String? = nil, ranks: Int = 1) throws -> AnsweringReport {
    let reports = try InProcessCommunicator.run(ranks: ranks) { communicator in
      var request = EvaluationRequest([model], threads: 1)
      request.answersFile = answers
      return try evaluateModel(
        request, data: place("set"), split: "test", communicator: communicator, output: .silent)
    }
    return try #require(reports[0] as? AnsweringReport)
  }

  /// Pictures that keep their shape are measured in it.
  @Test func viltAnswersByItsOwnHead() throws {
    let model = Self.photos + "/answers"
    let expected = try expected(Self.photos, "answers")
    let names = ["yes", "no", "2", "a red bus", "café", "on the \"left\"", "snow"]
    try prepare(expected, names)
    for ranks in [1, 2, 3] {
      let report = try evaluate(model, ranks: ranks).metrics
      #expect(report.questions == 6 && abs(report.accuracy - 500.0 / 6) < 1e-9, "\(report)")
      #expect(report.majority == nil && report.oracle.map { abs($0 - 500.0 / 6) < 1e-9 } == true)
    }
    let asked = try #require(
      try TaskModel([ModelDirectory(path: model)], answersFile: nil, asksWords: false, threads: 1))
    for photo in expected {
      let told = try asked.predict(PhotoFiles(at: [Self.photos + "/" + photo.photo]), [photo.text], top: 7).told[0][0]
      let wanted = photo.logits[0].map { 1 / (1 + exp(-Double($0))) }
      for bar in told.bars[0] {
        #expect(abs(bar.probability - wanted[names.firstIndex(of: bar.text) ?? 0]) < 1e-4, "\(photo.photo)")
      }
    }
  }

  /// A copy of a published model whose `config.json` names no answers, as the authors' files do not.
  private func nameless(_ name: String) throws -> String {
    let source = goldenDirectory + "/answers/" + name
    try makeDirectory(place(name))
    for file in try directoryEntries(source) {
      try writeAtomically(readFile(source + "/" + file), to: place("\(name)/\(file)"))
    }
    let named = String(decoding: try readFile(source + "/config.json"), as: UTF8.self)
    let unnamed = named.replacing(/,\s*"(id2label|label2id)": \{[^}]*\}/, with: "")
    try #require(unnamed.count < named.count)
    try writeAtomically(unnamed.utf8, to: place("\(name)/config.json"))
    return place(name)
  }

  @Test(arguments: ["uniter", "vilbert"]) func theAuthorsListNamesTheAnswers(_ name: String) throws {
    let names = ["yes", "no", "two", "a red bus", "café"]
    try prepare(expected(goldenDirectory + "/answers", name), names)
    let model = try nameless(name)
    let list = place("answers.txt")
    try writeAtomically((names.joined(separator: "\n") + "\n").utf8, to: list)
    let told = try evaluate(model, answers: list).metrics
    #expect(told.questions == 6 && abs(told.accuracy - 500.0 / 6) < 1e-9, "\(told)")
    #expect(try evaluate(goldenDirectory + "/answers/" + name).metrics.accuracy == told.accuracy)
    // Another order is another list, and the figures show it; another number is refused.
    try writeAtomically((names.reversed().joined(separator: "\n") + "\n").utf8, to: list)
    #expect(try evaluate(model, answers: list).metrics.accuracy < 50)
    try writeAtomically("yes\nno\n".utf8, to: list)
    expectRefusal(model, list, "names 2 answers, and the head of this \(name) tells 5", .badData)
    try writeAtomically("a\nb\nc\nd\ne\n".utf8, to: list)
    expectRefusal(
      goldenDirectory + "/answers/" + name, list, "another list than that of the model's config.json", .badData)
    expectRefusal(Self.photos + "/words", list, "has no head for answers", .configuration)
  }

  private func expectRefusal(_ model: String, _ list: String, _ words: String, _ code: ExitCode) {
    let error = #expect(throws: (any Error).self) { try evaluate(model, answers: list) }
    #expect(error.map { "\($0)" }?.contains(words) == true, "\(String(describing: error))")
    #expect((error as? any ReportableError)?.exitCode == code)
  }
}
