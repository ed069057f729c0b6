internal import ArgumentParser
internal import Batching
internal import Evaluation
internal import Files
internal import Logging
internal import Pretrained
internal import Reporting
internal import Training

/// Where `mmtrain evaluate` puts its figures into a model's card.
struct CardOptions: ParsableArguments {
  @Option(
    name: .customLong("card"),
    help: ArgumentHelp(
      "Write the model's card (README.md) with these figures and their intervals in its front matter, as model-index, for the hub.",
      valueName: "file"))
  var file: String?

  func validate(models: Int) throws {
    if file != nil, models != 1 { throw ValidationError("--card is the card of one model; give one --checkpoint") }
    if file?.isEmpty ?? false { throw ValidationError("--card is empty") }
  }

  /// - Parameter model: as it was named, and where it lies.
  func write(_ report: any TaskReport, of model: (name: String, path: String), data: String, split: String) throws {
    guard let file else { return }
    let own = try? readFile(model.path + "/README.md", limit: 1 << 20)
    if own == nil {
      makeLogger(rank: nil).warning(
        "\(printable(model.name)) has no README.md that can be read: the card is begun anew")
    }
    let set = try PreparedDataSet(path: data).manifest.description.name
    let text = own.map { String(decoding: $0, as: UTF8.self) } ?? "# \(model.name)\n"
    let title = text.split(separator: "\n").first { $0.hasPrefix("# ") }?.dropFirst(2)
    let index = CardIndex(model: title.map { String($0) } ?? model.name, task: nil, dataSet: set, split: split, report)
    try writeAtomically(Pretrained.card(text, with: index).utf8, to: file)
  }
}
