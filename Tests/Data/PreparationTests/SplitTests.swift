import Batching
import Files
import Preparation
import Testing

@Suite struct SplitTests {
  let source: TestSource

  init() throws { source = try TestSource() }

  /// The names of the photos in each split.
  private func members(_ request: PreparationRequest) throws -> [String: [String]] {
    let set = try PreparedDataSet(path: request.output)
    var members: [String: [String]] = [:]
    for split in set.manifest.splits {
      members[split.name] = try set.samples(split: split.name).map { try set.record($0).fileName }
    }
    return members
  }

  @Test func aHashOfThePhotoDecidesWhereNothingElseDoes() throws {
    try source.addPhotos(200, list: false)
    source.files[150].bytes = source.files[20].bytes
    var request = source.request(try source.zip())
    let report = try prepare(request)
    let first = try members(request)
    let sizes = report.splits.map(\.photos)
    #expect(report.splits.map(\.name) == ["train", "validation", "test"] && sizes.reduce(0, +) == 200)
    #expect(sizes[0] > 130 && sizes[1] > 5 && sizes[2] > 5)
    #expect(report.leaks == 0 && report.duplicates.count == 1, "photos with the same bytes stay together")
    #expect(report.splitSource.contains("seed 0") && report.splitSource.contains("0.1"))

    // Without a photo the others stay where they are; another seed moves them.
    source.files.remove(at: 7)
    request.output = source.path("fewer")
    request.source = try source.zip("fewer.zip")
    try prepare(request)
    let fewer = try members(request)
    for (split, names) in fewer { #expect(names == first[split]?.filter { $0 != "1007.jpg" }) }
    request.output = source.path("seeded")
    request.splits = .hash(try SplitHash(words: "seed=1"))
    try prepare(request)
    #expect(try members(request) != fewer)
  }

  @Test func wordsOfAHash() throws {
    let hash = try SplitHash(words: "test=0.3,seed=7")
    #expect(hash == (try SplitHash(seed: 7, validation: 0.1, test: 0.3)))
    #expect(try SplitHash(words: "validation=0") == SplitHash(validation: 0))
    for words in [
      "", "seed", "seed=", "seed=-1", "seed=1,seed=2", "test=x", "test=nan", "train=0.5", "test=0.5,", "test=1",
    ] {
      #expect(throws: PreparationError.self, "\(words)") { try SplitHash(words: words) }
    }
  }

  @Test func sharesLeaveSomethingToTrainOn() {
    let error = #expect(throws: PreparationError.self) { try SplitHash(validation: 0.6, test: 0.5) }
    #expect(error?.description.contains("proportions of 0.6 and 0.5 leave no training split") == true)
  }

  @Test func listsLeaveOutOnPurpose() throws {
    try source.addPhotos(6)
    source.files[7].bytes = Array("1000.jpg\n1001\n1777.jpg\n".utf8)
    source.files[9].bytes = Array("1005.jpg\r\n1000.jpg\n".utf8)
    let request = source.request(try source.zip())
    let report = try prepare(request)
    #expect(try members(request) == ["train": ["1001.jpg"], "validation": ["1004.jpg"], "test": ["1005.jpg"]])
    #expect(report.photosNotListed == 2)
    #expect(report.problems.map(\.kind) == [.severalSplits, .missingPhoto])
    #expect(report.problems.map(\.subject) == ["1000.jpg", "1777.jpg"])
  }

  @Test(arguments: [
    "image\tsplit\n1000.jpg\ttrain\n1001.jpg\tval\n", "1000.jpg,train\n1001.jpg,dev\n", "train;1000.jpg\nval;1001",
  ])
  func oneFileForAll(text: String) throws {
    try source.addPhotos(4)
    var request = source.request(try source.zip())
    request.splits = .file(source.path("mine.tsv"))
    try writeAtomically(Array(text.utf8), to: source.path("mine.tsv"))
    let report = try prepare(request)
    #expect(try members(request) == ["train": ["1000.jpg"], "validation": ["1001.jpg"]])
    #expect(report.splitSource == "split file mine.tsv" && report.notes.contains("no photo is in the split test"))
  }

  @Test func karpathyBeforeTokenBeforeTables() throws {
    try source.addPhotos(3)
    source.add(
      "set/results.csv", "image_name| comment_number| comment\n1000.jpg| 0| photo number  0\n1000.jpg| 1| another\n")
    source.add(
      "set/dataset.json",
      """
      {"images": [{"filename": "1002.jpg", "split": "train", "sentences": [{"raw": "from JSON"}]},
       {"filename": "1001.jpg", "split": "val", "sentences": [{"raw": "photo number 1"}, {"raw": "another view of 1"}]}]}
      """)
    var request = source.request(try source.zip(), bad: 0)
    let report = try prepare(request)
    #expect(report.captionSources.map(\.layout) == ["Karpathy JSON", "token file", "CSV with bars"])
    #expect(report.captionSources.map(\.agrees) == [nil, false, false])
    #expect(report.captionSources[1].difference?.contains("1 photos have other captions (first: 1002.jpg)") == true)
    #expect(report.splitSource.contains("dataset.json") && report.photosNotListed == 1)
    #expect(try members(request) == ["train": ["1002.jpg"], "validation": ["1001.jpg"]])

    // A file that was asked for comes before all; lists beside it decide the splits.
    try writeAtomically(Array("image,caption\n1000.jpg,mine\n".utf8), to: source.path("mine.csv"))
    request.captions = [source.path("mine.csv")]
    request.output = source.path("mine")
    request.maximumBadFraction = 1
    let mine = try prepare(request)
    #expect(mine.captionSources[0].file == "mine.csv" && mine.splitSource.hasPrefix("lists"))
    #expect(try members(request) == ["train": ["1000.jpg"]])
  }

  /// Folders that are called as splits are splits, wherever the captions lie.
  @Test(arguments: [
    ["train", "val", "test"], ["training", "valid", "testing"], ["Train", "Validation", "Test"],
    ["train2014", "val2014", "test2014"],
    ["data/images_train", "data/images_val", "data/images_test"], ["train/images", "dev/images", "test/images"],
    ["train", "validation", "eval"], ["trainset", "valset", "testset"], ["my_train", "my_val", "my_test"],
  ])
  func foldersAreSplits(folders: [String]) throws {
    let names = folders.flatMap { folder in (0..<3).map { "\(folder)/\($0).jpg" } }
    try source.addPhotos(named: names)
    source.add("captions.csv", TestSource.table(names))
    let (report, samples) = try source.prepared()
    for (folder, split) in zip(folders, ["train", "validation", "test"]) {
      #expect(
        samples.values.filter { $0.split == split }.map(\.fileName).sorted() == (0..<3).map { "\(folder)/\($0).jpg" })
    }
    #expect(report.splitSource.hasPrefix("folders ") && report.summary(output: "x").contains("splits: folders "))
    let hashed = try source.prepared { $0.splits = .hash(SplitHash()) }
    #expect(hashed.report.splitSource.contains("seed 0"))
  }

