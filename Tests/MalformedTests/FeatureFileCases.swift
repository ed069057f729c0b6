import Checkpoints
import Files
import Foundation
import Testing

/// Indexes of photos that `search query` refuses.
let featureFileCases: [MalformedCase] = contentCases + metadataCases + wholeCases

private let query = ["search", "query", "--index", "IN/f.safetensors", "--model", "IN/model", "--text", "a dog"]

private func features(
  _ what: String, code: Int32 = 65, _ key: String,
  _ change: @escaping @Sendable (inout [NamedTensor], inout [(String, String)]) throws -> Void
) -> MalformedCase {
  MalformedCase("features: " + what, query, code, key) { inputs in
    try inputs.copy(Fixtures.shared().model, to: "model")
    let file = try SafetensorsFile(path: Fixtures.shared().features)
    var tensors = try file.entries.map { try file.tensor($0.name) }
    var metadata = file.metadata.map { ($0.key, $0.value) }
    try change(&tensors, &metadata)
    try writeSafetensors(tensors, metadata: metadata, to: inputs("f.safetensors"))
  }
}

private let table = "image_features"

/// Changes the tensor of that name.
private func tensor(
  _ what: String, _ key: String, _ name: String, _ change: @escaping @Sendable (NamedTensor) -> NamedTensor
) -> MalformedCase {
  features(what, key) { tensors, _ in
    let index = try #require(tensors.firstIndex { $0.name == name })
    tensors[index] = change(tensors[index])
  }
}

private func floats(_ tensor: NamedTensor) -> [Float] { tensor.bytes.withMemoryRebound(to: Float.self) { Array($0) } }

private func replacing(_ tensor: NamedTensor, _ change: (inout [Float]) -> Void) -> NamedTensor {
  var values = floats(tensor)
  change(&values)
  return NamedTensor(name: tensor.name, elementType: .float32, shape: tensor.shape, copying: values)
}

private func names(_ text: String) -> NamedTensor {
  NamedTensor(name: "image_names", elementType: .uint8, shape: [text.utf8.count], copying: Array(text.utf8))
}

private let contentCases: [MalformedCase] =
  [
    tensor("NaN in a row", table, table) { replacing($0) { $0[3] = .nan } },
    tensor("infinity in a row", table, table) { replacing($0) { $0[0] = .infinity } },
    tensor("a row of length two", "do not have length one", table) { replacing($0) { $0 = $0.map { $0 * 2 } } },
    tensor("a row of nothing", "do not have length one", table) { replacing($0) { for i in 0..<24 { $0[i] = 0 } } },
    tensor("one dimension", "is no F32 [N, D]", table) { tensor in
      NamedTensor(name: table, elementType: .float32, shape: [72], copying: floats(tensor))
    },
    tensor("three dimensions", "is no F32 [N, D]", table) { tensor in
      NamedTensor(name: table, elementType: .float32, shape: [3, 24, 1], copying: floats(tensor))
    },
    tensor("bytes for numbers", "is no F32 [N, D]", table) { _ in
      NamedTensor(name: table, elementType: .uint8, shape: [3, 24], copying: [UInt8](repeating: 0, count: 72))
    },
    tensor("half precision", "is no F32 [N, D]", table) { _ in
      NamedTensor(name: table, elementType: .float16, shape: [3, 24], copying: [UInt16](repeating: 0x3000, count: 72))
    },
    tensor("features of no width", "is no F32 [N, D]", table) { _ in
      NamedTensor(name: table, elementType: .float32, shape: [3, 0], copying: [Float]())
    },
    tensor("a name too few", "is no JSON list of 3 strings", "image_names") { _ in names(#"["a","b"]"#) },
    tensor("a name too many", "is no JSON list of 3 strings", "image_names") { _ in names(#"["a","b","c","d"]"#) },
    tensor("a name that is a number", "is no JSON list of 3 strings", "image_names") { _ in names(#"["a","b",3]"#) },
    tensor("names that are a group", "is no JSON list of 3 strings", "image_names") { _ in names(#"{"a":1}"#) },
    tensor("names that are no JSON", "is no JSON list of 3 strings", "image_names") { _ in names("a,b,c") },
    tensor("names of a hundred thousand levels", "is no JSON list of 3 strings", "image_names") { _ in
      names(String(repeating: "[", count: 100_000))
    },
    tensor("names of another type", "with U8 image_names", "image_names") { _ in
      NamedTensor(name: "image_names", elementType: .int32, shape: [3], copying: [Int32](repeating: 0, count: 3))
    },
    features("no names", "with U8 image_names") { tensors, _ in tensors.removeAll { $0.name == "image_names" } },
    features("no photos", code: 66, "has no features of photos") { tensors, _ in tensors.removeAll() },
    features("another width", code: 66, "another model") { tensors, metadata in
      let index = try #require(metadata.firstIndex { $0.0 == "model_fingerprint" })
      metadata[index].1 = String(repeating: "0", count: 64)
    },
  ]

private let metadataCases: [MalformedCase] =
  ["version", "model", "model_fingerprint", "precision"].map { name in
    features("no \(name)", "\"\(name)\"") { _, metadata in metadata.removeAll { $0.0 == name } }
  }
  + [
    features("no kind", "mmtrain-features") { _, metadata in metadata.removeAll { $0.0 == "kind" } },
    features("a later version", "of version 1") { _, metadata in
      for index in metadata.indices where metadata[index].0 == "version" { metadata[index].1 = "2" }
    },
    features("another kind", "mmtrain-features") { _, metadata in
      for index in metadata.indices where metadata[index].0 == "kind" { metadata[index].1 = "\u{1B}[2J" }
    },
  ]

private func whole(_ what: String, _ key: String, _ bytes: @escaping @Sendable () throws -> [UInt8]) -> MalformedCase {
  MalformedCase("features: " + what, query, 65, key) { inputs in
    try inputs.copy(Fixtures.shared().model, to: "model")
    try inputs.write(bytes(), to: "f.safetensors")
  }
}

private let wholeCases: [MalformedCase] = [
  whole("cut short", "the file holds") { Array(try readFile(Fixtures.shared().features).dropLast(4)) },
  whole("nothing", "too short") { [] },
  whole("the model's weights", "mmtrain-features") { try readFile(Fixtures.shared().model + "/model.safetensors") },
]
