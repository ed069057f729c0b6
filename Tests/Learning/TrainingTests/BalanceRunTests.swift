import Batching
import Checkpoints
import Collectives
import Files
import Foundation
import Models
import Preparation
import Pretrained
import Tasks
import TestSupport
import Testing
import Training

/// Modalities that are kept in balance, by the loop that all runs have.
@Suite(.serialized) struct BalanceRunTests {
  private let runs: SmallRuns

  /// Half of 40 photos are gone, and every fifth note.
  init() throws {
    let place = try ToyRuns().place
    try ImbalancedCopy(
      of: place("set"), output: place("scarce"), drops: [ColumnDrop(column: .image, share: 0.5)],
      splits: ["train", "validation"]
    ).make()
    runs = SmallRuns(
      [
        "task.name=classification", "task.inputs=[image, text:note]", "model.name=clip", "model.vision.image_size=8",
        "model.vision.patch_size=4", "model.vision.width=16", "model.vision.heads=2", "model.vision.layers=1",
        "model.text.width=16", "model.text.heads=2", "model.text.layers=1", "model.embedding_width=16",
        "evaluation.every_epochs=0",
      ], data: "scarce", in: place)
  }

  private static let methods = ["none", "weights", "heads", "dropout", "modulation", "pareto"].map { method in
    ["balance.method=\(method)"] + (method == "none" ? ["balance.measure=true"] : [])
      + (method == "weights" ? ["balance.loss_weights=[image=2, text=0.5]", "balance.rate_weights=[text=0.1]"] : [])
      + (method == "modulation" ? ["balance.noise=true"] : []) + (method == "dropout" ? ["balance.share=1"] : [])
  }

