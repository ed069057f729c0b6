import Batching
import Files
import Foundation
import Preparation
import Testing

/// How captions and lists may name photos.
@Suite struct PhotoNameTests {
  let source: TestSource

  init() throws { source = try TestSource() }

  /// A name, the photos that there are, and the one that is meant.
  @Test(arguments: [
    ("a.jpg", ["a.jpg", "b/a.jpg"], "a.jpg"),  // a whole path is never ambiguous
    ("./b/a.jpg", ["a.jpg", "b/a.jpg", "c/b/a.jpg"], "b/a.jpg"),
    ("b/a.jpg", ["x/b/a.jpg", "x/c/a.jpg"], "x/b/a.jpg"),  // the longest part that fits
    ("/home/them/data/b/a.jpg", ["a.jpg", "b/a.jpg"], "b/a.jpg"),
    ("/export/share/photos/a.jpg", ["a.jpg", "other/b.jpg"], "a.jpg"),
    ("..\\photos\\a.jpg", ["photos/a.jpg", "old/a.jpg"], "photos/a.jpg"),
    ("images/a.jpg", ["img/a.jpg"], "img/a.jpg"),  // other folders, and no other photo of the name
    ("a", ["a.jpg", "b.jpg"], "a.jpg"),  // without an extension
    ("x/a", ["x/a.jpeg", "y/a.jpeg"], "x/a.jpeg"),
    ("a.b.c", ["a.b.c.jpg", "a.b.jpg"], "a.b.c.jpg"),
    ("a.png", ["a.jpg"], "a.jpg"),
    ("A.JPG", ["a.jpg", "b.jpg"], "a.jpg"),  // without regard to case
    ("Photos/IMG_1", ["photos/img_1.JPG"], "photos/img_1.JPG"),
    ("a.jpg", ["a.jpeg", "a.jpg", "A.jpg"], "a.jpg"),
    ("cat/1.jpg", ["cat/1.png", "dog/1.jpg"], "cat/1.png"),  // folders count more than extension and case
    ("dog/1.jpg", ["cat/1.jpg", "dog/1.jpeg"], "dog/1.jpeg"),
    ("Train/1.jpg", ["train/1.jpg", "val/1.jpg"], "train/1.jpg"),
    ("a.jpg", ["a.jpg.jpg", "b.jpg"], "a.jpg.jpg"),
  ])
  func aNameLeadsToOnePhoto(name: String, photos: [String], meant: String) throws {
    try source.addPhotos(named: photos)
    source.add("captions.csv", "image,caption\n\"\(name)\",this one\n")
    let (report, samples) = try source.prepared(bad: 1)
    #expect(samples.values.map(\.captions) == [["this one"]])
    let left = Set(photos).subtracting([meant])
    #expect(Set(report.problems.filter { $0.kind == .missingCaption }.map(\.subject)) == left)
    #expect(report.problems.count == left.count)
  }

