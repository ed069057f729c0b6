import Batching
import Files
import Foundation
import Preparation
import TestSupport
import Testing

/// Region features of every form in circulation, as Python and NumPy wrote them (`Tests/Golden/regions.py`).
@Suite struct RegionFilesTests {
  private static let folder = goldenDirectory + "/regions"

  private struct Golden: Decodable {
    let name: String
    let source: String
    let photo: String
    let width: Int
    let height: Int
    let members: Int
    let clipped: Int
    let leftOut: Int
  }

  private static func goldens() throws -> [Golden] {
    try JSONDecoder().decode([Golden].self, from: Data(readFile(folder + "/index.json")))
  }

  /// The members of a prepared set are what `numpy.save` writes of what NumPy makes of the source, to the last byte.
  @Test func membersAreThoseOfNumPy() throws {
    let goldens = try Self.goldens()
    #expect(goldens.count == 10)
    let photos = Set(goldens.map(\.photo)).sorted()
    for golden in goldens {
      let files = try RegionFiles([Self.folder + "/" + golden.source], photos: photos)
      let reading = try #require(
        try files.reading(of: golden.photo, width: golden.width, height: golden.height), "\(golden)")
      #expect(reading.features.members.count == golden.members, "\(golden)")
      for (member, bytes) in reading.features.members {
        #expect(
          try bytes == readFile("\(Self.folder)/expected/\(golden.name).\(member.rawValue)"), "\(golden.name).\(member)"
        )
      }
      #expect(
        reading.clippedBoxes == golden.clipped && reading.leftOut == golden.leftOut && !reading.isUnsorted, "\(golden)"
      )
      #expect(reading.hasNamedClasses == (golden.source == "predictions.tsv"))
    }
  }

  @Test func everyRowFindsItsPhoto() throws {
    let sources = ["bottom-up.tsv", "lxmert.tsv", "captioning.tsv", "predictions.tsv", "uniter"].map {
      Self.folder + "/" + $0
    }
    let photos = try Self.goldens().map(\.photo).filter { $0 != "dog.jpg" } + ["photos/none.jpg"]
    let files = try RegionFiles(sources, photos: Array(Set(photos)).sorted())
    let counts = files.counts
    #expect(counts.rows == 9 && counts.photos == 9 && counts.rowsWithoutPhoto == 1 && counts.photosWithoutRow == 1)
    #expect(counts.rowsByNumber == 4 && counts.repeatedRows == 0 && counts.ambiguousRows == 0)
    #expect(
      files.notes == [
        "rows of regions that lead to their photo by its number: 4 (first: 9 is COCO_train2014_000000000009.jpg)",
        "rows of regions of no photo of the set: 1 (first: dog)",
        "photos without regions: 1 (first: photos/none.jpg)",
      ])
    #expect(try files.reading(of: "photos/none.jpg", width: 3, height: 3) == nil)
  }

  /// The second table's row comes too late, and a number that two photos have leads to neither.
  @Test func whatIsNotClearIsCounted() throws {
    let table = Self.folder + "/bottom-up.tsv"
    let photos = ["COCO_train2014_000000000009.jpg", "COCO_val2014_000000000042.jpg", "000000000042.png"]
    let files = try RegionFiles([table, table], photos: photos)
    #expect(files.counts.repeatedRows == 1 && files.counts.ambiguousRows == 2 && files.counts.photosWithoutRow == 2)
  }

  /// UNITER takes the first rows whatever their order, which is said.
  @Test func regionsThatAreNotSorted() throws {
    let directory = try TemporaryDirectory()
    let confidences: [Float] = [0.1] + [Float](repeating: 0.9, count: 11)
    let arrays = [
      ("features", NPYArray(.float32, shape: [12, 1], (0..<12).map { Float($0).bitPattern })),
      ("norm_bb", NPYArray(.float32, shape: [12, 4], [UInt32](repeating: 0, count: 48))),
      ("conf", NPYArray(.float32, shape: [12], confidences.map(\.bitPattern))),
    ]
    let zip = RawZip(arrays.map { RawZip.Entry($0.0 + ".npy", $0.1.encoded) })
    try writeAtomically(zip.encoded(), to: directory("a.npz"))
    let reading = try RegionFiles([directory("a.npz")], photos: ["a.jpg"]).reading(of: "a.jpg", width: 9, height: 9)
    let regions = try #require(reading)
    #expect(regions.isUnsorted && regions.leftOut == 1)
    #expect(regions.features.features == (0..<11).map { Float16($0).bitPattern })
  }

  /// What lies behind other words is no number unless it is as long as COCO's, and two names with one number are two photos.
  @Test func numbersAreNotGuessed() throws {
    let directory = try TemporaryDirectory()
    try FileManager.default.copyItem(atPath: Self.folder + "/uniter/dog.npz", toPath: directory("dog_12.npz"))
    for (photos, found) in [
      (["12.jpg"], 0), (["cat_12.jpg"], 0), (["dog_12.jpg"], 1), (["set/DOG_12.JPG"], 1), (["dog_000000000012.jpg"], 0),
    ] {
      #expect(try RegionFiles([directory.path], photos: photos).counts.rowsWithoutPhoto == 1 - found, "\(photos)")
    }
    try moveFile(directory("dog_12.npz"), to: directory("val_000000000012.npz"))
    for (photo, found) in [
      ("12.jpg", 1), ("train_000000000012.jpg", 0), ("val_000000000012.jpg", 1), ("x/000000000012.png", 1),
    ] {
      #expect(try RegionFiles([directory.path], photos: [photo]).counts.rowsWithoutPhoto == 1 - found, "\(photo)")
    }
  }

  /// Folders say which of several photos of one name is meant, where they have the photos' names.
  @Test func foldersCount() throws {
    let directory = try TemporaryDirectory()
    for folder in ["train", "val"] {
      try makeDirectory(directory(folder))
      try FileManager.default.copyItem(atPath: Self.folder + "/uniter/dog.npz", toPath: directory(folder + "/1.npz"))
    }
    let files = try RegionFiles([directory.path], photos: ["images/train/1.jpg", "images/val/1.jpg"])
    #expect(files.counts.photosWithoutRow == 0 && files.counts.rows == 2 && files.notes.isEmpty)
    #expect(try RegionFiles([directory("train")], photos: ["train/1.jpg", "val/1.jpg"]).counts.ambiguousRows == 1)
  }

  /// Photos that were scaled since are the same ones, photos on their side are not.
  @Test func anotherSizeIsAnotherPicture() throws {
    let name = "COCO_train2014_000000000009.jpg"
    let files = try RegionFiles([Self.folder + "/bottom-up.tsv"], photos: [name])
    let whole = try files.reading(of: name, width: 640, height: 480)
    for (width, height) in [(320, 240), (213, 160), (1281, 960)] {
      #expect(try files.reading(of: name, width: width, height: height) == whole)
    }
    let error = #expect(throws: RegionError.self) { try files.reading(of: name, width: 480, height: 640) }
    #expect(error?.description.contains("row 1: it is of a picture of 640×480, and the photo has 480×640") == true)
  }

  @Test func whatWasDecidedIsCounted() throws {
    let goldens = try Self.goldens()
    var tally = RegionTally()
    for source in ["bottom-up.tsv", "predictions.tsv", "uniter"] {
      let files = try RegionFiles([Self.folder + "/" + source], photos: goldens.map(\.photo))
      for golden in goldens where golden.source == source {
        let reading = try #require(try files.reading(of: golden.photo, width: golden.width, height: golden.height))
        try tally.add(reading, of: golden.photo)
      }
    }
    #expect(tally.photos == 6 && tally.regions == 3 + 3 + 2 + 11 + 10 + 3)
    #expect(tally.notes.map { $0.split(separator: " ").last } == ["1", "5", "1"])
    let odd = try RegionFiles([Self.folder + "/odd.tsv"], photos: ["1.jpg"])
    let reading = try #require(try odd.reading(of: "1.jpg", width: 10, height: 10))
    let error = #expect(throws: RegionError.self) { try tally.add(reading, of: "1.jpg") }
    #expect(
      error?.description.contains("1.jpg: 2 numbers a region, where COCO_train2014_000000000009.jpg has 5") == true)
  }
}
