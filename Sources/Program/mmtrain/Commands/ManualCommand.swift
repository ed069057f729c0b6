internal import ArgumentParser

/// `mmtrain manual`: prints the manual page, for launch/manual and for packagers.
struct ManualCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "manual", abstract: "Print the manual page.", shouldDisplay: false)

  func run() throws {
    let tree = try CommandTree(json: MMTrain._dumpHelp())
    try printResult(ManualPage(tree, version: MMTrain.configuration.version).text)
  }
}
