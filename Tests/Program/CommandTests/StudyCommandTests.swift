import Files
import Foundation
import Preparation
import Scenes
import TestSupport
import Testing

@Suite struct StudyCommandTests {
  private let place: TemporaryDirectory
  private var plan: String { place("plan.yaml") }

  init() throws {
    place = try TemporaryDirectory()
    try writeScenes(
      to: place("scenes.zip"), settings: SceneSettings(train: 24, validation: 8, test: 8, imageSize: 32))
    var request = PreparationRequest(
      source: .archive(path: place("scenes.zip")), output: place("scenes"), threads: 2)
    request.tokenizer = .train(vocabularySize: 560)
    try prepare(request)
    try write()
  }

  private func write(_ old: String = "\u{0}", _ new: String = "") throws {
    let text = """
      name: toy
      base:
        data.path: \(place("scenes"))
        batch.global: 8
        schedule: {steps: 12, warmup_steps: 2}
        evaluation.split: none
        checkpoint.every_steps: 3
      seeds: [0, 1]
      stages:
        - {name: first, set: {schedule.steps: 6}}
      variants:
        - {name: plain}
        - {name: begun, from: first, differs: [samples, operations], set: {optimizer.learning_rate: 2e-3}}
      measure:
        split: test
        figures: [text_to_image.r5, image_to_text.r5]
      """
    try writeAtomically(text.replacing(old, with: new).utf8, to: plan)
  }

  private func start(_ output: String) throws -> RunningProcess {
    try RunningProcess(Program.path, ["study", plan, "--output", place(output), "--threads", "1"])
  }

  private func result(_ output: String) throws -> [UInt8] { try readFile(place(output + "/study.json")) }

