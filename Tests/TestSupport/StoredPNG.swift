public import Images

/// An RGB picture as a PNG that packs nothing, so that it is known which byte is which: 41 bytes to the pixels' chunk, 7 of
/// deflate, then each row behind a zero.
///
/// - Parameters:
///   - image: of at most 65,535 bytes with the zeros.
///   - before: chunks between the header and the pixels.
public func storedPNG(_ image: Image, before: [UInt8] = []) -> [UInt8] {
  let stride = image.width * 3
  let raw = (0..<image.height).flatMap { [0] + image.pixels[($0 * stride)..<(($0 + 1) * stride)] }
  let length = [UInt8(raw.count & 255), UInt8(raw.count >> 8)]
  var sums = (1 as UInt32, 0 as UInt32)
  for byte in raw { sums = ((sums.0 + UInt32(byte)) % 65_521, (sums.1 + sums.0 + UInt32(byte)) % 65_521) }
  let packed = [0x78, 0x01, 0x01] + length + length.map { ~$0 } + raw + bigEndian(sums.1 << 16 | sums.0)
  let header = bigEndian(UInt32(image.width)) + bigEndian(UInt32(image.height)) + [8, 2, 0, 0, 0]
  return [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A] + pngChunk("IHDR", header) + before
    + pngChunk("IDAT", packed) + pngChunk("IEND", [])
}

/// A chunk of a PNG with its checksum.
public func pngChunk(_ type: String, _ data: [UInt8]) -> [UInt8] {
  let body = Array(type.utf8) + data
  var crc: UInt32 = 0xFFFF_FFFF
  for byte in body {
    crc ^= UInt32(byte)
    for _ in 0..<8 { crc = crc >> 1 ^ (crc & 1 == 1 ? 0xEDB8_8320 : 0) }
  }
  return bigEndian(UInt32(data.count)) + body + bigEndian(~crc)
}

/// The chunk that announces an animation of two frames.
public let animationChunk = pngChunk("acTL", bigEndian(2) + bigEndian(0))

/// Four bytes.
public func bigEndian(_ value: UInt32) -> [UInt8] { (0..<4).map { UInt8(truncatingIfNeeded: value >> (24 - 8 * $0)) } }
