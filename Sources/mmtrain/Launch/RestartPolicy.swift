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

  package init(limit: Int) { self.limit = limit }

  /// - Parameters:
  ///   - exitCode: of the job that has ended.
  ///   - step: the newest step that it did; nil for none.
  package mutating func decide(exitCode: Int32, step: Int?) -> Decision {
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
