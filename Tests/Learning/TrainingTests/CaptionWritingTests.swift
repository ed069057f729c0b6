import Batching
import Collectives
import Evaluation
import Files
import Foundation
import Inference
import Models
import Pretrained
import Reporting
import Safeguards
import Scenes
import Tasks
import TestSupport
import Testing
import Training

/// How captions are written, as somebody asks, and what of them is shown while a model learns.
@Suite(.serialized) struct CaptionWritingTests {
  private let runs: SmallRuns
  private let photos: [String]

  init() throws {
    let place = try TemporaryDirectory()
    try prepareScenes(SceneSettings(train: 24, validation: 5, test: 4, imageSize: 32), in: place)
    runs = SmallRuns(
      [
        "task.name=captioning", "model.name=blip", "model.vision.image_size=32", "model.vision.patch_size=8",
        "model.vision.width=16", "model.text.width=16", "evaluation.every_epochs=0", "optimizer.learning_rate=5e-3",
      ], data: "scenes", in: place)
    let dataSet = try PreparedDataSet(path: place("scenes"))
    photos = try dataSet.samples(split: "validation").map { sample in
      let path = place(sample.key + ".jpg")
      try writeAtomically(dataSet.withImageBytes(sample) { Array($0) }, to: path)
      return path
    }
  }

  private func model(_ request: WritingRequest) throws -> TaskModel {
    try #require(try TaskModel(ModelDirectory(path: runs.place("run/last")), threads: 1)).writing(request)
  }

  private func written(
    _ request: WritingRequest, _ photos: [String], ranks: Int = 1, chunk: Int = 32
  ) throws -> [ToldText] {
    var settings = PhotoEncoding()
    settings.chunk = chunk
    let told = try InProcessCommunicator.run(ranks: ranks) { [settings] communicator in
      try model(request).predict(PhotoFiles(at: photos), [], top: 1, settings, communicator).told
        .compactMap { $0[0].written }
    }
    #expect(told.allSatisfy { $0.map(\.words) == told[0].map(\.words) })
    return told[0]
  }

  private func evaluate(_ request: WritingRequest, ranks: Int = 1) throws -> CaptioningReport {
    var asked = EvaluationRequest([runs.place("run/last")], threads: 1)
    asked.writing = request
    let reports = try InProcessCommunicator.run(ranks: ranks) { [asked] communicator in
      try evaluateModel(
        asked, data: runs.place("scenes"), split: "validation", communicator: communicator, output: .silent)
        as? CaptioningReport
    }
    return try #require(reports[0])
  }

  private func request(_ change: (inout WritingRequest) -> Void) -> WritingRequest {
    var made = WritingRequest()
    change(&made)
    return made
  }

