/// Files that are no whole, unambiguous safetensors file (docs/formats.md).
let safetensorsCases: [MalformedCase] =
  wholeFileCases + headerTextCases + nameCases + numberCases + layoutCases + limitCases + pickleCases

/// The bytes of a file with this header; `length` is what its first eight bytes say.
func safetensors(_ header: [UInt8], buffer: Int = 0, length: UInt64? = nil) -> [UInt8] {
  let length = length ?? UInt64(header.count)
  return (0..<8).map { UInt8(truncatingIfNeeded: length >> ($0 * 8)) } + header + [UInt8](repeating: 7, count: buffer)
}

func safetensors(_ header: String, buffer: Int = 0) -> [UInt8] { safetensors(Array(header.utf8), buffer: buffer) }

/// A member of a header.
func tensor(_ name: String, _ type: String, _ shape: String, _ offsets: String) -> String {
  #""\#(name)":{"dtype":"\#(type)","shape":[\#(shape)],"data_offsets":[\#(offsets)]}"#
}

private func inspected(_ what: String, _ key: String, _ bytes: @escaping @Sendable () -> [UInt8]) -> MalformedCase {
  MalformedCase("safetensors: " + what, ["inspect", "IN/file.safetensors"], 65, key) {
    try $0.write(bytes(), to: "file.safetensors")
  }
}

private func header(_ what: String, _ text: String, buffer: Int = 8, _ key: String) -> MalformedCase {
  inspected(what, key) { safetensors(text, buffer: buffer) }
}

private func member(_ what: String, _ text: String, buffer: Int = 8, _ key: String) -> MalformedCase {
  header(what, "{" + text + "}", buffer: buffer, key)
}

