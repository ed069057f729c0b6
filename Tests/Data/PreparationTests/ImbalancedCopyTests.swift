import Batching
import Files
import Images
import Preparation
import Reporting
import TestSupport
import Testing

/// Copies of a prepared set in which some samples lack a column.
@Suite struct ImbalancedCopyTests {
  /// 40 photos in train, every fourth without a note, the last four without captions too, and 8 in test.
  private static func write(_ path: String) throws -> PreparedDataSet {
    let writer = try PreparedDataSetWriter(directory: path, description: .init(name: "whole"), shardBytes: 20_000)
    try writer.addFile("tokenizer.json", bytes: [123, 125])
    for (split, count) in [("train", 40), ("test", 8)] {
      for number in 0..<count {
        let key = "\(split)\(100 + number)"
        var columns = SampleColumns()
        columns.labels = ["kind": ["a"]]
        if number % 4 != 3 { columns.texts = ["note": "note \(number)"] }
        columns.boxes = [PhraseBox(phrase: "it", x: 1, y: 1, width: 3, height: 3)]
        try writer.add(
          image: Self.photo(number), width: 24, height: 18,
          record: SampleRecord(
            key: key, fileName: key + ".jpg", split: split, captions: number < 36 ? ["a photo"] : [], columns: columns))
        if number < 2 { try writer.addPair(LabelledPair(key: key, matches: true, text: "a"), split: split) }
      }
    }
    try writer.finish()
    return try PreparedDataSet(path: path)
  }

  private static func photo(_ number: Int) throws -> [UInt8] {
    let pixels = (0..<24 * 18 * 3).map { UInt8(($0 * (7 + number)) % 256) }
    return try encodeJPEG(Image(width: 24, height: 18, pixels: pixels), quality: 90)
  }

  private static func copy(
    _ root: String, _ drops: String, to name: String, seed: UInt64 = 0, splits: [String] = ["train"]
  ) throws -> (set: PreparedDataSet, report: PreparationReport) {
    let copy = ImbalancedCopy(
      of: root + "/set", output: root + "/" + name, drops: try ColumnDrop.read(drops), splits: splits, seed: seed)
    let report = try copy.make()
    return (try PreparedDataSet(path: root + "/" + name), report)
  }

  private static func lacking(_ set: PreparedDataSet, _ split: String = "train") throws -> Set<String> {
    Set(try set.samples(split: split).filter { !$0.hasPhoto }.map(\.key))
  }

  @Test func aShareLosesItsPhotos() throws {
    let place = try TemporaryDirectory()
    let root = place.path
    do {
      let whole = try Self.write(root + "/set")
      let (set, report) = try Self.copy(root, "image=0.5", to: "half")
      try set.verify()
      #expect(set.manifest.version == 3 && whole.manifest.version == 2)
      let counts = try set.columnCounts(split: "train")
      #expect(counts.first { $0.column == .image }?.samples == 20)
      #expect(counts.first { $0.column == .boxes }?.samples == 20, "boxes go with their photo")
      #expect(counts.first { $0.column == .text("note") }?.samples == 30)
      #expect(try Self.lacking(set, "test").isEmpty, "other splits stay as they are")
      #expect(report.notes == ["image: 20 of the 40 samples of train that had it lose it (share 0.5, seed 0)"])
      #expect(set.manifest.description.sourceSHA256 == whole.fingerprint)
      #expect(try set.sideFile("tokenizer.json") == [123, 125])
      let lost = try Self.lacking(set)
      #expect(try set.labelledPairs(split: "train").allSatisfy { !lost.contains($0.key) })
      // Photos that stay are the same bytes.
      let before = Dictionary(uniqueKeysWithValues: try whole.samples(split: "train").map { ($0.key, $0) })
      for sample in try set.samples(split: "train") where sample.hasPhoto {
        let own = try #require(before[sample.key])
        #expect(set.withImageBytes(sample) { Array($0) } == whole.withImageBytes(own) { Array($0) })
      }
      // What has neither a photo nor a clip is still told from others.
      #expect(Set(try set.samples(split: "train").map(\.imageIdentity)).count == 40)
    }
  }

  /// The same seed takes the same samples, a larger share these and more, another seed others.
  @Test func samplesAreDrawnBySeedAndKey() throws {
    let place = try TemporaryDirectory()
    let root = place.path
    do {
      _ = try Self.write(root + "/set")
      let half = try Self.lacking(Self.copy(root, "image=0.5", to: "a").set)
      #expect(try Self.lacking(Self.copy(root, "image=0.5", to: "b").set) == half)
      #expect(try Self.lacking(Self.copy(root, "image=0.8", to: "c").set).isSuperset(of: half))
      let other = try Self.lacking(Self.copy(root, "image=0.5", to: "d", seed: 1).set)
      #expect(other != half && other.count == 20)
      #expect(try readFile(root + "/a/manifest.json") == readFile(root + "/b/manifest.json"))
    }
  }

