import Batching
import Configuration
import Files
import Models
import Objectives
import Tasks
import TestSupport
import Testing
import Training

/// Runs on samples that are mixed two by two, and on texts that lack words.
@Suite(.serialized) struct SynthesisRunTests {
  private let clips: ToyClips

  init() throws { clips = try ToyClips() }

  private func runs(_ settings: [String]) -> SmallRuns { SmallRuns(ToyClips.model + settings, in: clips.place) }

  private static let classes = ["task.name=classification", "task.inputs=[audio]"]
  private static let mixed = classes + ["data.mixup=0.7", "data.augmentation=standard"]

  @Test(arguments: [mixed, mixed + ["task.several=true"], ["data.word_drop=0.5"]])
  func ranksLearnAsOne(settings: [String]) throws { try runs(settings).expectTheSameOnRanks() }

  @Test(arguments: [mixed, ["data.word_drop=0.5"]])
  func piecesEndAsTheWhole(settings: [String]) throws { try runs(settings).expectTheSameInPieces() }

  /// What is 0 leaves everything as it was.
  @Test(arguments: ["data.mixup", "data.word_drop"]) func noneIsAsBefore(key: String) throws {
    let probe = runs(key == "data.mixup" ? Self.classes : [])
    try probe.train("plain")
    try probe.train("none", ["\(key)=0"])
    try probe.train("some", ["\(key)=0.5"])
    #expect(try probe.bytes("plain") == probe.bytes("none") && probe.bytes("plain") != probe.bytes("some"))
  }

  // MARK: What is told

  private func remarks(_ settings: [String]) throws -> [String] {
    try RunForecast(runs(settings).configuration("dry"), dataPath: clips.place("set"), ranks: 1).remarks
  }

  @Test func whatIsMadeUpIsSaid() throws {
    #expect(
      try remarks(Self.mixed).contains {
        $0.hasPrefix("70.0 % of the samples of an epoch are mixed with another one of train, and so are their classes")
      })
    #expect(try remarks(["data.word_drop=0.25"]).contains { $0.hasPrefix("texts lack 25.0 % of their words") })
    #expect(try !remarks(Self.classes).contains { $0.contains("mixed") || $0.contains("lack") })
  }

  @Test func lockedTowersAreComputedEachTime() throws {
    for (settings, lock, words) in [
      (Self.classes + ["data.mixup=0.5"], "initialize.lock.audio=0", "are mixed with others"),
      (["data.word_drop=0.5"], "initialize.lock.text=0", "texts lack other words"),
    ] {
      let probe = runs(settings + [lock])
      try probe.train("computed\(lock)", steps: 2)
      let log = String(decoding: try readFile(clips.place("computed\(lock)/metrics.jsonl")), as: UTF8.self)
      #expect(log.contains(#""kept":false"#) && log.contains(words), "\(log.prefix(900))")
    }
  }

  @Test func whatCannotBeMixedIsRefused() {
    let cases: [([String], String)] = [
      (["data.mixup=0.5"], "has no classes that two samples could share"),
      (["task.name=classification", "task.inputs=[audio, text]", "data.mixup=0.5"], "reads texts, and two of these"),
      (Self.classes + ["data.mixup=0.5", "objective.contrastive=1"], "knows nothing of samples that are mixed"),
      (
        Self.classes + ["data.mixup=0.5", "objective.group=reweighting", "objective.group_by=label:height"],
        "counts as neither"
      ), (Self.classes + ["data.mixup=1.5"], "a number from 0 to 1"),
      (Self.classes + ["data.word_drop=0.5"], "reads no texts"),
      (["task.name=captioning", "data.word_drop=0.5"], "reads no texts that may lack words"),
      (["data.word_drop=1"], "and below 1"),
      (["data.mix_up=0.5"], "data.mixup"),
    ]
    for (settings, words) in cases {
      let told = runs([]).refusal(settings)
      #expect(told.contains(words), "\(settings): \(told)")
    }
  }
}
