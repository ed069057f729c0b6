import Batching
import Collectives
import Configuration
import Files
import Models
import Reporting
import TestSupport
import Testing
import Tokenization
import Training

/// A model that reads regions in the place of photos is trained, measured and resumed by the same loop as all others, and what
/// it cannot read is refused.
@Suite(.serialized) struct RegionRunTests {
  private let place: TemporaryDirectory

  init() throws {
    place = try TemporaryDirectory()
    try writeRegionSet(place("set"))
  }

  private func configuration(_ name: String, steps: Int, _ more: [String] = []) throws -> RunConfiguration {
    let settings =
      [
        "model.name=clip", "model.text.context_length=12", "batch.global=12", "schedule.steps=\(steps)",
        "schedule.warmup_steps=0", "optimizer.learning_rate=0.01", "data.workers=1", "evaluation.every_epochs=0",
        "output=\(place(name))",
      ] + more
    return try RunConfiguration(file: nil, settings: settings.map { ConfigurationSetting($0) })
  }

  private func train(
    _ name: String, steps: Int = 30, ranks: Int = 1, set: String = "set",
    shape: RegionShape = RegionShape(width: 4, limit: 3), _ more: [String] = []
  ) throws -> TrainingOutcome {
    let configuration = try configuration(name, steps: steps, more)
    let path = place(set)
    return try InProcessCommunicator.run(ranks: ranks) { communicator in
      try runTraining(
        configuration, resume: .auto, threads: 1, communicator: communicator, output: .silent,
        logger: makeLogger(rank: nil)
      ) { _ in
        let dataSet = try PreparedDataSet(path: path)
        var plan = try RunPlan(configuration, dataSet)
        plan.description = ToyRegionConfiguration(shape, text: plan.description.inputs.text)
        return try RunSetup(configuration, plan, dataSet, threads: 1, communicator)
      }
    }[0]
  }

  private func losses(_ outcome: TrainingOutcome) throws -> [Double] {
    try String(decoding: readFile(outcome.directory + "/metrics.jsonl"), as: UTF8.self).split(separator: "\n")
      .compactMap { $0.firstMatch(of: /"event":"step".*?"loss":([0-9.e+-]+)/).flatMap { Double($0.1) } }
  }

  /// A third of the captions say what a photo's own does; only regions tell which.
  @Test func regionsAreLearntAndMeasured() throws {
    let outcome = try train("run", steps: 60)
    let text = String(decoding: try readFile(outcome.directory + "/metrics.jsonl"), as: UTF8.self)
    let line = try #require(text.split(separator: "\n").last { $0.contains("\"event\":\"evaluation\"") })
    let recall = try #require(line.firstMatch(of: /"image_to_text":\{[^}]*"r10":([0-9.]+)/)).1
    #expect(try #require(Double(recall)) > 90, "\(line)")
    let losses = try losses(outcome)
    #expect(losses.count == 60 && losses[59] < losses[0])
  }

  @Test func ranksAddUpToOne() throws {
    let one = try losses(train("one"))
    #expect(one.count == 30)
    for ranks in [2, 3] {
      let many = try losses(train("ranks\(ranks)", ranks: ranks))
      #expect(many.count == 30)
      for (a, b) in zip(one, many) { #expect(difference(Float(a), Float(b), relative: 1e-5) == nil, "\(ranks) ranks") }
    }
  }

  /// Stopped in the middle and gone on with, it ends with the bytes of the run in one piece.
  @Test func goesOnWithTheSameBytes() throws {
    let whole = try train("whole", steps: 20)
    _ = try train("pieces", steps: 9, ["schedule.decay=constant"])
    let pieces = try train("pieces", steps: 20, ["schedule.decay=constant"])
    let constant = try train("constant", steps: 20, ["schedule.decay=constant"])
    let weights = { (outcome: TrainingOutcome) in try readFile(outcome.directory + "/last/model.safetensors") }
    #expect(try weights(pieces) == weights(constant))
    #expect(try weights(whole) != weights(constant))
  }

  // MARK: Bad input

  private func refusal(_ body: () throws -> some Any) -> (text: String, code: ExitCode?) {
    let error = #expect(throws: (any Error).self) { try body() }
    return ("\(error.map { "\($0)" } ?? "")", (error as? any ReportableError)?.exitCode)
  }

  @Test func dataWithoutRegionsAreRefused() throws {
    try writeRegionSet(place("none")) { _, _ in nil }
    let none = refusal { try train("a", set: "none") }
    #expect(none.text.contains("the data lack the column regions in split train"), "\(none)")
    #expect(none.text.contains("prepare the data with --regions PATH") && none.code == .missingInput)
    try writeRegionSet(place("some")) { $0 == 7 ? nil : $1 }
    let some = refusal { try train("b", set: "some") }
    #expect(some.text.contains("only 39 of 40 samples of split train have the column regions"), "\(some)")
    #expect(some.code == .missingInput && !fileExists(place("b") + "/metrics.jsonl"))
  }

  @Test func regionsOfAnotherWidthAreRefused() throws {
    let other = refusal { try train("a", shape: RegionShape(width: 5, limit: 3)) }
    #expect(
      other.text.contains("its regions have 4 numbers each, and the model reads 5 (model.regions.width)"), "\(other)")
    #expect(other.code == .badData && !fileExists(place("a") + "/metrics.jsonl"))
  }

  @Test func moreRegionsThanAllowedAreRefused() throws {
    let many = refusal { try train("a", shape: RegionShape(width: 4, limit: 2)) }
    #expect(many.text.contains("it has 3 regions, and the model reads at most 2; raise model.regions.limit"), "\(many)")
    #expect(many.text.contains("sample k1") && many.code == .badData)
  }

  @Test func aBoxOfNoAreaIsRefused() throws {
    try writeRegionSet(place("flat")) { number, regions in
      number == 11 ? try RegionFeatures(features: [0, 0, 0, 0], boxes: [0.5, 0.25, 0.5, 0.75]) : regions
    }
    let flat = refusal { try train("a", set: "flat") }
    #expect(flat.text.contains("sample k111") && flat.text.contains("it has no area"), "\(flat)")
    #expect(flat.code == .badData)
  }
}
