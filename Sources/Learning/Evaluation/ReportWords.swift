internal import Reporting

/// A figure, and in brackets its interval where it has one.
package func figure(
  _ value: Double, _ places: Int, _ unit: String, _ intervals: [String: Interval]?, _ key: some CodingKey
) -> String {
  let interval = intervals?[key.stringValue].map { " [\(decimals($0.low, places)), \(decimals($0.high, places))]" }
  return decimals(value, places) + unit + (interval ?? "")
}

/// The first column to the left, the others to the right.
package func aligned(_ rows: [[String]]) -> [String] {
  let widths = rows[0].indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
  return rows.map { row in
    row.indices.map { column in
      let space = String(repeating: " ", count: widths[column] - row[column].count)
      return column == 0 ? row[column] + space : "   " + space + row[column]
    }.joined()
  }
}
