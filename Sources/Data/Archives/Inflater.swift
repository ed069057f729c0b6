internal import CZlib

/// The one place where zlib is called: expands deflated data, bare as in a zip or with gzip's header and checksum around
/// it.
final class Inflater {
  enum Format: Int32 {
    case bare = -15
    /// zlib checks each member's checksum and length.
    case gzip = 31
  }

  /// What one call has done.
  struct Step {
    /// Bytes that went in.
    let taken: Int
    /// Bytes that came out.
    let made: Int
    /// Whether the data have ended, and all of their checksums have held.
    let isEnd: Bool
  }

  /// At a fixed address: zlib's state points back at it.
  private let stream: UnsafeMutablePointer<z_stream>

  init(_ format: Format) {
    stream = .allocate(capacity: 1)
    stream.initialize(to: z_stream())
    let result = inflateInit2_(stream, format.rawValue, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
    precondition(result == Z_OK, "zlib cannot begin: \(result)")
  }

  deinit {
    inflateEnd(stream)
    stream.deallocate()
  }

  /// Begins anew, after an end.
  func restart() {
    let result = inflateReset(stream)
    precondition(result == Z_OK, "zlib cannot begin again: \(result)")
  }

  /// Expands as much as there is, or as there is room for; neither may be nothing.
  ///
  /// - Throws: `InflateError` with zlib's own words.
  func expand(_ input: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer) throws -> Step {
    let (room, rest) = (UInt32(clamping: output.count), UInt32(clamping: input.count))
    stream.pointee.next_in = UnsafeMutablePointer(
      mutating: input.baseAddress?.assumingMemoryBound(to: UInt8.self))
    stream.pointee.avail_in = rest
    stream.pointee.next_out = output.baseAddress?.assumingMemoryBound(to: UInt8.self)
    stream.pointee.avail_out = room
    let code = inflate(stream, Z_NO_FLUSH)
    guard code == Z_OK || code == Z_STREAM_END else {
      throw InflateError(
        reason: stream.pointee.msg.map { String(cString: $0) } ?? "zlib gives up with code \(code)")
    }
    return Step(
      taken: Int(rest - stream.pointee.avail_in), made: Int(room - stream.pointee.avail_out),
      isEnd: code == Z_STREAM_END)
  }
}

/// Why deflated data cannot be expanded.
struct InflateError: Error {
  let reason: String
}

/// All of some bare deflated data, which must come to exactly `size` bytes.
func inflated(_ input: UnsafeRawBufferPointer, size: Int) throws -> [UInt8] {
  let inflater = Inflater(.bare)
  return try [UInt8](unsafeUninitializedCapacity: size) { buffer, filled in
    var (taken, isEnd) = (0, false)
    var surplus: UInt8 = 0
    while !isEnd {
      guard taken < input.count else { throw InflateError(reason: "it ends early") }
      let rest = UnsafeRawBufferPointer(rebasing: input[taken...])
      let step =
        filled < size
        ? try inflater.expand(
          rest, into: UnsafeMutableRawBufferPointer(rebasing: UnsafeMutableRawBufferPointer(buffer)[filled..<size]))
        : try withUnsafeMutableBytes(of: &surplus) { try inflater.expand(rest, into: $0) }
      guard filled + step.made <= size else { throw InflateError(reason: "more bytes than its header says") }
      (taken, filled, isEnd) = (taken + step.taken, filled + step.made, step.isEnd)
    }
    guard filled == size else { throw InflateError(reason: "fewer bytes than its header says") }
  }
}

/// The checksum of zip and gzip.
func checksum(_ bytes: UnsafeRawBufferPointer) -> Int {
  Int(crc32_z(0, bytes.baseAddress?.assumingMemoryBound(to: UInt8.self), z_size_t(bytes.count)))
}
