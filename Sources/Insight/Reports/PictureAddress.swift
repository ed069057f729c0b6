internal import Foundation
internal import Images

/// A picture as a page holds it in itself: a `data:` address of a JPEG.
/// - Throws: `PictureError`.
func pictureAddress(_ picture: Image) throws -> String {
  "data:image/jpeg;base64," + Data(try encodeJPEG(picture, quality: 88)).base64EncodedString()
}
