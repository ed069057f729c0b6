internal import Audio
public import Batching
public import Collectives
internal import Images
public import Models
internal import Pretrained
public import Reporting
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
  /// The names of those of which the beginning alone was encoded: animated pictures, of which the first frame was, and clips longer
  /// than is heard.
  public let shortened: [String]
  /// The same of clips beside photos.
  public var shortenedClips: [String] = []
}

/// A photo that was left out.
public struct PhotoProblem: ReportableError, Equatable {
  /// In its collection.
  public let place: Int
  public let name: String
  /// Why, and what to do.
  public let reason: String
  public let exitCode: ExitCode

  public var description: String { reason }
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
    try directory.require(photos.kind)
    let chunks = (photos.count + settings.chunk - 1) / settings.chunk
    let own = share(of: chunks, rank: communicator.rank, ranks: communicator.size)
    let range = min(own.lowerBound * settings.chunk, photos.count)..<min(own.upperBound * settings.chunk, photos.count)
    let loader = try PhotoLoader(
      photos, range: range, directory.preparation(of: photos.kind), chunk: settings.chunk, workers: settings.workers)
    var part = EncodedPart()
    while let chunk = try loader.next() {
      try part.append(compute(images(of: chunk)), chunk, photos, skipsBadPhotos: settings.skipsBadPhotos)
      progress(chunk.firstIndex + chunk.count - range.lowerBound, range.count)
    }
    let encoded = try part.gathered(width: width, photos, communicator)
    if encoded.places.isEmpty, photos.count > 0 {
      throw InferenceError.noSoundPhoto(first: encoded.problems.first, kind: photos.kind)
    }
    return encoded
  }

  /// The photos of a chunk, as the model reads them.
  func images(of chunk: PhotoChunk) -> ImageInput {
    if let clips = chunk.clips {
      return ImageInput(.clips(PackedClips(clips.values, width: clips.width, offsets: clips.offsets, engine)))
    }
    let side = directory.preprocessing.imageSize
    if let counts = chunk.frames {
      return ImageInput(
        .frames(
          chunk.pixels.withUnsafeBufferPointer { PackedFrames($0, counts: counts, side: side, engine) }))
    }
    guard directory.shaped != nil else {
      return ImageInput(
        chunk.pixels.withUnsafeBufferPointer { engine.tensor($0, shape: [chunk.count, 3, side, side]) })
    }
    let extents = chunk.sizes.map { PictureExtent(height: $0.height, width: $0.width) }
    return ImageInput(
      .pictures(chunk.pixels.withUnsafeBufferPointer { Pictures($0, extents: extents, engine) }))
  }

  /// What is to be said where pictures are given one by one to a model of videos; nil elsewhere.
  public func remark(on photos: any PhotoCollection) -> String? {
    guard directory.description.images.frames != nil, photos.kind == .photos, !photos.holdsVideos else { return nil }
    return
      "this model looks at videos, and each of these \(photos.count) picture(s) is one of a single frame: folders of frames become "
      + "videos in a prepared set (mmtrain prepare, docs/video.md), which embed, search index and evaluate take"
  }

  /// What files are of which the beginning alone counts, and why, behind their number.
  public func wordsOfShortened(_ kind: MediaKind) -> String {
    guard kind == .clips, let clips = directory.clips else {
      return "animated picture(s): only the first frame of each counts"
    }
    let seconds = (clips.maximumSeconds * 1000).rounded() / 1000
    return "\(kind.word)(s) longer than the \(seconds) s that the model hears: only the beginning of each counts"
  }
}
