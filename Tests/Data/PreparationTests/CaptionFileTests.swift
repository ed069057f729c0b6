import Batching
import Preparation
import Testing

@Suite struct CaptionFileTests {
  private func read(_ text: String, _ path: String) throws -> CaptionFile {
    try captionFile(Array(text.utf8), path: path)
  }

  @Test func tokenFiles() throws {
    let file = try read(
      "\u{FEFF}b.jpg#1\tsecond\r\nb.jpg#0\t first \na.jpg#0\twith a\ttab\n\nc.jpg#0\t\nbroken\nd#x\ty\nb.jpg#1\tagain\n",
      "results_20130124.token")
    #expect(file.names == ["b.jpg", "a.jpg", "c.jpg"])
    #expect(file["b.jpg"]?.captions == ["first", "second"])
    #expect(file["a.jpg"]?.captions == ["with a\ttab"])
    #expect(file.rows == 7)
    #expect(file.problems.map(\.kind) == [.emptyCaption, .damagedRow, .damagedRow, .repeatedNumber])
    #expect(file.problems.map(\.place) == [5, 6, 7, 8].map { "results_20130124.token:\($0)" })
  }

  /// The copy of Flickr30k's results.csv in wide use has this row.
  @Test func theDamagedRowOfFlickr30k() throws {
    let file = try read(
      """
      image_name| comment_number| comment
      2199200615.jpg| 3| A small dog | with a bar | runs .
      2199200615.jpg| 4   A dog runs across the grass .
      2199637387.jpg| 0| The man with pierced ears is wearing glasses and an orange hat .
      """, "results.csv")
    #expect(file["2199200615.jpg"]?.captions == ["A small dog | with a bar | runs ."])
    #expect(file["2199637387.jpg"]?.captions.count == 1)
    #expect(file.problems.map(\.kind) == [.damagedRow])
    #expect(file.problems[0].place == "results.csv:3")
    #expect(file.problems[0].line.contains("2199200615.jpg"))
  }

  @Test func commaSeparatedFiles() throws {
    let file = try read(
      """
      image,caption
      a.jpg,"A dog, a ""big"" one ."
      a.jpg,"two
      lines"
      b.jpg,plain
      c.jpg,"never closed
      d.jpg,too,many
      e.jpg,"closed" early
      f.jpg,last
      """, "captions.txt")
    #expect(file["a.jpg"]?.captions == ["A dog, a \"big\" one .", "two\nlines"])
    #expect(file["b.jpg"]?.captions == ["plain"])
    #expect(file["f.jpg"]?.captions == ["last"])
    #expect(file.problems.map(\.place) == ["captions.txt:6", "captions.txt:7", "captions.txt:8"])
    #expect(file.problems.allSatisfy { $0.kind == .damagedRow })
  }

  @Test func otherHeadingsAndSeparators() throws {
    let tabs = try read("filename\tsplit\tcaption\nx.jpg\ttest\tit's here\n", "some.tsv")
    #expect(tabs["x.jpg"]?.captions == ["it's here"] && tabs["x.jpg"]?.splits == ["test"])
    let table = try read(
      "raw,sentids,split,filename,img_id\n\"[\"\"one\"\", \"\"two, too\"\"]\",\"[0, 1]\",val,y.jpg,0\n", "t.csv")
    #expect(table["y.jpg"]?.captions == ["one", "two, too"] && table["y.jpg"]?.splits == ["val"])
  }

  @Test func badText() throws {
    let bytes =
      Array("image,caption\na.jpg,caf".utf8) + [0xE9] + Array("\nb.jpg,nu".utf8) + [0] + Array("l\nc.jpg,ok\n".utf8)
    let file = try captionFile(bytes, path: "captions.txt")
    #expect(file.problems.map(\.kind) == [.badText, .badText])
    #expect(file.problems.map(\.place) == ["captions.txt:2", "captions.txt:3"])
    #expect(file["c.jpg"]?.captions == ["ok"])
    let long = try read(
      "image,caption\na.jpg," + String(repeating: "x", count: 1 << 20) + "\nb.jpg,ok\n", "captions.txt")
    #expect(long.problems.count == 1 && long["b.jpg"]?.captions == ["ok"])
  }

  @Test func karpathyJSON() throws {
    let file = try read(
      """
      {"dataset": "x", "images": [
        {"filename": "a.jpg", "imgid": 0, "sentids": [0], "split": "restval", "boxes": [[1, 2]],
         "sentences": [{"raw": "One .", "tokens": ["one"]}, {"tokens": ["two", "words"]}]},
        {"split": "train"}, {"filename": "a.jpg"}, {"filename": "b.jpg", "split": "val", "sentences": [{"raw": " "}]},
        {"filename": "c.jpg", "sentences": 3}
      ]}
      """, "dataset.json")
    #expect(file["a.jpg"]?.captions == ["One .", "two words"])
    #expect(file["a.jpg"]?.details == .object(["boxes": .array([.array([.integer(1), .integer(2)])])]))
    #expect(file["b.jpg"]?.splits == ["val"] && file["b.jpg"]?.details == nil)
    #expect(file.problems.map(\.kind) == [.damagedRow, .damagedRow, .emptyCaption, .damagedRow])
    #expect(file.problems[0].place == "dataset.json: images[1]")
  }

  @Test(arguments: ["{", "[]", "{\"images\": 3}", ""])
  func whatIsNoKarpathyJSON(text: String) {
    #expect(throws: PreparationError.self) { try read(text, "dataset.json") }
  }

  @Test func whatIsNoCaptionFileIsShown() throws {
    let error = #expect(throws: PreparationError.self) { try read("hello \u{1B}[2J|there\nx", "notes.csv") }
    let text = try #require(error?.description)
    #expect(text.contains("hello") && !text.contains("\u{1B}"))
  }

  @Test(
    arguments: [
      ("train.txt", "train"), ("val.txt", "validation"), ("Flickr_8k.devImages.txt", "validation"),
      ("Flickr_8k.testImages.txt", "test"), ("Flickr_8k.trainImages.txt", "train"), ("flickr30k_test.txt", "test"),
      ("captions.txt", nil), ("README.txt", nil), ("contest.txt", nil), ("train.csv", nil),
    ] as [(String, String?)])
  func namesOfSplitLists(name: String, split: String?) {
    #expect(listedSplit(fileName: name) == split)
  }

  @Test func namesOfSplits() {
    #expect(
      ["Train", "restval", " val ", "dev", "test", "odd_one"].map { canonicalSplit($0) } == [
        "train", "train", "validation", "validation", "test", "odd_one",
      ])
    #expect(canonicalSplit("../x") == nil && canonicalSplit("") == nil)
  }
}
