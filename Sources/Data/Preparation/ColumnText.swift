/// A text of a column as it is kept: without white space at its ends.
///
/// - Throws: `TextFault` for what is empty, too long to be read as a text, or holds a NUL byte.
func columnText(_ raw: String, _ what: String) throws(TextFault) -> String {
  let text = trimmed(raw)
  if text.isEmpty { throw TextFault("its \(what) is empty") }
  if text.utf8.count > longestLine { throw TextFault("its \(what) has \(text.utf8.count) bytes") }
  if text.utf8.contains(0) { throw TextFault("its \(what) holds a NUL byte") }
  return text
}
