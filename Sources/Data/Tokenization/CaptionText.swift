/// The rules of CLIP's text before any vocabulary is looked at, in the form of Hugging Face's fast tokenizer.
enum CaptionText {
  /// NFC, white space collapsed to one space, lower case; UTF-8 in, UTF-8 out.
  static func normalize(_ utf8: some Collection<UInt8>) -> [UInt8] {
    if utf8.allSatisfy({ $0 < 0x80 }) { return normalizeASCII(utf8) }
    var result: [UInt8] = []
    result.reserveCapacity(utf8.count)
    var afterSpace = false
    for scalar in CanonicalComposition.shared.compose(Array(String(decoding: utf8, as: UTF8.self).unicodeScalars)) {
      if scalar.isWhiteSpace {
        if !afterSpace { result.append(0x20) }
        afterSpace = true
        continue
      }
      afterSpace = false
      appendLowercase(scalar, to: &result)
    }
    return result
  }

  private static func appendLowercase(_ scalar: Unicode.Scalar, to result: inout [UInt8]) {
    if scalar.value < 0x80 {
      let byte = UInt8(truncatingIfNeeded: scalar.value)
      result.append(UInt8(ascii: "A")...UInt8(ascii: "Z") ~= byte ? byte | 0x20 : byte)
    } else {
      result.append(contentsOf: scalar.properties.lowercaseMapping.utf8)
    }
  }

  private static func normalizeASCII(_ utf8: some Collection<UInt8>) -> [UInt8] {
    var result: [UInt8] = []
    result.reserveCapacity(utf8.count)
    var afterSpace = false
    for byte in utf8 {
      if byte == 0x20 || 0x09...0x0D ~= byte {
        if !afterSpace { result.append(0x20) }
        afterSpace = true
        continue
      }
      afterSpace = false
      result.append(UInt8(ascii: "A")...UInt8(ascii: "Z") ~= byte ? byte | 0x20 : byte)
    }
    return result
  }

  /// The regular expression that `words` does the work of, as `tokenizer.json` spells it.
  static let wordPattern = #"'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+"#

  /// The pattern that `transformers` writes from version 5 on. CLIP's special tokens stand in front, and the `ByteLevel`
  /// step that follows cuts them again where letters meet other characters.
  static let wordPatternWithSpecials = #"<\|startoftext\|>|<\|endoftext\|>|"# + wordPattern

  private static let specials = [Array("<|startoftext|>".utf8), Array("<|endoftext|>".utf8)]

  /// Calls `body` with each word of normalised text, until it returns false: English contractions, runs of letters,
  /// single digits, runs of anything else but white space.
  ///
  /// - Parameter endsAtSpecials: whether the pattern is `wordPatternWithSpecials`.
  static func forEachWord(in utf8: [UInt8], endsAtSpecials: Bool = false, _ body: (Range<Int>) -> Bool) {
    var position = 0
    while position < utf8.count {
      let start = position
      if endsAtSpecials, utf8[start] == UInt8(ascii: "<"),
        let special = specials.first(where: { utf8[start...].starts(with: $0) })
      {
        position += special.count
        for part in [start..<start + 2, start + 2..<position - 2, position - 2..<position] where !body(part) { return }
        continue
      }
      let (kind, length) = character(in: utf8, at: position)
      position += length
      switch kind {
      case .space: continue
      case .number: break
      case .letter:
        position = endOfRun(of: .letter, in: utf8, from: position)
      case .other:
        if let length = contractionLength(in: utf8, at: start) {
          position = start + length
        } else {
          position = endOfRun(of: .other, in: utf8, from: position)
        }
      }
      if !body(start..<position) { return }
    }
  }

  private static func endOfRun(of kind: CharacterClass, in utf8: [UInt8], from start: Int) -> Int {
    var position = start
    while position < utf8.count {
      let next = character(in: utf8, at: position)
      if next.kind != kind { break }
      position += next.length
    }
    return position
  }

  /// The length of the contraction that begins here, or nil. The order is the pattern's.
  private static func contractionLength(in utf8: [UInt8], at position: Int) -> Int? {
    guard utf8[position] == UInt8(ascii: "'") else { return nil }
    let rest = utf8[(position + 1)...].prefix(2)
    switch rest.first {
    case UInt8(ascii: "s"), UInt8(ascii: "t"), UInt8(ascii: "m"), UInt8(ascii: "d"): return 2
    default: return ["re", "ve", "ll"].contains { rest.elementsEqual($0.utf8) } ? 3 : nil
    }
  }

  /// The class and the number of bytes of the scalar that begins at `position` of valid UTF-8.
  private static func character(in utf8: [UInt8], at position: Int) -> (kind: CharacterClass, length: Int) {
    let lead = utf8[position]
    if lead < 0x80 { return (CharacterClass(ascii: lead), 1) }
    let length = lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4
    var code = UInt32(lead) & (0x7F >> UInt32(length))
    for byte in utf8[position..<min(position + length, utf8.count)].dropFirst() {
      code = code << 6 | UInt32(byte & 0x3F)
    }
    return (Unicode.Scalar(code).map(CharacterClass.init) ?? .other, length)
  }
}
