/// Which captions belong to which image, both counted from 0 in the order of the split.
public struct RetrievalLayout: Equatable, Sendable {
  /// How many images there are.
  public let images: Int
  /// The image of each caption.
  public let imageOfCaption: [Int]
  private let captions: [Int]
  private let starts: [Int]

  /// - Parameter imageOfCaption: for each caption, the index of its image below `images`; every image needs a caption.
  public init(images: Int, imageOfCaption: [Int]) throws(EvaluationError) {
    guard images > 0 else { throw .empty(what: "images") }
    var counts = [Int](repeating: 0, count: images)
    for (caption, image) in imageOfCaption.enumerated() {
      guard (0..<images).contains(image) else { throw .captionOfUnknownImage(caption: caption, image: image) }
      counts[image] += 1
    }
    if let image = counts.firstIndex(of: 0) { throw .imageWithoutCaption(image: image) }
    var starts = [0]
    for count in counts { starts.append(starts[starts.count - 1] + count) }
    var next = starts
    var captions = [Int](repeating: 0, count: imageOfCaption.count)
    for (caption, image) in imageOfCaption.enumerated() {
      captions[next[image]] = caption
      next[image] += 1
    }
    self.images = images
    self.imageOfCaption = imageOfCaption
    self.captions = captions
    self.starts = starts
  }

  /// How many captions there are in all.
  public var captionCount: Int { imageOfCaption.count }

  /// The captions of an image, ascending.
  public func captions(of image: Int) -> ArraySlice<Int> { captions[starts[image]..<starts[image + 1]] }
}
