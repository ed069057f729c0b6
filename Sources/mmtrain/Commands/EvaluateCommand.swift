internal import ArgumentParser

/// `mmtrain evaluate`: retrieval and matching metrics of a checkpoint on a split.
struct EvaluateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "evaluate",
    abstract: "Measure a checkpoint on a split: retrieval, matching.",
    discussion: """
      mmtrain evaluate --checkpoint runs/a/best --data prepared/flickr30k --split test --json
      mpirun -n 4 mmtrain evaluate --checkpoint runs/a/best --data prepared/flickr30k

      Recall counts a hit if any caption of an image is found; ties count against the model. The numbers are the
      same on any number of ranks.
      """)

  @Option(help: ArgumentHelp("A checkpoint, or a model in Hugging Face's layout.", valueName: "dir"))
  var checkpoint: String

  @Option(help: ArgumentHelp("A prepared data set.", valueName: "dir"))
  var data: String

  @Option(help: ArgumentHelp("The split to measure on.", valueName: "name"))
  var split = "test"

  @Option(help: ArgumentHelp("Threads of a rank; by default the cores are divided.", valueName: "n"))
  var threads: Int?

  @Flag(help: "Print one JSON document.")
  var json = false

  func run() throws {
    throw MissingRoom(work: "evaluation")
  }
}
