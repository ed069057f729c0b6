import Batching
import Files
import Preparation
import Reporting
import Testing

/// Which of several files are the captions, and what the terminal says about it.
@Suite struct ChoosingTests {
  let source: TestSource
  private let names = (0..<6).map { "\($0).jpg" }

  init() throws {
    source = try TestSource()
    try source.addPhotos(named: names)
  }

  private func rows(_ text: (Int) -> String) -> String { names.indices.map { "\($0).jpg,\(text($0))\n" }.joined() }

  /// What a table says about itself decides, and never the length of its path.
  @Test(arguments: [
    ("labels.csv", "0.jpg,0\n1.jpg,1\n2.jpg,2\n", "holds “0” and the like"),
    ("a.csv", "image,text\n0.jpg,\"[1, 2, 3, 4]\"\n1.jpg,\"[5, 6, 7, 8]\"\n", "column text holds “[1, 2, 3, 4]”"),
    (
      "b.csv", "image,caption\n0.jpg,http://example.org/a dog\n1.jpg,https://example.org/1\n2.jpg,s3://b/2\n",
      "s3://b/2"
    ),
    ("c.csv", "image,caption\n0.jpg,masks/0.png\n1.jpg,masks/1.png\n", "masks/0.png"),
    ("d.csv", "0.jpg,n01440764\n1.jpg,n01443537\n", "n01440764"),
  ])
  func numbersBoxesAndAddressesAreNoCaptions(name: String, text: String, words: String) throws {
    source.add("a/long/way/down/to/captions.csv", TestSource.table(names))
    source.add(name, text)
    let (report, samples) = try source.prepared()
    #expect(samples.count == 6 && samples.allSatisfy { $1.captions == ["about \($0)"] })
    #expect(report.captionSources.map(\.file) == ["a/long/way/down/to/captions.csv"])
    let passedOver = report.passedOver.filter { $0.hasPrefix(name + ":") }
    #expect(passedOver.count == 1 && report.passedOver.joined().contains("no captions"))
    #expect(report.summary(output: "x").contains("passed over: \(name): "))
    if words != "s3://b/2" { #expect(passedOver.joined().contains(words)) }
  }

  /// Nothing but numbers is no set of captions, unless the caller says so.
  @Test func numbersAloneAreRefused() throws {
    source.add("labels.csv", rows { "\($0 % 3)" })
    let error = #expect(throws: PreparationError.self) { try source.prepared() }
    #expect(error?.exitCode == .missingInput && error?.description.contains("labels.csv") == true)
    #expect(error?.description.contains("“0” and the like") == true)
    let (_, samples) = try source.prepared { $0.captions = [source.path("folder/labels.csv")] }
    #expect(samples["4.jpg"]?.captions == ["1"])
  }

  @Test func theHeadingThatSaysMostIsTaken() throws {
    source.add("a.csv", "image,title\n" + rows { "a title \($0)" })
    source.add("b_much_longer_name.csv", "image,caption\n" + rows { "a caption \($0)" })
    source.add("c.csv", rows { "words without a heading \($0)" })
    let (report, samples) = try source.prepared()
    #expect(samples["3.jpg"]?.captions == ["a caption 3"])
    #expect(report.captionSources.map(\.file) == ["b_much_longer_name.csv", "a.csv", "c.csv"])
    #expect(report.summary(output: "x").contains("passed over: a.csv, CSV: it differs: 6 photos have other captions"))
  }

  /// In one table the column with words is taken, and the columns that are not read are named.
  @Test func theColumnWithWordsIsTaken() throws {
    source.add(
      "data.csv",
      "id,file,text,description,score\n"
        + names.indices.map { "7\($0),\($0).jpg,\($0),a cat \($0),0.5\n" }.joined())
    let (report, samples) = try source.prepared()
    #expect(samples["2.jpg"]?.captions == ["a cat 2"])
    #expect(report.notes.contains("data.csv: not read: columns id, text, score"))
  }

  /// Of JSON records the keys are named, and those that have others are counted.
  @Test func theKeysOfRecordsAreSaid() throws {
    let record = { (number: Int) in
      number < 5
        ? #"{"file_name": "\#(number).jpg", "text": "no \#(number)", "tag": 1}"#
        : #"{"image": "\#(number).jpg", "caption": "no \#(number)"}"#
    }
    source.add("metadata.jsonl", names.indices.map { record($0) + "\n" }.joined())
    let (report, samples) = try source.prepared()
    #expect(
      samples.count == 6 && report.notes[0] == "metadata.jsonl: 1 records have other keys (first: image and caption)")
    let words = "captions: metadata.jsonl, JSON records, photo in key file_name, caption in key text\n"
    #expect(report.summary(output: "x").contains(words))
  }

