public import Reporting

/// A configuration that cannot be run. All that is wrong is told at once.
public struct ConfigurationError: ReportableError, Equatable {
  public let problems: [ConfigurationProblem]

  public init(problems: [ConfigurationProblem]) { self.problems = problems }

  public var exitCode: ExitCode { .configuration }

  public var description: String {
    if problems.count == 1 { return problems[0].description }
    let limit = 20
    var lines = ["\(problems.count) things are wrong in the configuration:"]
    lines += problems.prefix(limit).map { "  \($0)" }
    if problems.count > limit { lines.append("  … and \(problems.count - limit) more") }
    return lines.joined(separator: "\n")
  }
}

/// One thing that is wrong: where, what, and what to do.
public struct ConfigurationProblem: Sendable, Equatable, CustomStringConvertible {
  /// `run.yaml:3:5`, or the option of the command line.
  public let place: String
  public let message: String

  public init(place: String, message: String) { (self.place, self.message) = (place, message) }

  public var description: String { "\(place): \(message)" }
}
