/// An error that a person can act on: `description` says what happened, where (file:line, key, rank) and what to do.
public protocol ReportableError: Error, CustomStringConvertible, Sendable {
  /// How the process ends when nobody handles the error.
  var exitCode: ExitCode { get }
}
