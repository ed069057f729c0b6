import Files
import Reporting
import Reports
import TestSupport
import Testing

/// What is told of a run from the lines that it wrote.
@Suite struct RunHistoryTests {
  private let place: TemporaryDirectory

  init() throws { place = try TemporaryDirectory() }

  private func history(_ lines: String) throws -> RunHistory {
    try writeAtomically(Array(lines.utf8), to: place("metrics.jsonl"))
    return try RunHistory(run: place(""))
  }

  private func step(_ step: Int, _ loss: String) -> String {
    #"{"event":"step","step":\#(step),"epoch":0,"loss":\#(loss),"losses":{"matching":\#(loss),"contrastive":1}}"# + "\n"
  }

  private let start = #"{"event":"start","step":0,"ranks":2,"blas_core":"Haswell","differences":["a","b"]}"# + "\n"
  private func start(after step: Int) -> String { #"{"event":"start","step":\#(step),"ranks":3}"# + "\n" }
  private let end = #"{"event":"end","step":2,"complete":true,"seconds":1.5}"# + "\n"

  private func values(_ history: RunHistory, _ name: String, _ part: String? = nil) -> [Double] {
    history.curves.first { $0.name == name && $0.part == part }?.points.map(\.mean) ?? []
  }

  @Test func numbersBecomeCurves() throws {
    let history = try history(
      start + step(1, "4") + step(2, "3.5")
        + #"{"event":"evaluation","step":2,"epoch":1,"r1":20,"image_to_text":{"r5":0.5},"texts":[{"name":"a","text":"b"}]}"#
        + "\n"
        + #"{"event":"ranks","step":2,"ranks":[{"rank":0,"data_seconds":0.1},{"rank":1,"data_seconds":0.3}]}"# + "\n"
        + end)
    #expect(values(history, "loss") == [4, 3.5] && values(history, "losses", "matching") == [4, 3.5])
    #expect(values(history, "evaluation: r1") == [20] && values(history, "evaluation: image to text", "r5") == [0.5])
    #expect(values(history, "ranks: data seconds", "rank 1") == [0.3])
    #expect(history.state == .complete && history.lastStep == 2 && history.seconds == 1.5 && history.starts == 1)
    #expect(history.start.map { "\($0.name) \($0.value)" } == ["ranks 2", "blas core Haswell", "differences a; b"])
    #expect(history.texts.map(\.text) == ["b"] && history.unreadLines == 0)
  }

  @Test func whatIsTakenAgainIsForgotten() throws {
    let history = try history(
      start + step(1, "4") + step(2, "3") + step(3, "9") + #"{"event":"warning","step":3,"text":"odd"}"# + "\n"
        + start(after: 2) + step(3, "2"))
    #expect(values(history, "loss") == [4, 3, 2] && history.incidents.isEmpty && history.starts == 2)
    #expect(history.state == .brokenOff && history.lastStep == 3)
  }

  @Test func aRunThatGoesOnIsRunning() throws {
    let lock = try DirectoryLock(place(""))
    #expect(try history(start + step(1, "4") + #"{"event":"st"#).state == .running)
    withExtendedLifetime(lock) {}
  }

  @Test func incidentsAreTold() throws {
    let history = try history(
      start + step(1, "4") + #"{"event":"unsound_step","step":2,"fault":"spike","cause":"persistent","samples":["x"]}"#
        + "\n")
    #expect(history.incidents.map { "\($0.step) \($0.words)" } == ["2 unsound step: spike, persistent"])
  }

  /// Lines of other versions, of other programs, and what no line can be.
  @Test func oddLinesAreCounted() throws {
    let deep = String(repeating: "[", count: 100)
    let history = try history(
      start + "no json\n\n" + #"{"event":"step","step":1,"loss":null,"new":true}"# + "\n" + #"{"step":1}"# + "\n[1]\n"
        + #"{"event":"step","step":1e99,"loss":2}"# + "\n" + deep + "\n" + #"{"event":"later","step":5}"# + "\n"
        + #"{"event":"#)
    #expect(history.unreadLines == 4, "a half line at the end is none")
    #expect(values(history, "loss") == [2] && history.incidents.map(\.words) == ["later"])
  }

  @Test func whatIsNoRunIsRefused() throws {
    #expect(throws: RunHistoryError.noRun(path: nowhere)) { try RunHistory(run: nowhere) }
    #expect(throws: RunHistoryError.self) { try history("") }
    let odd = #expect(throws: RunHistoryError.self) { try history("a\nb\n") }
    #expect(odd?.exitCode == .badData && odd?.description.contains("2 of its lines") == true)
  }

  /// A long run takes the memory of a short one, and its means and ranges are those of all steps.
  @Test func longRunsAreThinned() throws {
    let lines = (0..<3000).map { step($0 + 1, ["2", "1", "3", "2"][$0 % 4]) }.joined()
    let history = try history(start + lines)
    let points = try #require(history.curves.first { $0.name == "loss" }).points
    #expect(points.count > 256 && points.count <= 512)
    #expect(points.first?.first == 1 && points.last?.last == 3000)
    #expect(points.dropLast().allSatisfy { $0.mean == 2 && $0.low == 1 && $0.high == 3 })
    #expect(zip(points, points.dropFirst()).allSatisfy { $0.last + 1 == $1.first })
  }
}
