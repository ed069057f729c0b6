import Layers
import Models
import Settings
import TensorEngine
import TestSupport
import Testing

/// Vision transformers and CLIP's towers alone against transformers.
@Suite struct ViTTests {
  private func golden(hasPooler: Bool = true) throws -> GoldenTower<any PictureEncoder> {
    var description = try ViTConfiguration(towerSettings("vit-tiny"))
    description.hasPooler = hasPooler
    return try GoldenTower(
      "vit-tiny/golden.safetensors", weights: "vit-tiny/model.safetensors", description.makePictureEncoder)
  }

  @Test(arguments: [EncodedTokens.all, .pooled])
  func statesAndPoolerEqualTransformers(_ tokens: EncodedTokens) throws {
    let golden = try golden()
    let tape = Tape(golden.engine, recording: false)
    let images = try golden.encoder(golden.pixels(), tokens, tape)
    #expect(largestDifference(golden.encoder.pooled(images, tape), try golden.file.floats("pooler")) == nil)
    guard case .all = tokens else { return }
    #expect(largestDifference(images.states, try golden.file.floats("states")) == nil)
  }

  @Test func withoutAPoolerTheClassTokenStandsForAnImage() throws {
    let golden = try golden(hasPooler: false)
    let tape = Tape(golden.engine, recording: false)
    let images = try golden.encoder(golden.pixels(), .pooled, tape)
    let states = try golden.file.floats("states")
    let first = stride(from: 0, to: states.count, by: 10 * 24).flatMap { states[$0..<$0 + 24] }
    #expect(largestDifference(golden.encoder.pooled(images, tape), first) == nil)
    #expect(!golden.arena.slices.contains { $0.name.hasPrefix("pooler.") })
  }

  @Test(arguments: [false, true])
  func gradientsEqualPyTorch(recomputes: Bool) throws {
    let golden = try golden()
    let tape = Tape(golden.engine, recomputesBlocks: recomputes)
    let images = try golden.encoder(golden.pixels(), .pooled, tape)
    let loss = try golden.loss(golden.encoder.pooled(images, tape), tape)
    #expect(largestDifference(loss, try golden.file.floats("loss")) == nil)
    golden.arena.markGradientsStale()
    try tape.backward(from: loss)
    #expect(try golden.gradientDifferences("gradient") == [])
  }

  @Test func namesAreThoseOfFiles() throws {
    let keys = ViTConfiguration.publishedKeys[0]
    let file = try GoldenFile("vit-tiny/model.safetensors")
    #expect(Set(try golden().arena.slices.map { keys.key($0.name) }) == Set(file.names))
    #expect(file.names.contains(keys.mark) && keys.prefixes == ["", "vit.", "vision_model."])
    // ViT-B/16 of google/vit-base-patch16-224-in21k has 86,389,248 numbers, its pooler among them.
    let builder = ParameterBuilder()
    _ = ViTConfiguration().makeEncoder(builder)
    #expect(builder.parameters.reduce(0) { $0 + $1.count } == 86_389_248)
    let groups = ViTConfiguration().layers.groups.flatMap { $0 }
    #expect(builder.parameters.flatMap(\.slices).allSatisfy { slice in groups.contains(where: slice.name.hasPrefix) })
  }

  @Test func aDescriptionSurvivesItsJSON() throws {
    var description = try ViTConfiguration(towerSettings("vit-tiny"))
    #expect(description.imageSize == 24 && description.patchSize == 8 && description.epsilon == 1e-12)
    (description.hasPooler, description.hasInBias) = (false, false)
    #expect(try ViTConfiguration(written(description)) == description)
  }

  @Test func otherViTsAreRefused() throws {
    for (json, place) in [
      (#""image_size": [224, 160]"#, "image_size"), (#""pooler_act": "relu""#, "pooler_act is \"relu\""),
      (#""pooler_output_size": 512"#, "pooler_output_size is 512"), (#""layer_scale": 0.1"#, "layer_scale"),
    ] {
      let error = #expect(throws: SettingsError.self) {
        try ViTConfiguration(Settings(json: Array("{\(json)}".utf8), file: "config.json"))
      }
      #expect(error?.description.contains(place) == true, "\(json)")
    }
    var description = ViTConfiguration()
    description.patchSize = 15
    #expect(description.flaw == "patches of 15 do not divide 224 pixels")
  }

  // MARK: CLIP's towers

  @Test func towersOutOfACLIPEqualTransformers() throws {
    let whole = try towerSettings("clip-tiny")
    let (golden, weights) = ("clip-tiny/towers.safetensors", "clip-tiny/model.safetensors")
    let vision = try GoldenTower(
      golden, weights: weights, prefix: "vision_model.", CLIPVisionConfiguration(whole).makePictureEncoder)
    let text = try GoldenTower(
      golden, weights: weights, prefix: "text_model.", CLIPTextConfiguration(whole).makeEncoder)
    let tape = Tape(vision.engine, recording: false)
    let images = try vision.encoder(vision.pixels(), .all, tape)
    let texts = try text.encoder(text.texts(), .all, tape)
    #expect(largestDifference(images.states, try vision.file.floats("image_states")) == nil)
    #expect(largestDifference(vision.encoder.pooled(images, tape), try vision.file.floats("image_pooled")) == nil)
    #expect(largestDifference(texts.states, try text.file.floats("text_states")) == nil)
    #expect(largestDifference(text.encoder.pooled(texts, tape), try text.file.floats("text_pooled")) == nil)
  }

  @Test func towersOfACLIPSurviveTheirJSON() throws {
    let whole = try towerSettings("clip-tiny")
    let vision = try CLIPVisionConfiguration(whole)
    #expect(try vision.imageSize == 32 && CLIPVisionConfiguration(written(vision)) == vision)
    let text = try CLIPTextConfiguration(whole)
    #expect(try text.text.endToken == 63 && CLIPTextConfiguration(written(text)) == text)
    for kind in [CLIPVisionConfiguration.wholeModels, CLIPTextConfiguration.wholeModels] { #expect(kind == ["clip"]) }
    #expect(throws: SettingsError.self) {
      try CLIPTextConfiguration(Settings(json: Array(#"{"model_type": "clip_text_model", "rope": 1}"#.utf8), file: ""))
    }
  }
}
