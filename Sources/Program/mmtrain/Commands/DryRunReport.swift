internal import Configuration
internal import Launching
internal import Reporting
internal import TensorEngine
internal import Training

/// What `--dry-run` prints: the configuration with its origins, the run that it makes, and whether there is room and how
/// long it will take.
struct DryRunReport {
  private let configuration: RunConfiguration
  private let plan: RunForecast
  private let room: RoomCheck
  private let ranks: Int
  private let ranksHere: Int
  private let command: String?
  private let stepSeconds: Double
  private let gigaflops: Double

  /// Measures how fast one core multiplies, which takes a moment.
  init(
    _ configuration: RunConfiguration, plan: RunForecast, ranks: Int, ranksHere: Int, threads: Int?, command: String?
  ) {
    (self.configuration, self.plan, self.command) = (configuration, plan, command)
    (self.ranks, self.ranksHere) = (ranks, ranksHere)
    room = RoomCheck(configuration, plan, ranksHere: ranksHere)
    let cores = min(Machine.current().usableCores, threads.map { $0 * ranksHere } ?? .max)
    gigaflops = productSpeed(plan.precision)
    let coresOfAll = Double(cores) * Double(ranks) / Double(ranksHere)
    stepSeconds = plan.stepOperations / (gigaflops * 1e9 * coresOfAll) * Self.overhead
  }

  /// What a step takes beside its products: element-wise work, the optimizer, sums over ranks, photos.
  private static let overhead = 1.25

  /// Why the run would be refused.
  var refusal: NoRoom? { room.refusal }

  var json: OrderedJSON {
    .object([
      ("configuration", plan.configuration.json), ("origins", plan.configuration.originsJSON),
      ("plan", .object(members)),
    ])
  }

  var text: String {
    let rows = lines
    let width = rows.map(\.0.count).max() ?? 0
    return (command.map { "# would run: \($0)\n" } ?? "") + plan.configuration.yaml(withOrigins: true) + "\n"
      + rows.map { "# \($0.0)\(String(repeating: " ", count: width - $0.0.count + 2))\($0.1)\n" }.joined()
  }

  // MARK: The same for machines and for people

  private var members: [(String, OrderedJSON)] {
    [
      ("model", .text(plan.model)), ("parameters", .integer(plan.parameters)),
      ("trained_parameters", .integer(plan.parameters - plan.frozenParameters)),
      ("frozen_parameters", .integer(plan.frozenParameters)), ("arrays", .integer(plan.arrays)),
      ("gflop_per_sample", .number(gigaflopASample)), ("gflop_per_step", .number(1e-9 * plan.stepOperations)),
      ("remarks", .list(plan.remarks.map { .text($0) })),
      ("locked_towers", .list(plan.lockedTowers.map { .object($0.members) })),
      ("shapes", .object(plan.shapes.map { ($0.name, .text("\($0.shape)")) })),
      ("state_mb_a_rank", .integer(plan.stateBytes >> 20)),
      ("activations_mb_a_rank", .integer(plan.activationBytes >> 20)),
      ("memory_mb_a_rank", .integer(plan.memoryBytes >> 20)), ("memory_is_rehearsed", .flag(plan.isRehearsed)),
      ("memory_not_rehearsed_because", plan.whyNotRehearsed.map { .text($0) } ?? .null),
      ("ranks_here", .integer(ranksHere)),
      ("memory_mb_available", .integer(room.memory.available >> 20)), ("memory_verdict", .text(room.memoryVerdict)),
      ("checkpoint_mb", .integer(plan.checkpointBytes >> 20)),
      ("disk_mb_free", room.diskFree.map { .integer($0 >> 20) } ?? .null), ("disk_verdict", .text(room.diskVerdict)),
      ("samples", plan.samples.map { .integer($0) } ?? .null),
      ("steps_an_epoch", plan.stepsPerEpoch.map { .integer($0) } ?? .null),
      ("steps", plan.steps.map { .integer($0) } ?? .null),
      ("warmup_steps", plan.warmupSteps.map { .integer($0) } ?? .null),
      ("step_seconds_estimate", .number(stepSeconds)),
      ("run_seconds_estimate", runSeconds.map { .number($0) } ?? .null),
    ]
  }

