internal import Batching
internal import Files
internal import Reporting

/// Reads the regions of all photos once before anything is written, so that what is wrong with them is known by then.
///
/// Nothing of them is kept, as memory may not hold them all: they are read again when they are written.
struct RegionCheck {
  /// Regions of photos that are not sound, or not of the form of those before them.
  private(set) var problems: [Problem] = []
  private(set) var tally = RegionTally()
  private let files: RegionFiles
  /// As the request names them.
  private let paths: [String]

  /// Photos whose regions are looked at between two reports of progress, for each thread.
  private static let share = 4

  /// Finds out which regions belong to which photo.
  ///
  /// - Parameter photos: where they lie in the source.
  /// - Returns: nil where the request names no regions.
  /// - Throws: what `RegionFiles` throws for paths that hold none.
  init?(_ request: PreparationRequest, photos: [String]) throws {
    guard !request.regions.isEmpty else { return nil }
    paths = request.regions.map(withoutSlashes)
    files = try RegionFiles(paths, photos: photos)
  }

  /// Reads the regions of all samples.
  ///
  /// - Parameter progress: called with the number of photos done.
  /// - Returns: how many regions each has; 0 where there are none, or none that are sound.
  /// - Throws: what is wrong with the machine, not with the regions of one photo.
  mutating func run(_ samples: [Draft.Sample], threads: Int, progress: (Int) -> Void) throws -> [Int] {
    var counts: [Int] = []
    let workers = max(1, threads)
    while counts.count < samples.count {
      let block = Array(samples[counts.count...].prefix(workers * Self.share))
      let readings = concurrentMap(block, workers: workers) { [self] in try reading(of: $0) }
      for (sample, reading) in zip(block, readings) { counts.append(try count(reading, of: sample)) }
      progress(counts.count)
    }
    return counts
  }

  private mutating func count(_ outcome: Result<RegionReading?, any Error>, of sample: Draft.Sample) throws -> Int {
    do {
      guard let reading = try outcome.get() else { return 0 }
      try tally.add(reading, of: sample.candidate.name)
      return reading.features.count
    } catch let error as any ReportableError where error.exitCode == .badData {
      problems.append(
        Problem(kind: .unfitRegions, subject: sample.candidate.name, place: nil, detail: short(error.description)))
      return 0
    }
  }

  private func reading(of sample: Draft.Sample) throws -> RegionReading? {
    guard sample.photo.sound == nil else { return nil }
    return try files.reading(of: sample.candidate.file, width: sample.photo.width, height: sample.photo.height)
  }

  /// The regions of a sample that has some, for writing.
  func features(of sample: Draft.Sample) throws -> RegionFeatures? {
    guard sample.regions > 0 else { return nil }
    guard let features = try reading(of: sample)?.features, features.count == sample.regions else {
      throw PreparationError.changed(path: paths.joined(separator: ", "))
    }
    return features
  }

  /// Whether a file has regions of a photo.
  func hasRegions(of candidate: Candidate) -> Bool { files.hasRegions(of: candidate.file) }

  /// What was decided, in words.
  var notes: [String] { files.notes.map(short) + tally.notes }

  /// What was read, for the report.
  var source: PreparationReport.CaptionSource {
    .init(file: paths.map(lastComponent).joined(separator: ", "), layout: "region features", rows: files.counts.rows)
  }

  /// Without the folders that paths lie in, as a report holds none of this machine.
  private func short(_ text: String) -> String {
    paths.reduce(text) { $0.replacing($1, with: lastComponent(of: $1)) }
  }
}

private func withoutSlashes(_ path: String) -> String {
  var path = path[...]
  while path.count > 1, path.last == "/" { path.removeLast() }
  return String(path)
}
