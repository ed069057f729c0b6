import Checkpoints
import Files
import Foundation
import TestSupport
import Testing

/// Models whose weights are sound files but not those of the model, or not numbers to compute with.
let weightsCases: [MalformedCase] =
  notFiniteCases + strangeWeightsCases + damagedModelCases + pickledModelCases

private let match = ["match", "--model", "IN/model", "--image", "IN/a.jpg", "--text", "a dog"]

/// Changes tensors of the model's file.
private func weights(
  _ what: String, command: [String] = match, _ code: Int32, _ key: String,
  _ change: @escaping @Sendable (inout [NamedTensor]) throws -> Void
) -> MalformedCase {
  MalformedCase("weights: " + what, command, code, key) { inputs in
    try inputs.write(testPhoto(0), to: "a.jpg")
    try inputs.write("a dog\n", to: "texts")
    try inputs.write(testPhoto(0), to: "classes/dog/a.jpg")
    try inputs.copy(Fixtures.shared().prepared, to: "prepared")
    try inputs.model { model in
      let file = try SafetensorsFile(path: model("model.safetensors"))
      var tensors = try file.entries.map { try file.tensor($0.name) }
      try change(&tensors)
      try writeSafetensors(tensors, to: model("model.safetensors"))
    }
  }
}

/// Puts one number into a tensor, at its place in the numbers of the tensor.
private func put(_ value: Float, at place: Int = 0, into name: String, _ tensors: inout [NamedTensor]) throws {
  let index = try #require(tensors.firstIndex { $0.name == name })
  var values = tensors[index].bytes.withMemoryRebound(to: Float.self) { Array($0) }
  values[place < 0 ? values.count + place : place] = value
  tensors[index] = NamedTensor(name: name, elementType: .float32, shape: tensors[index].shape, copying: values)
}

private let norm = "vision_model.post_layernorm.weight"

private let notFiniteCases: [MalformedCase] = eachValueCases + eachCommandCases + eachPlaceCases

private let values: [(String, Float)] = [
  ("NaN", .nan), ("infinity", .infinity), ("minus infinity", -.infinity), ("a signalling NaN", .signalingNaN),
]

private let eachValueCases: [MalformedCase] = values.map { name, value in
  weights("\(name) for match", 65, norm) { try put(value, into: norm, &$0) }
}

private let commands: [(String, [String])] = [
  ("embed", ["embed", "--model", "IN/model", "--texts", "IN/texts", "--output", "IN/out.safetensors"]),
  ("export", ["export", "--model", "IN/model", "--to", "open_clip", "--output", "IN/out"]),
  ("zeroshot", ["zeroshot", "--model", "IN/model", "--data", "IN/classes"]),
  ("search", ["search", "index", "--model", "IN/model", "--photos", "IN/classes", "--output", "IN/out.safetensors"]),
  ("evaluate", ["evaluate", "--checkpoint", "IN/model", "--data", "IN/prepared", "--split", "validation"]),
]

private let eachCommandCases: [MalformedCase] = commands.map { name, command in
  weights("NaN for \(name)", command: command, 65, norm) { try put(.nan, into: norm, &$0) }
}

private let eachPlaceCases: [MalformedCase] = [
  weights("NaN at the end of a matrix", 65, "text_projection.weight") {
    try put(.nan, at: -1, into: "text_projection.weight", &$0)
  },
  weights("infinity for the temperature", 65, "logit_scale") { try put(.infinity, into: "logit_scale", &$0) },
  weights("NaN in two tensors", 65, "in 2 tensors") {
    try put(.nan, into: norm, &$0)
    try put(.nan, into: "logit_scale", &$0)
  },
  weights("NaN, and what to do", 65, "--allow-nonfinite") { try put(.nan, into: norm, &$0) },
  weights("infinity in half precision", 65, norm) { try replace(norm, by: .float16, bits: 0x7C00, &$0) },
  weights("NaN in bfloat16", 65, norm) { try replace(norm, by: .bfloat16, bits: 0x7FC0, &$0) },
]

/// The tensor as numbers of 16 bits, all of them the same.
private func replace(_ name: String, by type: ElementType, bits: UInt16, _ tensors: inout [NamedTensor]) throws {
  let index = try #require(tensors.firstIndex { $0.name == name })
  let shape = tensors[index].shape
  tensors[index] = NamedTensor(
    name: name, elementType: type, shape: shape, copying: [UInt16](repeating: bits, count: shape.reduce(1, *)))
}

