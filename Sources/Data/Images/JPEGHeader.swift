/// What a JPEG says about itself before the first scan, with what only JPEGs have.
package struct JPEGHeader: Equatable, Sendable {
  package enum ColourSpace: Sendable { case grey, rgb, yCbCr, cmyk, ycck }

  package let picture: PictureHeader
  package let components: Int
  package let colourSpace: ColourSpace
  package let isProgressive: Bool
}

extension PictureLimits {
  /// How many scans a JPEG of this size may have.
  func scans(width: Int, height: Int) -> Int {
    min(maximumScans, max(16, maximumScannedPixels / max(1, width * height)))
  }
}

/// The EXIF block of a JPEG; nil where there is none before the first scan.
func exifBlock(ofJPEG bytes: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer? {
  var position = 2
  while position + 4 <= bytes.count, bytes[position] == 0xFF {
    let marker = bytes[position + 1]
    if marker == 0xFF {  // a fill byte
      position += 1
      continue
    }
    let length = Int(bytes[position + 2]) << 8 | Int(bytes[position + 3])
    let end = position + 2 + length
    guard marker != startOfScan, length >= 2, end <= bytes.count else { return nil }
    let segment = UnsafeRawBufferPointer(rebasing: bytes[(position + 4)..<end])
    if marker == application1, segment.starts(with: exifSignature) { return segment }
    position = end
  }
  return nil
}

private let startOfScan: UInt8 = 0xDA
private let application1: UInt8 = 0xE1
