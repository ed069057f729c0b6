internal import Archives
internal import Audio
internal import Batching
internal import Files
internal import Images

/// A photo that is wanted: what the captions call it and say about it, and where it lies.
struct Candidate: Sendable {
  let name: String
  let file: String
  /// Other files that bear the name and should have the same bytes.
  let copies: [String]
  let captions: [String]
  /// Questions, labels, texts, boxes and the group.
  let columns: SampleColumns
  /// The size of the photo that its boxes are of, where a file says it.
  let frame: FrameSize?
  /// What a file calls its sound, and the folder from which that is seen.
  let clip: (name: String, folder: String)?
  /// Frames behind the photo, where that is the first of a video.
  let frames: FrameNames
  /// Nil where a hash will say it.
  let split: String?
}

/// What the look into a photo's bytes has shown.
struct CheckedPhoto: Sendable {
  /// As it is to be seen, in pixels; 0 for a clip.
  let width: Int
  let height: Int
  /// Whether there are more frames than the one that counts.
  let isAnimated: Bool
  /// SHA-256 of the file.
  let digest: String
  /// What was wrong with a photo that was taken all the same.
  var damage: Problem?
  /// What a clip is like, where that is what the sample is made of.
  var sound: CheckedSound?

  /// Frames behind it, where it is the first of a video.
  var frames: [CheckedFrame] = []

  /// SHA-256 of the file, or of those of all frames, one after the other: equal for what is the same.
  var content: String {
    frames.isEmpty ? digest : sha256(Array(([digest] + frames.map(\.digest)).joined().utf8))
  }
  /// The first 64 bits of that.
  var identity: UInt64 { UInt64(content.prefix(16), radix: 16) ?? 0 }
}

/// Lets a problem stand for the failure of a check.
extension Problem: Error {}

/// Decodes photos, or clips, on several threads.
struct PhotoCheck: Sendable {
  let subjects: Subjects
  let source: any FileSource
  let threads: Int
  let limits: PictureLimits

  /// Photos that are read and decoded between two reports of progress, for each thread.
  private static let share = 32

  /// Checks all candidates.
  ///
  /// - Parameter progress: called on the caller's thread with the number of photos done.
  /// - Returns: one result for each candidate, in their order.
  /// - Throws: what the source throws when a file cannot be read at all.
  func run(_ candidates: [Candidate], progress: (Int) -> Void) throws -> [Result<CheckedPhoto, Problem>] {
    var results: [Result<CheckedPhoto, Problem>] = []
    results.reserveCapacity(candidates.count)
    let workers = max(1, threads)
    while results.count < candidates.count {
      let block = Array(candidates[results.count...].prefix(workers * Self.share))
      for outcome in concurrentMap(block, workers: workers, check) { results.append(try outcome.get()) }
      progress(results.count)
    }
    return results
  }

  @Sendable private func check(_ candidate: Candidate) throws -> Result<CheckedPhoto, Problem> {
    var digest: String?
    func problem(_ kind: Problem.Kind, _ detail: String) -> Problem {
      Problem(
        kind: kind, subject: candidate.name, place: candidate.file, detail: detail, file: candidate.file,
        sha256: digest)
    }
    let bytes: [UInt8]
    do {
      bytes = try source.read(candidate.file)
    } catch ArchiveError.damaged(_, _, let reason) {
      return .failure(problem(.damagedInArchive, "damaged in the archive: \(reason)"))
    }
    let found = sha256(bytes)
    digest = found
    for copy in candidate.copies where sha256(try source.read(copy)) != found {
      return .failure(problem(.ambiguousPhoto, "\(copy) has the same name, but other bytes"))
    }
    if subjects == .clips { return try hear(bytes, digest: found).mapError { problem($0.kind, $0.detail) } }
    do {
      var (photo, damage) = try look(into: bytes, digest: found)
      photo.damage = damage.flatMap { error in Problem.Kind(error).map { problem($0, error.description) } }
      switch try FrameCheck(source: source, limits: limits)(candidate.frames) {
      case .success(let frames): photo.frames = frames
      case .failure(let flaw):
        var found = problem(flaw.kind, flaw.detail)
        found.place = flaw.file ?? candidate.file
        return .failure(found)
      }
      return .success(photo)
    } catch let error as PictureError {
      guard let kind = Problem.Kind(error) else { throw error }
      return .failure(problem(kind, words(error)))
    }
  }

  /// Decodes the photo. - Returns: what it is like, and what was wrong with it where damage is allowed.
  private func look(
    into bytes: [UInt8], digest: String
  ) throws(PictureError) -> (photo: CheckedPhoto, damage: PictureError?) {
    try bytes.span.bytes.withUnsafeBytes { raw throws(PictureError) in
      let picture = try readPicture(raw, limits: limits)
      let photo = CheckedPhoto(
        width: picture.image.width, height: picture.image.height, isAnimated: picture.header.isAnimated, digest: digest)
      return (photo, picture.damage)
    }
  }

  private func hear(_ bytes: [UInt8], digest: String) throws -> Result<CheckedPhoto, SoundProblem> {
    do throws(SoundError) {
      var photo = CheckedPhoto(width: 0, height: 0, isAnimated: false, digest: digest)
      photo.sound = try CheckedSound(bytes, digest: digest)
      return .success(photo)
    } catch {
      guard let kind = Problem.Kind(error) else { throw error }
      return .failure(SoundProblem(kind: kind, detail: error.description))
    }
  }

  /// The error, and which option might have let the photo in.
  private func words(_ error: PictureError) -> String {
    guard case .tooManyPixels = error else { return error.description }
    return error.description + ", or allow more with --max-megapixels"
  }
}
