internal import Archives
internal import Files

/// Reads a caption file of any known layout, which is told by its first bytes and, for tables, by its first rows.
///
/// - Parameters:
///   - choice: how a table is to be read where that is known; with it, everything but JSON is a table.
///   - isPhoto: whether a text names a photo: by its form, if nobody knows better.
/// - Throws: `PreparationError.unknownCaptionLayout`, `.unreadableJSON` or `.unreadableText`.
package func captionFile(
  _ raw: [UInt8], path: String, choice: CaptionTableChoice = .init(),
  isPhoto: @escaping (String) -> Bool = isMediaName
) throws -> CaptionFile {
  let text = try PlainText(raw, path: path)
  var choice = choice
  if choice.delimiter == nil { choice.delimiter = text.delimiter }
  var file = try captionFile(text.bytes, path, choice, isPhoto)
  file.conversion = text.conversion
  return file
}

private func captionFile(
  _ bytes: [UInt8], _ path: String, _ choice: CaptionTableChoice, _ isPhoto: @escaping (String) -> Bool
) throws -> CaptionFile {
  let heading = firstLine(of: bytes)
  if ["json", "jsonl", "ndjson"].contains(extensionOf(path)) || heading.hasPrefix("{") {
    return try .json(bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? Array(bytes.dropFirst(3)) : bytes, path: path)
  }
  if choice.isOpen {
    if isTokenLine(heading) || lastComponent(of: path).lowercased().contains(".token") {
      return .token(bytes, path: path)
    }
    if heading.hasPrefix("image_name|") { return .bars(bytes, path: path) }
  }
  do throws(TextFault) {
    return .separated(bytes, form: try TableForm.of(bytes, choice: choice, isPhoto: isPhoto), path: path)
  } catch {
    throw PreparationError.unknownCaptionLayout(path: path, firstLine: heading, seen: error.reason)
  }
}

/// Whether a line looks like `NAME.jpg#0<TAB>CAPTION`.
private func isTokenLine(_ line: String) -> Bool {
  guard let tab = line.firstIndex(of: "\t"), let mark = line[..<tab].lastIndex(of: "#") else { return false }
  let number = line[line.index(after: mark)..<tab]
  return !number.isEmpty && number.utf8.allSatisfy { (0x30...0x39).contains($0) }
}

/// Whether JSON can be about photos and captions at all, by how its keys begin: COCO's archives hold boxes and key points
/// too, in hundreds of megabytes that need not be taken apart to see it.
func speaksOfPhotos(_ bytes: [UInt8]) -> Bool {
  let keys = (ColumnNames.caption + ["filename"]).map { Array("\"\($0)".utf8) }
  let toLowerCase: UInt8 = 0x20
  return isMediaName(firstKey(bytes))
    || bytes.withUnsafeBufferPointer { bytes in
      bytes.indices.contains { i in
        bytes[i] == UInt8(ascii: "\"")
          && keys.contains { key in
            key.count <= bytes.count - i
              && key.indices.allSatisfy { bytes[i + $0] | toLowerCase == key[$0] | toLowerCase }
          }
      }
    }
}

/// The text that a JSON object begins with.
private func firstKey(_ bytes: [UInt8]) -> String {
  let key = bytes.prefix(500).drop { $0 != 0x22 }.dropFirst().prefix { $0 != 0x22 }
  return String(decoding: key, as: UTF8.self)
}
