internal import Audio
public import Batching
public import Collectives
public import Models
internal import Pretrained

/// A row of numbers for each photo, as the photos are done: chunks are taken by the ranks in turn, so that no more than a chunk of
/// each rank is in memory, however many photos there are. The same on any number of ranks.
public final class PhotoRows {
  private let model: LoadedModel
  private let photos: any PhotoCollection
  private let width: Int
  private let settings: PhotoEncoding
  private let communicator: any Communicator
  private let loader: PhotoLoader
  /// Of clips beside photos.
  private let clipLoader: PhotoLoader?
  private var rounds: Range<Int>
  private var firstProblem: PhotoProblem?
  private var hasSound = false
  private var stop: InferenceError?

  /// - Parameter width: numbers of a photo.
  /// - Throws: `InferenceError` for a model that does not look at such files.
  public init(
    _ model: LoadedModel, _ photos: any PhotoCollection, width: Int, _ settings: PhotoEncoding,
    _ communicator: any Communicator
  ) throws {
    (self.model, self.photos, self.width) = (model, photos, width)
    (self.settings, self.communicator) = (settings, communicator)
    func loader(_ photos: any PhotoCollection) throws -> PhotoLoader {
      try model.directory.require(photos.kind)
      return try PhotoLoader(
        photos, model.directory.preparation(of: photos.kind), chunk: settings.chunk, rank: communicator.rank,
        ranks: communicator.size, workers: settings.workers)
    }
    (self.loader, clipLoader) = (try loader(photos), try photos.clips.map(loader))
    let chunks = (photos.count + settings.chunk - 1) / settings.chunk
    rounds = 0..<(chunks + communicator.size - 1) / communicator.size
  }

  /// The next photos, in their order; nil after the last. Collective.
  /// - Parameter compute: images, the clips beside them and their places in the collection → n rows; those of photos that could not be
  ///   had mean nothing.
  /// - Throws: on all ranks `InferenceError.badPhoto` for the first photo that cannot be had, unless such are skipped, after those
  ///   before it were given; `.noSoundPhoto` after the last where none could be had.
  public func next(
    compute: (_ images: ImageInput, _ clips: ImageInput?, _ places: Range<Int>) -> [Float]
  ) throws -> EncodedPhotos? {
    if let stop { throw stop }
    guard !rounds.isEmpty else {
      guard hasSound || photos.count == 0 else {
        throw InferenceError.noSoundPhoto(first: firstProblem, kind: photos.kind)
      }
      return nil
    }
    rounds = rounds.dropFirst()
    var part = EncodedPart()
    if let chunk = try loader.next() {
      let places = chunk.firstIndex..<chunk.firstIndex + chunk.count
      let clips = try clipLoader?.next()
      let rows = compute(model.images(of: chunk), clips.map(model.images), places)
      try part.append(rows, chunk, beside: clips, photos, skipsBadPhotos: true)
    }
    let all = try part.gathered(width: width, photos, communicator)
    firstProblem = firstProblem ?? all.problems.first
    hasSound = hasSound || !all.places.isEmpty
    guard !settings.skipsBadPhotos, let problem = all.problems.first else { return all }
    stop = .badPhoto(name: problem.name, problem: problem)
    return all.before(problem.place)
  }
}

extension EncodedPhotos {
  /// Those of photos before one.
  fileprivate func before(_ place: Int) -> EncodedPhotos {
    let count = places.prefix { $0 < place }.count
    return EncodedPhotos(
      features: Features((0..<count).flatMap { features[$0] }, width: features.width),
      places: Array(places.prefix(count)), problems: [], shortened: [])
  }
}

extension ModelDirectory {
  /// Refuses a model that looks at no such files, but at something in their place.
  /// - Throws: `InferenceError.readsRegions`, `.hearsClips`, `.hearsNoClips`.
  func require(_ kind: MediaKind) throws(InferenceError) {
    switch (description.images, kind) {
    case (.pictures, .photos), (.frames, .photos), (.clips, .clips): return
    case (.regions, _): throw .readsRegions(path: path, model: description.name)
    case (.clips, .photos): throw .hearsClips(path: path, model: description.name)
    case (.pictures, .clips) where description.inputs.clips != nil: return
    case (.pictures, .clips), (.frames, .clips): throw .hearsNoClips(path: path, model: description.name)
    }
  }

  /// How files become what the model sees, or hears, of them; that it takes such files is known.
  func preparation(of kind: MediaKind) -> MediaPreparation {
    if let limit = description.images.frames, kind == .photos { return .frames(preprocessing, limit: limit) }
    guard kind == .clips, let clips else { return .photos(pictures) }
    return .clips(ClipReader(.bands(clips)))
  }
}
