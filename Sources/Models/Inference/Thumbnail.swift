internal import Foundation
internal import Images

/// A small JPEG of a photo as a page holds it in itself.
/// - Parameters:
///   - limits: what decoding may cost.
///   - side: most pixels of the longer side.
/// - Throws: `PictureError`.
func thumbnail(_ bytes: UnsafeRawBufferPointer, limits: PictureLimits, side: Int) throws -> String {
  let size = try readPictureHeader(bytes, limits: limits).orientedSize
  let longer = max(size.width, size.height)
  let scale = DecodingScale.allCases.first { longer * Int($0.rawValue) >= side * 8 } ?? .full
  let image = try decodePicture(bytes, limits: limits, atLeast: scale)
  let factor = min(1, Double(side) / Double(max(image.width, image.height)))
  let small = resize(
    image, width: max(1, Int((Double(image.width) * factor).rounded())),
    height: max(1, Int((Double(image.height) * factor).rounded())), filter: .bicubic)
  return "data:image/jpeg;base64," + Data(try encodeJPEG(small, quality: 82)).base64EncodedString()
}
