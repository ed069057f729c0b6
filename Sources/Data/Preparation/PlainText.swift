internal import Reporting

/// The bytes of a text file as the readers want them: UTF-8 with line feeds. UTF-16, which Excel writes, and lines that
/// end in carriage returns alone are converted; Excel's first line `sep=;` becomes an empty one.
struct PlainText {
  let bytes: [UInt8]
  /// What such a line says that stands between fields.
  let delimiter: CaptionDelimiter?
  /// What was converted, in words; nil where nothing was.
  let conversion: String?

  /// - Throws: `PreparationError.unreadableText` for a text that says it is UTF-16 and is not, and for UTF-32.
  init(_ raw: [UInt8], path: String) throws {
    var (bytes, conversion) = (raw, String?.none)
    if raw.starts(with: [0xFF, 0xFE, 0, 0]) || raw.starts(with: [0, 0, 0xFE, 0xFF]) {
      throw PreparationError.unreadableText(path: path, reason: "it is UTF-32")
    }
    if raw.starts(with: [0xFF, 0xFE]) || raw.starts(with: [0xFE, 0xFF]) {
      bytes = try Self.fromUTF16(raw.dropFirst(2), isLittle: raw[0] == 0xFF, path: path)
      conversion = "UTF-16, converted to UTF-8"
    }
    if bytes.contains(0x0D), !bytes.contains(0x0A) {
      for i in bytes.indices where bytes[i] == 0x0D { bytes[i] = 0x0A }
      conversion = (conversion.map { $0 + "; " } ?? "") + "lines that end in a carriage return"
    }
    if let (end, delimiter) = Self.excelLine(bytes) {
      self.delimiter = delimiter
      self.bytes = Array(bytes[end...])
    } else {
      (self.bytes, delimiter) = (bytes, nil)
    }
    self.conversion = conversion
  }

  /// Where a line that says the delimiter ends.
  private static func excelLine(_ bytes: [UInt8]) -> (end: Int, CaptionDelimiter)? {
    let end = bytes.prefix(16).firstIndex(of: 0x0A) ?? 0
    let line = trimmed(String(decoding: bytes[..<end], as: UTF8.self).filter { $0 != "\"" && $0 != "\u{FEFF}" })
    let said = line.hasPrefix("sep=") && line.utf8.count <= 5 ? line.utf8.last : nil
    let tab = bytes[..<end].elementsEqual("sep=\t".utf8) || bytes[..<end].elementsEqual("sep=\t\r".utf8)
    let byte = tab ? UInt8(ascii: "\t") : said
    return CaptionDelimiter.allCases.first { $0.byte == byte }.map { (end, $0) }
  }

  private static func fromUTF16(_ raw: ArraySlice<UInt8>, isLittle: Bool, path: String) throws -> [UInt8] {
    guard raw.count % 2 == 0 else {
      throw PreparationError.unreadableText(path: path, reason: "it is UTF-16 that ends in the middle of a character")
    }
    let units = stride(from: raw.startIndex, to: raw.endIndex, by: 2).map { i in
      isLittle ? UInt16(raw[i + 1]) << 8 | UInt16(raw[i]) : UInt16(raw[i]) << 8 | UInt16(raw[i + 1])
    }
    guard let text = String(validating: units, as: UTF16.self) else {
      throw PreparationError.unreadableText(path: path, reason: "it is UTF-16 with half a character in it")
    }
    return Array(text.utf8)
  }
}
