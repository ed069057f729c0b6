public import Reporting

/// A fault that is made to happen, to see on one's own cluster that a run survives it: `kind@step:rank`.
public struct Fault: Equatable, Hashable, Sendable, CustomStringConvertible {
  /// What happens; the words are those of `--fault`.
  public enum Kind: String, CaseIterable, Sendable {
    // To the process, before the step
    case kill, stop, exit, slow, user1, terminate, interrupt
    /// The rank comes to another collective call than the others.
    case order
    // To the numbers of the step
    /// The rank's loss and gradients are not numbers.
    case notANumber = "nan"
    /// One of the rank's gradients is infinite; the loss is fine.
    case infinity
    /// The rank's loss and gradients are a million times too large, as of damaged data: again when computed again.
    case spike
    /// One bit of a sum of gradients flips, in the exponent: gone when computed again.
    case flipGradient = "flip-gradient"
    /// One bit of the rank's weights flips, after the step.
    case flipWeight = "flip-weight"
    // To the next save
    /// The disk is full.
    case diskFull = "disk-full"
    /// The disk reports that what was written is lost.
    case diskError = "disk-error"
    /// The process dies in the middle of it.
    case killInSave = "kill-in-save"
  }

  public let kind: Kind
  /// Counted from 1.
  public let step: Int
  /// Nil is every rank.
  public let rank: Int?

  public init(kind: Kind, step: Int, rank: Int?) { (self.kind, self.step, self.rank) = (kind, step, rank) }

  public var description: String { "\(kind.rawValue)@\(step):\(rank.map(String.init) ?? "all")" }

  /// Whether it happens to `rank`.
  public func concerns(rank: Int) -> Bool { self.rank == nil || self.rank == rank }

  /// - Parameter text: `kind@step:rank`, where the rank may be `all`.
  /// - Throws: `FaultError`.
  public init(_ text: String) throws(FaultError) {
    let parts = text.split(separator: "@", omittingEmptySubsequences: false)
    let place = parts.count == 2 ? parts[1].split(separator: ":", omittingEmptySubsequences: false) : []
    guard parts.count == 2, place.count == 2, let step = Int(place[0]), step > 0 else {
      throw .notReadable(text: text)
    }
    guard let kind = Kind(rawValue: String(parts[0])) else { throw .unknownKind(text: String(parts[0])) }
    if place[1] == "all" {
      self.init(kind: kind, step: step, rank: nil)
    } else if let rank = Int(place[1]), rank >= 0 {
      self.init(kind: kind, step: step, rank: rank)
    } else {
      throw .notReadable(text: text)
    }
  }
}

/// What is wrong with the words of a fault.
public enum FaultError: ReportableError {
  case notReadable(text: String)
  case unknownKind(text: String)

  public var description: String {
    switch self {
    case .notReadable(let text):
      "--fault \(printable(text)): not of the form kind@step:rank, for example kill@20:1 or nan@7:all"
    case .unknownKind(let text):
      "--fault: no fault is called \(printable(text)); there are "
        + Fault.Kind.allCases.map(\.rawValue).joined(separator: ", ")
    }
  }

  public var exitCode: ExitCode { .usage }
}
