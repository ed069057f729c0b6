import Batching
import Calibration
import Checkpoints
import Collectives
import Files
import Foundation
import Pretrained
import Privacy
import Reporting
import Safeguards
import TestSupport
import Testing
import Training

/// Learning from private data, from the configuration to the ledger and the card.
@Suite(.serialized) struct PrivateRunTests {
  private let runs: SmallRuns
  private static let own = [
    "privacy.clip=0.5", "privacy.noise=0.8", "batch.global=10", "optimizer.learning_rate=0.01",
  ]

  init() throws {
    runs = SmallRuns(
      [
        "task.name=classification", "model.name=clip", "model.vision.image_size=8", "model.vision.patch_size=4",
        "model.vision.width=16", "model.vision.heads=2", "model.vision.layers=1", "model.text.width=16",
        "model.text.heads=2", "model.text.layers=1", "model.embedding_width=16", "evaluation.every_epochs=0",
      ] + Self.own, in: try ToyRuns().place)
  }

  private func ledger(_ name: String) throws -> PrivacyLedger {
    try PrivacyLedger(path: runs.place(name + "/privacy.jsonl"))
  }

  /// Draws, sums and noise do not hang on who computes them: the same bytes on any number of ranks and of threads.
  @Test func theSameBytesOnRanks() throws {
    try runs.giveSecret("one", "two", "three")
    for (ranks, name) in [(1, "one"), (2, "two"), (3, "three")] { try runs.train(name, steps: 7, ranks: ranks) }
    #expect(try runs.bytes("two") == runs.bytes("one"))
    #expect(try runs.bytes("three") == runs.bytes("one"))
    // Another secret has other draws and another noise.
    try runs.train("other", steps: 7)
    #expect(try runs.bytes("other") != runs.bytes("one"))
    #expect(try ledger("three").run.map(\.steps) == [7])
  }

  /// With all units drawn, no gradient clipped and hardly a noise, a private step is the plain one.
  @Test func withoutClippingAndNoiseItIsThePlainStep() throws {
    // Each sample is a group of its own.
    try writeGrouped(from: runs.place("set"), to: runs.place("grouped")) { place, record in
      record.columns.group = "\(place)"
    }
    let settings = runs.settings.dropFirst(SmallRuns.usual.count).filter { !$0.hasPrefix("privacy.") }
    let runs = SmallRuns(
      settings + ["batch.global=40", "optimizer.learning_rate=0.003"], data: "grouped", in: runs.place)
    let all = ["privacy.unit=group", "privacy.clip=1000"]
    try runs.train("private", steps: 3, all + ["privacy.noise=1e-12"])
    try runs.train("plain", steps: 3, ["optimizer.gradient_clip=0"])
    let (own, plain) = (try weights("private"), try weights("plain"))
    #expect(own.count == plain.count && own != plain)
    let squares = zip(own, plain).reduce(0.0) { $0 + Double($1.0 - $1.1) * Double($1.0 - $1.1) }
    let whole = plain.reduce(0.0) { $0 + Double($1) * Double($1) }
    #expect((squares / whole).squareRoot() < 1e-4, "\((squares / whole).squareRoot())")
    // And with a noise it is another one.
    try runs.train("noisy", steps: 3, all + ["privacy.noise=0.01"])
    let noisy = zip(try weights("noisy"), plain).reduce(0.0) { $0 + Double($1.0 - $1.1) * Double($1.0 - $1.1) }
    #expect(noisy > 1e4 * squares)
  }

  /// Where noise is all there is, the norm of what moves the weights is σC √d / B in every step, whatever was drawn.
  @Test func theNoiseIsOfTheExpectedBatch() throws {
    func norms(_ name: String, _ more: [String]) throws -> [Double] {
      try runs.train(name, steps: 8, ["privacy.noise=100"] + more)
      return String(decoding: try readFile(runs.place(name + "/metrics.jsonl")), as: UTF8.self)
        .matches(of: /"gradient_norm":([0-9.]+)/).compactMap { Double($0.1) }
    }
    let usual = try norms("usual", [])
    #expect(usual.count == 8 && (usual.max() ?? 9) < 1.1 * (usual.min() ?? 0), "\(usual)")
    for (name, more, factor) in [
      ("batch", ["batch.global=20"], 0.5), ("clip", ["privacy.clip=1.5"], 3.0), ("noise", ["privacy.noise=200"], 2.0),
    ] {
      let ratio = try norms(name, more)[0] / usual[0]
      #expect(abs(ratio / factor - 1) < 0.05, "\(name): \(ratio)")
    }
    // √d of the parameters that photos reach.
    let file = try SafetensorsFile(path: runs.weightsPath(of: "usual"))
    let count = file.entries.filter { $0.name.contains("vision") || $0.name.hasPrefix("head") }
      .reduce(0) { $0 + $1.shape.reduce(1, *) }
    let expected = 100 * 0.5 * Double(count).squareRoot() / 10
    #expect(abs(usual[0] / expected - 1) < 0.1, "\(usual[0]) beside \(expected)")
  }

