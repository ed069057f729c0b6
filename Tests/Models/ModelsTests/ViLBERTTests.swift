import Layers
import Models
import Settings
import TensorEngine
import TestSupport
import Testing

/// What ViLBERT is beside the numbers of its goldens (ViLBERTCaseTests): sizes, files, hidden regions, regions of a tower.
@Suite struct ViLBERTTests {
  private func description(_ directory: String = "vilbert-tiny") throws -> ViLBERTConfiguration {
    try ViLBERTConfiguration(towerSettings(directory))
  }

  private func request(
    _ stated: [String] = [], _ change: (inout ModelSettings) -> Void = { _ in }
  ) -> ModelRequest {
    smallRequest("vilbert", stated: stated, change)
  }

  /// The sizes of `bert_base_6layer_6conect.json`: all numbers of the file, of which the authors' code never reads 11,020,800.
  @Test func publishedSizes() throws {
    let published = ViLBERTConfiguration()
    let builder = ParameterBuilder()
    _ = published.make(builder)
    let all = builder.parameters.reduce(0) { $0 + $1.count }
    let unread = builder.parameters.filter(\.isConstant)
    #expect(all == 250_044_029)
    #expect(unread.reduce(0) { $0 + $1.count } == 11_020_800)
    #expect(unread.allSatisfy { $0.slices[0].name.contains(".q_dense") })
    // With the heads of tasks, which its weights have.
    let tasks = ParameterBuilder()
    _ = published.fitting {
      [
        "cls.imagePredictions.decoder.bias": [1601], "vil_prediction.logit_fc.3.bias": [3129],
        "vil_prediction_gqa.logit_fc.3.bias": [1533],
      ][$0]
    }.make(tasks)
    #expect(tasks.parameters.reduce(0) { $0 + $1.count } == 268_013_499)
    // The preset is the same model.
    let asked = try ViLBERTConfiguration(
      request {
        let sizes = Dictionary(uniqueKeysWithValues: ViLBERTConfiguration.publishedSizes.map { ($0.key, $0.size) })
        $0.text = TextSettings(
          contextLength: sizes["model.text.context_length"] ?? 0, width: sizes["model.text.width"] ?? 0,
          layers: sizes["model.text.layers"] ?? 0, heads: sizes["model.text.heads"] ?? 0,
          vocabularySize: sizes["model.text.vocabulary_size"])
        $0.fusion = FusionSettings(
          layers: sizes["model.fusion.layers"] ?? 0, heads: sizes["model.fusion.heads"] ?? 0,
          width: sizes["model.fusion.width"] ?? 0, direction: .both)
        $0.regions = RegionSettings(
          width: sizes["model.regions.width"], limit: sizes["model.regions.limit"] ?? 0)
      }, from: nil)
    #expect(asked == published)
  }

  @Test func filesAreReadAsTheyAreWritten() throws {
    let read = try description()
    #expect(read.flaw == nil && read.inputs.text.tokenTypes == 2)
    #expect(read.images == .regions(RegionShape(width: 7, limit: 100)))
    #expect(try ViLBERTConfiguration(written(read)) == read)
    let tower = try ViLBERTConfiguration(request { $0.vision.encoder = "vit" }, from: nil)
    #expect(tower.images == .pictures(side: 16) && tower.flaw == nil)
    #expect(try ViLBERTConfiguration(written(tower)) == tower)
    #expect(ViLBERTConfiguration.guess([("bert.encoder.c_layer.0.biOutput.dense1.bias", [3])]) == "vilbert")
  }

