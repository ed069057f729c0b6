import Archives
import Files
import TestSupport

/// A tar file laid down block by block, so that every field can lie.
struct RawTar {
  struct Entry {
    var name: [UInt8]
    var bytes: [UInt8] = []
    var type: Character = "0"
    var mode = 0o644
    /// The size in the header, where it is to be wrong.
    var size: Int?
    var checksum: Int?
    /// What a link names.
    var target: [UInt8] = []

    init(
      _ name: String, _ bytes: [UInt8] = [1, 2, 3], type: Character = "0", mode: Int = 0o644, target: String = ""
    ) {
      self.name = Array(name.utf8)
      self.target = Array(target.utf8)
      self.bytes = bytes
      self.type = type
      self.mode = mode
    }

    /// A pax header for the next entry, with these records.
    static func pax(_ records: [(String, String)], type: Character = "x") -> Entry {
      let text = records.map { key, value in
        let rest = " \(key)=\(value)\n"
        let length = (1...9).map { $0 + rest.utf8.count }.first { "\($0)".utf8.count + rest.utf8.count == $0 } ?? 0
        return "\(length)" + rest
      }
      return Entry("PaxHeaders/x", Array(text.joined().utf8), type: type)
    }
  }

  var entries: [Entry]
  var end = [UInt8](repeating: 0, count: 1024)

  init(_ entries: [Entry]) { self.entries = entries }

  func encoded() -> [UInt8] {
    entries.flatMap { entry in
      header(entry) + entry.bytes + [UInt8](repeating: 0, count: (512 - entry.bytes.count % 512) % 512)
    } + end
  }

  private func header(_ entry: Entry) -> [UInt8] {
    var block = [UInt8](repeating: 0, count: 512)
    func put(_ bytes: some Collection<UInt8>, _ offset: Int) {
      for (i, byte) in bytes.enumerated() { block[offset + i] = byte }
    }
    func octal(_ value: Int, _ digits: Int) -> [UInt8] {
      let text = String(value, radix: 8)
      return Array((String(repeating: "0", count: digits - text.count) + text).utf8)
    }
    put(entry.name.prefix(100), 0)
    put(octal(entry.mode, 7), 100)
    put(octal(entry.size ?? entry.bytes.count, 11), 124)
    put(Array("        ".utf8), 148)
    put(Array(String(entry.type).utf8), 156)
    put(entry.target.prefix(100), 157)
    put(Array("ustar\u{0}00".utf8), 257)
    put(octal(entry.checksum ?? block.reduce(0) { $0 + Int($1) }, 6) + [0], 148)
    return block
  }
}

/// A gzip file of one member (RFC 1952).
///
/// - Parameter isPacked: false stores the bytes, so that a test knows where they lie.
func gzip(_ bytes: [UInt8], isPacked: Bool = false) throws -> [UInt8] {
  var out: [UInt8] = [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 3]
  if isPacked { out += try deflated(bytes) } else { out += stored(bytes) }
  return out + word32(Int(crc32(bytes))) + word32(bytes.count)
}

private func stored(_ bytes: [UInt8]) -> [UInt8] {
  var out: [UInt8] = []
  var rest = bytes[...]
  repeat {
    let part = rest.prefix(0xFFFF)
    rest = rest.dropFirst(part.count)
    out += [rest.isEmpty ? 1 : 0] + word16(part.count) + word16(~part.count) + part
  } while !rest.isEmpty
  return out
}

/// What stands in a zip between the local header and the directory.
private func deflated(_ bytes: [UInt8]) throws -> [UInt8] {
  let scratch = try Scratch()
  let writer = try ZipWriter(path: scratch.file("a.zip"))
  try writer.add(name: "a", bytes: bytes, store: false)
  try writer.finish()
  let zip = try readFile(scratch.file("a.zip"))
  var limits = ArchiveLimits()
  limits.maximumRatio = 2000
  let reader = try ZipReader(path: scratch.file("a.zip"), limits: limits)
  return Array(zip[31..<31 + reader.entries[0].packedSize])
}
