/// The central directory of a zip file, read by mmtrain itself: libzip hides where entries lie, and the gates against
/// overlapping entries and lying headers need to know (APPNOTE.TXT 6.3.9, sections 4.3 and 4.5.3).
struct ZipDirectory {
  /// One file header, joined with where its local header and data lie.
  struct Record {
    var name: [UInt8]
    var flags: Int
    var method: Int
    var checksum: Int
    var packedSize: Int
    var size: Int
    /// The file's permissions and kind where a Unix system packed it, else 0.
    var unixMode: Int
    var localHeader: Int
    /// Local header, name, extra field and data, as offsets in the file.
    var span: Range<Int>
  }

  let records: [Record]

  /// - Parameter limit: the most entries.
  init(_ bytes: UnsafeRawBufferPointer, path: String, limit: Int) throws {
    let fields = LittleEndianFields(bytes: bytes, path: path)
    guard let end = try EndOfDirectory(fields) else {
      throw ArchiveError.notAnArchive(path: path, kind: "zip", found: kindOfBytes(bytes))
    }
    guard end.count <= limit else {
      throw ArchiveError.tooLarge(path: path, entry: nil, reason: "\(end.count) entries, more than \(limit)")
    }
    var records: [Record] = []
    var offset = end.offset
    for _ in 0..<end.count {
      let (record, next) = try fields.centralHeader(at: offset, directory: end.offset)
      guard next <= end.offset + end.size else { throw fields.damaged("its directory overruns its own length") }
      records.append(record)
      offset = next
    }
    guard offset == end.offset + end.size else { throw fields.damaged("its directory has bytes of no entry") }
    self.records = records
  }
}

/// The record at the end of a zip file, with zip64's where there is one.
private struct EndOfDirectory {
  let count: Int
  let offset: Int
  let size: Int

  /// Nil where the file has no such record.
  init?(_ fields: LittleEndianFields) throws {
    guard let position = EndOfDirectory.find(fields) else { return nil }
    let disks = try (fields.word(position + 4), fields.word(position + 6))
    var count = try fields.word(position + 10)
    var size = try fields.double(position + 12)
    var offset = try fields.double(position + 16)
    var limit = position
    guard disks == (0, 0) || disks == (0xFFFF, 0xFFFF) else { throw fields.damaged("it is one part of several") }
    if count == 0xFFFF || size == 0xFFFF_FFFF || offset == 0xFFFF_FFFF {
      guard position >= 20, try fields.double(position - 20) == 0x0706_4B50 else {
        throw fields.damaged("its zip64 record is missing")
      }
      limit = try fields.quad(position - 12)
      guard try fields.double(limit) == 0x0606_4B50, try limit + 12 + fields.quad(limit + 4) == position - 20 else {
        throw fields.damaged("its zip64 record is missing")
      }
      count = try fields.quad(limit + 32)
      size = try fields.quad(limit + 40)
      offset = try fields.quad(limit + 48)
    }
    guard offset <= limit, size == limit - offset, count <= size / 46 else {
      throw fields.damaged("its directory is not what lies before its end record")
    }
    (self.count, self.offset, self.size) = (count, offset, size)
  }

  /// The last place where the signature stands and the comment's length reaches exactly to the end of the file.
  private static func find(_ fields: LittleEndianFields) -> Int? {
    let last = fields.bytes.count - 22
    guard last >= 0 else { return nil }
    for position in stride(from: last, through: max(0, last - 0xFFFF), by: -1)
    where fields.bytes[position] == 0x50 && (try? fields.double(position)) == 0x0605_4B50 {
      if (try? fields.word(position + 20)) == last - position { return position }
    }
    return nil
  }
}

/// Little-endian numbers at offsets that are checked against the end of the file.
private struct LittleEndianFields {
  let bytes: UnsafeRawBufferPointer
  let path: String

  func word(_ offset: Int) throws -> Int { try number(offset, 2) }

  func double(_ offset: Int) throws -> Int { try number(offset, 4) }

