internal import Batching
internal import Collectives
internal import Reporting

/// What one rank has encoded.
struct EncodedPart {
  private var features: [Float] = []
  private var places: [Int] = []
  private var shortenedPlaces: [Int] = []
  private var shortenedClips: [Int] = []
  private var problemPlaces: [Int] = []
  private var problemCodes: [Int32] = []
  private var reasons: [String] = []

  /// - Parameter clips: of the same samples; of one whose clip could not be had nothing is kept.
  /// - Throws: `InferenceError.badPhoto` for the first photo that could not be had, unless such are skipped.
  mutating func append(
    _ rows: [Float], _ chunk: PhotoChunk, beside clips: PhotoChunk? = nil, _ photos: any PhotoCollection,
    skipsBadPhotos: Bool
  ) throws {
    let width = rows.count / chunk.count
    for (number, problem) in chunk.problems.enumerated() {
      let place = chunk.firstIndex + number
      if let problem = problem ?? clips?.problem(number, photos.clips) {
        guard skipsBadPhotos else { throw InferenceError.badPhoto(name: photos.name(at: place), problem: problem) }
        problemPlaces.append(place)
        problemCodes.append(problem.exitCode.rawValue)
        reasons.append(problem.description)
      } else {
        features += rows[number * width..<(number + 1) * width]
        places.append(place)
        if chunk.isShortened[number] { shortenedPlaces.append(place) }
        if clips?.isShortened[number] == true { shortenedClips.append(place) }
      }
    }
  }

  /// What all ranks have, in rank order.
  func gathered(width: Int, _ photos: any PhotoCollection, _ communicator: any Communicator) throws -> EncodedPhotos {
    let reasonBytes = reasons.map { Array($0.utf8) }
    let bytes = try gatherOverRanks(reasonBytes.flatMap(\.self), communicator, "why photos were left out")
    let lengths = try gatherOverRanks(reasonBytes.map(\.count), communicator, "lengths of reasons")
    let problemPlaces = try gatherOverRanks(problemPlaces, communicator, "photos that were left out")
    let codes = try gatherOverRanks(problemCodes, communicator, "codes of reasons")
    let shortenedPlaces = try gatherOverRanks(shortenedPlaces, communicator, "photos that are shortened")
    var start = 0
    let problems = zip(zip(problemPlaces, codes), lengths).map { problem, length in
      defer { start += length }
      return PhotoProblem(
        place: problem.0, name: photos.name(at: problem.0),
        reason: String(decoding: bytes[start..<start + length], as: UTF8.self),
        exitCode: ExitCode(rawValue: problem.1) ?? .badData)
    }
    var encoded = EncodedPhotos(
      features: Features(try gatherOverRanks(features, communicator, "features of photos"), width: width),
      places: try gatherOverRanks(places, communicator, "places of photos"), problems: problems,
      shortened: shortenedPlaces.map { photos.name(at: $0) })
    if let clips = photos.clips {
      let places = try gatherOverRanks(shortenedClips, communicator, "clips that are shortened")
      encoded.shortenedClips = places.map { clips.name(at: $0) }
    }
    return encoded
  }
}

extension PhotoChunk {
  /// Why a clip beside a photo could not be had, with its name: that of the photo is said anyway.
  fileprivate func problem(_ number: Int, _ clips: (any PhotoCollection)?) -> (any ReportableError)? {
    guard let problem = problems[number], let clips else { return nil }
    return InferenceError.badPhoto(name: clips.name(at: firstIndex + number), problem: problem)
  }
}
