public import Reporting

/// Why files of region features are not read, or those of one photo are not taken.
public enum RegionError: ReportableError, Equatable {
  /// Nothing there is a file of regions; `found` are files that are there.
  case noRegions(path: String, found: [String])
  /// There are regions, and none of the photo that is asked for.
  case noPhoto(path: String, photo: String)
  /// A kind of file that is known and not read.
  case otherKind(path: String, kind: String, advice: String)
  /// A file that no table of regions can be, by the columns of its first line.
  case noTable(path: String, columns: Int)
  /// A row of a table (rows are counted from 1).
  case row(path: String, row: Int, reason: String)
  /// A file of one photo.
  case file(path: String, reason: String)

  public var description: String {
    switch self {
    case .noRegions(let path, let found):
      "\(printable(path)) holds no region features: a folder with an .npz a photo is wanted, or tables (.tsv) of bottom-up "
        + "attention, LXMERT, Oscar or VinVL, each named itself"
        + (found.isEmpty
          ? "" : "; what is there: " + found.prefix(3).map { printable($0, limit: 80) }.joined(separator: ", "))
    case .noPhoto(let path, let photo):
      "\(printable(path)) has no regions of \(printable(photo)); name a file that has them, or their .npz itself"
    case .otherKind(let path, let kind, let advice):
      "\(printable(path)) is \(kind), which is not read; \(advice)"
    case .noTable(let path, let columns):
      "\(printable(path)) is no table of region features: its first line has \(columns) columns; known are those of "
        + "bottom-up attention with 6, tabs between them, LXMERT with 10, Oscar with 3, VinVL with 2"
    case .row(let path, let row, let reason):
      "\(printable(path)): row \(row): \(printable(reason, limit: 400)); fetch or write the file again, or leave the row out"
    case .file(let path, let reason):
      "\(printable(path)): \(printable(reason, limit: 400)); write the file again, or leave it out"
    }
  }

  public var exitCode: ExitCode {
    switch self {
    case .noRegions, .noPhoto: .missingInput
    case .otherKind, .noTable, .row, .file: .badData
    }
  }
}
