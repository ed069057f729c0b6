public import Calibration
internal import Files
public import Pretrained
internal import Tasks

/// What a model on disk was trained for, and how far it is known that it may be believed.
public struct ModelTask: Sendable {
  public let name: String
  /// What it tells apart: what these are called together, and their names in the order of the logits; nil where it tells no such.
  public let told: (what: String, names: [String])?
  /// Whether nothing but the model's own head says so.
  public let isPublished: Bool
  public let calibration: CalibrationState

  public enum CalibrationState: Sendable {
    case none
    case fits(Calibration)
    /// Why it is of no use.
    case refused(String)
  }

  /// Nil for a model of the usual task.
  /// - Throws: `TaskFileError`.
  public init?(of directory: ModelDirectory) throws {
    let task = try directory.task()
    guard !task.objectives.isEmpty else { return nil }
    (name, told, isPublished) = (type(of: task).name, task.told, !directory.hasTask)
    guard fileExists(directory.path + "/" + Calibration.fileName) else {
      calibration = .none
      return
    }
    do {
      let found = try Calibration.of(modelIn: directory.path, classes: task.told?.names ?? [])
      calibration = found.map { .fits($0) } ?? .none
    } catch let failure as CalibrationFailure {
      calibration = .refused(failure.description)
    }
  }
}
