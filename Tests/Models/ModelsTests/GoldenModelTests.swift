import Files
import Layers
import Models
internal import Reporting
import Settings
import TensorEngine
import TestSupport
import Testing

/// The models against PyTorch: embeddings, logits, losses, and the gradient of every parameter.
@Suite struct GoldenModelTests {
  @Test(arguments: [EncodedTokens.all, .pooled])
  func clipEqualsTransformers(_ tokens: EncodedTokens) throws {
    let golden = try GoldenModel("clip-tiny")
    let tape = Tape(golden.engine)
    let (images, texts) = try golden.encode(tape, tokens)
    #expect(images.pooledRows.count == images.features.rows && images.offsets.last == images.states.rows)
    expect(images.features.values(), try golden.file.floats("image_embeds"), 2e-6, "image_embeds")
    expect(texts.features.values(), try golden.file.floats("text_embeds"), 2e-6, "text_embeds")
    let loss = golden.contrastive(images, texts, tape)
    expect([loss.value], try golden.file.floats("loss"), 2e-6, "loss")
    golden.arena.markGradientsStale()
    try tape.backward(from: loss)
    try golden.expectGradients(5e-6)
  }

  @Test(arguments: ["cross-attention-tiny", "cross-attention-tiny/text-to-image", "cross-attention-tiny/gated"])
  func crossAttentionEqualsItsReference(_ name: String) throws {
    let golden = try GoldenModel(name)
    let fusion = try #require(golden.model as? any MatchingModel)
    let tape = Tape(golden.engine)
    let (images, texts) = try golden.encode(tape)
    let contrastive = golden.contrastive(images, texts, tape)
    let pairs = try golden.matchingPairs()
    let logits = fusion.match(images: images, texts: texts, pairs, tape)
    expect(logits.values(), try golden.file.floats("matching_logits"), 5e-6, "matching_logits")
    let count = images.pooledRows.count
    let matching = tape.crossEntropy(
      logits, targets: pairs.indices.map { $0 < count ? 1 : 0 }, count: pairs.count)
    expect([contrastive.value], try golden.file.floats("contrastive_loss"), 2e-6, "contrastive_loss")
    expect([matching.value], try golden.file.floats("matching_loss"), 2e-6, "matching_loss")
    golden.arena.markGradientsStale()
    try tape.backward(from: tape.weightedSum([(1, contrastive), (1, matching)]))
    try golden.expectGradients(1e-5)
  }

  /// Products of 8-bit factors: features point the same way, the loss is within bfloat16's precision, and so is the
  /// whole gradient.
  @Test(
    .enabled(if: Precision.bf16.isSupported, "this processor has no AVX-512"),
    arguments: ["clip-tiny", "cross-attention-tiny", "cross-attention-tiny/text-to-image"])
  func bf16IsNearFP32(_ name: String) throws {
    let golden = try GoldenModel(name, precision: .bf16)
    let tape = Tape(golden.engine)
    let (images, texts) = try golden.encode(tape, name == "clip-tiny" ? .pooled : .all)
    for (encoding, key) in [(images, "image_embeds"), (texts, "text_embeds")] {
      guard name == "clip-tiny" else { continue }
      let (features, expected) = (encoding.features.values(), try golden.file.floats(key))
      let cosines = zip(features, expected).reduce(0) { $0 + $1.0 * $1.1 } / Float(encoding.features.rows)
      #expect(cosines > 0.999, "\(key): a mean cosine of \(cosines)")
    }
    var terms = [(weight: Float(1), loss: golden.contrastive(images, texts, tape))]
    if let fusion = golden.model as? any MatchingModel {
      let pairs = try golden.matchingPairs()
      let logits = fusion.match(images: images, texts: texts, pairs, tape)
      let count = images.pooledRows.count
      terms.append(
        (1, tape.crossEntropy(logits, targets: pairs.indices.map { $0 < count ? 1 : 0 }, count: pairs.count)))
    }
    let expected =
      name == "clip-tiny"
      ? try golden.file.floats("loss")[0]
      : try golden.file.floats("contrastive_loss")[0] + golden.file.floats("matching_loss")[0]
    let loss = tape.weightedSum(terms)
    expect([loss.value], [expected], 5e-3, "loss")
    golden.arena.markGradientsStale()
    try tape.backward(from: loss)
    golden.arena.clearUnreachedGradients()
    let (error, norm) = try golden.gradientError()
    #expect(error < 0.03 * norm, "the gradient of \(name) is off by \(error) of \(norm)")
  }

