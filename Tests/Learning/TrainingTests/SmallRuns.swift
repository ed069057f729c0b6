import Batching
import Collectives
import Configuration
import Files
import Privacy
import Reporting
import Safeguards
import TestSupport
import Testing
import Training

/// Short runs of one small model, each in a directory of its own, and what they leave there.
struct SmallRuns {
  let place: TemporaryDirectory
  /// A prepared set, below the same directory.
  let data: String
  /// Of every run.
  let settings: [String]

  /// What most of them have in common: twelve pairs a step, a rate that stays as it is.
  static let usual = [
    "batch.global=12", "schedule.warmup_steps=0", "schedule.decay=constant", "optimizer.learning_rate=0.003",
    "data.workers=1", "products=openblas",
  ]

  init(_ settings: [String], data: String = "set", in place: TemporaryDirectory) {
    (self.place, self.data, self.settings) = (place, data, Self.usual + settings)
  }

  func configuration(_ name: String, _ more: [String] = []) throws -> RunConfiguration {
    let all = settings + ["output=\(place(name))"] + more
    return try RunConfiguration(file: nil, settings: all.map { ConfigurationSetting($0) })
  }

  /// What `--dry-run` prints is taken again, and is of the same model.
  func expectAForecastIsTakenAgain(_ more: [String] = []) throws {
    let forecast = try RunForecast(configuration("dry", more), dataPath: place(data), ranks: 1)
    let again = try RunConfiguration(yaml: forecast.configuration.yaml(withOrigins: true), name: "run.yaml")
    #expect(try RunForecast(again, dataPath: place(data), ranks: 1).parameters == forecast.parameters)
  }

  /// Going through a step asks for the memory that the step asks for.
  func expectARehearsalAsksForWhatAStepDoes(_ more: [String] = []) throws {
    let dataSet = try PreparedDataSet(path: place(data))
    let plan = try RunPlan(configuration("dry", more), dataSet)
    let bytes = try [false, true].map {
      try StepRehearsal(
        plan.configuration, (plan, dataSet), pairs: plan.configuration.batch.global, threads: 2, computes: $0
      ).reservedBytes
    }
    #expect(abs(bytes[0] - bytes[1]) <= bytes[1] / 32, "\(bytes)")
  }

  func train(
    _ name: String, steps: Int = 6, ranks: Int = 1, faults: [Fault] = [], _ more: [String] = []
  ) throws {
    let configuration = try configuration(name, ["schedule.steps=\(steps)"] + more)
    var options = RunOptions()
    options.faults = faults
    _ = try InProcessCommunicator.run(ranks: ranks) { [options] communicator in
      try runTraining(
        configuration, dataPath: place(data), resume: .auto, options: options, threads: 1,
        communicator: communicator, output: .silent, logger: makeLogger(rank: nil))
    }
  }

  /// Of each step.
  func losses(_ name: String) throws -> [Float] {
    try String(decoding: readFile(place(name + "/metrics.jsonl")), as: UTF8.self).split(separator: "\n")
      .filter { $0.hasPrefix(#"{"event":"step""#) }
      .compactMap { $0.firstMatch(of: /"loss":([-+.0-9e]+)/).flatMap { Float($0.1) } }
  }

  /// Of the weights at the end.
  func bytes(_ name: String) throws -> [UInt8] { try readFile(weightsPath(of: name)) }
  func weightsPath(of name: String) -> String { place(name + "/last/model.safetensors") }

  /// Gives private runs that have not begun a secret, the same to all and each time: it lies beside a ledger without steps.
  func giveSecret(_ names: String...) throws {
    for name in names {
      try makeDirectory(place(name))
      let binding = PrivacyLedger.Binding(
        unit: .image, units: 2, batch: 1, clip: 1, delta: 0.1, data: "", plan: "", program: "", machine: "", secret: "")
      _ = try PrivacyLedgerFile(place(name + "/privacy.jsonl"), binding)
      let key = (0..<32).map { "\($0 % 10)\($0 % 7)" }.joined()
      try AppendOnlyFile(place(name + "/privacy.key")).append("mmtrain-privacy-key 1 " + key)
    }
  }

  /// Why a run is refused, before it begins.
  func refusal(_ more: [String]) -> String {
    let error = #expect(throws: (any Error).self) { try train("refused", more) }
    #expect((error as? any ReportableError)?.exitCode == .configuration, "\(String(describing: error))")
    #expect(!fileExists(place("refused/checkpoints")))
    return error.map { "\($0)" } ?? ""
  }

  /// Two and three ranks lose in every step what one does.
  /// And a rehearsal of a step asks for the memory that the step does.
  func expectTheSameOnRanks(steps: Int = 6, _ more: [String] = []) throws {
    try expectARehearsalAsksForWhatAStepDoes(more)
    try train("one", steps: steps, more)
    let one = try losses("one")
    #expect(one.count == steps)
    for ranks in [2, 3] {
      try train("ranks\(ranks)", steps: steps, ranks: ranks, more)
      #expect(difference(try losses("ranks\(ranks)"), one, relative: 1e-5) == nil, "\(ranks) ranks")
    }
  }

  /// A run that was killed goes on, and ends with the bytes of an unbroken one.
  func expectTheSameInPieces(_ more: [String] = []) throws {
    let more = more + ["checkpoint.every_steps=2"]
    try train("whole", more)
    #expect(throws: (any Error).self) { try train("pieces", faults: [Fault(kind: .exit, step: 3, rank: 0)], more) }
    try train("pieces", more)
    #expect(try bytes("pieces") == bytes("whole"))
  }
}
