package import Batching

/// The layouts in which captions come, the preferred one first.
package enum CaptionLayout: Int, Comparable {
  case karpathy, coco, token, bars, records, separated

  /// How the report calls it.
  var name: String {
    switch self {
    case .karpathy: "Karpathy JSON"
    case .coco: "COCO JSON"
    case .token: "token file"
    case .bars: "CSV with bars"
    case .records: "JSON records"
    case .separated: "CSV"
    }
  }

  /// Whether it lists the photos that are meant: what it does not name is left out on purpose.
  var isSelection: Bool { self == .karpathy || self == .coco }

  package static func < (a: CaptionLayout, b: CaptionLayout) -> Bool { a.rawValue < b.rawValue }
}

/// Where in a caption file something stands.
enum RowPlace {
  case line(Int)
  /// An item of a JSON list.
  case item(list: String, index: Int)

  func text(in path: String) -> String {
    switch self {
    case .line(let line): "\(path):\(line)"
    case .item(let list, let index): "\(path): \(list)[\(index)]"
    }
  }
}

/// What one caption file says, whatever its layout.
package struct CaptionFile {
  /// What is known about one photo.
  package struct Photo {
    /// In the order of their numbers.
    package var captions: [String] = []
    /// As the file calls them; more than one is a contradiction, none means that the file knows no splits.
    package fileprivate(set) var splits: [String] = []
    /// What the file says beyond captions.
    package var details: JSONValue?
    fileprivate var numbers: [Int] = []
  }

  private(set) var path: String
  package let layout: CaptionLayout
  /// The photos' names, in the order in which they were first named.
  package private(set) var names: [String] = []
  package private(set) var problems: [Problem] = []
  /// Rows or sentences, the unfit ones included.
  package private(set) var rows = 0
  /// How a table was read; nil for other layouts.
  var form: TableForm?
  /// What was converted before it could be read, in words.
  var conversion: String?
  private var photos: [String: Photo] = [:]

  init(path: String, layout: CaptionLayout) {
    self.path = path
    self.layout = layout
  }

  package subscript(name: String) -> Photo? { photos[name] }

  var hasSplits: Bool { names.contains { photos[$0]?.splits.isEmpty == false } }

  var hasDetails: Bool { names.contains { photos[$0]?.details != nil } }

  /// Names a photo, which may stay without captions.
  mutating func mention(_ name: String, split: String? = nil, details: JSONValue? = nil) {
    if photos[name] == nil {
      photos[name] = Photo()
      names.append(name)
    }
    if let split, photos[name]?.splits.contains(split) == false { photos[name]?.splits.append(split) }
    if let details { photos[name]?.details = details }
  }

  /// Takes a caption, or a problem in its place.
  ///
  /// - Parameter number: its place among the photo's captions; nil puts it at the end.
  mutating func add(_ caption: String, to name: String, number: Int? = nil, at place: RowPlace) {
    rows += 1
    mention(name)
    guard var photo = photos.removeValue(forKey: name) else { return }
    defer { photos[name] = photo }
    let text = trimmed(caption)
    let number = number ?? (photo.numbers.last ?? -1) + 1
    if text.isEmpty {
      note(.emptyCaption, name, place, "its caption \(number) is empty")
    } else if text.utf8.contains(0) {
      note(.badText, name, place, "its caption \(number) holds a NUL byte")
    } else if photo.numbers.contains(number) {
      note(.repeatedNumber, name, place, "its caption \(number) comes a second time")
    } else {
      let position = photo.numbers.firstIndex { $0 > number } ?? photo.numbers.count
      photo.numbers.insert(number, at: position)
      photo.captions.insert(text, at: position)
    }
  }

  /// Notes a row that is no caption.
  mutating func reject(_ kind: Problem.Kind, at place: RowPlace, _ detail: String, subject: String = "") {
    rows += 1
    note(kind, subject, place, detail)
  }

  private mutating func note(_ kind: Problem.Kind, _ subject: String, _ place: RowPlace, _ detail: String) {
    problems.append(Problem(kind: kind, subject: subject, place: place.text(in: path), detail: detail))
  }
}

extension CaptionFile {
  /// Takes in what another file of the same layout says; the photos that each names are in its split.
  mutating func join(_ other: CaptionFile) {
    path += ", " + other.path
    rows += other.rows
    problems += other.problems
    for name in other.names {
      guard let photo = other[name] else { continue }
      mention(name)
      var joined = photos[name] ?? Photo()
      joined.captions += photo.captions
      joined.splits += photo.splits
      joined.numbers = Array(joined.captions.indices)
      photos[name] = joined
    }
  }

  /// Puts all its photos into one split.
  mutating func assign(split: String) {
    for name in names { photos[name]?.splits = [split] }
  }

  /// How this file differs from the one that was taken, in words; nil where they agree on every photo both name, and
  /// name the same photos.
  func difference(from taken: CaptionFile) -> String? {
    let shared = names.filter { taken[$0] != nil }
    let differing = shared.filter { !agree(self[$0], taken[$0]) }
    var parts: [String] = []
    if let first = differing.first { parts.append("\(differing.count) photos have other captions (first: \(first))") }
    if names.count > shared.count { parts.append("\(names.count - shared.count) photos are only in \(path)") }
    if taken.names.count > shared.count {
      parts.append("\(taken.names.count - shared.count) photos are only in \(taken.path)")
    }
    return parts.isEmpty ? nil : parts.joined(separator: "; ")
  }

  /// White space within captions does not count: the layouts treat it differently.
  private func agree(_ one: Photo?, _ other: Photo?) -> Bool {
    if one?.captions == other?.captions { return true }
    func folded(_ photo: Photo?) -> [String] {
      (photo?.captions ?? []).map { $0.split(whereSeparator: \.isWhitespace).joined(separator: " ") }
    }
    return folded(one) == folded(other)
  }
}
