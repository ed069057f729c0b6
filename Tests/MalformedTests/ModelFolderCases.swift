import Files
import Foundation
import TestSupport

/// Folders and files of other programs where a model is wanted: each is called what it is.
let modelFolderCases: [MalformedCase] = otherFormatCases + standInCases + otherFolderCases

private func folder(
  _ what: String, model: String = "IN/model", _ code: Int32, _ key: String,
  _ change: @escaping @Sendable (Inputs) throws -> Void
) -> MalformedCase {
  let command = ["match", "--model", model, "--image", "IN/a.jpg", "--text", "a dog"]
  return MalformedCase("model folder: " + what, command, code, key) { inputs in
    try inputs.write(testPhoto(0), to: "a.jpg")
    try inputs.model(change)
  }
}

private let weights = "model.safetensors"

/// Formats by the names of files and by their first bytes.
private let otherFormatCases: [MalformedCase] =
  [
    ("m.gguf", "GGUF (llama.cpp)"), ("m.onnx", "an ONNX program"), ("m.h5", "HDF5"), ("m.msgpack", "msgpack (Flax)"),
    ("m.npz", "NumPy's"), ("m.tflite", "TensorFlow Lite's"),
  ].flatMap { name, format in
    [
      folder("\(name), named", model: "IN/model/\(name)", 78, "\(name): the format is \(format)") {
        try $0.write(Array(repeating: 8, count: 100), to: name)
      },
      folder("\(name) alone", 78, "\(name): the format is \(format)") { model in
        try removeTree(model(weights))
        try model.write(Array(repeating: 8, count: 100), to: name)
      },
    ]
  }
  + [
    ("GGUF", Array("GGUF".utf8)), ("HDF5", [0x89] + Array("HDF\r\n".utf8)), ("NumPy's", [0x93] + Array("NUMPY".utf8)),
  ].map { format, start in
    folder("\(format) called model.safetensors", 78, "the format is \(format)") {
      try $0.write(start + [UInt8](repeating: 1, count: 100), to: weights)
    }
  }

private let pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 605157884\n"
private let page = "\n<!DOCTYPE html><html><body>Not Found</body></html>"

/// What downloads leave in the place of a file.
private let standInCases: [MalformedCase] =
  ["config.json", "tokenizer.json", "preprocessor_config.json"].map { name in
    folder("a pointer of git LFS for \(name)", 65, "\(name) is a pointer of git LFS and not the file itself") {
      try $0.write(pointer, to: name)
    }
  }
  + ["config.json", "tokenizer.json", weights].map { name in
    folder("a web page for \(name)", 65, "\(name) is a web page (HTML)") { try $0.write(page, to: name) }
  }

/// Folders whose file that says so is `mark`.
private func other(
  _ what: String, _ mark: String, _ key: String, moving inner: String? = nil
) -> MalformedCase {
  folder(what, 66, key) { model in
    try model.write("{}", to: mark)
    for name in ["config.json", weights, "tokenizer.json", "preprocessor_config.json"] {
      let bytes = try readFile(model(name))
      try removeTree(model(name))
      if let inner { try model.write(bytes, to: inner + "/" + name) }
    }
  }
}

private let otherFolderCases: [MalformedCase] = [
  other(
    "sentence-transformers", "modules.json", "name the folder with the CLIP in it, ", moving: "0_CLIPModel"),
  other("sentence-transformers, and which folder", "modules.json", "/model/0_CLIPModel", moving: "0_CLIPModel"),
  other(
    "sentence-transformers without a CLIP", "config_sentence_transformers.json",
    "a model of sentence-transformers (modules.json), and no model directory; no CLIP is in it"),
  other("a pipeline of diffusers", "model_index.json", "name a whole CLIP", moving: "text_encoder"),
  other("an empty one", "notes.json", "no config.json and no open_clip_config.json"),
]