  /// Whatever is asked for, a photo has the caption that it would have by itself, on any number of ranks, and in an evaluation.
  @Test func captionsAreTheSameInAnyCompany() throws {
    try runs.train("run", steps: 40)
    let requests: [(way: String, request: WritingRequest)] = [
      ("the best of 3 beams, of at most 20 tokens", request { _ in }),
      ("the likeliest token each time, of at most 9 tokens", request { ($0.beams, $0.maximumLength) = (1, 9) }),
      (
        "the best of 4 beams, of at least 8 tokens, of at most 20 tokens, length reward 2, no 2 tokens in a row twice, repetition penalty 1.3",
        request {
          ($0.beams, $0.lengthReward, $0.blockedRepetition) = (4, 2, 2)
          ($0.minimumLength, $0.repetitionPenalty) = (8, 1.3)
        }
      ),
      (
        "tokens drawn of the likeliest that have a probability of 0.9 together, temperature 2, seed 5, of at most 20 tokens",
        request { ($0.nucleus, $0.temperature, $0.seed) = (0.9, 2, 5) }
      ),
      (
        "the best of 3 beams, of at most 20 tokens, beginning with \"a large\"", request { $0.prompt = "a large" }
      ),
    ]
    for (way, request) in requests {
      #expect(try model(request).wayOfWriting == way)
      let all = try written(request, photos)
      let words = all.map(\.words)
      #expect(words.count == 5 && words.allSatisfy { !$0.isEmpty })
      #expect(try written(request, photos.reversed()).map(\.words) == words.reversed())
      #expect(try written(request, [photos[3]]).map(\.words) == [words[3]])
      for ranks in [2, 3] { #expect(try written(request, photos, ranks: ranks, chunk: 2).map(\.words) == words) }
      let report = try evaluate(request)
      #expect(report.way == way && report.samples.map(\.text.words) == words)
      #expect(report.cut == all.count(where: \.isCut) && report.writtenTokens == all.reduce(0) { $0 + $1.tokens })
      #expect(try evaluate(request, ranks: 3).samples.map(\.text.words) == words)
    }
  }

  @Test func lengthsPromptsAndSeedsAreHeld() throws {
    try runs.train("run", steps: 40)
    let short = try written(request { $0.maximumLength = 4 }, photos)
    // Four tokens, the opening one among them.
    #expect(short.allSatisfy { $0.tokens <= 3 && ($0.isCut || $0.words.split(separator: " ").count < $0.tokens) })
    #expect(short.contains { $0.isCut })
    let prompted = try written(request { $0.prompt = "two red" }, photos)
    #expect(prompted.allSatisfy { $0.words.hasPrefix("two red") })
    let drawn = try (1...3).map { seed in
      try written(request { ($0.nucleus, $0.temperature, $0.seed) = (1, 3, UInt64(seed)) }, photos).map(
        \.words)
    }
    #expect(Set(drawn).count == 3)
    // Under another name another one is drawn.
    let copy = runs.place("other.jpg")
    try writeAtomically(readFile(photos[0]), to: copy)
    let wild = request { ($0.nucleus, $0.temperature) = (1, 3) }
    let both = try written(wild, [photos[0], copy]).map(\.words)
    #expect(both[0] != both[1])

    let refused: [(String, WritingRequest)] = [
      (
        "begin with 23 tokens and have at most 16",
        request { ($0.prompt, $0.maximumLength) = ("a red a red a red a red a red a red a red a", 16) }
      ),
      ("the model knows", request { $0.maximumLength = 4000 }), ("0 beams", request { $0.beams = 0 }),
      ("at least 30 tokens and at most 20", request { $0.minimumLength = 30 }),
      ("has no word that the model's tokenizer knows", request { $0.prompt = " " }),
    ]
    for (words, request) in refused {
      let error = #expect(throws: WritingError.self) { try model(request) }
      #expect(
        error?.description.contains(words) == true && error?.exitCode == .usage, "\(words): \(error?.description ?? "")"
      )
      #expect(throws: WritingError.self) { try evaluate(request) }
    }
  }

