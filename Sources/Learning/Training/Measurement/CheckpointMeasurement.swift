internal import Checkpoints
public import Collectives
public import Configuration
internal import Files
internal import Foundation
internal import Images
internal import Layers
internal import Models
internal import Objectives
internal import Optimizers
internal import Pretrained
internal import Reporting

/// How long training waits while a checkpoint is saved, and how long it takes to begin from one.
public struct CheckpointMeasurement: Sendable {
  public let ranks: Int
  /// Numbers that are learnt.
  public let parameters: Int
  /// Of all files of one checkpoint.
  public let byteCount: Int
  /// Seconds that all ranks wait for each save, in order: moments are gathered, everything is written, hashed and made
  /// durable, the newest checkpoint is read back and the oldest removed.
  public let blocked: [Double]
  /// Seconds that the file system takes to write as many bytes to one file, and of these to make them durable; measured in
  /// turns with the saves.
  public let disk: [(seconds: Double, synchronization: Double)]
  /// Seconds of each load: verified, read, and at all ranks.
  public let loading: [Double]
}

/// Saves and loads a model with its moments as training does; collective.
///
/// - Parameters:
///   - configuration: names the model; its weights are the first ones, drawn from the seed.
///   - directory: what is written to it is removed.
///   - repetitions: saves that are counted; one more goes before.
public func measureCheckpoint(
  _ configuration: RunConfiguration, directory: String, threads: Int, repetitions: Int,
  communicator: any Communicator
) throws -> CheckpointMeasurement {
  let setup = try ModelSetup(
    configuration, configuration.benchmarkModel(), objective: configuration.objective, threads: threads, communicator)
  try setup.initializeWeights()
  for (index, part) in setup.optimizer.moments.enumerated() {
    for place in part.indices { part[place] = setup.arena.weights[place] * Float(index + 1) }
  }
  // Rank 0's alone: the others never see the directory.
  let run = "\(directory)/mmtrain-bench-\(UUID().uuidString)"
  defer { if communicator.rank == 0 { try? removeTree(run) } }
  return try SavingAndLoading(setup: setup, run: run)(repetitions: repetitions)
}

private struct SavingAndLoading {
  let setup: ModelSetup
  /// The run directory that is made and removed.
  let run: String

  func callAsFunction(repetitions: Int) throws -> CheckpointMeasurement {
    let store = CheckpointStore(runDirectory: run)
    let checkpoints = ModelCheckpoints(setup: setup, store: store, warn: { _ in })
    _ = try onRoot("making a run directory", setup.communicator) { try makeDirectory(run) }
    let expected = contentHash()
    var (blocked, disk, loading): ([Double], [(seconds: Double, synchronization: Double)], [Double]) = ([], [], [])
    var byteCount = 0
    for step in 0...repetitions {
      let alone = try onRoot("writing plainly", setup.communicator) { try writePlainly(byteCount) }
      let saving = try slowest { try checkpoints.save(step: step, best: nil, documents) }
      byteCount =
        try onRoot("measuring a checkpoint", setup.communicator) { try treeSize(store.path(ofStep: step)) } ?? 0
      setup.arena.weights.update(repeating: 0)
      for part in setup.optimizer.moments { part.update(repeating: 0) }
      loading.append(
        try slowest {
          let found = try onRoot("opening a checkpoint", setup.communicator) { try store.newestValid().checkpoint }
          try checkpoints.restore(found ?? nil, updates: step)
        })
      guard contentHash() == expected else {
        throw TrainingError.checkpointDiffers(path: run, what: "what was loaded is not what was saved")
      }
      guard step > 0 else { continue }
      blocked.append(saving)
      if let alone { disk.append(alone) }
    }
    return CheckpointMeasurement(
      ranks: setup.communicator.size, parameters: setup.arena.parameterCount, byteCount: byteCount, blocked: blocked,
      disk: disk, loading: loading)
  }

  private func documents() throws -> CheckpointContents {
    let description = setup.model.description
    return CheckpointContents(
      configuration: try description.json(), tokenizer: [],
      preprocessor: preprocessorJSON(description.usualPreprocessing, clips: description.usualClips, of: description),
      modelCard: [], weights: [], state: [], trainingState: [])
  }

  /// Seconds on the rank where `body` takes longest, all starting together.
  private func slowest(_ body: () throws -> Void) throws -> Double {
    try setup.communicator.barrier("start of a measurement")
    let start = monotonicSeconds()
    try body()
    var seconds = monotonicSeconds() - start
    try withUnsafeMutablePointer(to: &seconds) {
      try setup.communicator.allReduce(UnsafeMutableBufferPointer(start: $0, count: 1), .maximum, "measured seconds")
    }
    return seconds
  }

  /// The bytes of a checkpoint without anything else that saving one takes.
  private func writePlainly(_ byteCount: Int) throws -> (seconds: Double, synchronization: Double) {
    let path = run + "/plain"
    defer { try? removeTree(path) }
    let start = monotonicSeconds()
    var writer = try FileWriter(creating: path)
    while writer.offset < byteCount {
      let rest = UnsafeRawBufferPointer(setup.arena.weights).prefix(min(8 << 20, byteCount - writer.offset))
      try writer.write(UnsafeRawBufferPointer(rebasing: rest))
    }
    let written = monotonicSeconds()
    try writer.finish()
    return (monotonicSeconds() - start, monotonicSeconds() - written)
  }

  /// Of the weights and of this rank's moments.
  private func contentHash() -> String {
    let hash = StreamingSHA256()
    for array in [setup.arena.weights] + setup.optimizer.moments { hash.update(UnsafeRawBufferPointer(array)) }
    return hash.finish()
  }
}
