internal import Files
internal import FoundationEssentials
public import Reporting

extension TaskCatalogue {
  /// Of a checkpoint: which task its weights were trained for, and what that knows of its data. Without it the task is the usual.
  public static let fileName = "task.json"

  /// The content of the file; nil for the usual task, which knows nothing of its data.
  public static func file(of task: any Task) throws -> [UInt8]? {
    guard type(of: task).name != type(of: usual).name else { return nil }
    return try written(task)
  }

  private static func written<Kind: Task>(_ task: Kind) throws -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
    return Array(try encoder.encode(TaskRecord(name: Kind.name, facts: task))) + [UInt8(ascii: "\n")]
  }

  /// The task that the weights in a directory were trained for.
  /// - Throws: `TaskFileError` for a file that names no task, or holds what its task cannot read.
  public static func task(ofModelIn directory: String) throws -> any Task {
    let path = directory + "/" + fileName
    guard fileExists(path) else { return usual }
    let json = Data(try readFile(path, limit: 64 << 20))
    do {
      let name = try JSONDecoder().decode(TaskName.self, from: json).name
      guard let kind = kind(name) else {
        throw TaskFileError(path: path, reason: "there is no task \(printable(name))")
      }
      return try read(kind, json)
    } catch let error as DecodingError {
      throw TaskFileError(path: path, reason: "\(error)")
    }
  }

  /// Whether a directory's weights were trained for the very same: the same task, which knows the same of its data.
  public static func isSame(_ task: any Task, asOfModelIn directory: String) throws -> Bool {
    let path = directory + "/" + fileName
    guard fileExists(path), let own = try file(of: task) else { return false }
    return try readFile(path, limit: 64 << 20) == own
  }

  private static func read<Kind: Task>(_ kind: Kind.Type, _ json: Data) throws -> any Task {
    try JSONDecoder().decode(TaskRecord<Kind>.self, from: json).facts
  }
}

private struct TaskName: Decodable {
  let name: String
}

private struct TaskRecord<Kind: Task>: Codable {
  let name: String
  let facts: Kind
}

/// A `task.json` that cannot be used.
public struct TaskFileError: ReportableError {
  let path: String
  let reason: String

  public var description: String { "\(printable(path)): \(reason); copy the checkpoint again" }
  public var exitCode: ExitCode { .badData }
}
