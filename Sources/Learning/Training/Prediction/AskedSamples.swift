internal import Batching
internal import Models
internal import Tasks

/// New samples as a model is asked of them: what it sees, or hears, of each; nothing of samples that are texts alone.
struct AskedSamples {
  /// Photos, or what the model reads in their place.
  private(set) var images: ImageInput?
  /// Clips, for a model that hears them beside images.
  private(set) var clips: ImageInput?
  private let names: [String]
  private var hasImage: [Bool] = []
  private var hasClip: [Bool] = []

  /// One, of a text alone, or once where there is none.
  init() { names = [] }

  /// - Parameters:
  ///   - images: photos, or clips.
  ///   - clips: of the same samples.
  ///   - places: theirs in `photos`.
  init(
    _ images: ImageInput, _ clips: ImageInput?, _ places: Range<Int>, of photos: any PhotoCollection, _ model: any Model
  ) {
    names = places.map { photos.name(at: $0) }
    let isThere = places.map { !photos.isAbsent(at: $0) }
    let hearsBeside = model is any ClipModel
    if images.areClips && hearsBeside {
      (self.clips, hasClip) = (images, isThere)
    } else {
      (self.images, hasImage) = (images, isThere)
    }
    if let clips, let collection = photos.clips {
      (self.clips, hasClip) = (clips, places.map { !collection.isAbsent(at: $0) })
    }
    // What nobody has is not looked at: there is nothing to see in it.
    if !hasImage.contains(true) { self.images = nil }
    if !hasClip.contains(true) { self.clips = nil }
  }

  /// With every text, or once where there is none.
  /// - Parameter texts: how many; nil where none is read.
  func samples(texts: Int?) -> [PooledReader.Sample] {
    (0..<max(names.count, 1)).flatMap { place in
      (0..<max(texts ?? 0, 1)).map { text in
        let (image, clip) = (Self.place(place, hasImage), Self.place(place, hasClip))
        var sample = PooledReader.Sample(image: image, text: texts == nil ? nil : text, clip: clip)
        if !names.isEmpty { sample.name = textName(ofImage: names[place]) }
        return sample
      }
    }
  }

  private static func place(_ place: Int, _ has: [Bool]) -> Int? {
    has.indices.contains(place) && has[place] ? place : nil
  }
}
