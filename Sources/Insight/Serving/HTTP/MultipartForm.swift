internal import Glibc

/// What a form sends with a file in it (RFC 7578).
package struct MultipartForm: Sendable {
  package struct Part: Sendable {
    package let name: String
    /// As somebody's machine calls the file; nil of what is no file.
    package let fileName: String?
    package let bytes: ArraySlice<UInt8>
  }

  package private(set) var parts: [Part] = []

  private static let mostParts = 16
  private static let headBytes = 4 << 10

  /// - Throws: `Refusal` with 415 for a body of another kind, 400 for one that is not what it says.
  package init(_ body: [UInt8], kind: String?) throws(Refusal) {
    let boundary = try Self.boundary(kind)
    let mark = Array("\r\n--".utf8) + boundary
    // The first mark has no line before it.
    guard body.starts(with: mark.dropFirst(2)) else { throw Self.broken("it does not begin with its boundary") }
    var start = mark.count - 2
    while !body[start...].starts(with: "--".utf8) {
      guard body[start...].starts(with: "\r\n".utf8) else { throw Self.broken("a boundary is not a line of its own") }
      guard let end = find(mark, in: body, from: start) else { throw Self.broken("it ends within a part") }
      guard parts.count < Self.mostParts else { throw Self.broken("it has more than \(Self.mostParts) parts") }
      parts.append(try Self.part(body, start..<end))
      start = end + mark.count
    }
  }

  /// The text of the first part of that name, its line ends as one character.
  package func text(_ name: String) throws(Refusal) -> String? {
    guard let part = parts.first(where: { $0.name == name && $0.fileName == nil }) else { return nil }
    guard part.bytes.count <= 64 << 10, let text = String(validating: part.bytes, as: UTF8.self) else {
      throw .badRequest("The field \(name) is no text of UTF-8 below 64 KiB.")
    }
    return text.replacing("\r\n", with: "\n")
  }

  /// The first file of that name; nil where nobody chose one.
  package func file(_ name: String) -> Part? {
    parts.first { $0.name == name && $0.fileName != nil && !($0.bytes.isEmpty && $0.fileName == "") }
  }

  private static func broken(_ why: String) -> Refusal { .badRequest("The form cannot be read: \(why).") }

  private static func boundary(_ kind: String?) throws(Refusal) -> [UInt8] {
    let words = kind?.split(separator: ";").map { $0.trimmed } ?? []
    guard words.first?.lowercased() == "multipart/form-data" else {
      throw Refusal(.unsupportedMediaType, "Send a form with the photo in it (multipart/form-data).")
    }
    let named = words.dropFirst().first { $0.lowercased().hasPrefix("boundary=") }
    let boundary = named.map { $0.dropFirst("boundary=".count) }.map { $0.unquoted } ?? ""
    guard 1...70 ~= boundary.utf8.count, boundary.utf8.allSatisfy({ 32..<127 ~= $0 }) else {
      throw broken("its type has no boundary")
    }
    return Array(boundary.utf8)
  }

  /// - Parameter range: from the line end behind a mark to the next mark.
  private static func part(_ body: [UInt8], _ range: Range<Int>) throws(Refusal) -> Part {
    let head = body[range].prefix(headBytes)
    guard let blank = find(Array("\r\n\r\n".utf8), in: body, from: range.lowerBound), blank < head.endIndex,
      blank + 4 <= range.upperBound
    else {
      throw broken("a part has no head")
    }
    let lines = String(decoding: body[range.lowerBound..<blank], as: UTF8.self).split(separator: "\r\n")
    let disposition = lines.first { $0.lowercased().hasPrefix("content-disposition:") }
    guard let disposition, let name = parameter("name", of: disposition) else { throw broken("a part has no name") }
    return Part(
      name: name, fileName: parameter("filename", of: disposition), bytes: body[(blank + 4)..<range.upperBound])
  }

  private static func parameter(_ name: String, of line: Substring) -> String? {
    guard let start = line.range(of: "; \(name)=\"")?.upperBound, let end = line[start...].firstIndex(of: "\"") else {
      return nil
    }
    return String(line[start..<end]).replacing("%22", with: "\"")
  }
}

/// Where some bytes stand first in others, from a place on.
private func find(_ mark: [UInt8], in bytes: [UInt8], from start: Int) -> Int? {
  bytes.withUnsafeBytes { all in
    var place = start
    while place + mark.count <= all.count, let base = all.baseAddress {
      guard let found = memchr(base + place, Int32(mark[0]), all.count - mark.count + 1 - place) else { return nil }
      place = UnsafeRawPointer(found) - base
      if memcmp(found, mark, mark.count) == 0 { return place }
      place += 1
    }
    return nil
  }
}

extension StringProtocol {
  fileprivate var trimmed: String {
    String(drop { $0 == " " || $0 == "\t" }.reversed().drop { $0 == " " || $0 == "\t" }.reversed())
  }

  fileprivate var unquoted: String {
    count > 1 && hasPrefix("\"") && hasSuffix("\"") ? String(dropFirst().dropLast()) : String(self)
  }

  fileprivate func range(of text: String) -> Range<Index>? { ranges(of: text).first }
}
