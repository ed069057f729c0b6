/// The central directory of a zip file, joined with the local headers that it points at (APPNOTE.TXT 6.3.9, sections 4.3
/// and 4.5.3). It is read without libraries, since the gates against overlapping entries and lying headers need to know
/// where everything lies.
struct ZipDirectory {
  /// One file.
  struct Record {
    var name: [UInt8]
    /// The name that Info-ZIP's Unicode path field gives the entry, where the field is for this name.
    var unicodeName: [UInt8]?
    var flags: Int
    var method: Int
    var checksum: Int
    var packedSize: Int
    var size: Int
    /// The file's permissions and kind where a Unix system packed it, else 0.
    var unixMode: Int
    /// Where the local header lies in the file.
    var localHeader: Int
    /// The name there.
    var localName: [UInt8] = []
    /// The packed bytes.
    var data = 0..<0

    /// Local header, name, extra field and data.
    var span: Range<Int> { localHeader..<data.upperBound }
  }

  let records: [Record]
  /// Bytes before the archive and behind it that are no part of it.
  let strange: (before: Int, behind: Int)

  /// - Parameter limit: the most entries.
  init(_ bytes: UnsafeRawBufferPointer, path: String, limit: Int) throws {
    let fields = LittleEndianFields(bytes: bytes, path: path)
    guard let end = try ZipEnd(fields) else {
      throw ArchiveError.notAnArchive(path: path, kind: "zip", found: kindOfBytes(bytes))
    }
    func tooMany(_ count: Int) -> ArchiveError {
      .tooLarge(path: path, entry: nil, reason: "\(count) entries, more than \(limit)")
    }
    guard end.count <= limit else { throw tooMany(end.count) }
    var records: [Record] = []
    var offset = end.directory.lowerBound
    while offset < end.directory.upperBound {
      guard records.count < limit else { throw tooMany(records.count + 1) }
      let (record, next) = try fields.centralHeader(at: offset, end)
      guard next <= end.directory.upperBound else { throw fields.damaged("its directory overruns its own length") }
      records.append(record)
      offset = next
    }
    guard records.count == end.count || (!end.isExact && records.count & 0xFFFF == end.count) else {
      throw fields.contradictory("its directory has \(records.count) entries where its end says \(end.count)")
    }
    self.records = records
    strange = (end.prefix, end.surplus)
  }
}
