internal import ArgumentParser
internal import Collectives
internal import FoundationEssentials
internal import Glibc
internal import Launching
package import Reporting

/// Parses the command line, runs the command, and ends the process with the code that fits.
func runCommand() -> Never {
  do {
    var command = try MMTrain.parseAsRoot()
    try requireKnownKernels()
    try requireNumbers(environmentVariable)
    try command.run()
    exit(Reporting.ExitCode.success.rawValue)
  } catch {
    end(with: error)
  }
}

/// Says once what went wrong and ends the process; asking for help is an error to the parser, but ends with 0.
private func end(with error: any Error) -> Never {
  let report = errorReport(error)
  if report.exitCode == 0 { MMTrain.exit(withError: error) }
  let launch = detectLaunch(ProcessInfo.processInfo.environment)
  if let rank = launch?.rank, rank > 0 { letRankZeroSpeakFirst() }
  writeToStandardError(report.text(rank: launch?.rank) + "\n")
  exit(report.exitCode)
}

/// What most often stops a run before it begins stops all ranks alike: mpirun ends the others when rank 0 has said it.
private func letRankZeroSpeakFirst() { sleep(3) }

/// An error as the last words of a process: what the parser has to say of a command line among them.
package func errorReport(_ error: any Error) -> ErrorReport {
  guard !(error is any ReportableError), isOfParser(error) else { return ErrorReport(error) }
  let text = MMTrain.fullMessage(for: error)
  return ErrorReport(
    exitCode: MMTrain.exitCode(for: error).rawValue,
    message: (text.hasPrefix("Error: ") ? String(text.dropFirst("Error: ".count)) : text) + commandHint())
}

/// Whether the parser knows what to say: wrong usage, or a request for help.
private func isOfParser(_ error: any Error) -> Bool {
  // The parser gives 1 to errors of other libraries.
  error is CleanExit || error is ArgumentParser.ExitCode || MMTrain.exitCode(for: error) != .failure
}

/// Which command was perhaps meant: a word that is none is taken for an argument of `train`, which has no such.
private func commandHint() -> String {
  guard let word = CommandLine.arguments.dropFirst().first, !word.hasPrefix("-") else { return "" }
  let commands = MMTrain.configuration.subcommands.compactMap { command in
    command.configuration.shouldDisplay ? command.configuration.commandName : nil
  }
  guard !commands.contains(word), let meant = nearest(to: word, among: commands) else { return "" }
  return "\nDid you mean 'mmtrain \(meant)'?"
}
