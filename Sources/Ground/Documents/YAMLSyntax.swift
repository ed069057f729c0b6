internal import Reporting
internal import Yams

/// What the YAML parser says, with the place it gives.
public func syntaxProblem(_ error: any Error, _ path: String, _ text: String) -> DocumentProblem {
  func problem(_ line: Int, _ column: Int, _ message: String) -> DocumentProblem {
    DocumentProblem(path: path, line: line, column: column, message: printable(message, limit: 300))
  }
  switch error as? YamlError {
  case .scanner(_, let message, let mark, _), .parser(_, let message, let mark, _),
    .composer(_, let message, let mark, _):
    return problem(mark.line, mark.column, "is not YAML here: \(message); check indentation, colons and quotes")
  case .duplicatedKeysInMapping(let keys, let context):
    let quoted = keys.map { "'\($0)'" }.joined(separator: ", ")
    let group = (line: context.mark.line, column: context.mark.column)
    let place = keys.first.flatMap { secondPlace(of: "\($0)", in: text, group: group) } ?? group
    return problem(place.line, place.column, "key \(quoted) is given twice in the same group; keep one")
  case .reader(let message, let offset, _, _):
    let line = text.prefix(offset ?? 0).count { $0.isNewline } + 1
    return problem(line, 1, "is not YAML: \(message); save the file as plain UTF-8 text")
  case let other:
    return problem(1, 1, "is not YAML\(other.map { ": \($0)" } ?? "")")
  }
}
