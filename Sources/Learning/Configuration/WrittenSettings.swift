/// The keys of a `configuration.yaml` that a run has written, with where each value comes from, in the order of the file. They are taken as
/// they stand there, without judging them, so that runs of other versions can be shown as well.
public func writtenSettings(_ yaml: String) -> [(key: String, value: String, origin: String)] {
  var sections: [Substring] = []
  return yaml.split(separator: "\n").compactMap { line in
    let depth = line.prefix { $0 == " " }.count / 2
    var rest = line.drop { $0 == " " }
    // What the model has by itself stands in a comment.
    if rest.hasPrefix("# ") { rest = rest.dropFirst(2) }
    let end = rest.ranges(of: "  # ").last
    let text = end.map { rest[..<$0.lowerBound] } ?? rest
    guard let colon = text.firstIndex(of: ":"), depth <= sections.count else { return nil }
    let (name, value) = (text[..<colon], text[text.index(after: colon)...].drop { $0 == " " })
    sections = Array(sections.prefix(depth))
    guard !value.isEmpty else {
      sections.append(name)
      return nil
    }
    let path = (sections + [name]).joined(separator: ".")
    let trimmed = String(value.reversed().drop { $0 == " " }.reversed())
    return (path, trimmed, end.map { String(rest[$0.upperBound...]) } ?? "")
  }
}
