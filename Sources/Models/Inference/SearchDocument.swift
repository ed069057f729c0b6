public import Reporting

extension SearchQuery {
  /// What it is by, and what it is, as they stand in a document.
  public var member: (String, OrderedJSON) {
    switch self {
    case .text(let text): ("text", .text(text))
    case .image(let path): ("image", .text(path))
    case .audio(let path): ("audio", .text(path))
    }
  }
}

/// What was found, for programs.
/// - Parameters:
///   - index: as it was named.
///   - file: what is in it.
public func searchDocument(_ answers: [SearchAnswer], index: String, _ file: FeatureFile) -> OrderedJSON {
  let results = answers.map { answer in
    let hits = answer.hits.enumerated().map { rank, hit in
      OrderedJSON.object([
        ("rank", .integer(rank + 1)), ("name", .text(hit.name)), ("similarity", .float(hit.similarity)),
      ])
    }
    return OrderedJSON.object([answer.query.member, ("hits", .list(hits))])
  }
  return .object([
    ("index", .text(index)), ("model", .text(file.stamp.name)),
    ("photos", .integer(file.media?.table.names.count ?? 0)), ("results", .list(results)),
  ])
}
