import Batching
import Files
import Foundation
import Preparation
import Testing

/// The shapes that captions take in tables, in JSON and in files of their own.
@Suite struct CaptionShapeTests {
  private func read(_ text: String, _ path: String = "captions.csv", _ choice: CaptionTableChoice = .init()) throws
    -> CaptionFile
  {
    try captionFile(Array(text.utf8), path: path, choice: choice)
  }

  /// Lists as Python 3.11 writes them: `str(list)`, and numpy's array in a cell.
  @Test(arguments: [
    (#"['a man', 'a dog']"#, ["a man", "a dog"]),
    (#"["it's", 'a "small" dog']"#, ["it's", #"a "small" dog"#]),
    (#"['it\'s "both"', 'back\\slash']"#, [#"it's "both""#, #"back\slash"#]),
    (#"['two\nlines', 'caf\xe9 \u2014 \U0001f415']"#, ["two\nlines", "café — 🐕"]),
    ("['a man'\n 'a dog']", ["a man", "a dog"]),
    (#"["a man", "a dog"]"#, ["a man", "a dog"]),
    ("('a man', 'a dog')", ["a man", "a dog"]),
    ("array(['a man', 'a dog'], dtype=object)", ["a man", "a dog"]),
    ("[unclear] a man", ["[unclear] a man"]),
    ("[1, 2]", ["[1, 2]"]),
  ])
  func aCellMayBeAList(cell: String, captions: [String]) throws {
    let quoted = cell.replacingOccurrences(of: "\"", with: "\"\"")
    let file = try read("image,captions\na.jpg,\"\(quoted)\"\n")
    #expect(file["a.jpg"]?.captions == captions && file.problems.isEmpty)
  }

  @Test(arguments: [
    "['a man', 'a dog'", "['a man', ...]", "['a man', 'a do", "['a'] and more", "['\\x4']", "['a', nan]",
  ])
  func aListThatIsCutOffIsNoCaption(cell: String) throws {
    let file = try read("image,captions\na.jpg,\"\(cell)\"\nb.jpg,fine\n")
    #expect(file["a.jpg"]?.captions == [] && file.problems.map(\.kind) == [.damagedRow])
    #expect(file.problems[0].place == "captions.csv:2")
  }

  @Test(arguments: [
    "image,caption_1,caption_2,caption_3", "image,caption1,caption2,caption3", "image,Caption 1,Caption 2,Caption 3",
    "image,caption,caption_2,caption-3", "image,text_0,text_1,text_2",
  ])
  func severalColumns(heading: String) throws {
    let file = try read(heading + "\na.jpg,one,two,three\nb.jpg,four,,\n")
    #expect(file["a.jpg"]?.captions == ["one", "two", "three"] && file["b.jpg"]?.captions == ["four"])
    #expect(file.problems.isEmpty)
    #expect(file.reading.captionColumn == heading.split(separator: ",").dropFirst().joined(separator: ", "))
    let chosen = try read("a.jpg;one;two;three\n", "x.csv", .init(columns: .init("1,2,4")))
    #expect(chosen["a.jpg"]?.captions == ["one", "three"])
    let lines = try read(
      "{\"image\": \"a.jpg\", \"caption_2\": \"two\", \"caption_10\": \"ten\", \"caption_1\": \"one\"}\n", "x.jsonl")
    #expect(lines["a.jpg"]?.captions == ["one", "two", "ten"])
  }

  @Test func emptyFieldsAreCounted() throws {
    let source = try TestSource()
    try source.addPhotos(named: ["a.jpg", "b.jpg"])
    source.add("captions.csv", "image,caption_1,caption_2\na.jpg,one,two\nb.jpg,three,\n,,\n,,\n")
    let (report, samples) = try source.prepared()
    #expect(samples["b.jpg"]?.captions == ["three"] && report.problemCount == 0)
    #expect(
      report.notes.prefix(2) == [
        "captions.csv: 2 rows are empty",
        "captions.csv: 1 fields for captions are empty; the photos have others",
      ])
  }

  @Test(arguments: [
    ("sep=;\r\n", ";", "semicolon"), ("\"sep=|\"\n", "|", "bar"), ("sep=\t\r\n", "\t", "tab"),
    ("\u{FEFF}sep=,\n", ",", "comma"),
  ])
  func whatExcelLeaves(line: String, separator: String, name: String) throws {
    let row = { (cells: [String]) in cells.joined(separator: separator) + "\r\n" }
    let file = try read(
      line + row(["image", "caption", "", ""]) + row(["a.jpg", "one", "", ""]) + row(["", "", "", ""])
        + row(["b.jpg", "two"]))
    #expect(file.reading.delimiter?.rawValue == name && file["a.jpg"]?.captions == ["one"])
    #expect(file.problems.map(\.place) == ["captions.csv:5"], "lines are counted as an editor counts them")
    let surplus = try read("image,caption\na.jpg,one,,\n")
    #expect(surplus["a.jpg"]?.captions == ["one"] && surplus.problems.isEmpty)
  }

  /// Without a heading nothing tells where a caption ends: the reason is said, and the advice keeps the whole of it.
  @Test func commasInCaptionsWithoutAHeading() throws {
    let text = "0.jpg,A man, a dog, and a cat\n1.jpg,Two cats\n2.jpg,\"One, quoted\"\n"
    let error = #expect(throws: PreparationError.self) { try read(text) }
    #expect(error?.description.contains("put captions that hold a comma in double quotes") == true)
    #expect(error?.description.contains("none is the name of a photo") == false)
    let whole = try read(text, "captions.csv", .init(columns: .init("1,2")))
    #expect(whole["0.jpg"]?.captions == ["A man, a dog, and a cat"] && whole["2.jpg"]?.captions == ["One, quoted"])
    #expect(whole.reading.takesRest == true && whole.problems.isEmpty)
    // Columns that are columns stay what they are, and what is not read is said.
    let columns = try read("0.jpg,a man,train,5\n1.jpg,a cat,test,6\n", "captions.csv", .init(columns: .init("1,2")))
    #expect(columns["0.jpg"]?.captions == ["a man"] && columns.reading.takesRest == false)
  }

  @Test func severalObjectsALine() throws {
    let objects = ["a", "b", "c"].map { #"{"image": "\#($0).jpg", "caption": "about {\#($0)} \"x\"", "score": NaN}"# }
    let nested = objects.map { $0.replacingOccurrences(of: ", ", with: ",\n  ") }
    for text in [
      objects.joined(), objects.joined(separator: " ") + "\n", objects[0] + objects[1] + "\n" + objects[2],
      nested.joined(separator: "\n"),
    ] {
      for path in ["x.jsonl", "x.json"] {
        let file = try read(text, path)
        #expect(file.names == ["a.jpg", "b.jpg", "c.jpg"] && file.problems.isEmpty, "\(path): \(text)")
        #expect(file["b.jpg"]?.captions == [#"about {b} "x""#])
      }
    }
  }

  /// Python writes NaN and Infinity where a number is missing; in a field that nobody reads they do not matter.
  @Test func notANumber() throws {
    let coco =
      #"{"images": [{"id": 1, "file_name": "a.jpg", "score": NaN, "x": [-Infinity, Infinity]}], "annotations": [{"id": 1, "image_id": 1, "caption": "NaN, Infinity"}]}"#
    #expect(try read(coco, "c.json")["a.jpg"]?.captions == ["NaN, Infinity"])
    let lines = try read(
      "{\"image\": \"a.jpg\", \"caption\": \"one\", \"x\": NaN}\n{\"image\": \"b.jpg\", \"caption\": NaN}\n", "c.jsonl")
    #expect(lines["a.jpg"]?.captions == ["one"] && lines.problems.map(\.kind) == [.emptyCaption])
  }

  @Test func damageInJSONHasAPlace() throws {
    let text = "{\"images\": [],\n \"annotations\": [{\"id\": 1, \"image_id\": two, \"caption\": \"x\"}]}"
    let error = #expect(throws: PreparationError.self) { try read(text, "c.json") }
    #expect(error?.description.contains("line 2, column 40: “two” is no value") == true, "\(String(describing: error))")
    let lines = try read(
      "{\"image\": \"a.jpg\", \"caption\": \"x\"}\n{\"image\": b.jpg, \"caption\": \"x\"}\n", "c.jsonl")
    #expect(lines.problems.map(\.line) == ["c.jsonl:2: it is not valid JSON at column 11: “b.jpg” is no value"])
  }

  /// What Python 3.11's `json.loads` takes and refuses, and where: columns are its `pos` + 1.
  @Test(
    arguments: [
      ("{}", nil), ("[1, -2.5e+3, \"\\u00e9\", null, true, NaN]", nil), ("[1 2]", 4), ("{\"a\" 1}", 6),
      ("{\"a\": 1,}", 9),
      ("[1,]", 4), ("01", nil), ("[1.]", nil), ("\"a\nb\"", nil), ("{a: 1}", 2), ("nul", 1), ("[\"a]", 2),
      ("{\"a\": }", 7),
    ] as [(String, Int?)])
  func jsonIsReadAsPythonReadsIt(text: String, column: Int?) {
    let scan = JSONScan(Array(text.utf8))
    let isSound = column == nil && !["01", "[1.]", "\"a\nb\""].contains(text)
    #expect((scan.fault == nil) == isSound)
    if let column { #expect(scan.fault?.column == column) }
    if isSound {
      #expect((try? JSONSerialization.jsonObject(with: Data(scan.plain), options: .fragmentsAllowed)) != nil)
    }
  }

  /// Between tabs a quote may be a letter, under a heading too.
  @Test func straysQuotesBetweenTabs() throws {
    let stray = try read(
      "image\tcaption\n1.jpg\t\"Hello there\n2.jpg\tit says stop\"\n3.jpg\t\"Hi\" she said\n", "c.tsv")
    #expect(stray.problems.isEmpty && stray.names.count == 3)
    #expect(stray["1.jpg"]?.captions == ["\"Hello there"] && stray["3.jpg"]?.captions == ["\"Hi\" she said"])
    let quoted = try read("image\tcaption\n1.jpg\t\"a\ttab and\nlines\"\n2.jpg\tplain\n", "c.tsv")
    #expect(quoted["1.jpg"]?.captions == ["a\ttab and\nlines"])
  }

  /// What a whole table looks like decides, not its first rows.
  @Test func commasFarDown() throws {
    let rows = (0..<80).map { "\($0).jpg,a dog\($0 > 60 ? ", a cat" : "")\n" }
    let file = try read(rows.joined(), "c.csv", .init(columns: .init("1,2")))
    #expect(file.problems.isEmpty && file["70.jpg"]?.captions == ["a dog, a cat"])
  }

  @Test func longLinesOfJSON() throws {
    let objects = (0..<3000).map { #"{"image": "\#($0).jpg", "caption": "a dog"}"# }.joined()
    #expect(try read(objects, "x.jsonl").names.count == 3000)
    let embedding = (0..<20_000).map { _ in "0.25" }.joined(separator: ",")
    let long = try read("{\"image\": \"a.jpg\", \"caption\": \"x y\", \"vector\": [\(embedding)]}\n", "x.jsonl")
    #expect(long["a.jpg"]?.captions == ["x y"])
    let text = String(repeating: "x", count: 70_000)
    let caption = try read("{\"image\": \"a.jpg\", \"caption\": \"\(text)\"}\n", "x.jsonl")
    #expect(caption.problems.map(\.kind) == [.badText])
  }

  /// Keys in any case, null in the place of a name, a split that is no text, photos alone in a file.
  @Test func keysOfRecords() throws {
    let file = try read(
      #"[{"Image": null, "file_name": "a.jpg", "Caption": "one", "Split": "val"}, {"id": 7, "path": "b.jpg", "caption": "two", "split": 0}]"#,
      "x.json")
    #expect(file.names == ["a.jpg", "b.jpg"] && file["a.jpg"]?.splits == ["val"] && file["b.jpg"]?.splits == ["0"])
    #expect(try read(#"{"image": "a.jpg", "caption": "one"}"#, "x.json")["a.jpg"]?.captions == ["one"])
    let named = try read(#"{"a.jpg": "one", "b.jpg": null}"#, "x.json")
    #expect(named["a.jpg"]?.captions == ["one"] && named.problems.map(\.kind) == [.emptyCaption])
  }

  /// In a source as well as by name.
  @Test func keysInOtherCase() throws {
    let source = try TestSource()
    try source.addPhotos(named: ["a.jpg"])
    source.add("x.json", #"[{"Image": "a.jpg", "Caption": "a dog"}]"#)
    #expect(try source.prepared().samples["a.jpg"]?.captions == ["a dog"])
  }

  /// Karpathy's COCO says folders too, which count where names are not enough.
  @Test func foldersInKarpathysFile() throws {
    let source = try TestSource()
    try source.addPhotos(named: ["train/1.jpg", "val/1.jpg", "val/2.jpg"])
    let images = ["train/1.jpg", "val/1.jpg", "val/2.jpg"].map { path in
      let parts = path.split(separator: "/")
      return
        #"{"filepath": "\#(parts[0])", "filename": "\#(parts[1])", "split": "\#(parts[0])", "sentences": [{"raw": "of \#(path)"}]}"#
    }
    source.add("dataset.json", #"{"images": [\#(images.joined(separator: ", "))]}"#)
    let (_, samples) = try source.prepared()
    #expect(samples.keys.sorted() == ["2.jpg", "train/1.jpg", "val/1.jpg"])
    #expect(samples["val/1.jpg"]?.captions == ["of val/1.jpg"])
  }

  @Test func captionsByName() throws {
    let file = try read(#"{"b.jpg": "one", "a.jpg": ["two", "three"]}"#, "c.json")
    #expect(file.names == ["a.jpg", "b.jpg"] && file["a.jpg"]?.captions == ["two", "three"])
  }
}

/// A text file beside each photo.
@Suite struct TextsBesidePhotosTests {
  let source: TestSource

  init() throws { source = try TestSource() }

  @Test(arguments: ["txt", "caption", "json"])
  func oneForEachPhoto(ending: String) throws {
    try source.addPhotos(named: ["x/a.jpg", "x/b.jpg", "y/a.jpg"])
    for name in ["x/a", "x/b", "y/a"] {
      source.add(
        "\(name).\(ending)", ending == "json" ? #"{"caption": "about \#(name)", "url": "u"}"# : "about \(name)\n")
    }
    let (report, samples) = try source.prepared()
    #expect(samples.count == 3 && samples["y/a.jpg"]?.captions == ["about y/a"])
    #expect(report.captionSources.map(\.layout) == ["a text beside each photo"])
    #expect(report.summary(output: "x").contains("captions: 3 files beside photos (x/a.\(ending), …)"))
  }

  @Test func linesAreCaptions() throws {
    try source.addPhotos(named: ["a.jpg", "b.jpg", "c.jpg"])
    source.add("a.txt", "one\r\ntwo\n\n")
    source.add("b.txt", "")
    source.add("c.txt", "three")
    let (report, samples) = try source.prepared(bad: 1)
    #expect(
      samples["a.jpg"]?.captions == ["one", "two"]
        && report.notes[0] == "1 texts have several lines: each line is a caption")
    #expect(report.problems.map(\.subject) == ["b.jpg"] && report.problems[0].kind == .missingCaption)
  }

  @Test func damagedJSONBesideAPhotoIsTold() throws {
    try source.addPhotos(named: ["a.jpg", "b.jpg"])
    source.add("a.json", #"{"caption": "about a"}"#)
    source.add("b.json", "{\"caption\": broken}")
    let (report, samples) = try source.prepared(bad: 1)
    #expect(samples.keys.sorted() == ["a.jpg"] && report.problems.map(\.kind) == [.damagedRow, .missingCaption])
    #expect(report.problems[0].line == "b.json:1: it is not valid JSON at line 1, column 13: “broken” is no value")
  }

  /// What is not read beside a photo is counted: another text, another caption in the JSON, a text without a photo.
  @Test func whatIsNotReadBesideAPhoto() throws {
    try source.addPhotos(named: ["x/a.jpg", "x/b.jpg"])
    for name in ["a", "b"] {
      source.add("x/\(name).txt", "about \(name)")
      source.add("x/\(name).caption", "something else")
      source.add("x/\(name).json", #"{"Caption": "of the JSON", "split": ["train"]}"#)
    }
    source.add("x/c.txt", "about nothing")
    let (report, _) = try source.prepared(bad: 1) { $0.splits = .hash(SplitHash()) }
    #expect(report.splits.reduce(0) { $0 + $1.captions } == 2 && report.problems.map(\.subject) == ["x/c.txt"])
    #expect(
      report.notes.prefix(2) == [
        "2 photos have several texts; .txt comes before .caption, .text and .cap, and the others are not read",
        "2 photos have another caption in their JSON than in their text; the text is read",
      ])
    let split = try? source.prepared(bad: 1)
    #expect(split == nil, "a list is no split")
  }

  /// WebDataset's keys end at the first dot.
  @Test func namesWithSeveralDots() throws {
    for key in ["s0", "s1"] {
      try source.addPhotos(named: ["\(key).image.jpg"])
      source.add("\(key).caption.txt", "about \(key)")
    }
    let (_, samples) = try source.prepared()
    #expect(samples["s1.image.jpg"]?.captions == ["about s1"])
  }

  /// Where there are no other captions, a few texts are captions too, and the photos without count.
  @Test func textsBesideAFewPhotos() throws {
    try source.addPhotos(named: (0..<6).map { "\($0).jpg" })
    source.add("1.txt", "about one")
    source.add("2.txt", "about two")
    let (report, samples) = try source.prepared(bad: 1)
    #expect(samples.count == 2 && report.problems.count == 4 && report.passedOver.isEmpty)
  }

  /// Classes and boxes beside photos, as YOLO has them, do not become captions of a set that has others.
  @Test func boxesBesidePhotos() throws {
    try source.addPhotos(named: ["a.jpg", "b.jpg"])
    source.add("a.txt", "0 0.5 0.5 0.2 0.2\n")
    source.add("b.txt", "3 0.1 0.5 0.2 0.2\n")
    #expect(throws: PreparationError.self) { try source.prepared() }
    source.add("captions.csv", TestSource.table(["a.jpg", "b.jpg"]))
    let (report, samples) = try source.prepared()
    #expect(samples["a.jpg"]?.captions == ["about a.jpg"])
    #expect(
      report.passedOver == ["2 files beside photos (a.txt, …): holds “0 0.5 0.5 0.2 0.2” and the like, no captions"])
  }

  /// img2dataset's tar: photo, text and JSON of one key; and the shards of a prepared set, which have all captions in the JSON.
  @Test func shardsOfOthersAndOfOurOwn() throws {
    for key in ["000000000", "000000001"] {
      try source.addPhotos(named: [key + ".jpg"])
      source.add(key + ".txt", "about \(key)")
      source.add(key + ".json", #"{"caption": "about \#(key)", "key": "\#(key)", "status": "success", "exif": "{}"}"#)
    }
    source.files.sort { $0.name < $1.name }
    var request = source.request(try source.tar("00000.tar"), bad: 0)
    let report = try prepare(request)
    #expect(report.captionCounts.map(\.captions) == [1] && report.splits.reduce(0) { $0 + $1.photos } == 2)

    source.files = []
    try source.addPhotos(6)
    request.source = try source.zip()
    request.output = source.path("first")
    try prepare(request)
    let set = try PreparedDataSet(path: request.output)
    request.source = .archives(set.manifest.shards.map { request.output + "/" + $0.file })
    request.output = source.path("again")
    let again = try prepare(request)
    #expect(
      again.splits.map { "\($0.name) \($0.photos) \($0.captions)" } == ["train 4 8", "validation 1 2", "test 1 2"])
  }
}
