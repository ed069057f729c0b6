import Images
import Layers
import Models
import Settings
import TensorEngine
import TestSupport
import Testing

/// What is BLIP's own beside the numbers of its goldens (`BLIPCaseTests`, `DecodingTests`): sizes, files, forms, other towers.
@Suite struct BLIPTests {
  private func count(_ form: BLIPConfiguration.Form) -> Int {
    var sizes = BLIPConfiguration()
    (sizes.form, sizes.text.positions) = (form, 512)
    let builder = ParameterBuilder()
    _ = sizes.make(builder)
    return builder.parameters.reduce(0) { $0 + $1.count }
  }

  /// Those of transformers 5.24 with its defaults but 12 heads; a matcher has a temperature beside them.
  @Test func thePublishedSizesHaveThePublishedNumbersOfParameters() {
    #expect(count(.captioning) == 223_971_644)
    #expect(count(.answering) == 361_230_140)
    #expect(count(.retrieval) == 223_744_258 + 1)
  }

  private func read(_ text: String = "", top: String = "") throws -> BLIPConfiguration {
    let json = "{\"model_type\": \"blip\"\(top), \"text_config\": {\(text)}}"
    return try BLIPConfiguration(Settings(json: Array(json.utf8), file: "config.json"))
  }

  /// The library's own default and the first files of Salesforce's models say 8; the models have 12.
  @Test func headsAreThoseOfTheModels() throws {
    let four = #""num_attention_heads": 4"#
    let eight = #""num_attention_heads": 8"#
    #expect(try read().text.heads == 12)
    #expect(try read(four).text.heads == 4 && read(eight).text.heads == 8)
    let old = #", "transformers_version": "4.26.0.dev0""#
    #expect(try read(eight, top: old).text.heads == 12 && read(four, top: old).text.heads == 4)
    #expect(try read(eight, top: #", "transformers_version": "4.28.1""#).text.heads == 8)
    #expect(try read(eight + #", "hidden_size": 1024"#, top: old).text.heads == 8)
  }

  @Test func aDescriptionSurvivesItsJSON() throws {
    for form in ["captioning", "answering", "retrieval"] {
      let own = try BLIPConfiguration(towerSettings("blip-tiny/" + form))
      #expect(own.flaw == nil && own.bounds == TextBounds(start: 38, stop: 4) && own.text.tokenTypes == 0)
      #expect(own.usualPreprocessing.imageSize == 16 && own.huggingFaceObstacle == nil)
      #expect(try BLIPConfiguration(written(own)) == own)
    }
  }

  /// What the weights have, whatever `architectures` says.
  @Test func theWeightsSayTheForm() throws {
    let words = ["text_decoder.bert.", "text_encoder."].map { $0 + "embeddings.word_embeddings.weight" }
    let own = try BLIPConfiguration(towerSettings("blip-tiny/captioning"))
    #expect(own.fitting { $0 == words[0] ? [40, 16] : nil }.form == .captioning)
    #expect(own.fitting { words.contains($0) ? [40, 16] : nil }.form == .answering)
    #expect(own.fitting { $0 == words[1] ? [40, 16] : nil }.form == .retrieval)
    #expect(own.with(.textDecoder)?.form == .captioning && own.with(.matchingHead)?.form == .retrieval)
    #expect(own.with(.answerDecoder)?.form == .answering && own.with(.maskedTextHead) == nil)
  }

  @Test func otherSettingsAreRefused() throws {
    for (text, place) in [
      (#""hidden_act": "silu""#, "hidden_act"),
      (#""position_embedding_type": "relative_key""#, "position_embedding_type"),
      (#""surprise": 1"#, "surprise"), (#""bos_token_id": -1"#, "bos_token_id"),
    ] {
      let error = #expect(throws: SettingsError.self) { try read(text) }
      #expect(error.map { "\($0)".contains(place) } == true, "\(String(describing: error))")
    }
    #expect(try read(#""vocab_size": 30000"#).flaw?.contains("30522 (bos_token_id)") == true)
    let mixed = try read(
      #""hidden_size": 384, "intermediate_size": 1536"#, top: #", "architectures": ["BlipForQuestionAnswering"]"#)
    #expect(mixed.flaw == nil && mixed.huggingFaceObstacle?.contains("384 wide") == true)
  }

  /// 0.02 is one of width 768; of a run's own BERT it is left as it is.
  @Test(arguments: [(0, Float(0.02) * (768 / Float(16)).squareRoot()), (2, 0.02)])
  func aNarrowOneIsDrawnWider(_ tokenTypes: Int, _ expected: Float) throws {
    var own = try #require(
      try BLIPConfiguration(smallRequest("blip"), from: nil).with(.textDecoder))
    (own.text.width, own.text.intermediate, own.text.heads, own.text.tokenTypes) = (16, 64, 2, tokenTypes)
    let builder = ParameterBuilder()
    _ = own.make(builder)
    let tables = builder.parameters.flatMap(\.slices).filter {
      $0.name.hasPrefix("text_decoder.") && $0.shape.count == 2
    }
    #expect(tables.count > 30)
    for table in tables {
      #expect(table.initialization == .normal(standardDeviation: expected), "\(table.name)")
    }
    #expect(TransformerScales.deviation(width: 768) == 0.02 && TransformerScales.deviation(width: 1024) == 0.02)
  }

  /// A captioner of a network of convolutions and a BERT with token types: a configuration, and no other model.
  @Test func otherTowersMakeACaptioner() throws {
    let request = smallRequest("blip", stated: ["model.vision.encoder"]) { $0.vision.encoder = "efficientnet-lite0" }
    let own = try #require(try BLIPConfiguration(request, from: nil).with(.textDecoder))
    #expect(own.flaw == nil && own.bounds == TextBounds(start: 1, stop: 2))
    #expect(own.huggingFaceForm == nil && own.huggingFaceObstacle?.contains("EfficientNet") == true)
    #expect(try BLIPConfiguration(written(own)) == own)
    let model = try #require(own.make(ParameterBuilder()) as? any TextGenerator)
    #expect(model.decoder.contextLength == 12 && model.decoder.vocabularySize == 30)

    var bert = BERTConfiguration()
    (bert.width, bert.intermediate, bert.heads, bert.layerCount) = (16, 64, 2, 2)
    (bert.vocabularySize, bert.positions) = (30, 20)
    var towers = FoundTowers()
    towers.text = bert
    let begun = try BLIPConfiguration(smallRequest("blip", towers: towers), from: nil)
    #expect(begun.text.tokenTypes == 2 && begun.huggingFaceObstacle?.contains("token types") == true)
    let place = begun.place(of: .text)
    #expect(
      place.name(inTower: "text_decoder.bert.encoder.layer.1.attention.self.query.weight")
        == "encoder.layer.1.attention.self.query.weight")
    #expect(place.optional == ["encoder.layer.0.crossattention.", "encoder.layer.1.crossattention."])
  }
}
