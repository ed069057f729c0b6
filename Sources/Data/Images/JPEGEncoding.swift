internal import CJPEG

/// Encodes as a baseline JPEG (YCbCr, colour at half the resolution, standard tables). The same pixels and quality give
/// the same bytes with the same version of libjpeg-turbo.
///
/// - Parameter quality: 1 … 100; 90 and above keeps edges of drawn shapes clean.
/// - Throws: `PictureError.cannotEncode` where a side is longer than 65,500 pixels; `outOfMemory`.
public func encodeJPEG(_ image: Image, quality: Int) throws(PictureError) -> [UInt8] {
  precondition(quality >= 1 && quality <= 100, "JPEG quality \(quality) is not in 1 … 100")
  var encoded: UnsafeMutablePointer<UInt8>?
  var count = 0
  var failure = cjpeg_failure()
  let code = image.pixels.withUnsafeBufferPointer {
    cjpeg_encode($0.baseAddress, image.width, image.height, Int32(quality), &encoded, &count, &failure)
  }
  defer { cjpeg_free(encoded) }
  guard code == CJPEG_OK.code else {
    if code == CJPEG_MEMORY.code { throw .outOfMemory(width: image.width, height: image.height) }
    throw .cannotEncode(width: image.width, height: image.height, failure.text)
  }
  return Array(UnsafeBufferPointer(start: encoded, count: count))
}
