package import Reporting

/// Throws where a variable of mmtrain's own should hold a number and holds something else: what cannot be followed must
/// not be taken for followed. An empty one counts as not set.
package func requireNumbers(_ environment: (String) -> String?) throws {
  for variable in NumberVariable.all {
    guard let text = environment(variable.name), !text.isEmpty, !variable.accepts(text) else { continue }
    throw BadVariable(name: variable.name, value: text, wanted: variable.wanted)
  }
}

private struct NumberVariable {
  let name: String
  let wanted: String
  let accepts: @Sendable (String) -> Bool

  static let all = [
    NumberVariable(name: "MMTRAIN_HANG_SECONDS", wanted: "a number of seconds, or 0 to wait for ever") {
      Double($0).map { $0 >= 0 } ?? false
    },
    NumberVariable(name: "MMTRAIN_NODE_SIZE", wanted: "a whole number from 1") { Int($0).map { $0 >= 1 } ?? false },
    NumberVariable(name: "MMTRAIN_RESTART", wanted: "a whole number from 0") { Int($0).map { $0 >= 0 } ?? false },
    NumberVariable(name: "MMTRAIN_ROOM_CHECK", wanted: "0 or 1") { ["0", "1"].contains($0) },
    NumberVariable(name: "MMTRAIN_KEEP_BLAS_CORE", wanted: "0 or 1") { ["0", "1"].contains($0) },
  ]
}

/// A variable of the environment that does not hold what it should.
package struct BadVariable: ReportableError {
  let name: String
  let value: String
  let wanted: String

  package var description: String { "\(name)=\(printable(value, limit: 60)) is not \(wanted); give one, or unset it" }
  package var exitCode: ExitCode { .configuration }
}
