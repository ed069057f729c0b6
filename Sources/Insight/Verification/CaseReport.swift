public import Reporting

/// What became of a model on a case file.
public struct CaseReport: Sendable {
  /// An array of the file and what the model gives in its place.
  public struct Comparison: Sendable {
    public let name: String
    public let shape: [Int]
    /// The largest absolute difference; infinite where the model's value is no number.
    public let difference: Double
    /// The same in parts of the largest value of the array.
    public let relative: Double
    public let isRight: Bool
  }

  /// What the model is called.
  public let model: String
  /// The largest relative difference that is right.
  public let tolerance: Double
  /// In the order of the file.
  public let comparisons: [Comparison]
  /// The losses that gradients are of the sum of; empty where the file holds no gradient.
  public let gradientsOf: [String]
  /// Inputs that none of the results is computed from.
  public let unread: [String]

  public var differing: [String] { comparisons.filter { !$0.isRight }.map(\.name) }
}

extension CaseReport.Comparison {
  /// - Parameter floor: what `relative` is measured in where the array's largest value is less.
  init(_ name: String, shape: [Int], _ given: [Float], expected: [Float], floor: Double, tolerance: Double) {
    let largest = max(expected.reduce(0.0) { max($0, Double($1.magnitude)) }, floor)
    difference = zip(given, expected).reduce(0.0) { largest, pair in
      let difference = abs(Double(pair.0) - Double(pair.1))
      return difference.isFinite ? max(largest, difference) : .infinity
    }
    relative = difference == 0 ? 0 : difference / largest
    (self.name, self.shape, isRight) = (name, shape, relative <= tolerance)
  }
}

/// A model does not compute what a case file says.
public struct CaseDifference: ReportableError {
  /// The names of the arrays that differ.
  public let names: [String]
  public let count: Int
  public let tolerance: Double

  public init(_ report: CaseReport) {
    (names, count, tolerance) = (report.differing, report.comparisons.count, report.tolerance)
  }

  public var description: String {
    "\(names.count) of \(count) arrays differ by more than \(tolerance) of their largest value ("
      + names.prefix(5).map { printable($0) }.joined(separator: ", ") + (names.count > 5 ? ", …" : "")
      + "): these weights are not those that the case file was made with, or the model is computed otherwise there"
  }

  public var exitCode: ExitCode { .badData }
}
