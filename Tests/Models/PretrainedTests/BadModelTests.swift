import Checkpoints
import Files
import Foundation
import Layers
import Models
import Pretrained
import Reporting
import TestSupport
import Testing
import Tokenization

/// Models that are not what they should be: what is said, and with which code.
@Suite struct BadModelTests {
  // MARK: Weights

  @Test func missingExtraAndMisshapenKeysAreNamed() throws {
    let place = try copy("openai")
    try rewrite(place) { tensors in
      tensors.removeAll { $0.name == "ln_final.bias" }
      let index = try #require(tensors.firstIndex { $0.name == "visual.proj" })
      tensors[index].shape = [24, 32]
      tensors.append(NamedTensor(name: "visual.bonus", elementType: .float32, shape: [1], copying: [Float(1)]))
    }
    let error = try #require(try loadingError(place) as? CheckpointError)
    guard case .mismatch(_, let report) = error else { return #expect(Bool(false), "\(error)") }
    #expect(report.missing.map(\.name) == ["ln_final.bias"] && report.unexpected == ["visual.bonus"])
    #expect(report.mismatched == [.init(name: "visual.proj", expected: [32, 24], found: [24, 32])])
    #expect(error.exitCode == .configuration)
  }

  @Test(arguments: [Float.nan, .infinity, -.infinity])
  func notFiniteWeightsAreNamed(value: Float) throws {
    let place = try copy("openai")
    try rewrite(place) { tensors in
      let index = try #require(tensors.firstIndex { $0.name == "visual.ln_pre.weight" })
      tensors[index] = NamedTensor(
        name: "visual.ln_pre.weight", elementType: .float32, shape: [32],
        copying: [value] + [Float](repeating: 1, count: 31))
    }
    let error = try #require(try loadingError(place) as? SafetensorsError)
    #expect(error.description.contains("visual.ln_pre.weight") && error.exitCode == .badData)
  }

  @Test func aTableWithoutPositionsIsRefused() throws {
    let place = try copy("openai")
    try rewrite(place) { tensors in
      for name in ["positional_embedding", "visual.positional_embedding"] {
        let index = try #require(tensors.firstIndex { $0.name == name })
        tensors[index] = NamedTensor(name: name, elementType: .float32, shape: [0, 32], copying: [Float]())
      }
    }
    let model = LoadedModel(try ModelDirectory(path: "\(goldenDirectory)/layouts/openai").description)
    #expect(throws: CheckpointError.self) {
      try loadWeights(from: place.path, into: model.arena, interpolatesPositions: true)
    }
  }

  @Test func notFiniteWeightsAreTakenOnRequest() throws {
    let place = try copy("openai")
    try rewrite(place) { tensors in
      let index = try #require(tensors.firstIndex { $0.name == "visual.ln_pre.weight" })
      tensors[index] = NamedTensor(
        name: "visual.ln_pre.weight", elementType: .float32, shape: [32],
        copying: [Float.nan] + [Float](repeating: 1, count: 31))
    }
    let directory = try ModelDirectory(path: place.path)
    let model = LoadedModel(directory.description)
    let report = try directory.loadWeights(into: model.arena, allowsNotFinite: true)
    #expect(report.notFinite == ["visual.ln_pre.weight"] && report.isExact)
  }

