import Checkpoints
import Files
import Reporting
import TestSupport
import Testing

/// Files written by the reference implementation, and ours compared with them.
@Suite struct SafetensorsTests {
  private let types = goldenDirectory + "/safetensors/types.safetensors"
  private let formula = (0..<12).map { (Float($0) - 5) / 8 }

  @Test func readsEveryElementType() throws {
    let file = try SafetensorsFile(path: types)
    for name in ["f32", "f16", "bf16"] { #expect(try file.floats(name) == formula) }
    for name in ["i64", "i32", "i16", "i8"] { #expect(try file.integers(name) == Array(-6..<6)) }
    #expect(try file.integers("u8") == Array(200..<212))
    #expect(try file.integers("bool") == [1, 0, 0, 1, 0, 0, 1, 0, 0, 1, 0, 0])
    #expect(try file.floats("scalar") == [0.625])
    #expect(try file.floats("empty") == [])
    #expect(try file.floats("odd \"name\"\\ \u{E9}€🐻") == [1, 2])
    #expect(file.entry(named: "f16")?.shape == [2, 6])
    #expect(file.entry(named: "scalar")?.shape == [])
    #expect(file.entry(named: "odd \"name\"\\ e\u{301}€🐻") == nil)
    let doubles = try file.withBytes("f64") { bytes in
      (0..<12).map { bytes.loadUnaligned(fromByteOffset: 8 * $0, as: Double.self) }
    }
    #expect(doubles == formula.map(Double.init))
    #expect(file.metadata.first { $0.key == "note" }?.value == "line\nbreak, \"quotes\" and é")
    var end = 0
    for entry in file.entries {
      #expect(entry.range.lowerBound == end)
      end = entry.range.upperBound
    }
  }

  @Test func convertsHalvesAsTorchDoes() throws {
    let file = try SafetensorsFile(path: goldenDirectory + "/safetensors/halves.safetensors")
    for name in ["half", "brain"] {
      let values = try file.floats(name)
      #expect(values.map(\.bitPattern) == (try file.floats(name + "_as_f32")).map(\.bitPattern))
      var copy = [Float](repeating: .nan, count: values.count)
      try copy.withUnsafeMutableBufferPointer { try file.copyFloats(name, into: $0) }
      #expect(copy == values)
    }
  }

  /// Same tensors, same order, same header but for the padding and the order within the metadata.
  /// To the nearest float, ties to even, as NumPy's astype(float32): the bits are NumPy 2.4.6's.
  @Test func roundsDoublesAsNumPyDoes() throws {
    let directory = try TemporaryDirectory()
    let doubles = [1.0 / 3, 1 + 0x1p-24 + 0x1p-40, 1 + 0x1p-24, -1e-40, 0.1, 1e300]
    let tensor = NamedTensor(name: "doubles", elementType: .float64, shape: [6], copying: doubles)
    try writeSafetensors([tensor], to: directory("file"))
    let read = try SafetensorsFile(path: directory("file")).floats("doubles").map(\.bitPattern)
    #expect(read == [0x3EAA_AAAB, 0x3F80_0001, 0x3F80_0000, 0x8001_16C2, 0x3DCC_CCCD, 0x7F80_0000])
  }

  @Test func writesWhatTheReferenceWrites() throws {
    let directory = try TemporaryDirectory()
    let file = try SafetensorsFile(path: types)
    let tensors = try file.entries.reversed().map { try file.tensor($0.name) }
    try writeSafetensors(tensors, metadata: file.metadata.map { ($0.key, $0.value) }, to: directory("copy"))
    let (reference, ours) = (try split(types), try split(directory("copy")))
    #expect(ours.header == reference.header)
    #expect(ours.buffer == reference.buffer)
    #expect(ours.start % 64 == 0)
  }

  @Test func writesAndReadsBack() throws {
    let directory = try TemporaryDirectory()
    let tensors = [
      NamedTensor(name: "w", elementType: .float32, shape: [2, 2], copying: [Float(1), 2, 3, 4]),
      NamedTensor(name: "n", elementType: .int64, shape: [], copying: [Int64(-7)]),
      NamedTensor(name: "a\u{1}\"\\\u{E9}", elementType: .float32, shape: [1], copying: [Float.infinity]),
      NamedTensor(name: "none", elementType: .uint8, shape: [0, 3], copying: [UInt8]()),
    ]
    try writeSafetensors(tensors, to: directory("file"))
    let file = try SafetensorsFile(path: directory("file"))
    #expect(file.entries.map(\.name) == ["n", "a\u{1}\"\\\u{E9}", "w", "none"])
    #expect(try file.floats("w") == [1, 2, 3, 4])
    #expect(try file.integers("n") == [-7])
    #expect(file.metadata.map(\.key) == ["format"])
    #expect(try file.notFiniteTensors() == ["a\u{1}\"\\\u{E9}"])
    #expect(#expect(throws: SafetensorsError.self) { try file.requireFinite() }?.exitCode == .badData)
    // Over a file that is mapped: the new one is another file.
    try writeSafetensors([try file.tensor("w")], to: directory("file"))
    #expect(try file.integers("n") == [-7])
    #expect(try SafetensorsFile(path: directory("file")).entries.map(\.name) == ["w"])
    try writeSafetensors([], metadata: [], to: directory("empty"))
    #expect(try SafetensorsFile(path: directory("empty")).entries == [])
  }

  @Test func refusesToWriteWhatNobodyCouldRead() throws {
    let directory = try TemporaryDirectory()
    func tensor(_ name: String, _ shape: [Int] = [1]) -> NamedTensor {
      NamedTensor(name: name, elementType: .float32, shape: shape, copying: [Float(1)])
    }
    let cases: [([NamedTensor], [(String, String)], String)] = [
      ([tensor("a"), tensor("a")], [], "two tensors have the name"),
      ([tensor("__metadata__")], [], "belongs to the format"),
      ([tensor("a", [2])], [], "F32 [2] but has 4 bytes"),
      ([tensor("a", [-1, -1])], [], "F32 [-1, -1] but has 4 bytes"),
      ([tensor(String(repeating: "n", count: 513))], [], "too long"),
      ([tensor("a", [1, 1, 1, 1, 1, 1, 1, 1, 1])], [], "too long"),
      ([], [("k", "1"), ("k", "2")], "occurs twice"),
    ]
    for (tensors, metadata, reason) in cases {
      let error = #expect(throws: SafetensorsError.self) {
        try writeSafetensors(tensors, metadata: metadata, to: directory("file"))
      }
      #expect(error?.description.contains(reason) == true)
    }
    #expect(try directoryEntries(directory.path) == [])
  }

  @Test func wrongUseIsToldApart() throws {
    let file = try SafetensorsFile(path: types)
    #expect(#expect(throws: SafetensorsError.self) { try file.floats("i64") }?.exitCode == .configuration)
    #expect(#expect(throws: SafetensorsError.self) { try file.integers("f32") }?.exitCode == .configuration)
    let missing = #expect(throws: SafetensorsError.self) { try file.floats("scaler") }
    #expect(missing?.description.contains("did you mean \"scalar\"?") == true)
    #expect(throws: FileError.self) { try SafetensorsFile(path: "\(nowhere).safetensors") }
  }

  private func split(_ path: String) throws -> (header: String, buffer: [UInt8], start: Int) {
    let bytes = try readFile(path)
    let start = 8 + bytes[..<8].enumerated().reduce(0) { $0 + Int($1.element) << (8 * $1.offset) }
    let text = String(decoding: bytes[8..<start], as: UTF8.self)
    return (String(text[...(text.lastIndex(of: "}") ?? text.startIndex)]), Array(bytes[start...]), start)
  }
}
