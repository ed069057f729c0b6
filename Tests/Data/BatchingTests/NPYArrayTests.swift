import Batching
import Files
import Foundation
import Reporting
import TestSupport
import Testing

/// `.npy` files against those that NumPy wrote (`Tests/Golden/regions.py`).
@Suite struct NPYArrayTests {
  private static let folder = goldenDirectory + "/regions"

  private struct Golden: Decodable {
    let type: String
    let shape: [Int]
    let values: [Double]
  }

  private static func read(_ name: String) throws -> NPYArray {
    let path = folder + "/" + name
    return try NPYArray(reading: readFile(path), place: path)
  }

  @Test func readsWhatNumPyWrites() throws {
    let goldens = try JSONDecoder().decode([String: Golden].self, from: Data(readFile(Self.folder + "/arrays.json")))
    #expect(goldens.count == 16)
    for (name, golden) in goldens {
      let array = try Self.read("arrays/\(name).npy")
      #expect(array.elementType.rawValue == golden.type && array.shape == golden.shape, "\(name)")
      if let integers = array.integers {
        #expect(integers.map(Double.init) == golden.values, "\(name)")
      } else {
        #expect(array.floats == golden.values.map(Float.init), "\(name)")
      }
    }
  }

  /// Files of version 1 and little-endian numbers are written as NumPy writes them, to the last byte.
  @Test(arguments: ["f2", "f4", "f8", "i4", "i8", "scalar", "vector", "empty"]) func writesAsNumPyDoes(name: String)
    throws
  {
    #expect(try Self.read("arrays/\(name).npy").encoded == readFile(Self.folder + "/arrays/\(name).npy"))
  }

  /// To the nearest, ties to even, as NumPy rounds; 10,769 numbers with the middles between two halves among them.
  @Test func roundsToHalvesAsNumPyDoes() throws {
    let (singles, halves) = (try Self.read("singles.npy"), try Self.read("halves.npy"))
    #expect(singles.count == 10_769)
    #expect(singles.halves == halves.halves)
    let doubles = NPYArray(.float64, shape: singles.shape, (singles.floats ?? []).map { Double($0).bitPattern })
    #expect(doubles.halves == halves.halves)
  }

  private static func file(_ header: String, version: UInt8 = 1, data: Int = 8) -> [UInt8] {
    let length = header.utf8.count
    let lengths = [UInt8(length & 0xFF), UInt8(length >> 8)] + (version > 1 ? [0, 0] : [])
    return [0x93] + Array("NUMPY".utf8) + [version, 0] + lengths + Array(header.utf8)
      + [UInt8](repeating: 0, count: data)
  }

  private static func header(_ descr: String = "'<f4'", order: String = "False", shape: String = "(2,)") -> String {
    "{'descr': \(descr), 'fortran_order': \(order), 'shape': \(shape), }\n"
  }

  /// Spellings that NumPy does not write, and Python reads as the same.
  @Test(arguments: [
    header(), "{\"shape\":(2L,),\"fortran_order\":False,\"descr\":\"<f4\"}", header(order: "True"),
    header(shape: "( 1 ,2, 1)"),
  ]) func takes(header: String) throws {
    #expect(try NPYArray(reading: Self.file(header), place: "a.npy").count == 2)
  }

  /// Headers, before eight bytes of numbers.
  private static let headers: [(header: String, reason: String)] = [
    (header("'|O'"), "pickle"), (header("'O'"), "pickle"), (header("[('a', '<f4'), ('b', 'O')]"), "a structure"),
    (header("[['a', ["), "text in quotes is missing"), (header("'<U3'"), "<U3"), (header("'|b1'"), "|b1"),
    (header("'<c8'"), "<c8"), (header("'=f4'"), "=f4"), (header("'\u{7}f4'"), "not closed"),
    (header("'<f4"), "“}” is missing"), (header("f4"), "text in quotes"),
    (header(order: "1"), "neither True nor False"),
    (header(order: "True", shape: "(2, 1, 2)"), "column by column"), (header(shape: "(3,)"), "not what 8 bytes hold"),
    (header(shape: "(2"), "no length"), (header(shape: "[2]"), "“(” is missing"),
    (header(shape: "(-2,)"), "no length"), (header(shape: "(2.0,)"), "“)” is missing"),
    (header(shape: "(9223372036854775808,)"), "no length"), (header(shape: "(__import__('os'),)"), "no length"),
    (header(shape: "(4611686018427387904, 4, 2)"), "not what 8 bytes hold"),
    (header(shape: "(9223372036854775807, 2)"), "not what 8 bytes hold"),
    // 2⁶⁴ + 8 bytes.
    (header(shape: "(2305843009213693953, 2)"), "not what 8 bytes hold"),
    (header(shape: "(1,1,1,1,1,1,1,1,1)"), "more than 8 dimensions"),
    ("{'descr': '<f4', 'fortran_order': False}", "lacks"), ("{}", "lacks"), ("{", "text in quotes"),
    ("{'descr': '<f4', 'descr': '<f4'}", "twice"), ("{'x': 1}", "not known"), (header() + "x", "behind its header"),
    ("__import__('os')", "“{” is missing"), (String(repeating: "[", count: 60_000), "“{” is missing"),
    ("{'descr': " + String(repeating: "[", count: 60_000), "text in quotes"),
  ]

  @Test(arguments: headers) func refuses(header: String, reason: String) {
    expect(Self.file(header), reason)
  }

  @Test func refusesFiles() {
    let magic = [0x93] + Array("NUMPY".utf8)
    for other in [[], [0x93], Array("NUMPY1234567".utf8), magic] { expect(other, "no .npy file") }
    expect(Self.file(Self.header(), version: 4), "version 4.0")
    expect(Self.file(Self.header(), version: 0), "version 0.0")
    expect(magic + [2, 0, 255, 255, 255, 255], "header has 4294967295 bytes")
    expect(magic + [1, 0, 255, 255, 0x7B, 0x7B], "header has 65535 bytes")
    expect(Self.file(Self.header(), data: 7), "not what 7 bytes hold")
    expect(Self.file(Self.header(), data: 9), "not what 9 bytes hold")
    expect([0x80, 4, 0x95] + [UInt8](repeating: 0, count: 20), "pickle")
  }

  private func expect(_ bytes: [UInt8], _ reason: String) {
    let error = #expect(throws: NPYError.self) { try NPYArray(reading: bytes, place: "a.npy") }
    #expect(error?.description.contains(reason) == true && error?.exitCode == .badData, "\(error?.description ?? "")")
  }
}
