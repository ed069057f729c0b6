internal import Glibc

/// Shows how far a piece of work is: a bar that is redrawn in place on a terminal, a line at an interval elsewhere.
///
/// Call `update` as often as you like: at most ten drawings a second reach a terminal and one line an interval a log.
/// From one thread at a time.
public final class ProgressReporter {
  private var state: ProgressState
  private let output: ProgressOutput
  private let now: () -> Double
  private let start: Double
  private let interval: Double
  private var lastShown: Double?
  private var barIsShown = false
  private var isFinished = false

  /// - Parameters:
  ///   - completed: what was done before this process began, as after a resume; it does not count for the rate.
  ///   - interval: seconds from one line of a log to the next.
  ///   - now: seconds on a clock that never jumps.
  public init(
    title: String, unit: String, total: Int?, completed: Int = 0, output: ProgressOutput, interval: Double = 10,
    now: @escaping () -> Double = monotonicSeconds
  ) {
    self.output = output
    self.now = now
    self.interval = output.isLive ? 0.1 : interval
    start = now()
    state = ProgressState(
      title: title, unit: unit, completed: completed, total: total, completedAtStart: completed, secondsElapsed: 0)
  }

  /// Says how many units are completed, of how many where that was not known before, and what there is to tell about the
  /// last one.
  public func update(completed: Int, of total: Int? = nil, detail: @autoclosure () -> String = "") {
    guard !isFinished else { return }
    let time = now()
    let isFurther = completed > state.completed
    state.completed = completed
    if isFurther { output.witness?("\(state.title), \(state.unit) \(completed)") }
    if let total { state.total = total }
    state.secondsElapsed = time - start
    if let lastShown, time - lastShown < interval { return }
    state.detail = detail()
    lastShown = time
    if output.isLive {
      drawBar()
    } else {
      output.write(progressLogLine(state) + "\n")
    }
  }

  /// Prints a line of its own, above the bar where there is one.
  public func note(_ line: String) {
    clearBar()
    output.witness?(line)
    output.write(line + "\n")
    if output.isLive, lastShown != nil, !isFinished { drawBar() }
  }

  /// Replaces the bar by a line that sums up.
  public func finish(detail: String = "") {
    guard !isFinished else { return }
    clearBar()
    isFinished = true
    state.secondsElapsed = now() - start
    state.detail = detail
    output.write(progressSummaryLine(state) + "\n")
  }

  private func drawBar() {
    let line = progressBarLine(state, width: output.width() - 1, isColoured: output.isColoured)
    output.write("\r\u{1B}[K" + line)
    barIsShown = true
  }

  private func clearBar() {
    if barIsShown { output.write("\r\u{1B}[K") }
    barIsShown = false
  }
}

/// Seconds on the clock that setting the time does not move.
public func monotonicSeconds() -> Double {
  var time = timespec()
  clock_gettime(CLOCK_MONOTONIC, &time)
  return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
}
