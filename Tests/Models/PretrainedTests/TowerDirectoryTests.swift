import Checkpoints
import Files
import Foundation
import Images
import Layers
import Models
import Pretrained
import Reporting
import Settings
import TensorEngine
import TestSupport
import Testing
import Tokenization

/// Towers in directories of their own: what comes with them, and what is refused.
@Suite struct TowerDirectoryTests {
  private let place: TemporaryDirectory
  private let towers: TinyTowers

  init() throws {
    place = try TemporaryDirectory()
    towers = try TinyTowers(in: place.path)
  }

  // MARK: What comes with them

  /// States that a dual encoder makes from the towers' files are those of the towers alone, in transformers.
  @Test func bothFillADualEncoder() throws {
    let (image, text) = (try ImageTowerDirectory(path: towers.vision), try TextTowerDirectory(path: towers.text))
    let model = LoadedModel(DualEncoderConfiguration(image.description, text.description, embeddingWidth: 8))
    model.arena.initialize(seed: 1)
    let reports = try [image.weights, text.weights].map {
      try $0.load(into: model.arena, at: .whole($0.side), isStrict: true)
    }
    #expect(reports.allSatisfy(\.isExact) && reports.map(\.unused) == [[], []])
    #expect(reports[0].summary.hasPrefix("image tower, ViT of \(towers.vision)/model.safetensors: "))
    #expect(reports[1].summary.hasPrefix("text tower, BERT of \(towers.text)/model.safetensors: "))
    let (vit, bert) = (try GoldenFile("vit-tiny/golden.safetensors"), try GoldenFile("bert-tiny/golden.safetensors"))
    let tape = Tape(model.engine, recording: false)
    let pixels = try vit.array("pixel_values")
    let images = model.model.imageEncoder(
      ImageInput(model.engine.tensor(pixels.values, shape: pixels.shape)), .pooled, tape)
    let words = PackedText(ids: try bert.integers("ids").map(Int32.init), offsets: try bert.integers("offsets"))
    let texts = model.model.textEncoder(words, .pooled, tape)
    #expect(largestDifference(model.model.imageEncoder.pooled(images, tape), try vit.floats("pooler")) == nil)
    #expect(largestDifference(model.model.textEncoder.pooled(texts, tape), try bert.floats("pooler")) == nil)
  }

  @Test func photosArePreparedAsTheDirectorySays() throws {
    let usual = try ImageTowerDirectory(path: towers.vision)
    #expect(usual.preprocessing?.mean == [0.5, 0.5, 0.5] && usual.preprocessing?.fit == .squash)
    #expect(usual.remarks.count == 1 && usual.remarks[0].contains("no preprocessor_config.json"))
    try writeAtomically(
      Preprocessing.clip(imageSize: 32).huggingFaceJSON(), to: towers.vision + "/preprocessor_config.json")
    let stated = try ImageTowerDirectory(path: towers.vision)
    #expect(stated.preprocessing?.mean[0] == Preprocessing.clip(imageSize: 24).mean[0] && stated.remarks.isEmpty)
    #expect(stated.preprocessing?.imageSize == 24, "the tower's own size counts")
  }

  /// Weights of models for a task have no pooler, and what they have instead is left unread.
  @Test func aViTWithoutAPooler() throws {
    try rewrite(towers.vision) { tensors in
      tensors.removeAll { $0.name.hasPrefix("pooler.") }
      for index in tensors.indices { tensors[index].name = "vit." + tensors[index].name }
      tensors.append(NamedTensor(name: "classifier.bias", elementType: .float32, shape: [2], copying: [Float(0), 1]))
    }
    let directory = try ImageTowerDirectory(path: towers.vision)
    #expect((directory.description as? ViTConfiguration)?.hasPooler == false)
    let report = try fill(directory.weights, directory.description)
    #expect(report.isExact && report.unused == ["classifier.bias"])
    #expect(report.note == "left unread, as no part of that tower: classifier.bias")
  }

  /// As files of before 2019 call the arrays of norms.
  @Test func aBERTWithGammaAndBeta() throws {
    let before = try weights(of: TextTowerDirectory(path: towers.text))
    try rewrite(towers.text) { tensors in
      for index in tensors.indices {
        tensors[index].name =
          "bert."
          + tensors[index].name
          .replacingOccurrences(of: "LayerNorm.weight", with: "LayerNorm.gamma")
          .replacingOccurrences(of: "LayerNorm.bias", with: "LayerNorm.beta")
      }
    }
    let after = try weights(of: TextTowerDirectory(path: towers.text))
    #expect(after == before)
  }

