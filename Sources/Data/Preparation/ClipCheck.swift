internal import Archives
internal import Audio
internal import Batching
internal import Files
internal import Reporting

/// The sounds of photos: which file a name means, and what is in it.
struct ClipCheck {
  private(set) var problems: [Problem] = []
  /// By the photos' files.
  private var clips: [String: (file: String, sound: CheckedSound)] = [:]

  /// Finds and decodes the clips of all samples that have one.
  ///
  /// - Parameter clips: the sounds of the source.
  /// - Throws: what the source throws when a file cannot be read at all.
  mutating func run(
    _ samples: [Draft.Sample], clips files: [String], _ source: any FileSource, threads: Int
  ) throws {
    let wanted = samples.filter { $0.candidate.clip != nil }
    guard !wanted.isEmpty else { return }
    let directory = PhotoDirectory(photos: files, size: source.size)
    let named = wanted.map { sample in (sample, sample.candidate.clip.map { directory.match($0.name, near: $0.folder) })
    }
    let found = named.map { sample, match in (sample, match?.files.first) }
    let outcomes = concurrentMap(found.map { $0.1 }, workers: max(1, threads)) { file in
      try file.map { try Self.check($0, source) }
    }
    for ((sample, file), outcome) in zip(found, outcomes) {
      let name = sample.candidate.name
      switch try outcome.get() {
      case .success(let sound)?: if let file { clips[sample.candidate.file] = (file, sound) }
      case .failure(let problem)?: note(name, file, problem.detail)
      case nil: note(name, nil, "there is no sound \(printable(sample.candidate.clip?.name ?? ""))")
      }
    }
  }

  private mutating func note(_ name: String, _ file: String?, _ detail: String) {
    problems.append(Problem(kind: .unfitClip, subject: name, place: file, detail: detail, file: file))
  }

  private static func check(
    _ file: String, _ source: any FileSource
  ) throws -> Result<CheckedSound, SoundProblem> {
    let bytes = try source.read(file)
    do throws(SoundError) {
      return .success(try CheckedSound(bytes, digest: sha256(bytes)))
    } catch {
      guard let kind = Problem.Kind(error) else { throw error }
      return .failure(SoundProblem(kind: kind, detail: error.description))
    }
  }

  func has(_ sample: Draft.Sample) -> Bool { clips[sample.candidate.file] != nil }

  /// How many samples have one.
  var count: Int { clips.count }

  /// The clip of a sample that has one, for writing: of a photo, or the sample's own file.
  /// - Throws: `PreparationError.changed` for a file that is no longer what it was.
  func clip(of sample: Draft.Sample, _ source: any FileSource) throws -> PreparedClip? {
    guard let (file, sound) = clips[sample.candidate.file] ?? sample.photo.sound.map({ (sample.candidate.file, $0) })
    else { return nil }
    let bytes = try source.read(file)
    guard sha256(bytes) == sound.digest else { throw PreparationError.changed(path: file) }
    return sound.clip(bytes)
  }
}
