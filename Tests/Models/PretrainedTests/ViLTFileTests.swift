import Checkpoints
import Files
import Layers
import Models
import Pretrained
import Settings
import TestSupport
import Testing

/// Files of ViLT that other versions and other classes of transformers write.
@Suite struct ViLTFileTests {
  private static let golden = goldenDirectory + "/vilt-tiny"

  private func description(_ directory: String) throws -> any ModelDescription {
    let file = directory + "/config.json"
    return try ModelCatalogue.description(json: readFile(file), file: file).fitting(weightsAt: directory)
  }

  /// What older and smaller files call the same arrays.
  @Test func filesOfOtherMakesAreRead() throws {
    let place = try TemporaryDirectory()
    let tensors = try GoldenFile("vilt-tiny/model.safetensors")
    for (name, rename) in [
      ("older", { $0 == "mlm_score.decoder.bias" ? "mlm_score.bias" : $0 }),
      ("body", { $0.hasPrefix("vilt.") ? String($0.dropFirst(5)) : "" }),
    ] as [(String, (String) -> String)] {
      try makeDirectory(place(name))
      try writeSafetensors(
        tensors.names.filter { !rename($0).isEmpty }.map { key in
          let array = try tensors.array(key)
          return NamedTensor(
            name: rename(key), elementType: .float32, shape: array.shape, copying: try tensors.floats(key))
        }, to: place(name + "/model.safetensors"))
      for file in ["config.json"] {
        try writeAtomically(readFile(Self.golden + "/" + file), to: place(name + "/" + file))
      }
      let model = try description(place(name)).fitting(weightsAt: place(name))
      let builder = ParameterBuilder()
      _ = model.make(builder)
      let report = try loadingReport(builder.parameters.flatMap(\.slices), from: place(name))
      #expect(report.isExact, "\(name): \(report)")
      #expect((model as? ViLTConfiguration)?.hasMaskedTextHead == (name == "older"))
      #expect(report.unused.isEmpty)
    }
  }
}
