internal import Batching
internal import Images
internal import Models
internal import TensorEngine

/// An image as it is explained: its places, and how a model sees it without some of them.
protocol ExplainedImage {
  /// What people look at.
  var picture: Image { get }
  var kind: ExplainedPlaces { get }
  /// The parts of the picture that the model's image tokens stand for.
  var places: [ImagePlace] { get }
  /// An image for each set of places, without these.
  func without(_ sets: [[Int]]) -> ImageInput
}

/// A part of a picture, and the tokens that stand for it.
struct ImagePlace {
  let box: Box
  var tokens: [Int]
}

/// A picture that a model reads, whose places are cells.
struct ExplainedPicture: ExplainedImage {
  let picture: Image
  let kind = ExplainedPlaces.cells
  let places: [ImagePlace]
  private let pictures: OccludedPictures
  private let engine: Engine

  /// - Parameter picture: of the size that the preprocessing makes.
  init(
    _ picture: Image, _ preprocessing: Preprocessing, _ encoder: any ImageEncoder, _ engine: Engine
  ) {
    (self.picture, self.engine) = (picture, engine)
    pictures = OccludedPictures(picture, preprocessing)
    // Tokens of one place stand for it together, tokens of the whole picture for none.
    var places: [ImagePlace] = []
    for (token, box) in (encoder.boxes(of: pictures.without([[]], engine))?.first ?? []).enumerated()
    where box != .whole {
      if let known = places.firstIndex(where: { $0.box == box }) {
        places[known].tokens.append(token)
      } else {
        places.append(ImagePlace(box: box, tokens: [token]))
      }
    }
    self.places = places
  }

  func without(_ sets: [[Int]]) -> ImageInput { pictures.without(sets.map { $0.map { places[$0].box } }, engine) }
}

/// Regions of a picture that another network has described. One that is taken away is hidden, as a model of regions knows it.
struct ExplainedRegions: ExplainedImage {
  let picture: Image
  let kind = ExplainedPlaces.regions
  let places: [ImagePlace]
  private let regions: RegionFeatures
  private let engine: Engine

  init(_ picture: Image, _ regions: RegionFeatures, _ encoder: any ImageEncoder, _ engine: Engine) {
    (self.picture, self.regions, self.engine) = (picture, regions, engine)
    let boxes = encoder.boxes(of: Self.images([[]], regions, engine))?.first ?? []
    // In front of them may stand what stands for the whole image.
    let first = boxes.count - regions.count
    places = boxes.indices.dropFirst(first).map { ImagePlace(box: boxes[$0], tokens: [$0]) }
  }

  func without(_ sets: [[Int]]) -> ImageInput { Self.images(sets, regions, engine) }

  private static func images(_ hidden: [[Int]], _ regions: RegionFeatures, _ engine: Engine) -> ImageInput {
    let packed = PackedRegions(
      hidden.map { _ in (features: regions.features, edges: regions.boxes) }, width: regions.width, engine)
    return ImageInput(packed).hiding(hidden.map { $0.sorted() })
  }
}
