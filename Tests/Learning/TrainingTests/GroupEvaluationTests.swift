import Batching
import Collectives
import Evaluation
import Files
import Foundation
import Reporting
import Scenes
import TestSupport
import Testing
import Training

/// Groups beside each other, of every task that measures single cases.
@Suite(.serialized) struct GroupEvaluationTests {
  private let place: TemporaryDirectory

  private static let small = [
    "model.vision.image_size=8", "model.vision.patch_size=4", "model.vision.width=16", "model.vision.heads=2",
    "model.vision.layers=1", "model.text.width=16", "model.text.heads=2", "model.text.layers=1",
    "model.embedding_width=16", "model.fusion.layers=1", "model.fusion.width=16", "model.fusion.heads=2",
    "model.name=cross-attention", "optimizer.learning_rate=0.01", "evaluation.every_epochs=0",
  ]

  /// The photos of three colours, of 20 in `validation` a half on each side, and of three patients.
  init() throws {
    place = try ToyRuns().place
    try writeGrouped(from: place("set"), to: place("sides")) { number, record in
      record.columns.labels["side"] = [number < 10 ? "left" : "right"]
      record.columns.group = number < 18 ? "patient \(number / 9)" : nil
    }
  }

  /// The same on any number of ranks.
  private func evaluate(_ by: String, set: String = "sides", ranks: Int = 1) throws -> [(json: String, table: String)] {
    try InProcessCommunicator.run(ranks: ranks) {
      let report = try evaluateFurther(
        FurtherQuestions(by: by), of: place("run/last"), data: place(set), split: "validation", threads: 1,
        communicator: $0,
        output: .silent)
      let encoder = JSONEncoder()
      encoder.outputFormatting = .sortedKeys
      return (String(decoding: try encoder.encode(report), as: UTF8.self), report.table)
    }
  }

