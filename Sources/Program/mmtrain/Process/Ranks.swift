internal import Collectives
internal import Launching
internal import Reporting

/// Runs `work` as the rank that this process is; see `Launching.withRanks`.
func withRanks(_ work: (any Communicator) throws -> Reporting.ExitCode) throws -> Reporting.ExitCode {
  try withRanks(describing: errorReport, work)
}
