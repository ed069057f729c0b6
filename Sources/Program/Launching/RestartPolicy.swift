internal import Glibc
internal import Reporting

/// Whether ranks that died are started again.
package struct RestartPolicy {
  package enum Decision: Equatable {
    case end
    /// The how-manieth restart, and the seconds before it.
    case restart(number: Int, wait: Double)
    /// It would have been tried, but for this reason.
    case giveUp(String)
  }

  private let limit: Int
  private var used = 0
  /// The newest step that any start came to.
  private var newestStep: Int?
  /// Since when a machine is missing that the run had before.
  private var missingSince: Double?

  /// Seconds for which a machine is waited for that was lost: as long as one takes to start anew.
  private static let patience = 900.0

  package init(limit: Int) { self.limit = limit }

  /// - Parameters:
  ///   - exitCode: of the job that has ended.
  ///   - step: the newest step that it did; nil for none.
  ///   - isUnreachable: no rank was started, as a machine did not answer.
  ///   - time: seconds on a clock that never jumps.
  package mutating func decide(
    exitCode: Int32, step: Int?, isUnreachable: Bool = false, at time: Double = 0
  ) -> Decision {
    if used > 0, isUnreachable { return waitForMachine(at: time) }
    missingSince = nil
    let madeProgress = step.map { $0 > newestStep ?? -1 } ?? false
    defer { newestStep = [newestStep, step].compactMap(\.self).max() }
    guard limit > 0, isAccident(exitCode, hadBegun: step != nil) else { return .end }
    guard used < limit else { return .giveUp("it was restarted \(limit) time\(limit == 1 ? "" : "s")") }
    guard used == 0 || madeProgress else {
      return .giveUp("no step came out of restart \(used) that was not done before")
    }
    used += 1
    return .restart(number: used, wait: min(60, 2 * Double(1 << min(used - 1, 5))))
  }

  /// A machine that was lost may come back: the same restart is tried again.
  private mutating func waitForMachine(at time: Double) -> Decision {
    let since = missingSince ?? time
    missingSince = since
    guard time - since < Self.patience else {
      return .giveUp(
        "a machine is missing since \(durationText(time - since)); leave it out of the hostfile, or mend it")
    }
    return .restart(number: used, wait: time - since < 60 ? 10 : 60)
  }

  /// Another start may end otherwise: a process was killed, a rank did not answer, a machine was lost. What mmtrain
  /// itself says of data, configuration, disk or weights would be said again.
  private func isAccident(_ code: Int32, hadBegun: Bool) -> Bool {
    switch code {
    case ExitCode.hang.rawValue: true
    // Numbers that mmtrain never ends with are mpirun's; before the first step they say that it cannot start at all.
    case 1..<64: hadBegun
    case 129...: true
    default: false
    }
  }
}