  private var lines: [(String, String)] {
    let frozen = plan.frozenParameters > 0 ? ", \(plan.frozenParameters) of them frozen" : ""
    var lines = [("model", "\(plan.model), \(plan.parameters) parameters\(frozen), \(plan.arrays) arrays")]
    lines.append(
      (
        "operations",
        "\(decimals(gigaflopASample, 3)) GFLOP a sample, \(decimals(1e-9 * plan.stepOperations, 1)) GFLOP a step, forward and "
          + "backward; of products and convolutions, captions taken as \(RunForecast.captionTokens) tokens"
      ))
    lines += plan.remarks.map { ("decided", $0) }
    lines += plan.lockedTowers.map { ("locked \($0.tower) tower", $0.words) }
    lines += plan.shapes.map { ($0.name, $0.shape.map(String.init).joined(separator: " × ")) }
    lines += [
      (
        "memory of a rank",
        "\(megabytes(plan.memoryBytes)): weights, gradients and moments \(megabytes(plan.stateBytes)), "
          + (plan.isRehearsed
            ? "tensors of a step and of an evaluation \(megabytes(plan.activationBytes)), by going through them"
            : "for the backward pass \(megabytes(plan.activationBytes)); an estimate"
              + (plan.whyNotRehearsed.map { ", as no step could be gone through: \($0)" } ?? ""))
      ),
      (
        "memory here",
        "\(megabytes(plan.memoryBytes * ranksHere)) for \(ranksHere) rank(s), "
          + "\(megabytes(room.memory.available)) of \(megabytes(room.memory.limit)) free"
          + (room.memory.isGranted ? " in the control group" : "") + ": \(room.memoryVerdict)"
      ),
      (
        "checkpoints",
        "\(megabytes(plan.checkpointBytes)) each, up to \(room.checkpoints) at once, "
          + (room.diskFree.map { "\(megabytes($0)) free" } ?? "free space unknown") + ": \(room.diskVerdict)"
      ),
      ("samples", plan.samples.map { "\($0) of the split \(configuration.data.split)" } ?? "not known before the data"),
      ("steps", stepsText), ("time", timeText),
    ]
    return lines
  }

  private var stepsText: String {
    let epochs = plan.stepsPerEpoch.map { ", \($0) an epoch" } ?? ""
    let warmup = plan.warmupSteps.map { ", \($0) of them warm-up" } ?? ""
    return (plan.steps.map { "\($0)" } ?? "not known before the data") + epochs
      + ", \(configuration.batch.global) pairs each" + warmup
  }

  private var timeText: String {
    let step = "about \(stepSeconds < 1 ? "\(Int(stepSeconds * 1000)) ms" : "\(Int(stepSeconds.rounded())) s") a step"
    return step + (runSeconds.map { ", \(durationText($0)) in all" } ?? "")
      + ": an estimate, from products of \(Int(gigaflops)) GFLOP/s a core measured now"
  }

  private var runSeconds: Double? { plan.steps.map { stepSeconds * Double($0) } }
  private var gigaflopASample: Double { 1e-9 * plan.stepOperations / Double(configuration.batch.global) }
}

/// GFLOP/s of one core at a product as a projection of ViT-B/32 has it.
private func productSpeed(_ precision: Precision) -> Double {
  Engine(threadCount: 1, precision: precision)
    .measure(ProductShape(rows: 1600, columns: 768, depth: 768, transposedB: true), repetitions: 3)
}

extension LockedTowerForecast {
  fileprivate var members: [(String, OrderedJSON)] {
    [
      ("tower", .text(tower)), ("states", segments.map { .integer($0) } ?? .null),
      ("bytes", bytes.map { .integer($0) } ?? .null), ("reason_against", reason.map { .text($0) } ?? .null),
    ]
  }

  fileprivate var words: String {
    if let reason { return "computed in every step: \(reason)" }
    let count = segments.map { "\($0) states" } ?? "its states"
    let size = bytes.map { ", about \($0 >> 10) kB in the run directory" } ?? ""
    return "\(count), computed once where that pays\(size)"
  }
}
