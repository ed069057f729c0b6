internal import CJPEG

/// JPEG by libjpeg-turbo: grey, YCbCr, RGB, CMYK and YCCK (Adobe's inverted ones too), baseline and progressive.
enum JPEGDecoder: PictureDecoder {
  static let kind = FileKind.jpeg
  static let fileExtension = "jpg"
  static let decodesScaled = true

  static func readHeader(
    _ bytes: UnsafeRawBufferPointer, limits: PictureLimits
  ) throws(PictureError) -> PictureHeader {
    try readJPEGHeader(bytes, limits: limits).picture
  }

  static func decode(
    _ bytes: UnsafeRawBufferPointer, header: PictureHeader, limits: PictureLimits, scale: DecodingScale
  ) throws(PictureError) -> (image: Image, damage: PictureError?) {
    let scans = limits.scans(width: header.width, height: header.height)
    var options = cjpeg_options(
      maximum_scans: Int32(clamping: scans), allow_damage: limits.allowTruncated ? 1 : 0, eighths: scale.rawValue)
    var failure = cjpeg_failure()
    let image = try Image(width: scale.pixels(of: header.width), height: scale.pixels(of: header.height)) {
      pixels throws(PictureError) in
      let base = bytes.baseAddress?.assumingMemoryBound(to: UInt8.self)
      let code = cjpeg_decode(base, bytes.count, &options, pixels.baseAddress, pixels.count, &failure)
      guard code == CJPEG_OK.code else {
        throw PictureError(failure, width: header.width, height: header.height, limits: limits)
      }
    }
    let damage =
      failure.code == CJPEG_OK.code
      ? nil : PictureError(failure, width: header.width, height: header.height, limits: limits)
    return (image, damage)
  }
}

/// A picture in which nothing ever changes still takes a bit for each 8×8 block: 512 pixels a byte.
private let pixelsPerByte = 512

/// What a JPEG says about itself before the first scan, with what only JPEG has.
package func readJPEGHeader(
  _ bytes: UnsafeRawBufferPointer, limits: PictureLimits
) throws(PictureError) -> JPEGHeader {
  var raw = cjpeg_header()
  var failure = cjpeg_failure()
  let base = bytes.baseAddress?.assumingMemoryBound(to: UInt8.self)
  let code = cjpeg_read_header(base, bytes.count, &raw, &failure)
  let width = Int(raw.width)
  let height = Int(raw.height)
  try limits.admit(.jpeg, width: width, height: height)
  guard code == CJPEG_OK.code else { throw PictureError(failure, width: width, height: height, limits: limits) }
  try limits.admit(.jpeg, width: width, height: height, bytes: bytes.count, fewest: width * height / pixelsPerByte)
  guard let colourSpace = JPEGHeader.ColourSpace(raw.color_space) else {
    throw .unsupported(.jpeg, "\(raw.components) components that are neither grey, RGB, YCbCr nor CMYK")
  }
  return JPEGHeader(
    picture: PictureHeader(
      format: .jpeg, width: width, height: height,
      orientation: exifBlock(ofJPEG: bytes).flatMap { exifOrientation($0) } ?? .upright),
    components: Int(raw.components), colourSpace: colourSpace, isProgressive: raw.is_progressive != 0)
}
