public import Batching
public import Collectives
public import Evaluation

/// Says how alike captions are to the images that they are of, by a model of its own.
public protocol CaptionJudge {
  /// What it is called beside its scores.
  var name: String { get }

  /// Of a caption of each image, in their order; collective.
  func likeness(
    of captions: [String], references: [[String]], to photos: any PhotoCollection, _ communicator: any Communicator
  ) throws -> [CaptionLikeness]
}

extension CaptionJudge {
  /// Adds what it says; collective.
  public func judge(
    _ images: inout [CaptionedImage], of photos: any PhotoCollection, _ communicator: any Communicator
  ) throws {
    let found = try likeness(
      of: images.map(\.caption), references: images.map(\.references), to: photos, communicator)
    for (place, likeness) in found.enumerated() { images[place].likeness = likeness }
  }
}
