import Checkpoints
import Files
import Foundation
import Layers
import Models
import Pretrained
import Reporting
import TestSupport
import Testing

/// Weights of UNITER as files have them: names of old ones, heads that are there or not.
@Suite struct UNITERFileTests {
  private let place: TemporaryDirectory
  private let path: String

  init() throws {
    place = try TemporaryDirectory()
    path = place("model.safetensors")
    try writeAtomically(readFile(goldenDirectory + "/uniter-tiny/model.safetensors"), to: path)
  }

  private func rewrite(_ change: (inout [NamedTensor]) -> Void) throws {
    let file = try SafetensorsFile(path: path)
    var tensors = try file.entries.map { try file.tensor($0.name) }
    change(&tensors)
    try writeSafetensors(tensors, to: path)
  }

  /// All weights by their names, and what was left unread.
  private func loaded() throws -> (weights: [String: [Float]], unused: [String]) {
    let description = try UNITERConfiguration(towerSettings("uniter-tiny")).fitting(weightsAt: path)
    let builder = ParameterBuilder()
    let model = description.make(builder)
    let arena = ParameterArena(builder)
    let report = try loadWeights(from: path, into: arena)
    let weights = arena.slices.map { ($0.name, Array(arena.weights(of: $0))) }
    return withExtendedLifetime(model) { (Dictionary(uniqueKeysWithValues: weights), report.unused) }
  }

  @Test func oldNamesAndCopiesAreKnown() throws {
    let before = try loaded()
    #expect(before.weights.count == 76 && before.unused.isEmpty)
    try rewrite { tensors in
      for index in tensors.indices where tensors[index].name.contains(".LayerNorm.") {
        tensors[index].name = tensors[index].name
          .replacingOccurrences(of: "LayerNorm.weight", with: "LayerNorm.gamma")
          .replacingOccurrences(of: "LayerNorm.bias", with: "LayerNorm.beta")
      }
      for (copy, of) in [
        ("cls.predictions.decoder.weight", "uniter.embeddings.word_embeddings.weight"),
        ("feat_regress.weight", "uniter.img_embeddings.img_linear.weight"),
      ] {
        guard var tensor = tensors.first(where: { $0.name == of }) else { continue }
        tensor.name = copy
        tensors.append(tensor)
      }
    }
    let after = try loaded()
    #expect(after.weights == before.weights)
    #expect(after.unused.sorted() == ["cls.predictions.decoder.weight", "feat_regress.weight"])
  }

  /// Those of other tasks are not there, and the model has none.
  @Test func headsAreThoseOfTheWeights() throws {
    let heads = ["vqa_output.", "rank_output.", "region_classifier."]
    try rewrite { tensors in tensors.removeAll { tensor in heads.contains { tensor.name.hasPrefix($0) } } }
    let names = try loaded().weights.keys
    #expect(names.count == 62 && !names.contains { name in heads.contains { name.hasPrefix($0) } })
  }

  @Test func aHeadThatNobodyKnowsIsNamed() throws {
    try rewrite { tensors in
      tensors.append(
        NamedTensor(name: "nlvr2_output.bias", elementType: .float32, shape: [2], copying: [Float(0), 1]))
    }
    let error = #expect(throws: CheckpointError.self) { try loaded() }
    #expect(error?.exitCode == .configuration && error?.description.contains("nlvr2_output.bias") == true)
  }
}
