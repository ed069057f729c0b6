public import Batching
internal import Foundation
internal import Images

/// A small picture of a photo as a page holds it in itself.
public struct Thumbnail: Sendable {
  public let jpeg: [UInt8]
  /// In pixels.
  public let width: Int
  public let height: Int

  package init(jpeg: [UInt8], width: Int, height: Int) { (self.jpeg, self.width, self.height) = (jpeg, width, height) }

  /// The JPEG as a `data:` address.
  public var address: String { "data:image/jpeg;base64," + Data(jpeg).base64EncodedString() }
}

extension PhotoCollection {
  /// - Parameter side: most pixels of the longer side.
  /// - Returns: nil for a photo that is gone or cannot be read.
  public func thumbnail(at place: Int, side: Int) -> Thumbnail? {
    var found: Thumbnail?
    try? withBytes(at: place) { found = try smallPicture($0, limits: limits(at: place), side: side) }
    return found
  }
}

/// - Parameters:
///   - limits: what decoding may cost.
///   - side: most pixels of the longer side.
/// - Throws: `PictureError`.
private func smallPicture(_ bytes: UnsafeRawBufferPointer, limits: PictureLimits, side: Int) throws -> Thumbnail {
  let size = try readPictureHeader(bytes, limits: limits).orientedSize
  let longer = max(size.width, size.height)
  let scale = DecodingScale.allCases.first { longer * Int($0.rawValue) >= side * 8 } ?? .full
  let image = try decodePicture(bytes, limits: limits, atLeast: scale)
  let factor = min(1, Double(side) / Double(max(image.width, image.height)))
  let small = resize(
    image, width: max(1, Int((Double(image.width) * factor).rounded())),
    height: max(1, Int((Double(image.height) * factor).rounded())), filter: .bicubic)
  return Thumbnail(jpeg: try encodeJPEG(small, quality: 82), width: small.width, height: small.height)
}