  @Test(arguments: [["part1.csv", "part2.csv"], ["a/captions.csv", "b/captions.csv"], ["x.tsv", "y.tsv"]])
  func partsAreOne(files: [String]) throws {
    source.add(files[0], TestSource.table(Array(names[..<4])))
    source.add(files[1], TestSource.table(Array(names[3...])))
    let (report, samples) = try source.prepared()
    #expect(samples.count == 6 && samples["3.jpg"]?.captions == ["about 3.jpg"], "what both say counts once")
    #expect(report.captionSources.map(\.file) == [files.joined(separator: ", ")] && report.captionSources[0].rows == 7)
    #expect(report.summary(output: "x").contains("captions: \(files[0]), \(files[1])"))
  }

  /// Sentences come before classes, titles and splits, whatever the layout of these.
  @Test(arguments: [
    (
      "labels.json",
      #"{"0.jpg": "dog", "1.jpg": "cat", "2.jpg": "dog", "3.jpg": "cat", "4.jpg": "dog", "5.jpg": "cat"}"#
    ),
    ("photos.json", #"[{"id": "0.jpg", "title": "DSC_1"}, {"id": "1.jpg", "title": "DSC_2"}]"#),
    ("splits.tsv", "0.jpg\ttrain\n1.jpg\ttrain\n2.jpg\ttrain\n3.jpg\tval\n4.jpg\tval\n5.jpg\ttest\n"),
    ("classes.csv", "image,caption\n0.jpg,dog\n1.jpg,cat\n2.jpg,dog\n3.jpg,cat\n4.jpg,dog\n5.jpg,cat\n"),
  ])
  func sentencesComeBeforeWhateverElse(name: String, text: String) throws {
    source.add(name, text)
    for kind in ["image,description", "image,caption", "beside"] {
      source.files.removeAll { $0.name == "long/captions.csv" || $0.name.hasSuffix(".txt") }
      if kind == "beside" {
        for name in names { source.add(name.dropLast(3) + "txt", "a dog on a bench \(name)\n") }
      } else {
        source.add("long/captions.csv", kind + "\n" + rows { "a dog on a bench \($0).jpg" })
      }
      let (report, samples) = try source.prepared()
      #expect(samples.count == 6 && samples.allSatisfy { $1.captions == ["a dog on a bench \($0)"] }, "\(kind)")
      #expect(report.splitSource.contains("splits.tsv") == (name == "splits.tsv"))
    }
  }

  /// A form to be filled is no part of the captions.
  @Test func submissionsAreNoParts() throws {
    source.add("train.csv", TestSource.table(Array(names[..<5])))
    source.add("sample_submission.csv", "image,caption\n5.jpg,placeholder text\n")
    let (report, samples) = try source.prepared(bad: 1)
    #expect(samples.count == 5 && report.problems.map(\.kind) == [.missingCaption])
  }

  /// Files of an archive can be named as well.
  @Test func oneOfTwoInAnArchive() throws {
    source.add("t/captions_de.csv", "image,caption\n" + rows { "ein Hund \($0)" })
    source.add("t/captions_en.csv", "image,caption\n" + rows { "a dog \($0)" })
    var request = source.request(try source.zip(), bad: 0)
    #expect(throws: PreparationError.self) { try prepare(request) }
    request.captions = ["t/captions_en.csv"]
    let report = try prepare(request)
    #expect(report.captionSources.map(\.file) == ["t/captions_en.csv", "t/captions_de.csv"])
  }

  /// Classes of one word beside sentences, neither with a heading.
  @Test func sentencesComeBeforeClasses() throws {
    source.add("a.csv", rows { ["dog", "cat"][$0 % 2] })
    source.add("b.csv", rows { "a dog on a bench \($0)" })
    let (report, samples) = try source.prepared()
    #expect(samples["1.jpg"]?.captions == ["a dog on a bench 1"])
    #expect(report.captionSources.map(\.file) == ["b.csv", "a.csv"] && report.captionSources[1].agrees == false)
  }

  @Test func aCopyAddsNothing() throws {
    source.add("captions.csv", TestSource.table(names))
    source.add("old/captions.csv", TestSource.table(Array(names[..<4])))
    let (report, samples) = try source.prepared()
    #expect(samples.count == 6 && report.captionSources.map(\.file) == ["captions.csv", "old/captions.csv"])
    #expect(report.captionSources[1].difference == "2 photos are only in captions.csv")
  }

  /// Two that differ are for the caller to choose from; both may be meant.
  @Test func languagesAsk() throws {
    source.add("captions_de.csv", "image,caption\n" + rows { "ein Hund \($0)" })
    source.add("captions_en.csv", "image,caption\n" + rows { "a dog \($0)" })
    let error = #expect(throws: PreparationError.self) { try source.prepared() }
    let words = error?.description ?? ""
    #expect(error?.exitCode == .badData)
    for part in ["captions_de.csv", "captions_en.csv", "6 photos", "0.jpg", "--captions FILE"] {
      #expect(words.contains(part), "\(words)")
    }
    let one = try source.prepared { $0.captions = [source.path("folder/captions_en.csv")] }
    #expect(one.samples["1.jpg"]?.captions == ["a dog 1"])
    #expect(one.report.captionSources.map(\.file) == ["captions_en.csv", "captions_de.csv"])
    let both = try source.prepared { request in
      request.captions = ["de", "en"].map { source.path("folder/captions_\($0).csv") }
    }
    #expect(both.samples["1.jpg"]?.captions == ["ein Hund 1", "a dog 1"])
  }

  /// Languages without spaces between words have sentences as well.
  @Test func everyLanguageHasSentences() throws {
    source.add("captions_en.csv", "image,caption\n" + rows { "a dog \($0)" })
    source.add("captions_zh.csv", "image,caption\n" + rows { "一只狗坐在长椅上\($0)号" })
    #expect(throws: PreparationError.self) { try source.prepared() }
    source.files.removeAll { $0.name == "captions_en.csv" }
    #expect(throws: Never.self) { try source.prepared() }
  }

  /// A table of other things, whose heading would do, is not taken before one that names the photos.
  @Test func captionsNamePhotos() throws {
    source.add("authors.csv", "name,text\nAlice,writes about dogs\nBob,writes about cats\n")
    source.add("captions.txt", rows { "a dog on a bench \($0)" })
    let (report, samples) = try source.prepared()
    #expect(samples.count == 6 && report.captionSources.map(\.file) == ["captions.txt", "authors.csv"])
  }

  /// The file's own name says the split before the folders do that everything lies in.
  @Test func theNameNearestToTheFileSaysTheSplit() throws {
    source.add("my_test/annotations/train.csv", TestSource.table(Array(names[..<4])))
    source.add("my_test/annotations/val.csv", TestSource.table(Array(names[4...])))
    let (_, samples) = try source.prepared()
    #expect(samples["0.jpg"]?.split == "train" && samples["5.jpg"]?.split == "validation")
  }

  @Test func partsThatDifferInWhiteSpaceAgree() throws {
    source.add("part1.csv", "image,caption\n" + rows { "a  dog \($0)" })
    source.add("part2.csv", "image,caption\n" + rows { "a dog \($0)" })
    let (_, samples) = try source.prepared()
    #expect(samples["0.jpg"]?.captions == ["a  dog 0"])
  }

  @Test func columnsOfLanguagesAsk() throws {
    source.add("c.csv", "image,caption_de,caption_en\n" + rows { "ein Hund \($0),a dog \($0)" })
    let error = #expect(throws: PreparationError.self) { try source.prepared() }
    #expect(error?.description.contains("“caption_de”, “caption_en” all look like captions") == true)
    let (_, samples) = try source.prepared { $0.captionTable.columns = .init("image,caption_en") }
    #expect(samples["1.jpg"]?.captions == ["a dog 1"])
  }

  /// Flickr8k brings its captions a second time, word by word as they stand in a dictionary.
  @Test func lemmasAreNotTaken() throws {
    source.add("Flickr8k.lemma.token.txt", names.map { "\($0)#0\ta dog run \($0)\n" }.joined())
    source.add("Flickr8k.token.txt", names.map { "\($0)#0\tA dog runs , \($0)\n" }.joined())
    let (report, samples) = try source.prepared()
    #expect(samples["1.jpg"]?.captions == ["A dog runs , 1.jpg"])
    #expect(report.captionSources.map(\.file) == ["Flickr8k.token.txt", "Flickr8k.lemma.token.txt"])
  }

  /// What cannot be looked into is named, and other files are counted.
  @Test func whatIsPassedOverIsNamed() throws {
    source.add("captions.csv", TestSource.table(names))
    source.add("train.parquet", "PAR1")
    source.add("more/photos.zip", "PK")
    source.add("notes.docx", "x")
    source.add("boxes.xml", "<x/>")
    source.add("stats.json", "{\"count\": 6}")
    let (report, _) = try source.prepared()
    let words = report.summary(output: "x")
    for part in [
      "train.parquet: a table", "more/photos.zip: an archive", "2 files of other kinds (.docx, .xml)", "stats.json",
    ] {
      #expect(words.contains(part), "\(words)")
    }
    source.files.removeAll { $0.name.hasSuffix(".jpg") }
    let error = #expect(throws: PreparationError.self) { try source.prepared() }
    #expect(error?.exitCode == .missingInput && error?.description.contains("more/photos.zip: an archive") == true)
  }
}
