import Batching
import Files
import Foundation
import Images
import Preparation
import Reporting
import TestSupport
import Testing

/// Photos that are broken, or made to break what reads them, on their way through the preparation.
@Suite struct HostilePhotoTests {
  let source: TestSource

  init() throws { source = try TestSource() }

  /// Bytes that no photo should have, with their reason codes.
  private func hostile() throws -> [(name: String, bytes: [UInt8], reason: Problem.Kind)] {
    let sound = try photo(1)
    let frame = try #require((0..<sound.count - 9).first { sound[$0] == 0xFF && sound[$0 + 1] == 0xC0 })
    func changed(_ change: (inout [UInt8]) -> Void) -> [UInt8] {
      var bytes = sound
      change(&bytes)
      return bytes
    }
    let bomb = changed { $0.replaceSubrange(frame + 5..<frame + 9, with: [255, 255, 255, 255]) }
    let hollow = changed { $0.replaceSubrange(frame + 5..<frame + 9, with: [0x10, 0, 0x10, 0]) }
    return [
      ("bomb.jpg", bomb, .tooManyPixels), ("hollow.jpg", hollow, .tooFewBytes),
      ("cut.jpg", Array(sound.dropLast(30)), .truncated),
      ("twelve.jpg", changed { $0[frame + 4] = 12 }, .unsupportedPicture),
      ("lossless.jpg", changed { $0[frame + 1] = 0xC3 }, .unsupportedPicture),
      ("scans.jpg", try scanBomb(20_000), .tooManyScans), ("empty.jpg", [], .notAPicture),
      ("page.jpg", Array("<!DOCTYPE html><p>404".utf8), .notAPicture),
      ("anim.jpg", Array("GIF89a.......".utf8), .notAPicture),
      ("web.jpg", Array("RIFF\u{1}\u{2}\u{3}\u{4}WEBPVP8 ".utf8), .truncated),
      ("png.jpg", [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A], .truncated),
    ]
  }