  /// Also out of a pair of encoders, with how that pools.
  @Test func aTowerOutOfAPair() throws {
    let pair = goldenDirectory + "/dual-encoder-tiny/clip"
    let (image, text) = (try ImageTowerDirectory(path: pair), try TextTowerDirectory(path: pair))
    #expect(image.description is CLIPVisionConfiguration && text.description.pooling == .pooler)
    #expect(try fill(image.weights, image.description).isExact && fill(text.weights, text.description).isExact)
  }

  // MARK: sentence-transformers

  @Test(arguments: [
    (#"{"pooling_mode_mean_tokens": true, "pooling_mode_cls_token": false}"#, TextPooling.mean, "mean of their tokens"),
    (#"{"pooling_mode_cls_token": true}"#, .first, "class token"), (#"{"pooling_mode": "mean"}"#, .mean, "mean"),
  ])
  func sentenceTransformersPool(_ json: String, _ pooling: TextPooling, _ words: String) throws {
    try towers.makeSentenceModel(pooling: json, limit: 8)
    let directory = try TextTowerDirectory(path: towers.text)
    #expect(directory.description.pooling == pooling && directory.limit == 8)
    #expect(directory.remarks.count == 1 && directory.remarks[0].contains(words), "\(directory.remarks)")
    // No pooler is asked for, and the file's is left unread.
    #expect(try fill(directory.weights, directory.description).unused == ["pooler.dense.bias", "pooler.dense.weight"])
  }

  @Test(arguments: [
    (#"{"pooling_mode_max_tokens": true}"#, [String](), "pools by max_tokens"),
    (#"{"pooling_mode_mean_tokens": true, "pooling_mode_cls_token": true}"#, [], "pools by"),
    (#"{"pooling_mode_mean_tokens": true}"#, ["Dense"], "a part of the kind sentence_transformers.models.Dense"),
    (#"{"pooling_mode_mean_tokens": true}"#, ["LSTM"], "models.LSTM"), (#"{}"#, [], "pools by nothing"),
  ])
  func modulesThatAreNotKnownAreRefused(_ json: String, _ more: [String], _ words: String) throws {
    try towers.makeSentenceModel(pooling: json, more: more)
    expectRefusal(.badData, words) { try TextTowerDirectory(path: towers.text) }
  }

  @Test(arguments: ["../elsewhere", "/etc", "a/../../b"]) func modulesLieWithinTheirDirectory(_ path: String) throws {
    let module = #"[{"path": "\#(path)", "type": "sentence_transformers.models.Transformer"}]"#
    try writeAtomically(module.utf8, to: towers.text + "/modules.json")
    expectRefusal(.badData, "outside of the directory") { try TextTowerDirectory(path: towers.text) }
  }

  // MARK: What does not fit

  @Test func aTowerOfTheOtherSideIsRefused() throws {
    expectRefusal(.configuration, "mmtrain has no such model; it has CLIP's image tower") {
      try ImageTowerDirectory(path: towers.text)
    }
    expectRefusal(.configuration, "mmtrain has no such model; it has BERT") {
      try TextTowerDirectory(path: towers.vision)
    }
  }

  /// A `config.json` beside weights of another kind.
  @Test func weightsOfAnotherKindAreRefused() throws {
    try writeAtomically(readFile(towers.vision + "/model.safetensors"), to: towers.text + "/model.safetensors")
    expectRefusal(.badData, "its keys are not BERT's") { try TextTowerDirectory(path: towers.text) }
  }

  @Test(arguments: [
    (#""hidden_size": 24"#, #""hidden_size": 32"#, "[40, 32] needed, [40, 24] found"),
    (#""max_position_embeddings": 12"#, #""max_position_embeddings": 16"#, "[16, 24] needed, [12, 24] found"),
    (#""vocab_size": 40"#, #""vocab_size": 44"#, "[44, 24] needed, [40, 24] found"),
    (#""num_hidden_layers": 2"#, #""num_hidden_layers": 3"#, "encoder.layer.2.attention.output.dense.weight"),
    (#""num_hidden_layers": 2"#, #""num_hidden_layers": 1"#, "unexpected"),
  ])
  func otherSizesThanTheWeightsHaveAreNamed(_ old: String, _ new: String, _ words: String) throws {
    try change(towers.text + "/config.json", old, new)
    expectRefusal(.configuration, words) {
      let directory = try TextTowerDirectory(path: towers.text)
      try fill(directory.weights, directory.description)
    }
  }

  @Test(arguments: [
    (#""hidden_act": "gelu""#, #""hidden_act": "mish""#, "hidden_act"),
    (
      #""hidden_act": "gelu""#, #""position_embedding_type": "relative_key", "hidden_act": "gelu""#,
      "position_embedding"
    ),
    (#""hidden_act": "gelu""#, #""rotary": true, "hidden_act": "gelu""#, "rotary"),
    (#""model_type": "bert""#, #""model_type": "distilbert""#, "mmtrain has no such model"),
  ])
  func anotherBERTIsRefused(_ old: String, _ new: String, _ words: String) throws {
    try change(towers.text + "/config.json", old, new)
    expectRefusal(.configuration, words) { try TextTowerDirectory(path: towers.text) }
  }

  @Test func aTokenizerWithMoreTokensIsRefused() throws {
    try change(towers.text + "/config.json", #""vocab_size": 40"#, #""vocab_size": 39"#)
    expectRefusal(.badData, "its tokenizer has 40 tokens, the tower has embeddings for 39") {
      try TextTowerDirectory(path: towers.text)
    }
  }

  @Test func missingArraysAreNamedWithTheirKeys() throws {
    try rewrite(towers.vision) { tensors in
      tensors.removeAll { $0.name.hasSuffix("layernorm.weight") }
      tensors.append(NamedTensor(name: "bonus", elementType: .float32, shape: [1], copying: [Float(1)]))
    }
    let directory = try ImageTowerDirectory(path: towers.vision)
    let error = #expect(throws: CheckpointError.self) { try fill(directory.weights, directory.description) }
    guard case .mismatch(_, let report)? = error else { return }
    #expect(report.missing.map(\.name) == ["layernorm.weight"] && report.unexpected == ["bonus"])
  }

  @Test func weightsAloneOfNoKnownTowerAreRefused() throws {
    try removeTree(towers.vision + "/config.json")
    expectRefusal(.badData, "no config.json, and the names of the weights are no image tower's") {
      try ImageTowerDirectory(path: towers.vision)
    }
    try removeTree(towers.text + "/config.json")
    expectRefusal(.missingInput, "no config.json") { try TextTowerDirectory(path: towers.text) }
  }

  // MARK: Helpers

  /// Strictly into the part of a dual encoder that is the tower's; the other side is drawn.
  @discardableResult
  private func fill(_ weights: TowerWeights, _ tower: any TowerDescription) throws -> LoadingReport {
    let image = try tower as? any PictureTowerDescription ?? ViTConfiguration(towerSettings("vit-tiny"))
    let text = try tower as? any TextTowerDescription ?? BERTConfiguration(towerSettings("bert-tiny"))
    let builder = ParameterBuilder()
    let model = DualEncoderConfiguration(image, text, embeddingWidth: 8).make(builder)
    let arena = ParameterArena(builder)
    return try withExtendedLifetime((model, arena)) {
      try weights.load(into: arena, at: .whole(weights.side), isStrict: true)
    }
  }

  private func weights(of directory: TextTowerDirectory) throws -> [[Float]] {
    let builder = ParameterBuilder()
    let model = try DualEncoderConfiguration(
      ViTConfiguration(towerSettings("vit-tiny")), directory.description, embeddingWidth: 8
    ).make(builder)
    let arena = ParameterArena(builder)
    _ = try directory.weights.load(into: arena, at: .whole(.text), isStrict: true)
    return withExtendedLifetime(model) {
      arena.slices.filter { $0.name.hasPrefix("text_model.") }.map { Array(arena.weights(of: $0)) }
    }
  }

  private func change(_ path: String, _ old: String, _ new: String) throws {
    let text = String(decoding: try readFile(path), as: UTF8.self)
    let changed = text.replacingOccurrences(of: old, with: new)
    #expect(changed != text)
    try writeAtomically(changed.utf8, to: path)
  }

  private func rewrite(_ directory: String, _ change: (inout [NamedTensor]) throws -> Void) throws {
    let path = directory + "/model.safetensors"
    let file = try SafetensorsFile(path: path)
    var tensors = try file.entries.map {
      NamedTensor(name: $0.name, elementType: .float32, shape: $0.shape, copying: try file.floats($0.name))
    }
    try change(&tensors)
    try writeSafetensors(tensors, to: path)
  }

  private func expectRefusal(_ code: ExitCode, _ words: String, _ work: () throws -> some Any) {
    do {
      _ = try work()
      #expect(Bool(false), "nothing was refused")
    } catch {
      #expect("\(error)".contains(words), "\(error)")
      #expect((error as? any ReportableError)?.exitCode == code, "\(error)")
    }
  }
}