private let wholeFileCases: [MalformedCase] =
  [0, 1, 7].map { size in
    inspected("\(size) bytes", "too short") { [UInt8](repeating: 0, count: size) }
  }
  + [3, 100_000_001, 1 << 31, 1 << 32, 1 << 53, 1 << 63, UInt64.max, UInt64.max - 7].map { (length: UInt64) in
    inspected("a header of \(length) bytes over two", "at most 2 are possible") {
      safetensors(Array("{}".utf8), length: length)
    }
  }
  + [
    inspected("a header that takes the buffer's bytes along", "something follows") {
      safetensors(Array("{\(tensor("a", "U8", "8", "0,8"))}".utf8), buffer: 20, length: 60)
    },
    inspected("a header that ends early", "expected a comma") {
      safetensors(Array("{\(tensor("a", "U8", "8", "0,8"))}".utf8), buffer: 8, length: 50)
    },
    inspected("no header, only zeros", "found the end") { [UInt8](repeating: 0, count: 64) },
    inspected("an HTML page", "a web page (HTML)") { Array("<!DOCTYPE html><title>404 Not Found</title>".utf8) },
    inspected("JSON without a length", "header") {
      Array(#"{"a":{"dtype":"U8","shape":[0],"data_offsets":[0,0]}}"#.utf8)
    },
    inspected("a big-endian length", "at most") {
      [0, 0, 0, 0, 0, 0, 0, 2] + Array("{}".utf8)
    },
  ]

private let headerTextCases: [MalformedCase] = [
  inspected("a key that is not UTF-8", "not valid UTF-8") {
    safetensors(Array(#"{"a"#.utf8) + [0xFF] + Array(#"":{}}"#.utf8))
  },
  inspected("an overlong encoding", "not valid UTF-8") {
    safetensors(Array(#"{"a"#.utf8) + [0xC0, 0x80] + Array(#"":{}}"#.utf8))
  },
  inspected("an encoded surrogate", "not valid UTF-8") {
    safetensors(Array(#"{"a"#.utf8) + [0xED, 0xA0, 0x80] + Array(#"":{}}"#.utf8))
  },
  inspected("a byte order mark", "byte 0xef") { safetensors([0xEF, 0xBB, 0xBF] + Array("{}".utf8)) },
  inspected("UTF-16", "byte") { safetensors(Array("{}".utf8).flatMap { [$0, 0] }) },
  inspected("a NUL before the header", "byte 0x0") { safetensors([0] + Array("{}".utf8)) },
  header("an array", "[]", "found '['"),
  header("a number", "17", "found '1'"),
  header("null", "null", "found 'n'"),
  header("a string", #""a""#, #"found '"'"#),
  header("an open brace", "{", "found the end"),
  header("two objects", "{}{}", "something follows"),
  header("a comma after the end", "{},", "something follows"),
  header("a comment", "{}//", "something follows"),
  header("single quotes", "{'a':{}}", "a string"),
  header("a key without quotes", "{a:{}}", "a string"),
  header("a key without a value", #"{"a"}"#, "a colon"),
  header("a comma too many", "{\(tensor("a", "U8", "8", "0,8")),}", "found '}'"),
  header("a missing comma", "{\(tensor("a", "U8", "4", "0,4"))\(tensor("b", "U8", "4", "4,8"))}", "a comma"),
  header("a text that does not end", #"{"a"#, "does not end"),
  header("an escape that does not end", #"{"a\"#, "does not end"),
  header("an unknown escape", #"{"\x41":{}}"#, "unknown escape"),
  header("half a surrogate pair", #"{"\ud800":{}}"#, "surrogate"),
  header("a pair of high surrogates", #"{"\ud800\ud800":{}}"#, "surrogate"),
  header("a low surrogate alone", #"{"\udc00":{}}"#, "surrogate"),
  header("an escape of three digits", #"{"\u123":{}}"#, "hexadecimal"),
  header("a line feed in a name", "{\"a\nb\":{}}", "control character"),
  header("an escape code in a name", "{\"a\u{1B}[2Jb\":{}}", "control character"),
]

private let nameCases: [MalformedCase] = [
  member("one name twice", tensor("a", "U8", "0", "0,0") + "," + tensor("a", "U8", "8", "0,8"), #"the key "a" twice"#),
  member(
    "one name twice, once escaped", tensor("a", "U8", "0", "0,0") + "," + tensor(#"\u0061"#, "U8", "8", "0,8"),
    #"the key "a" twice"#),
  member("an empty name twice", tensor("", "U8", "0", "0,0") + "," + tensor("", "U8", "8", "0,8"), "twice"),
  member("__metadata__ as a tensor", tensor("__metadata__", "U8", "8", "0,8"), "a string"),
  member("__metadata__ twice", #""__metadata__":{},"__metadata__":{},"# + tensor("a", "U8", "8", "0,8"), "twice"),
  member("__metadata__ as a text", #""__metadata__":"pt""#, "the start of __metadata__"),
  member("__metadata__ as a list", #""__metadata__":["pt"]"#, "the start of __metadata__"),
  member("__metadata__ as null", #""__metadata__":null"#, "the start of __metadata__"),
  member("a number in __metadata__", #""__metadata__":{"format":1}"#, "a string"),
  member("null in __metadata__", #""__metadata__":{"format":null}"#, "a string"),
  member("true in __metadata__", #""__metadata__":{"format":true}"#, "a string"),
  member("a group in __metadata__", #""__metadata__":{"format":{}}"#, "a string"),
  member("a key twice in __metadata__", #""__metadata__":{"a":"1","a":"2"}"#, "twice in __metadata__"),
  member("__metadata__ by an escape, as a tensor", tensor(#"\u005f_metadata__"#, "U8", "8", "0,8"), "a string"),
]

private let numberCases: [MalformedCase] = [
  member("an end before its begin", tensor("a", "U8", "4", "8,4"), "begins after its end"),
  member("a negative begin", tensor("a", "U8", "8", "-8,0"), "unsigned"),
  member("a negative size", tensor("a", "U8", "-8", "0,8"), "unsigned"),
  member("two negative sizes", tensor("a", "U8", "-2,-4", "0,8"), "unsigned"),
  member("an offset with a fraction", tensor("a", "U8", "8", "0,8.0"), "exact integer"),
  member("an offset with an exponent", tensor("a", "U8", "8", "0,8e0"), "exact integer"),
  member("a size of 1e3", tensor("a", "U8", "1e3", "0,8"), "exact integer"),
  member("an offset above 2^53", tensor("a", "U8", "8", "0,9007199254740993"), "larger than 2^53"),
  member("an offset above 2^64", tensor("a", "U8", "8", "0,99999999999999999999999"), "larger than 2^53"),
  member("a leading zero", tensor("a", "U8", "08", "0,8"), "starts with 0"),
  member("a hexadecimal number", tensor("a", "U8", "0x8", "0,8"), "a comma"),
  member("a number in quotes", tensor("a", "U8", "\"8\"", "0,8"), "unsigned"),
  member("a plus sign", tensor("a", "U8", "+8", "0,8"), "unsigned"),
  member("NaN for a size", tensor("a", "U8", "NaN", "0,8"), "unsigned"),
  member("null for an offset", tensor("a", "U8", "8", "0,null"), "unsigned"),
  member("three offsets", tensor("a", "U8", "8", "0,8,8"), "more than 2"),
  member("one offset", tensor("a", "U8", "8", "8"), "two data_offsets"),
  member("no offsets", tensor("a", "U8", "8", ""), "two data_offsets"),
  member("a list in a shape", tensor("a", "U8", "[8]", "0,8"), "unsigned"),
  member("a product of 2^64", tensor("a", "U8", "4294967296,4294967296", "0,8"), "too large"),
  member(
    "a product of 2^64 times nothing", tensor("a", "U8", "4294967296,4294967296,0", "0,0"), buffer: 0, "too large"),
  member("a product of 2^63 bytes", tensor("a", "F64", "1152921504606846976", "0,8"), "larger than 2^53"),
  member("2^53 numbers of 1024", tensor("a", "F32", "9007199254740992,1024", "0,8"), "too large"),
]

private let layoutCases: [MalformedCase] = [
  member(
    "ten names on one span", (0..<10).map { tensor("t\($0)", "U8", "8", "0,8") }.joined(separator: ","), "overlaps"),
  member("two that share a byte", tensor("a", "U8", "5", "0,5") + "," + tensor("b", "U8", "4", "4,8"), "overlaps"),
  member("one within another", tensor("a", "U8", "8", "0,8") + "," + tensor("b", "U8", "2", "3,5"), "overlaps"),
  member("a hole at the start", tensor("a", "U8", "4", "4,8"), "bytes 0..<4 of the buffer belong to no tensor"),
  member(
    "a hole in the middle", tensor("a", "U8", "2", "0,2") + "," + tensor("b", "U8", "4", "4,8"), "belong to no tensor"),
  member("a tail of no tensor", tensor("a", "U8", "4", "0,4"), "the tensors take 4 bytes, the file holds 8"),
  header("a tail and no tensor", "{}", "the tensors take 0 bytes, the file holds 8"),
  member("a buffer cut short", tensor("a", "U8", "16", "0,16"), "the tensors take 16 bytes, the file holds 8"),
  inspected("a zip appended", "the file holds") {
    safetensors("{\(tensor("a", "U8", "8", "0,8"))}", buffer: 8) + [0x50, 0x4B, 3, 4, 0, 0, 0, 0]
  },
  member("fewer bytes than its shape", tensor("a", "F32", "4", "0,8"), "F32 [4] takes 16 bytes, its offsets span 8"),
  member("more bytes than its shape", tensor("a", "F16", "2", "0,8"), "F16 [2] takes 4 bytes, its offsets span 8"),
  member("a scalar over eight bytes", tensor("a", "F32", "", "0,8"), "takes 4 bytes"),
  member("half a number", tensor("a", "BF16", "1", "0,1"), buffer: 1, "takes 2 bytes"),
  member("a type of four bits", tensor("a", "F4", "16", "0,8"), #"the dtype "F4", which is not supported"#),
  member("a type of six bits", tensor("a", "F6_E2M3", "8", "0,6"), buffer: 6, #"dtype "F6_E2M3""#),
  member("an unknown type", tensor("a", "float32", "2", "0,8"), #"dtype "float32""#),
  member("a type in small letters", tensor("a", "f32", "2", "0,8"), #"dtype "f32""#),
  member("an empty type", tensor("a", "", "8", "0,8"), #"dtype """#),
  member("a type with an escape code", tensor("a", #"\u001b[2J"#, "8", "0,8"), #"\u{1b}[2J"#),
  member("a type that is a number", #""a":{"dtype":1,"shape":[8],"data_offsets":[0,8]}"#, "the dtype of"),
  member("no type", #""a":{"shape":[8],"data_offsets":[0,8]}"#, "needs dtype"),
  member("no shape", #""a":{"dtype":"U8","data_offsets":[0,8]}"#, "needs dtype, shape"),
  member("an empty tensor", #""a":{}"#, "needs dtype"),
  member("an unknown member", #""a":{"dtype":"U8","shape":[8],"data_offsets":[0,8],"x":1}"#, #"the key "x""#),
  member("a member twice", #""a":{"dtype":"U8","dtype":"U8","shape":[8],"data_offsets":[0,8]}"#, #"the key "dtype""#),
  member("a tensor that is a list", #""a":["U8",[8],[0,8]]"#, "expected the start of"),
]

private let limitCases: [MalformedCase] = [
  inspected("100,001 tensors", "more than 100000 tensors") {
    safetensors("{" + (0...100_001).map { tensor("\($0)", "U8", "0", "0,0") }.joined(separator: ",") + "}")
  },
  member("a name of 513 bytes", tensor(String(repeating: "n", count: 513), "U8", "8", "0,8"), "longer than 512 bytes"),
  member("nine dimensions", tensor("a", "U8", "1,1,1,1,1,1,1,1,8", "0,8"), "more than 8 numbers"),
  header("objects a million deep", String(repeating: #"{"a":"#, count: 1_000_000), "byte"),
  header("lists a million deep", #"{"a":{"shape":"# + String(repeating: "[", count: 1_000_000), "unsigned"),
  inspected("100,001 entries of __metadata__", "entries in __metadata__") {
    safetensors(
      #"{"__metadata__":{"# + (0...100_001).map { "\"\($0)\":\"\"" }.joined(separator: ",") + "}}")
  },
]

private let pickleCases: [MalformedCase] =
  [
    inspected("a pickle under its name", "is a pickle") { [0x80, 2, 0x8A, 10, 0x6C, 0xFC, 0x9C, 0x46, 0xF9, 0x20] },
    inspected("torch.save's zip under its name", "is a pickle") { [0x50, 0x4B, 3, 4, 0, 0, 8, 8, 0, 0, 0, 0] },
  ]
  + ["pytorch_model.bin", "model.pt", "model.pth", "last.ckpt", "weights.pkl", "MODEL.PT"].map { name in
    MalformedCase("pickle: \(name)", ["inspect", "IN/" + name], 65, "convert it in Python") {
      try $0.write([0x80, 4, 0x95, 0, 0, 0, 0, 0, 0, 0, 0x2E], to: name)
    }
  }
