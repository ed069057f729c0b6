import Checkpoints
import Files
import TestSupport

/// LoRA adapters, as PEFT keeps them, where a model is wanted.
let adapterCases: [MalformedCase] = settingCases + weightCases + baseCases

private func adapter(
  _ what: String, _ code: Int32, _ key: String, settings: String = "", base: String? = "../model",
  _ change: @escaping @Sendable (Inputs) throws -> Void = { _ in }
) -> MalformedCase {
  let command = ["match", "--model", "IN/adapter", "--image", "IN/a.jpg", "--text", "a dog"]
  return MalformedCase("adapter: " + what, command, code, key) { inputs in
    try inputs.write(testPhoto(0), to: "a.jpg")
    try inputs.model { _ in }
    let own = ["\"peft_type\": \"LORA\"", "\"r\": 2", "\"lora_alpha\": 4"]
    let named = base.map { ["\"base_model_name_or_path\": \"\($0)\""] } ?? []
    // Of two members with one key the last counts.
    let members = own + named + (settings.isEmpty ? [] : [settings])
    try inputs.write("{\(members.joined(separator: ", "))}", to: "adapter/adapter_config.json")
    try writeSafetensors(tensors(), to: inputs("adapter/adapter_model.safetensors"))
    try change(Inputs(path: inputs("adapter")))
  }
}

private let layer = "base_model.model.text_projection"

private func tensors(a: [Int] = [2, 32], b: [Int] = [24, 2], value: Float = 1) -> [NamedTensor] {
  [tensor(layer + ".lora_A.weight", a, value), tensor(layer + ".lora_B.weight", b, value)]
}

private func tensor(_ name: String, _ shape: [Int], _ value: Float = 1) -> NamedTensor {
  NamedTensor(
    name: name, elementType: .float32, shape: shape, copying: [Float](repeating: value, count: shape.reduce(1, *)))
}

private let settingCases: [MalformedCase] =
  [
    ("IA3", "\"peft_type\": \"IA3\"", "peft_type is \"IA3\""), ("DoRA", "\"use_dora\": true", "use_dora is true"),
    ("transposed", "\"fan_in_fan_out\": true", "fan_in_fan_out is true"),
    ("biases", "\"bias\": \"lora_only\"", "bias is \"lora_only\""),
    ("ranks by layer", "\"rank_pattern\": {\"q_proj\": 3}", "rank_pattern is"),
    ("scales by layer", "\"alpha_pattern\": {\"q_proj\": 3}", "alpha_pattern is"),
    ("PiSSA", "\"init_lora_weights\": \"pissa_niter_4\"", "init_lora_weights is \"pissa_niter_4\""),
    ("tokens", "\"trainable_token_indices\": [1]", "does not know the key trainable_token_indices"),
    ("a key nobody knows", "\"lora_alhpa\": 1", "lora_alhpa (did you mean lora_alpha?)"),
  ].map { what, settings, key in adapter(what, 78, key, settings: settings) }
  + [
    ("no kind", "\"peft_type\": null", "peft_type is missing"), ("no rank", "\"r\": null", "r is missing"),
    ("rank 0", "\"r\": 0", "r is 0"), ("a rank below 0", "\"r\": -2", "r is -2"),
    ("half a rank", "\"r\": 2.5", "r is 2.5"), ("a rank beyond all numbers", "\"r\": 1e300", "r is"),
    ("a rank in words", "\"r\": \"2\"", "r is \"2\""), ("no scale", "\"lora_alpha\": null", "lora_alpha is missing"),
    ("an endless scale", "\"lora_alpha\": 1e300", "lora_alpha is"),
    ("a base that is no text", "\"base_model_name_or_path\": [1]", "base_model_name_or_path is [1]"),
  ].map { what, settings, key in adapter(what, 65, key, settings: settings) }
  + [
    adapter("settings that are no JSON", 65, "not valid JSON") { try $0.write("{", to: "adapter_config.json") },
    adapter("settings of another kind", 65, "not a JSON object") { try $0.write("[]", to: "adapter_config.json") },
    adapter("a page for its settings", 65, "is a web page") {
      try $0.write("<!DOCTYPE html><html></html>", to: "adapter_config.json")
    },
  ]

