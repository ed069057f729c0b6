internal import Reporting

/// How many there were of something that has to be told, and which of them came first.
struct Tally: Sendable, Equatable {
  private(set) var count = 0
  private var first = ""

  mutating func add(_ name: String) {
    if count == 0 { first = name }
    count += 1
  }

  /// "3 names hold backslashes (first: “a\b”)"; nil where there was none.
  func note(_ one: String, _ many: String, _ more: String = "") -> String? {
    switch count {
    case 0: nil
    case 1: "1 \(one) (“\(printable(first))”)" + more
    default: "\(count) \(many) (first: “\(printable(first))”)" + more
    }
  }
}
