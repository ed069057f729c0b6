public import Batching
public import Collectives
internal import Images
public import Models
internal import Pretrained
internal import Reporting
internal import TensorEngine

/// How photos are encoded.
public struct PhotoEncoding: Sendable {
  /// Photos computed at once. It decides the last bits of the features, threads and ranks do not.
  public var chunk = 32
  /// Threads that read and decode photos while the model computes.
  public var workers = 1
  /// Whether photos that cannot be had are left out and reported, rather than end the work.
  public var skipsBadPhotos = false

  public init() {}
}

/// What became of photos.
public struct EncodedPhotos: Sendable {
  public let features: Features
  /// The place in the collection of each row of features.
  public let places: [Int]
  public let problems: [PhotoProblem]
  /// The names of those that have more frames than the first, which is the one that was encoded.
  public let animated: [String]
}

/// A photo that was left out.
public struct PhotoProblem: Sendable, Equatable {
  public let name: String
  /// Why, and what to do.
  public let reason: String
}

extension LoadedModel {
  /// Encodes all photos. Each rank encodes some; the result is the same on all of them and on any number of them.
  /// Collective.
  ///
  /// - Parameter progress: is told how many of this rank's photos are done, and their number.
  /// - Throws: `InferenceError.badPhoto` for the first photo that cannot be had, unless they are to be skipped;
  ///   `.noSoundPhoto` where none can; `.noFeatures` for a model without any, `.readsRegions` for one that looks at no photos.
  public func encode(
    _ photos: any PhotoCollection, _ settings: PhotoEncoding = PhotoEncoding(),
    _ communicator: any Communicator = SoloCommunicator(), progress: (_ done: Int, _ total: Int) -> Void = { _, _ in }
  ) throws -> EncodedPhotos {
    let model = try features()
    return try rows(
      of: photos, width: embeddingWidth, settings, communicator,
      compute: { model.features(images: $0, tape()).values() }, progress: progress)
  }

  /// A row of numbers for each photo, in the place of its features.
  /// - Parameter compute: images → n rows; those of photos that could not be had mean nothing.
  /// - Throws: as `encode`.
  public func rows(
    of photos: any PhotoCollection, width: Int, _ settings: PhotoEncoding, _ communicator: any Communicator,
    compute: (_ images: ImageInput) -> [Float], progress: (_ done: Int, _ total: Int) -> Void = { _, _ in }
  ) throws -> EncodedPhotos {
    guard directory.description.images.side != nil else {
      throw InferenceError.readsRegions(path: directory.path, model: directory.description.name)
    }
    let chunks = (photos.count + settings.chunk - 1) / settings.chunk
    let own = share(of: chunks, rank: communicator.rank, ranks: communicator.size)
    let range = min(own.lowerBound * settings.chunk, photos.count)..<min(own.upperBound * settings.chunk, photos.count)
    let loader = try PhotoLoader(
      photos, range: range, preprocessing: directory.pictures, chunk: settings.chunk, workers: settings.workers)
    var part = EncodedPart()
    while let chunk = try loader.next() {
      try part.append(compute(images(of: chunk)), chunk, photos, skipsBadPhotos: settings.skipsBadPhotos)
      progress(chunk.firstIndex + chunk.count - range.lowerBound, range.count)
    }
    let encoded = try part.gathered(width: width, photos, communicator)
    if encoded.places.isEmpty, photos.count > 0 { throw InferenceError.noSoundPhoto(first: encoded.problems.first) }
    return encoded
  }

  /// The photos of a chunk, as the model reads them.
  private func images(of chunk: PhotoChunk) -> ImageInput {
    guard directory.shaped != nil else {
      let side = directory.preprocessing.imageSize
      return ImageInput(
        chunk.pixels.withUnsafeBufferPointer { engine.tensor($0, shape: [chunk.count, 3, side, side]) })
    }
    return ImageInput(.pictures(engine.pictures(of: chunk)))
  }
}

extension Engine {
  /// Photos that keep their shape, each at the top left of what has room for the largest.
  fileprivate func pictures(of chunk: PhotoChunk) -> Pictures {
    let height = chunk.sizes.map(\.height).max() ?? 0
    let width = chunk.sizes.map(\.width).max() ?? 0
    let all = zeros([chunk.count, 3, height, width])
    let stride = chunk.pixels.count / chunk.count
    chunk.pixels.withUnsafeBufferPointer { source in
      all.withMutableValues { target in
        for (photo, size) in chunk.sizes.enumerated() {
          for row in 0..<3 * size.height {
            let from = photo * stride + row * size.width
            let to = ((photo * 3 + row / size.height) * height + row % size.height) * width
            _ = UnsafeMutableBufferPointer(rebasing: target[to..<to + size.width])
              .update(fromContentsOf: source[from..<from + size.width])
          }
        }
      }
    }
    return Pictures(
      pixels: all, extents: chunk.sizes.map { PictureExtent(height: $0.height, width: $0.width) })
  }
}

/// What one rank has encoded.
private struct EncodedPart {
  private var features: [Float] = []
  private var places: [Int] = []
  private var animatedPlaces: [Int] = []
  private var problemPlaces: [Int] = []
  private var reasons: [String] = []

  mutating func append(
    _ rows: [Float], _ chunk: PhotoChunk, _ photos: any PhotoCollection, skipsBadPhotos: Bool
  ) throws {
    let width = rows.count / chunk.count
    for (number, problem) in chunk.problems.enumerated() {
      let place = chunk.firstIndex + number
      if let problem {
        guard skipsBadPhotos else { throw InferenceError.badPhoto(name: photos.name(at: place), problem: problem) }
        problemPlaces.append(place)
        reasons.append(problem.description)
      } else {
        features += rows[number * width..<(number + 1) * width]
        places.append(place)
        if chunk.isAnimated[number] { animatedPlaces.append(place) }
      }
    }
  }

  func gathered(width: Int, _ photos: any PhotoCollection, _ communicator: any Communicator) throws -> EncodedPhotos {
    let reasonBytes = reasons.map { Array($0.utf8) }
    let bytes = try gatherOverRanks(reasonBytes.flatMap(\.self), communicator, "why photos were left out")
    let lengths = try gatherOverRanks(reasonBytes.map(\.count), communicator, "lengths of reasons")
    let problemPlaces = try gatherOverRanks(problemPlaces, communicator, "photos that were left out")
    let animatedPlaces = try gatherOverRanks(animatedPlaces, communicator, "photos that are animated")
    var start = 0
    let problems = zip(problemPlaces, lengths).map { place, length in
      defer { start += length }
      return PhotoProblem(
        name: photos.name(at: place), reason: String(decoding: bytes[start..<start + length], as: UTF8.self))
    }
    return EncodedPhotos(
      features: Features(try gatherOverRanks(features, communicator, "features of photos"), width: width),
      places: try gatherOverRanks(places, communicator, "places of photos"), problems: problems,
      animated: animatedPlaces.map { photos.name(at: $0) })
  }
}
