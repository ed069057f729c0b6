import Files
import Layers
import Models
import Reporting
import Settings
import TensorEngine
import TestSupport
import Testing

/// Two towers in one space against transformers' `VisionTextDualEncoderModel`.
@Suite struct DualEncoderTests {
  static let pairs = ["dual-encoder-tiny/vit", "dual-encoder-tiny/clip"]

  private func description(_ name: String) throws -> DualEncoderConfiguration {
    let read = try ModelCatalogue.description(json: readFile("\(goldenDirectory)/\(name)/config.json"))
    return try #require(read as? DualEncoderConfiguration)
  }

  @Test(arguments: pairs, [EncodedTokens.all, .pooled])
  func equalsTransformers(_ name: String, _ tokens: EncodedTokens) throws {
    let golden = try GoldenModel(name)
    let tape = Tape(golden.engine)
    let (images, texts) = try golden.encode(tape, tokens)
    for (features, key) in [(images.features, "image_embeds"), (texts.features, "text_embeds")] {
      #expect(largestDifference(features, try golden.file.floats(key)) == nil, "\(key)")
    }
    let factor = Float(golden.model.logitFactor)
    let logits = golden.engine.similarities(images.features, texts.features).values().map { factor * $0 }
    #expect(difference(logits, try golden.file.floats("logits"), relative: 2e-6, scale: .largest) == nil)
    let loss = golden.contrastive(images, texts, tape)
    #expect(largestDifference(loss, try golden.file.floats("loss")) == nil)
    golden.arena.markGradientsStale()
    try tape.backward(from: loss)
    for slice in golden.arena.slices {
      let expected = try golden.file.floats("gradient/" + slice.name)
      // A bias of all keys shifts every score of a row alike.
      let floor: Float = slice.name.hasSuffix("key.bias") || slice.name.hasSuffix("k_proj.bias") ? 2e-6 : 1e-8
      let report = difference(
        Array(golden.arena.gradients(of: slice)), expected, relative: 1e-5, floor: floor, scale: .largest)
      #expect(report == nil, "\(slice.name)")
    }
  }

  /// Names and shapes are those of the file, no more and no fewer.
  @Test(arguments: pairs) func namesAreThoseOfFiles(_ name: String) throws {
    let file = try GoldenFile("\(name)/model.safetensors")
    let golden = try GoldenModel(name)
    #expect(Set(golden.arena.slices.map(\.name)) == Set(file.names))
    let towers = golden.model.description.towers
    let groups = Modality.allCases.flatMap { towers[$0]?.groups.flatMap { $0 } ?? [] }
    let alone = golden.arena.slices.map(\.name).filter { name in !groups.contains(where: name.hasPrefix) }
    #expect(alone == ["logit_scale"])
  }

  @Test(arguments: pairs) func aDescriptionSurvivesItsJSON(_ name: String) throws {
    var description = try description(name)
    #expect(description.embeddingWidth == 8 && description.contextLength == 12 && description.images.side == 16)
    #expect(description.huggingFaceForm != nil)
    func readBack() throws -> any ModelDescription { try ModelCatalogue.description(json: description.json()) }
    #expect(try readBack().isEqual(to: description))
    (description.words.pooling, description.contextLength, description.initialLogitBias) = (.mean, 9, -10)
    #expect(try readBack().isEqual(to: description))
    #expect(description.huggingFaceForm == nil)
  }

  /// Texts that are cut before the tower's positions end take no memory and no work for the rest.
  @Test func costsAreThoseOfTextsAsTheyAreCut() throws {
    var description = try description("dual-encoder-tiny/vit")
    description.contextLength = 5
    #expect(description.towerBlocks(.text)?.tokens == 5 && description.towerBlocks(.image)?.tokens == 5)
  }

  @Test(arguments: [
    (#""text_pooling": "end""#, #"text_pooling is "end""#),
    (#""spare": 1"#, "spare"), (#""vision_config": {"model_type": "dinov2"}"#, "dinov2"),
    (#""text_config": {"model_type": "roberta"}"#, "roberta"),
    (#""text_config": {"model_type": "bert", "position_embedding_type": "relative_key"}"#, "position_embedding_type"),
  ])
  func otherPairsAreRefused(_ change: String, _ words: String) throws {
    let whole = #""vision_config": {"model_type": "vit"}, "text_config": {"model_type": "bert"}"#
    let key = change.split(separator: ":")[0]
    let rest = whole.split(separator: ", ").filter { !$0.hasPrefix(key) }.joined(separator: ", ")
    let json = #"{"model_type": "dual-encoder", \#(rest), \#(change)}"#
    let error = #expect(throws: SettingsError.self) { try ModelCatalogue.description(json: Array(json.utf8)) }
    #expect(error?.description.lowercased().contains(words.lowercased()) == true, "\(error?.description ?? "")")
    #expect(error?.exitCode == .configuration)
  }

  @Test func sizesThatMakeNoSenseAreFlaws() throws {
    var description = try description("dual-encoder-tiny/vit")
    description.contextLength = 13
    #expect(description.flaw?.contains("context length") == true)
    (description.contextLength, description.embeddingWidth) = (12, 0)
    #expect(description.flaw?.contains("common width") == true)
  }
}