  @Test func foldersAreSplitsUnlessToldOtherwise() throws {
    try source.addPhotos(named: ["train/a.jpg", "train/b.jpg", "test/c.jpg", "d.jpg"])
    source.add("captions.csv", TestSource.table(["train/a.jpg", "train/b.jpg", "test/c.jpg", "d.jpg"]))
    let (report, samples) = try source.prepared(bad: 1)
    #expect(samples["test/c.jpg"]?.split == "test" && samples["d.jpg"] == nil)
    #expect(
      report.problems.map(\.kind) == [.missingSplit] && report.problems[0].detail == "it lies in no folder of a split")
    #expect(throws: PreparationError.self, "what is left out counts") { try source.prepared() }
    source.add("val.txt", "train/a.jpg\nd.jpg\n")
    let listed = try source.prepared(bad: 1)
    #expect(listed.samples.keys.sorted() == ["d.jpg", "train/a.jpg"] && listed.report.photosNotListed == 2)
    #expect(listed.report.summary(output: "x").contains("left out on purpose: 2 photos"))
    #expect(!listed.report.summary(output: "x").contains("nothing left out"))
    let folders = try source.prepared(bad: 1) { $0.splits = .folders }
    #expect(folders.samples.count == 3)
    source.files = []
    try source.addPhotos(named: ["a.jpg"])
    source.add("captions.csv", TestSource.table(["a.jpg"]))
    #expect(throws: PreparationError.self) { try source.prepared { $0.splits = .folders } }
  }

  /// One file of captions in each split's folder, as in Hugging Face's imagefolder, where names begin anew.
  @Test(arguments: ["metadata.jsonl", "metadata.csv"])
  func oneFileInEachFolder(name: String) throws {
    for split in ["train", "validation", "test"] {
      try source.addPhotos(named: ["\(split)/0.jpg", "\(split)/1.jpg"])
      let rows = (0..<2).map {
        name.hasSuffix("csv")
          ? "\($0).jpg,\(split) no \($0)\n" : #"{"file_name": "\#($0).jpg", "text": "\#(split) no \#($0)"}"# + "\n"
      }
      source.add("\(split)/\(name)", (name.hasSuffix("csv") ? "file_name,text\n" : "") + rows.joined())
    }
    let (report, samples) = try source.prepared()
    #expect(samples.count == 6 && report.problemCount == 0)
    for (file, record) in samples {
      #expect(
        record.captions == ["\(record.split) no \(file.dropFirst(file.count - 5).prefix(1))"]
          && file.hasPrefix(record.split))
    }
  }

  /// Rows that say no split, or nothing that could be one, are never lost behind the words that nothing is left out.
  @Test(arguments: ["null", "\"\"", "\"nan\"", "\"None\"", "\"unknown\"", "\"no such/split\""])
  func aMissingSplitIsSaid(word: String) throws {
    try source.addPhotos(named: (0..<8).map { "\($0).jpg" })
    source.add(
      "metadata.jsonl",
      (0..<8).map {
        #"{"image": "\#($0).jpg", "caption": "no \#($0)", "split": \#($0 < 6 ? "\"train\"" : word)}"# + "\n"
      }.joined())
    let error = #expect(throws: PreparationError.self) { try source.prepared(bad: 0.1) }
    #expect(error?.description.contains("2 of 8 photos are unfit") == true)
    let (report, samples) = try source.prepared(bad: 0.3)
    #expect(samples.count == 6 && report.problems.map(\.kind) == [.missingSplit, .missingSplit])
    #expect(report.summary(output: "x").contains("left out: 2 missing split"))
    #expect(!report.summary(output: "x").contains("nothing left out"))
  }

  @Test func aSplitThatLooksLikeAnotherIsWarnedOf() throws {
    try source.addPhotos(named: ["0.jpg", "1.jpg", "2.jpg"])
    source.add("captions.csv", "image,caption,split\n0.jpg,one,train\n1.jpg,two,trian\n2.jpg,three,zeroshot\n")
    let (report, samples) = try source.prepared()
    #expect(samples["1.jpg"]?.split == "trian" && samples["2.jpg"]?.split == "zeroshot")
    #expect(report.warnings == ["the split “trian” of 1 photos is one of its own; perhaps “train” is meant"])
  }

  /// Where no row says a split, the column says nothing, and what decides is told.
  @Test func anEmptyColumnDecidesNothing() throws {
    try source.addPhotos(named: ["0.jpg", "1.jpg"])
    source.add("captions.csv", "image,caption,split\n0.jpg,one,\n1.jpg,two,\n")
    let (report, samples) = try source.prepared()
    #expect(samples.count == 2 && report.splitSource.contains("seed 0"))
  }

  /// Lists and captions may name the same photos in different ways.
  @Test(arguments: [
    ("images/%.jpg", "%.jpg"), ("%.jpg", "images/%.jpg"), ("%.jpg", "%"), ("%", "images/%"),
    ("%.jpg", "./images/%.JPG"),
    ("/data/images/%.jpg", "images/%.jpg"),
  ])
  func listsFindPhotosThatAreNamedOtherwise(captions: String, list: String) throws {
    func named(_ form: String, _ number: Int) -> String {
      String(form.map { $0 == "%" ? "p\(number)" : String($0) }.joined())
    }
    try source.addPhotos(named: (0..<6).map { "images/p\($0).jpg" } + ["other/q.jpg"])
    source.add("captions.csv", TestSource.table((0..<6).map { named(captions, $0) } + ["other/q.jpg"]))
    source.add("train.txt", (0..<4).map { named(list, $0) + "\n" }.joined() + "q.jpg\n")
    source.add("test.txt", (4..<6).map { named(list, $0) + "\n" }.joined())
    let (report, samples) = try source.prepared()
    #expect(report.problemCount == 0 && report.photosNotListed == 0 && samples.count == 7)
    #expect(samples[named(captions, 5)]?.split == "test" && samples["other/q.jpg"]?.split == "train")
  }

  /// The split of a file's name counts, whatever its folders say beside it.
  @Test(arguments: [
    ["dev-set/train.csv", "dev-set/val.csv"],
    ["annotations/train/captions_train.csv", "annotations/val/captions_val.csv"],
    ["train/part1.csv", "val/part1.csv", "train/part2.csv"],
  ])
  func oneFileASplitInFoldersThatSpeakOfSplits(files: [String]) throws {
    let names = files.indices.map { "p\($0).jpg" }
    try source.addPhotos(named: names)
    for (file, name) in zip(files, names) { source.add(file, TestSource.table([name])) }
    let (report, samples) = try source.prepared()
    #expect(names.map { samples[$0]?.split } == ["train", "validation", "train"].prefix(names.count).map { $0 })
    #expect(!report.splitSource.contains("seed"))
  }

  /// A row of a split file without a split counts, with or without the delimiter.
  @Test(arguments: ["2.jpg", "2.jpg,", "2.jpg,null"])
  func rowsOfSplitFilesCount(row: String) throws {
    try source.addPhotos(named: ["0.jpg", "1.jpg", "2.jpg"])
    source.add("captions.csv", TestSource.table(["0.jpg", "1.jpg", "2.jpg"]))
    try source.write("0.jpg,train\n1.jpg,val\n\(row)\n", to: "s.csv")
    #expect(throws: PreparationError.self) { try source.prepared { $0.splits = .file(source.path("s.csv")) } }
    let (report, samples) = try source.prepared(bad: 1) { $0.splits = .file(source.path("s.csv")) }
    #expect(samples.count == 2 && report.problems.map(\.kind) == [.missingSplit])
  }

  @Test(arguments: [
    "\u{FEFF}{\"images\": [{\"filename\": \"0.jpg\", \"split\": \"train\"}, {\"filename\": \"1.jpg\", \"split\": \"val\"}]}",
    "{\"image\": \"0.jpg\", \"split\": \"train\"}\n{\"image\": \"1.jpg\", \"Split\": \"val\"}\n",
    "[{\"image\": \"0.jpg\", \"split\": \"train\"}, {\"image\": \"1.jpg\", \"split\": \"val\"}]",
    "{\"train\": [\"0.jpg\"], \"val\": [\"1\"]}",
  ])
  func splitsInJSON(json: String) throws {
    try source.addPhotos(named: ["0.jpg", "1.jpg"])
    source.add("captions.csv", TestSource.table(["0.jpg", "1.jpg"]))
    try source.write(json, to: "s.json")
    let (_, samples) = try source.prepared { $0.splits = .file(source.path("s.json")) }
    #expect(samples["0.jpg"]?.split == "train" && samples["1.jpg"]?.split == "validation")
  }

  /// A list may leave the extension off that another has: one photo in two splits all the same.
  @Test func twoWaysOfNamingAreOnePhoto() throws {
    try source.addPhotos(named: ["3.jpg", "4.jpg"])
    source.add("captions.csv", TestSource.table(["3.jpg", "4.jpg"]))
    source.add("train.txt", "3\n4\n")
    source.add("val.txt", "3.jpg\n")
    let (report, samples) = try source.prepared(bad: 1)
    #expect(samples.keys.sorted() == ["4.jpg"] && report.problems.map(\.kind) == [.severalSplits])
  }

  /// Names that nobody has, and pairs without their photos, are left out as well.
  @Test func whatElseIsLeftOutIsSaid() throws {
    try source.addPhotos(named: ["0.jpg", "1.jpg"])
    source.add("captions.csv", TestSource.table(["0.jpg", "1.jpg", "ghost.jpg"]))
    source.add("train.txt", "0.jpg\n1.jpg\n")
    source.add("pairs.tsv", "split\timage\tsentence\tlabel\ntrain\tghost.jpg\tx\tmatch\n")
    let words = try source.prepared().report.summary(output: "x")
    #expect(words.contains("left out: 1 names in captions that have no photo, and that no list has (first: ghost.jpg)"))
    #expect(words.contains("left out: 1 labelled pairs, whose photos are not in the set"))
    #expect(!words.contains("nothing left out"))
  }

  /// Lists and tables that decide nothing are named, and none of them becomes captions.
  @Test func splitsThatAreNotReadAreNamed() throws {
    try source.addPhotos(named: ["0.jpg", "1.jpg"])
    source.add("data.csv", "image,caption,split\n0.jpg,one thing,train\n1.jpg,two things,val\n")
    source.add("a.tsv", "0.jpg\ttrain\n1.jpg\ttest\n")
    source.add("b.tsv", "0.jpg\ttest\n1.jpg\ttest\n")
    source.add("train.txt", "0.jpg\n1.jpg\n")
    let (report, samples) = try source.prepared()
    #expect(samples["1.jpg"]?.split == "validation" && samples["1.jpg"]?.captions == ["two things"])
    #expect(
      report.passedOver == [
        "b.tsv: a second table of splits", "lists train.txt: not read; the splits are those of CSV data.csv",
        "split file a.tsv: not read; the splits are those of CSV data.csv",
      ])
  }
}
