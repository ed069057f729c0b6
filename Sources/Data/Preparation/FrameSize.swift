/// The size of a picture in pixels, as a file of boxes or a photo states it.
struct FrameSize: Equatable, Sendable {
  let width: Int
  let height: Int

  var words: String { "\(width)×\(height) pixels" }
}
