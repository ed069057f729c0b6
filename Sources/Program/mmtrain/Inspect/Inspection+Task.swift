internal import Calibration
internal import Pretrained
internal import Reporting
internal import Training

extension Inspection {
  /// Adds what a model was trained for, and how far it is known that it may be believed.
  mutating func addTask(of directory: ModelDirectory) throws {
    guard let task = try ModelTask(of: directory) else { return }
    lines.append("task       " + task.words)
    lines.append("calibrated " + task.calibration.words)
    members.append(("task", task.json))
  }
}

extension ModelTask {
  private static let shown = 8

  fileprivate var words: String {
    let origin = isPublished ? ", by the model's own head" : ""
    guard let told else { return name + origin }
    let first = told.names.prefix(Self.shown).map { printable($0, limit: 40) }.joined(separator: ", ")
    return "\(name)\(origin): \(told.names.count) \(told.what), \(first)" + (told.names.count > Self.shown ? ", …" : "")
  }

  fileprivate var json: OrderedJSON {
    let names: [(String, OrderedJSON)] = told.map { [($0.what, .list($0.names.map { .text($0) }))] } ?? []
    return .object(
      [("name", .text(name)), ("published", .flag(isPublished))] + names + [("calibration", calibration.json)])
  }
}

extension ModelTask.CalibrationState {
  fileprivate var words: String {
    switch self {
    case .none: "no"
    case .fits(let found):
      "for these weights, on \(found.samples) samples of \(printable(found.dataSet)), \(printable(found.split)): temperature "
        + decimals(found.temperature.value, 3)
    case .refused(let reason): "of no use: " + reason
    }
  }

  fileprivate var json: OrderedJSON {
    switch self {
    case .none: .null
    case .fits(let found):
      .object([
        ("fits", .flag(true)), ("temperature", .number(found.temperature.value)), ("samples", .integer(found.samples)),
        ("data", .text(found.dataSet)), ("split", .text(found.split)),
      ])
    case .refused(let reason): .object([("fits", .flag(false)), ("reason", .text(reason))])
    }
  }
}
