internal import Files
internal import Foundation
internal import Reporting

/// What TensorBoard reads of a run, in the run's directory: one file for each start. Field numbers are those of TensorFlow's `event.proto`.
package final class EventFile {
  private let file: AppendedFile
  /// Seconds since 1970.
  private let now: () -> Double

  /// - Parameters:
  ///   - step: done before this start; what an earlier start wrote of later steps is not shown any more.
  ///   - warn: is told, at most once, that events are being lost and why.
  package init(
    directory: String, after step: Int, now: @escaping () -> Double = secondsSince1970(),
    warn: @escaping (String) -> Void
  ) {
    self.now = now
    // The names are read in their order, and tell starts of one second apart.
    let name = "events.out.tfevents.\(Int(now())).\(hostName()).\(ProcessInfo.processInfo.processIdentifier).mmtrain"
    file = AppendedFile(path: directory + "/" + name, of: "events for TensorBoard", warn: warn)
    var version = WireMessage()
    version.add(1, now())
    version.add(3, "brain.Event:2")
    file.append(eventRecord(version.bytes))
    if step > 0 { begin(at: step + 1) }
  }

  package var path: String { file.path }

  /// Says that steps are taken anew from here: TensorBoard forgets those that it has seen.
  package func begin(at step: Int) {
    var (start, event) = (WireMessage(), event(at: step))
    start.add(1, 1)
    event.add(7, start)
    file.append(eventRecord(event.bytes))
  }

  /// Writes values of a step.
  package func write(step: Int, _ values: [(tag: String, value: SummaryValue)]) {
    guard !values.isEmpty else { return }
    var (summary, event) = (WireMessage(), event(at: step))
    for (tag, value) in values { summary.add(1, value.message(tag: tag)) }
    event.add(5, summary)
    file.append(eventRecord(event.bytes))
  }

  private func event(at step: Int) -> WireMessage {
    var event = WireMessage()
    event.add(1, now())
    event.add(2, step)
    return event
  }
}

/// Seconds since 1970, for people to look at: asked of the clock that somebody may set once, and from there on of the one that nobody sets.
package func secondsSince1970() -> () -> Double {
  let (begun, start) = (Date().timeIntervalSince1970, monotonicSeconds())
  return { begun + monotonicSeconds() - start }
}