  @Test(arguments: FusionDirection.allCases)
  func everyDirectionTrainsAllItsParameters(_ direction: FusionDirection) throws {
    let golden = try GoldenModel("cross-attention-tiny")
    let builder = ParameterBuilder()
    var sizes = try #require(golden.model.description as? CrossAttentionConfiguration)
    sizes.fusion = FusionConfiguration(layers: 2, heads: 2, width: 16, direction: direction)
    let model = CrossAttentionModel(sizes, builder)
    let arena = ParameterArena(builder)
    arena.initialize(seed: 3)
    let tape = Tape(golden.engine)
    let images = model.encode(images: try golden.pixels(), tape)
    let texts = model.encode(text: try golden.text(), tape)
    let pairs = try golden.matchingPairs()
    let logits = model.match(images: images, texts: texts, pairs, tape)
    arena.markGradientsStale()
    try tape.backward(from: tape.crossEntropy(logits, targets: pairs.map { _ in 1 }, count: pairs.count))
    let unreached = arena.parameters.filter(\.tensor.gradientIsStale).flatMap { $0.slices.map(\.name) }
    #expect(Set(unreached) == ["logit_scale", "visual_projection.weight", "text_projection.weight"])
  }

  @Test func aCaptionDoesNotDependOnItsNeighbours() throws {
    let golden = try GoldenModel("clip-tiny")
    let text = try golden.text()
    let together = golden.model.encode(text: text, Tape(golden.engine, recording: false)).features.values()
    let width = together.count / text.count
    for caption in 0..<text.count {
      let ids = Array(text.ids[text.offsets[caption]..<text.offsets[caption + 1]])
      let alone = golden.model.encode(
        text: PackedText(ids: ids, offsets: [0, ids.count]), Tape(golden.engine, recording: false))
      expect(alone.features.values(), Array(together[caption * width..<(caption + 1) * width]), 1e-5, "\(caption)")
    }
  }

  /// A text that names the end token within is pooled there, by either rule. The numbers are those of transformers 5.24,
  /// `get_text_features` in float64.
  @Test(arguments: [63, TextShape.largestTokenEnds])
  func aTextIsPooledAtItsFirstEnd(endToken: Int32) throws {
    let golden = try GoldenModel("clip-tiny", endToken: endToken)
    let text = PackedText(ids: [62, 5, 7, 63, 9, 63], offsets: [0, 6])
    let features = golden.model.encode(text: text, Tape(golden.engine, recording: false)).features.values()
    let expected: [Float] = [-0.210530927, -0.043371624, 0.133487116, 0.321435337, -0.194493618, 0.126066130]
    expect(Array(features.prefix(6)), expected, 2e-6, "features")
  }

  @Test func descriptionsSurviveTheirJSON() throws {
    for name in ["clip-tiny", "cross-attention-tiny"] {
      let description = try ModelCatalogue.description(json: readFile("\(goldenDirectory)/\(name)/config.json"))
      #expect(
        try ModelCatalogue.description(json: description.json())
          .isEqual(to: description))
    }
    for (type, words) in [("siglip2", "SigLIP 2"), ("bert", "a BERT"), ("odd", "a model of the type odd")] {
      let error = #expect(throws: SettingsError.self) {
        try ModelCatalogue.description(json: Array(#"{"model_type": "\#(type)"}"#.utf8))
      }
      #expect(error?.description.contains("this is \(words), and") == true && error?.exitCode == .configuration)
    }
  }

  @Test func modelsAreKnownByTheirFiles() {
    #expect(ModelCatalogue.knows(json: Array(#"{"model_type": "clip"}"#.utf8)))
    for json in [#"{"model_type": "vit"}"#, #"{"architecture": "vit_base"}"#, "{", "[]"] {
      #expect(!ModelCatalogue.knows(json: Array(json.utf8)))
    }
  }

