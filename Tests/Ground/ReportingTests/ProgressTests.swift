import Reporting
import Synchronization
import Testing

@Suite struct ProgressTests {
  private let state = ProgressState(
    title: "training", unit: "step", completed: 300, total: 500, completedAtStart: 100, secondsElapsed: 100,
    detail: "loss 2.31")

  @Test func theRateLeavesOutWhatWasDoneBefore() {
    #expect(state.rate == 2)
    #expect(state.secondsRemaining == 100)
    var first = state
    first.completed = 100
    #expect(first.rate == nil)
    #expect(first.secondsRemaining == nil)
  }

  /// 64 photos that were done before the clock had moved are no 80 million a second.
  @Test func theFirstMomentHasNoRate() {
    var early = state
    (early.completedAtStart, early.secondsElapsed) = (0, 1e-6)
    #expect(early.rate == nil)
    #expect(progressLogLine(early) == "training: 60%, step 300/500, loss 2.31")
  }

  /// However seldom a line is written: whoever waits for the work sees each unit of it.
  @Test func aWitnessSeesEveryUnit() {
    let (lines, time) = (Recorder(), Clock())
    let places = Mutex<[String]>([])
    var output = lines.output(isLive: false)
    output.witness = { place in places.withLock { $0.append(place) } }
    let reporter = ProgressReporter(title: "rendering", unit: "scene", total: 9, output: output, now: time.now)
    for done in [1, 2, 2, 3] { reporter.update(completed: done) }
    reporter.note("tokenizing")
    #expect(
      places.withLock { $0 } == ["rendering, scene 1", "rendering, scene 2", "rendering, scene 3", "tokenizing"])
    #expect(lines.all.count == 2)
  }

  @Test func aTotalMayBeLearntOnTheWay() {
    let (lines, time) = (Recorder(), Clock())
    let reporter = ProgressReporter(
      title: "rendering", unit: "scene", total: nil, output: lines.output(isLive: false), now: time.now)
    time.advance(2)
    reporter.update(completed: 4, of: 16)
    #expect(lines.all == ["rendering: 25%, scene 4/16, 2.00 scenes/s, 6s left\n"])
  }

  @Test(arguments: [
    (0.2, "0s"), (59.4, "59s"), (60, "1:00"), (125, "2:05"), (3725, "1:02:05"), (86_400 * 3 + 4 * 3600, "3d 04h"),
    (.infinity, "?"), (.nan, "?"), (-1, "?"),
  ])
  func durations(seconds: Double, text: String) { #expect(durationText(seconds) == text) }

  @Test func aLogLineIsPlain() {
    #expect(progressLogLine(state) == "training: 60%, step 300/500, 2.00 steps/s, 1:40 left, loss 2.31")
    var slow = state
    slow.secondsElapsed = 3000
    #expect(progressLogLine(slow) == "training: 60%, step 300/500, 15.0 s/step, 50:00 left, loss 2.31")
    slow.total = nil
    slow.detail = "a\u{1B}[31mb"
    #expect(progressLogLine(slow) == "training: step 300, 15.0 s/step, a\\u{1b}[31mb")
  }

  @Test(arguments: [10, 20, 40, 60, 79, 200])
  func aBarFitsTheTerminal(width: Int) {
    let line = progressBarLine(state, width: width, isColoured: false)
    #expect(line.count <= width)
    #expect(!line.contains("\u{1B}"))
    if width >= 79 { #expect(line.contains("━") && line.contains("60%") && line.contains("loss 2.31")) }
  }

  @Test func coloursOnlyWhereWanted() {
    #expect(progressBarLine(state, width: 100, isColoured: true).contains("\u{1B}[32m━"))
    let plain = progressBarLine(state, width: 100, isColoured: false)
    #expect(plain.filter { $0 == "━" }.count == 18 && plain.filter { $0 == "╌" }.count == 12)
  }

  @Test func noWorkAtAllIsComplete() {
    let empty = ProgressState(title: "a", unit: "file", completed: 0, total: 0, secondsElapsed: 0)
    #expect(progressLogLine(empty) == "a: 100%, file 0/0")
    #expect(progressSummaryLine(empty) == "a: 0 files in 0s")
  }

  @Test func aLogGetsOneLineAnInterval() {
    let (lines, time) = (Recorder(), Clock())
    let reporter = ProgressReporter(
      title: "training", unit: "step", total: 10_000, output: lines.output(isLive: false), interval: 10, now: time.now)
    for step in 1...10_000 {
      time.advance(0.01)
      reporter.update(completed: step, detail: "loss 1")
    }
    reporter.note("warning: x")
    reporter.finish()
    // A line at 0.01 s, 10.01 s, … 90.01 s; the note; the summary.
    #expect(lines.all.count == 12)
    #expect(lines.all.first == "training: 0%, step 1/10000, loss 1\n")
    #expect(lines.all[1].hasPrefix("training: 10%, step 100") && lines.all[1].contains(" 100 steps/s, 1:30 left"))
    #expect(lines.all.last?.hasPrefix("training: 10000 steps in 1:40, 100") == true)
    #expect(lines.all.allSatisfy { $0.hasSuffix("\n") && !$0.contains("\r") && !$0.contains("\u{1B}") })
  }

  @Test func aTerminalIsRedrawnInPlace() {
    let (lines, time) = (Recorder(), Clock())
    let reporter = ProgressReporter(
      title: "training", unit: "step", total: 1000, output: lines.output(isLive: true), now: time.now)
    for step in 1...1000 {
      time.advance(0.001)
      reporter.update(completed: step)
    }
    reporter.note("saved")
    reporter.finish()
    reporter.finish()
    #expect(lines.all.count <= 15)
    #expect(lines.all.filter { $0.contains("\n") } == ["saved\n", "training: 1000 steps in 1s, 1000 steps/s\n"])
    #expect(lines.all.first?.hasPrefix("\r\u{1B}[K") == true)
  }

  @Test func numbersOfJSONReadBackAsTheSame() {
    #expect(OrderedJSON.float(0.1).line == "0.1")
    #expect(OrderedJSON.number(0.1 + 0.2).line == "0.30000000000000004")
    #expect(OrderedJSON.list([.number(.nan), .float(-.infinity), .null, .flag(true)]).line == "[null,null,null,true]")
    #expect(OrderedJSON.text("a\"\\\n\u{1}\u{2028}é").line == "\"a\\\"\\\\\\n\\u0001\\u2028é\"")
    #expect(
      OrderedJSON.object([("b", .list([])), ("a", .list([.integer(1)]))]).document == """
        {
          "b": [],
          "a": [
            1
          ]
        }

        """)
  }
}

/// Collects what a reporter writes.
private final class Recorder: Sendable {
  private let lines = Mutex<[String]>([])
  var all: [String] { lines.withLock { $0 } }

  func output(isLive: Bool) -> ProgressOutput {
    ProgressOutput(
      isLive: isLive, isColoured: false, width: { 80 }, write: { line in self.lines.withLock { $0.append(line) } })
  }
}

/// A clock that moves when it is told to.
private final class Clock {
  private var seconds = 0.0
  func advance(_ by: Double) { seconds += by }
  func now() -> Double { seconds }
}
