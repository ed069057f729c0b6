import Batching
import Collectives
import Evaluation
import Files
import Inference
import Pretrained
import Reporting
import Scenes
import Tasks
import TestSupport
import Testing
import Training

/// Captions of small scenes, from the configuration to what is written about new photos.
@Suite(.serialized) struct CaptioningRunTests {
  private let runs: SmallRuns

  init() throws {
    let place = try TemporaryDirectory()
    try prepareScenes(SceneSettings(train: 24, validation: 5, test: 4, imageSize: 32), in: place)
    runs = SmallRuns(
      [
        "task.name=captioning", "task.smoothing=0.1", "model.name=blip", "model.vision.image_size=32",
        "model.vision.patch_size=8", "model.vision.width=16", "model.text.width=16", "evaluation.every_epochs=0",
      ], data: "scenes", in: place)
  }

  private func evaluate(_ name: String, ranks: Int = 1) throws -> CaptioningReport {
    let reports = try InProcessCommunicator.run(ranks: ranks) { communicator in
      try evaluateModel(
        at: runs.place(name + "/last"), data: runs.place("scenes"), split: "validation", rerankDepth: 0, threads: 1,
        communicator: communicator, output: .silent) as? CaptioningReport
    }
    return try #require(reports[0])
  }

  private func captions(_ name: String, _ photos: [String]) throws -> [String] {
    let model = try #require(try TaskModel(ModelDirectory(path: runs.place(name + "/last")), threads: 1))
    return try model.predict(PhotoFiles(at: photos), [], top: 1).told.map { told in
      guard case .text(let caption)? = told[0].members.first(where: { $0.0 == "caption" })?.1 else { return "" }
      return caption
    }
  }