  @Test func publishedSizeHasThePublishedNumberOfParameters() {
    let builder = ParameterBuilder()
    _ = CLIP(CLIPConfiguration(), builder)
    #expect(builder.parameters.reduce(0) { $0 + $1.count } == 151_277_313)
    #expect(builder.parameters.reduce(0) { $0 + $1.slices.count } == 398)
  }
}

private func expect(
  _ actual: [Float], _ expected: [Float], _ tolerance: Float, _ name: String, floor: Float = 1e-8
) {
  let report = difference(actual, expected, relative: tolerance, floor: floor, scale: .largest)
  #expect(report == nil, "\(name)")
}

/// A model with the weights of a golden directory, and what PyTorch computes with it.
struct GoldenModel {
  let engine: Engine
  let file: GoldenFile
  let model: any FeatureModel
  let arena: ParameterArena

  /// - Parameter endToken: of a CLIP that pools elsewhere than its file says.
  init(_ name: String, precision: Precision = .fp32, endToken: Int32? = nil) throws {
    engine = Engine(threadCount: 2, precision: precision)
    file = try GoldenFile("\(name)/golden.safetensors")
    let weights = try GoldenFile("\(name)/model.safetensors")
    let builder = ParameterBuilder()
    var description = try ModelCatalogue.description(json: readFile("\(goldenDirectory)/\(name)/config.json"))
    if let endToken, var towers = description as? CLIPConfiguration {
      towers.text.endToken = endToken
      description = towers
    }
    model = try #require(description.make(builder) as? any FeatureModel)
    arena = ParameterArena(builder)
    for slice in arena.slices {
      let array = try weights.array(slice.name)
      precondition(array.shape == slice.shape, "\(slice.name): \(array.shape), \(slice.shape) expected")
      _ = arena.weights(of: slice).update(from: array.values)
    }
  }

  func pixels() throws -> Tensor {
    let array = try file.array("pixel_values")
    return engine.tensor(array.values, shape: array.shape)
  }

  func text() throws -> PackedText {
    PackedText(ids: try file.integers("ids").map(Int32.init), offsets: try file.integers("offsets"))
  }

  func encode(_ tape: Tape, _ tokens: EncodedTokens = .all) throws -> (EncodedFeatures, EncodedFeatures) {
    (
      model.encode(images: try pixels(), tokens: tokens, tape),
      model.encode(text: try text(), tokens: tokens, tape)
    )
  }

  func contrastive(_ images: EncodedFeatures, _ texts: EncodedFeatures, _ tape: Tape) -> Tensor {
    tape.contrastiveLoss(
      image: images.features, text: texts.features, allImages: images.features, allTexts: texts.features,
      logitScale: model.logitScale.tensor, first: 0)
  }

  /// Positives, then (image, negative text), then (negative image, text).
  func matchingPairs() throws -> [ImageTextPair] {
    let texts = try file.integers("negative_text_for_image")
    let images = try file.integers("negative_image_for_text")
    return texts.indices.map { ImageTextPair(image: $0, text: $0) }
      + texts.enumerated().map { ImageTextPair(image: $0, text: $1) }
      + images.enumerated().map { ImageTextPair(image: $1, text: $0) }
  }

  /// The length of the gradient's difference from PyTorch's, and of PyTorch's.
  func gradientError() throws -> (error: Float, norm: Float) {
    var (error, norm): (Float, Float) = (0, 0)
    for slice in arena.slices {
      for (actual, expected) in zip(arena.gradients(of: slice), try file.floats("gradient/\(slice.name)")) {
        error += (actual - expected) * (actual - expected)
        norm += expected * expected
      }
    }
    return (error.squareRoot(), norm.squareRoot())
  }

  func expectGradients(_ tolerance: Float) throws {
    for slice in arena.slices {
      // A bias of all keys shifts every score of a row alike: its gradient is zero but for rounding.
      let floor: Float = slice.name.hasSuffix("k_proj.bias") ? 1e-6 : 1e-8
      let expected = try file.floats("gradient/\(slice.name)")
      expect(Array(arena.gradients(of: slice)), expected, tolerance, slice.name, floor: floor)
    }
  }
}
