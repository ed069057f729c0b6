import Checkpoints
import Files
import TestSupport

/// Towers that a run is to begin from, `initialize.vision` and `initialize.text`: of another kind or other sizes than they say, with
/// parts that are not known, without what they need.
let towerCases: [MalformedCase] =
  textConfigurationCases + sentenceCases + textFileCases + imageTowerCases + convolutionalCases

/// A run that begins from a ViT in IN/vit and a BERT in IN/bert, one of which is damaged.
private func tower(
  _ what: String, _ code: Int32, _ key: String, vision: String = "IN/vit", text: String = "IN/bert",
  _ change: @escaping @Sendable (Inputs) throws -> Void = { _ in }
) -> MalformedCase {
  let settings = [
    "model.name=dual-encoder", "model.embedding_width=8", "initialize.vision=\(vision)", "initialize.text=\(text)",
    "data.path=IN/prepared", "batch.global=2", "schedule.steps=1", "schedule.warmup_steps=0", "products=openblas",
  ]
  let command = ["train", "--output", "IN/run", "--threads", "1"] + settings.flatMap { ["--set", $0] }
  var malformed = MalformedCase("tower: " + what, command, code, key) { inputs in
    _ = try TinyTowers(in: inputs.path)
    try inputs.copy(Fixtures.shared().prepared, to: "prepared")
    try change(inputs)
  }
  malformed.owns = "in/run"
  return malformed
}

private let bert = "bert/config.json"

