/// The orientation that a JPEG's EXIF segment states; upright where there is none, or none that can be understood.
///
/// Damaged metadata never makes a photo unusable. Layout: CIPA DC-008 (Exif 2.32) §4.5, TIFF 6.0 §2.
func exifOrientation(ofJPEG bytes: UnsafeRawBufferPointer) -> Orientation {
  var position = 2
  while position + 4 <= bytes.count, bytes[position] == 0xFF {
    let marker = bytes[position + 1]
    if marker == 0xFF {  // a fill byte
      position += 1
      continue
    }
    let length = Int(bytes[position + 2]) << 8 | Int(bytes[position + 3])
    let end = position + 2 + length
    guard marker != startOfScan, length >= 2, end <= bytes.count else { break }
    let segment = UnsafeRawBufferPointer(rebasing: bytes[(position + 4)..<end])
    if marker == application1, segment.starts(with: exifSignature) {
      let tiff = UnsafeRawBufferPointer(rebasing: segment[exifSignature.count...])
      return TIFFReader(tiff)?.orientation ?? .upright
    }
    position = end
  }
  return .upright
}

private let startOfScan: UInt8 = 0xDA
private let application1: UInt8 = 0xE1
private let exifSignature: [UInt8] = [0x45, 0x78, 0x69, 0x66, 0, 0]  // "Exif", then two zeros

/// As much of TIFF as the orientation needs; every offset is checked against the segment.
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
      guard tag == 0x0112 else { continue }
      let type = integer(at: offset + 2, size: 2)
      let items = integer(at: offset + 4, size: 4)
      guard type == 3, items == 1 else { return nil }  // one unsigned 16-bit number
      return integer(at: offset + 8, size: 2).flatMap(Orientation.init(rawValue:))
    }
    return nil
  }

  private func integer(at offset: Int, size: Int) -> Int? {
    guard offset >= 0, offset + size <= bytes.count else { return nil }
    var value = 0
    for i in 0..<size { value = value << 8 | Int(bytes[offset + (isLittleEndian ? size - 1 - i : i)]) }
    return value
  }
}
