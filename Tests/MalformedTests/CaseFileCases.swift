import Checkpoints
import Files
import Foundation
import TestSupport
import Testing

/// Case files that `verify --case` refuses, and models that do not go with them.
let caseFileCases: [MalformedCase] = nameCases + shapeCases + valueCases + jointCases + regionCases + otherFileCases

private let verifying = ["verify", "--model", "IN/model", "--case", "IN/case.safetensors"]

private typealias Change = @Sendable (inout [NamedTensor], inout [(String, String)]) throws -> Void

/// A golden model with its case file, changed.
private func changed(
  _ what: String, of model: String = "clip-tiny", file name: String = "case", _ key: String, _ change: @escaping Change
) -> MalformedCase {
  MalformedCase("case file: " + what, verifying, 65, key) { inputs in
    try inputs.golden(model)
    let file = try SafetensorsFile(path: goldenDirectory + "/\(model)/\(name).safetensors")
    var tensors = try file.entries.map { try file.tensor($0.name) }
    var metadata: [(String, String)] = []
    try change(&tensors, &metadata)
    try writeSafetensors(tensors, metadata: metadata, to: inputs("case.safetensors"))
  }
}

extension Inputs {
  fileprivate func golden(_ model: String) throws {
    try makeDirectory(self("model"))
    for name in ["config.json", "model.safetensors"] {
      try copy(goldenDirectory + "/\(model)/\(name)", to: "model/" + name)
    }
  }
}

private func floats(_ name: String, _ shape: [Int], _ value: Float = 0.5) -> NamedTensor {
  NamedTensor(
    name: name, elementType: .float32, shape: shape, copying: [Float](repeating: value, count: shape.reduce(1, *)))
}

private func integers(_ name: String, _ shape: [Int], _ values: [Int64]) -> NamedTensor {
  NamedTensor(name: name, elementType: .int64, shape: shape, copying: values)
}

private func adding(_ what: String, _ key: String, _ tensor: @escaping @Sendable () -> NamedTensor) -> MalformedCase {
  changed(what, key) { tensors, _ in tensors.append(tensor()) }
}

/// With other arrays in the place of those of their names.
private func replacing(
  _ what: String, of model: String = "clip-tiny", file: String = "case", _ key: String,
  _ made: @escaping @Sendable () -> [NamedTensor]
) -> MalformedCase {
  changed(what, of: model, file: file, key) { tensors, _ in
    for tensor in made() {
      let place = try #require(tensors.firstIndex { $0.name == tensor.name }, "\(tensor.name) is not there")
      tensors[place] = tensor
    }
  }
}

private func without(
  _ what: String, of model: String = "clip-tiny", _ key: String, _ isOut: @escaping @Sendable (String) -> Bool
) -> MalformedCase {
  changed(what, of: model, key) { tensors, _ in tensors.removeAll { isOut($0.name) } }
}

