internal import CWebP

/// WebP by libwebp: lossy and lossless; of an animation, the first frame on its canvas. The pixels are those of Pillow's
/// `convert("RGB")`.
enum WebPDecoder: PictureDecoder {
  static let kind = FileKind.webP
  static let fileExtension = "webp"
  static let decodesScaled = false

  /// A lossy picture takes three bits at least for the modes of each 16×16 block. A lossless one of a single colour takes
  /// none for its pixels, so there the number of pixels is all that limits it.
  private static let lossyPixelsPerByte = 16 * 16 * 8 / 3

  static func readHeader(
    _ bytes: UnsafeRawBufferPointer, limits: PictureLimits
  ) throws(PictureError) -> PictureHeader {
    let canvas = try webPHeader(bytes)
    let (width, height) = (Int(canvas.width), Int(canvas.height))
    try limits.admit(.webP, width: width, height: height)
    let container = WebPContainer(bytes)
    let frame = canvas.is_animated != 0 ? try container.frame(width, height) : nil
    let picture = try frame.map { frame throws(PictureError) in try webPHeader(frame.bytes) } ?? canvas
    let pixels = Int(picture.width) * Int(picture.height)
    try limits.admit(
      .webP, width: width, height: height, bytes: bytes.count,
      fewest: picture.is_lossless != 0 ? 0 : pixels / lossyPixelsPerByte)
    return PictureHeader(
      format: .webP, width: width, height: height,
      orientation: container.exif.flatMap { exifOrientation($0) } ?? .upright,
      isAnimated: frame != nil && container.hasSecondFrame)
  }

  static func decode(
    _ bytes: UnsafeRawBufferPointer, header: PictureHeader, limits: PictureLimits, scale: DecodingScale
  ) throws(PictureError) -> (image: Image, damage: PictureError?) {
    let (width, height) = (header.width, header.height)
    let container = WebPContainer(bytes)
    guard container.isComplete || limits.allowTruncated else { throw .truncated(.webP) }
    let isAnimated = try webPHeader(bytes).is_animated != 0
    let frame =
      isAnimated
      ? try container.frame(width, height) : WebPFrame(bytes: bytes, x: 0, y: 0, width: width, height: height)
    var damage: PictureError?
    let image = try Image(width: width, height: height) { pixels throws(PictureError) in
      // Around a frame the canvas is black.
      if isAnimated || limits.allowTruncated { pixels.initialize(repeating: isAnimated ? 0 : Image.missing) }
      damage = try frame.decode(into: pixels, canvas: (width, height), allowDamage: limits.allowTruncated)
    }
    return (image, damage ?? (container.isComplete ? nil : .truncated(.webP)))
  }
}

/// A picture of its own within a WebP file, and where it lies on the canvas.
private struct WebPFrame {
  let bytes: UnsafeRawBufferPointer
  let x: Int, y: Int, width: Int, height: Int

  /// - Returns: where damage is allowed, what was wrong.
  func decode(
    into pixels: UnsafeMutableBufferPointer<UInt8>, canvas: (width: Int, height: Int), allowDamage: Bool
  ) throws(PictureError) -> PictureError? {
    let offset = (y * canvas.width + x) * 3
    var target = cwebp_rectangle(
      pixels: pixels.baseAddress.map { $0 + offset }, stride: canvas.width * 3, capacity: pixels.count - offset,
      width: UInt32(width), height: UInt32(height))
    var rows = 0
    let base = bytes.baseAddress?.assumingMemoryBound(to: UInt8.self)
    let code = cwebp_decode(base, bytes.count, allowDamage ? 1 : 0, &target, &rows)
    guard code != CWEBP_OK.code else { return nil }
    let error = PictureError(webP: code, width: width, height: height)
    guard allowDamage, rows > 0, code != CWEBP_MEMORY.code else { throw error }
    return error
  }
}

/// The chunks of a WebP file as far as they lie within its bytes (RFC 9649, section 2).
private struct WebPContainer {
  private let bytes: UnsafeRawBufferPointer
  /// Whether all bytes are there that the file says it has.
  let isComplete: Bool

  init(_ bytes: UnsafeRawBufferPointer) {
    let end = bytes.littleEndian(at: 4, size: 4).map { $0 + 8 } ?? Int.max
    self.bytes = UnsafeRawBufferPointer(rebasing: bytes.prefix(end))
    isComplete = end <= bytes.count
  }

  var hasSecondFrame: Bool { all("ANMF", limit: 2).count > 1 }

  /// What the extended header says there is, where it is there.
  var exif: UnsafeRawBufferPointer? {
    guard let header = all("VP8X", limit: 1).first, header.count >= 10, header[0] & 0x08 != 0 else { return nil }
    return all("EXIF", limit: 1).first
  }

  /// The first frame of an animation.
  func frame(_ canvasWidth: Int, _ canvasHeight: Int) throws(PictureError) -> WebPFrame {
    guard let chunk = all("ANMF", limit: 1, isPartial: true).first, chunk.count > 16 else {
      throw isComplete ? .damaged(.webP, "an animation without a frame") : .truncated(.webP)
    }
    let numbers = [0, 3, 6, 9].compactMap { chunk.littleEndian(at: $0, size: 3) }
    let frame = WebPFrame(
      bytes: UnsafeRawBufferPointer(rebasing: chunk[16...]), x: numbers[0] * 2, y: numbers[1] * 2,
      width: numbers[2] + 1, height: numbers[3] + 1)
    guard frame.x + frame.width <= canvasWidth, frame.y + frame.height <= canvasHeight else {
      throw .damaged(.webP, "a frame beyond the canvas")
    }
    return frame
  }

  /// What the first chunks of a type hold.
  ///
  /// - Parameter isPartial: whether one that is cut off counts, as far as it is there.
  private func all(_ type: String, limit: Int, isPartial: Bool = false) -> [UnsafeRawBufferPointer] {
    var found: [UnsafeRawBufferPointer] = []
    var position = 12
    while found.count < limit, let length = bytes.littleEndian(at: position + 4, size: 4) {
      let start = position + 8
      let end = start + length
      guard end <= bytes.count || isPartial else { break }
      if bytes[position..<position + 4].elementsEqual(type.utf8) {
        found.append(UnsafeRawBufferPointer(rebasing: bytes[start..<min(end, bytes.count)]))
      }
      position = end + length % 2
    }
    return found
  }
}

extension UnsafeRawBufferPointer {
  /// Nil beyond the end.
  fileprivate func littleEndian(at offset: Int, size: Int) -> Int? {
    guard offset + size <= count else { return nil }
    return (0..<size).reduce(0) { $0 | Int(self[offset + $1]) << (8 * $1) }
  }
}

private func webPHeader(_ bytes: UnsafeRawBufferPointer) throws(PictureError) -> cwebp_header {
  var header = cwebp_header()
  let code = cwebp_read_header(bytes.baseAddress?.assumingMemoryBound(to: UInt8.self), bytes.count, &header)
  guard code == CWEBP_OK.code else { throw PictureError(webP: code, width: 0, height: 0) }
  return header
}

// What the C shim returns, as errors.
extension PictureError {
  fileprivate init(webP code: Int32, width: Int, height: Int) {
    self =
      switch code {
      case CWEBP_TRUNCATED.code: .truncated(.webP)
      case CWEBP_UNSUPPORTED.code: .unsupported(.webP, "libwebp does not know it")
      case CWEBP_MEMORY.code: .outOfMemory(width: width, height: height)
      case CWEBP_SIZE.code: .damaged(.webP, "a frame of another size than it says")
      default: .damaged(.webP, "its coded data contradicts itself")
      }
  }
}
