internal import Reporting

/// Runs this program, or mpirun with it, to its end, and returns what it said.
/// - Throws: `ChildFailed` where it did not end well.
func outputOfChild(_ program: String, _ arguments: [String], seconds: Int32 = 600) throws -> String {
  let result = run(program, arguments, seconds: seconds)
  guard let result, result.exitCode == 0 else {
    throw ChildFailed(arguments: arguments, code: result?.exitCode ?? -1, output: result?.output ?? "")
  }
  return result.output
}

/// A program that was started to be timed did not end well; its exit code is passed on.
struct ChildFailed: ReportableError {
  let arguments: [String]
  let code: Int32
  let output: String

  var exitCode: Reporting.ExitCode { .init(rawValue: code) ?? .internalError }
  var description: String {
    let lastWords = output.split(separator: "\n").last.map { printable(String($0), limit: 400) } ?? "it said nothing"
    return "mmtrain \(arguments.joined(separator: " ")) ended with \(code): \(lastWords)"
  }
}
