import Batching
import Checkpoints
import Collectives
import Configuration
import Evaluation
import Files
import Images
import Layers
import Models
import Objectives
import Reporting
import Tasks
import TensorEngine
import TestSupport
import Testing
import Tokenization
import Training

/// A model that has joint states and no features in a shared space is trained, saved and measured like all others.
@Suite(.serialized) struct ToyJointTests {
  private let runs: ToyRuns

  init() throws { runs = try ToyRuns() }

  private func train(_ name: String, steps: Int, ranks: Int = 1, _ settings: String...) throws -> TrainingOutcome {
    try runs.train(name, steps: steps, ranks: ranks, settings: settings) { plan, _ in
      plan.description = ToyJointConfiguration(imageSize: 8, text: plan.description.inputs.text, width: 16)
      plan.objective = ObjectiveSettings(ObjectiveCatalogue.usualWeights(for: ToyJointConfiguration.ownParts))
    }
  }

  /// Both heads learn where nobody says otherwise, and what is measured is what they tell.
  @Test func aModelWithoutFeaturesIsTrained() throws {
    let outcome = try train("run", steps: 400, "evaluation.every_epochs=0", "checkpoint.every_steps=1000")
    let step = try #require(try runs.metrics(outcome, "step").last)
    #expect(step.contains(/"losses":{"matching":[0-9.e-]+,"masked_text":[0-9.e-]+}/), "\(step)")
    #expect(!step.contains("logit_scale"))
    let line = try #require(try runs.metrics(outcome, "evaluation").last)
    // Of 20 photos of three colours one in three wrong ones has the colour that the text says.
    #expect(try number(#/"matching":{"accuracy":([0-9.]+)/#, line) > 75, "\(line)")
    #expect(try number(#/"image_to_text":{.*?"r10":([0-9.]+)/#, line) > 90, "\(line)")
    // Without positions a text is a bag of words, and one of its three or four tokens is masked; chance is 1 in 256.
    #expect(try number(#/"masked_text":{"accuracy":([0-9.]+)/#, line) > 25, "\(line)")
    #expect(line.contains(#""by_matching":{"pairs":400,"images_of_split":20,"limit":10000}"#), "\(line)")
  }

  private func number(_ pattern: Regex<(Substring, Substring)>, _ line: Substring) throws -> Double {
    let match = try #require(line.firstMatch(of: pattern), "\(line)")
    return try #require(Double(match.1))
  }

  /// The same weights on one, two and three ranks, whose wrong pairs reach from one to the other.
  @Test func ranksLearnAsOne() throws {
    let weights = try [1, 2, 3].map { ranks in
      try Checkpoint(path: train("ranks\(ranks)", steps: 5, ranks: ranks).directory + "/last").weights()
    }
    for other in weights[1...] {
      for entry in weights[0].entries {
        let report = try difference(
          other.floats(entry.name), weights[0].floats(entry.name), relative: 1e-4, floor: 1e-5)
        #expect(report == nil, "\(entry.name)")
      }
    }
  }

  /// A run in two pieces ends with the bytes of one in one piece.
  @Test func aRunGoesOn() throws {
    let whole = try train("whole", steps: 6, "schedule.decay=constant")
    _ = try train("pieces", steps: 3, "schedule.decay=constant")
    let pieces = try train("pieces", steps: 6, "schedule.decay=constant")
    let file = "/last/model.safetensors"
    #expect(try readFile(pieces.directory + file) == readFile(whole.directory + file))
  }

  /// Measured by pairs alone, the same on any number of ranks, and by a drawn gallery where there are too many of them.
  @Test(arguments: [(limit: 10_000, images: 20), (limit: 150, images: 12), (limit: 1, images: 2)])
  func ranksMeasureAsOne(_ limit: Int, _ images: Int) throws {
    let path = runs.place("set")
    let tables = try [1, 3].map { ranks in
      try InProcessCommunicator.run(ranks: ranks) { communicator in
        let (dataSet, engine) = (try PreparedDataSet(path: path), Engine(threadCount: 1))
        let tokenizer = try loadTokenizer(try #require(try dataSet.sideFile("tokenizer.json")), path: path)
        let text = TextShape(vocabularySize: tokenizer.vocabularySize, contextLength: 16, endToken: nil)
        let builder = ParameterBuilder()
        let model = ToyJointConfiguration(imageSize: 8, text: text, width: 16).make(builder)
        let arena = ParameterArena(builder)
        arena.initialize(seed: 3, threads: engine.threads)
        var subject = MeasuredModel(model, tokenizer, .clip(imageSize: 8), engine, communicator)
        (subject.matchedPairs, subject.isThorough) = (limit, true)
        return try withExtendedLifetime(arena) {
          try PretrainingTask(TaskCatalogue.usualSettings).measure(subject, on: dataSet, split: "validation") { _, _ in
          }
        }
      }
    }
    #expect(Set(tables.joined().map(\.table)).count == 1, "\(tables)")
    let retrieval = try #require(tables[0][0].retrieval)
    #expect(retrieval.images == images && retrieval.captions == images)
    #expect(retrieval.matched?.pairs == images * images && retrieval.matched?.imagesOfSplit == 20)
    #expect(retrieval.imageToText.intervals != nil)
    let isDrawn = tables[0][0].table.contains("\(images) of 20 images, drawn so that there are at most \(limit) pairs")
    #expect(isDrawn == (images < 20), "\(tables[0][0].table)")
  }

  /// Hard negatives are chosen by features: who asks for them here is told so.
  @Test func hardNegativesNeedFeatures() throws {
    let builder = ParameterBuilder()
    let text = TextShape(vocabularySize: 8, contextLength: 8, endToken: nil)
    let model = ToyJointConfiguration(imageSize: 8, text: text, width: 4).make(builder)
    var settings = ObjectiveSettings(["matching": 1])
    settings.negatives = .hard
    let error = #expect(throws: ObjectiveError.self) {
      try ObjectiveMix(ObjectiveContext(model, settings, seed: 0, SoloCommunicator()))
    }
    #expect(error?.lack.contains("has no matching head and features") == true, "\(String(describing: error))")
    let matching = try #require(ObjectiveCatalogue.all.first { $0.name == "matching" })
    let words = matching.words(onLackIn: model.description, settings)
    #expect(words.hasSuffix("; set objective.negatives to random, as hard ones are chosen by features"), "\(words)")
  }
}
