internal import Glibc

/// How often to try again, and how long to wait before.
public struct RetryPolicy: Sendable {
  /// Tries in a row that bring nothing new.
  public var fruitlessTries = 6
  /// All tries together, for a server that gives a few bytes at a time.
  public var tries = 200
  /// Waits for so many seconds; tests do not.
  public var wait: @Sendable (Double) -> Void

  /// - Parameter wait: sleeps where nothing else is said.
  public init(wait: (@Sendable (Double) -> Void)? = nil) {
    self.wait = wait ?? { seconds in usleep(UInt32(min(seconds, 4000) * 1e6)) }
  }

  /// Calls `body` until it does not throw a temporary `DownloadError`, or patience ends.
  ///
  /// - Parameters:
  ///   - progress: grows as `body` gets on; a try that made it grow was not fruitless.
  ///   - note: told what happened before each wait.
  public func run<Result>(
    progress: () -> Int = { 0 }, note: (String) -> Void, _ body: () throws -> Result
  ) throws -> Result {
    var fruitless = 0
    for attempt in 1... {
      let before = progress()
      do {
        return try body()
      } catch let error as DownloadError where error.isTemporary {
        fruitless = progress() > before ? 1 : fruitless + 1
        if fruitless >= fruitlessTries || attempt >= tries { throw error }
        let seconds = delay(fruitless, error)
        note("\(error.happening); trying again in \(Int(seconds.rounded(.up))) s")
        wait(seconds)
      }
    }
    preconditionFailure("the loop above has no end")
  }

  /// 1, 2, 4, … seconds, or what the server asks for; at most a minute.
  private func delay(_ fruitless: Int, _ error: DownloadError) -> Double {
    var asked = 0.0
    if case .status(_, _, let seconds?) = error { asked = seconds }
    return min(60, max(Double(1 << min(fruitless - 1, 6)), asked))
  }
}