  /// A model that chooses answers writes no texts, so that nothing can be asked of them, and no page shows any.
  @Test func whatWritesNothingIsRefused() throws {
    var asked = EvaluationRequest([goldenDirectory + "/predictions/answers"], threads: 1)
    asked.needsTexts = true
    for request in [request { $0.beams = 2 }, WritingRequest()] {
      asked.writing = request
      let error = #expect(throws: WritingError.self) {
        try evaluateModel(
          asked, data: runs.place("scenes"), split: "validation", communicator: SoloCommunicator(), output: .silent)
      }
      #expect(error?.description.contains("was trained for answering and writes no texts") == true)
      #expect(error?.exitCode == .usage)
    }
  }

  private func evaluations(_ name: String) throws -> [[String]] {
    try String(decoding: readFile(runs.place(name + "/metrics.jsonl")), as: UTF8.self).split(separator: "\n")
      .filter { $0.hasPrefix(#"{"event":"evaluation""#) }
      .map { line in line.matches(of: /"text":"([^"]*)"/).map { String($0.1) } }
  }

  /// The same photos' captions with each validation, the same on any number of ranks; none where none are wanted.
  @Test func captionsAreShownWhileItLearns() throws {
    let more = ["evaluation.every_epochs=1", "evaluation.shown=2", "guard.same_texts=0"]
    for ranks in 1...3 { try runs.train("ranks\(ranks)", steps: 8, ranks: ranks, more) }
    let one = try evaluations("ranks1")
    #expect(one.count == 4 && one.allSatisfy { $0.count == 2 })
    for name in ["ranks2", "ranks3"] { #expect(try evaluations(name) == one) }
    let keys = try PreparedDataSet(path: runs.place("scenes")).samples(split: "validation").map(\.key)
    let log = String(decoding: try readFile(runs.place("ranks1/metrics.jsonl")), as: UTF8.self)
    #expect(log.components(separatedBy: "\"name\":\"\(keys[0])\",\"text\"").count == 5)
    try runs.train("mute", steps: 2, ["evaluation.every_epochs=1", "evaluation.shown=0"])
    #expect(try evaluations("mute") == [[]])
  }

  /// A model that says the same of all photos and gets no better ends, with the code of a run that diverged, after it was saved. On all
  /// ranks alike.
  @Test(arguments: [1, 2])
  func aModelThatSaysTheSameStops(_ ranks: Int) throws {
    let more = ["evaluation.every_epochs=1", "optimizer.learning_rate=0", "guard.same_texts=2"]
    let error = #expect(throws: TrainingError.self) { try runs.train("stuck", steps: 20, ranks: ranks, more) }
    #expect(error?.exitCode == .diverged && error?.description.contains("set guard.same_texts to 0") == true)
    let log = String(decoding: try readFile(runs.place("stuck/metrics.jsonl")), as: UTF8.self)
    // The first is the best so far, the second is no better, the third neither: that is one too many.
    #expect(log.components(separatedBy: #""event":"same_texts""#).count == 3)
    #expect(log.components(separatedBy: #""event":"evaluation""#).count == 4)
    #expect(fileExists(runs.place("stuck/last/DONE")) && fileExists(runs.place("stuck/best/DONE")))
    try runs.train("going", steps: 6, ["evaluation.every_epochs=1", "optimizer.learning_rate=0", "guard.same_texts=0"])
    // A run that is killed goes on counting; one that has stopped so has as many evaluations again.
    let killed = [Fault(kind: .exit, step: 5, rank: 0)]
    #expect(throws: (any Error).self) { try runs.train("pieces", steps: 20, ranks: ranks, faults: killed, more) }
    for last in [6, 10] {
      let again = #expect(throws: TrainingError.self) { try runs.train("pieces", steps: 20, ranks: ranks, more) }
      guard case .sameTexts(let step, _, let count, _) = again else {
        Issue.record("\(String(describing: again))")
        continue
      }
      #expect(step == last && count == 2)
    }
  }

  /// A tokenizer that ends texts otherwise than the decoder does, and a decoder whose tokens the vocabulary has not.
  @Test(arguments: [
    ("sep_token_id", "5", "its decoder ends texts with the token 5 (sep_token_id), its tokenizer with"),
    ("sep_token_id", "4000", "texts begin or end with the token 4000 (sep_token_id), and the vocabulary has"),
    ("bos_token_id", "4000", "texts begin or end with the token 4000 (bos_token_id), and the vocabulary has"),
  ])
  func tokensHaveToBeTheTokenizers(_ key: String, _ token: String, _ words: String) throws {
    try runs.train("run", steps: 1)
    let file = runs.place("run/last/config.json")
    let text = String(decoding: try readFile(file), as: UTF8.self)
    let changed = text.replacing(try Regex("\"\(key)\"\\s*:\\s*\\d+"), with: "\"\(key)\" : \(token)")
    #expect(changed != text)
    try writeAtomically(Array(changed.utf8), to: file)
    let error = #expect(throws: (any Error).self) { try ModelDirectory(path: runs.place("run/last")) }
    let found = try #require(error as? any ReportableError)
    #expect(found.description.contains(words) && [.badData, .configuration].contains(found.exitCode), "\(found)")
  }

  /// Weights that somebody published, without a word on what for, write captions by their decoder, and are measured so.
  @Test func aPublishedCaptionerIsAskedAsItIs() throws {
    try runs.train("run", steps: 40)
    let own = try written(WritingRequest(), photos).map(\.words)
    try makeDirectory(runs.place("published"))
    for file in [
      "config.json", "model.safetensors", "tokenizer.json", "tokenizer_config.json", "preprocessor_config.json",
    ] {
      try writeAtomically(readFile(runs.place("run/last/" + file)), to: runs.place("published/" + file))
    }
    let model = try #require(
      try TaskModel(
        [ModelDirectory(path: runs.place("published"))], answersFile: nil, asksWords: false, threads: 1))
    #expect(try model.predict(PhotoFiles(at: photos), [], top: 1).told.map { $0[0].written?.words } == own)
    let report = try evaluateModel(
      at: runs.place("published"), data: runs.place("scenes"), split: "validation", rerankDepth: 0, threads: 1,
      communicator: SoloCommunicator(), output: .silent)
    #expect(report.samples.map(\.text.words) == own && report.samples.allSatisfy { $0.scores?.cider != nil })
    let scores = report.samples.compactMap { $0.scores?.cider }
    let mean = try #require((report as? CaptioningReport)?.written?.cider)
    #expect(abs(scores.reduce(0, +) / Double(scores.count) - mean) < 1e-9)
  }
}