private func weights(
  _ what: String, _ code: Int32, _ key: String, _ made: @escaping @Sendable () -> [NamedTensor]
) -> MalformedCase {
  adapter(what, code, key) { try writeSafetensors(made(), to: $0("adapter_model.safetensors")) }
}

private let weightCases: [MalformedCase] = [
  adapter("another rank than it says", 78, "lora_A.weight: [3, 32] needed, [2, 32] found", settings: "\"r\": 3"),
  weights("a layer of another width", 78, "lora_A.weight: [2, 32] needed, [2, 33] found") { tensors(a: [2, 33]) },
  weights("a layer of another height", 78, "lora_B.weight: [24, 2] needed, [23, 2] found") { tensors(b: [23, 2]) },
  weights("transposed matrices", 78, "2 of another shape") { tensors(a: [32, 2], b: [2, 24]) },
  weights("a matrix of one dimension", 78, "[2, 32] needed, [64] found") { tensors(a: [64]) },
  weights("no rows", 78, "[2, 32] needed, [0, 32] found") { tensors(a: [0, 32], b: [24, 0]) },
  weights("A alone", 78, "lora_B.weight") { [tensors()[0]] },
  weights("B alone", 78, "lora_A.weight") { [tensors()[1]] },
  weights("not a number", 65, "NaN or infinite values") { tensors(value: .nan) },
  weights("a product beyond all numbers", 65, "NaN or infinite values") { tensors(value: 1e30) },
  weights("a layer that the model lacks", 78, "2 unexpected") {
    ["A", "B"].map { tensor("base_model.model.decoder.lora_\($0).weight", [2, 2]) }
  },
  weights("names without what stands before them", 78, "unexpected") {
    ["A", "B"].map { tensor("text_projection.lora_\($0).weight", [2, 2]) }
  },
  weights("an array trained whole, of another shape", 78, "logit_scale: [] needed, [2] found") {
    tensors() + [tensor("base_model.model.logit_scale", [2])]
  },
  weights("magnitudes", 78, "lora_magnitude_vector") { tensors() + [tensor(layer + ".lora_magnitude_vector", [24])] },
  weights("an update of a norm", 78, "2 unexpected") {
    ["A", "B"].map { tensor("base_model.model.text_model.final_layer_norm.lora_\($0).weight", [2, 2]) }
  },
  adapter("weights that are cut off", 65, "adapter_model.safetensors") {
    try $0.write(Array(readFile($0("adapter_model.safetensors")).dropLast()), to: "adapter_model.safetensors")
  },
  adapter("no weights", 66, "adapter_model.safetensors") { try removeTree($0("adapter_model.safetensors")) },
  adapter("a whole model beside it", 65, "lie in one directory, and either could be meant") {
    try $0.write(readFile($0("../model/model.safetensors")), to: "model.safetensors")
  },
]

private let baseCases: [MalformedCase] = [
  adapter("no base", 66, "the model that it belongs to is not named", base: nil),
  adapter("a base of no name", 66, "the model that it belongs to is not", base: ""),
  adapter("a base that is not there", 66, "is not at openai/clip-of-nobody", base: "openai/clip-of-nobody"),
  adapter("itself for a base", 65, "which is an adapter itself", base: "../adapter"),
  adapter("another adapter for a base", 65, "which is an adapter itself", base: "../other") {
    try $0.write("{}", to: "../other/adapter_config.json")
  },
  adapter("a base without weights", 66, "no model.safetensors") { try removeTree($0("../model/model.safetensors")) },
  adapter("a base that is cut off", 65, "model.safetensors") {
    try $0.write(Array(readFile($0("../model/model.safetensors")).dropLast()), to: "../model/model.safetensors")
  },
  adapter("another base than it was trained on", 66, "is an adapter for another model than") {
    let metadata = [("base_fingerprint", String(repeating: "0", count: 64))]
    try writeSafetensors(tensors(), metadata: metadata, to: $0("adapter_model.safetensors"))
  },
]
