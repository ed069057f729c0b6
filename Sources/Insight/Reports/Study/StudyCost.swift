internal import Reporting
internal import Studies

/// What the training of a variant takes: what is computed beforehand, and what clocks said.
struct StudyCost {
  let name: String
  let size: StudySize
  /// Means over runs, with the stages that they begin from; nil where none is done.
  let seconds: Double?
  /// Samples a second while it trained.
  let speed: Double?
  /// Bytes that a process took, the most of all runs.
  let memory: Int?

  /// - Parameter histories: by the runs' folders.
  init(_ variant: StudyResult.Variant, _ study: Study, _ histories: [String: RunHistory]) throws {
    (name, size) = (variant.name, variant.size)
    let runs = study.expansion.runs.filter { variant.folders.contains($0.folder) }
    let done = try runs.filter { try study.isDone($0) }
    func seconds(_ folder: String?) -> Double { folder.flatMap { histories[$0]?.seconds } ?? 0 }
    let times = done.map { seconds($0.folder) + seconds($0.stage) }
    self.seconds = times.isEmpty ? nil : times.reduce(0, +) / Double(times.count)
    let speeds = done.compactMap { run in
      histories[run.folder].flatMap { $0.seconds > 0 ? Double(run.size.samples) / $0.seconds : nil }
    }
    speed = speeds.isEmpty ? nil : speeds.reduce(0, +) / Double(speeds.count)
    memory = try done.compactMap { try study.memory(of: $0) }.max()
  }

  static let heads = [
    "", "parameters", "trained", "TFLOP", "samples", "steps", "seconds", "samples/s", "memory",
  ]

  var cells: [String] {
    [
      name, "\(size.parameters)", "\(size.trained)", brief(size.operations * 1e-12), "\(size.samples)", "\(size.steps)",
      seconds.map { brief($0) } ?? "–", speed.map { brief($0) } ?? "–", memory.map { megabytes($0) } ?? "–",
    ]
  }

  var json: OrderedJSON {
    .object([
      ("name", .text(name)), ("seconds", seconds.map { .number($0) } ?? .null),
      ("samples_per_second", speed.map { .number($0) } ?? .null), ("memory", memory.map { .integer($0) } ?? .null),
    ])
  }
}