  /// A sample keeps one of what there is to look at, and the report says how many did for that reason.
  @Test func nothingLosesAll() throws {
    let place = try TemporaryDirectory()
    let root = place.path
    do {
      _ = try Self.write(root + "/set")
      let (set, report) = try Self.copy(
        root, "image=1,captions=1,text:note=1", to: "none", splits: ["train", "test"])
      try set.verify()
      for split in ["train", "test"] {
        for sample in try set.samples(split: split) {
          let record = try set.record(sample)
          #expect(sample.hasPhoto || !record.captions.isEmpty || !record.columns.texts.isEmpty)
        }
      }
      // Four have neither a caption nor, one of them, a note.
      #expect(report.notes[0].contains("image: 39 of the 40") && report.notes[0].contains("1 more keep it"))
      #expect(report.notes.count == 6)
    }
  }

  @Test(arguments: [
    ("image", "has no share"), ("image=1.5", "from 0 to 1"), ("image=-0.1", "from 0 to 1"), ("image=x", "from 0 to 1"),
    ("picture=0.5", "no column"), ("label:kind=0.5", "no column"), ("group=1", "no column"),
    ("image=0.5,image=0.2", "twice"), ("", "has no share"),
  ])
  func whatCannotBeReadIsRefused(_ text: String, _ words: String) {
    let flaw = #expect(throws: ColumnDrop.Flaw.self) { try ColumnDrop.read(text) }
    #expect(flaw?.words.contains(words) == true)
  }

  @Test func whatCannotBeDroppedIsRefused() throws {
    let place = try TemporaryDirectory()
    let root = place.path
    do {
      _ = try Self.write(root + "/set")
      let writer = try PreparedDataSetWriter(directory: root + "/bare", description: .init(name: "bare"))
      try writer.add(
        image: Self.photo(1), width: 24, height: 18,
        record: SampleRecord(key: "a", fileName: "a.jpg", split: "train"))
      try writer.finish()
      func refusal(_ set: String, _ drops: String, to name: String = "out", splits: [String] = ["train"]) -> String {
        let error = #expect(throws: (any Error).self) {
          try ImbalancedCopy(
            of: root + "/" + set, output: root + "/" + name, drops: ColumnDrop.read(drops), splits: splits
          ).make()
        }
        #expect(name == "set" || !fileExists(root + "/" + name))
        return error.map { "\($0)" } ?? ""
      }
      #expect(refusal("bare", "image=1").contains("it is all that each has to look at"))
      #expect(refusal("set", "image=0.001").contains("0.001 of 40 is none; give a larger share"))
      #expect(refusal("set", "audio=0.5").contains("audio"))
      #expect(refusal("set", "image=0.5", splits: ["dev"]).contains("dev"))
      #expect(refusal("set", "image=0.5", to: "set").contains("set"))
      #expect(refusal("nowhere", "image=0.5").contains("nowhere"))
    }
  }

  // MARK: Captions of classes

  private static func told(_ root: String, _ template: String, _ drops: String? = nil, splits: [String] = ["train"])
    throws
    -> (set: PreparedDataSet, report: PreparationReport)
  {
    var copy = ImbalancedCopy(
      of: root + "/set", output: root + "/told", drops: try drops.map { try ColumnDrop.read($0) } ?? [], splits: splits)
    copy.template = try CaptionTemplate(template)
    let report = try copy.make()
    return (try PreparedDataSet(path: root + "/told"), report)
  }

  /// Those without a caption get one, those that have lost theirs too, and nobody else.
  @Test(arguments: [nil, "captions=0.5"]) func classesAreTold(drops: String?) throws {
    let place = try TemporaryDirectory()
    let whole = try Self.write(place("set"))
    let (set, report) = try Self.told(place.path, "a photo of {label:kind}, taken", drops)
    try set.verify()
    let captions = try set.samples(split: "train").map { try set.captions($0) }
    let made = captions.count { $0 == ["a photo of a, taken"] }
    #expect(made == (drops == nil ? 4 : 4 + 18) && captions.count { $0 == ["a photo"] } == 40 - made)
    #expect(
      report.notes.contains {
        $0
          == "captions: \(made) samples of train that have none get “a photo of {label:kind}, taken”; \(40 - made) keep theirs"
      }, "\(report.notes)")
    let before = try whole.samples(split: "test").map { try whole.captions($0) }
    #expect(try set.samples(split: "test").map { try set.captions($0) } == before)
    #expect(report.splits.first { $0.name == "train" }?.captions == 40)
  }

  @Test func whatTellsNothingIsRefused() throws {
    let place = try TemporaryDirectory()
    _ = try Self.write(place("set"))
    let nobody = #expect(throws: NothingToTellError.self) {
      try Self.told(place.path, "{label:kind}", splits: ["test"])
    }
    #expect(nobody?.description.contains("8 have one, and 0 have no class") == true && nobody?.exitCode == .badData)
    #expect(throws: BatchingError.self) { try Self.told(place.path, "a {label:sound}") }
    for (text, words) in [
      ("a photo", "says nothing of a class"), ("a {label:kind", "a { without a }"), ("a {kind}", "is no label"),
    ] {
      let error = #expect(throws: ColumnDrop.Flaw.self) { try CaptionTemplate(text) }
      #expect(error?.words.contains(words) == true, "\(text)")
    }
  }
}
