/// The record at the end of a zip file, with zip64's where there is one (APPNOTE.TXT 6.3.9, sections 4.3.14 to 4.3.16).
struct ZipEnd {
  /// Entries; their number modulo 65,536 where `isExact` is false, as programs write it that know no zip64.
  let count: Int
  let isExact: Bool
  /// The directory's bytes.
  let directory: Range<Int>
  /// Bytes that stand before the archive, as those of a program that unpacks it: offsets count from behind them.
  let prefix: Int
  /// Bytes that follow the archive and are no part of it, the zeros at the end of the file not counted.
  let surplus: Int

  /// Nil where the file has no such record.
  init?(_ fields: LittleEndianFields) throws {
    guard let (position, surplus) = ZipEnd.find(fields) else { return nil }
    let disks = try (fields.word(position + 4), fields.word(position + 6))
    guard disks == (0, 0) || disks == (0xFFFF, 0xFFFF) else {
      throw ArchiveError.unsupported(
        path: fields.path, entry: nil, feature: "an archive in several parts (zip -s 0 joins them)")
    }
    var (here, count) = try (fields.word(position + 8), fields.word(position + 10))
    var (size, offset) = try (fields.double(position + 12), fields.double(position + 16))
    let isWide = try ZipEnd.isWide(fields, position, count: count, size: size, offset: offset)
    var (end, place) = (position, position)
    if isWide {
      (end, place) = try ZipEnd.wideRecord(fields, before: position - 20)
      (here, count) = try (fields.quad(end + 24), fields.quad(end + 32))
      (size, offset) = try (fields.quad(end + 40), fields.quad(end + 48))
    }
    guard size <= end, offset <= end - size, count <= size / 46, count == here, place <= end,
      !isWide || end - place == end - size - offset
    else { throw fields.contradictory("its directory is not what lies before its end record") }
    (self.count, isExact, directory) = (count, isWide, end - size..<end)
    (prefix, self.surplus) = (end - size - offset, surplus)
  }

  /// Whether zip64's record counts. Without one, 65,535 may be the number of entries.
  private static func isWide(
    _ fields: LittleEndianFields, _ position: Int, count: Int, size: Int, offset: Int
  ) throws -> Bool {
    let isFull = size == 0xFFFF_FFFF || offset == 0xFFFF_FFFF
    if fields.holds(0x0706_4B50, at: position - 20) { return isFull || count == 0xFFFF }
    if isFull || (count == 0xFFFF && size < 46 * 0xFFFF) { throw fields.contradictory("its zip64 record is missing") }
    return false
  }

  /// Where zip64's record lies, and where the locator says that it does: behind a prefix that is too early by its length.
  private static func wideRecord(
    _ fields: LittleEndianFields, before locator: Int
  ) throws -> (position: Int, said: Int) {
    let said = try fields.quad(locator + 8)
    let shortest = 56
    for place in [said, locator - shortest] where fields.holds(0x0606_4B50, at: place) {
      if try place + 12 + fields.quad(place + 4) == locator { return (place, said) }
    }
    throw fields.contradictory("its zip64 record is missing")
  }

  /// The last place where the signature stands and the comment reaches exactly to the end of the file; failing that, the
  /// last one whose comment ends earlier and whose directory lies before it: zeros or something else were put behind the
  /// archive.
  private static func find(_ fields: LittleEndianFields) -> (position: Int, surplus: Int)? {
    let (bytes, longest) = (fields.bytes, 0xFFFF)
    let content = bytes.lastIndex { $0 != 0 }.map { $0 + 1 } ?? 0
    let last = min(content - 4, bytes.count - 22)
    guard last >= 0 else { return nil }
    var found: (position: Int, surplus: Int)?
    for position in stride(from: last, through: max(0, content - longest - 22), by: -1)
    where bytes[position] == 0x50 && fields.holds(0x0605_4B50, at: position) {
      guard let comment = try? fields.word(position + 20) else { continue }
      let end = position + 22 + comment
      if end == bytes.count { return (position, 0) }
      if end < bytes.count, found == nil, isBehindDirectory(fields, position) {
        found = (position, max(0, content - end))
      }
    }
    return found
  }

  private static func isBehindDirectory(_ fields: LittleEndianFields, _ position: Int) -> Bool {
    guard let size = try? fields.double(position + 12) else { return false }
    return size == 0 || fields.holds(0x0201_4B50, at: position - size)
      || fields.holds(0x0706_4B50, at: position - 20)
  }
}
