import Collectives
import Configuration
import Files
import Foundation
import Models
import Reporting
import TestSupport
import Testing
import Training

/// A size is found that makes a model cost what another one costs.
@Suite(.serialized) struct BudgetMatchTests {
  private static let joint = [
    "objective.contrastive=0", "objective.matching=1", "objective.masked_text=0", "objective.negatives=random",
  ]

  private func configuration(_ settings: [String]) throws -> RunConfiguration {
    try RunConfiguration(file: nil, settings: settings.map { ConfigurationSetting($0) })
  }

  private func forecast(_ settings: [String]) throws -> RunForecast {
    try RunForecast(configuration(Self.joint + settings), dataPath: nowhere, ranks: 1)
  }

  private func count(_ what: String, _ forecast: RunForecast) -> Double {
    what == "parameters" ? Double(forecast.parameters) : forecast.stepOperations
  }

  /// All models that have a matching head of their own, each as large as the next one.
  private static var pairs: [(model: String, other: String)] {
    let names = ModelCatalogue.names.filter { ModelCatalogue.ownParts(of: $0).contains(.matchingHead) }
    return zip(names, names.dropFirst() + names.prefix(1)).map { (model: $0, other: $1) }
  }

  @Test(arguments: pairs, ["parameters", "operations"])
  func modelsBecomeAsLargeAsOthers(_ names: (model: String, other: String), _ what: String) throws {
    let other = count(what, try forecast(["model.name=\(names.other)", "model.preset=small"]))
    // Room for what is no part of the size that is looked for.
    let own = ["model.name=\(names.model)", "model.preset=tiny", "model.text.vocabulary_size=100"]
    let match = ["model.match.what=\(what)", "model.match.with=\(names.other)/small"]
    guard let found = try found(own + match, unlessLargerThan: other, what, forecast(own)) else { return }
    #expect(abs(count(what, found) - other) <= 0.02 * other, "\(count(what, found)) beside \(other)")
    #expect(found.remarks.contains { $0.contains("of \(names.other)/small") })

    // What was found is stated: nobody has to look again.
    let text = found.configuration.yaml(withOrigins: true)
    #expect(!text.contains("match:") && text.contains("# matches the \(what) of \(names.other)/small"))
    let again = try RunForecast(RunConfiguration(yaml: text, name: "again"), dataPath: nowhere, ranks: 1)
    #expect(again.parameters == found.parameters && again.stepOperations == found.stepOperations)
  }

  /// The tower of clips is one of those whose size may be looked for.
  @Test func aTowerOfClipsIsVaried() throws {
    let other = try RunForecast(configuration(["model.name=clip", "model.preset=tiny"]), dataPath: nowhere, ranks: 1)
    let settings = [
      "model.name=dual-encoder", "model.audio.encoder=ast", "model.text.layers=1", "model.text.width=32",
      "model.text.heads=2", "model.match.what=parameters", "model.match.with=clip/tiny", "model.match.vary=audio.width",
    ]
    let found = try RunForecast(configuration(settings), dataPath: nowhere, ranks: 1)
    let difference = abs(found.parameters - other.parameters)
    #expect(50 * difference <= other.parameters, "\(found.parameters), \(other.parameters)")
  }

  /// Nil where a model is larger by what is no size of its transformer, a network of convolutions say: then the nearest is told.
  private func found(
    _ settings: [String], unlessLargerThan other: Double, _ what: String, _ smallest: RunForecast
  ) throws -> RunForecast? {
    do {
      return try forecast(settings)
    } catch let error as TrainingError where count(what, smallest) > other {
      #expect(error.description.contains("% more than"))
      return nil
    }
  }

  /// The layers that a file states come back, and so does a width, whose heads divide it.
  @Test func sizesOfAFileComeBack() throws {
    let place = try TemporaryDirectory()
    let sizes = "{ width: 96, layers: 5, heads: 4 }"
    let objective = "{ contrastive: 0, matching: 1, masked_text: 0, negatives: random }"
    try writeAtomically(
      "model: { name: uniter, text: \(sizes) }\nobjective: \(objective)\n".utf8, to: place("other.yaml"))
    let common = ["model.name=uniter", "model.match.with=\(place("other.yaml"))", "model.text.heads=4"]
    for what in ["parameters", "operations"] {
      let deep = try forecast(
        common + ["model.match.what=\(what)", "model.match.vary=text.layers", "model.text.width=96"])
      #expect(deep.configuration.model.text.layers == 5)
      // As the width is stated, the layers are what there is to look for.
      let auto = try forecast(common + ["model.match.what=\(what)", "model.text.width=96"])
      #expect(auto.configuration.model.text.layers == 5)
      let wide = try forecast(common + ["model.match.what=\(what)", "model.text.layers=5"])
      #expect(wide.configuration.model.text.width == 96)
    }
  }