  /// A progressive file of one scan that comes again and again: legal, and endless work.
  private func scanBomb(_ repetitions: Int) throws -> [UInt8] {
    struct Goldens: Decodable {
      struct JPEG: Decodable { let name: String, jpeg: Data }
      let jpeg: [JPEG]
    }
    let goldens = try JSONDecoder().decode(
      Goldens.self, from: Data(contentsOf: URL(filePath: goldenDirectory + "/images.json")))
    let bytes = Array(try #require(goldens.jpeg.first { $0.name == "progressive" }).jpeg)
    let marks = (0..<bytes.count - 1).filter { bytes[$0] == 0xFF && [0xDA, 0xC4].contains(bytes[$0 + 1]) }
    let first = try #require(marks.first { bytes[$0 + 1] == 0xDA })
    let next = try #require(marks.first { $0 > first })
    return Array(bytes[..<next]) + (0..<repetitions).flatMap { _ in bytes[first..<next] } + bytes[next...]
  }

  private func addHostile() throws {
    try source.addPhotos(3)
    var captions = ""
    for file in try hostile() {
      source.add("set/images/" + file.name, bytes: file.bytes)
      captions += "\(file.name)#0\tsomething\n"
    }
    source.files[3].bytes += Array(captions.utf8)
    for place in 4...6 { source.files[place].name += ".old" }
  }

  @Test func everyReasonHasItsCode() throws {
    try addHostile()
    let folder = try source.folder()
    var request = source.request(folder)
    let start = ContinuousClock.now
    let report = try prepare(request)
    #expect(ContinuousClock.now - start < .seconds(20), "bombs cost no time")
    let wanted = Dictionary(uniqueKeysWithValues: try hostile().map { ($0.name, $0.reason) })
    #expect(Dictionary(uniqueKeysWithValues: report.problems.map { ($0.subject, $0.kind) }) == wanted)
    for (name, kind) in [("page", "HTML"), ("anim", "GIF"), ("web", "WebP"), ("png", "PNG"), ("empty", "empty")] {
      #expect(report.problems.first { $0.subject == name + ".jpg" }?.detail.contains(kind) == true)
    }

    // The quarantine has a line for each, and the source's files are as they were.
    let set = try PreparedDataSet(path: request.output)
    let lines = String(decoding: try #require(try set.sideFile("quarantine.jsonl")), as: UTF8.self).split(
      separator: "\n")
    let listed = try lines.map { try JSONDecoder().decode(Problem.self, from: Data($0.utf8)) }
    #expect(listed == report.problems)
    for file in source.files where file.name.hasSuffix(".jpg") {
      #expect(try readFile(source.path("folder/" + file.name)) == file.bytes)
      let problem = listed.first { $0.file == file.name }
      if let problem { #expect(problem.sha256 == sha256(file.bytes)) }
    }

    // Leniently, what can be shown in part is taken; bombs are not.
    request.acceptsDamagedPhotos = true
    request.output = source.path("lenient")
    let lenient = try prepare(request)
    let cut = lenient.problems.filter { $0.kind == .truncated }.map(\.subject)
    #expect(Set(cut) == ["png.jpg", "web.jpg"], "of these nothing can be shown")
    #expect(lenient.problems.contains { $0.kind == .tooManyPixels && $0.detail.contains("--max-megapixels") })
    #expect(lenient.acceptedDamage.contains { $0.subject == "cut.jpg" && $0.kind == .truncated })
  }

  /// A refusal leaves its reasons beside the place of the set, and a later success takes them away.
  @Test func theReportOfARefusal() throws {
    try addHostile()
    var request = source.request(try source.zip(), bad: 0.5)
    let error = #expect(throws: PreparationError.self) { try prepare(request) }
    let text = try #require(error?.description)
    #expect(error?.exitCode == .badData && text.contains("11 of 14 photos are unfit"))
    #expect(text.contains("prepared.report/report.html") && text.contains("captions were read from"))
    #expect(!fileExists(request.output))
    let folder = request.output + ".report"
    #expect(try directoryEntries(folder).sorted() == ["quarantine.jsonl", "report.html", "report.json"])
    let report = try JSONDecoder().decode(PreparationReport.self, from: Data(readFile(folder + "/report.json")))
    #expect(report.problemCount == 11)
    let page = String(decoding: try readFile(folder + "/report.html"), as: UTF8.self)
    #expect(page.contains("data:image/jpeg;base64,") && page.contains("too many pixels"))

    request.maximumBadFraction = 1
    try prepare(request)
    #expect(!fileExists(folder))
  }

  @Test func leaksMayBeRefused() throws {
    try source.addPhotos(6)
    source.files[5].bytes = source.files[0].bytes
    source.files[2].bytes = source.files[1].bytes
    var request = source.request(try source.zip(), bad: 0)
    let report = try prepare(request)
    #expect(report.duplicates.map(\.photoSplits) == [["train", "test"], ["train", "train"]], "leaks stand first")
    #expect(report.warnings.first?.contains("--fail-on-leaks") == true)
    let set = try PreparedDataSet(path: request.output)
    let page = String(decoding: try #require(try set.sideFile("report.html")), as: UTF8.self)
    #expect(page.contains("2 copies in more than one split") && page.contains("2 copies in one split"))
    request.failsOnLeaks = true
    request.output = source.path("strict")
    let error = #expect(throws: PreparationError.self) { try prepare(request) }
    #expect(error?.description.contains("1000.jpg in train, 1005.jpg in test") == true && error?.exitCode == .badData)
    #expect(!fileExists(request.output) && fileExists(source.path("strict.report/report.html")))
  }

  /// Names and captions with terminal codes and markup, through the program: neither stream nor page carries them.
  @Test(.enabled(if: fileExists(builtProgram), "the program is not built"))
  func hostileNamesThroughTheProgram() throws {
    let evil = "\u{1B}[31mred\u{1B}]0;title\u{7}<img src=x onerror=alert(1)>\u{202E}gpj.jpg"
    let script = "<script>alert('x')</script> \u{1B}[2J"
    try source.addPhoto(evil, seed: 3)
    try source.addPhoto("ok.jpg", seed: 4)
    source.add("\u{1B}[5mcut.jpg", bytes: Array(try photo(5).dropLast(30)))
    source.add(
      "captions.tsv",
      "\(evil)\t\(script)\n\u{1B}[5mcut.jpg\tcut\nok.jpg\tfine\n\u{1B}[1mgone.jpg\tx\nodd \u{1B}[7m row\n")
    let folder = try source.folder()
    guard case .folder(let path) = folder else { return }
    for limit in ["1", "0"] {
      let result = try run(
        builtProgram,
        ["prepare", "--images", path, "--output", source.path("out" + limit), "--max-bad-fraction", limit])
      #expect(result.status == (limit == "1" ? 0 : 65), "\(result.errors)")
      for text in [result.output, result.errors] {
        #expect(!text.unicodeScalars.contains { $0 == "\u{1B}" || $0 == "\u{7}" || $0 == "\u{202E}" })
      }
      #expect((result.output + result.errors).contains("\\u{1b}"))
      let page = String(
        decoding: try readFile(source.path(limit == "1" ? "out1/report.html" : "out0.report/report.html")),
        as: UTF8.self)
      #expect(!page.contains("<script") && !page.contains("<img src=x") && !page.contains("\u{1B}"))
      #expect(page.contains("&lt;script&gt;"))
    }
  }

  /// A wrong delimiter or heading, through the program: what was seen, and which options say it.
  @Test(.enabled(if: fileExists(builtProgram), "the program is not built"))
  func tablesThroughTheProgram() throws {
    try source.addPhoto("a.jpg", seed: 1)
    try source.addPhoto("b.jpg", seed: 2)
    guard case .folder(let path) = try source.folder() else { return }
    try source.write("who;what\na.jpg;One dog\nb.jpg;Two cats\n", to: "odd.csv")
    func prepare(_ output: String, _ more: String...) throws -> ProcessResult {
      let arguments = [
        "prepare", "--images", path, "--captions", source.path("odd.csv"), "--output", source.path(output),
      ]
      return try run(builtProgram, arguments + more)
    }
    let refused = try prepare("refused")
    #expect(refused.status == 65 && refused.errors.contains("2 columns, “who”, “what”"))
    #expect(refused.errors.contains("--caption-columns") && !fileExists(source.path("refused")))
    let taken = try prepare("taken", "--caption-columns", "who,what")
    #expect(taken.status == 0, "\(taken.errors)")
    #expect(taken.output.contains("semicolon between fields, 2 columns, photo in column who, caption in column what"))
    #expect(taken.output.contains("a.jpg → “One dog”"))
    #expect(try prepare("comma", "--caption-delimiter", "comma").status == 65)
    #expect(try prepare("usage", "--caption-delimiter", "colon").status == 64)
    #expect(try prepare("usage", "--caption-columns", "one").status == 64)
  }
}
