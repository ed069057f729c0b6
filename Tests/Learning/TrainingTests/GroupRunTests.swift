import Batching
import Collectives
import Evaluation
import Files
import Foundation
import Reporting
import Safeguards
import TestSupport
import Testing
import Training

/// Groups of samples, from the configuration to the weights that they leave.
@Suite(.serialized) struct GroupRunTests {
  private let runs: SmallRuns

  private static let towers = [
    "model.vision.image_size=8", "model.vision.patch_size=4", "model.vision.width=16", "model.vision.heads=2",
    "model.vision.layers=1", "model.text.width=16", "model.text.heads=2", "model.text.layers=1",
    "model.embedding_width=16", "optimizer.learning_rate=0.01", "evaluation.every_epochs=0",
  ]
  private static let joint = [
    "model.name=cross-attention", "model.fusion.layers=1", "model.fusion.width=16", "model.fusion.heads=2",
  ]
  private static let dro = ["objective.group=dro", "objective.group_rate=0.5", "objective.group_by=[label:side]"]

  /// The photos of three colours; each but every ninth shows a left or a right side, twice as often the left one.
  init() throws {
    runs = SmallRuns(
      Self.towers + ["task.name=classification", "task.label=colour"], data: "sides", in: try ToyRuns().place)
    try writeGrouped(from: runs.place("set"), to: runs.place("sides")) { place, record in
      if place % 9 != 8 { record.columns.labels["side"] = [place % 3 == 0 ? "right" : "left"] }
      record.columns.group = "p\(place / 2)"
    }
  }

