internal import ArgumentParser
internal import Collectives
internal import FoundationEssentials
internal import Inference
internal import Launching
internal import Logging
internal import Pretrained
internal import Reporting
internal import TensorEngine

/// How a command computes with a model.
struct ComputeOptions: ParsableArguments {
  @Option(help: ArgumentHelp("fp32, bf16, int8, or auto for the faster of the first two here.", valueName: "name"))
  var precision = "fp32"

  @Option(help: ArgumentHelp("Threads of a rank; by default the cores are divided.", valueName: "n"))
  var threads: Int?

  @OptionGroup var finiteness: FinitenessOptions

  func validate() throws {
    guard precision == "auto" || InferencePrecision(rawValue: precision) != nil else {
      throw ValidationError("--precision is one of auto, fp32, bf16, int8")
    }
    if let threads, !(1...4096).contains(threads) { throw ValidationError("--threads must be from 1 to 4096") }
  }

  func rankThreads() -> Int {
    Launching.rankThreads(requested: threads, detectLaunch(ProcessInfo.processInfo.environment))
  }

  /// Collective: rank 0 looks for the model first, so that one process at most fetches it.
  func load(_ model: String, _ communicator: any Communicator, threads: Int) throws -> LoadedModel {
    try load(ModelDirectory(path: modelPath(model, communicator)), communicator, threads: threads)
  }

  func load(_ directory: ModelDirectory, _ communicator: any Communicator, threads: Int) throws -> LoadedModel {
    let loaded = try LoadedModel(
      directory, precision: precision(isRoot: communicator.rank == 0),
      allowsNotFinite: finiteness.allowsNotFinite, threads: threads, spins: communicator.size == 1)
    if communicator.rank == 0 { warnOfNotFinite(loaded.notFiniteTensors) }
    return loaded
  }

  /// How near what a model computed in bytes is to fp32: said, and returned to be kept with it. Nothing for any other precision.
  /// - Parameter compare: is given the same model in fp32.
  func nearness(to loaded: LoadedModel, _ compare: (LoadedModel) throws -> [Nearness?]) throws -> [String] {
    guard loaded.precision == .int8 else { return [] }
    let count = loaded.engine.byteWeights?.count ?? 0
    makeLogger(rank: nil).info("int8: \(count) weights are bytes, all others are multiplied in fp32")
    let exact = try LoadedModel(
      loaded.directory, allowsNotFinite: finiteness.allowsNotFinite, threads: loaded.engine.threads.threadCount)
    let sentences = try compare(exact).compactMap { $0?.sentence }
    for sentence in sentences { makeLogger(rank: nil).info("int8: \(sentence)") }
    return sentences
  }

  /// - Parameter isRoot: whether to warn where it is not what was asked for.
  func precision(isRoot: Bool) -> InferencePrecision {
    guard let asked = InferencePrecision(rawValue: precision) else { return .best }
    guard !asked.isSupported else { return asked }
    if isRoot {
      let lacking = asked == .int8 ? "AVX-512 VNNI" : "AVX-512"
      makeLogger(rank: nil).warning(
        "--precision: this processor has no \(lacking), so \(asked.rawValue) is not to be had: fp32")
    }
    return .fp32
  }
}

/// Whether a command takes weights that are NaN or infinite.
struct FinitenessOptions: ParsableArguments {
  @Flag(name: .customLong("allow-nonfinite"), help: "Take weights that are NaN or infinite, and name their tensors.")
  var allowsNotFinite = false
}

/// Names the tensors whose values are not all finite.
func warnOfNotFinite(_ tensors: [String]) {
  guard !tensors.isEmpty else { return }
  let names = tensors.prefix(10).map { printable($0) }.joined(separator: ", ") + (tensors.count > 10 ? ", …" : "")
  makeLogger(rank: nil).warning("NaN or infinite values in \(tensors.count) tensors of the model: \(names)")
}

/// What a command does about photos.
struct PhotoOptions: ParsableArguments {
  @Flag(name: .customLong("skip-bad"), help: "Leave out photos that cannot be read, and say so.")
  var skipsBadPhotos = false

  /// - Parameter threads: of the model; half as many decode beside them.
  func encoding(threads: Int) -> PhotoEncoding {
    var encoding = PhotoEncoding()
    encoding.workers = max(1, threads / 2)
    encoding.skipsBadPhotos = skipsBadPhotos
    return encoding
  }
}

extension ArgumentHelp {
  static let answers = ArgumentHelp(
    "Answers, one a line: of a published head whose model names none, in the order in which it was trained; or among which a decoder is to choose.",
    valueName: "file")
  static let model = ArgumentHelp("A directory, a .safetensors file in one, or a hub name.", valueName: "model")
}
