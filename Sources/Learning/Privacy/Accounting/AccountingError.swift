public import Reporting

/// What an accountant cannot say.
public enum AccountingError: ReportableError, Equatable {
  /// The grid would have too many points.
  case tooFine(points: Double)
  /// The grid is too coarse for what a step gives away.
  case tooCoarse(rate: Double, noise: Double)
  /// δ is below what sums of so many numbers can tell.
  case delta(Double)
  /// No noise makes a run as private as that.
  case unreachable(epsilon: Double)

  public var description: String {
    switch self {
    case .tooFine(let points):
      "the accountant prv would need \(brief(points)) points for so much loss of privacy in so many steps; take rdp, or more noise"
    case .tooCoarse(let rate, let noise):
      "the accountant prv cannot say what a step gives away that draws a share of \(brief(rate)) with a noise of \(brief(noise)); take rdp"
    case .delta(let delta):
      "the accountant prv cannot tell a δ of \(delta) from rounding; take rdp, or a larger δ"
    case .unreachable(let epsilon):
      "no noise makes the run as private as ε = \(epsilon); take fewer steps, a smaller batch or a larger ε"
    }
  }

  public var exitCode: ExitCode { .configuration }
}
