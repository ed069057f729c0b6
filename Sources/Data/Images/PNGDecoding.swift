internal import CPNG

/// PNG by libpng: every colour type and depth, interlaced or not. The pixels are those of Pillow's `convert("RGB")`, but for
/// grey of 16 bits, which is scaled to 8 where Pillow clips it.
enum PNGDecoder: PictureDecoder {
  static let kind = FileKind.png
  static let fileExtension = "png"
  static let decodesScaled = false

  /// The most bytes that deflate unpacks from one: 258 of them take two bits at least.
  private static let unpackedPerByte = 1032

  static func readHeader(
    _ bytes: UnsafeRawBufferPointer, limits: PictureLimits
  ) throws(PictureError) -> PictureHeader {
    var raw = cpng_header()
    var failure = cpng_failure()
    let base = bytes.baseAddress?.assumingMemoryBound(to: UInt8.self)
    let code = cpng_read_header(base, bytes.count, limits.allowTruncated ? 1 : 0, &raw, &failure)
    guard code == CPNG_OK.code else { throw PictureError(failure, width: 0, height: 0) }
    let (width, height) = (Int(raw.width), Int(raw.height))
    try limits.admit(.png, width: width, height: height)
    let row = (width * Int(raw.bits_per_pixel) + 7) / 8 + 1
    try limits.admit(.png, width: width, height: height, bytes: bytes.count, fewest: row * height / unpackedPerByte)
    let chunks = PNGChunks(bytes)
    return PictureHeader(
      format: .png, width: width, height: height,
      orientation: chunks.first("eXIf").flatMap { exifOrientation($0) } ?? .upright, isAnimated: chunks.isAnimated)
  }

  static func decode(
    _ bytes: UnsafeRawBufferPointer, header: PictureHeader, limits: PictureLimits, scale: DecodingScale
  ) throws(PictureError) -> (image: Image, damage: PictureError?) {
    let (width, height) = (header.width, header.height)
    var failure = cpng_failure()
    let image = try Image(width: width, height: height) { pixels throws(PictureError) in
      let base = bytes.baseAddress?.assumingMemoryBound(to: UInt8.self)
      if limits.allowTruncated { pixels.initialize(repeating: Image.missing) }
      let code = cpng_decode(
        base, bytes.count, limits.allowTruncated ? 1 : 0, pixels.baseAddress, pixels.count, &failure)
      guard code == CPNG_OK.code else { throw PictureError(failure, width: width, height: height) }
    }
    return (image, failure.code == CPNG_OK.code ? nil : PictureError(failure, width: width, height: height))
  }
}

/// The chunks of a PNG as far as they lie within its bytes. Their checksums are not looked at.
private struct PNGChunks {
  private let bytes: UnsafeRawBufferPointer

  init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

  /// Whether an animation of more than one frame is announced before the pixels (APNG).
  var isAnimated: Bool {
    guard let control = first("acTL", before: "IDAT"), control.count == 8 else { return false }
    return control[..<4].contains { $0 != 0 } && !control[..<4].elementsEqual([0, 0, 0, 1])
  }

  /// What the first chunk of a type holds.
  func first(_ type: StaticString, before other: StaticString = "IEND") -> UnsafeRawBufferPointer? {
    var position = 8
    while position + 12 <= bytes.count {
      let length = bytes[position..<position + 4].reduce(0) { $0 << 8 | Int($1) }
      let name = bytes[position + 4..<position + 8]
      guard length <= bytes.count - position - 12, !name.elementsEqual(other.bytes) else { return nil }
      let start = position + 8
      if name.elementsEqual(type.bytes) { return UnsafeRawBufferPointer(rebasing: bytes[start..<start + length]) }
      position = start + length + 4
    }
    return nil
  }
}

extension StaticString {
  fileprivate var bytes: UnsafeBufferPointer<UInt8> {
    UnsafeBufferPointer(start: utf8Start, count: utf8CodeUnitCount)
  }
}

// What the C shim returns, as errors.
extension PictureError {
  fileprivate init(_ failure: cpng_failure, width: Int, height: Int) {
    let text = withUnsafeBytes(of: failure.message) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    self =
      switch failure.code {
      case CPNG_TRUNCATED.code: .truncated(.png)
      case CPNG_MEMORY.code: .outOfMemory(width: width, height: height)
      default: .damaged(.png, text)
      }
  }
}