  /// No width of the two layers does it here, as a linear map to the fusion's width falls away where the encoders have it.
  @Test func whereNeitherSizeDoesItBothMay() throws {
    let other = try forecast(["model.name=fusion"]).stepOperations
    let match = ["model.match.what=operations", "model.match.with=fusion/tiny"]
    let found = try forecast(["model.name=fusion", "model.fusion.kind=late"] + match)
    #expect(abs(found.stepOperations - other) <= 0.02 * other)
    let fusion = found.configuration.model.fusion
    #expect(fusion.layers != 2 && fusion.width % fusion.heads == 0)
    #expect(found.remarks.contains { $0.hasPrefix("model.fusion.layers \(fusion.layers) and model.fusion.width ") })
    #expect(throws: TrainingError.self) {
      try forecast(["model.name=fusion", "model.fusion.kind=late", "model.fusion.layers=2"] + match)
    }
  }

  @Test func whatCannotBeEqualIsSaidWithTheNearest() throws {
    let error = #expect(throws: TrainingError.self) {
      try forecast([
        "model.name=uniter", "model.match.what=operations", "model.match.with=uniter/base",
        "model.match.vary=text.layers",
      ])
    }
    #expect(error?.exitCode == .configuration)
    let words = error?.description ?? ""
    #expect(words.contains("no model.text.layers makes it equal to uniter/base within 2 %"), "\(words)")
    #expect(words.contains("model.text.layers 128 gives") && words.contains("% less than"), "\(words)")
  }

  @Test(arguments: [
    (["model.match.what=operations"], "nobody says which model"),
    (["model.match.with=vilt"], "nobody says what is to be equal"),
    (["model.match.vary=text.width"], "nothing is to be equal"),
    (
      ["model.match.what=operations", "model.match.with=vilt", "model.match.vary=text.width", "model.text.width=64"],
      "model.text.width is stated"
    ),
    (["model.match.what=operations", "model.match.with=vilt", "model.match.vary=fusion.width"], "makes no use of"),
    (
      ["model.match.what=operations", "model.match.with=vilt", "model.text.width=64", "model.text.layers=1"],
      "every size that could be looked for is stated"
    ),
    (["model.match.what=operations", "model.match.with=vilt", "initialize.weights=a"], "those of initialize.weights"),
  ])
  func whatDoesNotGoTogetherIsRefused(_ settings: [String], _ words: String) throws {
    let error = #expect(throws: ConfigurationError.self) { try configuration(["model.name=uniter"] + settings) }
    #expect(error?.description.contains(words) == true, "\(error?.description ?? "")")
  }

  @Test(arguments: ["nobody", "uniter/nowhere", "uniter/tiny/more", "nobody/tiny"])
  func anotherModelThatNobodyKnowsIsRefused(_ other: String) throws {
    let error = #expect(throws: TrainingError.self) {
      try forecast(["model.name=uniter", "model.match.what=operations", "model.match.with=\(other)"])
    }
    #expect(error?.description.contains("'\(other)': no file, no directory and no NAME/PRESET") == true)
  }

  /// A run keeps what it found: it goes on with the same command, and with the sizes alone.
  @Test func aRunGoesOnWithWhatItFound() throws {
    let place = try TemporaryDirectory()
    try writeRegionSet(place("set"))
    func train(steps: Int, _ sizes: [String]) throws {
      let settings =
        [
          "model.name=uniter", "model.text.context_length=12", "model.text.layers=1", "model.text.heads=2",
          "batch.global=12", "schedule.steps=\(steps)", "schedule.warmup_steps=0", "data.workers=1",
          "products=openblas", "output=\(place("run"))",
        ] + sizes
      _ = try runTraining(
        configuration(settings), dataPath: place("set"), resume: .auto, options: RunOptions(), threads: 1,
        communicator: SoloCommunicator(), output: .silent, logger: makeLogger(rank: nil))
    }
    let other = "{ context_length: 12, width: 24, layers: 1, heads: 2 }"
    try writeAtomically("model: { name: uniter, text: \(other) }\n".utf8, to: place("other.yaml"))
    let match = ["model.match.what=parameters", "model.match.with=\(place("other.yaml"))"]
    try train(steps: 1, match)
    try train(steps: 2, match)
    #expect(try String(decoding: readFile(place("run/configuration.yaml")), as: UTF8.self).contains("width: 24"))
    try FileManager.default.removeItem(atPath: place("other.yaml"))
    try train(steps: 3, ["model.text.width=24"])
  }
}
