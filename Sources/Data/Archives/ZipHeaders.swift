/// All ones, where a size or an offset is in zip64's extra field.
private let full = 0xFFFF_FFFF

extension LittleEndianFields {
  /// The file header at `offset` with its local header, and where the next one begins.
  func centralHeader(at offset: Int, _ end: ZipEnd) throws -> (ZipDirectory.Record, next: Int) {
    guard try double(offset) == 0x0201_4B50 else { throw damaged("its directory holds something that is no entry") }
    let name = try slice(offset + 46, word(offset + 28))
    let extra = try slice(offset + 46 + name.count, word(offset + 30))
    let host = try word(offset + 4) >> 8
    let mode = try double(offset + 38) >> 16
    var record = try ZipDirectory.Record(
      name: name, unicodeName: unicodeName(extra, for: name), flags: word(offset + 8), method: word(offset + 10),
      checksum: double(offset + 16), packedSize: double(offset + 20), size: double(offset + 24),
      unixMode: host == 3 || host == 19 ? mode : 0, localHeader: double(offset + 42))
    try applyZip64(extra, to: &record)
    record.localHeader += end.prefix
    try join(&record, end)
    return (record, try offset + 46 + name.count + extra.count + word(offset + 32))
  }

  /// Takes the sizes and the offset from zip64's extra field wherever the header itself holds all ones.
  private func applyZip64(_ extra: [UInt8], to record: inout ZipDirectory.Record) throws {
    let wide = [\ZipDirectory.Record.size, \.packedSize, \.localHeader].filter { record[keyPath: $0] == full }
    if wide.isEmpty { return }
    guard let field = extraField(1, in: extra) else { throw contradictory("its zip64 field is missing", record.name) }
    guard field.count >= 8 * wide.count else { throw contradictory("its zip64 field is too short", record.name) }
    try withFields(field) { fields in
      for (place, key) in wide.enumerated() { record[keyPath: key] = try fields.quad(8 * place) }
    }
  }

  /// Finds the record's data behind its local header, which must repeat what the directory says.
  private func join(_ record: inout ZipDirectory.Record, _ end: ZipEnd) throws {
    let (start, limit) = (record.localHeader, end.directory.lowerBound)
    guard start <= limit, try double(start) == 0x0403_4B50 else {
      throw damaged("its local header is not where the directory says", record.name)
    }
    record.localName = try slice(start + 30, word(start + 26))
    let extra = try slice(start + 30 + record.localName.count, word(start + 28))
    let data = start + 30 + record.localName.count + extra.count
    guard try word(start + 8) == record.method, try (word(start + 6) ^ record.flags) & 1 == 0,
      try numbersAgree(record, extra)
    else { throw contradictory("its local header and the directory disagree", record.name) }
    guard data <= limit, record.packedSize <= limit - data else { throw cutOff(record.name) }
    record.data = data..<data + record.packedSize
  }

  /// Whether checksum and sizes of the local header are the directory's. An entry that was written to a pipe (flag bit 3)
  /// may have zeros in place of those that were not known yet; the descriptor behind its data, which repeats the directory,
  /// is not asked for.
  private func numbersAgree(_ record: ZipDirectory.Record, _ extra: [UInt8]) throws -> Bool {
    let start = record.localHeader
    let isStreamed = try (word(start + 6) | record.flags) & 8 != 0
    var (packed, size) = try (double(start + 18), double(start + 22))
    if packed == full || size == full {
      if let field = extraField(1, in: extra), field.count >= 16 {
        try withFields(field) { if size == full { size = try $0.quad(0) } }
        try withFields(field) { if packed == full { packed = try $0.quad(8) } }
      } else if isStreamed {
        (packed, size) = (packed == full ? 0 : packed, size == full ? 0 : size)
      }
    }
    return try [(double(start + 14), record.checksum), (packed, record.packedSize), (size, record.size)]
      .allSatisfy { $0 == $1 || (isStreamed && $0 == 0) }
  }

  /// What Info-ZIP's Unicode path field (0x7075) says, where it was made for this name.
  private func unicodeName(_ extra: [UInt8], for name: [UInt8]) throws -> [UInt8]? {
    guard let field = extraField(0x7075, in: extra), field.count > 5, field.first == 1 else { return nil }
    let sum = try withFields(field) { try $0.double(1) }
    return sum == name.withUnsafeBytes(checksum) ? Array(field.dropFirst(5)) : nil
  }

  private func withFields<Result>(
    _ bytes: ArraySlice<UInt8>, _ body: (LittleEndianFields) throws -> Result
  ) rethrows -> Result {
    try bytes.withUnsafeBytes { try body(LittleEndianFields(bytes: $0, path: path)) }
  }
}

/// The content of the extra field with this number. One that claims more than there is has what is there.
private func extraField(_ id: Int, in extra: [UInt8]) -> ArraySlice<UInt8>? {
  var rest = extra[...]
  while rest.count >= 4 {
    let head = rest.prefix(4).map(Int.init)
    let content = rest.dropFirst(4).prefix(head[2] | head[3] << 8)
    if head[0] | head[1] << 8 == id { return content }
    rest = extra[content.endIndex...]
  }
  return nil
}
