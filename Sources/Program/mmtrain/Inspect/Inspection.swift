internal import Batching
internal import Checkpoints
internal import Files
internal import Pretrained
internal import Reporting
internal import Training

/// What `inspect` has to tell about a path, for people and for programs.
struct Inspection {
  var lines: [String]
  var members: [(String, OrderedJSON)]

  var text: String { lines.joined(separator: "\n") + "\n" }
  var json: OrderedJSON { .object(members) }

  /// Finds out what `path` is.
  /// - Parameter verifies: also reads all data of a prepared set and compares every hash.
  init(path: String, verifies: Bool) throws {
    let path = try checkpointPath(path)
    guard fileExists(path) else { throw FileError.missing(path: path) }
    if !isDirectory(path) {
      self = Inspection(try SafetensorsFile(path: path))
    } else if fileExists(path + "/manifest.json") {
      self = try Inspection(try PreparedDataSet(path: path), verifies: verifies)
    } else if isDirectory(path + "/checkpoints") {
      self = try Inspection(run: CheckpointStore(runDirectory: path))
    } else if fileExists(path + "/DONE") || fileExists(path + "/training_state") {
      self = try Inspection(try Checkpoint(path: path))
    } else if ["config.json", "open_clip_config.json"].contains(where: { fileExists(path + "/" + $0) })
      || isAdapter(path)
    {
      self = try Inspection(try ModelDirectory(path: path))
    } else {
      self = Inspection(try SafetensorsFile(path: try modelWeightsPath(at: path)))
    }
  }

  init(lines: [String], members: [(String, OrderedJSON)]) {
    self.lines = lines
    self.members = members
  }
}

/// Rows in columns: all but the last padded to the width of the widest.
func columns(_ rows: [[String]]) -> [String] {
  let count = rows.map(\.count).max() ?? 0
  let widths = (0..<count).map { column in
    rows.map { column < $0.count ? $0[column].count : 0 }.max() ?? 0
  }
  return rows.map { row in
    row.enumerated().map { column, cell in
      column == row.count - 1 ? cell : cell + String(repeating: " ", count: widths[column] - cell.count + 2)
    }.joined()
  }
}

/// A number of bytes for people.
func sizeText(_ bytes: Int) -> String {
  let units = ["bytes", "KiB", "MiB", "GiB", "TiB"]
  var value = Double(bytes)
  var unit = 0
  while value >= 1024, unit < units.count - 1 {
    value /= 1024
    unit += 1
  }
  if unit == 0 { return "\(bytes) bytes" }
  let tenths = Int((value * 10).rounded())
  return "\(tenths / 10).\(tenths % 10) \(units[unit])"
}
