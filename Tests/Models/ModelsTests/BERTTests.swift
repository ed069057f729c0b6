import Layers
import Models
import Settings
import TensorEngine
import TestSupport
import Testing

/// BERT against transformers: states, pooling, the gradient of every parameter.
@Suite struct BERTTests {
  private func golden(_ pooling: TextPooling, precision: Precision = .fp32) throws -> GoldenTower<any TextEncoder> {
    var description = try BERTConfiguration(towerSettings("bert-tiny"))
    description.pooling = pooling
    return try GoldenTower(
      "bert-tiny/golden.safetensors", weights: "bert-tiny/model.safetensors", precision: precision,
      description.makeEncoder)
  }

  @Test(arguments: BERTConfiguration.poolings, [EncodedTokens.all, .pooled])
  func statesAndPoolingEqualTransformers(_ pooling: TextPooling, _ tokens: EncodedTokens) throws {
    let golden = try golden(pooling)
    let tape = Tape(golden.engine, recording: false)
    let texts = try golden.encoder(golden.texts(), tokens, tape)
    #expect(texts.count == 4 && texts.offsets.last == texts.states.rows)
    #expect(
      largestDifference(golden.encoder.pooled(texts, tape), try golden.file.floats(pooling.rawValue)) == nil)
    guard case .all = tokens else { return }
    #expect(largestDifference(texts.states, try golden.file.floats("states")) == nil)
  }

  /// Blocks that are computed a second time, and states of all tokens, give the same.
  @Test(arguments: [TextPooling.pooler, .mean], [false, true])
  func gradientsEqualPyTorch(_ pooling: TextPooling, recomputes: Bool) throws {
    let golden = try golden(pooling)
    let tape = Tape(golden.engine, recomputesBlocks: recomputes)
    let texts = try golden.encoder(golden.texts(), recomputes ? .all : .pooled, tape)
    let loss = try golden.loss(golden.encoder.pooled(texts, tape), tape)
    #expect(largestDifference(loss, try golden.file.floats("loss/\(pooling.rawValue)")) == nil)
    golden.arena.markGradientsStale()
    try tape.backward(from: loss)
    #expect(try golden.gradientDifferences("gradient/\(pooling.rawValue)") == [])
  }

  /// Dropout by PyTorch's formula, x mask / (1 - rate), with masks that `dropout.py` draws by their definition: of the
  /// embeddings, the probabilities of attention, and what each layer adds.
  @Test(arguments: [false, true]) func dropoutEqualsPyTorchWithTheSameMasks(recomputes: Bool) throws {
    let (file, place) = (try GoldenFile("bert-tiny/dropout.safetensors"), "bert-tiny/model.safetensors")
    let (rates, named) = (try file.floats("rates"), try file.integers("named"))
    var description = try BERTConfiguration(towerSettings("bert-tiny"))
    description.pooling = .first
    (description.dropout.states, description.dropout.probabilities) = (rates[0], rates[1])
    let golden = try GoldenTower("bert-tiny/dropout.safetensors", weights: place, description.makeEncoder)
    let tape = Tape(
      golden.engine, recomputesBlocks: recomputes,
      dropout: DropoutMasks(seed: UInt64(named[0]), step: named[1], firstSample: named[2]))
    let texts = try golden.encoder(golden.texts(), .all, tape)
    #expect(largestDifference(texts.states, try file.floats("states")) == nil)
    golden.arena.markGradientsStale()
    let upstream = golden.engine.tensor(try file.floats("upstream"), shape: texts.states.shape)
    try tape.backward(from: [(texts.states, upstream)])
    #expect(try golden.gradientDifferences("gradient") == [])
  }

  @Test(.enabled(if: Precision.bf16.isSupported, "this processor has no AVX-512"))
  func bf16IsNearFP32() throws {
    let golden = try golden(.mean, precision: .bf16)
    let tape = Tape(golden.engine)
    let pooled = golden.encoder.pooled(try golden.encoder(golden.texts(), .pooled, tape), tape)
    #expect(largestDifference(pooled, try golden.file.floats("mean"), 2e-2) == nil)
    golden.arena.markGradientsStale()
    try tape.backward(from: golden.loss(pooled, tape))
    #expect(try golden.gradientDifferences("gradient/mean", 0.1, zero: 1e-3) == [])
  }

  /// Whatever stands beside it in a batch, to the last bit but for the order of a product's sums.
  @Test func aTextDoesNotDependOnItsNeighbours() throws {
    let golden = try golden(.mean)
    let tape = Tape(golden.engine, recording: false)
    let texts = try golden.texts()
    let together = golden.encoder.pooled(golden.encoder(texts, .pooled, tape), tape)
    for text in 0..<texts.count {
      let alone = golden.encoder.pooled(golden.encoder(texts[text..<text + 1], .pooled, tape), tape)
      #expect(largestDifference(alone, Array(together.values()[text * 24..<(text + 1) * 24])) == nil, "text \(text)")
    }
  }

  /// 22,713,216 numbers in all-MiniLM-L6-v2's file and 109,482,240 in bert-base-uncased's.
  @Test(arguments: [(6, 384, 22_713_216), (12, 768, 109_482_240)])
  func publishedSizesHaveTheirNumberOfParameters(layers: Int, width: Int, count: Int) {
    var description = BERTConfiguration()
    (description.layerCount, description.width, description.intermediate) = (layers, width, 4 * width)
    #expect(description.flaw == nil)
    let builder = ParameterBuilder()
    _ = description.makeEncoder(builder)
    #expect(builder.parameters.reduce(0) { $0 + $1.count } == count)
    let names = builder.parameters.flatMap { $0.slices.map(\.name) }
    let groups = description.layers.groups.flatMap { $0 }
    #expect(names.allSatisfy { name in groups.contains(where: name.hasPrefix) })
  }

  @Test func aDescriptionSurvivesItsJSON() throws {
    let description = try BERTConfiguration(towerSettings("bert-tiny"))
    #expect(description.width == 24 && description.heads == 4 && description.epsilon == 1e-12)
    #expect(description.text.vocabularySize == 40 && description.text.contextLength == 12)
    #expect(try BERTConfiguration(written(description)) == description)
  }

  /// What would change numbers is refused by name; what changes none is passed over.
  @Test func otherBERTsAreRefused() throws {
    for (json, place) in [
      (#""position_embedding_type": "relative_key""#, "position_embedding_type is \"relative_key\""),
      (#""is_decoder": true"#, "is_decoder is true"), (#""add_cross_attention": true"#, "add_cross_attention is true"),
      (#""hidden_act": "silu""#, "hidden_act is \"silu\""), (#""embedding_size": 128"#, "embedding_size"),
      (#""pruned_heads": {"0": [1]}"#, "pruned_heads"), (#""vocab_size": "many""#, "vocab_size is \"many\""),
    ] {
      let error = #expect(throws: SettingsError.self) {
        try BERTConfiguration(Settings(json: Array("{\(json)}".utf8), file: "config.json"))
      }
      #expect(error?.description.contains(place) == true, "\(json)")
    }
    let old =
      #"{"hidden_dropout_prob": 0.1, "classifier_dropout": null, "gradient_checkpointing": false, "directionality": "bidi"}"#
    #expect(try BERTConfiguration(Settings(json: Array(old.utf8), file: "config.json")) == BERTConfiguration())
  }

  @Test func sizesThatDoNotFitAreFlaws() {
    var description = BERTConfiguration()
    description.heads = 7
    #expect(description.flaw == "7 heads do not divide a width of 768")
    description = BERTConfiguration()
    description.positions = 1
    #expect(description.flaw == "a context length of 1, not in 2 … 65536")
  }

  /// The names that files have: those of today, and norms as TensorFlow called them.
  @Test func publishedKeysAreThoseOfFiles() throws {
    let file = try GoldenFile("bert-tiny/model.safetensors")
    let golden = try golden(.pooler)
    let keys = BERTConfiguration.publishedKeys
    #expect(Set(golden.arena.slices.map { keys[0].key($0.name) }) == Set(file.names))
    #expect(file.names.contains(keys[0].mark) && keys[0].prefixes == ["", "bert.", "text_model."])
    let renamed = golden.arena.slices.map { keys[1].key($0.name) }
    let older = file.names.map { name in
      guard name.contains("LayerNorm") else { return name }
      return name.hasSuffix(".weight") ? name.dropLast(6) + "gamma" : name.dropLast(4) + "beta"
    }
    #expect(Set(renamed) == Set(older) && renamed.contains(keys[1].mark))
  }
}
