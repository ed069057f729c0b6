import Checkpoints
import Files
import Layers
import Models
import Pretrained
import TestSupport
import Testing

/// Files of ViLBERT as others write them: what is called otherwise, what is there twice, which heads are there.
@Suite struct ViLBERTFileTests {
  private let place: TemporaryDirectory

  init() throws { place = try TemporaryDirectory() }

  /// What loading the golden's weights comes to, some of them renamed, left out (by an empty name) or added.
  private func load(
    _ rename: (String) -> String, adding more: [String] = []
  ) throws -> (model: ViLBERTConfiguration, report: LoadingReport) {
    let golden = try GoldenFile("vilbert-tiny/model.safetensors")
    let tensors = try golden.names.filter { !rename($0).isEmpty }.map { key in
      NamedTensor(
        name: rename(key), elementType: .float32, shape: try golden.array(key).shape, copying: try golden.floats(key))
    }
    let added = more.map { NamedTensor(name: $0, elementType: .float32, shape: [1], copying: [Float(0)]) }
    try writeSafetensors(tensors + added, to: place("model.safetensors"))
    try writeAtomically(readFile(goldenDirectory + "/vilbert-tiny/config.json"), to: place("config.json"))
    let description = try ModelCatalogue.description(json: readFile(place("config.json")))
      .fitting(weightsAt: place.path)
    let builder = ParameterBuilder()
    _ = description.make(builder)
    let report = try loadingReport(builder.parameters.flatMap(\.slices), from: place.path)
    return (try #require(description as? ViLBERTConfiguration), report)
  }

  /// Norms as TensorFlow called them, and the words' table once more below the head that reads it.
  @Test func olderNamesAndCopiesAreRead() throws {
    let (_, report) = try load(
      {
        guard $0.contains("LayerNorm") else { return $0 }
        return $0.replacing("LayerNorm.weight", with: "LayerNorm.gamma").replacing(
          "LayerNorm.bias", with: "LayerNorm.beta")
      }, adding: ["cls.predictions.decoder.weight"])
    #expect(report.isExact, "\(report)")
    #expect(report.unused == ["cls.predictions.decoder.weight"])
    #expect(report.loaded.contains { $0.key == "bert.v_embeddings.LayerNorm.gamma" })
  }

  @Test func theHeadsAreThoseOfTheWeights() throws {
    let (pretrained, report) = try load { $0.hasPrefix("bert.") || $0.hasPrefix("cls.") ? $0 : "" }
    #expect(report.isExact && pretrained.with(.matchingHead) == pretrained)
    #expect(pretrained != (try load { $0 }).model)
    // The streams alone: a run puts the heads on them.
    let (streams, alone) = try load { $0.hasPrefix("bert.") ? $0 : "" }
    let added = try #require(streams.with(.maskedTextHead))
    #expect(alone.isExact && added != streams)
    let builder = ParameterBuilder()
    _ = added.make(builder)
    #expect(builder.parameters.contains { $0.slices[0].name == "cls.predictions.bias" })
    #expect(added.addedPrefixes.contains("cls."))
  }

  @Test func aHeadThatNobodyKnowsIsRefused() throws {
    let (_, report) = try load({ $0 }, adding: ["vil_caption.weight"])
    #expect(report.unexpected == ["vil_caption.weight"])
    #expect(!report.isExact)
  }

  @Test func halfOfTheTasksHeadsIsRefused() throws {
    let half = try load { $0.hasPrefix("vil_prediction_gqa") ? "" : $0 }
    #expect(half.report.unexpected.contains("vil_prediction.logit_fc.0.bias"))
  }
}
