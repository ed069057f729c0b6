import Files
import Foundation
import Scenes
import TestSupport
import Testing

/// `report` as a person or a script meets it.
@Suite struct ReportCommandTests {
  private let place: TemporaryDirectory

  init() throws {
    place = try TemporaryDirectory()
    let zip = place("scenes.zip")
    try writeScenes(to: zip, settings: SceneSettings(train: 24, validation: 5, test: 6, imageSize: 32))
    let prepared = try Program.run("prepare", "--archive", zip, "--output", place("scenes"))
    #expect(prepared.exitCode == 0, "\(prepared.errors)")
  }

  private func train(_ name: String, _ settings: String...) throws {
    let all = [
      "model.vision.image_size=32", "model.vision.patch_size=8", "model.vision.width=16", "model.text.width=16",
      "batch.global=12", "schedule.steps=2", "evaluation.split=none",
      "data.path=\(place("scenes"))",
    ]
    let result = try Program.run(
      Program.path,
      ["train", "--threads", "1", "--output", place(name)] + (all + settings).flatMap { ["--set", $0] })
    #expect(result.exitCode == 0, "\(result.errors)")
  }

  @Test func aSplitIsMeasuredAndShown() throws {
    try train("run", "model.name=clip", "model.embedding_width=16")
    let result = try Program.run(
      "report", place("run"), "--output", place("run.html"), "--json", "--data", place("scenes"), "--samples", "4")
    #expect(result.exitCode == 0, "\(result.errors)")
    let document = try JSONDecoder().decode(Document.self, from: Data(result.output.utf8))
    let measured = document.runs[0].measured
    #expect(measured.split == "test" && measured.maps.count == 3 && measured.shown.count == 2)
    #expect(measured.figures["text_to_image.r5"]?.interval?.count == 2)
    #expect(document.runs[0].start["processor"]?.isEmpty == false && document.runs[0].start["version"] != nil)
    let page = String(decoding: try readFile(place("run.html")), as: UTF8.self)
    #expect(page.contains("<h2>On the split test</h2>") && page.contains("Where it comes from"))
    #expect(page.components(separatedBy: "<section class=\"search\">").count == 9)
  }

  private struct Document: Decodable {
    struct Run: Decodable {
      let measured: Measured
      let start: [String: String]
    }
    struct Measured: Decodable {
      let split: String
      let figures: [String: Figure]
      let shown: [Shown]
      let maps: [Shown]
    }
    struct Figure: Decodable { let interval: [Double]? }
    struct Shown: Decodable {}
    let runs: [Run]
  }

  @Test(arguments: [
    (["RUN", "--json", "--split", "test"], 64, "--split is for a split that runs are measured on"),
    (["RUN", "--json", "--best"], 64, "--best is for a split"),
    (["RUN", "--json", "--data", "SET", "--samples", "0"], 64, "--samples must be from 1 to 100"),
    (["RUN", "--output", "PAGE", "--data", "SET", "--watch"], 64, "give one of them"),
    (["RUN", "--json", "--data", "SET", "--split", "tset"], 66, "no split tset; it has train, validation, test"),
    (["RUN", "--json", "--data", "SET"], 66, "has saved no weights yet"),
    (["RUN", "--json", "--data", "RUN"], 66, "RUN"),
  ])
  func mistakesAreSaidOnce(arguments: [String], code: Int, words: String) throws {
    let run = place("empty")
    try makeDirectory(run)
    try writeAtomically(
      Array((#"{"event":"start","step":0}"# + "\n" + #"{"event":"step","step":1,"loss":1}"# + "\n").utf8),
      to: run + "/metrics.jsonl")
    let filled = { (text: String) in
      text.replacing("RUN", with: run).replacing("SET", with: place("scenes")).replacing("PAGE", with: place("p.html"))
    }
    let result = try Program.run(Program.path, ["report"] + arguments.map(filled))
    #expect(result.exitCode == code && result.output.isEmpty, "\(result)")
    #expect(result.errors.contains(filled(words)), "\(result.errors)")
  }

  /// A set without what the run's task reads.
  @Test func aSetOfAnotherTaskIsRefused() throws {
    try train("boxes", "task.name=grounding", "model.name=fusion", "model.fusion.width=16", "model.fusion.layers=1")
    try writePhotos((0..<6).map { "\($0).jpg" }, in: place("photos"))
    let captions = (0..<6).map { "\($0).jpg,a photo" }.joined(separator: "\n")
    try writeAtomically(Array(("image,caption\n" + captions + "\n").utf8), to: place("captions.csv"))
    let prepared = try Program.run(
      "prepare", "--images", place("photos"), "--captions", place("captions.csv"), "--output", place("other"))
    #expect(prepared.exitCode == 0, "\(prepared.errors)")
    let result = try Program.run("report", place("boxes"), "--json", "--data", place("other"), "--split", "train")
    #expect(result.exitCode == 66 && result.errors.contains("boxes"), "\(result)")
  }
}
