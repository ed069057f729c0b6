import Checkpoints
import Randomness
import Reporting
import Testing

/// A header of these members.
private func header(_ members: String...) -> String { "{" + members.joined(separator: ",") + "}" }

/// A member of a header; shape and offsets without their brackets.
private func tensor(_ name: String, _ shape: String, _ offsets: String, _ type: String = "U8") -> String {
  #""\#(name)":{"dtype":"\#(type)","shape":[\#(shape)],"data_offsets":[\#(offsets)]}"#
}

/// Rows B1 to B11 of what a reader has to refuse: each file is refused with a sentence that names the reason.
@Suite struct MalformedFileTests {
  private static let whole = header(tensor("a", "2", "0,8", "F32"))

  @Test(arguments: [
    (header(tensor("a", "4", "0,4"), tensor("b", "4", "0,4")), 4, "overlaps"),
    (header(tensor("a", "4", "0,4"), tensor("b", "4", "3,7")), 7, "overlaps"),
    (header(tensor("a", "4", "4,8")), 8, "bytes 0..<4 of the buffer belong to no tensor"),
    (header(tensor("a", "2", "0,2"), tensor("b", "2", "3,5")), 5, "bytes 2..<3 of the buffer belong to no tensor"),
    (whole, 9, "the tensors take 8 bytes, the file holds 9"),
    (whole, 7, "the tensors take 8 bytes, the file holds 7"),
    (whole, 0, "the file holds 0"),
    ("{}", 1, "the file holds 1"),
  ])
  func everyByteBelongsToOneTensor(header: String, buffer: Int, reason: String) throws {
    try expectRefusal(header, buffer, reason)
  }

