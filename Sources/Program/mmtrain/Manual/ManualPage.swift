internal import Reporting

/// The manual page, in the language of man(7), made from the commands' own declarations.
struct ManualPage {
  private let tree: CommandTree
  private let version: String

  init(_ tree: CommandTree, version: String) { (self.tree, self.version) = (tree, version) }

  var text: String {
    var lines = [
      #".\" Written by launch/manual; do not edit, run it again."#,
      ".TH MMTRAIN 1 \"\" \"mmtrain \(version)\" \"User Commands\"",
      ".SH NAME", "mmtrain \\- " + roff(tree.abstract ?? ""),
      ".SH SYNOPSIS", ".B mmtrain", "[\\fIcommand\\fR] [\\fIoptions\\fR]",
      ".SH DESCRIPTION", ".nf",
    ]
    lines += paragraphs(tree.discussion ?? "") + [".fi", ".SH COMMANDS"]
    for command in shown(tree) { lines += section(command, path: "mmtrain") }
    lines += [".SH EXIT STATUS"]
    for code in (Int32(0)...255).compactMap(ExitCode.init(rawValue:)) {
      lines += [".TP", ".B \(code.rawValue)", roff(meaning(of: code))]
    }
    lines += [
      ".PP",
      roff(
        "Other numbers from 128 on are 128 and the signal that ended the program; numbers below 64 are mpirun's own."),
      ".SH SEE ALSO",
      roff(
        "mpirun(1); in the repository docs/configuration.md (keys and environment), docs/launch.md, docs/exit-codes.md"),
    ]
    return lines.joined(separator: "\n") + "\n"
  }

  private func section(_ command: CommandTree, path: String) -> [String] {
    let name = path + " " + command.commandName
    let arguments = (command.arguments ?? []).filter(\.shouldDisplay)
    var lines = [".SS \"\(roff(name))\"", roff(command.abstract ?? "")]
    if let discussion = command.discussion { lines += [".PP", ".nf"] + paragraphs(discussion) + [".fi"] }
    for argument in arguments { lines += [".TP", term(argument), roff(definition(argument))] }
    return lines + shown(command).flatMap { section($0, path: name) }
  }

  private func shown(_ command: CommandTree) -> [CommandTree] {
    (command.subcommands ?? []).filter { $0.shouldDisplay && $0.commandName != "help" }
  }

  /// `--set key=value …`
  private func term(_ argument: CommandTree.Argument) -> String {
    let names = (argument.names ?? []).map { "\\fB\(roff($0.text))\\fR" }.joined(separator: ", ")
    let value = argument.kind == .flag ? "" : "\\fI\(roff(argument.valueName ?? "value"))\\fR"
    return [names, value].filter { !$0.isEmpty }.joined(separator: " ") + (argument.isRepeating ? " ..." : "")
  }

  private func definition(_ argument: CommandTree.Argument) -> String {
    let end = argument.defaultValue.map { " (default: \($0))" } ?? ""
    return (argument.abstract ?? "") + end
  }

  private func paragraphs(_ text: String) -> [String] {
    text.split(separator: "\n", omittingEmptySubsequences: false).map { $0.isEmpty ? ".sp" : roff(String($0)) }
  }
}

/// `text` as it stands in a line of a manual page: no character of it is a command there.
func roff(_ text: String) -> String {
  var line = ""
  for character in text {
    switch character {
    case "\\": line += "\\e"
    case "-": line += "\\-"
    case "\"": line += "\\(dq"
    case "\n": line += " "
    default: line.append(character)
    }
  }
  return line.hasPrefix(".") || line.hasPrefix("'") ? "\\&" + line : line
}

private func meaning(of code: ExitCode) -> String {
  switch code {
  case .success: "done"
  case .usage: "the command line is wrong"
  case .badData: "data that was read is damaged or hostile"
  case .missingInput: "an input is missing, or differs between ranks"
  case .network: "a download failed; the same command goes on where it stopped"
  case .internalError: "a mistake of mmtrain's own"
  case .cannotCreateOutput: "the output cannot be made, or another run holds it"
  case .inputOutput: "a read or write failed, for example because the disk is full"
  case .stoppedOnRequest: "stopped by a signal, checkpoint saved: run the same command again"
  case .configuration: "keys or values are wrong, or the machine has no room for the run"
  case .diverged: "the loss or the weights stopped being finite"
  case .ranksDisagree: "ranks hold different weights, data or programs"
  case .hang: "a rank did not come"
  }
}
