internal import ArgumentParser

/// `mmtrain inspect`: what a file or directory of mmtrain's holds.
struct InspectCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "inspect",
    abstract: "Show what a checkpoint, a data set or a safetensors file holds.",
    discussion: """
      mmtrain inspect runs/a/last
      mmtrain inspect model.safetensors --json
      mmtrain inspect prepared/flickr30k
      """)

  @Argument(help: ArgumentHelp("A safetensors file, checkpoint, run or prepared data set.", valueName: "path"))
  var path: String

  @Flag(help: "Print one JSON document.")
  var json = false

  func run() throws {
    throw MissingRoom(work: "inspection")
  }
}
