internal import Files

/// Finds the file that a caption file means by a photo's name, which is a base name as a rule, at times with some of the
/// folders above it.
struct PhotoDirectory {
  /// What a name leads to.
  enum Match: Equatable {
    case file(String)
    case missing
    /// Several files bear the name; all of them have the same size. Whether they are copies is seen in their bytes.
    case copies([String])
    /// Several files of different sizes bear the name.
    case ambiguous([String])
  }

  private let byBase: [String: [String]]
  private let size: (String) -> Int

  init(photos: [String], size: @escaping (String) -> Int) {
    byBase = Dictionary(grouping: photos) { lastComponent(of: $0) }
    self.size = size
  }

  func match(_ name: String) -> Match {
    let wanted = name.split(separator: "/").filter { $0 != "." }
    guard let base = wanted.last else { return .missing }
    let found = (byBase[String(base)] ?? []).filter {
      $0.split(separator: "/").reversed().starts(with: wanted.reversed())
    }
    guard let first = found.first else { return .missing }
    if found.count == 1 { return .file(first) }
    let shallowFirst = found.sorted { ($0.split(separator: "/").count, $0) < ($1.split(separator: "/").count, $1) }
    return Set(found.map(size)).count == 1 ? .copies(shallowFirst) : .ambiguous(shallowFirst)
  }
}
