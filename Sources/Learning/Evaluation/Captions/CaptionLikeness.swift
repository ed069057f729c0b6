/// How alike a caption, its image and its references are to a model that has features of images and texts: cosines.
public struct CaptionLikeness: Equatable, Sendable {
  /// Of the caption and the image.
  public var image: Double
  /// The largest of those of the caption and a reference.
  public var references: Double

  public init(image: Double, references: Double) { (self.image, self.references) = (image, references) }

  /// What stands before captions and references where such a model reads them.
  public static let prefix = "A photo depicts "

  /// CLIPScore (Hessel et al., "CLIPScore: A Reference-free Evaluation Metric for Image Captioning", EMNLP 2021).
  var score: Double { 2.5 * max(image, 0) }

  /// RefCLIPScore: the harmonic mean of CLIPScore and of the likeness to the references, which counts as 0 below 0, as the authors write it
  /// (their program does not cut it off, which is the same above 0). 0 where either is.
  var referenceScore: Double {
    let (score, references) = (score, max(references, 0))
    return score > 0 && references > 0 ? 2 * score * references / (score + references) : 0
  }
}
