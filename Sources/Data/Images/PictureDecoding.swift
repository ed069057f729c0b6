internal import CJPEG

/// Reads the header only and applies the limits that it can be held against; decodes nothing. What a file is, its bytes
/// decide.
///
/// - Throws: `PictureError`: what the file is if it is no picture that is read here, too many pixels, too few bytes,
///   damaged, unsupported.
public func readPictureHeader(
  _ bytes: UnsafeRawBufferPointer, limits: PictureLimits = .init()
) throws(PictureError) -> PictureHeader {
  try PictureFormat(of: bytes).decoder.readHeader(bytes, limits: limits)
}

/// What became of a file.
public struct DecodedPicture: Sendable {
  public let header: PictureHeader
  /// As it is to be seen.
  public let image: Image
  /// Where the limits allow damage, the first that was found: parts after it are made up.
  public let damage: PictureError?
}

/// Decodes JPEG, PNG or WebP to RGB, turned upright as EXIF says. Transparency is dropped, not blended; colour profiles and
/// gamma are not applied; of an animation the first frame is taken.
///
/// - Parameter atLeast: `full` decodes exactly. At the others, a format that has a faster way to a smaller picture takes it,
///   with pixels slightly different from those of a picture that is decoded and then made smaller; the others are decoded
///   at full size all the same.
/// - Throws: `PictureError`, nothing else; the bytes may be anything.
public func readPicture(
  _ bytes: UnsafeRawBufferPointer, limits: PictureLimits = .init(), atLeast scale: DecodingScale = .full
) throws(PictureError) -> DecodedPicture {
  let header = try readPictureHeader(bytes, limits: limits)
  let decoder = header.format.decoder
  let (image, damage) = try decoder.decode(bytes, header: header, limits: limits, scale: scale)
  return DecodedPicture(header: header, image: image.oriented(header.orientation), damage: damage)
}

/// The image alone.
public func decodePicture(
  _ bytes: UnsafeRawBufferPointer, limits: PictureLimits = .init(), atLeast scale: DecodingScale = .full
) throws(PictureError) -> Image {
  try readPicture(bytes, limits: limits, atLeast: scale).image
}

/// The same for bytes in an array.
public func decodePicture(
  _ bytes: [UInt8], limits: PictureLimits = .init(), atLeast scale: DecodingScale = .full
) throws(PictureError) -> Image {
  try bytes.span.bytes.withUnsafeBytes { raw throws(PictureError) in
    try decodePicture(raw, limits: limits, atLeast: scale)
  }
}

/// Decodes as much as there is of a damaged file, and says what was wrong with it.
public func decodeDamagedPicture(
  _ bytes: UnsafeRawBufferPointer, limits: PictureLimits = .init()
) throws(PictureError) -> DecodedPicture {
  var lenient = limits
  lenient.allowTruncated = true
  return try readPicture(bytes, limits: lenient)
}

/// The part of its size at which a JPEG is decoded, by a smaller inverse transform.
public enum DecodingScale: Int32, CaseIterable, Sendable {
  case eighth = 1
  case quarter = 2
  case half = 4
  case full = 8

  /// What becomes of `side` pixels; a started one counts.
  package func pixels(of side: Int) -> Int { cjpeg_scaled_side(side, rawValue) }
}