private let strangeWeightsCases: [MalformedCase] = [
  weights("a tensor is missing", 78, "1 missing:") { tensors in tensors.removeAll { $0.name == norm } },
  weights("a tensor too many", 78, "1 unexpected:") { tensors in
    tensors.append(NamedTensor(name: "bonus", elementType: .float32, shape: [1], copying: [Float(1)]))
  },
  weights("another shape", 78, "[32] needed, [31] found") { tensors in
    let index = try #require(tensors.firstIndex { $0.name == norm })
    tensors[index] = NamedTensor(
      name: norm, elementType: .float32, shape: [31], copying: [Float](repeating: 1, count: 31))
  },
  weights("another rank", 78, "[32] needed, [32, 1] found") { tensors in
    let index = try #require(tensors.firstIndex { $0.name == norm })
    tensors[index].shape = [32, 1]
  },
  weights("a misspelt name", 78, "did you mean vision_model.post_layernorm.wieght?") { tensors in
    let index = try #require(tensors.firstIndex { $0.name == norm })
    tensors[index].name = "vision_model.post_layernorm.wieght"
  },
  weights("a wrapped model", 78, #"starts with "module.""#) { tensors in
    for index in tensors.indices { tensors[index].name = "module." + tensors[index].name }
  },
  weights("integers for weights", 78, "U8") { tensors in
    let index = try #require(tensors.firstIndex { $0.name == norm })
    tensors[index] = NamedTensor(
      name: norm, elementType: .uint8, shape: [32], copying: [UInt8](repeating: 1, count: 32))
  },
  weights("no tensor at all", 78, "missing:") { $0.removeAll() },
  weights("another model: BERT", 78, "BERT") { tensors in
    tensors = ["bert.embeddings.word_embeddings.weight", "bert.encoder.layer.0.attention.self.query.weight"].map {
      NamedTensor(name: $0, elementType: .float32, shape: [2, 2], copying: [Float](repeating: 1, count: 4))
    }
  },
  weights("another model: SigLIP", 78, "SigLIP") { tensors in
    tensors = ["vision_model.head.probe", "text_model.head.weight", "logit_bias"].map {
      NamedTensor(name: $0, elementType: .float32, shape: [1], copying: [Float(1)])
    }
  },
  weights("another size: the model's towers are wider", 78, "did you mean") { tensors in
    let sizes: [(String, [Int])] = [
      ("vision_model.embeddings.patch_embedding.weight", [768, 3, 32, 32]),
      ("vision_model.embeddings.position_embedding.weight", [50, 768]),
      ("text_model.embeddings.token_embedding.weight", [8, 512]),
    ]
    tensors = sizes.map { name, shape in
      NamedTensor(
        name: name, elementType: .float32, shape: shape,
        copying: [Float](repeating: 1, count: shape.reduce(1, *)))
    }
  },
]

private func damaged(
  _ what: String, _ code: Int32, _ key: String, _ change: @escaping @Sendable (Inputs) throws -> Void
) -> MalformedCase {
  MalformedCase("model: " + what, match, code, key) { inputs in
    try inputs.write(testPhoto(0), to: "a.jpg")
    try inputs.model(change)
  }
}

private let damagedModelCases: [MalformedCase] = [
  damaged("weights cut short", 65, "the file holds") { model in
    try model.write(Array(try readFile(model("model.safetensors")).dropLast(4)), to: "model.safetensors")
  },
  damaged("weights with a tail", 65, "the file holds") { model in
    try model.write(try readFile(model("model.safetensors")) + [0], to: "model.safetensors")
  },
  damaged("weights of no bytes", 65, "too short") { try $0.write([], to: "model.safetensors") },
  damaged("weights that are a pointer of git LFS", 65, "git lfs pull") {
    try $0.write("version https://git-lfs.github.com/spec/v1\noid sha256:abc\nsize 1234\n", to: "model.safetensors")
  },
  damaged("no weights", 66, "no model.safetensors") { try removeTree($0("model.safetensors")) },
  damaged("a folder for weights", 66, "is a directory where a file is wanted") { model in
    try removeTree(model("model.safetensors"))
    try makeDirectory(model("model.safetensors"))
  },
  damaged("a link to itself for weights", 66, "model.safetensors") { model in
    try removeTree(model("model.safetensors"))
    try FileManager.default.createSymbolicLink(
      atPath: model("model.safetensors"), withDestinationPath: model("model.safetensors"))
  },
  damaged("a pipe for weights", 66, "is a pipe where a file is wanted") { model in
    try removeTree(model("model.safetensors"))
    mkfifo(model("model.safetensors"), 0o600)
  },
  damaged("no configuration", 66, "no config.json") { try removeTree($0("config.json")) },
  damaged("no tokenizer", 66, "no tokenizer") { try removeTree($0("tokenizer.json")) },
]