  /// What each step has said of the groups, and what the newest checkpoint keeps of them.
  private func groups(_ name: String) throws -> (steps: [String], kept: String) {
    let lines = String(decoding: try readFile(runs.place(name + "/metrics.jsonl")), as: UTF8.self)
      .split(separator: "\n").filter { $0.hasPrefix(#"{"event":"step""#) }
    let state = String(decoding: try readFile(runs.place(name + "/last/training_state/state.json")), as: UTF8.self)
    return (
      lines.compactMap { $0.firstMatch(of: /"groups":(\[.*?\])/).map { String($0.1) } },
      String(try #require(state.firstMatch(of: /"groups" : (\{[^}]*\})/)).1)
    )
  }

  private func weights(_ kept: String) -> [Double] {
    kept.firstMatch(of: /"weights" : \[([^\]]*)\]/).map {
      $0.1.split(separator: ",").compactMap { Double($0.trimmingCharacters(in: .whitespacesAndNewlines)) }
    } ?? []
  }

  // MARK: Semantics

  @Test(arguments: [
    dro + ["task.sampling=groups"], dro + ["task.several=true", "task.weights=balanced"],
    ["objective.group=reweighting", "objective.group_by=[label:side, label:colour]", "task.weights=balanced"],
    dro + joint + ["task.name=answering", "task.label=auto"],
  ]) func ranksLearnAsOne(_ settings: [String]) throws {
    let more = settings.filter { $0 != "task.label=auto" }
    let runs = settings == more ? runs : SmallRuns(Self.towers, data: runs.data, in: runs.place)
    try runs.expectTheSameOnRanks(steps: 4, more)
    let one = weights(try groups("one").kept)
    #expect(one.count > 1 && one.allSatisfy(\.isFinite))
    for ranks in [2, 3] {
      #expect(difference(weights(try groups("ranks\(ranks)").kept), one, relative: 1e-5) == nil, "\(ranks) ranks")
    }
  }

  /// A run that was killed ends with the bytes of an unbroken one, and with its weights of groups.
  @Test func piecesEndAsTheWhole() throws {
    try runs.expectTheSameInPieces(Self.dro + ["task.sampling=groups"])
    let (whole, pieces) = (try groups("whole"), try groups("pieces"))
    #expect(pieces.kept == whole.kept && pieces.steps.last == whole.steps.last)
    // Of the twelve of a batch each group has six.
    #expect(whole.steps.allSatisfy { $0.matches(of: /"count":6,/).count == 2 }, "\(whole.steps)")
    let weights = weights(whole.kept)
    let sum = weights.reduce(0, +)
    #expect(weights.count == 2 && weights[0] != 0.5 && difference(sum, 1, relative: 1e-12) == nil)
  }

  /// Where spikes put the weights back, those of groups go back with them: the fourth of six steps is not finite, and not used.
  @Test func stepsThatAreNotUsedMoveNothing() throws {
    try runs.train("sound", steps: 3, Self.dro)
    try runs.train("skipped", steps: 4, faults: [.init(kind: .notANumber, step: 4, rank: 0)], Self.dro)
    #expect(try groups("skipped").kept == groups("sound").kept)
  }

  @Test func stepsSayWhatGroupsLose() throws {
    try runs.train("run", steps: 2, Self.dro)
    let (steps, kept) = try groups("run")
    #expect(steps.count == 2)
    let pattern =
      /\[\{"name":"left","count":\d+,"loss":[0-9.]+,"average":[0-9.]+,"weight":0\.\d+\},\{"name":"right","count":\d+,.*\]/
    #expect(steps[0].wholeMatch(of: pattern) != nil, "\(steps)")
    #expect(kept.contains(#""names" : ["#) && kept.contains(#""left""#))
  }

  /// The run says which groups there are, and who is of none.
  @Test func groupsAreSaidAtTheStart() throws {
    let forecast = try RunForecast(runs.configuration("dry", Self.dro), dataPath: runs.place("sides"), ranks: 1)
    let text = forecast.remarks.joined(separator: "\n")
    // Every eighth photo has no colour and teaches nothing.
    #expect(text.contains("label:side: 2 groups in train: left 19, right 12; 4 samples are of no group"), "\(text)")
    #expect(text.contains("task.sampling: groups draws all equally often"))
    try runs.expectAForecastIsTakenAgain(Self.dro)
    try runs.expectAForecastIsTakenAgain()
  }

  // MARK: What it is for

  private func worst(_ name: String) throws -> Double {
    let report = try evaluateFurther(
      FurtherQuestions(by: "label:bird,label:place"), of: runs.place(name + "/last"), data: runs.place("birds"),
      split: "test", threads: 1, communicator: SoloCommunicator(), output: .silent)
    let groups = try JSONDecoder().decode(Grouped.self, from: JSONEncoder().encode(report)).groups.groups
    #expect(groups.map(\.name) == ["landbird, land", "landbird, water", "waterbird, land", "waterbird, water"])
    return groups.map(\.accuracy).min() ?? 0
  }

  private struct Grouped: Decodable { let groups: GroupMetrics }

  /// Birds that are told by the place where they mostly are: the worst of the four groups gains, by either way.
  @Test func theWorstGroupGains() throws {
    try writeBirds(to: runs.place("birds"))
    let birds = SmallRuns(
      Self.towers + [
        "task.name=classification", "task.label=bird", "model.name=clip", "batch.global=50", "data.augmentation=none",
      ], data: "birds", in: runs.place)
    let by = "objective.group_by=[label:bird, label:place]"
    try birds.train("plain", steps: 80)
    try birds.train("weighed", steps: 80, ["objective.group=reweighting", by])
    try birds.train(
      "dro", steps: 80, ["objective.group=dro", by, "task.sampling=groups", "optimizer.weight_decay=0.1"])
    let (plain, weighed, dro) = (try worst("plain"), try worst("weighed"), try worst("dro"))
    #expect(plain < 60, "\(plain)")
    let least = plain + 15
    #expect(weighed > least && dro > least, "plain \(plain), reweighting \(weighed), DRO \(dro)")
  }

  // MARK: Bad input

  private func refusal(_ more: [String]) -> (text: String, code: ExitCode?) {
    let error = #expect(throws: (any Error).self) { try runs.train("refused", more) }
    #expect(!fileExists(runs.place("refused/checkpoints")))
    return (error.map { "\($0)" } ?? "", (error as? any ReportableError)?.exitCode)
  }

  @Test func settingsThatDoNotFitAreRefused() {
    let pretraining = SmallRuns(Self.towers, data: "sides", in: runs.place).refusal(["objective.group=dro"])
    #expect(pretraining.contains("the loss contrastive is no mean of losses of single samples"), "\(pretraining)")
    #expect(refusal(Self.dro + ["objective.contrastive=1"]).text.contains("the loss contrastive is no mean"))
    #expect(refusal(["objective.group=dro", "objective.group_by=[image]"]).text.contains("makes no groups"))
    #expect(refusal(["objective.group_by=[label:side]"]).text.contains("nothing is done by groups"))
    #expect(refusal(["objective.group=reweighting", "objective.group_rate=0.1"]).text.contains("group DRO alone"))
    let twice = refusal(["objective.group=reweighting", "task.sampling=balanced"])
    #expect(twice.text.contains("would count groups twice") && twice.code == .configuration, "\(twice)")
  }

  @Test func dataWithoutGroupsAreRefused() throws {
    let missing = refusal(["objective.group=dro", "objective.group_by=[label:weather]"])
    #expect(missing.text.contains("has no label:weather to group by") && missing.code == .badData, "\(missing)")
    try writeGrouped(from: runs.place("set"), to: runs.place("one")) { place, record in
      record.columns.group = place < 20 ? "here" : nil
    }
    let one = SmallRuns(runs.settings, data: "one", in: runs.place)
    let error = #expect(throws: (any Error).self) { try one.train("refused", ["objective.group=dro"]) }
    #expect(error.map { "\($0)" }?.contains("are of one group, here, so there is nothing to balance") == true)
    #expect((error as? any ReportableError)?.exitCode == .badData)
    try writeGrouped(from: runs.place("set"), to: runs.place("two")) { place, record in
      record.columns.labels["side"] = place == 3 ? ["left", "right"] : ["left"]
    }
    let two = SmallRuns(runs.settings, data: "two", in: runs.place)
    let several = #expect(throws: (any Error).self) { try two.train("refused", Self.dro) }
    #expect(several.map { "\($0)" }?.contains("so it would be of several groups") == true)
  }

  /// A run that has begun keeps what its groups count.
  @Test func theWayOfCountingStays() throws {
    try runs.train("run", steps: 2, Self.dro)
    let error = #expect(throws: (any Error).self) {
      try runs.train("run", steps: 4, ["objective.group=reweighting", "objective.group_by=[label:side]"])
    }
    #expect(error.map { "\($0)" }?.contains("objective.group: dro → reweighting") == true)
  }
}
