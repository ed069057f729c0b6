import Batching
import Collectives
import Files
import Images
import Inference
import Pretrained
import Reporting
import TestSupport
import Testing

@Suite struct PhotoEncodingTests {
  private let names = (0..<9).map { "\($0).jpg" }

  @Test func rowsAreOfLengthOneAndInOrder() throws {
    let workshop = try Workshop()
    try writePhotos(names, in: workshop.directory("photos"))
    let photos = try PhotoFiles(at: [workshop.directory("photos")])
    #expect(photos.names == names.map { workshop.directory("photos/") + $0 })
    let all = try workshop.model.encode(photos)
    #expect(all.places == Array(0..<9) && all.problems.isEmpty && all.features.count == 9)
    for place in 0..<9 {
      #expect(abs(all.features[place].reduce(0) { $0 + $1 * $1 } - 1) < 1e-5)
      let alone = try workshop.model.encode(PhotoFiles(at: [photos.paths[place]]))
      #expect(difference(alone.features.values, Array(all.features[place]), relative: 1e-4, scale: .largest) == nil)
    }
    #expect(Set((0..<9).map { Array(all.features[$0]) }).count == 9, "the photos differ")
  }

  @Test(arguments: [2, 3, 16])
  func theSameBitsOnAnyNumberOfRanks(ranks: Int) throws {
    let workshop = try Workshop()
    try writePhotos(names, in: workshop.directory("photos"))
    let photos = try PhotoFiles(at: [workshop.directory("photos")])
    var settings = PhotoEncoding()
    settings.chunk = 2
    let alone = try workshop.model.encode(photos, settings)
    let path = workshop.directory("model")
    let together = try InProcessCommunicator.run(ranks: ranks) { [settings] communicator in
      try LoadedModel(path: path, threads: 1).encode(photos, settings, communicator).features
    }
    for features in together { #expect(features == alone.features) }
  }

  /// A PNG of a JPEG's pixels has the JPEG's features; of an animation it is known that there is more.
  @Test func formatsMakeNoDifference() throws {
    let workshop = try Workshop()
    let folder = workshop.directory("photos")
    try writePhotos(["0.jpg", "1.jpg", "2.jpg"], in: folder)
    for number in 0..<3 {
      let chunk = number == 1 ? animationChunk : []
      let png = storedPNG(try decodePicture(testPhoto(number)), before: chunk)
      try writeAtomically(png, to: folder + "/\(number).png")
    }
    var settings = PhotoEncoding()
    settings.chunk = 6
    let photos = try PhotoFiles(at: [folder])
    let path = workshop.directory("model")
    let encoded = try InProcessCommunicator.run(ranks: 2) { [settings] communicator in
      try LoadedModel(path: path, threads: 1).encode(photos, settings, communicator)
    }
    for encoded in encoded {
      #expect(encoded.shortened == [folder + "/1.png"])
      for number in 0..<3 { #expect(Array(encoded.features[2 * number]) == Array(encoded.features[2 * number + 1])) }
    }
  }

  @Test func aBadPhotoIsNamedOrLeftOut() throws {
    let workshop = try Workshop()
    try writePhotos(names, in: workshop.directory("photos"))
    try writeAtomically(Array("GIF89a no photo".utf8), to: workshop.directory("photos/4.jpg"))
    try writeAtomically(Array(testPhoto(7).dropLast(200)), to: workshop.directory("photos/7.jpg"))
    let photos = try PhotoFiles(at: [workshop.directory("photos")])
    #expect {
      try workshop.model.encode(photos)
    } throws: { error in
      "\(error)".hasPrefix(workshop.directory("photos/4.jpg") + ": not a JPEG, PNG or WebP but a GIF picture")
        && (error as? any ReportableError)?.exitCode == .badData
    }
    var settings = PhotoEncoding()
    (settings.skipsBadPhotos, settings.chunk) = (true, 4)
    let kept = [0, 1, 2, 3, 5, 6, 8]
    let path = workshop.directory("model")
    let results = try InProcessCommunicator.run(ranks: 2) { [settings] communicator in
      try LoadedModel(path: path, threads: 1).encode(photos, settings, communicator)
    }
    for result in results {
      #expect(result.places == kept && result.features.count == 7)
      #expect(result.problems.map(\.name) == [4, 7].map { photos.paths[$0] })
      #expect(result.problems[1].reason.contains("cut off"))
      let sound = try workshop.model.encode(PhotoFiles(at: kept.map { photos.paths[$0] }))
      #expect(difference(result.features.values, sound.features.values, relative: 1e-4, scale: .largest) == nil)
    }
  }

  @Test func nothingButBadPhotosIsAnError() throws {
    let workshop = try Workshop()
    try writeAtomically([], to: workshop.directory("a.jpg"))
    var settings = PhotoEncoding()
    settings.skipsBadPhotos = true
    #expect(throws: InferenceError.self) {
      try workshop.model.encode(PhotoFiles(at: [workshop.directory("a.jpg")]), settings)
    }
  }

  @Test func photosThatAreMissingAreMissing() throws {
    let directory = try TemporaryDirectory()
    #expect(throws: FileError.self) { try PhotoFiles(at: [directory("none.jpg")]) }
    #expect(throws: BatchingError.self) { try PhotoFiles(at: [directory.path]) }
  }
}