  /// The words say how names had to be understood.
  @Test func howNamesWereUnderstoodIsSaid() throws {
    try source.addPhotos(named: ["x/1.jpg", "x/2.jpg", "x/p3.jpg"])
    source.add("captions.csv", TestSource.table(["y/1.jpg", "2", "x/P3.jpg"]))
    let (report, _) = try source.prepared()
    #expect(
      report.notes.prefix(3) == [
        "1 photos are named with other folders than they lie in (first: y/1.jpg is x/1.jpg)",
        "1 photos are named without their extension, or with another (first: 2 is x/2.jpg)",
        "1 photos are named in other letters, upper or lower case (first: x/P3.jpg is x/p3.jpg)",
      ])
    #expect(report.summary(output: "x").contains("note: 1 photos are named with other folders"))
  }

  @Test func namesThatDifferLittleAreSamplesOfTheirOwn() throws {
    let names = ["IMG.JPG", "IMG.jpg", "a.jpeg", "a.jpg", "a.png.jpg", "img.jpg"]
    try source.addPhotos(named: names)
    source.add("captions.csv", TestSource.table(names))
    let (report, samples) = try source.prepared()
    #expect(samples.count == 6 && samples.allSatisfy { $1.captions == ["about \($0)"] })
    #expect(Set(samples.values.map(\.key)).count == 6 && report.problemCount == 0)
    #expect(samples["a.jpeg"]?.key == "a" && samples["a.jpg"]?.key.hasPrefix("a-") == true)
  }

  /// A photo is not taken for another because that is the only one of its base name.
  @Test func aMissingPhotoIsNotReplacedByAnothers() throws {
    try source.addPhotos(named: ["val/0.jpg", "val/1.jpg", "b.jpg"])
    source.add("captions.csv", TestSource.table(["x/0.jpg", "val/0.jpg", "val/1.jpg", "b.jpg", "B.jpg"]))
    let (report, samples) = try source.prepared(bad: 1)
    #expect(samples["val/0.jpg"]?.captions == ["about val/0.jpg"] && samples["b.jpg"]?.captions == ["about b.jpg"])
    #expect(report.problems.map(\.subject) == ["x/0.jpg", "B.jpg"])
    #expect(report.problems[0].kind == .missingPhoto)
    #expect(report.problems[0].detail == "there is no photo of this name; val/0.jpg is that of val/0.jpg")
  }

  /// A photo that captions do not name is not missed where it is there under another name, as a hard link in a tar is.
  @Test func aCopyWithoutCaptions() throws {
    try source.addPhotos(named: ["a.jpg", "b.jpg", "c.jpg"])
    source.add("again.jpg", bytes: source.files[0].bytes)
    source.add("other.jpg", bytes: Array(source.files[1].bytes.dropLast(2)) + [0xFF, 0xD8])
    source.add("captions.csv", TestSource.table(["a.jpg", "b.jpg", "c.jpg"]))
    let (report, samples) = try source.prepared(bad: 1)
    #expect(samples.count == 3 && report.problems.map(\.subject) == ["other.jpg"])
    #expect(
      report.alsoLeftOut.contains(
        "1 photos without captions that have the bytes of others in the set (first: again.jpg)")
    )
  }

  /// Where names do not fit, what was decided about them is part of the refusal.
  @Test func aRefusalSaysHowNamesWereRead() throws {
    try source.addPhotos(named: ["a.jpg", "b.jpg"])
    source.add("captions.csv", TestSource.table(["A", "x.jpg"]))
    let error = #expect(throws: PreparationError.self) { try source.prepared() }
    #expect(
      error?.description.contains("1 photos are named in other letters, upper or lower case (first: A is a.jpg)")
        == true)
  }

  /// Where only another split has the name, the photo is missing. What stands above the folders that differ does not count.
  @Test(arguments: ["train/images", "/home/test/train2014/images"])
  func aSplitIsNotReplacedByAnother(folder: String) throws {
    try source.addPhotos(named: ["val/images/1.jpg", "val/images/2.jpg", "x/3.jpg"])
    source.add("captions.csv", TestSource.table(["\(folder)/1.jpg", "val/images/2.jpg", "/home/test/3.jpg"]))
    let (report, samples) = try source.prepared(bad: 1)
    #expect(samples.keys.sorted() == ["/home/test/3.jpg", "val/images/2.jpg"])
    #expect(report.problems.map(\.kind) == [.missingPhoto, .missingCaption])
  }

  /// Of two photos of one name, the one in the folder of its captions' split is meant.
  @Test func aFileOfASplitMeansItsFolder() throws {
    try source.addPhotos(named: ["train/1.jpg", "val/1.jpg"])
    for split in ["train", "val"] { source.add("\(split).csv", "image,caption\n1.jpg,in \(split)\n") }
    let (_, samples) = try source.prepared()
    #expect(samples["val/1.jpg"]?.captions == ["in val"] && samples["train/1.jpg"]?.captions == ["in train"])
  }

  /// Keys are as long as it takes: these two share 32 bits of their SHA-256.
  @Test func keysThatBeginAlike() throws {
    let names = ["sku033379/1.jpg", "sku046076/1.jpg"]
    try source.addPhotos(named: names)
    source.add("captions.csv", TestSource.table(names))
    let (_, samples) = try source.prepared()
    #expect(samples[names[0]]?.key == "1-" + sha256(Array(names[0].utf8)).prefix(8))
    #expect(samples[names[1]]?.key == "1-" + sha256(Array(names[1].utf8)).prefix(16))
  }

  @Test func unicodeForms() throws {
    try source.addPhotos(named: ["caf\u{E9}.jpg", "cafe\u{301}.jpg", "b.jpg"])
    source.add("captions.csv", TestSource.table(["caf\u{E9}.jpg", "b.jpg"]))
    let (report, samples) = try source.prepared(bad: 1)
    #expect(samples.count == 2 && report.problems.map(\.kind) == [.ambiguousPhoto])
  }

  /// Thousands of photos of one base name, each in a folder of its own, in a time that grows with their number.
  @Test func manyPhotosOfOneName() throws {
    let names = (0..<8_000).map { "p\($0)/image.jpg" }
    var seconds: [Double] = []
    for count in [1_000, 8_000] {
      let directory = source.path("many\(count)")
      try makeDirectory(directory)
      try writeAtomically(try photo(1), to: directory + "/one.jpg")
      for name in names[..<count] {
        try makeDirectory(directory + "/" + parentDirectory(of: name))
        #expect(link(directory + "/one.jpg", directory + "/" + name) == 0)
      }
      try Data(TestSource.table(names[..<count].map { "/data/set/" + $0 }).utf8).write(
        to: URL(fileURLWithPath: directory + "/captions.csv"))
      var request = source.request(.folder(path: directory), bad: 1)
      request.output = source.path("out\(count)")
      let start = ContinuousClock.now
      let report = try prepare(request)
      let time = ContinuousClock.now - start
      #expect(report.splits.reduce(0) { $0 + $1.photos } == count)
      seconds.append(time / .seconds(1))
    }
    #expect(seconds[1] < 24 * seconds[0], "eight times as many took \(seconds)")
  }

  @Test func twoNamesOfOnePhoto() throws {
    try source.addPhotos(named: ["photos/a.jpg", "c.jpg"])
    source.add("captions.csv", "image,caption\na.jpg,one\nphotos/a.jpg,two\nx/c.jpg,three\ny/c.jpg,four\n")
    let (report, samples) = try source.prepared(bad: 1)
    #expect(samples.values.map(\.captions) == [["one", "two"]], "more and fewer folders are one name")
    #expect(report.problems.map(\.kind) == [.ambiguousPhoto, .ambiguousPhoto])
    #expect(report.problems[0].detail == "c.jpg is called x/c.jpg, y/c.jpg")
  }

  @Test func whatIsAmbiguousIsNamedWithItsCandidates() throws {
    try source.addPhotos(named: ["x/a.jpg", "y/a.jpg", "b.jpg"])
    source.files[0].bytes += [0]
    source.add("captions.csv", TestSource.table(["a.jpg", "b.jpg"]))
    let (report, samples) = try source.prepared(bad: 1)
    #expect(samples.keys.sorted() == ["b.jpg"])
    #expect(report.problems.map(\.kind) == [.ambiguousPhoto])
    #expect(report.problems[0].detail == "2 different photos have this name: x/a.jpg, y/a.jpg")
  }

  /// One file of captions in each of several folders: names are seen from there.
  @Test func namesAreSeenFromTheFolderOfTheirFile() throws {
    for folder in ["one", "two"] {
      try source.addPhotos(named: ["\(folder)/images/0.jpg", "\(folder)/images/1.jpg"])
      source.add("\(folder)/meta/captions.csv", "image,caption\nimages/0.jpg,\(folder) 0\nimages/1.jpg,\(folder) 1\n")
    }
    let (report, samples) = try source.prepared()
    #expect(report.problemCount == 0 && samples.count == 4)
    #expect(samples["two/images/1.jpg"]?.captions == ["two 1"] && samples["one/images/0.jpg"]?.captions == ["one 0"])
  }

  @Test(arguments: [
    #"{"images": [{"id": "1", "file_name": "1.jpg"}, {"id": 2, "file_name": "2.jpg"}], "annotations": [{"id": "x", "image_id": 1, "caption": "one"}, {"id": 5, "image_id": "2", "caption": "two"}]}"#,
    #"[{"image": 1, "caption": "one"}, {"image": "2", "caption": ["two"]}]"#,
    "{\"image_id\": 1, \"caption\": \"one\"}\n{\"image_id\": \"2\", \"caption\": \"two\"}\n",
    #"{"images": [{"filename": 1, "sentences": [{"raw": "one"}]}, {"filename": "2.jpg", "sentences": [{"raw": "two"}]}]}"#,
  ])
  func identifiersAreTextsOrNumbers(json: String) throws {
    try source.addPhotos(named: ["1.jpg", "2.jpg"])
    source.add("captions.json", json)
    let (report, samples) = try source.prepared()
    #expect(Set(samples.values.flatMap(\.captions)) == ["one", "two"] && report.problemCount == 0)
  }
}
