import Inference
import TestSupport

/// A tiny model in a directory of its own.
struct Workshop {
  let directory: TemporaryDirectory
  let model: LoadedModel

  init(seed: UInt64 = 1, threads: Int = 1) throws {
    directory = try TemporaryDirectory()
    model = try LoadedModel(path: TinyCLIP(in: directory("model"), seed: seed).path, threads: threads)
  }

  /// Another copy of the model, for a rank of its own.
  func copy() throws -> LoadedModel { try LoadedModel(path: directory("model"), threads: 1) }
}
