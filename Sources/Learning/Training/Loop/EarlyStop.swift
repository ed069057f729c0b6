internal import Foundation
internal import Glibc
internal import Reporting
internal import Synchronization

/// The time before a run has begun: ranks are waited for, a model is fetched, data are drawn. Nothing of that is lost by being
/// cut off, so a request to stop ends the process at once, with the code 75.
enum EarlyStop {
  private enum Phase: Int { case preparing, running, ending }
  private static let phase = Atomic<Int>(Phase.preparing.rawValue)

  /// Begins to look for requests, on a thread of its own: this one may be waiting for anything.
  static func watch(endingWith words: String?) {
    Thread.detachNewThread {
      while phase.load(ordering: .acquiring) == Phase.preparing.rawValue {
        if StopRequest.urgency != .none, move(to: .ending) { end(words) }
        usleep(20_000)
      }
    }
  }

  /// From here on there is something to save: the loop answers requests.
  static func runBegins() {
    // A request was quicker: the process ends now.
    while !move(to: .running), phase.load(ordering: .acquiring) == Phase.ending.rawValue { pause() }
  }

  private static func move(to next: Phase) -> Bool {
    phase.compareExchange(expected: Phase.preparing.rawValue, desired: next.rawValue, ordering: .acquiringAndReleasing)
      .exchanged
  }

  private static func end(_ words: String?) -> Never {
    if let words { writeToStandardError(words + "\n") }
    flushStandardError()
    _exit(ExitCode.stoppedOnRequest.rawValue)
  }
}
