/// Appends JSON to bytes. Keys come out in the order of the calls, so that equal values make equal files.
struct JSONWriter {
  private(set) var bytes: [UInt8] = []

  /// Text that is JSON already.
  mutating func raw(_ json: String) { bytes.append(contentsOf: json.utf8) }

  mutating func string(_ utf8: [UInt8]) {
    bytes.append(UInt8(ascii: "\""))
    for byte in utf8 {
      switch byte {
      case UInt8(ascii: "\""), UInt8(ascii: "\\"): bytes.append(contentsOf: [UInt8(ascii: "\\"), byte])
      case 0..<0x20: raw("\\u00" + (byte < 16 ? "0" : "") + String(byte, radix: 16))
      default: bytes.append(byte)
      }
    }
    bytes.append(UInt8(ascii: "\""))
  }

  mutating func string(_ text: String) { string(Array(text.utf8)) }

  /// Elements between commas.
  mutating func list<Element>(
    _ elements: some Sequence<Element>, _ element: (inout JSONWriter, Element) throws -> Void
  ) rethrows {
    var isFirst = true
    for value in elements {
      if !isFirst { raw(",") }
      isFirst = false
      try element(&self, value)
    }
  }
}
