/// GPT-2's table from bytes to printable characters, in which vocabularies and merges are written: printable Latin-1
/// stands for itself, the other 68 bytes take the characters from U+0100 on.
enum ByteSymbols {
  /// Ends the last symbol of a word.
  static let wordEnd = Array("</w>".utf8)

  /// The bytes in the order in which CLIP numbers them: first those that stand for themselves.
  static let order: [UInt8] = printable + (0...255).filter { !printable.contains($0) }

  private static let printable: [UInt8] = Array(0x21...0x7E) + Array(0xA1...0xAC) + Array(0xAE...0xFF)

  /// The UTF-8 of each byte's symbol, by byte.
  static let symbols: [[UInt8]] = {
    var symbols = [[UInt8]](repeating: [], count: 256)
    for (index, byte) in order.enumerated() {
      let scalar = index < printable.count ? Unicode.Scalar(byte) : Unicode.Scalar(UInt8(index - printable.count))
      let shift: UInt32 = index < printable.count ? 0 : 0x100
      symbols[Int(byte)] = Unicode.Scalar(scalar.value + shift).map { Array(String($0).utf8) } ?? []
    }
    return symbols
  }()

  /// Byte by the value of the symbol's scalar.
  private static let bytes: [UInt8?] = {
    var bytes = [UInt8?](repeating: nil, count: 0x144)
    for byte in 0..<256 {
      guard let scalar = String(decoding: symbols[byte], as: UTF8.self).unicodeScalars.first else { continue }
      bytes[Int(scalar.value)] = UInt8(byte)
    }
    return bytes
  }()

  /// The bytes that a token stands for, and whether it ends a word; nil if it is not written in symbols.
  static func read(_ token: [UInt8]) -> (bytes: [UInt8], endsWord: Bool)? {
    let endsWord = token.count > wordEnd.count && token.suffix(wordEnd.count).elementsEqual(wordEnd)
    var result: [UInt8] = []
    let text = String(decoding: endsWord ? token.dropLast(wordEnd.count) : token[...], as: UTF8.self)
    for scalar in text.unicodeScalars {
      guard Int(scalar.value) < bytes.count, let byte = bytes[Int(scalar.value)] else { return nil }
      result.append(byte)
    }
    return result.isEmpty ? nil : (result, endsWord)
  }

  /// The token that stands for the bytes.
  static func write(_ bytes: [UInt8], endsWord: Bool) -> [UInt8] {
    bytes.flatMap { symbols[Int($0)] } + (endsWord ? wordEnd : [])
  }
}