  /// A 64-bit number; what does not fit into 53 bits is no size or offset of anything.
  func quad(_ offset: Int) throws -> Int {
    guard try number(offset + 7, 1) == 0, try number(offset + 6, 1) < 32 else {
      throw damaged("a size or an offset is out of range")
    }
    return try number(offset, 7)
  }

  func slice(_ offset: Int, _ count: Int) throws -> [UInt8] {
    guard offset >= 0, count >= 0, offset <= bytes.count, count <= bytes.count - offset else {
      throw damaged("it ends early")
    }
    return Array(bytes[offset..<offset + count])
  }

  func damaged(_ reason: String, entry: [UInt8]? = nil) -> ArchiveError {
    .damaged(path: path, entry: entry.map { String(decoding: $0, as: UTF8.self) }, reason: reason)
  }

  private func number(_ offset: Int, _ count: Int) throws -> Int {
    guard offset >= 0, offset <= bytes.count - count else { throw damaged("it ends early") }
    return (0..<count).reduce(0) { $0 | Int(bytes[offset + $1]) << (8 * $1) }
  }
}

extension LittleEndianFields {
  /// The file header at `offset` and where the next one begins.
  func centralHeader(at offset: Int, directory: Int) throws -> (ZipDirectory.Record, next: Int) {
    guard try double(offset) == 0x0201_4B50 else { throw damaged("its directory holds something that is no entry") }
    let name = try slice(offset + 46, word(offset + 28))
    let extra = try slice(offset + 46 + name.count, word(offset + 30))
    let host = try word(offset + 4) >> 8
    let mode = try double(offset + 38) >> 16
    var record = try ZipDirectory.Record(
      name: name, flags: word(offset + 8), method: word(offset + 10), checksum: double(offset + 16),
      packedSize: double(offset + 20), size: double(offset + 24), unixMode: host == 3 || host == 19 ? mode : 0,
      localHeader: double(offset + 42), span: 0..<0)
    try applyZip64(extra, to: &record)
    record.span = try span(of: record, directory: directory)
    return (record, try offset + 46 + name.count + extra.count + word(offset + 32))
  }

  /// Takes the sizes and the offset from zip64's extra field wherever the header itself holds all ones.
  private func applyZip64(_ extra: [UInt8], to record: inout ZipDirectory.Record) throws {
    let full = 0xFFFF_FFFF
    guard record.size == full || record.packedSize == full || record.localHeader == full else { return }
    try extra.withUnsafeBytes { raw in
      let fields = LittleEndianFields(bytes: raw, path: path)
      var offset = 0
      while offset < raw.count {
        let (id, length) = try (fields.word(offset), fields.word(offset + 2))
        if id == 1 {
          var next = offset + 4
          for field in [\ZipDirectory.Record.size, \.packedSize, \.localHeader] where record[keyPath: field] == full {
            record[keyPath: field] = try fields.quad(next)
            next += 8
          }
          guard next <= offset + 4 + length else { throw damaged("its zip64 field is too short", entry: record.name) }
          return
        }
        offset += 4 + length
      }
      throw damaged("its zip64 field is missing", entry: record.name)
    }
  }

  /// The bytes of local header and data, which must lie before the directory and repeat what the directory says.
  private func span(of record: ZipDirectory.Record, directory: Int) throws -> Range<Int> {
    let start = record.localHeader
    guard start <= directory, try double(start) == 0x0403_4B50 else {
      throw damaged("its local header is not where the directory says", entry: record.name)
    }
    let name = try slice(start + 30, word(start + 26))
    guard try name == record.name && word(start + 8) == record.method && (word(start + 6) ^ record.flags) & 1 == 0
    else {
      throw damaged("its local header and the directory disagree", entry: record.name)
    }
    let data = try start + 30 + name.count + word(start + 28)
    guard data <= directory, record.packedSize <= directory - data else {
      throw damaged("it ends early", entry: record.name)
    }
    return start..<data + record.packedSize
  }
}
