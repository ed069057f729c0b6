internal import Checkpoints
internal import Models
internal import Pretrained
internal import Reporting
internal import Tokenization

extension Inspection {
  /// A model of another program's making: its architecture, and what loading its weights comes to.
  init(_ directory: ModelDirectory) throws {
    let (description, report) = (directory.description, try directory.loadingReport())
    let features = (description as? any FeatureDescription)?.embeddingWidth
    let readsTexts = description.texts != .none
    let classes = (description as? any PublishedClassifierDescription)?.classCount
    let sizes =
      description.images.words
      + (readsTexts ? ", \(description.texts.contextLength) tokens of \(description.texts.vocabularySize)" : "")
      + (classes.map { ", \($0) classes" } ?? "") + (features.map { ", \($0) features" } ?? "")
      + ((description as? any FoldableDescription)?.folding == .branches ? ", its branches folded" : "")
    lines = [
      "\(printable(directory.path)): model \(description.name), \(sizes)",
      readsTexts ? "tokenizer  \(directory.tokenizer.vocabularySize) tokens" : "tokenizer  none: it reads no texts",
      "weights    \(report.isExact ? "fit: " : "")\(report.summary)",
      "costs      \(costs(of: description))",
    ]
    if !report.isExact { lines.append("  \(report)") }
    if let note = report.note { lines.append("adapter    \(note)") }
    if !report.unused.isEmpty { lines.append("unused     " + kinds(of: report.unused)) }
    members =
      [
        ("kind", .text("model")), ("path", .text(directory.path)), ("architecture", .text(description.name)),
        ("image_size", description.images.side.map { .integer($0) } ?? .null),
        ("context_length", .integer(description.texts.contextLength)),
        ("vocabulary_size", .integer(description.texts.vocabularySize)),
        ("embedding_width", features.map { .integer($0) } ?? .null), ("classes", classes.map { .integer($0) } ?? .null),
        ("fits", .flag(report.isExact)),
        ("adapter", report.note.map { .text($0) } ?? .null),
        ("loaded", .list(report.loaded.map(loadedJSON))), ("unused", .list(report.unused.map { .text($0) })),
        ("missing", .list(report.missing.map { .text($0.name) })),
        ("unexpected", .list(report.unexpected.map { .text($0) })),
        ("misshapen", .list(report.mismatched.map(mismatchJSON))),
      ] + costMembers(of: description)
    try addTask(of: directory)
  }
}

/// What a model has to learn, and what it takes to look at an image and a text.
func costs(of description: any ModelDescription) -> String {
  let operations = decimals(1e-9 * description.operationsOfAPair(), 3)
  return "\(description.parameterCount) parameters, \(operations) GFLOP for \(sample(of: description)), forward"
}

/// What one look of the model is at.
private func sample(of description: any ModelDescription) -> String {
  let image = description.images.modality == .audio ? "a clip" : "an image"
  guard description.texts != .none else { return image }
  return "\(image) and a text of \(min(BatchShapes.usualTextTokens, description.texts.contextLength)) tokens"
}

/// The same for programs.
func costMembers(of description: any ModelDescription) -> [(String, OrderedJSON)] {
  [
    ("parameters", .integer(description.parameterCount)),
    ("gflop_per_pair_forward", .number(1e-9 * description.operationsOfAPair())),
  ]
}

/// Keys by what their names end in, with how many of each there are: `position_ids ×2`.
private func kinds(of keys: [String]) -> String {
  var counts: [(kind: Substring, count: Int)] = []
  for key in keys {
    let kind = key.split(separator: ".").last ?? ""
    if let index = counts.firstIndex(where: { $0.kind == kind }) {
      counts[index].count += 1
    } else {
      counts.append((kind, 1))
    }
  }
  return counts.map { printable($0.kind) + ($0.count > 1 ? " ×\($0.count)" : "") }.joined(separator: ", ")
}

private func loadedJSON(_ loaded: LoadingReport.Loaded) -> OrderedJSON {
  .object([
    ("parameter", .text(loaded.name)), ("key", .text(loaded.key)), ("change", loaded.change.map { .text($0) } ?? .null),
  ])
}

private func mismatchJSON(_ mismatch: LoadingReport.Mismatch) -> OrderedJSON {
  .object([
    ("key", .text(mismatch.name)), ("needed", .list(mismatch.expected.map { .integer($0) })),
    ("found", .list(mismatch.found.map { .integer($0) })),
  ])
}
