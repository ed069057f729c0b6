internal import Reporting

/// The parsed and checked header of a safetensors file: after this, every range lies within the file and no byte of the
/// buffer belongs to two tensors or to none.
struct SafetensorsHeader {
  var entries: [SafetensorsFile.Entry] = []
  var metadata: [(key: String, value: String)] = []
  /// Where the buffer starts in the file.
  var bufferStart = 0

  /// Limits beyond the format's own header length; real models stay far below all of them.
  static let lengthLimit = 100_000_000
  static let tensorLimit = 100_000
  static let nameLimit = 512
  static let rankLimit = 8
  static let metadataLimit = 10_000

  /// - Parameter file: all bytes of the file.
  init(parsing file: UnsafeRawBufferPointer, path: String) throws(SafetensorsError) {
    guard file.count >= 8 else { throw .tooShort(path: path, size: file.count) }
    let length = UInt64(littleEndian: file.loadUnaligned(as: UInt64.self))
    let limit = min(SafetensorsHeader.lengthLimit, file.count - 8)
    guard length <= UInt64(limit) else {
      throw looksLikePickle(file) ? .pickle(path: path) : .headerLength(path: path, length: length, limit: limit)
    }
    bufferStart = 8 + Int(length)
    var scanner = HeaderScanner(UnsafeRawBufferPointer(rebasing: file[8..<bufferStart]))
    var names: Set<[UInt8]> = []  // bytes: Swift's String takes two spellings of é for the same name
    var duplicate: String?
    do {
      try scanner.object("the header", keyLimit: SafetensorsHeader.nameLimit) {
        scanner, name throws(HeaderProblem) in
        guard names.count <= SafetensorsHeader.tensorLimit else {
          throw scanner.problem("more than \(SafetensorsHeader.tensorLimit) tensors")
        }
        if !names.insert(Array(name.utf8)).inserted, duplicate == nil { duplicate = name }
        if name == metadataKey {
          metadata = try readMetadata(&scanner)
        } else {
          entries.append(try readEntry(&scanner, name: name))
        }
      }
      try scanner.end()
    } catch {
      throw .header(path: path, offset: 8 + error.offset, problem: error.problem)
    }
    if let duplicate { throw .duplicateName(path: path, name: duplicate) }
    try check(bufferSize: file.count - bufferStart, path: path)
  }

  /// Sizes against shapes, then the tiling of the buffer; leaves the entries in the order of their bytes.
  private mutating func check(bufferSize: Int, path: String) throws(SafetensorsError) {
    for entry in entries {
      guard let size = byteCount(entry.shape, entry.elementType) else {
        throw .tensor(path: path, name: entry.name, problem: "the shape \(entry.shape) is too large")
      }
      guard size == entry.range.count else {
        throw .tensor(
          path: path, name: entry.name,
          problem: "\(entry.elementType.rawValue) \(entry.shape) takes \(size) bytes, its offsets span "
            + "\(entry.range.count)")
      }
    }
    entries = entries.enumerated().sorted { a, b in
      (a.element.range.lowerBound, a.element.range.upperBound, a.offset)
        < (b.element.range.lowerBound, b.element.range.upperBound, b.offset)
    }.map(\.element)
    var end = 0
    for entry in entries {
      if entry.range.lowerBound < end {
        throw .layout(path: path, problem: "tensor \"\(printable(entry.name))\" overlaps another one")
      }
      if entry.range.lowerBound > end {
        throw .layout(path: path, problem: "bytes \(end)..<\(entry.range.lowerBound) of the buffer belong to no tensor")
      }
      end = entry.range.upperBound
    }
    guard end == bufferSize else {
      throw .layout(path: path, problem: "the tensors take \(end) bytes, the file holds \(bufferSize)")
    }
  }
}

let metadataKey = "__metadata__"

private func readMetadata(
  _ scanner: inout HeaderScanner
) throws(HeaderProblem) -> [(key: String, value: String)] {
  var metadata: [(key: String, value: String)] = []
  var keys: Set<[UInt8]> = []
  try scanner.object(metadataKey, keyLimit: 1 << 20) { scanner, key throws(HeaderProblem) in
    guard keys.count < SafetensorsHeader.metadataLimit else {
      throw scanner.problem("more than \(SafetensorsHeader.metadataLimit) entries in \(metadataKey)")
    }
    guard keys.insert(Array(key.utf8)).inserted else {
      throw scanner.problem("the key \"\(printable(key))\" is twice in \(metadataKey)")
    }
    let value = try scanner.string("the value of \"\(printable(key))\" in \(metadataKey)", limit: 1 << 24)
    metadata.append((key, value))
  }
  return metadata
}

private func readEntry(
  _ scanner: inout HeaderScanner, name: String
) throws(HeaderProblem) -> SafetensorsFile.Entry {
  var elementType: ElementType?
  var shape: [Int]?
  var offsets: [Int]?
  let what = "tensor \"\(printable(name))\""
  try scanner.object(what, keyLimit: 64) { scanner, key throws(HeaderProblem) in
    switch key {
    case "dtype" where elementType == nil:
      let word = try scanner.string("the dtype of \(what)", limit: 64)
      elementType = ElementType(rawValue: word)
      guard elementType != nil else {
        throw scanner.problem("\(what) has the dtype \"\(printable(word))\", which is not supported")
      }
    case "shape" where shape == nil:
      shape = try scanner.integers("the shape of \(what)", limit: SafetensorsHeader.rankLimit)
    case "data_offsets" where offsets == nil:
      offsets = try scanner.integers("the data_offsets of \(what)", limit: 2)
    default:
      throw scanner.problem("\(what) has the key \"\(printable(key))\" twice, or it is not known")
    }
  }
  guard let elementType, let shape, let offsets, offsets.count == 2 else {
    throw scanner.problem("\(what) needs dtype, shape and two data_offsets")
  }
  guard offsets[0] <= offsets[1] else { throw scanner.problem("\(what) begins after its end") }
  return SafetensorsFile.Entry(name: name, elementType: elementType, shape: shape, range: offsets[0]..<offsets[1])
}

/// A zip archive (torch.save since 1.6) or a bare pickle.
private func looksLikePickle(_ file: UnsafeRawBufferPointer) -> Bool {
  file.starts(with: [0x50, 0x4B, 0x03, 0x04]) || (file[0] == 0x80 && (2...5).contains(file[1]))
}