  private func weights(_ name: String) throws -> [Float] {
    let file = try SafetensorsFile(path: runs.weightsPath(of: name))
    return try file.entries.flatMap { try file.floats($0.name) }
  }

  /// A run that was broken off takes its last steps again, which are the same; in the ledger each is once.
  @Test func whatBrokeOffGoesOn() throws {
    try runs.giveSecret("whole", "pieces")
    let every = ["checkpoint.every_steps=3"]
    try runs.train("whole", steps: 8, every)
    #expect(throws: (any Error).self) {
      try runs.train("pieces", steps: 8, faults: [Fault(kind: .exit, step: 6, rank: 0)], every)
    }
    #expect(try ledger("pieces").lastStep == 5)
    try runs.train("pieces", steps: 8, ranks: 2, every)
    #expect(try runs.bytes("pieces") == runs.bytes("whole"))
    #expect(try ledger("pieces").run == ledger("whole").run && ledger("pieces").run.map(\.steps) == [8])
  }

  /// Neither log nor checkpoint tells of the samples, nor of the secret; they tell of ε.
  @Test func whatIsToldOfIt() throws {
    try runs.train("run", steps: 4)
    let log = String(decoding: try readFile(runs.place("run/metrics.jsonl")), as: UTF8.self)
    let steps = log.split(separator: "\n").filter { $0.hasPrefix(#"{"event":"step""#) }
    #expect(steps.count == 4)
    for word in ["loss", "seconds", "samples"] { #expect(!steps.contains { $0.contains(word) }, "\(word)") }
    #expect(log.contains(#""event":"end""#) && !log.contains("goodput"))
    let told = try #require(steps[3].firstMatch(of: /"epsilon":([0-9.]+)/))
    let plan = try PrivacyPlan(units: 21, batch: 10, steps: 4)
    let epsilon = try plan.cost(noise: 0.8, .prv).epsilon
    #expect(abs(try #require(Double(told.1)) - epsilon) < 1e-5)
    let card = String(decoding: try readFile(runs.place("run/last/README.md")), as: UTF8.self)
    #expect(card.contains("(ε, δ) = (\(decimals(epsilon, 3)), 0.001) for each of 21 photos"), "\(card)")
    let metadata = try SafetensorsFile(path: runs.weightsPath(of: "run")).metadata
    #expect(
      metadata.contains { $0 == ("privacy.epsilon", decimals(epsilon, 6)) } && metadata.contains { $0.key == "format" })
    let key = String(decoding: try readFile(runs.place("run/privacy.key")), as: UTF8.self)
    let digits = try #require(key.split(separator: " ").last?.dropLast())
    #expect(digits.count == 64)
    let files = try #require(FileManager.default.enumerator(atPath: runs.place("run"))).compactMap { $0 as? String }
    #expect(files.count > 8)
    for file in files where !file.hasSuffix("privacy.key") && !isDirectory(runs.place("run/" + file)) {
      let bytes = Data(try readFile(runs.place("run/" + file)))
      #expect(bytes.range(of: Data(digits.utf8)) == nil, "\(file)")
    }
    #expect(try !isOpenToOthers(runs.place("run/privacy.key")))
  }

  /// Whatever does not belong together takes no step.
  @Test(arguments: [
    "secret gone", "ledger gone", "ledger cut", "ledger changed", "another secret", "a secret that others read",
    "no secret",
    "another plan", "another noise", "other data",
  ]) func whatDoesNotBelongTogether(what: String) throws {
    try runs.train("run", steps: 3, ["checkpoint.every_steps=1"])
    let (key, ledgerPath) = (runs.place("run/privacy.key"), runs.place("run/privacy.jsonl"))
    var (more, words) = ([String](), "")
    switch what {
    case "secret gone":
      try removeTree(key)
      words = "it is gone: put it back"
    case "ledger gone":
      try removeTree(ledgerPath)
      words = "there is a secret, and no ledger"
    case "ledger cut":
      let lines = String(decoding: try readFile(ledgerPath), as: UTF8.self).split(separator: "\n")
      try writeAtomically(Array((lines.dropLast().joined(separator: "\n") + "\n").utf8), to: ledgerPath)
      words = "it knows of 2 steps, and the checkpoint has taken 3"
    case "ledger changed":
      let text = String(decoding: try readFile(ledgerPath), as: UTF8.self)
      try writeAtomically(
        Array(text.replacingOccurrences(of: "\"noise\":0.8", with: "\"noise\":8.8").utf8), to: ledgerPath)
      words = "it is not as it was written"
    case "another secret":
      try runs.train("other", steps: 1)
      try writeAtomically(readFile(runs.place("other/privacy.key")), to: key)
      chmod(key, 0o600)
      words = "this is not the secret"
    case "a secret that others read":
      chmod(key, 0o644)
      words = "others than its owner may read it"
    case "no secret":
      try writeAtomically(Array("mmtrain-privacy-key 1 12\n".utf8), to: key)
      chmod(key, 0o600)
      words = "it is no key"
    case "another plan": (more, words) = (["optimizer.learning_rate=0.02"], "of another configuration")
    case "another noise": (more, words) = (["privacy.noise=0.7"], "privacy.noise: 0.8 → 0.7")
    default:
      (more, words) = (
        ["data.split=validation", "batch.global=9", "evaluation.split=none"], "data.split: train → validation"
      )
    }
    let before = fileExists(ledgerPath) ? try readFile(ledgerPath) : []
    let weights = try runs.bytes("run")
    let error = #expect(throws: (any Error).self) {
      try runs.train("run", steps: 6, ["checkpoint.every_steps=1"] + more)
    }
    #expect("\(error.map { "\($0)" } ?? "")".contains(words), "\(String(describing: error))")
    #expect([.badData, .configuration].contains((error as? any ReportableError)?.exitCode))
    #expect(try runs.bytes("run") == weights)
    if !before.isEmpty { #expect(try readFile(ledgerPath) == before) }
  }

  /// What would break the promise is refused with the reason, before anything is written.
  @Test(arguments: [
    ("objective.contrastive=1", "hangs on the others of its batch"), ("data.mixup=0.5", "of two units"),
    ("task.sampling=balanced", "drawn with the same probability"), ("task.weights=balanced", "how often"),
    ("precision=bf16", "fp32"), ("communication.wire=bf16", "exact"), ("evaluation.patience=2", "no ε counts"),
    ("optimizer.gradient_clip=1", "privacy.clip"), ("batch.micro=4", "unit by unit"), ("privacy.delta=0.5", "1 / 21"),
    ("batch.global=22", "22 of 21 units"), ("privacy.target_epsilon=3", "set one of"),
    ("memory.recompute=blocks", "unit by unit"),
    ("evaluation.split=train", "the private samples themselves"), ("task.name=answering", "name them in a file"),
  ]) func whatIsRefused(setting: String, words: String) throws {
    #expect(runs.refusal([setting]).contains(words), "\(runs.refusal([setting]))")
  }

  /// What a private run shows of its configuration asks for the same again.
  @Test func itsConfigurationIsTakenAgain() throws { try runs.expectAForecastIsTakenAgain() }

  @Test func whatIsRefusedOfKeysAndData() throws {
    let off = ["privacy.clip=none"]
    #expect(runs.refusal(off).contains("set privacy.clip"))
    #expect(runs.refusal(["privacy.noise=none"]).contains("set one of"))
    let error = #expect(throws: (any Error).self) { try runs.train("refused", ["privacy.unit=group"]) }
    #expect((error as? any ReportableError)?.exitCode == .missingInput, "\(String(describing: error))")
  }

  /// Temperature and thresholds would tell of data that no ε covers; what is public may be told. An export says what the model says.
  @Test func whatIsTakenFromOtherData() throws {
    try runs.train("run", steps: 2)
    func calibrate(isPublic: Bool) throws {
      _ = try calibrateModel(
        at: runs.place("run/last"), data: runs.place("set"), split: "train", aim: Calibration.Aim(),
        isPublic: isPublic, threads: 1, communicator: SoloCommunicator(), output: .silent)
    }
    let error = #expect(throws: PrivateCalibrationError.self) { try calibrate(isPublic: false) }
    #expect(error?.exitCode == .configuration && error?.description.contains("--public-data") == true)
    // What is public is asked of as always, whatever comes of it.
    do { try calibrate(isPublic: true) } catch { #expect(!(error is PrivateCalibrationError), "\(error)") }
    _ = try exportModel(ModelDirectory(path: runs.place("run/last")), as: .huggingFace, to: runs.place("exported"))
    let (own, told) = (try privacyTold(of: runs.place("run/last")), try privacyTold(of: runs.place("exported")))
    #expect(told.map(\.key).contains("privacy.epsilon") && told.map(\.value) == own.map(\.value))
  }
}