  /// Of each step the objects that it says of modalities.
  private func modalities(_ name: String) throws -> [[[String: Any]]] {
    try String(decoding: readFile(runs.place(name + "/metrics.jsonl")), as: UTF8.self).split(separator: "\n")
      .compactMap { try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any] }
      .filter { $0["event"] as? String == "step" }.map { $0["modalities"] as? [[String: Any]] ?? [] }
  }

  private func values(_ name: String, _ key: String) throws -> [[Double]] {
    try modalities(name).map { step in step.map { $0[key] as? Double ?? .nan } }
  }

  @Test(arguments: methods) func ranksLearnAsOne(method: [String]) throws {
    try runs.expectTheSameOnRanks(method)
    let one = try modalities("one")
    #expect(one.allSatisfy { $0.map { $0["name"] as? String } == ["image", "text"] })
    for ranks in [2, 3] {
      for key in ["score", "loss", "gradient_norm"] {
        let (own, other) = (try values("one", key).flatMap(\.self), try values("ranks\(ranks)", key).flatMap(\.self))
        #expect(own.allSatisfy(\.isFinite) && difference(other, own, relative: 1e-3, floor: 1e-5) == nil, "\(key)")
      }
    }
  }

  @Test(arguments: methods) func piecesEndAsTheWhole(method: [String]) throws { try runs.expectTheSameInPieces(method) }

  /// Where modalities meet before the head.
  @Test(arguments: methods.filter { $0[0] != "balance.method=modulation" }) func jointModelsLearnAsOne(
    method: [String]
  ) throws {
    try runs.expectTheSameOnRanks(
      steps: 3,
      ["model.name=cross-attention", "model.fusion.layers=1", "model.fusion.width=16", "model.fusion.heads=2"] + method)
  }

  private func weights(_ name: String) throws -> [(name: String, values: [Float])] {
    let file = try SafetensorsFile(path: runs.weightsPath(of: name))
    return try file.entries.map { ($0.name, try file.floats($0.name)) }
  }

  /// What is measured changes nothing but the heads that measure, whose loss is no part of the loss.
  @Test func measuringChangesNothing() throws {
    try runs.train("plain")
    try runs.train("measured", ["balance.measure=true"])
    #expect(difference(try runs.losses("measured"), try runs.losses("plain"), relative: 1e-5) == nil)
    let plain = try weights("plain")
    let measured = try weights("measured")
    #expect(measured.count == plain.count + 4)
    for (name, values) in plain {
      let own = try #require(measured.first { $0.name == name }).values
      #expect(difference(own, values, relative: 1e-4, floor: 1e-5) == nil, "\(name)")
    }
    let heads = measured.filter { $0.name.hasPrefix("task_head.apart.") }
    #expect(heads.count == 4 && heads.allSatisfy { $0.values.contains { $0 != 0 } })
  }

  /// A head that teaches moves its tower otherwise.
  @Test func taughtTowersLearnOtherwise() throws {
    try runs.train("plain")
    let plain = try weights("plain")
    for method in ["heads", "dropout", "pareto"] {
      try runs.train(
        method, ["balance.method=\(method)", "balance.head_weight=1"].dropLast(method == "dropout" ? 1 : 0))
      let own = try weights(method)
      let tower = plain.first { $0.name.contains("text_model") && $0.name.hasSuffix("fc1.weight") }
      let name = try #require(tower).name
      let difference = difference(
        try #require(own.first { $0.name == name }).values, try #require(tower).values, relative: 1e-3, floor: 1e-4)
      #expect(difference != nil, "\(method)")
    }
  }

  /// k as the scores of the same step say, for the one that is ahead.
  @Test func factorsAreThoseOfTheScores() throws {
    try runs.train("run", ["balance.method=modulation", "balance.alpha=0.6"])
    let (scores, factors) = (try values("run", "share_score"), try values("run", "factor"))
    for (scores, factors) in zip(scores, factors) {
      let ahead = scores[0] > scores[1] ? 0 : 1
      let expected = 1 - tanh(0.6 * scores[ahead] / scores[1 - ahead])
      #expect(abs(factors[ahead] - expected) < 1e-4 && factors[1 - ahead] == 1, "\(scores) \(factors)")
    }
  }

  /// A rate of 0 leaves a tower as it was drawn.
  @Test func ratesAreOfTowers() throws {
    let still = ["balance.method=weights", "balance.rate_weights=[text=0]", "optimizer.weight_decay=0"]
    try runs.train("first", steps: 1, still)
    try runs.train("later", steps: 6, still)
    let (first, later) = (try weights("first"), try weights("later"))
    for (name, values) in first {
      let isSame = try #require(later.first { $0.name == name }).values == values
      if name.contains("text_model.encoder") { #expect(isSame, "\(name)") }
      if name.contains("vision_model.encoder"), name.hasSuffix("fc1.weight") { #expect(!isSame, "\(name)") }
    }
  }

  /// What was hidden in training can be asked about afterwards: of a set in which each sample has both.
  @Test func hiddenModalitiesAreTold() throws {
    let whole = SmallRuns(runs.settings, data: "set", in: runs.place)
    try whole.train("run", ["balance.method=dropout"])
    let task = try TaskCatalogue.task(ofModelIn: runs.place("run/last"))
    #expect(task.lacking.map(\.rawValue) == ["image", "text"])
    let names = try weights("run").map(\.name)
    #expect(names.contains("task_head.absent_image") && names.contains("task_head.absent_text"))
  }

  /// Samples with a photo, 20 of 40, are as often drawn as the others; of a set in which each has both nothing is scarce.
  @Test func whatIsScarceIsDrawnAsOften() throws {
    let remarks = try RunForecast(
      runs.configuration("dry", ["task.sampling=scarce"]), dataPath: runs.place("scarce"), ranks: 1
    ).remarks
    #expect(
      remarks.contains("image: the 20 samples of train that have it are drawn as often as the 20 that have none"),
      "\(remarks)")
    try runs.expectTheSameOnRanks(steps: 3, ["task.sampling=scarce"])
    let whole = SmallRuns(runs.settings, data: "set", in: runs.place)
    #expect(whole.refusal(["task.sampling=scarce", "task.inputs=[image, text]"]).contains("nothing is scarce"))
  }

  // MARK: What cannot be

  @Test(arguments: [
    (["balance.method=modulation", "model.name=cross-attention"], "modulation needs to know what each modality adds"),
    (["balance.method=heads", "task.inputs=[image]"], "one modality alone"),
    (["balance.alpha=0.5"], "balance.alpha: means something to balance.method dropout, modulation alone"),
    (["balance.method=heads", "balance.noise=true"], "means something to balance.method modulation alone"),
    (["balance.method=weights", "balance.loss_weights=[picture=1]"], "'picture=1' is no weight"),
    (["balance.method=weights", "balance.rate_weights=[image=1, image=2]"], "'image=2' is no weight"),
    (["balance.method=heads", "objective.group=dro"], "set one of the two to none"),
    (["balance.method=boost"], "none, weights, heads, dropout, modulation or pareto"),
    (["balance.method=heads", "task.name=pretraining"], "has no heads of single modalities"),
  ])
  func whatCannotBeIsRefused(_ settings: [String], _ words: String) {
    let text = runs.refusal(settings)
    #expect(text.contains(words), "\(text)")
  }
}
