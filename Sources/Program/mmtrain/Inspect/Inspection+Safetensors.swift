internal import Checkpoints
internal import Reporting

extension Inspection {
  /// Every tensor of a safetensors file, in the order of the file.
  init(_ file: SafetensorsFile) {
    let rows = file.entries.map { ["  " + printable($0.name), $0.elementType.rawValue, shapeText($0.shape)] }
    let metadata = file.metadata.map { "metadata  \(printable($0.key)) = \(printable($0.value))" }
    lines = ["\(printable(file.path)): \(summary(file))"] + metadata + columns(rows)
    members = [
      ("kind", .text("safetensors")), ("path", .text(file.path)), ("elements", .integer(elements(file))),
      ("bytes", .integer(file.entries.reduce(0) { $0 + $1.range.count })),
      ("metadata", .object(file.metadata.map { ($0.key, .text($0.value)) })),
      ("tensors", .list(file.entries.map(tensorJSON))),
    ]
  }
}

/// `398 tensors, 151277313 numbers, 577.1 MiB`.
func summary(_ file: SafetensorsFile) -> String {
  let bytes = file.entries.reduce(0) { $0 + $1.range.count }
  return "\(file.entries.count) tensors, \(elements(file)) numbers, \(sizeText(bytes))"
}

private func elements(_ file: SafetensorsFile) -> Int {
  file.entries.reduce(0) { $0 + $1.range.count / $1.elementType.size }
}

private func shapeText(_ shape: [Int]) -> String { "[" + shape.map(String.init).joined(separator: ", ") + "]" }

private func tensorJSON(_ entry: SafetensorsFile.Entry) -> OrderedJSON {
  .object([
    ("name", .text(entry.name)), ("type", .text(entry.elementType.rawValue)),
    ("shape", .list(entry.shape.map { .integer($0) })), ("bytes", .integer(entry.range.count)),
  ])
}
