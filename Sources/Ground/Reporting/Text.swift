/// `text` as it may be shown on a terminal: control characters, escapes and line breaks become visible, and what is
/// longer than `limit` characters is cut. File names, captions and headers from outside go through here before printing.
public func printable(_ text: some StringProtocol, limit: Int = 200) -> String {
  var shown = ""
  var count = 0
  for scalar in text.unicodeScalars {
    if count == limit { return shown + "…" }
    switch scalar.properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse, .unassigned:
      shown += "\\u{" + String(scalar.value, radix: 16) + "}"
    default:
      shown.unicodeScalars.append(scalar)
    }
    count += 1
  }
  return shown
}

/// `text` as it may stand in an HTML page, in an attribute too; control characters are made visible first.
public func escaped(_ text: String) -> String {
  var out = ""
  for character in printable(text, limit: 500).unicodeScalars {
    switch character {
    case "&": out += "&amp;"
    case "<": out += "&lt;"
    case ">": out += "&gt;"
    case "\"": out += "&quot;"
    case "'": out += "&#39;"
    default: out.unicodeScalars.append(character)
    }
  }
  return out
}

/// The candidate that `name` is most likely a misspelling of, or nil where none is near (edit distance over a third of
/// the length). Ties go to the earlier candidate.
public func nearest(to name: String, among candidates: [String]) -> String? {
  let limit = max(2, name.count / 3)
  var best: (candidate: String, distance: Int)?
  for candidate in candidates {
    let distance = editDistance(Array(name.utf8), Array(candidate.utf8))
    if distance <= limit, distance < best?.distance ?? .max { best = (candidate, distance) }
  }
  return best?.candidate
}

/// Optimal string alignment distance: insertions, deletions, substitutions and swaps of neighbours cost one each.
func editDistance(_ a: [UInt8], _ b: [UInt8]) -> Int {
  var rows = [[Int]](repeating: Array(0...b.count), count: 3)
  for i in a.indices {
    var current = [Int](repeating: 0, count: b.count + 1)
    current[0] = i + 1
    for j in b.indices {
      let substitution = rows[1][j] + (a[i] == b[j] ? 0 : 1)
      current[j + 1] = min(rows[1][j + 1] + 1, current[j] + 1, substitution)
      if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] {
        current[j + 1] = min(current[j + 1], rows[0][j - 1] + 1)
      }
    }
    rows[0] = rows[1]
    rows[1] = current
  }
  return rows[1][b.count]
}
