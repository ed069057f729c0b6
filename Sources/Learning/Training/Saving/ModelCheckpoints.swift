internal import Checkpoints
internal import Collectives
internal import Configuration
internal import Layers
internal import Optimizers
internal import Pretrained
internal import TensorEngine

/// Saves and restores weights and moments. Rank 0 writes and reads; what is read goes to all ranks by broadcast, so that
/// only one node has to see the directory.
struct ModelCheckpoints {
  let setup: ModelSetup
  let store: CheckpointStore
  /// Is told what went wrong without harm.
  let warn: (String) -> Void

  /// Saves and removes what `checkpoint.keep` leaves no room for; collective.
  /// - Parameters:
  ///   - best: the step of the best weights so far: `best` shall point there where it is this one, and it stays.
  ///   - documents: called on rank 0 for everything that stands beside the arrays.
  /// - Throws: `TrainingError.notFinite` rather than to save weights that are no numbers.
  func save(step: Int, best: Int?, _ documents: () throws -> CheckpointContents) throws {
    try OptimizerMoments(setup: setup).gathered { whole in
      _ = try onRoot("saving the checkpoint of step \(step)", setup.communicator) {
        if let name = setup.arena.firstNotFinite() { throw TrainingError.notFinite(step: step, array: name) }
        var contents = try documents()
        if let adapter = setup.adapter {
          contents.furtherFiles.append(adapter.configuration(setup.arena))
          contents.adapter = adapter.weights(setup.arena, threads: setup.engine.threads)
        } else {
          contents.weights = weights()
          contents.averagedWeights = whole.average.map { averaged in
            let averaged = Dictionary(uniqueKeysWithValues: averaged.map { ($0.name, NamedTensor($0)) })
            return weights().map { averaged[$0.name] ?? $0 }
          }
        }
        contents.state = whole.moments.map { NamedTensor($0) }
        let checkpoint = try store.save(step: step, contents)
        if best == step { try store.markBest(checkpoint) }
        _ = try store.prune(keep: setup.configuration.checkpoint.keep, newest: checkpoint, best: best) { error in
          warn("an older checkpoint could not be removed: \(error)")
        }
      }
    }
  }

  private func weights() -> [NamedTensor] {
    setup.arena.slices.map { NamedTensor(($0.name, $0.shape, setup.arena.weights(of: $0))) }
  }

  /// Puts weights, moments and the average of a checkpoint in place on every rank; collective.
  /// - Parameters:
  ///   - checkpoint: rank 0's; the others need none.
  ///   - updates: that the optimizer had made.
  func restore(_ checkpoint: Checkpoint?, updates: Int) throws {
    let moments = OptimizerMoments(setup: setup)
    let files = try onRoot("reading weights", setup.communicator) {
      try checkpoint.map { checkpoint in
        try loadWeights(checkpoint)
        let state = try checkpoint.state()
        try state.requireExactly(moments.manifest)
        return (state: state, average: try setup.average == nil ? nil : average(checkpoint))
      }
    }
    try setup.broadcastWeights()
    try moments.restore { entries in
      for entry in entries { try files??.state.copyFloats(entry.name, into: entry.values) }
    }
    try moments.restoreAverage { entries in
      for entry in entries { try files??.average?.copyFloats(entry.name, into: entry.values) }
      return files??.average != nil
    }
    setup.optimizer.stepCount = updates
  }

  /// The averaged weights of a checkpoint, where they were kept.
  private func average(_ checkpoint: Checkpoint) throws -> SafetensorsFile? {
    let file = try checkpoint.averagedWeights()
    try file?.requireExactly(setup.arena.slices.map { ($0.name, $0.shape) })
    return file
  }

  private func loadWeights(_ checkpoint: Checkpoint) throws {
    let weights = try checkpoint.weights()
    if let adapter = setup.adapter {
      try setup.loadFirstWeights()
      return try adapter.restore(weights, into: setup.arena, threads: setup.engine.threads)
    }
    try weights.requireExactly(setup.arena.slices.map { ($0.name, $0.shape) })
    for slice in setup.arena.slices { try weights.copyFloats(slice.name, into: setup.arena.weights(of: slice)) }
  }
}

extension NamedTensor {
  fileprivate init(_ entry: OptimizerMoments.Entry) {
    self.init(name: entry.name, shape: entry.shape, floats: UnsafeBufferPointer(entry.values))
  }
}
