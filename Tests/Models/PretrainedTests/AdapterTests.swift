import Checkpoints
import Files
import Foundation
import Layers
import Models
import Pretrained
import Reporting
import Settings
import TensorEngine
import TestSupport
import Testing

/// Adapters that PEFT 0.21.2 has trained and saved (Tests/Golden/lora.py): merged, they are what its `merge_and_unload` makes;
/// what would be other numbers is refused.
@Suite struct AdapterTests {
  private let place: TemporaryDirectory

  init() throws { place = try TemporaryDirectory() }

  private func tiny(_ path: String) throws -> (model: CLIP, arena: ParameterArena, report: LoadingReport) {
    let description = try ModelCatalogue.description(json: readFile("\(goldenDirectory)/clip-tiny/config.json"))
    let builder = ParameterBuilder()
    let model = try #require(description.make(builder) as? CLIP)
    let arena = ParameterArena(builder)
    return (model, arena, try loadWeights(from: path, into: arena))
  }

  @Test(arguments: ["attention", "everything"]) func aMergedAdapterIsPEFTs(name: String) throws {
    let golden = try GoldenFile("lora/curves.safetensors")
    let (model, arena, report) = try tiny("\(goldenDirectory)/lora/\(name)")
    let merged = [
      "attention": "8 layers with updates of rank 4, merged",
      "everything": "26 layers with updates of rank 3, 2 arrays trained whole, merged",
    ]
    // PEFT says by name alone what an adapter belongs to.
    #expect(report.note == merged[name].map { $0 + "; the file has no fingerprint of the model that it belongs to" })
    for slice in arena.slices {
      let expected = try golden.floats("\(name)/merged/\(slice.name)")
      let sums = checksum(arena.weights(of: slice))
      #expect(difference(sums, expected, relative: 1e-6, floor: 1e-5) == nil, "\(slice.name)")
    }
    let inputs = try GoldenFile("clip-tiny/golden.safetensors")
    let engine = Engine(threadCount: 1)
    let tape = Tape(engine, recording: false)
    let pixels = try inputs.array("pixel_values")
    let images = model.features(images: ImageInput(engine.tensor(pixels.values, shape: pixels.shape)), tape)
    let texts = model.features(
      texts: PackedText(
        ids: try inputs.integers("ids").map(Int32.init), offsets: try inputs.integers("offsets")), tape)
    #expect(difference(images.values(), try golden.floats("\(name)/image"), relative: 1e-5, floor: 2e-6) == nil)
    #expect(difference(texts.values(), try golden.floats("\(name)/text"), relative: 1e-5, floor: 2e-6) == nil)
  }

  // MARK: What cannot be meant

  /// A copy of an adapter whose configuration is changed; the base is named from the copy.
  private func changed(_ change: (inout [String: Any]) -> Void) throws -> String {
    let source = "\(goldenDirectory)/lora/attention"
    let data = try Data(readFile(source + "/adapter_config.json"))
    var settings = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
    settings["base_model_name_or_path"] = "\(goldenDirectory)/clip-tiny"
    change(&settings)
    try makeDirectory(place("adapter"))
    try writeAtomically(
      Array(JSONSerialization.data(withJSONObject: settings)), to: place("adapter/adapter_config.json"))
    try writeAtomically(
      readFile(source + "/adapter_model.safetensors"), to: place("adapter/adapter_model.safetensors"))
    return place("adapter")
  }

  @Test(arguments: [
    ("peft_type", "\"IA3\"", "peft_type is \"IA3\""), ("peft_type", "7", "peft_type is 7"),
    ("use_dora", "true", "use_dora is true"), ("fan_in_fan_out", "true", "fan_in_fan_out is true"),
    ("bias", "\"all\"", "bias is \"all\""), ("lora_bias", "true", "lora_bias is true"),
    ("rank_pattern", "{\"q_proj\": 2}", "rank_pattern is {\"q_proj\": 2}"),
    ("alpha_pattern", "{\"q_proj\": 2}", "alpha_pattern is"),
    ("init_lora_weights", "\"pissa\"", "init_lora_weights is \"pissa\""),
    ("layer_replication", "[[0, 1]]", "does not know the key layer_replication"),
    ("trainable_token_indices", "[3]", "does not know the key trainable_token_indices"),
    ("r", "0", "r is 0"), ("r", "1.5", "r is 1.5"), ("r", "-4", "r is -4"), ("r", "1e300", "r is"),
    ("lora_alpha", "\"much\"", "lora_alpha is \"much\""), ("use_rslora", "1", "use_rslora is 1"),
  ])
  func settingsThatMakeOtherNumbers(key: String, value: String, words: String) throws {
    let path = try changed {
      $0[key] = try? JSONSerialization.jsonObject(with: Data(value.utf8), options: .fragmentsAllowed)
    }
    let error = #expect(throws: SettingsError.self) { try tiny(path) }
    #expect(error?.description.contains(words) == true, "\(error?.description ?? "")")
  }

  @Test func keysThatMustBeThere() throws {
    for key in ["peft_type", "r", "lora_alpha"] {
      let path = try changed { $0[key] = nil }
      #expect(throws: SettingsError.missing(file: path + "/adapter_config.json", key: key)) { try tiny(path) }
    }
    // PEFT's newer keys are null where they ask for nothing.
    #expect(throws: Never.self) { try tiny(try changed { $0["some_config_of_tomorrow"] = NSNull() }) }
  }