  @Test(arguments: [
    (tensor("a", "4", "4,0"), "begins after its end"),
    (tensor("a", "-4", "0,4"), "unsigned integers, not '-'"),
    (tensor("a", "4.0", "0,4"), "not an exact integer"),
    (tensor("a", "4e0", "0,4"), "not an exact integer"),
    (tensor("a", "04", "0,4"), "starts with 0"),
    (tensor("a", "4", "0,9007199254740993"), "larger than 2^53"),
    (tensor("a", "99999999999999999999999", "0,4"), "larger than 2^53"),
    (tensor("a", "4294967296,4294967296,0", "0,0"), "too large"),
    (tensor("a", "9007199254740992,1024", "0,4"), "too large"),
    (tensor("a", "4", "0,4", "F32"), "F32 [4] takes 16 bytes, its offsets span 4"),
    (tensor("a", "8", "0,4", "F4"), #"dtype "F4", which is not supported"#),
    (tensor("a", "1", "0,4", "f32"), #"dtype "f32", which is not supported"#),
    (tensor("a", "1,1,1,1,1,1,1,1,4", "0,4"), "more than 8 numbers"),
    (tensor("a", "4", "0,2,4"), "more than 2 numbers"),
    (tensor("a", "4", "4"), "two data_offsets"),
    (tensor("a", "4,", "0,4"), "not ']'"),
    (#""a":{"dtype":"U8","shape":[4]}"#, "needs dtype, shape and two data_offsets"),
    (#""a":{}"#, "needs dtype"),
    (#""a":{"dtype":"U8","shape":[4],"extra":1}"#, #"the key "extra" twice, or it is not known"#),
    (#""a":{"dtype":"U8","dtype":"U8","shape":[4]}"#, #"the key "dtype" twice"#),
    (tensor(String(repeating: "n", count: 513), "4", "0,4"), "longer than 512 bytes"),
  ])
  func tensorsAreExact(member: String, reason: String) throws {
    try expectRefusal(header(member), 4, reason)
  }

  @Test(arguments: [
    (header(tensor("a", "0", "0,0"), tensor("a", "0", "0,0")), #"has the key "a" twice"#),
    (header(tensor("a", "0", "0,0"), tensor(#"\u0061"#, "0", "0,0")), #"has the key "a" twice"#),
    (#"{"__metadata__":{},"__metadata__":{}}"#, #"has the key "__metadata__" twice"#),
    (#"{"__metadata__":{"a":"1","a":"2"}}"#, "twice in __metadata__"),
    (header(tensor("__metadata__", "0", "0,0")), "a string, found '['"),
    (#"{"__metadata__":{"a":1}}"#, "a string, found '1'"),
    (#"{"__metadata__":[]}"#, "expected the start of __metadata__, found '['"),
    ("", "expected the start of the header, found the end"),
    ("[]", "found '['"), ("{", "found the end"), ("{}}", "something follows"), ("{},", "something follows"),
    ("null", "found 'n'"), (#"{"a":1}"#, "found '1'"), (#"{"a""#, "a colon"),
    (header(tensor("a", "0", "0,0"), ""), "found '}'"),
    (#"{"a\x":{}}"#, "unknown escape"), (#"{"\u00g0":{}}"#, "without four hexadecimal digits"),
    (#"{"\ud800":{}}"#, "half of a surrogate pair"), (#"{"\ud800\u0041":{}}"#, "half of a surrogate pair"),
    (#"{"a"#, "does not end"), (#"{"a\"#, "does not end"), ("{\"a\nb\":{}}", "control character"),
  ])
  func theHeaderIsStrictJSON(header: String, reason: String) throws {
    try expectRefusal(header, 0, reason)
  }

  private func expectRefusal(_ header: String, _ buffer: Int, _ reason: String) throws {
    let error = try #require(try openingError(header, buffer: buffer))
    #expect(error.description.contains(reason), "\(error)")
    #expect(error.exitCode == .badData)
  }

  @Test(arguments: [
    (whole, 8), ("{}", 0), (" \n{} \t\r", 0), (#"{"__metadata__":{}}"#, 0),
    (header(tensor(#"\u00e9"#, "0", "0,0"), tensor(#"e\u0301"#, "0", "0,0")), 0),
    (#"{"b":{"shape":[],"dtype":"U8","data_offsets":[1,2]},"a":{"dtype":"U8","data_offsets":[0,1],"shape":[1,1]}}"#, 2),
  ])
  func isRead(header: String, buffer: Int) throws {
    #expect(try openingError(header, buffer: buffer) == nil)
  }

  @Test func lengthsAreCheckedBeforeAnythingElse() throws {
    for size in 0..<8 {
      let error = try openingError([UInt8](repeating: 0, count: size))
      #expect(error?.description.contains("\(size) bytes, too short") == true)
    }
    for length: UInt64 in [3, 100_000_001, 1 << 63, .max] {
      let error = try openingError(safetensorsBytes(header: Array("{}".utf8), buffer: 0, length: length))
      #expect(error?.description.contains("its header has \(length) bytes, but at most 2 are possible") == true)
    }
  }

  @Test func badUTF8IsNamedWithItsPlace() throws {
    let header = Array(#"{"ab"#.utf8) + [0xFF] + Array(#"":{}}"#.utf8)
    let error = try openingError(safetensorsBytes(header: header, buffer: 0))
    #expect(error?.description.contains("byte 10 of the header: a key of the header is not valid UTF-8") == true)
  }

  @Test func depthCostsNothing() throws {
    let objects = try openingError(String(repeating: #"{"a":"#, count: 1_000_000))
    #expect(objects?.description.contains("byte 18") == true)
    let arrays = try openingError(#"{"a":{"shape":"# + String(repeating: "[", count: 1_000_000))
    #expect(arrays?.description.contains("unsigned integers, not '['") == true)
  }

  @Test func tooManyTensorsAreRefused() throws {
    var header = "{"
    for index in 0...100_001 { header += "\"\(index)\":{\"dtype\":\"U8\",\"shape\":[0],\"data_offsets\":[0,0]}," }
    let error = try openingError(header)
    #expect(error?.description.contains("more than 100000 tensors") == true)
  }

  @Test func picklesAreRefusedWithTheWayOut() throws {
    for bytes: [UInt8] in [[0x50, 0x4B, 3, 4, 0, 0, 8, 8, 0, 0], [0x80, 2, 0x8A, 10, 0x6C, 0xFC, 0x9C, 0x46, 0xF9]] {
      let error = try #require(try openingError(bytes))
      guard case .pickle = error else { return #expect(Bool(false), "\(error)") }
      #expect(error.description.contains("convert it in Python"))
    }
  }

  /// Whatever is done to the header, opening it ends, without a crash and within the file.
  @Test func damagedHeadersNeverCrash() throws {
    let members = [tensor("a", "2", "0,8", "F32"), tensor("b", "1,1", "8,16", "I64")]
    let header = Array(header(#""__metadata__":{"k":"v\u00e9"}"#, members[0], members[1]).utf8)
    var random = RandomStream(seed: 1, 1)
    var refused = 0
    for _ in 0..<3_000 {
      var bytes = safetensorsBytes(header: header, buffer: 16)
      for _ in 0...random.integer(below: 3) {
        bytes[random.integer(below: 8 + header.count)] = UInt8(random.integer(below: 256))
      }
      if random.integer(below: 4) == 0 { bytes.removeLast(random.integer(below: bytes.count)) }
      if try openingError(bytes) != nil { refused += 1 }
    }
    #expect(refused > 2_500)
  }
}
