/// Where the text first has an anchor (`&name`) or an alias (`*name`), or nil.
///
/// Aliases let a small file stand for an enormous one, and a parser that compares keys may walk all of it; so they are
/// looked for before the parser sees the text. Only a token can be one: `*` and `&` within a word or behind a quote are
/// fine, as in `"*.bias"`. Lines and columns count from 1, columns in scalars.
public func firstAnchorOrAlias(in text: String) -> (line: Int, column: Int)? {
  var line = 1
  for content in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline) {
    if let column = anchorColumn(in: content) { return (line, column) }
    line += 1
  }
  return nil
}

private func anchorColumn(in line: Substring) -> Int? {
  var canStartToken = true
  var previous: Unicode.Scalar = " "
  var quote: Unicode.Scalar?
  for (offset, scalar) in line.unicodeScalars.enumerated() {
    switch scalar {
    case "#" where quote == nil && (previous == " " || previous == "\t"):
      return nil
    case "&", "*":
      if canStartToken { return offset + 1 }
    case "\"", "'":
      if quote == scalar { quote = nil } else if quote == nil, canStartToken { quote = scalar }
      canStartToken = false
    case " ", "\t":
      // After "key:", "-", "?" and after a tag comes a token; after a word the word goes on.
      break
    case ",", "[", "{", "]", "}", ":", "-", "?":
      canStartToken = true
    default:
      canStartToken = false
    }
    previous = scalar
  }
  return nil
}
