internal import FoundationEssentials

/// A list of captions in one field, as JSON writes it (`["a man", "a dog"]`), as Python does (`['a man', "a dog's"]`, or in
/// round brackets), or as numpy does, with nothing but white space between, or within `array(…)`.
enum ListCell {
  /// The captions of a field that is a list; nil where it is a text like any other.
  ///
  /// - Throws: `TextFault` for what begins as a list of texts and does not end as one.
  static func captions(_ field: String) throws(TextFault) -> [String]? {
    let text = trimmed(field)
    let array = "array("
    if text.hasPrefix(array), let end = text.lastIndex(of: "]") {
      return try captions(String(text[...end].dropFirst(array.count)))
    }
    guard let open = text.first, open == "[" || open == "(" else { return nil }
    if let list = try? JSONDecoder().decode([String].self, from: Data(text.utf8)) { return list }
    let inner = trimmed(text.dropFirst())
    if open == "[", ["None", "nan", "{"].contains(where: inner.hasPrefix) {
      throw TextFault("a list of captions with something in it that is no text")
    }
    guard let first = inner.first, "'\"".contains(first) else { return nil }
    var reader = PythonList(rest: inner[...], end: open == "[" ? "]" : ")")
    return try reader.read()
  }
}

/// The items of a list and the bracket that closes it.
private struct PythonList {
  var rest: Substring
  let end: Character

  mutating func read() throws(TextFault) -> [String] {
    var items: [String] = []
    while true {
      rest = rest.drop { $0.isWhitespace || $0 == "," }
      guard let next = rest.popFirst() else { throw TextFault("a list of captions that is not closed") }
      switch next {
      case end:
        guard rest.allSatisfy(\.isWhitespace) else { throw TextFault("a list of captions with more behind its end") }
        return items
      case "'", "\"": items.append(try text(until: next))
      default: throw TextFault("a list of captions with something in it that is no text, or that was cut off")
      }
    }
  }

  private mutating func text(until quote: Character) throws(TextFault) -> String {
    var text = ""
    while let next = rest.popFirst() {
      if next == quote { return text }
      text.append(next == "\\" ? try escaped() : next)
    }
    throw TextFault("a quote in a list of captions is never closed")
  }

  /// Python's escapes (Language Reference, 2.4.1.1), as far as `repr` writes them.
  private mutating func escaped() throws(TextFault) -> Character {
    guard let kind = rest.popFirst() else { throw TextFault("a list of captions ends in a backslash") }
    switch kind {
    case "n": return "\n"
    case "t": return "\t"
    case "r": return "\r"
    case "x": return try scalar(digits: 2)
    case "u": return try scalar(digits: 4)
    case "U": return try scalar(digits: 8)
    default: return kind
    }
  }

  private mutating func scalar(digits: Int) throws(TextFault) -> Character {
    let number = rest.prefix(digits)
    rest = rest.dropFirst(digits)
    guard number.count == digits, let code = UInt32(number, radix: 16), let scalar = Unicode.Scalar(code) else {
      throw TextFault("a list of captions with an escape that is no character")
    }
    return Character(scalar)
  }
}
