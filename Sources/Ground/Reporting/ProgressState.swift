/// How far a piece of work is, as a person wants to know it.
public struct ProgressState: Sendable, Equatable {
  /// What is being done: "training".
  public var title: String
  /// What is counted: "step".
  public var unit: String
  public var completed: Int
  /// nil where nobody knows.
  public var total: Int?
  /// What was completed already when the clock was started, as after a resume.
  public var completedAtStart: Int
  /// On a monotonic clock.
  public var secondsElapsed: Double
  /// The numbers of the moment: "loss 2.31".
  public var detail: String

  public init(
    title: String, unit: String, completed: Int, total: Int? = nil, completedAtStart: Int = 0,
    secondsElapsed: Double, detail: String = ""
  ) {
    self.title = title
    self.unit = unit
    self.completed = completed
    self.total = total
    self.completedAtStart = completedAtStart
    self.secondsElapsed = secondsElapsed
    self.detail = detail
  }

  /// Units a second since the start; nil until something was completed, and in the first half second, when a rate would
  /// say more of the clock than of the work.
  public var rate: Double? {
    let done = completed - completedAtStart
    guard done > 0, secondsElapsed >= 0.5 else { return nil }
    return Double(done) / secondsElapsed
  }

  /// Seconds until the end at this rate; nil where that cannot be known yet.
  public var secondsRemaining: Double? {
    guard let total, let rate else { return nil }
    return Double(max(0, total - completed)) / rate
  }

  /// Between 0 and 1; nil without a total.
  var fraction: Double? {
    guard let total else { return nil }
    return total > 0 ? min(1, max(0, Double(completed) / Double(total))) : 1
  }
}

/// `seconds` as `7s`, `2:05`, `1:02:05` or `3d 04h`.
public func durationText(_ seconds: Double) -> String {
  guard seconds.isFinite, seconds >= 0, seconds < 1e9 else { return "?" }
  let whole = Int(seconds.rounded())
  func two(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }
  switch whole {
  case ..<60: return "\(whole)s"
  case ..<3600: return "\(whole / 60):\(two(whole % 60))"
  case ..<86_400: return "\(whole / 3600):\(two(whole / 60 % 60)):\(two(whole % 60))"
  default: return "\(whole / 86_400)d \(two(whole / 3600 % 24))h"
  }
}

/// `rate` units a second with three digits, or the time of one unit where that reads better.
func rateText(_ rate: Double, unit: String) -> String {
  rate >= 1 ? "\(threeDigits(rate)) \(unit)s/s" : "\(threeDigits(1 / rate)) s/\(unit)"
}

/// At least three significant digits, no exponent, a point in every locale.
func threeDigits(_ value: Double) -> String {
  guard value.isFinite, abs(value) < 1e15 else { return "?" }
  if abs(value) >= 100 { return String(Int(value.rounded())) }
  let decimals = abs(value) >= 10 ? 1 : 2
  let scale = decimals == 1 ? 10.0 : 100.0
  let scaled = Int((abs(value) * scale).rounded())
  let digits = String(scaled % Int(scale))
  let sign = value < 0 && scaled > 0 ? "-" : ""
  return sign + "\(scaled / Int(scale))." + String(repeating: "0", count: decimals - digits.count) + digits
}