  /// The keys of the authors' `bert_base_6layer_6conect.json`, which says no `model_type`, and what would be another model.
  @Test func theAuthorsFileIsRead() throws {
    func read(_ change: String = "") throws -> ViLBERTConfiguration {
      let json = """
        {"model_type": "vilbert", "attention_probs_dropout_prob": 0.1, "hidden_act": "gelu", "hidden_dropout_prob": 0.1,
        "hidden_size": 768, "initializer_range": 0.02, "intermediate_size": 3072, "max_position_embeddings": 512,
        "num_attention_heads": 12, "num_hidden_layers": 12, "type_vocab_size": 2, "vocab_size": 30522, "v_feature_size": 2048,
        "v_target_size": 1601, "v_hidden_size": 1024, "v_num_hidden_layers": 6, "v_num_attention_heads": 8,
        "v_intermediate_size": 1024, "bi_hidden_size": 1024, "bi_num_attention_heads": 8, "bi_intermediate_size": 1024,
        "bi_attention_type": 1, "v_attention_probs_dropout_prob": 0.1, "v_hidden_act": "gelu", "v_hidden_dropout_prob": 0.1,
        "v_initializer_range": 0.02, "v_biattention_id": [0, 1, 2, 3, 4, 5], "t_biattention_id": [6, 7, 8, 9, 10, 11],
        "pooling_method": "mul"\(change)}
        """
      return try ViLBERTConfiguration(Settings(json: Array(json.utf8), file: "config.json"))
    }
    let found = try read()
    let builder = ParameterBuilder()
    _ = found.make(builder)
    #expect(found.flaw == nil && builder.parameters.reduce(0) { $0 + $1.count } == 250_044_029)
    // It does not say how many regions a photo has.
    #expect(found.images == .regions(RegionShape(width: 2048, limit: 100)))
    #expect(try read(#", "fusion_method": "sum""#) != found)
    for (change, words) in [
      (#", "dynamic_attention": true"#, "dynamic_attention"), (#", "model": "roberta""#, "model"),
      (#", "fusion_method": "text""#, "mul and sum"), (#", "v_hiden_size": 7"#, "v_hidden_size"),
    ] {
      let error = #expect(throws: SettingsError.self) { try read(change) }
      #expect("\(error.map { "\($0)" } ?? "")".contains(words), "\(change)")
    }
  }

  @Test func sizesThatDoNotFitAreToldOf() throws {
    let deep = #expect(throws: ModelRequestError.self) {
      try ViLBERTConfiguration(request { $0.fusion.layers = 4 }, from: nil)
    }
    #expect(deep?.key == "model.fusion.layers" && deep?.problem.contains("which has 3") == true)
    let made = try ViLBERTConfiguration(request { $0.fusion.heads = 3 }, from: nil)
    #expect(made.flaw?.contains("3 heads do not divide") == true)
    let error = #expect(throws: ModelRequestError.self) {
      try ViLBERTConfiguration(request(["model.vision.width"]), from: nil)
    }
    #expect(error?.key == "model.vision.width" && error?.problem.contains("name a tower") == true)
  }

  // MARK: Regions

  private struct Made {
    let model: ViLBERTModel
    let arena: ParameterArena
    let engine = Engine(threadCount: 1)

    init(_ description: ViLBERTConfiguration) {
      let builder = ParameterBuilder()
      model = ViLBERTModel(description, builder)
      arena = ParameterArena(builder)
      arena.initialize(seed: 3)
    }

    func regions(_ features: [Float], boxes: [Box], offsets: [Int], startsWithWhole: Bool = false) -> ImageInput {
      ImageInput(
        PackedRegions(
          features: engine.tensor(features, shape: [boxes.count, features.count / boxes.count]), boxes: boxes,
          offsets: offsets, startsWithWhole: startsWithWhole))
    }

    func embedded(_ images: ImageInput) -> (offsets: [Int], values: [Float]) {
      let encoding = model.embeddings(of: images, Tape(engine, recording: false))
      return (encoding.offsets, encoding.states.values())
    }
  }

  /// A hidden region is zeros, and the mean in front is of the others: the same as given so by hand.
  @Test func hiddenRegionsAreZerosAndNoPartOfTheMean() throws {
    let made = Made(try ViLBERTConfiguration(request(), from: nil))
    let boxes = (0..<3).map { Box(0, 0, Float($0 + 1) / 4, 0.5) }
    let features = (0..<18).map { Float(($0 * 7) % 5) - 2 }
    let hidden = made.embedded(made.regions(features, boxes: boxes, offsets: [0, 2, 3]).hiding([[1], []]))
    let mean = (0..<6).map { features[$0] }
    let byHand = made.embedded(
      made.regions(
        mean + features[0..<6] + [Float](repeating: 0, count: 6) + features[12..<18] + features[12..<18],
        boxes: [.whole, boxes[0], boxes[1], .whole, boxes[2]], offsets: [0, 3, 5], startsWithWhole: true))
    #expect(hidden.offsets == [0, 3, 5] && hidden.values == byHand.values)
    // Where all are hidden nothing is left to be told from.
    let all = made.embedded(made.regions(features, boxes: boxes, offsets: [0, 2, 3]).hiding([[], [0]]))
    #expect(all.values.allSatisfy(\.isFinite) && all.values != hidden.values)
  }

  /// The class token of a tower stands for the whole image; a tower of convolutions has none, and the mean of its cells does.
  @Test(arguments: [("vit", 5), ("resnet18", 2)]) func towersGiveRegions(_ tower: String, _ tokens: Int) throws {
    let made = Made(
      try ViLBERTConfiguration(
        request(tower == "vit" ? [] : ["model.vision.image_size"]) {
          $0.vision.encoder = tower
          if tower != "vit" { $0.vision.imageSize = 32 }
        }, from: nil))
    #expect(made.model.description.blocks.first { !$0.isJoin && $0.modality == .image }?.tokens == tokens)
    let side = try #require(made.model.description.images.side)
    let pixels = made.engine.tensor((0..<3 * side * side).map { Float($0 % 11) / 7 - 0.5 }, shape: [1, 3, side, side])
    let encoding = made.model.imageEncoder(ImageInput(pixels), .all, Tape(made.engine, recording: false))
    #expect(encoding.offsets == [0, tokens] && encoding.states.columns == 20)
    #expect(made.arena.slices.contains { $0.name.hasPrefix("vision_model.") })
  }
}
