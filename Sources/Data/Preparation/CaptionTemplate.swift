internal import Batching

/// A caption for samples that have none, made of their classes: `a sound of {label:sound}`.
public struct CaptionTemplate: Equatable, Sendable {
  private enum Part: Equatable {
    case words(String)
    /// What it is called.
    case label(String)
  }

  /// As it was written.
  public let text: String
  private let parts: [Part]

  /// - Throws: `ColumnDrop.Flaw`, in words.
  public init(_ text: String) throws(ColumnDrop.Flaw) {
    self.text = text
    var (parts, rest): ([Part], Substring) = ([], text[...])
    while let open = rest.firstIndex(of: "{") {
      guard let close = rest[open...].firstIndex(of: "}") else {
        throw ColumnDrop.Flaw(words: "“\(text)” has a { without a }")
      }
      let name = String(rest[rest.index(after: open)..<close])
      guard case .labels(let label) = Column(name) else {
        throw ColumnDrop.Flaw(words: "“{\(name)}” is no label; write {label:NAME} for the class")
      }
      parts += [.words(String(rest[..<open])), .label(label)]
      rest = rest[rest.index(after: close)...]
    }
    guard !parts.isEmpty else {
      throw ColumnDrop.Flaw(words: "“\(text)” says nothing of a class; write {label:NAME} in its place")
    }
    self.parts = parts + [.words(String(rest))]
  }

  /// What it is made of.
  var columns: ColumnSet {
    ColumnSet(parts.compactMap { if case .label(let name) = $0 { .labels(name) } else { nil } })
  }

  /// Underscores in the name of a class are spaces, and several classes are all named; nil for a sample of no class.
  func caption(of sample: SampleColumns) -> String? {
    var caption = ""
    for part in parts {
      switch part {
      case .words(let words): caption += words
      case .label(let name):
        guard let classes = sample.labels[name], !classes.isEmpty else { return nil }
        caption += classes.map { $0.replacing("_", with: " ") }.joined(separator: " and ")
      }
    }
    return caption
  }
}