/// What `config.json` says of a BERT.
private let textConfigurationCases: [MalformedCase] =
  [
    (
      "positions by distance", 78, "position_embedding_type is \"relative_key\"",
      #""hidden_act""#, #""position_embedding_type": "relative_key", "hidden_act""#
    ),
    ("an activation that nobody has", 78, "hidden_act is \"mish\"", #""gelu""#, #""mish""#),
    ("a decoder", 78, "is_decoder is true", #""is_decoder": false"#, #""is_decoder": true"#),
    (
      "a key that nobody knows", 78, "the key hidden_sise (did you mean hidden_size?)",
      #""hidden_act""#, #""hidden_sise": 24, "hidden_act""#
    ),
    ("another model", 78, "mmtrain has no such model; it has BERT", #""model_type": "bert""#, #""model_type": "t5""#),
    (
      "a vocabulary below its tokenizer's", 65, "its tokenizer has 40 tokens, the tower has embeddings for 39",
      #""vocab_size": 40"#, #""vocab_size": 39"#
    ),
    (
      "a vocabulary beyond its weights", 78, "[44, 24] needed, [40, 24] found",
      #""vocab_size": 40"#, #""vocab_size": 44"#
    ),
    (
      "more positions than its weights", 78, "[16, 24] needed, [12, 24] found",
      #""max_position_embeddings": 12"#, #""max_position_embeddings": 16"#
    ),
    (
      "another width than its weights", 78, "[40, 32] needed, [40, 24] found",
      #""hidden_size": 24"#, #""hidden_size": 32"#
    ),
    ("fewer layers than its weights", 78, "unexpected", #""num_hidden_layers": 2"#, #""num_hidden_layers": 1"#),
    (
      "heads that do not divide its width", 65, "7 heads do not divide a width of 24",
      #""num_attention_heads": 4"#, #""num_attention_heads": 7"#
    ),
    ("no positions", 65, "a context length of 0", #""max_position_embeddings": 12"#, #""max_position_embeddings": 0"#),
    (
      "a vocabulary of 2^62", 65, "a vocabulary of 4611686018427387904",
      #""vocab_size": 40"#, #""vocab_size": 4611686018427387904"#
    ),
    ("an epsilon in words", 65, "layer_norm_eps is \"small\"", "1e-12", #""small""#),
  ].map { what, code, key, old, new in tower("BERT with \(what)", code, key) { try $0.replace(old, by: new, in: bert) }
  }

/// The modules of sentence-transformers.
private func sentence(
  _ what: String, _ key: String, pooling: String = #"{"pooling_mode_mean_tokens": true}"#, more: [String] = [],
  _ change: @escaping @Sendable (Inputs) throws -> Void = { _ in }
) -> MalformedCase {
  tower("sentence-transformers with \(what)", 65, key) { inputs in
    try TinyTowers(vision: inputs("vit"), text: inputs("bert"))
      .makeSentenceModel(pooling: pooling, more: more, limit: 8)
    try change(inputs)
  }
}

private let sentenceCases: [MalformedCase] = [
  sentence("a recurrent network", "a part of the kind sentence_transformers.models.LSTM", more: ["LSTM"]),
  sentence("a dense layer", "a part of the kind sentence_transformers.models.Dense", more: ["Dense"]),
  sentence("pooling by the largest", "pools by max_tokens", pooling: #"{"pooling_mode_max_tokens": true}"#),
  sentence(
    "pooling in two ways", "pools by cls_token and mean_tokens",
    pooling: #"{"pooling_mode_cls_token": true, "pooling_mode_mean_tokens": true}"#),
  sentence("no pooling", "pools by nothing", pooling: "{}"),
  sentence("pooling in words", "pooling_mode_mean_tokens is \"yes\"", pooling: #"{"pooling_mode_mean_tokens": "yes"}"#),
  sentence("letters made small twice", "do_lower_case is true") {
    try $0.write(#"{"max_seq_length": 8, "do_lower_case": true}"#, to: "bert/sentence_bert_config.json")
  },
  sentence("a limit of nothing", "max_seq_length is 0") {
    try $0.write(#"{"max_seq_length": 0}"#, to: "bert/sentence_bert_config.json")
  },
  sentence("modules that are no list", "is no list of modules") { try $0.write("{}", to: "bert/modules.json") },
  sentence("a module that is a number", "lists something that is no module") {
    try $0.write("[1]", to: "bert/modules.json")
  },
  sentence("a module of no kind", "a module has no type") { try $0.write(#"[{"path": ""}]"#, to: "bert/modules.json") },
  sentence("a module elsewhere", "a module lies outside of the directory") {
    try $0.write(
      #"[{"path": "../bert", "type": "sentence_transformers.models.Transformer"}]"#, to: "bert/modules.json")
  },
]

private let textFileCases: [MalformedCase] = [
  tower("BERT that is a ViT", 78, "mmtrain has no such model; it has BERT", text: "IN/vit"),
  tower("BERT that is not there", 66, "bort", text: "IN/bort"),
  tower("BERT without a config.json", 66, "no config.json") { try removeTree($0(bert)) },
  tower("BERT with a page for its config.json", 65, "is a web page (HTML)") {
    try $0.write("<!DOCTYPE html><html></html>", to: bert)
  },
  tower("BERT without a tokenizer", 66, "tokenizer") { try removeTree($0("bert/tokenizer.json")) },
  tower("BERT with a tokenizer that is no JSON", 65, "tokenizer.json") { try $0.write("{", to: "bert/tokenizer.json") },
  tower("BERT with the weights of a ViT", 65, "its keys are not BERT's") {
    try $0.write(readFile($0("vit/model.safetensors")), to: "bert/model.safetensors")
  },
  tower("BERT without weights", 66, "no model.safetensors") { try removeTree($0("bert/model.safetensors")) },
  tower("BERT as a pickle", 65, "pytorch_model.bin is a pickle") {
    try removeTree($0("bert/model.safetensors"))
    try $0.write([0x80, 2], to: "bert/pytorch_model.bin")
  },
  tower("BERT that is cut off", 65, "model.safetensors") {
    try $0.write(Array(readFile($0("bert/model.safetensors")).dropLast()), to: "bert/model.safetensors")
  },
  changed("BERT without its embeddings' norm", "bert", 65, "its keys are not BERT's") { tensors in
    tensors.removeAll { $0.name.hasPrefix("embeddings.LayerNorm") }
  },
  changed("BERT without a layer's bias", "bert", 78, "encoder.layer.1.output.dense.bias") { tensors in
    tensors.removeAll { $0.name == "encoder.layer.1.output.dense.bias" }
  },
  changed("BERT with a weight that is no number", "bert", 65, "NaN or infinite values") { tensors in
    replace("encoder.layer.0.output.dense.bias", with: .nan, in: &tensors)
  },
]

/// Changes the tensors of a tower's file.
private func changed(
  _ what: String, _ folder: String, _ code: Int32, _ key: String,
  _ change: @escaping @Sendable (inout [NamedTensor]) throws -> Void
) -> MalformedCase {
  tower(what, code, key) { inputs in
    let path = inputs("\(folder)/model.safetensors")
    let file = try SafetensorsFile(path: path)
    var tensors = try file.entries.map { try file.tensor($0.name) }
    try change(&tensors)
    try writeSafetensors(tensors, to: path)
  }
}

private func replace(_ name: String, with value: Float, in tensors: inout [NamedTensor]) {
  for index in tensors.indices where tensors[index].name == name {
    let shape = tensors[index].shape
    tensors[index] = NamedTensor(
      name: name, elementType: .float32, shape: shape, copying: [Float](repeating: value, count: shape.reduce(1, *)))
  }
}

private let imageTowerCases: [MalformedCase] =
  [
    tower("ViT that is a BERT", 78, "mmtrain has no such model; it has CLIP's image tower", vision: "IN/bert"),
    tower("ViT as PyTorch's own file", 65, "tower.pth is a pickle", vision: "IN/tower.pth") {
      try $0.write(Array("PK\u{3}\u{4}".utf8) + [UInt8](repeating: 0, count: 64), to: "tower.pth")
    },
    tower("ViT of weights alone", 65, "no config.json, and the names of the weights are no image tower's") {
      try removeTree($0("vit/config.json"))
    },
    tower("ViT with a preparation that is none", 65, "preprocessor_config.json") {
      try $0.write("[]", to: "vit/preprocessor_config.json")
    },
    changed("ViT without its last norm", "vit", 78, "layernorm.weight") { tensors in
      tensors.removeAll { $0.name == "layernorm.weight" }
    },
    changed("ViT with an array of another's", "vit", 78, "bonus") { tensors in
      tensors.append(NamedTensor(name: "bonus", elementType: .float32, shape: [1], copying: [Float(1)]))
    },
  ]
  + [
    (
      "patches that do not tile", 65, "patches of 7 do not divide 24 pixels",
      #""patch_size": 8"#, #""patch_size": 7"#
    ),
    ("a larger picture than its weights", 78, "needed", #""image_size": 24"#, #""image_size": 32"#),
    ("pictures that are not square", 78, "image_size", #""image_size": 24"#, #""image_size": [24, 16]"#),
    ("a pooler that is not tanh", 78, "pooler_act is \"relu\"", #""tanh""#, #""relu""#),
    (
      "a pooler of another width", 78, "pooler_output_size is 25", #""pooler_output_size": 24"#,
      #""pooler_output_size": 25"#
    ),
    ("four colours", 65, "4 colour channels, not 3", #""num_channels": 3"#, #""num_channels": 4"#),
  ].map { what, code, key, old, new in
    tower("ViT with \(what)", code, key) { try $0.replace(old, by: new, in: "vit/config.json") }
  }

/// A small ResNet in the place of the ViT.
private func network(
  _ what: String, _ code: Int32, _ key: String,
  _ afterwards: @escaping @Sendable (Inputs) throws -> Void = { _ in },
  change: @escaping @Sendable (String, inout [Float]) -> Void = { _, _ in }
) -> MalformedCase {
  tower("ResNet " + what, code, key, vision: "IN/resnet") { inputs in
    try SmallTower.basic.write(to: inputs("resnet"), change: change)
    try afterwards(inputs)
  }
}

private let convolutionalCases: [MalformedCase] = [
  network(
    "without a norm's mean", 78, "layer2.0.bn2.running_mean",
    change: { if $0 == "layer2.0.bn2.running_mean" { $1 = [] } }),
  network("without any statistics", 78, "running_var", change: { if $0.contains("running_") { $1 = [] } }),
  network(
    "with a negative variance", 65, "layer2.0.bn2.running_var has a negative variance",
    change: { if $0 == "layer2.0.bn2.running_var" { $1[3] = -0.01 } }),
  network(
    "with an endless variance", 65, "bn1.running_var", change: { if $0 == "bn1.running_var" { $1[0] = .infinity } }),
  network("of other widths than it says", 78, "needed") { try $0.replace("20", by: "24", in: "resnet/config.json") },
  network("of a block that nobody knows", 78, "layer_type is \"dense\"") {
    try $0.replace(#""basic""#, by: #""dense""#, in: "resnet/config.json")
  },
  network("of a billion layers", 65, "a depth of 1000000000") {
    try $0.replace("[2,1,1,1]", by: "[1000000000,1,1,1]", in: "resnet/config.json")
  },
  network("that timm calls by another name", 78, "architecture is \"efficientnet_lite0\"") {
    try $0.write(#"{"architecture": "efficientnet_lite0"}"#, to: "resnet/config.json")
  },
]
