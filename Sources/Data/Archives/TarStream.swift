/// A gzipped tar archive, read from front to back. An entry passes the gates before any of its bytes are handed out; the
/// archive as a whole has passed when `next` returns nil.
final class TarStream {
  private let gzip: GzipStream
  private var gates: TarGates
  /// A multiple of a block long and filled whole, so that no header is ever cut in two.
  private let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 512 * tarBlock, alignment: 64)
  private var window = 0..<0
  private var isAtStart = true
  /// Its name, for messages.
  private var entry: String?
  /// Bytes of the present entry that have not been handed out, and those that pad it.
  private var rest = 0
  private var padding = 0

  /// Bytes of the packed file that have been read, and all of them.
  var progress: (done: Int, total: Int) { (gzip.consumed, gzip.size) }

  /// Bytes that the archive expands to by its own words.
  var claimedSize: Int { gzip.claimedSize }

  /// What was decided about the archive, in words; all of it at the end.
  var notes: [String] { gates.notes }

  init(path: String, limits: ArchiveLimits, encoding: NameEncoding?) throws {
    gzip = try GzipStream(path: path, limits: limits)
    gates = TarGates(path: path, limits: limits, encoding: encoding)
  }

  deinit { buffer.deallocate() }

  /// The next regular file, or link to an earlier one, which has no bytes of its own; nil at the end, when all checksums
  /// have held.
  func next() throws -> TarMember? {
    while try part() != nil {}
    entry = nil
    while let header = try nextHeader() {
      rest = try gates.contentSize(header)
      padding = tarPadding(rest)
      if header.isExtension {
        var content: [UInt8] = []
        while let part = try part() { content += part }
        try gates.announce(header, content)
      } else if let member = try gates.admit(header), !member.isDirectory {
        entry = member.name
        if member.target != nil { try gzip.count(member.size) }
        return member
      } else {
        while try part() != nil {}
      }
    }
    try gates.finish()
    while let surplus = try take(.max) { gates.ending.take(surplus) }
    return nil
  }

  /// The next bytes of the present entry, valid until the next call; nil when all were handed out.
  func part() throws -> UnsafeRawBufferPointer? {
    if rest > 0 {
      guard let part = try take(rest) else { throw damaged("it ends early") }
      rest -= part.count
      return part
    }
    while padding > 0 {
      guard let surplus = try take(padding) else { throw damaged("it ends early") }
      padding -= surplus.count
    }
    return nil
  }

  /// Nil at the end mark, or at the end of the file.
  private func nextHeader() throws -> TarHeader? {
    let block = try take(tarBlock)
    defer { isAtStart = false }
    guard let block, block.count == tarBlock else {
      if isAtStart { throw notATar(block) }
      guard block.map(isTarEnd) ?? true else { throw damaged("a header is cut off") }
      gates.ending.isMissing()
      return nil
    }
    if isTarEnd(block) { return nil }
    guard let header = TarHeader(block) else {
      throw isAtStart ? notATar(block) : damaged("a header cannot be read")
    }
    return header
  }

  /// The next bytes that came out of the gzip file, at most so many; nil at its end.
  private func take(_ limit: Int) throws -> UnsafeRawBufferPointer? {
    if window.isEmpty {
      window = 0..<(try gzip.read(into: buffer))
      if window.isEmpty { return nil }
    }
    let taken = window.lowerBound..<window.lowerBound + min(limit, window.count)
    window = taken.upperBound..<window.upperBound
    return UnsafeRawBufferPointer(rebasing: buffer[taken])
  }

  private func notATar(_ block: UnsafeRawBufferPointer?) -> ArchiveError {
    let found = kindOfBytes(block ?? UnsafeRawBufferPointer(start: nil, count: 0))
    return .notAnArchive(path: gzip.path, kind: "gzipped tar", found: found.gzipped)
  }

  private func damaged(_ reason: String) -> ArchiveError { .damaged(path: gzip.path, entry: entry, reason: reason) }
}
