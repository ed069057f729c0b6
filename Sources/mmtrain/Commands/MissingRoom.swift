internal import Reporting

/// Says honestly that a command leads nowhere yet.
struct MissingRoom: ReportableError {
  let work: String
  var description: String { "this build of mmtrain has no \(work) yet; use a newer version" }
  var exitCode: ExitCode { .internalError }
}
