internal import CZlib
internal import Files

/// The one place where zlib is called: expands the members of a gzip file (RFC 1952) one after the other. zlib checks
/// each member's checksum and length; what follows the last one must be another member or nothing.
///
/// The bytes that come out count against the limits, whatever the file says of itself.
final class GzipStream {
  private let file: MappedFile
  private let limits: ArchiveLimits
  /// At a fixed address: zlib's state points back at it.
  private let stream: UnsafeMutablePointer<z_stream>
  /// Where the bytes begin that zlib has not been given yet.
  private var offset = 0
  private var isInMember = true
  /// Bytes that have come out.
  private(set) var produced = 0

  var path: String { file.path }
  /// Bytes of the file.
  var size: Int { file.bytes.count }
  /// Bytes of the file that have gone in.
  var consumed: Int { offset - Int(stream.pointee.avail_in) }

  init(path: String, limits: ArchiveLimits) throws {
    file = try MappedFile(path)
    self.limits = limits
    stream = .allocate(capacity: 1)
    stream.initialize(to: z_stream())
    let gzipOnly: Int32 = 16
    let result = inflateInit2_(stream, MAX_WBITS + gzipOnly, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
    precondition(result == Z_OK, "zlib cannot begin: \(result)")
  }

  deinit {
    inflateEnd(stream)
    stream.deallocate()
  }

  /// Fills the buffer; fewer bytes come only at the end of the file, where all checksums have held.
  func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
    stream.pointee.next_out = buffer.baseAddress?.assumingMemoryBound(to: UInt8.self)
    stream.pointee.avail_out = UInt32(buffer.count)
    while stream.pointee.avail_out > 0 {
      if !isInMember, try !beginMember() { break }
      try feed()
      try expand()
    }
    let count = buffer.count - Int(stream.pointee.avail_out)
    produced += count
    try checkLimits()
    return count
  }

  private func expand() throws {
    switch inflate(stream, Z_NO_FLUSH) {
    case Z_OK: return
    case Z_STREAM_END: isInMember = false
    case let code:
      throw damaged(stream.pointee.msg.map { String(cString: $0) } ?? "zlib gives up with code \(code)")
    }
  }

  /// Gives zlib the next bytes where it has none left.
  private func feed() throws {
    guard stream.pointee.avail_in == 0 else { return }
    let count = min(1 << 20, size - offset)
    guard count > 0 else { throw damaged("it ends early") }
    let start = file.bytes.baseAddress?.advanced(by: offset).assumingMemoryBound(to: UInt8.self)
    stream.pointee.next_in = UnsafeMutablePointer(mutating: start)
    stream.pointee.avail_in = UInt32(count)
    offset += count
  }

  /// - Returns: false at the end of the file.
  private func beginMember() throws -> Bool {
    let rest = file.bytes[consumed...]
    if rest.isEmpty { return false }
    guard rest.starts(with: gzipSignature) else { throw damaged("\(rest.count) bytes follow its end") }
    guard inflateReset(stream) == Z_OK else { throw damaged("zlib cannot begin another member") }
    isInMember = true
    return true
  }

  private func checkLimits() throws {
    guard produced <= limits.maximumTotalBytes else {
      throw tooLarge("it expands to more than \(limits.maximumTotalBytes) bytes")
    }
    if produced > limits.ratioFloor, produced / limits.maximumRatio > consumed {
      throw tooLarge("it expands more than \(limits.maximumRatio) times")
    }
  }

  private func tooLarge(_ reason: String) -> ArchiveError { .tooLarge(path: path, entry: nil, reason: reason) }

  private func damaged(_ reason: String) -> ArchiveError { .damaged(path: path, entry: nil, reason: reason) }
}

let gzipSignature: [UInt8] = [0x1F, 0x8B]

extension GzipStream {
  /// Bytes that the file expands to by its own words: the length of its last member modulo 2^32. Good for a guess before
  /// the work, and for nothing else.
  var claimedSize: Int {
    let claim = file.bytes.suffix(4).reversed().reduce(0) { $0 << 8 | Int($1) }
    let mostThatDeflateGives = 1032
    return max(size, min(claim, size * mostThatDeflateGives))
  }
}
