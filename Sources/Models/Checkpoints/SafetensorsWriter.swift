internal import Files
internal import Reporting

/// Writes tensors as one safetensors file, atomically and durably.
///
/// The bytes are those of the reference writer (descending element type, then name), but the header is padded so that
/// the buffer starts at a multiple of 64 bytes. `metadata` marks the framework whose readers expect that mark.
public func writeSafetensors(
  _ tensors: [NamedTensor], metadata: [(String, String)] = [("format", "pt")], to path: String
) throws {
  try writeAtomically(to: path) { writer in
    try emitSafetensors(tensors, metadata: metadata) { bytes in try writer.write(bytes) }
  }
}

/// Hands the bytes of the file to `sink`, in order.
func emitSafetensors(
  _ tensors: [NamedTensor], metadata: [(String, String)], to sink: (UnsafeRawBufferPointer) throws -> Void
) throws {
  let sorted = tensors.sorted { a, b in
    a.elementType == b.elementType
      ? a.name.utf8.lexicographicallyPrecedes(b.name.utf8) : a.elementType.order > b.elementType.order
  }
  try validate(sorted, metadata)
  let header = safetensorsHeader(sorted, metadata)
  guard header.count <= SafetensorsHeader.lengthLimit else {
    throw SafetensorsError.unwritable(problem: "the header has \(header.count) bytes")
  }
  try withUnsafeBytes(of: UInt64(header.count).littleEndian) { try sink($0) }
  try header.withUnsafeBytes { try sink($0) }
  try withExtendedLifetime(sorted) {
    for tensor in sorted { try sink(tensor.bytes) }
  }
}

/// The JSON header, padded with spaces so that eight bytes of length and the header are a multiple of 64.
private func safetensorsHeader(_ tensors: [NamedTensor], _ metadata: [(String, String)]) -> [UInt8] {
  var members: [String] = []
  if !metadata.isEmpty {
    let pairs = metadata.map { key, value in "\(jsonString(key)):\(jsonString(value))" }
    members.append("\"\(metadataKey)\":{\(pairs.joined(separator: ","))}")
  }
  var offset = 0
  for tensor in tensors {
    let shape = tensor.shape.map(String.init).joined(separator: ",")
    let end = offset + tensor.bytes.count
    members.append(
      "\(jsonString(tensor.name)):{\"dtype\":\"\(tensor.elementType.rawValue)\",\"shape\":[\(shape)],"
        + "\"data_offsets\":[\(offset),\(end)]}")
    offset = end
  }
  var header = Array("{\(members.joined(separator: ","))}".utf8)
  header += [UInt8](repeating: UInt8(ascii: " "), count: (64 - (8 + header.count) % 64) % 64)
  return header
}

/// Refuses what a reader, ours included, would refuse; the tensors are sorted, so equal names of one type are neighbours.
private func validate(_ tensors: [NamedTensor], _ metadata: [(String, String)]) throws(SafetensorsError) {
  guard tensors.count <= SafetensorsHeader.tensorLimit else {
    throw .unwritable(problem: "\(tensors.count) tensors are more than \(SafetensorsHeader.tensorLimit)")
  }
  var names: Set<[UInt8]> = []
  for tensor in tensors {
    let name = printable(tensor.name)
    guard names.insert(Array(tensor.name.utf8)).inserted else {
      throw .unwritable(problem: "two tensors have the name \"\(name)\"")
    }
    guard tensor.name != metadataKey else {
      throw .unwritable(problem: "the name \(metadataKey) belongs to the format")
    }
    guard tensor.name.utf8.count <= SafetensorsHeader.nameLimit, tensor.shape.count <= SafetensorsHeader.rankLimit
    else { throw .unwritable(problem: "the name or the shape of \"\(name)\" is too long") }
    guard byteCount(tensor.shape, tensor.elementType) == tensor.bytes.count else {
      throw .unwritable(
        problem: "\"\(name)\" is \(tensor.elementType.rawValue) \(tensor.shape) but has \(tensor.bytes.count) bytes")
    }
  }
  guard Set(metadata.map { Array($0.0.utf8) }).count == metadata.count else {
    throw .unwritable(problem: "a key of the metadata occurs twice")
  }
}

/// A JSON string literal as the reference writes it: only quotes, backslashes and control characters are escaped.
func jsonString(_ text: String) -> String {
  var literal = "\""
  for scalar in text.unicodeScalars {
    switch scalar {
    case "\"": literal += "\\\""
    case "\\": literal += "\\\\"
    case "\n": literal += "\\n"
    case "\r": literal += "\\r"
    case "\t": literal += "\\t"
    case "\u{08}": literal += "\\b"
    case "\u{0C}": literal += "\\f"
    case "\u{00}"..<"\u{20}":
      let digits = String(scalar.value, radix: 16)
      literal += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
    default: literal.unicodeScalars.append(scalar)
    }
  }
  return literal + "\""
}
