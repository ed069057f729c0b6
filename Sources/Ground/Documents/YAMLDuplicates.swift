/// Where a key stands for the second time in a group whose keys are lines of their own; nil in a group in braces.
///
/// The parser names the key and where its group begins, which in a long file is not where one has to look.
/// - Parameter group: line and column of the group's first key, from 1.
func secondPlace(of key: String, in text: String, group: (line: Int, column: Int)) -> (line: Int, column: Int)? {
  let lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
  var isSecond = false
  for (index, line) in lines.enumerated().dropFirst(max(0, group.line - 1)) {
    let content = line.drop { $0 == " " }
    guard line.count - content.count == group.column - 1, content.hasPrefix(key),
      content.dropFirst(key.count).drop(while: { $0 == " " }).first == ":"
    else { continue }
    if isSecond { return (index + 1, group.column) }
    isSecond = true
  }
  return nil
}
