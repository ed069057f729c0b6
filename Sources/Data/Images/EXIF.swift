/// The orientation that an EXIF block states; nil where it states none, or none that can be understood.
///
/// Damaged metadata never makes a photo unusable. Layout: CIPA DC-008 (Exif 2.32) §4.5, TIFF 6.0 §2.
///
/// - Parameter block: a TIFF file, with the letters before it that JPEG asks for and others sometimes have.
func exifOrientation(_ block: UnsafeRawBufferPointer) -> Orientation? {
  let tiff = block.starts(with: exifSignature) ? UnsafeRawBufferPointer(rebasing: block[exifSignature.count...]) : block
  return TIFFReader(tiff)?.orientation
}

/// "Exif", then two zeros.
let exifSignature: [UInt8] = [0x45, 0x78, 0x69, 0x66, 0, 0]

/// As much of TIFF as the orientation needs; every offset is checked against the block.
private struct TIFFReader {
  private let bytes: UnsafeRawBufferPointer
  private let isLittleEndian: Bool

  /// Nil where the byte order mark is neither II nor MM.
  init?(_ bytes: UnsafeRawBufferPointer) {
    guard bytes.count >= 8, bytes[0] == bytes[1], bytes[0] == 0x49 || bytes[0] == 0x4D else { return nil }
    self.bytes = bytes
    isLittleEndian = bytes[0] == 0x49
  }

  var orientation: Orientation? {
    guard let directory = integer(at: 4, size: 4), let count = integer(at: directory, size: 2) else { return nil }
    for entry in 0..<count {
      let offset = directory + 2 + entry * 12
      guard let tag = integer(at: offset, size: 2) else { return nil }
      if tag == 0x0112 { return number(ofEntryAt: offset).flatMap(Orientation.init(rawValue:)) }
    }
    return nil
  }

  /// The first number of an entry, whatever type it was written in; nil where that is none, or no whole one.
  ///
  /// Signed types need no care: what is negative is no orientation either way.
  private func number(ofEntryAt offset: Int) -> Int? {
    guard let type = integer(at: offset + 2, size: 2), let items = integer(at: offset + 4, size: 4), items > 0 else {
      return nil
    }
    func first(_ size: Int, part: Int = 0, of parts: Int = 1) -> Int? {
      let isInside = size * parts * items <= 4
      return (isInside ? offset + 8 : integer(at: offset + 8, size: 4)).flatMap {
        integer(at: $0 + part * size, size: size)
      }
    }
    switch type {
    case 1, 6: return first(1)  // BYTE, SBYTE
    case 3, 8: return first(2)  // SHORT, SSHORT
    case 4, 9, 13: return first(4)  // LONG, SLONG, IFD
    case 16, 17: return first(8)  // LONG8, SLONG8
    case 5, 10:  // RATIONAL, SRATIONAL
      guard let above = first(4, of: 2), let below = first(4, part: 1, of: 2), below > 0 else { return nil }
      return above % below == 0 ? above / below : nil
    case 11: return first(4).flatMap { Int(exactly: Float(bitPattern: UInt32($0))) }
    case 12: return first(8).flatMap { Int(exactly: Double(bitPattern: UInt64(bitPattern: Int64($0)))) }
    default: return nil
    }
  }

  private func integer(at offset: Int, size: Int) -> Int? {
    guard offset >= 0, offset + size <= bytes.count else { return nil }
    var value = 0
    for i in 0..<size { value = value << 8 | Int(bytes[offset + (isLittleEndian ? size - 1 - i : i)]) }
    return value
  }
}
