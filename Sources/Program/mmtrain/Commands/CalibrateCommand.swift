internal import ArgumentParser
internal import Calibration
internal import Collectives
internal import Files
internal import Foundation
internal import Launching
internal import Reporting
internal import Reports
internal import Training

/// `mmtrain calibrate`: how far a model of classes is to be believed.
struct CalibrateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "calibrate",
    abstract: "Find out on a split how far a model's probabilities are to be believed, and what it should refer.",
    discussion: """
      mmtrain calibrate --checkpoint runs/a/best --data prepared/flowers --split validation
      mmtrain calibrate --checkpoint runs/a/best --data prepared/flowers --split validation --risk 0.05 --page calibration.html

      Take a split that the model was not trained on, and not the one that it will be measured on. What is found is kept as
      calibration.json beside the weights, and holds for them alone; predict then says what it should not be trusted with
      (docs/calibration.md).
      """)

  @Option(parsing: .upToNextOption, help: .model)
  var checkpoint: [String]

  @Option(help: ArgumentHelp("A prepared data set.", valueName: "dir"))
  var data: String

  @Option(help: ArgumentHelp("The split to calibrate on.", valueName: "name"))
  var split = "validation"

  @Option(help: ArgumentHelp("The share of mistakes to promise among what is not referred.", valueName: "share"))
  var risk = 0.1

  @Option(help: ArgumentHelp("How sure that promise has to be.", valueName: "share"))
  var confidence = 0.95

  @Option(help: ArgumentHelp("How often the true class has to be among those that are possible.", valueName: "share"))
  var coverage = 0.9

  @Option(help: ArgumentHelp("How classes are scored for that: least or adaptive.", valueName: "rule"))
  var sets = ConformalSets.Rule.least.rawValue

  @Flag(
    help:
      "Take temperature, threshold and sets from a third of the samples each, so that the promises hold to the letter.")
  var divide = false

  @Flag(
    help:
      "The split is public: a model that was trained with differential privacy is calibrated on no other (docs/privacy.md)."
  )
  var publicData = false

  @Option(help: ArgumentHelp("Write a page with the reliability diagram.", valueName: "file"))
  var page: String?

  @Option(help: ArgumentHelp("Threads of a rank; by default the cores are divided.", valueName: "n"))
  var threads: Int?

  @OptionGroup var finiteness: FinitenessOptions

  @Flag(help: "Print one JSON document.")
  var json = false

  func validate() throws {
    if checkpoint.count != 1 {
      throw ValidationError(
        "give one --checkpoint: a calibration is kept beside the weights that it is true of, and several models together have no such place"
      )
    }
    for (name, share) in [("risk", risk), ("confidence", confidence), ("coverage", coverage)]
    where !(share > 0 && share < 1) {
      throw ValidationError("--\(name) must be between 0 and 1, and neither")
    }
    if ConformalSets.Rule(rawValue: sets) == nil { throw ValidationError("--sets must be least or adaptive") }
    if let threads, !(1...4096).contains(threads) { throw ValidationError("--threads must be from 1 to 4096") }
  }

  private var aim: Calibration.Aim {
    var aim = Calibration.Aim()
    (aim.risk, aim.doubt, aim.miss) = (risk, 1 - confidence, 1 - coverage)
    aim.isDivided = divide
    aim.rule = ConformalSets.Rule(rawValue: sets) ?? .least
    return aim
  }

  func run() throws {
    let launch = detectLaunch(ProcessInfo.processInfo.environment)
    _ = try withRanks { communicator in
      let isRoot = communicator.rank == 0
      let calibration = try calibrateModel(
        at: modelPath(checkpoint[0], communicator), data: data, split: split, aim: aim, isPublic: publicData,
        allowsNotFinite: finiteness.allowsNotFinite, threads: rankThreads(requested: threads, launch),
        communicator: communicator, output: isRoot ? .standardError(environment: environmentVariable) : .silent,
        warnOfNotFinite: warnOfNotFinite)
      guard isRoot else { return .success }
      if let page { try writeAtomically(CalibrationPage(calibration, model: checkpoint[0]).html.utf8, to: page) }
      try printResult(json ? document(calibration) : calibration.table)
      return .success
    }
  }

  private func document(_ calibration: Calibration) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    return String(decoding: try encoder.encode(calibration), as: UTF8.self) + "\n"
  }
}
