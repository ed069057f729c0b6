internal import Checkpoints
internal import Files
internal import Models
internal import Pretrained
internal import Reporting
internal import Training

extension Inspection {
  /// A checkpoint, every byte of which was compared with what was written.
  init(_ checkpoint: Checkpoint) throws {
    let weights = try checkpoint.weights()
    let directory = try checkpoint.modelDirectory()
    let model = directory?.description
    let rows = checkpoint.members.map { ["  " + printable($0.name), sizeText($0.size)] }
    lines =
      [
        "\(printable(checkpoint.path)): checkpoint of step \(checkpoint.step), whole",
        "weights  \(summary(weights))",
      ] + (model.map { ["model    \($0.name), \(costs(of: $0))"] } ?? []) + columns(rows)
    members =
      [
        ("kind", .text("checkpoint")), ("path", .text(checkpoint.path)), ("step", .integer(checkpoint.step)),
        ("ranks", checkpoint.ranks.map { .integer($0) } ?? .null),
        (
          "members",
          .list(
            checkpoint.members.map { member in
              .object([
                ("name", .text(member.name)), ("bytes", .integer(member.size)), ("sha256", .text(member.sha256)),
              ])
            })
        ),
        ("weights", Inspection(weights).json),
      ] + (model.map(costMembers) ?? [])
    try directory.map { try addTask(of: $0) }
  }

  /// The checkpoints of a run directory.
  init(run store: CheckpointStore) throws {
    let steps = try store.steps()
    let (newest, warnings) = try store.newestValid()
    lines = ["\(printable(store.runDirectory)): run with \(steps.count) checkpoint\(steps.count == 1 ? "" : "s")"]
    lines += steps.map { "  step \($0)" + ($0 == newest?.step ? "  (newest that is whole)" : "") }
    lines += warnings.map { "warning: \($0)" }
    members = [
      ("kind", .text("run")), ("path", .text(store.runDirectory)), ("steps", .list(steps.map { .integer($0) })),
      ("newest_valid", newest.map { .integer($0.step) } ?? .null),
      ("warnings", .list(warnings.map { .text($0.description) })),
    ]
  }
}

extension Checkpoint {
  /// The model that it holds; nil for one that mmtrain does not list, and for updates of another model.
  fileprivate func modelDirectory() throws -> ModelDirectory? {
    let file = path + "/config.json"
    guard fileExists(file), ModelCatalogue.knows(json: try readFile(file, limit: 1 << 20)) else { return nil }
    return try ModelDirectory(path: path)
  }
}
