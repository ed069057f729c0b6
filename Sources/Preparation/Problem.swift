internal import Reporting

/// Something that was left out, and why.
public struct Problem: Codable, Equatable, Sendable {
  /// What is wrong; the raw values are those of `report.json`.
  public enum Kind: String, Codable, CaseIterable, Sendable {
    // Photos
    case missingPhoto = "missing_photo"
    case ambiguousPhoto = "ambiguous_photo"
    case missingCaption = "missing_caption"
    case notJPEG = "not_a_jpeg"
    case undecodable = "undecodable"
    case severalSplits = "several_splits"
    // Captions
    case damagedRow = "damaged_row"
    case badText = "bad_text"
    case emptyCaption = "empty_caption"
    case repeatedNumber = "repeated_number"
    // Other rows
    case splitRow = "split_row"
    case pairRow = "pair_row"
  }

  public var kind: Kind
  /// The photo or row that is meant: a file name where there is one.
  public var subject: String
  /// `file:line`, where the problem has a line.
  public var place: String?
  /// What exactly is wrong, in words.
  public var detail: String

  /// One line for a terminal.
  public var line: String {
    let whose = subject.isEmpty ? "" : "\(printable(subject, limit: 80)): "
    return (place.map { "\(printable($0)): " } ?? "") + whose + printable(detail)
  }
}

/// What a problem is counted against.
enum ProblemClass {
  case photo, caption, pair, other
}

extension Problem.Kind {
  var problemClass: ProblemClass {
    switch self {
    case .missingPhoto, .ambiguousPhoto, .missingCaption, .notJPEG, .undecodable, .severalSplits: .photo
    case .damagedRow, .badText, .emptyCaption, .repeatedNumber: .caption
    case .pairRow: .pair
    case .splitRow: .other
    }
  }
}
