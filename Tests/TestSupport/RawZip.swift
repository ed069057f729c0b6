/// A zip file laid down byte by byte, so that every field can lie. Entries are stored, not compressed, unless `packed`
/// says what stands in their place.
public struct RawZip: Sendable {
  public struct Entry: Sendable {
    public var name: [UInt8]
    public var bytes: [UInt8] = []
    public var packed: [UInt8]?
    public var method = 0
    public var flags = 0x800
    public var mode = 0o100644
    public var size: Int?
    public var checksum: UInt32?
    /// Bytes of an earlier entry to point at, by its place.
    public var sharing: Int?
    public var localName: [UInt8]?
    /// Checksum, packed size and size in the local header, where they are others than in the directory.
    public var localNumbers: [Int]?
    /// What follows the data, such as a descriptor.
    public var behind: [UInt8] = []
    /// Extra fields.
    public var localExtra: [UInt8] = []
    public var extra: [UInt8] = []
    /// The system that packed it: 3 is Unix, 0 DOS.
    public var host = 3

    public init(_ name: String, _ bytes: [UInt8] = [1, 2, 3]) {
      self.name = Array(name.utf8)
      self.bytes = bytes
    }
  }

  public var entries: [Entry]
  public var comment: [UInt8] = []
  /// Bytes before the archive, for which no offset accounts.
  public var prefix: [UInt8] = []
  /// The count in the end record, where it is to be wrong.
  public var count: Int?

  public init(_ entries: [Entry]) { self.entries = entries }

  /// The file.
  public func encoded() -> [UInt8] {
    var out: [UInt8] = []
    var offsets: [Int] = []
    for entry in entries {
      if let other = entry.sharing {
        offsets.append(offsets[other])
        continue
      }
      offsets.append(out.count)
      out += word32(0x0403_4B50) + word16(20)
      out += common(entry, entry.localName ?? entry.name, entry.localNumbers, entry.localExtra)
      out += (entry.localName ?? entry.name) + entry.localExtra + (entry.packed ?? entry.bytes) + entry.behind
    }
    let directory = out.count
    for (entry, offset) in zip(entries, offsets) {
      out += word32(0x0201_4B50) + word16(entry.host << 8 | 20) + word16(20)
      out += common(entry, entry.name, nil, entry.extra)
      out += word16(0) + word16(0) + word16(0) + word32(entry.mode << 16) + word32(offset) + entry.name + entry.extra
    }
    let total = count ?? entries.count
    let size = out.count - directory
    out += word32(0x0605_4B50) + word32(0) + word16(total) + word16(total) + word32(size) + word32(directory)
    return prefix + out + word16(comment.count) + comment
  }

  /// The fields that local header and directory have in common, from the flags to the extra field's length.
  private func common(_ entry: Entry, _ name: [UInt8], _ numbers: [Int]?, _ extra: [UInt8]) -> [UInt8] {
    let packed = entry.packed ?? entry.bytes
    let honest = [Int(entry.checksum ?? crc32(entry.bytes)), packed.count, entry.size ?? entry.bytes.count]
    let fields = word16(entry.flags) + word16(entry.method) + word16(0) + word16(0x21)
    return fields + (numbers ?? honest).flatMap(word32) + word16(name.count) + word16(extra.count)
  }
}

/// Two bytes, the lower first.
public func word16(_ value: Int) -> [UInt8] {
  [UInt8(truncatingIfNeeded: value), UInt8(truncatingIfNeeded: value >> 8)]
}

/// Four bytes, the lowest first.
public func word32(_ value: Int) -> [UInt8] { word16(value) + word16(value >> 16) }

/// Eight bytes, the lowest first.
public func word64(_ value: Int) -> [UInt8] { word32(value) + word32(value >> 32) }

/// The checksum of zip and gzip.
public func crc32(_ bytes: [UInt8]) -> UInt32 {
  var sum = ~UInt32(0)
  for byte in bytes {
    sum ^= UInt32(byte)
    for _ in 0..<8 { sum = (sum & 1 == 1 ? 0xEDB8_8320 : 0) ^ (sum >> 1) }
  }
  return ~sum
}
