internal import Archives
internal import CZlib

/// So that a bomb is small, and what is smaller than `ratioFloor` has no ratio to keep.
private var limits: ArchiveLimits {
  var limits = ArchiveLimits()
  limits.maximumEntries = 2_000
  limits.maximumEntryBytes = 1 << 18
  limits.maximumTotalBytes = 1 << 18
  limits.ratioFloor = 1 << 16
  return limits
}

/// Unpacks a gzipped tar. Bytes that do not begin as gzip are taken for the tar and packed first: no change to a packed
/// file gets past its checksums to the tar reader behind them.
func readGzip(_ bytes: UnsafeRawBufferPointer) throws {
  let isPacked = bytes.starts(with: signature)
  try unpack(isPacked ? Array(bytes) : gzip(bytes[..<(bytes.count / 2)]) + gzip(bytes[(bytes.count / 2)...]))
}

private let signature: [UInt8] = [0x1F, 0x8B]

/// Holds the files that come out, or that there are none, against what zlib and the reader of plain tars make of it.
private func unpack(_ packed: [UInt8]) throws {
  try withDirectory { directory in
    let expanded = gunzip(packed, limit: limits.maximumTotalBytes)
    try write(packed, to: directory + "/input")
    try write(expanded ?? [], to: directory + "/plain")
    do {
      let source = try openSource(
        directory + "/input", limits: limits, unpacking: UnpackingDirectory(directory + "/unpacked"))
      try require(expanded != nil, "a file was unpacked that zlib refuses, or that is larger than the limit")
      let plain = try TarReader(path: directory + "/plain", limits: limits)
      try compare(source, plain)
    } catch let refusal as ArchiveError {
      guard let expanded, expanded.count <= limits.ratioFloor else { throw refusal }
      let plain = try? TarReader(path: directory + "/plain", limits: limits)
      // Hard links make more bytes than came out of the file, and only those of a gzip file have a ratio to keep.
      let hasLinks = plain?.notes.contains { $0.contains("hard link") } ?? false
      try require(plain == nil || (hasLinks && isTooLarge(refusal)), "a sound archive was refused: \(refusal)")
      throw refusal
    }
  }
}

private func isTooLarge(_ refusal: ArchiveError) -> Bool { if case .tooLarge = refusal { true } else { false } }

private func compare(_ source: any FileSource, _ plain: TarReader) throws {
  let names = Set(source.names)
  var bytes = 0
  for name in source.names {
    guard let entry = plain.entries.first(where: { $0.name == name }) else {
      throw Misbehaviour("\(name.debugDescription) is not in the archive")
    }
    try require(source.read(name) == plain.read(entry), "a file has its bytes")
    bytes += source.size(name)
  }
  try require(bytes <= limits.maximumTotalBytes, "no more comes out than the limit")
  for entry in plain.entries where !isLeftover(entry.name) {
    try require(names.contains(entry.name), "\(entry.name.debugDescription) has not been unpacked")
  }
}

/// What a source may leave out: hidden files, and those of systems.
private func isLeftover(_ name: String) -> Bool {
  let parts = name.utf8.split(separator: UInt8(ascii: "/")).map { String($0) ?? "" }
  return parts.contains { $0.utf8.first == UInt8(ascii: ".") || $0 == "__MACOSX" }
    || ["thumbs.db", "desktop.ini"].contains(parts.last?.lowercased() ?? "")
}

/// What zlib makes of the members, between and behind which zeros may stand; nil where it refuses one, something else
/// follows, or more comes out than the limit.
private func gunzip(_ packed: [UInt8], limit: Int) -> [UInt8]? {
  var output = [UInt8](repeating: 0, count: limit + 1)
  var (taken, made) = (0, 0)
  repeat {
    guard packed[taken...].starts(with: signature),
      let step = inflateMember(packed[taken...], &output[made...])
    else { return nil }
    taken += step.taken
    taken += packed[taken...].prefix { $0 == 0 }.count
    made += step.made
  } while taken < packed.count && made <= limit
  return made <= limit ? Array(output[..<made]) : nil
}

private func inflateMember(
  _ packed: ArraySlice<UInt8>, _ output: inout ArraySlice<UInt8>
) -> (taken: Int, made: Int)? {
  withStream { stream in
    guard inflateInit2_(stream, gzipOnly, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK else { return nil }
    defer { inflateEnd(stream) }
    let code = give(stream, packed, &output) { inflate(stream, Z_FINISH) }
    return code == Z_STREAM_END ? (Int(stream.pointee.total_in), Int(stream.pointee.total_out)) : nil
  }
}

/// One member.
private func gzip(_ bytes: Slice<UnsafeRawBufferPointer>) -> [UInt8] {
  withStream { stream in
    let (level, memory): (Int32, Int32) = (1, 1)
    let begun = deflateInit2_(
      stream, level, Z_DEFLATED, gzipOnly, memory, Z_DEFAULT_STRATEGY, ZLIB_VERSION,
      Int32(MemoryLayout<z_stream>.size))
    precondition(begun == Z_OK, "zlib cannot begin: \(begun)")
    defer { deflateEnd(stream) }
    var output = [UInt8](repeating: 0, count: Int(deflateBound(stream, UInt(bytes.count))))[...]
    let code = give(stream, Array(bytes)[...], &output) { deflate(stream, Z_FINISH) }
    precondition(code == Z_STREAM_END, "zlib cannot pack: \(code)")
    return Array(output.prefix(Int(stream.pointee.total_out)))
  }
}

private let gzipOnly = MAX_WBITS + 16

/// At a fixed address: zlib's state points back at it.
private func withStream<Result>(_ body: (UnsafeMutablePointer<z_stream>) throws -> Result) rethrows -> Result {
  let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
  stream.initialize(to: z_stream())
  defer { stream.deallocate() }
  return try body(stream)
}

private func give(
  _ stream: UnsafeMutablePointer<z_stream>, _ input: ArraySlice<UInt8>, _ output: inout ArraySlice<UInt8>,
  _ work: () -> Int32
) -> Int32 {
  input.withUnsafeBufferPointer { input in
    output.withUnsafeMutableBufferPointer { output in
      stream.pointee.next_in = UnsafeMutablePointer(mutating: input.baseAddress)
      stream.pointee.avail_in = UInt32(input.count)
      stream.pointee.next_out = output.baseAddress
      stream.pointee.avail_out = UInt32(output.count)
      return work()
    }
  }
}
