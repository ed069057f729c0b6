internal import ArgumentParser
internal import Pretrained
internal import Reporting

/// `mmtrain export`: a model as Python's libraries keep it.
struct ExportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "export",
    abstract: "Write a model as transformers or open_clip load it.",
    discussion: """
      mmtrain export --model runs/a/best --to huggingface --output exported/a
      mmtrain export --model runs/a/best --to open_clip --output exported/a-open-clip

      Weights, configuration, tokenizer, preprocessing and a model card; the output appears whole or not at all. What
      the library has no place for, as layers that join the towers, is left behind; a line says so.
      """)

  enum Target: String, ExpressibleByArgument, CaseIterable {
    case huggingface
    case openCLIP = "open_clip"

    var format: ExportFormat {
      switch self {
      case .huggingface: .huggingFace
      case .openCLIP: .openCLIP
      }
    }
  }

  @Option(help: ArgumentHelp("A checkpoint, a model directory, or a hub name.", valueName: "model"))
  var model: String

  @Option(help: ArgumentHelp("The library that is to read it: huggingface or open_clip.", valueName: "format"))
  var to: Target

  @Option(help: ArgumentHelp("A directory that is not there yet.", valueName: "dir"))
  var output: String

  @OptionGroup var finiteness: FinitenessOptions

  @Flag(help: "Print one JSON document.")
  var json = false

  func run() throws {
    let report = try exportModel(
      ModelDirectory(path: modelPath(model)), as: to.format, to: output, allowsNotFinite: finiteness.allowsNotFinite)
    warnOfNotFinite(report.notFiniteTensors)
    let document = OrderedJSON.object([
      ("output", .text(output)), ("format", .text(to.rawValue)), ("parameters", .integer(report.parameters)),
      ("tensors", .integer(report.tensors)), ("notes", .list(report.notes.map { .text($0) })),
    ])
    let notes = report.notes.map { "note: \($0)\n" }.joined()
    try printResult(
      json
        ? document.document
        : "\(printable(output)): \(report.parameters) parameters in \(report.tensors) tensors, for \(to.rawValue)\n"
          + notes)
  }
}
