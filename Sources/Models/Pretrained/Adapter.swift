internal import Checkpoints
internal import Files
internal import Layers
internal import Reporting
internal import TensorEngine

/// A LoRA adapter as PEFT keeps it: a directory with A and B of the layers that were adapted, and what was trained whole
/// (Hu et al., "LoRA", 2022). It belongs to a model that lies elsewhere.
struct Adapter {
  let directory: String
  let settings: AdapterSettings
  let file: SafetensorsFile
  /// The directory or the file of the model that it belongs to.
  let base: String

  /// What stands before the names of a model's parameters.
  static let prefix = "base_model.model."
  static let weightsName = "adapter_model.safetensors"
  /// The key of the file's metadata under which mmtrain keeps the fingerprint of the model that was adapted.
  static let fingerprintKey = "base_fingerprint"

  /// The adapter that a path names, the directory or the weights in it; nil where it names something else.
  /// - Throws: `SettingsError`, `PretrainedError.noBase`, `.badModel` where a whole model lies beside it.
  static func find(_ path: String) throws -> Adapter? {
    let directory = isDirectory(path) ? path : parentDirectory(of: path)
    let isNamed = isDirectory(path) || lastComponent(of: path) == weightsName
    guard isNamed, fileExists(directory + "/" + AdapterSettings.fileName) else { return nil }
    for name in ["model.safetensors", "model.safetensors.index.json"] where fileExists(directory + "/" + name) {
      throw PretrainedError.badModel(
        path: directory,
        problem:
          "an adapter (\(AdapterSettings.fileName)) and a whole model (\(name)) lie in one directory, and either "
          + "could be meant; put one of them into a directory of its own")
    }
    return try Adapter(directory)
  }

  private init(_ directory: String) throws {
    self.directory = directory
    settings = try AdapterSettings(directory: directory)
    file = try SafetensorsFile(path: directory + "/" + Self.weightsName)
    guard let name = settings.base, !name.isEmpty else {
      throw PretrainedError.noBase(path: directory, base: nil)
    }
    // A relative path may be meant from where the program runs, as PEFT takes it, or from the adapter.
    guard let base = [name, directory + "/" + name].first(where: fileExists) else {
      throw PretrainedError.noBase(path: directory, base: name)
    }
    let baseDirectory = isDirectory(base) ? base : parentDirectory(of: base)
    guard !fileExists(baseDirectory + "/" + AdapterSettings.fileName) else {
      throw PretrainedError.badModel(
        path: directory,
        problem:
          "it belongs to \(base), which is an adapter itself; export that as a whole model (mmtrain export), and "
          + "train on it")
    }
    self.base = base
  }

  /// Where a model's other files are: beside the weights, as in mmtrain's checkpoints, or with the model that was adapted.
  var filesDirectory: String {
    if fileExists(directory + "/config.json") { return directory }
    return isDirectory(base) ? base : parentDirectory(of: base)
  }

  // MARK: Weights

  /// What loading the adapted model would come to.
  func report(_ slices: [ParameterSlice]) throws -> LoadingReport {
    let plan = AdapterPlan(self, slices)
    let whole = Set(plan.whole.map(\.name))
    var report = try loadingReport(slices, from: base)
    report.missing.removeAll { whole.contains($0.name) }
    report.missing += plan.missing
    report.unexpected += plan.unexpected
    report.mismatched += plan.mismatched
    report.note = note(plan)
    return report
  }

  /// Fills the arena with W + s B A of the layers that have an update, what was trained whole, and the rest of the model that
  /// was adapted.
  /// - Throws: `CheckpointError.mismatch` where either does not fit; `PretrainedError.otherBase` where the adapter was trained
  ///   on another model.
  func load(
    into arena: ParameterArena, strictness: LoadingStrictness, allowsNotFinite: Bool, threads: ThreadPool?
  ) throws -> LoadingReport {
    let plan = AdapterPlan(self, arena.slices)
    guard plan.isExact else { throw CheckpointError.mismatch(path: file.path, report: plan.report) }
    let whole = plan.whole.map(\.name)
    var report = try loadWeights(
      from: base, into: arena, strictness: strictness.without(whole), interpolatesPositions: true,
      allowsNotFinite: allowsNotFinite, threads: threads)
    let loaded = Set(report.loaded.map(\.name)).subtracting(whole)
    try requireBase(arena, threads) { loaded.contains($0) }
    for slice in plan.whole { try file.copyFloats(Self.prefix + slice.name, into: arena.weights(of: slice)) }
    for update in plan.updates { try merge(update, into: arena) }
    report.notFinite += (plan.whole + plan.updates.map(\.slice)).filter { !allFinite(arena.weights(of: $0)) }.map(
      \.name)
    guard report.notFinite.isEmpty || allowsNotFinite else {
      throw SafetensorsError.notFinite(path: file.path, tensors: report.notFinite)
    }
    report.note = note(plan)
    return report
  }

  private func note(_ plan: AdapterPlan) -> String {
    plan.note(settings)
      + (baseFingerprint == nil ? "; the file has no fingerprint of the model that it belongs to" : "")
  }

  private func merge(_ update: AdapterPlan.Update, into arena: ParameterArena) throws {
    let (outputs, inputs) = (update.slice.shape[0], update.slice.shape[1])
    let (a, b) = (try file.floats(update.a), try file.floats(update.b))
    let target = arena.weights(of: update.slice)
    guard let place = target.baseAddress else { return }
    a.withUnsafeBufferPointer { a in
      b.withUnsafeBufferPointer { b in
        guard let first = a.baseAddress, let second = b.baseAddress else { return }
        multiplyByOpenBLAS(
          .init(second, stride: settings.rank), .init(first, stride: inputs), into: place, stride: inputs,
          rows: outputs, columns: inputs, depth: settings.rank, alpha: settings.scale, beta: 1)
      }
    }
  }

  /// Of the model that was adapted; nil in PEFT's own files.
  private var baseFingerprint: String? { file.metadata.first { $0.key == Self.fingerprintKey }?.value }

  /// Refuses another model than the one that was adapted, where the file says which that was.
  private func requireBase(
    _ arena: ParameterArena, _ threads: ThreadPool?, isOfBase: (_ name: String) -> Bool
  ) throws {
    guard let wanted = baseFingerprint else { return }
    guard fingerprint(of: arena, threads, where: isOfBase) == wanted else {
      throw PretrainedError.otherBase(path: directory, base: base)
    }
  }
}

extension LoadingStrictness {
  /// The same where these parameters come from elsewhere.
  fileprivate func without(_ names: [String]) -> LoadingStrictness {
    if case .exact(let prefixes) = self { .exact(optionalPrefixes: prefixes + names) } else { self }
  }
}
