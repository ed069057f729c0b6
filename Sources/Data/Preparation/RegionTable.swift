internal import Batching
internal import Files

/// A table of region features, a row a photo: tab-separated, without a heading, tens of gigabytes of it in use.
///
/// It is mapped and walked once for where its rows begin; what is in a row is read when it is asked for, so that no more
/// of it is ever in memory.
final class RegionTable: Sendable {
  /// What the rows are, which their number of columns says.
  enum Layout: Int, CaseIterable, Sendable {
    /// The key, and JSON.
    case json = 2
    /// Oscar's: the key, the number of regions, features with six numbers of the box behind them.
    case oscar = 3
    case bottomUp = 6
    case lxmert = 10
  }

  struct Row: Equatable, Sendable {
    /// What names the photo: a number or a name.
    let key: String
    /// Counted from 1.
    let number: Int
    /// Of the file's bytes, without the end of the line.
    let range: Range<Int>
  }

  /// 100 regions of 2,048 numbers are 1.1 MB.
  static let longestRow = 32 << 20

  let path: String
  let layout: Layout
  let rows: [Row]
  private let file: MappedFile

  /// - Throws: `RegionError` for a file of another form, `FileError` where there is none.
  init(path: String) throws {
    self.path = path
    let file = try MappedFile(path)
    self.file = file
    (layout, rows) = try withExtendedLifetime(file) { try Self.walk(file.bytes, path) }
  }

  private static func walk(_ bytes: UnsafeRawBufferPointer, _ path: String) throws(RegionError) -> (Layout, [Row]) {
    var rows: [Row] = []
    var layout: Layout?
    var lines = MappedLines(bytes, longest: longestRow)
    while let line = lines.next() {
      guard let range = line.range else {
        throw .row(path: path, row: line.number, reason: "it is longer than \(longestRow) bytes")
      }
      if range.isEmpty { continue }
      let columns = MappedLines.columns(bytes[range])
      guard let expected = layout ?? Layout(rawValue: columns.count) else {
        throw .noTable(path: path, columns: columns.count)
      }
      guard columns.count == expected.rawValue else {
        let reason = "it has \(columns.count) columns where those before it have \(expected.rawValue)"
        throw .row(path: path, row: line.number, reason: reason)
      }
      layout = expected
      guard let key = key(columns[0]) else {
        throw .row(path: path, row: line.number, reason: "its first column names no photo")
      }
      rows.append(Row(key: key, number: line.number, range: range))
    }
    guard let layout else { throw .noTable(path: path, columns: 0) }
    return (layout, rows)
  }

  private static func key(_ field: Slice<UnsafeRawBufferPointer>) -> String? {
    guard (1...1024).contains(field.count), String(validating: field, as: UTF8.self) != nil, !field.contains(0) else {
      return nil
    }
    return RegionField(field).text
  }

  /// What a row says of a picture of this size.
  ///
  /// - Throws: `RegionError.row`.
  func reading(_ row: Row, size: PictureSize) throws(RegionError) -> RegionReading {
    do throws(RegionFault) {
      return try withExtendedLifetime(file) { () throws(RegionFault) in
        let columns = MappedLines.columns(file.bytes[row.range]).map(RegionField.init)
        return switch layout {
        case .bottomUp: try RegionReading(bottomUp: columns, size)
        case .lxmert: try RegionReading(lxmert: columns, size)
        case .oscar: try RegionReading(oscar: columns, size)
        case .json: try RegionReading(json: columns, size)
        }
      }
    } catch {
      throw .row(path: path, row: row.number, reason: error.reason)
    }
  }
}
