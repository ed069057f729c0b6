/// What a request says before its body (RFC 9112 §3 and §5), read strictly: what two readers could take for two things is refused.
package struct RequestHead: Sendable {
  package let method: String
  /// The parts of the path, decoded; none for `/`.
  package let path: [String]
  /// What stands behind the question mark, decoded as forms are coded, in order.
  package let query: [(name: String, value: String)]
  package let fields: [HTTPField]
  /// Whether it is of HTTP/1.0, which closes a connection after an answer.
  package let isOld: Bool

  /// The values of a field, whose name is given in lower case.
  package func values(_ name: String) -> [String] { fields.filter { $0.name == name }.map(\.value) }

  package func value(_ name: String) -> String? { values(name).first }

  /// What the address asks, by its first spelling.
  package func asked(_ name: String) -> String? { query.first { $0.name == name }?.value }

  /// - Parameter bytes: all before the empty line that ends a head.
  /// - Throws: `Refusal`.
  package init(_ bytes: [UInt8], limits: ServerLimits = ServerLimits()) throws(Refusal) {
    let lines = try Self.lines(bytes)
    guard lines[0].count <= limits.lineBytes else { throw Self.longLine(limits) }
    guard lines.count - 1 <= limits.fields else {
      throw Refusal(.headTooLarge, "The request has more than \(limits.fields) header fields.")
    }
    let words = lines[0].split(separator: UInt8(ascii: " "), omittingEmptySubsequences: false)
    guard words.count == 3, words[0].allSatisfy(Self.isToken), !words[0].isEmpty else {
      throw .badRequest("The request line is not “METHOD /address HTTP/1.1”.")
    }
    method = String(decoding: words[0], as: UTF8.self)
    isOld = try Self.isOld(words[2])
    (path, query) = try requestTarget(words[1])
    var fields: [HTTPField] = []
    for line in lines.dropFirst() { fields.append(try Self.field(line)) }
    self.fields = fields
  }

  static func longLine(_ limits: ServerLimits) -> Refusal {
    Refusal(.addressTooLong, "The address is longer than \(limits.lineBytes) bytes; send long texts by the form.")
  }

  /// Lines end in CR and LF; either alone is none.
  private static func lines(_ bytes: [UInt8]) throws(Refusal) -> [ArraySlice<UInt8>] {
    var lines: [ArraySlice<UInt8>] = []
    var start = 0
    for place in bytes.indices where bytes[place] == 13 || bytes[place] == 10 {
      if bytes[place] == 10, place > start, bytes[place - 1] == 13 {
        lines.append(bytes[start..<place - 1])
        start = place + 1
      } else if bytes[place] == 10 || place + 1 == bytes.count || bytes[place + 1] != 10 {
        throw .badRequest("A line of the request's head does not end in CR and LF.")
      }
    }
    return lines + [bytes[start...]]
  }

  private static func isOld(_ version: ArraySlice<UInt8>) throws(Refusal) -> Bool {
    if version.elementsEqual("HTTP/1.1".utf8) { return false }
    if version.elementsEqual("HTTP/1.0".utf8) { return true }
    guard version.starts(with: "HTTP/".utf8) else { throw .badRequest("The request line does not end in HTTP/1.1.") }
    throw Refusal(.versionNotSupported, "This server speaks HTTP/1.1.")
  }

  private static func field(_ line: ArraySlice<UInt8>) throws(Refusal) -> HTTPField {
    guard let colon = line.firstIndex(of: UInt8(ascii: ":")), colon > line.startIndex,
      line[..<colon].allSatisfy(isToken)
    else { throw .badRequest("A header field is not “Name: value”.") }
    let value = line[(colon + 1)...].drop { $0 == 32 || $0 == 9 }
    guard value.allSatisfy({ ($0 >= 32 && $0 != 127) || $0 == 9 }) else {
      throw .badRequest("A header field holds control characters.")
    }
    let end = value.lastIndex { $0 != 32 && $0 != 9 }.map { $0 + 1 } ?? value.startIndex
    return HTTPField(
      String(decoding: line[..<colon], as: UTF8.self).lowercased(),
      String(decoding: value[value.startIndex..<end], as: UTF8.self))
  }

  /// Of what names of methods and fields are made (RFC 9110 §5.6.2).
  private static func isToken(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"):
      true
    default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
    }
  }
}
