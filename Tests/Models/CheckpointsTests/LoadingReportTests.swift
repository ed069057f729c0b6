import Checkpoints
import Files
import Reporting
import TestSupport
import Testing

@Suite struct LoadingReportTests {
  private func file(_ tensors: [(String, [Int])], in directory: TemporaryDirectory) throws -> SafetensorsFile {
    try writeSafetensors(
      tensors.map { name, shape in
        NamedTensor(
          name: name, elementType: .float32, shape: shape,
          copying: [Float](repeating: 0, count: shape.reduce(1, *)))
      }, to: directory("weights.safetensors"))
    return try SafetensorsFile(path: directory("weights.safetensors"))
  }

  @Test func exactFilesPass() throws {
    let directory = try TemporaryDirectory()
    let file = try file([("a", [2]), ("b", [1, 3]), ("ids", [4])], in: directory)
    try file.requireExactly([("b", [1, 3]), ("a", [2])], ignoring: ["ids"])
    #expect(file.report(for: [("a", [2]), ("b", [1, 3])]).unexpected == ["ids"])
  }

  @Test func everyKindOfMisfitIsNamed() throws {
    let directory = try TemporaryDirectory()
    let file = try file([("text.layer_norm.wieght", [2]), ("vision.proj", [4, 3]), ("extra", [1])], in: directory)
    let expected = [("text.layer_norm.weight", [2]), ("vision.proj", [4, 2]), ("logit_scale", [])]
    let report = file.report(for: expected)
    #expect(report.missing.map(\.name) == ["text.layer_norm.weight", "logit_scale"])
    #expect(report.missing.map(\.nearest) == ["text.layer_norm.wieght", nil])
    #expect(report.unexpected == ["extra", "text.layer_norm.wieght"])
    #expect(report.mismatched.map(\.name) == ["vision.proj"])
    let error = #expect(throws: CheckpointError.self) { try file.requireExactly(expected) }
    #expect(error?.exitCode == .configuration)
    #expect(error?.description.contains("(did you mean text.layer_norm.wieght?)") == true)
    #expect(error?.description.contains("vision.proj: [4, 2] needed, [4, 3] found") == true)
  }

  @Test func aCommonPrefixIsSeen() throws {
    let directory = try TemporaryDirectory()
    let names = (0..<20).map { "block.\($0).weight" }
    let file = try file(names.map { ("module." + $0, [1]) }, in: directory)
    let report = file.report(for: names.map { ($0, [1]) })
    #expect(report.prefix == "module.")
    #expect(report.description.contains("… and 10 more"))
    #expect(file.report(for: [("weight", [1])]).prefix == "module.block.0.")
    #expect(file.report(for: [("other", [1])]).prefix == nil)
  }

  @Test func weightsAreFoundInADirectory() throws {
    let directory = try TemporaryDirectory()
    #expect(#expect(throws: CheckpointError.self) { try weightsPath(at: directory.path) }?.exitCode == .missingInput)
    try writeAtomically("x".utf8, to: directory("pytorch_model.bin"))
    let pickle = #expect(throws: SafetensorsError.self) { try weightsPath(at: directory.path) }
    #expect(pickle?.description.contains("pytorch_model.bin is a pickle") == true)
    #expect(throws: SafetensorsError.self) { try SafetensorsFile(path: directory("pytorch_model.bin")) }
    try writeAtomically("{}".utf8, to: directory("model.safetensors.index.json"))
    #expect(try weightsPath(at: directory.path) == directory("model.safetensors.index.json"))
    try writeSafetensors([], to: directory("model.safetensors"))
    #expect(try weightsPath(at: directory.path) == directory("model.safetensors"))
    #expect(try weightsPath(at: directory("model.safetensors")) == directory("model.safetensors"))
    #expect(throws: FileError.self) { try weightsPath(at: directory("none")) }
  }
}
