internal import Reporting

/// One thing that is wrong with a document: where, what, and what to do.
public struct DocumentProblem: Error, Sendable, Equatable, CustomStringConvertible {
  /// `set.yaml:3:5`.
  public let place: String
  public let message: String

  /// - Parameter path: the document's, as given; what it holds beyond print is made visible.
  public init(path: String, line: Int, column: Int, message: String) {
    place = "\(printable(path)):\(line):\(column)"
    self.message = message
  }

  public var description: String { "\(place): \(message)" }
}