  /// What a file that hardly fits seems to be; a single missing tensor says nothing.
  @Test(
    arguments: [
      (["bert.embeddings.word_embeddings.weight": [8, 8]], "the weights of BERT, which mmtrain has no model for"),
      (["vision_model.head.probe": [1], "logit_bias": [1]], "SigLIP"),
      (["base_model.model.visual.lora_A.weight": [8, 8]], "a LoRA adapter"),
      (["visual.trunk.stem.0.conv.weight": [8, 8]], "did you mean mobileclip?"),
      (["visual.conv1.weight": [768, 3, 32, 32]], "did you mean clip (768 wide, 0 layers, patches of 32 pixels)?"),
      (["fusion.layers.0.weight": [8]], "did you mean cross-attention?"),
      (["something.else": [8]], nil),
    ] as [([String: [Int]], String?)])
  func anotherModelIsGuessed(shapes: [String: [Int]], words: String?) throws {
    let place = try copy("openai")
    try rewrite(place) { tensors in
      tensors = shapes.map { name, shape in
        NamedTensor(
          name: name, elementType: .float32, shape: shape,
          copying: [Float](repeating: 0, count: shape.reduce(1, *)))
      }
    }
    let error = try #require(try loadingError(place) as? CheckpointError)
    guard case .mismatch(_, let report) = error else { return #expect(Bool(false), "\(error)") }
    guard let words else { return #expect(report.likely == nil) }
    #expect(report.likely?.contains(words) == true && error.description.contains(words), "\(report)")
  }

  @Test func aPresetIsGuessedByItsSizes() throws {
    let place = try copy("openai")
    try rewrite(place) { tensors in
      tensors = (0..<12).map { layer in
        NamedTensor(
          name: "visual.transformer.resblocks.\(layer).ln_1.bias", elementType: .float32, shape: [1],
          copying: [Float(0)])
      }
      tensors.append(
        NamedTensor(
          name: "visual.conv1.weight", elementType: .float16, shape: [768, 3, 16, 16],
          copying: [UInt16](repeating: 0, count: 768 * 3 * 256)))
    }
    let error = try #require(try loadingError(place) as? CheckpointError)
    #expect(error.description.contains("did you mean clip (vit-b-16: 768 wide, 12 layers, patches of 16 pixels)?"))
  }

  /// Told before memory is taken for them: 9,999,999 embeddings of 65,536 numbers.
  @Test func sizesThatTheWeightsDoNotHaveAreRefused() throws {
    let place = try copy("openai")
    let json = Self.change(#""vocab_size": 64, "width": 32"#, #""vocab_size": 9999999, "width": 65536"#)
    try replace("open_clip_config.json", in: place, with: Array(json.utf8))
    let directory = try ModelDirectory(path: place.path)
    #expect(throws: CheckpointError.self) { try directory.requireFittingWeights() }
  }

  @Test func whatFitsIsLoadedOnRequest() throws {
    let place = try copy("openai")
    try rewrite(place) { tensors in tensors.removeAll { $0.name == "ln_final.bias" } }
    let model = LoadedModel(try ModelDirectory(path: place.path).description)
    let report = try loadWeights(from: place.path, into: model.arena, strictness: .whatFits)
    #expect(report.missing.map(\.name) == ["ln_final.bias"] && report.loaded.count == 77)
  }

  // MARK: Several files

  @Test(arguments: [
    "{}", "[]", #"{"weight_map": 3}"#, #"{"weight_map": {}}"#, #"{"weight_map": {"a": "../model.safetensors"}}"#,
    #"{"weight_map": {"a": "/etc/passwd"}}"#, #"{"weight_map": {"a": "model.bin"}}"#, #"{"weight_map": {"a": 1}}"#,
    "{", "",
  ])
  func aWrongIndexIsRefused(json: String) throws {
    let place = try copy("hugging-face-sharded")
    try replace("model.safetensors.index.json", in: place, with: Array(json.utf8))
    let error = try #require(try loadingError(place) as? CheckpointError)
    #expect(error.exitCode == .badData && error.description.contains("index.json"), "\(error)")
  }

  @Test func anIndexMustAgreeWithItsFiles() throws {
    let place = try copy("hugging-face-sharded")
    let name = "model.safetensors.index.json"
    let json = String(decoding: try readFile(place(name)), as: UTF8.self)
    try replace(name, in: place, with: Array(json.replacingOccurrences(of: "\"logit_scale\"", with: "\"scale\"").utf8))
    #expect(try loadingError(place) is CheckpointError)
    try replace(name, in: place, with: Array(json.utf8))
    try removeTree(place("model-00002-of-00005.safetensors"))
    let missing = try #require(try loadingError(place) as? FileError)
    #expect(missing.exitCode == .missingInput)
  }

  // MARK: Configuration

  @Test(arguments: [
    ("{", ExitCode.badData), (#"{"model_cfg": {}}"#, .badData),
    (change(#""width": 32"#, #""width": -1"#), .badData),
    (change(#""width": 32"#, #""width": 1000000000000"#), .badData),
    (change(#""patch_size": 8"#, #""patch_size": 7"#), .badData),
    (change(#""patch_size": 8"#, #""patch_size": 0"#), .badData),
    (change(#""head_width": 16"#, #""head_width": 0"#), .badData),
    (change(#""layers": 2, "width": 32, "head"#, #""layers": [2, 2, 2, 2], "width": 32, "head"#), .configuration),
    (change(#""patch_size": 8"#, #""patch_size": 8, "timm_model_name": "resnet50""#), .configuration),
    (
      change(
        #""embed_dim": 24, "vision_cfg": {"#,
        #""embed_dim": 24, "quick_gelu": true, "vision_cfg": {"timm_model_name": "fastvit_mci1", "#), .configuration
    ),
    (change(#""patch_size": 8"#, #""patch_size": 8, "mlp_ratio": 1e300"#), .badData),
  ])
  func aWrongConfigurationIsRefused(json: String, code: ExitCode) throws {
    let place = try copy("openai")
    try replace("open_clip_config.json", in: place, with: Array(json.utf8))
    let error = try #require(try loadingError(place) as? any ReportableError)
    #expect(error.exitCode == code && error.description.contains("open_clip_config.json"), "\(error)")
  }

  @Test func otherArchitecturesAreNamed() throws {
    let place = try copy("hugging-face-bf16")
    try replace("config.json", in: place, with: Array(#"{"model_type": "bert"}"#.utf8))
    let error = try #require(try loadingError(place) as? any ReportableError)
    #expect(error.description.contains("this is a BERT") && error.exitCode == .configuration)
    try removeTree(place("config.json"))
    #expect(try (loadingError(place) as? PretrainedError)?.exitCode == .missingInput)
  }

  @Test func aTokenizerOfAnotherSizeIsRefused() throws {
    let place = try copy("openai")
    let json = String(decoding: try readFile(place("tokenizer.json")), as: UTF8.self)
    let larger = json.replacingOccurrences(of: "\"<0>\": 52,", with: "\"<0>\": 52, \"more\": 64, \"still\": 65,")
    #expect(larger != json)
    try replace("tokenizer.json", in: place, with: Array(larger.utf8))
    let error = try #require(try loadingError(place) as? any ReportableError)
    #expect(error.exitCode == .badData && error.description.contains("66 tokens"), "\(error)")
  }

  // MARK: Helpers

  private static func change(_ text: String, _ other: String) -> String {
    let json = """
      {"model_cfg": {"embed_dim": 24, "vision_cfg": {"image_size": 32, "layers": 2, "width": 32, "head_width": 16,
      "patch_size": 8}, "text_cfg": {"context_length": 12, "vocab_size": 64, "width": 32, "heads": 2, "layers": 2}}}
      """
    precondition(json.contains(text))
    return json.replacingOccurrences(of: text, with: other)
  }

  private func copy(_ form: String) throws -> TemporaryDirectory {
    let place = try TemporaryDirectory()
    let source = "\(goldenDirectory)/layouts/\(form)"
    for name in try directoryEntries(source) { try writeAtomically(readFile(source + "/" + name), to: place(name)) }
    return place
  }

  private func replace(_ name: String, in place: TemporaryDirectory, with bytes: [UInt8]) throws {
    try removeTree(place(name))
    try writeAtomically(bytes, to: place(name))
  }

  private func rewrite(_ place: TemporaryDirectory, _ change: (inout [NamedTensor]) throws -> Void) throws {
    let path = place("open_clip_model.safetensors")
    let file = try SafetensorsFile(path: path)
    var tensors = try file.entries.map { try file.tensor($0.name) }
    try change(&tensors)
    try writeSafetensors(tensors, to: path)
  }

  private func loadingError(_ place: TemporaryDirectory) throws -> (any Error)? {
    do {
      let directory = try ModelDirectory(path: place.path)
      let model = LoadedModel(directory.description)
      try directory.loadWeights(into: model.arena)
      return nil
    } catch { return error }
  }
}
