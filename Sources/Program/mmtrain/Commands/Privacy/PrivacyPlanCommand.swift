internal import ArgumentParser
internal import Batching
internal import Privacy
internal import Reporting

/// `mmtrain privacy plan`: what ε a run costs, or what noise a wished ε takes.
struct PrivacyPlanCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "plan", abstract: "Say what ε a plan costs, or what noise a wished ε takes.",
    discussion: """
      mmtrain privacy plan --units 60000 --batch 256 --epochs 15 --noise 1.1
      mmtrain privacy plan --data prepared/xray --unit group --batch 64 --steps 2000 --target-epsilon 1 3 8

      A step draws every unit with the probability batch / units, by itself, and adds noise to the sum of clipped gradients:
      the noise is told in multiples of the norm that they are clipped to. Nothing is read of data but how many units there
      are (docs/privacy.md).
      """)

  @Option(help: ArgumentHelp("A prepared data set.", valueName: "dir"))
  var data: String?

  @Option(help: ArgumentHelp("The split to learn from.", valueName: "name"))
  var split = "train"

  @Option(help: ArgumentHelp("What is protected: image, or group (a patient, a photographer).", valueName: "unit"))
  var unit = PrivacyUnit.image.rawValue

  @Option(help: ArgumentHelp("Without --data: how many units there are.", valueName: "n"))
  var units: Int?

  @Option(help: ArgumentHelp("Units that a step draws in the mean.", valueName: "n"))
  var batch: Int

  @Option(help: ArgumentHelp("Steps of the run.", valueName: "n"))
  var steps: Int?

  @Option(help: ArgumentHelp("Instead of --steps: how often a unit is drawn in the mean.", valueName: "n"))
  var epochs: Double?

  @Option(parsing: .upToNextOption, help: ArgumentHelp("What ε comes of such noise.", valueName: "noise"))
  var noise: [Double] = []

  @Option(parsing: .upToNextOption, help: ArgumentHelp("What noise makes such an ε.", valueName: "epsilon"))
  var targetEpsilon: [Double] = []

  @Option(help: ArgumentHelp("δ; by default a power of ten, a tenth of 1 / units at most.", valueName: "probability"))
  var delta: Double?

  @Option(help: ArgumentHelp("What a target is met by: prv or rdp.", valueName: "name"))
  var accountant = Accountant.prv.rawValue

  @Option(help: ArgumentHelp("Say it for somebody who has so many units, too.", valueName: "n"))
  var unitsOfOne = 1

  @Flag(help: "Print one JSON document.")
  var json = false

  func validate() throws {
    if (data == nil) == (units == nil) { throw ValidationError("give either --data or --units") }
    if (steps == nil) == (epochs == nil) { throw ValidationError("give either --steps or --epochs") }
    if noise.isEmpty, targetEpsilon.isEmpty { throw ValidationError("give --noise, --target-epsilon or both") }
    if let bad = (noise + targetEpsilon).first(where: { !($0 > 0 && $0.isFinite) }) {
      throw ValidationError("noise and ε are above 0, not \(bad): without noise nothing is promised")
    }
    if let epochs, !(epochs > 0 && epochs <= 1e6) { throw ValidationError("--epochs must be above 0, up to a million") }
    if Accountant(rawValue: accountant) == nil { throw ValidationError("--accountant is prv or rdp") }
    if PrivacyUnit(rawValue: unit) == nil { throw ValidationError("--unit is image or group") }
    if !(1...1_000_000).contains(unitsOfOne) { throw ValidationError("--units-of-one must be from 1 to 1000000") }
    if let number = [units, batch, steps].compactMap(\.self).first(where: { !(1...1_000_000_000_000).contains($0) }) {
      throw ValidationError("--units, --batch and --steps are at least 1, not \(number)")
    }
  }

  func run() throws {
    let found = try data.map {
      try PrivateUnits(PreparedDataSet(path: $0), split: split, unit: PrivacyUnit(rawValue: unit) ?? .image)
    }
    let count = found?.count ?? units ?? 0
    let steps = steps ?? epochs.map { PrivacyPlan.steps(ofEpochs: $0, units: count, batch: batch) } ?? 0
    let plan = try PrivacyPlan(units: count, batch: batch, steps: steps, delta: delta)
    let report = try PrivacyPlanReport(
      plan, found, noises: noise, targets: targetEpsilon, accountant: Accountant(rawValue: accountant) ?? .prv,
      unitsOfOne: unitsOfOne)
    try printResult(json ? report.document : report.table)
  }
}