  @Test func theBaseIsMissing() throws {
    let unnamed = #expect(throws: PretrainedError.self) {
      try tiny(try changed { $0["base_model_name_or_path"] = nil })
    }
    #expect(unnamed?.description.contains("is not named; put it there") == true)
    let path = try changed { $0["base_model_name_or_path"] = "openai/clip-vit-base-patch32" }
    let absent = #expect(throws: PretrainedError.self) { try tiny(path) }
    #expect(absent?.description.contains("is not at openai/clip-vit-base-patch32; put it there") == true)
    let circular = try changed { $0["base_model_name_or_path"] = "." }
    let error = #expect(throws: (any Error).self) { try loadWeights(from: circular, into: tiny(path).arena) }
    #expect(error != nil)
  }

  @Test func aWholeModelBesideIt() throws {
    let path = try changed { _ in }
    try writeAtomically(readFile("\(goldenDirectory)/clip-tiny/model.safetensors"), to: path + "/model.safetensors")
    let error = #expect(throws: PretrainedError.self) { try tiny(path) }
    #expect(error?.description.contains("lie in one directory, and either could be meant") == true)
  }

  /// Another rank than it says, one of two matrices, a layer that is none, a number that is none.
  @Test func weightsThatDoNotFit() throws {
    let error = #expect(throws: CheckpointError.self) { try tiny(try changed { $0["r"] = 3 }) }
    #expect(error?.description.contains("q_proj.lora_A.weight: [3, 32] needed, [4, 32] found") == true)
    let layer = "base_model.model.text_model.encoder.layers.0.self_attn.q_proj"
    for (name, words) in [
      (layer + ".lora_A.weight", "\(layer).lora_A.weight"),
      (layer + ".lora_B.weight", "\(layer).lora_B.weight"),
    ] {
      let path = try rewritten { $0.removeAll { $0.name == name } }
      let error = #expect(throws: CheckpointError.self) { try tiny(path) }
      #expect(error?.description.contains("1 missing:\n    \(words)") == true, "\(error?.description ?? "")")
    }
    let magnitude = layer + ".lora_magnitude_vector.weight"
    let dora = try rewritten {
      $0.append(NamedTensor(name: magnitude, elementType: .float32, shape: [1], copying: [Float(1)]))
    }
    let unknown = #expect(throws: CheckpointError.self) { try tiny(dora) }
    #expect(unknown?.description.contains("1 unexpected:\n    \(magnitude)") == true, "\(unknown?.description ?? "")")
    let patches = "base_model.model.vision_model.embeddings.patch_embedding"
    let convolution = try rewritten {
      $0.append(
        NamedTensor(name: patches + ".lora_A.weight", elementType: .float32, shape: [4, 0], copying: [Float]()))
      $0.append(
        NamedTensor(
          name: patches + ".lora_B.weight", elementType: .float32, shape: [32, 4],
          copying: [Float](repeating: 0, count: 128)))
    }
    let patch = #expect(throws: CheckpointError.self) { _ = try tiny(convolution) }
    #expect(patch?.description.contains("2 unexpected:\n    \(patches).lora_A.weight") == true)
    let nan = try rewritten {
      $0.removeAll { $0.name == layer + ".lora_B.weight" }
      $0.append(
        NamedTensor(
          name: layer + ".lora_B.weight", elementType: .float32, shape: [32, 4],
          copying: [Float](repeating: .nan, count: 128)))
    }
    #expect(throws: SafetensorsError.self) { try tiny(nan) }
  }

  private func rewritten(_ change: (inout [NamedTensor]) -> Void) throws -> String {
    let path = try changed { _ in }
    let file = try SafetensorsFile(path: "\(goldenDirectory)/lora/attention/adapter_model.safetensors")
    var tensors = try file.entries.map { try file.tensor($0.name) }
    change(&tensors)
    try writeSafetensors(tensors, to: path + "/adapter_model.safetensors")
    return path
  }

  /// As a directory: everything but the weights is the base's, where the adapter brings nothing of its own.
  @Test func aDirectoryOfAnAdapterIsAModel() throws {
    let base = try TinyCLIP(in: place("base"))
    let model = try ModelDirectory(path: base.path)
    let layer = "base_model.model.text_projection"
    let tensors = [("A", [2, 32]), ("B", [24, 2])].map { part, shape in
      NamedTensor(
        name: "\(layer).lora_\(part).weight", elementType: .float32, shape: shape,
        copying: (0..<shape[0] * shape[1]).map { Float($0 % 5) })
    }
    try makeDirectory(place("adapter"))
    try writeSafetensors(tensors, to: place("adapter/adapter_model.safetensors"))
    let settings = #"{"peft_type": "LORA", "r": 2, "lora_alpha": 6, "base_model_name_or_path": "../base"}"#
    try writeAtomically(Array(settings.utf8), to: place("adapter/adapter_config.json"))
    let adapted = try ModelDirectory(path: place("adapter"))
    #expect(adapted.description.isEqual(to: model.description) && adapted.tokenizerJSON == model.tokenizerJSON)
    #expect(try adapted.loadingReport().isExact)
    let values = try [model, adapted].map { directory in
      let builder = ParameterBuilder()
      _ = directory.description.make(builder)
      let arena = ParameterArena(builder)
      try directory.loadWeights(into: arena)
      return try #require(arena.slices.last.map { Array(arena.weights(of: $0)) })
    }
    // 3 · (B A)[1, 1] = 3 · (b₁₀ a₀₁ + b₁₁ a₁₁) = 3 · (2 · 1 + 3 · 3).
    #expect(difference(values[1][33], values[0][33] + 33, relative: 1e-6) == nil)
  }
}
