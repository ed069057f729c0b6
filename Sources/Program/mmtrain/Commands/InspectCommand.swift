internal import ArgumentParser
internal import Reporting

/// `mmtrain inspect`: what a file or directory of mmtrain's holds.
struct InspectCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "inspect",
    abstract: "Show what a checkpoint, a model, a data set or a safetensors file holds.",
    discussion: """
      mmtrain inspect runs/a/last
      mmtrain inspect model.safetensors --json
      mmtrain inspect prepared/flickr30k --verify

      Of a model that transformers or open_clip wrote it says whether its weights fit, and with --json which tensor
      fills which parameter. Opening a checkpoint compares every byte with what was written; damage is told and ends with 65.
      """)

  @Argument(help: ArgumentHelp("A safetensors file, checkpoint, model, run or prepared data set.", valueName: "path"))
  var path: String

  @Flag(help: "Read all of a prepared data set and compare every hash.")
  var verify = false

  @Flag(help: "Print one JSON document.")
  var json = false

  func run() throws {
    let inspection = try Inspection(path: path, verifies: verify)
    try printResult(json ? inspection.json.document : inspection.text)
  }
}
