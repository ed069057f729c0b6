internal import Calibration
internal import Reporting
internal import Tasks

extension Referral {
  /// How sure the model may be of what it says, and whether somebody else should look at it.
  func told(of classes: [String]) -> TaskPrediction {
    let names = possible.map { OrderedJSON.list($0.map { .text(classes[$0]) }) }
    let figures = OrderedJSON.object([
      ("refer", .flag(isReferred)), ("reasons", .list(reasons.map { .text($0.rawValue) })),
      ("confidence", confidence.map { .number($0) } ?? .null), ("possible", names ?? .null),
    ])
    let sure = confidence.map { "calibrated: " + decimals(100 * $0, 2) + " % sure" }
    let refer = isReferred ? "refer: " + reasons.map(\.words).joined(separator: "; ") : nil
    return TaskPrediction(
      members: [("calibrated", figures)], lines: [sure, refer].compactMap(\.self).map { "     " + $0 })
  }
}