private let nameCases: [MalformedCase] = [
  adding("an output misspelt", #"did you mean "output.image_embeds""#) { floats("output.image_embed", [4, 24]) },
  adding("a loss misspelt", #"did you mean "loss.contrastive""#) { floats("loss.contrastiv", []) },
  adding("a gradient misspelt", #"did you mean "gradient.logit_scale""#) { floats("gradient.logit_scal", []) },
  adding("an input that nothing reads", #"nothing is called "input.weather""#) {
    integers("input.weather", [1, 1], [0])
  },
  adding("a name of no kind", #"nothing is called "somewhere_else_entirely""#) {
    floats("somewhere_else_entirely", [4, 24])
  },
  adding("a name with an escape code", #"nothing is called "output.\u{1b}"#) { floats("output.\u{1B}[2J", [1]) },
  adding("an output of another model", #""output.itm_logits" is nothing that this clip has"#) {
    floats("output.itm_logits", [4, 2])
  },
  adding("a loss of another model", #""loss.mlm" is nothing that this clip has"#) { floats("loss.mlm", []) },
  changed("words for a model without their head", of: "cross-attention-tiny", "nothing that this cross-attention has") {
    tensors, _ in tensors.append(floats("output.mlm_logits", [4, 64]))
  },
  without("no images", #"computed from "input.pixel_values", which is not there"#) { $0 == "input.pixel_values" },
  without("no texts", #"computed from "input.input_ids", which is not there"#) { $0 == "input.input_ids" },
  without("no labels of pairs", of: "cross-attention-tiny", #"loss.itm is computed from "input.itm_labels""#) {
    $0 == "input.itm_labels"
  },
  without("no masked words", of: "masked-text-tiny", #"computed from "input.mlm_labels""#) { $0 == "input.mlm_labels" },
  without("nothing to compare", "nothing to compare") { !$0.hasPrefix("input.") },
  adding("a loss that asks for a bias", #""loss.sigmoid" is nothing that this clip has"#) {
    floats("loss.sigmoid", [])
  },
  changed("a sum of no losses", "loss.total is there, and no loss.…") { tensors, _ in
    tensors.removeAll { $0.name == "loss.contrastive" || $0.name.hasPrefix("gradient.") }
    tensors.append(floats("loss.total", []))
  },
  without("gradients without a loss", "a gradient is there, and no loss.… that it is made of") {
    $0.hasPrefix("loss.")
  },
  changed("gradients of a loss that is not there", #"gradient_of names "loss.itm""#) { _, metadata in
    metadata.append(("gradient_of", "loss.itm"))
  },
]

private let shapeCases: [MalformedCase] = [
  replacing("pictures of another size", "has the shape [4, 3, 16, 16], and the model reads […, 3, 32, 32]") {
    [floats("input.pixel_values", [4, 3, 16, 16])]
  },
  replacing("pictures of one colour", "and the model reads […, 3, 32, 32]") {
    [floats("input.pixel_values", [4, 1, 32, 32])]
  },
  replacing("no picture", "and the model reads […, 3, 32, 32]") { [floats("input.pixel_values", [0, 3, 32, 32])] },
  replacing("three pictures for four texts", "holds 4 texts for 3 images") {
    [floats("input.pixel_values", [3, 3, 32, 32])]
  },
  replacing("texts in a row", "and the model reads […, …]") { [integers("input.input_ids", [3], [62, 1, 63])] },
  replacing("a mask of another shape", "input.attention_mask") { [integers("input.attention_mask", [1, 1], [1])] },
  replacing("an output of another width", "has the shape [4, 12], and the model gives [4, 24]") {
    [floats("output.image_embeds", [4, 12])]
  },
  replacing("an output of another batch", "has the shape [3, 24], and the model gives [4, 24]") {
    [floats("output.text_embeds", [3, 24])]
  },
  replacing("a loss for each pair", "has the shape [4], and the model gives []") { [floats("loss.contrastive", [4])] },
  replacing("a gradient turned round", "has the shape [32, 24], and the model gives [24, 32]") {
    [floats("gradient.visual_projection.weight", [32, 24])]
  },
  changed("a text too long", "a text of 13 tokens, and the model reads at most 12") { tensors, _ in
    tensors.removeAll { $0.name == "input.attention_mask" || $0.name == "input.input_ids" }
    tensors.append(integers("input.input_ids", [4, 13], [Int64](repeating: 5, count: 52)))
  },
]

private let ids = [Int64](repeating: 5, count: 48)

/// The mask of four texts with these first values.
private func mask(_ first: [Int64]) -> [NamedTensor] {
  [integers("input.attention_mask", [4, 12], first + [Int64](repeating: 1, count: 48 - first.count))]
}

private let valueCases: [MalformedCase] = [
  replacing("NaN in an output", "NaN or infinite values in output.image_embeds") {
    [floats("output.image_embeds", [4, 24], .nan)]
  },
  replacing("infinity in a picture", "NaN or infinite values in input.pixel_values") {
    [floats("input.pixel_values", [4, 3, 32, 32], .infinity)]
  },
  replacing("an id behind the vocabulary", "holds 64, and values from 0 to 63 are possible") {
    [integers("input.input_ids", [4, 12], [64] + ids.dropLast())]
  },
  replacing("a negative id", "holds -1, and values from 0 to 63 are possible") {
    [integers("input.input_ids", [4, 12], [-1] + ids.dropLast())]
  },
  replacing("the largest id", "holds 9223372036854775807") {
    [integers("input.input_ids", [4, 12], [.max] + ids.dropLast())]
  },
  replacing("ids that are fractions", "holds F32, and integers are needed") { [floats("input.input_ids", [4, 12])] },
  replacing("pictures of integers", "holds I64, and floating-point numbers are needed") {
    [integers("input.pixel_values", [1, 3, 32, 32], [Int64](repeating: 0, count: 3072))]
  },
  replacing("a mask of twos", "holds 2, and values from 0 to 1 are possible") { mask([2]) },
  replacing("a text filled up in front", "hides more than the end of text 0") { mask([0]) },
  replacing("a text with a hole", "hides more than the end of text 0") { mask([1, 0, 1]) },
  replacing("a text of nothing", "hides more than the end of text 0") { mask([Int64](repeating: 0, count: 12)) },
]

private let jointCases: [MalformedCase] = [
  replacing("an image that is not there", of: "cross-attention-tiny", "lets image 4 meet text 0") {
    [integers("input.pairs", [1, 2], [4, 0])]
  },
  replacing("a text before the first", of: "cross-attention-tiny", "lets image 0 meet text -1") {
    [integers("input.pairs", [1, 2], [0, -1])]
  },
  replacing("pairs of three", of: "cross-attention-tiny", "and the model reads […, 2]") {
    [integers("input.pairs", [1, 3], [0, 0, 0])]
  },
  replacing("more pairs than are joined", of: "cross-attention-tiny", "holds 5000 pairs, and at most 4096") {
    [integers("input.pairs", [5000, 2], [Int64](repeating: 0, count: 10_000))]
  },
  replacing("a label that is neither", of: "cross-attention-tiny", "holds 2, and values from 0 to 1 are possible") {
    [integers("input.itm_labels", [12], [Int64](repeating: 2, count: 12))]
  },
  replacing("labels of fewer pairs", of: "cross-attention-tiny", "has the shape [3], and the model reads [12]") {
    [integers("input.itm_labels", [3], [1, 0, 0])]
  },
  replacing("no word asked for", of: "masked-text-tiny", "so no word is asked for") {
    [integers("input.mlm_labels", [5, 12], [Int64](repeating: -1, count: 60))]
  },
  replacing("a word behind the end", of: "masked-text-tiny", "asks for a word behind the end of text 0") {
    [integers("input.mlm_labels", [5, 12], [Int64](repeating: 3, count: 60))]
  },
  replacing("a word of no vocabulary", of: "masked-text-tiny", "holds 64, and values from -1 to 63 are possible") {
    [integers("input.mlm_labels", [5, 12], [Int64](repeating: 64, count: 60))]
  },
]

/// Files and folders of another kind.
private func other(
  _ what: String, _ code: Int32, _ key: String, _ make: @escaping @Sendable (Inputs) throws -> Void
) -> MalformedCase {
  MalformedCase("case file: " + what, verifying, code, key) { inputs in
    try inputs.golden("clip-tiny")
    try inputs.copy(goldenDirectory + "/clip-tiny/case.safetensors", to: "case.safetensors")
    try make(inputs)
  }
}

/// Of a model that reads regions: three images of 4, 5 and 1 of them, of 9 numbers, in 6 slots.
private let regionCases: [MalformedCase] = [
  regions("a hidden region that is not there", "asks for region 3 of image 2, which has 1") {
    [integers("input.region_labels", [3, 6], [Int64](repeating: -1, count: 15) + [1, -1, -1])]
  },
  regions("no hidden region", "is 1 nowhere, so no region is asked for") {
    [integers("input.region_labels", [3, 6], [Int64](repeating: -1, count: 18))]
  },
  regions("a label of 2", "values from -1 to 1 are possible") {
    [integers("input.region_labels", [3, 6], [Int64](repeating: 2, count: 18))]
  },
  regions("classes of another number", "input.region_targets\" has the shape [3, 6, 5]") {
    [floats("input.region_targets", [3, 6, 5])]
  },
  regions("features of another width", "input.regions\" has the shape [3, 6, 8]") {
    [floats("input.regions", [3, 6, 8])]
  },
  regions("fewer boxes than regions", "input.boxes\" has the shape [3, 5, 7]") { [floats("input.boxes", [3, 5, 7])] },
  regions("boxes of three numbers", "has 3 numbers a box, and 4 are edges") { [floats("input.boxes", [3, 6, 3])] },
  regions("an image without a region", "hides more than the end of image 0") {
    [integers("input.region_mask", [3, 6], [Int64](repeating: 0, count: 18))]
  },
  regions("a region that is missing among others", "hides more than the end of image 0") {
    [integers("input.region_mask", [3, 6], [1, 0] + [Int64](repeating: 1, count: 16))]
  },
  pairs("too few slots a pair", "output.states\" has the shape [3, 5, 16]") { [floats("output.states", [3, 5, 16])] },
  pairs("a packing of other slots", "input.packed_attention_mask\" has the shape [3, 9]") {
    [integers("input.packed_attention_mask", [3, 9], [Int64](repeating: 1, count: 27))]
  },
  changed("a mask of other slots than tokens", of: "uniter-tiny", "has the shape [3, 7], and the model gives [3, ") {
    tensors, _ in tensors.append(floats("output.joint_mask", [3, 7]))
  },
  changed("a mask of numbers for each slot", of: "uniter-tiny", "has the shape [3, 10, 1], and the model gives [3, 10")
  {
    tensors, _ in tensors.append(floats("output.joint_mask", [3, 10, 1]))
  },
  pairs("a plan for fewer words", "output.alignment_plan\" has the shape [3, 2, 6]") {
    [floats("output.alignment_plan", [3, 2, 6])]
  },
  changed("gradients of one loss that is not there", of: "uniter-tiny", "no such loss is") { tensors, _ in
    tensors.append(floats("gradient_nothing.uniter.pooler.dense.bias", [16]))
  },
]

private func regions(
  _ what: String, _ key: String, _ made: @escaping @Sendable () -> [NamedTensor]
) -> MalformedCase { replacing(what, of: "uniter-tiny", file: "case-regions", key, made) }

private func pairs(
  _ what: String, _ key: String, _ made: @escaping @Sendable () -> [NamedTensor]
) -> MalformedCase { replacing(what, of: "uniter-tiny", key, made) }

private let otherFileCases: [MalformedCase] = [
  other("none", 66, "case.safetensors") { try removeTree($0("case.safetensors")) },
  other("a folder", 66, "case.safetensors is a directory") {
    try removeTree($0("case.safetensors"))
    try makeDirectory($0("case.safetensors"))
  },
  other("cut short", 65, "the file holds") {
    try $0.write(Array(try readFile($0("case.safetensors")).dropLast(4)), to: "case.safetensors")
  },
  other("a text", 65, "case.safetensors") { try $0.write("{\"a\": 1}", to: "case.safetensors") },
  other("the model's weights", 65, "nothing to compare") {
    try $0.write(try readFile($0("model/model.safetensors")), to: "case.safetensors")
  },
  other("a model without a configuration", 66, "no config.json") { try removeTree($0("model/config.json")) },
  other("a model without weights", 66, "no model.safetensors") { try removeTree($0("model/model.safetensors")) },
  other("a BERT", 78, "BERT") { try $0.write(#"{"model_type": "bert"}"#, to: "model/config.json") },
  other("weights of another model", 78, "does not fit the model") { inputs in
    try inputs.write(
      try readFile(goldenDirectory + "/cross-attention-tiny/model.safetensors"), to: "model/model.safetensors")
  },
  other("the case of another model", 65, "nothing that this clip has") { inputs in
    try inputs.write(try readFile(goldenDirectory + "/cross-attention-tiny/case.safetensors"), to: "case.safetensors")
  },
]
