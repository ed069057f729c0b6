import Batching
import Files
import Foundation
import Preparation
import TestSupport
import Testing

/// Caption files as they come from elsewhere: COCO, JSON lines, tables with and without a heading.
@Suite struct CaptionFormTests {
  private func read(_ text: String, _ path: String, _ choice: CaptionTableChoice = .init()) throws -> CaptionFile {
    try captionFile(Array(text.utf8), path: path, choice: choice)
  }

  @Test func aDamagedAnnotationCostsOneAnnotation() throws {
    let file = try read(
      """
      {"info": {}, "images": [{"id": 7, "file_name": "a.jpg", "width": 3}, {"id": 8, "file_name": "b.jpg"},
        {"id": 7, "file_name": "c.jpg"}, {"id": 7, "file_name": "a.jpg"}, {"file_name": "d.jpg"}, {"id": 9, "file_name": ""}],
       "annotations": [
        {"id": 1, "image_id": 7, "caption": "One ."}, {"id": 2, "image_id": 7, "caption": 5}, {"id": 3, "image_id": 99,
        "caption": "whose?"}, {"id": 4, "image_id": 8, "caption": " "}, "text", {"id": 1, "image_id": 8, "caption": "again"},
        {"id": 5, "image_id": 7, "caption": "Two\\nlines."}, {"id": 6, "caption": "no image"}, {"id": 7, "image_id": 8,
        "caption": null}, {"id": 8, "image_id": 8, "caption": "last"}]}
      """, "captions_val2014.json")
    #expect(file.names == ["a.jpg", "b.jpg"])
    #expect(file["a.jpg"]?.captions == ["One .", "Two\nlines."] && file["b.jpg"]?.captions == ["last"])
    let found = file.problems.map {
      "\($0.kind.rawValue) \($0.place ?? "")".replacingOccurrences(of: "captions_val2014.json: ", with: "")
    }
    #expect(
      found == [
        "damaged_row images[2]", "damaged_row images[4]", "damaged_row images[5]", "damaged_row annotations[1]",
        "unknown_image annotations[2]", "empty_caption annotations[3]", "damaged_row annotations[4]",
        "repeated_number annotations[5]", "damaged_row annotations[7]", "damaged_row annotations[8]",
      ])
    #expect(file.problems[3].detail == "key caption has the wrong type")
    #expect(file.problems[0].detail.contains("7") && file.problems[0].detail.contains("a.jpg"))
  }

  @Test func boxesAreNoCaptions() throws {
    let boxes =
      #"{"images": [{"id": 1, "file_name": "a.jpg"}], "annotations": [{"id": 1, "image_id": 1, "bbox": [1]}]}"#
    let error = #expect(throws: PreparationError.self) { try read(boxes, "instances_val2014.json") }
    #expect(error?.description.contains("none of its annotations is a caption") == true)
  }

  @Test(arguments: [
    "{\"images\": [{\"id\": 1,", "{\"annotations\": 5}", "{\"images\": 1, \"annotations\": []}", "[1, 2]", "[", "{}{}",
  ])
  func otherJSONIsRefused(text: String) {
    #expect(throws: PreparationError.self) { try read(text, "x.json") }
  }

  @Test func jsonLines() throws {
    let file = try read(
      """
      \u{FEFF}{"image": "a.jpg", "caption": "One .", "split": "val"}\r
      {"file_name": "b.jpg", "captions": ["Two .", "Three ."]}

      {"image": "c.jpg"}
      {"image": "c.jpg", "caption": 3}
      {"image": "c.jpg", "caption": "open
      {"image": "", "caption": "x"}
      {"image": "d.jpg", "text": "Last \\u00e9 \\"quoted\\"."}
      """, "captions.jsonl")
    #expect(file.layout == .records && file.names == ["a.jpg", "b.jpg", "d.jpg"])
    #expect(file["a.jpg"]?.splits == ["val"] && file["b.jpg"]?.captions == ["Two .", "Three ."])
    #expect(file["d.jpg"]?.captions == ["Last é \"quoted\"."])
    #expect(file.problems.map(\.place) == [4, 5, 6, 7].map { "captions.jsonl:\($0)" })
    #expect(
      try read("{\"image\": \"a.jpg\", \"caption\": \"x\"}\n{\"image\": \"b.jpg\", \"caption\": \"y\"}\n", "a.json")
        .names.count == 2)
  }

  @Test func aListOfRecords() throws {
    let file = try read(
      #"[{"image": "val2014/a.jpg", "caption": ["one", "two"], "image_id": 3}, {"caption": "x"}, 5]"#, "coco_val.json")
    #expect(file["val2014/a.jpg"]?.captions == ["one", "two"])
    #expect(file.problems.map(\.place) == ["coco_val.json: [1]", "coco_val.json: [2]"])
  }

  /// The delimiter is found out, whatever it is; every form gives the same captions.
  @Test(
    arguments: [
      ("image,caption\n", ",", "comma"), ("image\tcaption\n", "\t", "tab"), ("filename;text\n", ";", "semicolon"),
      ("file|title\n", "|", "bar"), ("", "\t", "tab"), ("", ",", "comma"), ("", ";", "semicolon"), ("", "|", "bar"),
      ("id\tfilepath\ttitle\n", "\t", "tab"),
    ])
  func delimitersAreSniffed(heading: String, delimiter: String, name: String) throws {
    let prefix = heading.hasPrefix("id") ? "1" + delimiter : ""
    let rows = [("a.jpg", "A dog runs"), ("b.jpg", "Two cats"), ("a.jpg", "It barks")]
    for ending in ["\n", "\r\n", "\r"] {
      let text = (heading + rows.map { prefix + $0.0 + delimiter + $0.1 + "\n" }.joined())
        .replacingOccurrences(of: "\n", with: ending)
      let file = try read(text, "table.csv")
      #expect(file.problems.isEmpty && file.names == ["a.jpg", "b.jpg"])
      #expect(file["a.jpg"]?.captions == ["A dog runs", "It barks"])
      #expect(file.reading.delimiter?.rawValue == name)
      #expect(file.reading.firstPhoto == "a.jpg" && file.reading.firstCaption == "A dog runs")
      #expect(file.reading.columns.isEmpty == heading.isEmpty)
    }
  }

  @Test func rowsWithoutAHeading() throws {
    let tabs = try read("a.jpg\tA \"big\" dog, with a\ttab\nb.jpg\t\"quoted\" first\nnothing\n", "captions.tsv")
    #expect(
      tabs["a.jpg"]?.captions == ["A \"big\" dog, with a\ttab"] && tabs["b.jpg"]?.captions == ["\"quoted\" first"])
    #expect(tabs.problems.map(\.place) == ["captions.tsv:3"])
    let numbered = try read("a.jpg|0|One\na.jpg|1|Two | more\n", "results.txt")
    #expect(numbered["a.jpg"]?.captions == ["One", "Two | more"])
    let commas = try read("a.jpg,\"One, two\"\nb.jpg,three, four\nc.jpg,\"l1\nl2\"\n", "c.csv")
    #expect(commas["a.jpg"]?.captions == ["One, two"] && commas["c.jpg"]?.captions == ["l1\nl2"])
    #expect(commas.problems.map(\.place) == ["c.csv:2"])
    #expect(commas.problems[0].detail.contains("must stand in double quotes"))
  }

  /// What is said of a table that is not understood is true of it.
  @Test(arguments: [
    (
      "a dog\ta.jpg\nb cat\tb.jpg\n",
      "“a.jpg” is the name of a photo, but nothing tells which of the others is its caption"
    ),
    ("url\twords\nhttp://x/a.jpg\tone\n", "none is the name of a photo"),
  ])
  func whyATableIsNotUnderstood(text: String, reason: String) throws {
    let error = #expect(throws: PreparationError.self) { try read(text, "odd.tsv") }
    #expect(error?.description.contains(reason) == true, "\(String(describing: error))")
  }

  @Test func theCallerMaySayHow() throws {
    let odd = "who;what;where\na.jpg;x,y;One\nb.jpg;z;Two\n"
    let error = #expect(throws: PreparationError.self) { try read(odd, "odd.csv") }
    let text = try #require(error?.description)
    #expect(text.contains("3 columns, “who”, “what”, “where”") && text.contains("semicolon"))
    #expect(text.contains("--caption-columns") && text.contains("--caption-delimiter"))
    for columns in ["who,where", "1,3", "WHO, 3"] {
      let file = try read(odd, "odd.csv", .init(columns: .init(columns)))
      #expect(file["a.jpg"]?.captions == ["One"] && file.names.count == 2 && file.reading.captionColumn == "where")
    }
    let bare = try read("One;a.jpg\nTwo;b.jpg\n", "bare.csv", .init(delimiter: .semicolon, columns: .init("2,1")))
    #expect(bare["b.jpg"]?.captions == ["Two"] && bare.reading.columns.isEmpty)
    let wrong = #expect(throws: PreparationError.self) {
      try read(odd, "odd.csv", .init(columns: .init("who,caption")))
    }
    #expect(wrong?.description.contains("none of them is “who” and another “caption”") == true)
    let tab = #expect(throws: PreparationError.self) {
      try read("image,caption\na.jpg,x\n", "a.csv", .init(delimiter: .tab))
    }
    #expect(tab?.description.contains("no tab is in its first line") == true)
    #expect(CaptionTableChoice.Columns("a") == nil && CaptionTableChoice.Columns("a,") == nil)
    #expect(CaptionTableChoice.Columns("a,a") == nil && CaptionTableChoice.Columns("a,b,b") == nil)
    #expect(CaptionTableChoice.Columns("a, b,c")?.captions == ["b", "c"])
  }

  @Test func otherEncodings() throws {
    let text = "image\tcaption\r\na.jpg\tcafé 🐕\r\n"
    for (mark, swaps) in [([0xFF, 0xFE], false), ([0xFE, 0xFF], true)] as [([UInt8], Bool)] {
      let units = text.utf16.flatMap { [UInt8(swaps ? $0 >> 8 : $0 & 255), UInt8(swaps ? $0 & 255 : $0 >> 8)] }
      let file = try captionFile(mark + units, path: "excel.txt")
      #expect(file["a.jpg"]?.captions == ["café 🐕"] && file.reading.conversion?.contains("UTF-16") == true)
      let odd = #expect(throws: PreparationError.self) { try captionFile(mark + units.dropLast(), path: "excel.txt") }
      #expect(odd?.description.contains("UTF-8") == true)
    }
    let lone = #expect(throws: PreparationError.self) { try captionFile([0xFF, 0xFE, 0x00, 0xD8], path: "x.csv") }
    #expect(lone?.description.contains("half a character") == true)
    let wide = #expect(throws: PreparationError.self) {
      try captionFile([0xFF, 0xFE, 0, 0, 1, 0, 0, 0], path: "x.csv")
    }
    #expect(wide?.description.contains("UTF-32") == true)
    let unmarked = #expect(throws: PreparationError.self) {
      try captionFile("image,caption\na.jpg,x\n".utf16.flatMap { [UInt8($0), 0] }, path: "x.csv")
    }
    #expect(unmarked?.description.contains("without a byte order mark") == true)
  }

  @Test func oneFileASplit() throws {
    let source = try TestSource()
    try source.addPhotos(4, list: false)
    source.files.removeLast()
    func coco(_ photos: [Int]) -> String {
      let images = photos.map { #"{"id": \#($0), "file_name": "\#(1000 + $0).jpg"}"# }
      let captions = photos.map { #"{"id": \#($0), "image_id": \#($0), "caption": "photo \#($0)"}"# }
      return #"{"images": [\#(images.joined(separator: ","))], "annotations": [\#(captions.joined(separator: ","))]}"#
    }
    source.add("annotations/captions_val2014.json", coco([2]))
    source.add("annotations/captions_train2014.json", coco([0, 1]))
    source.add(
      "annotations/instances_train2014.json", #"{"images": [], "annotations": [{"id": 1, "image_id": 0, "bbox": []}]}"#)
    var request = source.request(try source.zip(), bad: 0)
    let report = try prepare(request)
    #expect(report.splits.map(\.name) == ["train", "validation"] && report.splits.map(\.photos) == [2, 1])
    #expect(report.captionSources.map(\.layout) == ["COCO JSON"] && report.photosNotListed == 1)
    #expect(report.captionSources[0].file == "annotations/captions_train2014.json, annotations/captions_val2014.json")
    #expect(report.captionSources[0].rows == 3 && report.splitSource.contains("COCO JSON"))

    // A photo in both is in neither.
    source.files[4].bytes = Array(coco([2, 1]).utf8)
    request.source = try source.zip("both.zip")
    request.output = source.path("both")
    request.maximumBadFraction = 1
    let both = try prepare(request)
    #expect(both.problems.map(\.kind) == [.severalSplits] && both.problems[0].subject == "1001.jpg")

    // One of them alone says nothing about splits.
    source.files.remove(at: 4)
    request.source = try source.zip("alone.zip")
    request.output = source.path("alone")
    #expect(try prepare(request).splitSource.contains("seed 0"))
  }

  /// Half a million captions and more, as COCO has them, in reasonable time.
  @Test func manyCaptions() throws {
    var text = #"{"images": ["#
    text += (0..<12_000).map { #"{"license": 5, "file_name": "COCO_\#($0).jpg", "height": 360, "id": \#($0)}"# }.joined(
      separator: ", ")
    text += #"], "annotations": ["#
    text += (0..<60_000).map {
      #"{"image_id": \#($0 / 5), "id": \#($0), "caption": "A very clean and well decorated bathroom."}"#
    }.joined(separator: ", ")
    let file = try read(text + "]}", "captions_train2014.json")
    #expect(file.rows == 60_000 && file.problems.isEmpty && file["COCO_11999.jpg"]?.captions.count == 5)
  }
}

private let shared = sharedDirectory ?? "shared is not here"

@Suite(.enabled(if: fileExists(shared + "/data/coco-mini"), "the real photos are not here: set MMTRAIN_SHARED"))
struct COCOTests {
  @Test func realPhotosAndCaptions() throws {
    let source = try TestSource()
    let request = source.request(.folder(path: shared + "/data/coco-mini"), bad: 0)
    let report = try prepare(request)
    #expect(report.splits.reduce(0) { $0 + $1.photos } == 60 && report.problemCount == 0)
    #expect(report.captionSources.map(\.layout) == ["COCO JSON"])
    try PreparedDataSet(path: request.output).verify()
  }
}
