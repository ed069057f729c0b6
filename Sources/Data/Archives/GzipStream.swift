internal import Files

/// Expands the members of a gzip file (RFC 1952) one after the other, whose checksums and lengths are checked. What follows
/// a member must be another one, or zeros, with which tapes and some programs fill up.
///
/// The bytes that come out count against the limits, whatever the file says of itself.
final class GzipStream {
  private let file: MappedFile
  private let limits: ArchiveLimits
  private let inflater = Inflater(.gzip)
  private var isInMember = true
  /// Bytes of the file that have gone in.
  private(set) var consumed = 0
  /// Bytes that have come out.
  private(set) var produced = 0

  var path: String { file.path }
  /// Bytes of the file.
  var size: Int { file.bytes.count }

  init(path: String, limits: ArchiveLimits) throws {
    file = try MappedFile(path)
    self.limits = limits
  }

  /// Fills the buffer; fewer bytes come only at the end of the file, where all checksums have held.
  func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
    var filled = 0
    while filled < buffer.count {
      if !isInMember, try !beginMember() { break }
      filled += try expand(into: UnsafeMutableRawBufferPointer(rebasing: buffer[filled...]))
    }
    try count(filled)
    return filled
  }

  /// Counts bytes against the limits that came out of the file, or are made of some that did.
  func count(_ bytes: Int) throws {
    produced += bytes
    guard produced <= limits.maximumTotalBytes else {
      throw tooLarge("it expands to more than \(limits.maximumTotalBytes) bytes")
    }
    if produced > limits.ratioFloor, produced / limits.maximumRatio > consumed {
      throw tooLarge("it expands more than \(limits.maximumRatio) times")
    }
  }

  /// The next bytes of the member; how many.
  private func expand(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
    let next = file.bytes[consumed...].prefix(1 << 20)
    guard !next.isEmpty else { throw damaged("it ends early") }
    do {
      let step = try inflater.expand(UnsafeRawBufferPointer(rebasing: next), into: buffer)
      consumed += step.taken
      isInMember = !step.isEnd
      return step.made
    } catch let error as InflateError {
      throw damaged(error.reason)
    }
  }

  /// - Returns: false at the end of the file.
  private func beginMember() throws -> Bool {
    let rest = file.bytes[consumed...].drop { $0 == 0 }
    consumed = rest.startIndex
    if rest.isEmpty { return false }
    guard rest.starts(with: gzipSignature) else { throw damaged("\(rest.count) bytes follow its end") }
    inflater.restart()
    isInMember = true
    return true
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
