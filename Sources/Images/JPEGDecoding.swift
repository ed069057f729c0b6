internal import CJPEG

/// Reads the header only and applies the limits that it can be held against; decodes nothing.
///
/// - Throws: `JPEGError`: what the file is if it is no JPEG, too many pixels, too few bytes, damaged, unsupported.
public func readJPEGHeader(
  _ bytes: UnsafeRawBufferPointer, limits: JPEGLimits = .init()
) throws(JPEGError) -> JPEGHeader {
  let kind = FileKind(bytes)
  guard kind == .jpeg else { throw .notJPEG(kind) }
  var raw = cjpeg_header()
  var failure = cjpeg_failure()
  let base = bytes.baseAddress?.assumingMemoryBound(to: UInt8.self)
  let code = cjpeg_read_header(base, bytes.count, &raw, &failure)
  let width = Int(raw.width)
  let height = Int(raw.height)
  guard width * height <= limits.maximumPixels else {
    throw .tooManyPixels(width: width, height: height, limit: limits.maximumPixels)
  }
  guard code == CJPEG_OK.code else { throw JPEGError(failure, width: width, height: height, limits: limits) }
  guard width * height / limits.maximumPixelsPerByte <= bytes.count || limits.allowTruncated else {
    throw .tooFewBytes(width: width, height: height, bytes: bytes.count)
  }
  guard let colourSpace = JPEGHeader.ColourSpace(raw.color_space) else {
    throw .unsupported("\(raw.components) components that are neither grey, RGB, YCbCr nor CMYK")
  }
  return JPEGHeader(
    width: width, height: height, components: Int(raw.components), colourSpace: colourSpace,
    orientation: exifOrientation(ofJPEG: bytes), isProgressive: raw.is_progressive != 0)
}

/// Decodes to RGB: grey, YCbCr, RGB, CMYK and YCCK (Adobe's inverted ones too), baseline and progressive, turned upright
/// as EXIF says. Colour profiles are not applied.
///
/// - Parameter scale: `full` decodes exactly; the others are faster, and their pixels slightly different from those of a
///   picture that is decoded and then made smaller.
/// - Throws: `JPEGError`, nothing else; the bytes may be anything.
public func decodeJPEG(
  _ bytes: UnsafeRawBufferPointer, limits: JPEGLimits = .init(), scale: DecodingScale = .full
) throws(JPEGError) -> Image {
  try decodeReportingDamage(bytes, limits: limits, scale: scale).image
}

/// The same for bytes in an array.
public func decodeJPEG(
  _ bytes: [UInt8], limits: JPEGLimits = .init(), scale: DecodingScale = .full
) throws(JPEGError) -> Image {
  try bytes.span.bytes.withUnsafeBytes { raw throws(JPEGError) in
    try decodeJPEG(raw, limits: limits, scale: scale)
  }
}

/// Decodes as much as there is of a damaged file, and says what was wrong with it.
///
/// - Returns: the picture, and nil or the first damage found: parts after it are made up.
public func decodeDamagedJPEG(
  _ bytes: UnsafeRawBufferPointer, limits: JPEGLimits = .init()
) throws(JPEGError) -> (image: Image, damage: JPEGError?) {
  var lenient = limits
  lenient.allowTruncated = true
  return try decodeReportingDamage(bytes, limits: lenient, scale: .full)
}

private func decodeReportingDamage(
  _ bytes: UnsafeRawBufferPointer, limits: JPEGLimits, scale: DecodingScale
) throws(JPEGError) -> (image: Image, damage: JPEGError?) {
  let header = try readJPEGHeader(bytes, limits: limits)
  let scans = limits.scans(width: header.width, height: header.height)
  var options = cjpeg_options(
    maximum_scans: Int32(clamping: scans), allow_damage: limits.allowTruncated ? 1 : 0,
    eighths: scale.rawValue)
  var failure = cjpeg_failure()
  let image = try Image(width: scale.pixels(of: header.width), height: scale.pixels(of: header.height)) {
    pixels throws(JPEGError) in
    let base = bytes.baseAddress?.assumingMemoryBound(to: UInt8.self)
    let code = cjpeg_decode(base, bytes.count, &options, pixels.baseAddress, pixels.count, &failure)
    guard code == CJPEG_OK.code else {
      throw JPEGError(failure, width: header.width, height: header.height, limits: limits)
    }
  }
  let damage =
    failure.code == CJPEG_OK.code
    ? nil : JPEGError(failure, width: header.width, height: header.height, limits: limits)
  return (image.oriented(header.orientation), damage)
}

/// The part of its size at which a picture is decoded, by a smaller inverse transform.
public enum DecodingScale: Int32, CaseIterable, Sendable {
  case eighth = 1
  case quarter = 2
  case half = 4
  case full = 8

  /// What becomes of `side` pixels; a started one counts.
  package func pixels(of side: Int) -> Int { cjpeg_scaled_side(side, rawValue) }
}
