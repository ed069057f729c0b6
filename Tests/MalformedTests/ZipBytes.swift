/// A zip file laid down byte by byte, so that every field can lie; entries are stored.
struct ZipBytes: Sendable {
  struct Entry: Sendable {
    var name: [UInt8]
    var bytes: [UInt8]
    /// What stands in the place of the bytes, where they are packed.
    var packed: [UInt8]?
    var method = 0
    var flags = 0x800
    var mode = 0o100644
    var size: Int?
    var checksum: UInt32?
    var localName: [UInt8]?

    init(_ name: String, _ bytes: [UInt8] = [1, 2, 3]) { (self.name, self.bytes) = (Array(name.utf8), bytes) }
  }

  var entries: [Entry]
  var count: Int?

  init(_ entries: [Entry]) { self.entries = entries }

  /// The file with this many entries by its end record.
  func with(count: Int) -> [UInt8] {
    var other = self
    other.count = count
    return other.encoded
  }

  var encoded: [UInt8] {
    var out: [UInt8] = []
    var offsets: [Int] = []
    for entry in entries {
      let name = entry.localName ?? entry.name
      offsets.append(out.count)
      out += word32(0x0403_4B50) + word16(20) + fields(entry, name: name) + name + (entry.packed ?? entry.bytes)
    }
    let directory = out.count
    for (entry, offset) in zip(entries, offsets) {
      out += word32(0x0201_4B50) + word16(3 << 8 | 20) + word16(20) + fields(entry, name: entry.name)
      out += word16(0) + word16(0) + word16(0) + word32(entry.mode << 16) + word32(offset) + entry.name
    }
    let total = count ?? entries.count
    let size = out.count - directory
    out += word32(0x0605_4B50) + word32(0) + word16(total) + word16(total) + word32(size) + word32(directory)
    return out + word16(0)
  }

  /// What both headers of an entry say, from its flags to the length of its extra field.
  private func fields(_ entry: Entry, name: [UInt8]) -> [UInt8] {
    let packed = entry.packed ?? entry.bytes
    var fields = word16(entry.flags) + word16(entry.method) + word16(0) + word16(0x21)
    fields += word32(Int(entry.checksum ?? checksum(entry.bytes))) + word32(packed.count)
    return fields + word32(entry.size ?? entry.bytes.count) + word16(name.count) + word16(0)
  }
}

func word16(_ value: Int) -> [UInt8] { [UInt8(truncatingIfNeeded: value), UInt8(truncatingIfNeeded: value >> 8)] }

func word32(_ value: Int) -> [UInt8] { word16(value) + word16(value >> 16) }

func word64(_ value: Int) -> [UInt8] { word32(value) + word32(value >> 32) }

/// CRC-32.
private func checksum(_ bytes: [UInt8]) -> UInt32 {
  var sum = ~UInt32(0)
  for byte in bytes {
    sum ^= UInt32(byte)
    for _ in 0..<8 { sum = (sum & 1 == 1 ? 0xEDB8_8320 : 0) ^ (sum >> 1) }
  }
  return ~sum
}
