package import Reporting

/// Runs this program, or mpirun with it, to its end, and returns what it said.
/// - Throws: `ChildFailed` where it did not end well.
package func outputOfChild(_ program: String, _ arguments: [String], seconds: Int32 = 600) throws -> String {
  let result = run(program, arguments, seconds: seconds)
  guard let result, result.exitCode == 0 else {
    throw ChildFailed(program: program, arguments: arguments, result: result.map { ($0.exitCode, $0.output) })
  }
  return result.output
}

/// A program that was started to be timed did not end well; its exit code is passed on.
package struct ChildFailed: ReportableError {
  let program: String
  let arguments: [String]
  /// Nil where it could not be started, or took longer than it was given.
  let result: (code: Int32, output: String)?

  package var exitCode: Reporting.ExitCode { result.flatMap { .init(rawValue: $0.code) } ?? .internalError }
  package var description: String {
    let command = "\(program) \(arguments.joined(separator: " "))"
    guard let result else { return "\(command) could not be started, or took too long: try it by itself" }
    let lastWords = result.output.split(separator: "\n").last.map { printable(String($0), limit: 400) }
    return "\(command) ended with \(result.code): \(lastWords ?? "it said nothing")"
  }
}