  /// Killed at ten moments, drawn anew from one seed: the same study.json, byte for byte.
  @Test func killedAtTenMomentsItIsTheSame() throws {
    let whole = try start("whole").wait(timeout: 300)
    #expect(whole.status == 0, "\(whole.errors)")
    var random = SystemlessRandom(state: 20)
    for _ in 0..<10 {
      let process = try start("pieces")
      Thread.sleep(forTimeInterval: 0.2 + 1.5 * random.next())
      process.send(SIGKILL)
      _ = try process.wait()
    }
    let end = try start("pieces").wait(timeout: 300)
    #expect(end.status == 0, "\(end.errors)")
    #expect(try result("pieces") == result("whole"))
    let page = try String(decoding: readFile(place("pieces/study.html")), as: UTF8.self)
    #expect(page.contains("<title>Study: toy</title>") && page.contains("text_to_image.r5: less the baseline"))
    #expect(page.contains("<polygon class=\"line0 band\"") && !page.contains("<script>"))
    let shown = try #require(page.firstMatch(of: /<script type="application\/json">(.*)<\/script>/)).1
    #expect(
      try JSONSerialization.jsonObject(with: Data(shown.utf8)) as? NSDictionary
        == JSONSerialization.jsonObject(with: Data(result("whole"))) as? NSDictionary)
    let report = try Program.run("report", place("pieces"), "--json")
    #expect(try report.exitCode == 0 && Array(report.output.utf8) == result("whole"))
    // What is there is not made again.
    let again = try start("pieces").wait(timeout: 60)
    #expect(again.status == 0 && again.output == end.output)
    #expect(try readFile(place("pieces/costs.json")) != [])
  }

  @Test func askedToStopItGoesOnLater() throws {
    let process = try start("asked")
    let log = place("asked/runs")
    while process.isRunning, !((try? directoryEntries(log))?.contains { $0.hasSuffix(".log") } ?? false) {
      usleep(20_000)
    }
    usleep(500_000)
    process.send(SIGINT)
    let stopped = try process.wait(timeout: 120)
    #expect(stopped.status == 75, "\(stopped.errors)")
    #expect(stopped.errors.contains("the same command goes on where it stopped"))
    #expect(!stopped.errors.contains("failed"), "what was asked to stop has not failed: \(stopped.errors)")
    #expect(try String(decoding: result("asked"), as: UTF8.self).contains("not there yet"))
    #expect(try start("asked").wait(timeout: 300).status == 0)
    #expect(try !String(decoding: result("asked"), as: UTF8.self).contains("not there yet"))
  }

  @Test func whatIsWrongIsSaidBeforeAnythingIsMade() throws {
    for (old, new, code, words) in [
      ("name: toy", "nam: toy", 78, "unknown key nam"),
      ("steps: 12", "step: 12", 78, "did you mean schedule.steps?"),
      ("from: first, differs: [samples, operations]", "from: first", 78, "begun sees"),
      ("split: test", "split: tests", 78, "has no split tests"),
      (place("scenes"), place("none"), 66, "none"),
    ] {
      try write(old, new)
      let result = try Program.run("study", plan, "--output", place("wrong"))
      #expect(result.exitCode == code && result.errors.contains(words), "\(new): \(result.exitCode) \(result.errors)")
      #expect(!fileExists(place("wrong")))
    }
    let missing = try Program.run("study", place("other.yaml"))
    #expect(missing.exitCode == 66 && missing.errors.contains("other.yaml"))
  }

  @Test func whatFailsIsListedAndTheRestGoesOn() throws {
    try write("optimizer.learning_rate: 2e-3", "optimizer.learning_rate: 2e-3, model.reparameterize: false")
    try write("[text_to_image.r5, image_to_text.r5]", "[text_to_image.r6]")
    let result = try Program.run("study", plan, "--output", place("failing"), "--threads", "1")
    #expect(result.exitCode == 78, "\(result.errors)")
    #expect(result.output.contains("the evaluation says no text_to_image.r6; did you mean text_to_image.r1?"))
    #expect(result.errors.contains("4 of 6 runs failed"))
    // Another study is not written over.
    try write("name: toy", "name: other")
    let other = try Program.run("study", plan, "--output", place("failing"))
    #expect(other.exitCode == 73 && other.errors.contains("holds the study toy, not other"))
  }

  @Test func aDryRunShowsWhatWouldBeTrained() throws {
    let text = try Program.run("study", plan, "--output", place("dry"), "--dry-run")
    #expect(text.exitCode == 0 && text.output.contains("toy: 6 runs, 2 variants, seeds 0, 1"))
    #expect(text.output.contains("first (stage)") && text.output.contains("plain (baseline)"))
    #expect(!fileExists(place("dry")))
    let json = try Program.run("study", plan, "--output", place("dry"), "--dry-run", "--json")
    let document = try JSONSerialization.jsonObject(with: Data(json.output.utf8)) as? [String: Any]
    #expect((document?["runs"] as? [Any])?.count == 6)
  }

  /// All train equally long: more steps of what is quicker, found once and kept.
  @Test func equalTime() throws {
    try write("schedule: {steps: 12, warmup_steps: 2}", "schedule: {warmup_steps: 2}")
    let text = try String(decoding: readFile(plan), as: UTF8.self)
      .replacing("from: first, differs: [samples, operations], ", with: "")
      .replacing("seeds: [0, 1]", with: "seeds: [0]\nseconds: 1").replacing(", set: {schedule.steps: 6}", with: "")
    try writeAtomically(text.utf8, to: plan)
    let result = try Program.run("study", plan, "--output", place("timed"), "--threads", "1")
    #expect(result.exitCode == 0, "\(result.errors)")
    #expect(fileExists(place("timed/paces.json")))
    let first = try self.result("timed")
    #expect(try Program.run("study", plan, "--output", place("timed"), "--threads", "1").exitCode == 0)
    #expect(try self.result("timed") == first)
  }
}

/// Numbers from 0 to 1, the same in every run of the tests.
private struct SystemlessRandom {
  var state: UInt64

  mutating func next() -> Double {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return Double(state >> 33) / Double(UInt64(1) << 31)
  }
}