  /// Questions: of each photo two, so that the whole is the mean of two groups of equal numbers.
  @Test func answersAreComparedByGroup() throws {
    try SmallRuns(Self.small + ["task.name=answering"], in: place).train("run", steps: 20)
    let one = try evaluate("label:side")[0]
    for other in try [2, 3].flatMap({ try evaluate("label:side", ranks: $0) }) { #expect(other.json == one.json) }
    let all = try number(#/"accuracy":([0-9.]+),"aurc"/#, one.json)
    let rates = one.json.matches(of: /"figures":\{"accuracy":\{"cases":20,.*?"value":([0-9.]+)/).compactMap {
      Double($0.1)
    }
    try #require(rates.count == 2, "\(one.json)")
    let mean = (rates[0] + rates[1]) / 2
    #expect(difference(mean, all, relative: 1e-9) == nil, "\(one.json)")
    #expect(one.json.contains(#""by":"label:side""#) && one.json.contains(#""name":"left""#))
    #expect(one.table.contains("by label:side") && one.table.contains("gap of accuracy between"))
    let (gap, apart) = (try number(#/"gap":([0-9.]+)/#, one.json), abs(rates[0] - rates[1]))
    #expect(difference(gap, apart, relative: 1e-9) == nil)
    // By the set's own groups, which are too small to be shown: 9 photos each, and two of none.
    let patients = try evaluate("group")[0]
    #expect(patients.json.contains(#""hidden_groups":2,"hidden_samples":18,"ungrouped":2"#), "\(patients.json)")
    #expect(!patients.json.contains("patient") && !patients.table.contains("patient 0"))
  }

  private func number(_ pattern: Regex<(Substring, Substring)>, _ text: String) throws -> Double {
    let match = try #require(text.firstMatch(of: pattern), "\(text)")
    return try #require(Double(match.1))
  }

  /// Recall of photos and of captions, and matching, all of which the whole is the mean of.
  @Test func queriesAreComparedByGroup() throws {
    try SmallRuns(Self.small, in: place).train("run", steps: 8)
    let one = try evaluate("label:side")[0]
    for other in try evaluate("label:side", ranks: 3) { #expect(other.json == one.json) }
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    let whole = try decoder.decode(Whole.self, from: Data(one.json.utf8))
    for (figure, all, cases) in [
      (#"image_to_text\.r10"#, whole.imageToText.r10, 10), (#"text_to_image\.r1"#, whole.textToImage.r1, 10),
      (#"matching\.accuracy"#, whole.matching.accuracy, 20),
    ] {
      let rates = one.json.matches(of: try Regex(#""\#(figure)":\{"cases":\#(cases),[^}]*"value":([0-9.]+)"#))
        .compactMap { $0[1].substring.flatMap { Double($0) } }
      try #require(rates.count == 2, "\(figure) \(one.json)")
      let mean = (rates[0] + rates[1]) / 2
      #expect(difference(mean, all, relative: 1e-9) == nil, "\(figure)")
    }
  }

  private struct Whole: Decodable {
    struct Recalls: Decodable { let r1, r10: Double }
    struct Matching: Decodable { let accuracy: Double }
    let imageToText, textToImage: Recalls
    let matching: Matching
  }

  /// A model without features finds by its matching head, in a gallery of some photos of the split.
  @Test func aGalleryHasItsGroups() throws {
    try SmallRuns(
      [
        "model.name=vilt", "model.vision.image_size=8", "model.vision.patch_size=4", "model.vision.width=16",
        "model.vision.layers=1", "model.vision.heads=2", "evaluation.every_epochs=0",
      ], in: place
    ).train("run", steps: 2)
    var questions = FurtherQuestions(by: "label:side")
    questions.pairs = 225
    let report = try evaluateFurther(
      questions, of: place("run/last"), data: place("sides"), split: "validation", threads: 1,
      communicator: SoloCommunicator(), output: .silent)
    let json = String(decoding: try JSONEncoder().encode(report), as: UTF8.self)
    let cases = json.matches(of: /"image_to_text\.r1":\{[^}]*"cases":(\d+)/).compactMap { Int($0.1) }
    #expect(cases.reduce(0, +) <= 15 && !cases.isEmpty, "\(json)")
  }

  @Test func boxesAreComparedByGroup() throws {
    try prepareScenes(SceneSettings(train: 24, validation: 24, test: 4, imageSize: 32), in: place)
    try writeGrouped(from: place("scenes"), to: place("grouped")) { number, record in
      record.columns.labels["side"] = [number % 2 == 0 ? "left" : "right"]
    }
    let runs = SmallRuns(
      [
        "task.name=grounding", "model.name=fusion", "model.vision.image_size=32", "model.vision.patch_size=8",
        "model.vision.width=16", "model.text.width=16", "model.fusion.width=16", "model.fusion.layers=1",
        "model.fusion.heads=2", "evaluation.every_epochs=0",
      ], data: "grouped", in: place)
    let dro = ["objective.group=dro", "objective.group_by=[label:side]", "task.sampling=groups"]
    try runs.expectTheSameOnRanks(steps: 3, dro)
    try runs.train("run", steps: 4, dro)
    let one = try evaluate("label:side", set: "grouped")[0]
    for other in try evaluate("label:side", set: "grouped", ranks: 2) {
      #expect(other.json.filter { !$0.isNumber } == one.json.filter { !$0.isNumber })
    }
    for key in ["accuracy", "mean_iou", "pointing"] {
      #expect(one.json.contains("\"\(key)\":{\"cases\":"), "\(one.json)")
    }
    #expect(one.table.contains("mean overlap") && one.table.contains("by a bootstrap over what is independent"))
  }

  // MARK: Bad input

  @Test func whatMakesNoGroupsIsRefused() throws {
    try SmallRuns(Self.small + ["task.name=answering"], in: place).train("run", steps: 2)
    func refusal(_ by: String, set: String = "sides") -> (text: String, code: ExitCode?) {
      let error = #expect(throws: (any Error).self) { try evaluate(by, set: set) }
      return (error.map { "\($0)" } ?? "", (error as? any ReportableError)?.exitCode)
    }
    let words = refusal("sides")
    #expect(words.text.contains("--by sides makes no groups; give group, label:NAME") && words.code == .usage)
    let lacking = refusal("label:weather")
    #expect(lacking.text.contains("has no label:weather to group by") && lacking.code == .badData)
    #expect(refusal("group", set: "set").code == .badData)
  }
}
