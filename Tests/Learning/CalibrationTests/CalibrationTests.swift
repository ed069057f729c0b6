import Calibration
import Evaluation
import Files
import Foundation
import Randomness
import Reporting
import TestSupport
import Testing

/// A calibration as a whole: what it says, how it is kept, what it refuses.
@Suite struct CalibrationTests {
  private static let source = Calibration.Source(
    weights: "w", calibrationSet: "c", dataSet: "flowers", split: "validation")

  /// A model that is twice as sure as it may be.
  private func overconfident(_ count: Int, classes: Int = 3) -> ClassPredictions {
    var random = RandomStream(seed: 5, 80)
    let targets = (0..<count).map { _ in random.integer(below: classes) }
    return predictions(
      targets.map { target in (0..<classes).map { 4 * (random.normal() + ($0 == target ? 2 : 0)) } }, targets)
  }

  @Test func aModelThatIsTooSureIsCooled() throws {
    let calibration = try Calibration(overconfident(400), from: Self.source)
    #expect(calibration.temperature.value > 1.5)
    #expect(calibration.after.nll < calibration.before.nll && calibration.after.ece < calibration.before.ece)
    #expect(abs(calibration.after.nll - calibration.temperature.costAfter) < 1e-6)
    #expect(calibration.before.reliability.reduce(0) { $0 + $1.count } == 400)
    #expect(calibration.refusal.confidence != nil && calibration.refusal.coverage > 0.5)
    #expect(calibration.table.contains("temperature") && calibration.table.contains("at most 10 % are wrong"))
  }

  @Test func whereDataAreTooFewItSaysHowManyItTakes() throws {
    let few = #expect(throws: CalibrationFailure.self) { try Calibration(overconfident(19), from: Self.source) }
    #expect(few?.description.contains("not enough data: 19 samples with a known class, and at least 20") == true)
    var aim = Calibration.Aim()
    aim.risk = 0.01
    let calibration = try Calibration(overconfident(100), from: Self.source, aim: aim)
    #expect(
      calibration.table.contains("not enough data for at most 1 % wrong with a confidence of 95 %: need 299, have 100"))
    aim.miss = 0.005
    #expect(try Calibration(overconfident(100), from: Self.source, aim: aim).table.contains("need 199, have 100"))
  }

  @Test func whatIsNoNumberIsRefused() {
    var broken = overconfident(30)
    broken.logits[4] = .nan
    let error = #expect(throws: CalibrationFailure.self) { try Calibration(broken, from: Self.source) }
    #expect(error?.description.contains("for 1 of 30 samples the model gives something that is no number") == true)
  }

  // MARK: Beside the weights

  private func directory() throws -> TemporaryDirectory {
    let directory = try TemporaryDirectory()
    for (name, text) in [("model.safetensors", "weights"), ("config.json", "{}"), ("README.md", "card")] {
      try Data(text.utf8).write(to: URL(filePath: directory(name)))
    }
    return directory
  }

  private func written(in directory: TemporaryDirectory) throws -> Calibration {
    var source = Self.source
    source.weights = try Calibration.weightsHash(ofModelIn: directory.path)
    let calibration = try Calibration(overconfident(100), from: source)
    try calibration.write(intoModelIn: directory.path)
    return calibration
  }

  @Test func itIsReadBesideItsWeights() throws {
    let directory = try directory()
    #expect(try Calibration.of(modelIn: directory.path, classes: ["a"]) == nil)
    let calibration = try written(in: directory)
    #expect(try Calibration.of(modelIn: directory.path, classes: calibration.classes) == calibration)
    // What describes the model may change, and the calibration itself is none of the weights.
    try Data("another card".utf8).write(to: URL(filePath: directory("README.md")))
    #expect(try Calibration.of(modelIn: directory.path, classes: calibration.classes) == calibration)
  }

  @Test(arguments: ["model.safetensors", "config.json"])
  func itIsRefusedBesideOthers(file: String) throws {
    let directory = try directory()
    let calibration = try written(in: directory)
    try Data("others".utf8).write(to: URL(filePath: directory(file)))
    let error = #expect(throws: CalibrationFailure.self) {
      try Calibration.of(modelIn: directory.path, classes: calibration.classes)
    }
    #expect(error?.description.contains("was made for other weights") == true && error?.exitCode == .missingInput)
  }

  @Test func itIsRefusedForOtherClasses() throws {
    let directory = try directory()
    _ = try written(in: directory)
    let error = #expect(throws: CalibrationFailure.self) { try Calibration.of(modelIn: directory.path, classes: ["x"]) }
    #expect(error?.description.contains("for other classes than the model has") == true)
  }

  @Test(arguments: [
    ("\"version\" : 1", "\"version\" : 2", "it is of version 2"),
    ("\"risk\" : 0.1,", "\"risk\" : 1.5,", "risk is 1.5, and has to be between 0 and 1"),
    ("\"value\" : ", "\"value\" : -", "a temperature of -"), ("{", "[", "it is no calibration"),
  ])
  func damagedOnesAreRefused(old: String, new: String, key: String) throws {
    let directory = try directory()
    let calibration = try written(in: directory)
    let path = directory(Calibration.fileName)
    let text = String(decoding: try readFile(path), as: UTF8.self)
    let place = try #require(text.range(of: old))
    try Data(text.replacingCharacters(in: place, with: new).utf8).write(to: URL(filePath: path))
    let error = #expect(throws: CalibrationFailure.self) {
      try Calibration.of(modelIn: directory.path, classes: calibration.classes)
    }
    #expect(error?.description.contains(key) == true && error?.exitCode == .badData, "\(String(describing: error))")
  }

  // MARK: A new sample

  @Test func whatIsUnsureIsReferred() throws {
    let calibration = try Calibration(overconfident(400), from: Self.source)
    #expect(Referral([12, 0, 0], by: calibration).reasons == [])
    #expect(Referral([12, 0, 0], by: calibration).possible == [0])
    #expect(Referral([0.2, 0.1, 0], by: calibration).reasons.contains(.unsure))
    #expect(Referral([12, 0, 0], isComplete: false, by: calibration).reasons == [.missingInput])
    #expect(Referral([.nan, 0, 0], by: calibration).reasons == [.notFinite])
    let p = Referral([2, 0, 0], by: calibration).probabilities
    let weight = exp(2 / calibration.temperature.value)
    #expect(abs(p[0] - weight / (weight + 2)) < 1e-6 && abs(p.reduce(0, +) - 1) < 1e-9)
  }

  @Test func whereNothingIsPromisedAllAreReferred() throws {
    var aim = Calibration.Aim()
    aim.risk = 0.01
    let calibration = try Calibration(overconfident(100), from: Self.source, aim: aim)
    #expect(Referral([12, 0, 0], by: calibration).reasons == [.nothingPromised])
  }
}
