public import Checkpoints
internal import Files
public import Layers
public import TensorEngine

/// Whether a directory, or the directory of a file, holds an adapter.
public func isAdapter(_ path: String) -> Bool {
  fileExists((isDirectory(path) ? path : parentDirectory(of: path)) + "/" + AdapterSettings.fileName)
}

/// What a run keeps of a model whose layers it has given updates: an adapter in PEFT's layout, of which the base is the model
/// that the run began with.
public struct AdapterFiles {
  /// The directory or file of the model that the run began with.
  public let base: String
  private let settings: AdapterSettings

  /// - Parameter base: from anywhere: an absolute path.
  public init(rank: Int, alpha: Double, base: String) {
    self.base = base
    settings = AdapterSettings(rank: rank, alpha: alpha, base: base)
  }

  /// `adapter_config.json`, by its name.
  public func configuration(_ arena: ParameterArena) -> (name: String, bytes: [UInt8]) {
    let names = arena.trainedSlices.map(\.name)
    let layers = names.filter { $0.hasSuffix(LowRankParameters.suffixes.a) }
      .map { String($0.dropLast(LowRankParameters.suffixes.a.count)) }
    var modules: [String] = []
    for name in names where !LowRankParameters.own(name) {
      // PEFT knows modules only; what lies in none, as logit_scale, it finds by its key.
      for end in [".weight", ".bias"] where name.hasSuffix(end) {
        let module = String(name.dropLast(end.count))
        if modules.last != module { modules.append(module) }
      }
    }
    return (AdapterSettings.fileName, settings.json(layers: layers, modules: modules))
  }

  /// `adapter_model.safetensors`: all that is learnt, as views of the arena, and which model it belongs to.
  public func weights(_ arena: ParameterArena, threads: ThreadPool?) -> AdapterWeights {
    let tensors = arena.trainedSlices.map { slice in
      NamedTensor(
        name: Adapter.prefix + slice.name, shape: slice.shape, floats: UnsafeBufferPointer(arena.weights(of: slice)))
    }
    return AdapterWeights(
      tensors: tensors, metadata: [("format", "pt"), (Adapter.fingerprintKey, baseFingerprint(arena, threads))])
  }

  /// Fills what is learnt of an arena that holds the model which the run began with.
  /// - Throws: `CheckpointError.mismatch`, `PretrainedError.otherBase` where the arena holds another model.
  public func restore(_ file: SafetensorsFile, into arena: ParameterArena, threads: ThreadPool?) throws {
    try file.requireExactly(arena.trainedSlices.map { (Adapter.prefix + $0.name, $0.shape) })
    let wanted = file.metadata.first { $0.key == Adapter.fingerprintKey }?.value
    guard wanted == baseFingerprint(arena, threads) else {
      throw PretrainedError.otherBase(path: file.path, base: base)
    }
    for slice in arena.trainedSlices {
      try file.copyFloats(Adapter.prefix + slice.name, into: arena.weights(of: slice))
    }
  }

  private func baseFingerprint(_ arena: ParameterArena, _ threads: ThreadPool?) -> String {
    let learnt = Set(arena.trainedSlices.map(\.name))
    return fingerprint(of: arena, threads) { !learnt.contains($0) }
  }
}