  /// Tokens are foretold better the longer it learns, and as well on any number of ranks; a photo has the caption that it would have
  /// by itself.
  @Test func itLearnsToWrite() throws {
    try runs.train("short", steps: 2)
    try runs.train("long", steps: 40, ["optimizer.learning_rate=5e-3"])
    let (short, long) = (try evaluate("short"), try evaluate("long"))
    #expect(long.tokens.perplexity < 0.5 * short.tokens.perplexity && long.tokens.accuracy > short.tokens.accuracy)
    let interval = try #require(long.tokens.intervals?["perplexity"])
    #expect(interval.low < long.tokens.perplexity && long.tokens.perplexity < interval.high)
    for ranks in [2, 3] {
      let report = try evaluate("long", ranks: ranks)
      #expect(report.written == long.written)
      let found = report.tokens
      #expect(abs(found.perplexity - long.tokens.perplexity) < 1e-3)
      #expect(abs(try #require(found.intervals?["perplexity"]).low - interval.low) < 1e-3)
    }
    let dataSet = try PreparedDataSet(path: runs.place("scenes"))
    let photos = try dataSet.samples(split: "validation").enumerated().map { index, sample in
      let path = runs.place("photo\(index).jpg")
      try writeAtomically(dataSet.withImageBytes(sample) { Array($0) }, to: path)
      return path
    }
    let all = try captions("long", photos)
    #expect(all.count == 5 && all.allSatisfy { !$0.isEmpty })
    #expect(try captions("long", [photos[3]]) == [all[3]])
    let references = try dataSet.samples(split: "validation").map { try dataSet.columns([.captions], of: $0).captions }
    let expected = try CaptionMetrics(
      zip(all, references).enumerated().map { CaptionedImage(caption: $1.0, references: $1.1, cluster: $0) })
    let written = try #require(long.written)
    #expect(written.bleu == expected.bleu && written.cider == expected.cider && written.rougeL == expected.rougeL)
    #expect(
      long.table.contains(
        "written: the best of 3 beams, of at most 20 tokens; \(long.cut) of 5 captions were cut there"))
    #expect(written.novel != nil && written.intervals?["cider"] != nil)
  }

  /// What is written is held against the photos by another model, on any number of ranks.
  @Test func anotherModelScoresWhatIsWritten() throws {
    try runs.train("judged", steps: 10)
    let clip = try TinyCLIP(in: runs.place("clip"))
    var request = EvaluationRequest([runs.place("judged/last")], threads: 1)
    request.judge = (clip.path, "tiny")
    let written = try [1, 2].map { ranks in
      try InProcessCommunicator.run(ranks: ranks) { [request] communicator in
        try evaluateModel(
          request, data: runs.place("scenes"), split: "validation", communicator: communicator, output: .silent)
          as? CaptioningReport
      }[0]?.written
    }
    let one = try #require(written[0])
    #expect(one.clipScore != nil && one.referenceClipScore != nil && one.intervals?["clip_score"] != nil)
    #expect(one.signature.contains("|clip:tiny,") && written[1] == one)
    // Whoever has no features scores nothing.
    request.judge = (runs.place("judged/last"), "itself")
    let own = request
    let error = #expect(throws: (any Error).self) {
      _ = try evaluateModel(
        own, data: runs.place("scenes"), split: "validation", communicator: SoloCommunicator(), output: .silent)
    }
    #expect(error.map { "\($0)" }?.contains("blip has no features of images and texts in one space") == true)
  }

  @Test func ranksLearnAsOne() throws { try runs.expectTheSameOnRanks(steps: 4) }
  @Test func piecesEndAsTheWhole() throws { try runs.expectTheSameInPieces([]) }

  /// A prompt is given: it is neither learnt nor foretold, and no part of what is told. The checkpoint keeps it.
  @Test func captionsBeginWithAPrompt() throws {
    let plain = ["optimizer.learning_rate=5e-3", "model.text.context_length=80"]
    let prompt = ["task.prompt=a picture of"] + plain
    try runs.expectTheSameOnRanks(steps: 4, prompt)
    try runs.train("prompted", steps: 40, prompt)
    try runs.train("plain", steps: 40, plain)
    let (prompted, bare) = (try evaluate("prompted"), try evaluate("plain"))
    #expect(prompted.tokens.tokens == bare.tokens.tokens)
    #expect(prompted.tokens.perplexity < 1.5 * bare.tokens.perplexity)
    let written = try #require(prompted.written)
    #expect(!written.mostFrequent.contains("picture") && !written.mostFrequent.isEmpty)
    let facts = String(decoding: try readFile(runs.place("prompted/last/task.json")), as: UTF8.self)
    #expect(facts.contains("a picture of"))
    let photo = runs.place("photo.jpg")
    let dataSet = try PreparedDataSet(path: runs.place("scenes"))
    try writeAtomically(dataSet.withImageBytes(dataSet.samples(split: "test")[0]) { Array($0) }, to: photo)
    let caption = try captions("prompted", [photo])[0]
    #expect(!caption.isEmpty && !caption.contains("picture"))
  }

  @Test func aPromptHasRoom() throws {
    let long = String(repeating: "a picture ", count: 40)
    let error = runs.refusal(["task.prompt=\(long)"])
    #expect(
      error.contains("task.prompt: \"a picture a picture") && error.contains("tokens, and the model knows"), "\(error)")
    #expect(runs.refusal(["task.prompt= "]).contains("makes no token of it"))
  }

  // MARK: By what captions are worth

  private static let selfCritical = ["objective.self_critical=1", "objective.self_critical_length=12"]

  /// A run that begins with the weights of one that learnt the next token: rewards are told, and what its captions are worth on the
  /// training scenes rises.
  @Test func captionsBecomeWorthMore() throws {
    try runs.train("first", steps: 300, ["optimizer.learning_rate=5e-3"])
    let more =
      Self.selfCritical + [
        "initialize.weights=\(runs.place("first/last"))", "objective.task=0", "objective.self_critical_samples=4",
        "optimizer.learning_rate=1e-3",
      ]
    // Its sizes are those of the weights.
    let critical = SmallRuns(
      ["task.name=captioning", "model.name=blip", "evaluation.every_epochs=0"], data: "scenes", in: runs.place)
    try critical.train("critical", steps: 80, more)
    let rewards = try String(decoding: readFile(runs.place("critical/metrics.jsonl")), as: UTF8.self)
      .matches(of: /"self_critical":\{"reward":([-+.0-9e]+),"baseline":/).compactMap { Double($0.1) }
    #expect(rewards.count == 80)
    let (before, after) = (rewards.prefix(20).reduce(0, +) / 20, rewards.suffix(20).reduce(0, +) / 20)
    #expect(after > before + 0.1, "\(before), then \(after)")
  }

  @Test(arguments: [1, 3]) func ranksDrawAsOne(_ samples: Int) throws {
    try runs.expectTheSameOnRanks(steps: 4, Self.selfCritical + ["objective.self_critical_samples=\(samples)"])
  }

  @Test func piecesOfDrawsEndAsTheWhole() throws { try runs.expectTheSameInPieces(Self.selfCritical) }

  /// What would mean nothing is refused, and a run that begins with nothing is told so.
  @Test func whatMeansNothingIsRefused() throws {
    #expect(
      runs.refusal(["objective.self_critical_samples=2"]).contains(
        "means something to objective.self_critical alone, which has no weight"))
    #expect(runs.refusal(["objective.task=0"]).contains("every objective has weight 0"))
    #expect(
      runs.refusal(["task.name=pretraining", "model.name=clip", "task.smoothing=0", "objective.task=2"]).contains(
        "pretraining has no loss of its own"))
    let forecast = try RunForecast(
      runs.configuration("dry", Self.selfCritical), dataPath: runs.place("scenes"), ranks: 1)
    #expect(forecast.remarks.contains { $0.contains("train it by the next token first") })
    try runs.expectAForecastIsTakenAgain(Self.selfCritical)
  }

  /// Models without a decoder are refused before the first step.
  @Test func aModelHasToWrite() throws {
    #expect(runs.refusal(["model.name=clip"]).contains("no decoder that writes texts; name a model that has one"))
  }
}
