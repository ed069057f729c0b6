internal import Audio
public import Images
public import Reporting

/// Photos, or clips, from anywhere as evaluation sees them, chunk after chunk in order, decoded ahead on threads of its own. A photo
/// that cannot be had does not stop the others. For use from one thread at a time.
public final class PhotoLoader {
  private let prefetcher: Prefetcher<EvaluationPhotoMaker>
  private let preparation: MediaPreparation

  /// - Parameters:
  ///   - range: which of the photos.
  ///   - chunk: photos a chunk; the last may have fewer.
  ///   - rank, ranks: who takes which chunks where several take them in turn.
  ///   - workers: threads that decode; 0 decodes in `next()`.
  public init(
    _ photos: any PhotoCollection, range: Range<Int>? = nil, _ preparation: MediaPreparation, chunk: Int,
    rank: Int = 0, ranks: Int = 1, workers: Int = 1, prefetch: Int = 2
  ) throws {
    try checkThreads(workers: workers, prefetch: prefetch)
    try checkRank(rank, of: ranks)
    if case .photos = preparation { try photos.requirePhotos() }
    let range = range ?? 0..<photos.count
    self.preparation = preparation
    prefetcher = try Prefetcher(
      maker: EvaluationPhotoMaker(photos: photos, preparation: preparation), workers: workers, ahead: prefetch,
      largestBatch: min(chunk, range.count)
    ) { number in
      let first = range.lowerBound + (number * ranks + rank) * chunk
      guard first < range.upperBound else { return nil }
      return (first..<min(first + chunk, range.upperBound)).map { SampleTask(index: $0, epoch: 0) }
    }
  }

  /// The next chunk, or nil after the last.
  public func next() throws(BatchingError) -> PhotoChunk? {
    guard let made = try prefetcher.next() else { return nil }
    return PhotoChunk(
      firstIndex: made.tasks[0].index, pixels: made.pixels, sizes: made.made.compactMap(\.size),
      frames: preparation.frames.map { _ in made.made.map(\.frames) },
      clips: preparation.reader.map { AudioBatch(made.made.map(\.clip), width: $0.form.width) },
      problems: made.made.map(\.problem), isShortened: made.made.map(\.isShortened))
  }
}

/// Consecutive photos, or clips, of a collection.
public struct PhotoChunk: Sendable {
  /// The place of the first photo in the collection.
  public var firstIndex: Int
  /// As many floats for each photo, the first of which are its planes 3×H×W; zeros where it could not be had, or is absent.
  public var pixels: PixelBuffer
  /// H and W of each photo.
  public var sizes: [PixelSize]
  /// How many frames each has, as `BatchColumns.frames` says it, 1 where it could not be had; nil where photos are looked at.
  public var frames: [Int]?
  /// Rows of clips, none of one that could not be had; nil where photos are looked at.
  public var clips: AudioBatch?
  /// Why each photo could not be had, nil where it could, and where there is none.
  public var problems: [(any ReportableError)?]
  /// Whether of each the beginning alone counts: of an animated picture the first frame, of a clip what is heard.
  public var isShortened: [Bool]

  /// n.
  public var count: Int { problems.count }
}

private struct EvaluationPhotoMaker: PhotoMaker {
  struct Made: Sendable {
    var size: PixelSize?
    var clip: BandRows?
    var frames = 0
    var problem: (any ReportableError)?
    var isShortened = false
  }

  let photos: any PhotoCollection
  let preparation: MediaPreparation

  var photoSize: Int {
    preparation.frames.map { $0.preprocessing.count * $0.limit } ?? preparation.pixels?.capacity ?? 0
  }

  func make(_ task: SampleTask, into pixels: UnsafeMutableBufferPointer<Float>) -> Made {
    guard !photos.isAbsent(at: task.index) else {
      pixels.update(repeating: 0)
      return Made(size: preparation.pixels?.blank, frames: 1)
    }
    do {
      var made = Made()
      if let (preprocessing, limit) = preparation.frames {
        made.frames = try photos.withFrames(at: task.index, limit: limit) { place, bytes, limits in
          let picture = try readPicture(bytes, limits: limits)
          let own = place * preprocessing.count..<(place + 1) * preprocessing.count
          _ = try preprocessing.prepare(picture.image, into: UnsafeMutableBufferPointer(rebasing: pixels[own]))
          made.isShortened = made.isShortened || picture.header.isAnimated
        }
        return made
      }
      try photos.withBytes(at: task.index) { bytes in
        switch preparation {
        case .photos(let preparation):
          let picture = try readPicture(bytes, limits: photos.limits(at: task.index))
          made.size = try preparation.prepare(picture.image, into: pixels)
          made.isShortened = picture.header.isAnimated
        case .frames: break
        case .clips(let reader):
          let sound = try decodeSound(bytes)
          made.clip = reader.evaluation(sound)
          made.isShortened = reader.cuts(sound)
        }
      }
      return made
    } catch {
      pixels.update(repeating: 0)
      let problem = error as? any ReportableError ?? UnknownProblem(description: "\(error)")
      return Made(size: preparation.pixels?.blank, frames: 1, problem: problem)
    }
  }
}

extension MediaPreparation {
  fileprivate var frames: (preprocessing: Preprocessing, limit: Int)? {
    if case .frames(let preprocessing, let limit) = self { (preprocessing, limit) } else { nil }
  }
  fileprivate var pixels: (any PixelPreparation)? { if case .photos(let pixels) = self { pixels } else { nil } }
  fileprivate var reader: ClipReader? { if case .clips(let reader) = self { reader } else { nil } }
}

private struct UnknownProblem: ReportableError {
  let description: String
  var exitCode: ExitCode { .internalError }
}
