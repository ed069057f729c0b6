internal import Glibc

/// The lines of a mapped file, however large it is, and the columns of a line. Lines are numbered from 1.
struct MappedLines {
  /// A line without its end; nil for one that is longer than is read, after which there are no more.
  typealias Line = (number: Int, range: Range<Int>?)

  private let bytes: UnsafeRawBufferPointer
  private let longest: Int
  private var offset = 0
  private var number = 0

  init(_ bytes: UnsafeRawBufferPointer, longest: Int) { (self.bytes, self.longest) = (bytes, longest) }

  mutating func next() -> Line? {
    guard offset < bytes.count else { return nil }
    number += 1
    let start = offset
    let limit = min(bytes.count, start + longest + 1)
    guard let end = find(0x0A, bytes, start..<limit) ?? (limit - start <= longest ? limit : nil) else {
      offset = bytes.count
      return (number, nil)
    }
    offset = end + 1
    return (number, start..<(end > start && bytes[end - 1] == 0x0D ? end - 1 : end))
  }

  /// What stands between the tabs; of a line of nothing but tabs not more than there are in any table.
  static func columns(_ line: Slice<UnsafeRawBufferPointer>) -> [Slice<UnsafeRawBufferPointer>] {
    var columns: [Slice<UnsafeRawBufferPointer>] = []
    var start = line.startIndex
    while columns.count < 100, let end = find(0x09, line.base, start..<line.endIndex) {
      columns.append(line.base[start..<end])
      start = end + 1
    }
    return columns + [line.base[start..<line.endIndex]]
  }
}

/// The first place of a byte. (`firstIndex(of:)` looks at a gigabyte a second, this at many.)
private func find(_ byte: UInt8, _ bytes: UnsafeRawBufferPointer, _ range: Range<Int>) -> Int? {
  guard !range.isEmpty, let base = bytes.baseAddress else { return nil }
  return memchr(base + range.lowerBound, Int32(byte), range.count).map { UnsafeRawPointer($0) - base }
}
