internal import ArgumentParser
internal import Hub
internal import Launching
internal import Reporting

/// `mmtrain fetch`: brings a model into the cache ahead of time, for machines without a network.
struct FetchCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "fetch",
    abstract: "Fetch a model from the hub into the cache, and print where it is.",
    discussion: """
      mmtrain fetch openai/clip-vit-base-patch32
      mmtrain fetch apple/MobileCLIP-S1-OpenCLIP@main

      For machines without a network: what is in the cache (HF_HOME) needs none. All commands that take a model fetch it
      themselves otherwise. docs/hub.md says which variables are read and what is verified.
      """)

  @Argument(help: ArgumentHelp("A hub name (owner/name, owner/name@revision), or a path.", valueName: "model"))
  var model: String

  func run() throws {
    let path = try resolveModel(
      model, environment: environmentVariable, output: .standardError(environment: environmentVariable))
    try printResult(path + "\n")
  }
}
