/// Little-endian numbers at offsets that are checked against the end of the bytes.
struct LittleEndianFields {
  let bytes: UnsafeRawBufferPointer
  /// The archive's, for messages.
  let path: String

  func word(_ offset: Int) throws -> Int { try number(offset, 2) }

  func double(_ offset: Int) throws -> Int { try number(offset, 4) }

  /// A 64-bit number; what does not fit into 53 bits is no size or offset of anything.
  func quad(_ offset: Int) throws -> Int {
    guard try number(offset + 7, 1) == 0, try number(offset + 6, 1) < 32 else {
      throw contradictory("a size or an offset is out of range")
    }
    return try number(offset, 7)
  }

  func slice(_ offset: Int, _ count: Int) throws -> [UInt8] {
    guard offset >= 0, count >= 0, offset <= bytes.count, count <= bytes.count - offset else { throw cutOff() }
    return Array(bytes[offset..<offset + count])
  }

  /// Whether the number at `offset` is there and is this one.
  func holds(_ number: Int, at offset: Int) -> Bool { (try? double(offset)) == number }

  func cutOff(_ entry: [UInt8]? = nil) -> ArchiveError {
    .damaged(path: path, entry: entry.map(shown), reason: "it ends early")
  }

  func damaged(_ reason: String, _ entry: [UInt8]? = nil) -> ArchiveError {
    .damaged(path: path, entry: entry.map(shown), reason: reason)
  }

  func contradictory(_ reason: String, _ entry: [UInt8]? = nil) -> ArchiveError {
    .contradictory(path: path, entry: entry.map(shown), reason: reason)
  }

  private func shown(_ name: [UInt8]) -> String { String(decoding: name, as: UTF8.self) }

  private func number(_ offset: Int, _ count: Int) throws -> Int {
    guard offset >= 0, offset <= bytes.count - count else { throw cutOff() }
    return (0..<count).reduce(0) { $0 | Int(bytes[offset + $1]) << (8 * $1) }
  }
}