private let pickledModelCases: [MalformedCase] = ["pytorch_model.bin", "model.pt", "epoch_1.pth", "last.ckpt"].map {
  name in
  damaged("pickled weights alone, \(name)", 65, "convert it in Python") { model in
    try moveFile(model("model.safetensors"), to: model(name))
  }
}

/// `model.safetensors.index.json` of a model in several files, as the hub serves it.
let shardIndexCases: [MalformedCase] =
  [
    ("nothing", ""), ("an open brace", "{"), ("a list", "[]"), ("no map", "{}"),
    ("a number for a map", #"{"weight_map":3}"#),
    ("a list for a map", #"{"weight_map":[]}"#), ("a number for a name", #"{"weight_map":{"a":1}}"#),
    ("an empty map", #"{"weight_map":{}}"#), ("a path upwards", #"{"weight_map":{"a":"../model.safetensors"}}"#),
    ("an absolute path", #"{"weight_map":{"a":"/etc/passwd"}}"#),
    ("an absolute path of the right kind", #"{"weight_map":{"a":"/etc/x.safetensors"}}"#),
    ("a hidden file", #"{"weight_map":{"a":".x.safetensors"}}"#), ("a pickle", #"{"weight_map":{"a":"model.bin"}}"#),
    ("a folder within", #"{"weight_map":{"a":"x/model.safetensors"}}"#),
    ("a folder within, with an accent", #"{"weight_map":{"a":"x/\u0301model.safetensors"}}"#),
    ("an escape code in a name", #"{"weight_map":{"a":"\u001b[2J"}}"#),
    ("a NUL in a name", #"{"weight_map":{"a":"x\u0000.safetensors/"}}"#),
    ("not UTF-8", "\u{FEFF}{\"weight_map\""),
  ].map { what, json in
    index(what, 65, "index.json") { try $0.write(json, to: name) }
  }
  + [
    index("1,001 files", 65, "files, not 1") { model in
      let names = (0...1000).map { "\"t\($0)\":\"\($0).safetensors\"" }.joined(separator: ",")
      try model.write(#"{"weight_map":{\#(names)}}"#, to: name)
    },
    index("a missing file", 66, "model-00002-of-00002.safetensors") {
      try removeTree($0("model-00002-of-00002.safetensors"))
    },
    index("files that change places", 65, "it does not say that") { model in
      let names = [1, 2].map { "model-0000\($0)-of-00002.safetensors" }
      try moveFile(model(names[0]), to: model("x"))
      try moveFile(model(names[1]), to: model(names[0]))
      try moveFile(model("x"), to: model(names[1]))
    },
    index("a tensor that no file has", 65, "index.json") {
      try $0.replace(#""weight_map":{"#, by: #""weight_map":{"bonus":"model-00001-of-00002.safetensors","#, in: name)
    },
    index("one file twice", 65, "twice") { model in
      let bytes = try readFile(model("model-00001-of-00002.safetensors"))
      try model.write(bytes, to: "model-00002-of-00002.safetensors")
    },
    index("a file cut short", 65, "the file holds") { model in
      let path = "model-00002-of-00002.safetensors"
      try model.write(Array(try readFile(model(path)).dropLast(4)), to: path)
    },
  ]

private let name = "model.safetensors.index.json"

private func index(
  _ what: String, _ code: Int32, _ key: String, _ change: @escaping @Sendable (Inputs) throws -> Void
) -> MalformedCase {
  MalformedCase("shard index: " + what, match, code, key) { inputs in
    try inputs.write(testPhoto(0), to: "a.jpg")
    try inputs.copy(Fixtures.shared().shards, to: "model")
    try change(Inputs(path: inputs("model")))
  }
}
