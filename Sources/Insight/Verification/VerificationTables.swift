public import Reporting

extension CaseReport {
  /// For people: a line for each array, then what all of them come to.
  public var table: String {
    let rows = comparisons.map { row in
      [row.name, "\(row.shape)", figure(row.difference), figure(row.relative), row.isRight ? "ok" : "WRONG"]
    }
    let width = 2 + (rows.map { $0[0].count }.max() ?? 0)
    let ending = [
      gradientsOf.isEmpty ? nil : "gradients are of \(gradientsOf.joined(separator: " + "))",
      unread.isEmpty ? nil : "nothing here is computed from \(unread.joined(separator: ", "))",
      "\(rows.count) arrays of \(model), \(differing.count) differ by more than \(tolerance) of their largest value",
    ]
    return lines([["array", "shape", "difference", "relative", "result"]] + rows, widths: [width, 18, 12, 12])
      + ending.compactMap { $0.map { $0 + "\n" } }.joined()
  }

  public var json: OrderedJSON {
    let rows = comparisons.map { row in
      OrderedJSON.object([
        ("name", .text(row.name)), ("shape", .list(row.shape.map { .integer($0) })),
        ("difference", .number(row.difference)), ("relative", .number(row.relative)), ("ok", .flag(row.isRight)),
      ])
    }
    return .object([
      ("ok", .flag(differing.isEmpty)), ("model", .text(model)), ("tolerance", .number(tolerance)),
      ("gradients_of", .list(gradientsOf.map { .text($0) })), ("unread_inputs", .list(unread.map { .text($0) })),
      ("arrays", .list(rows)),
    ])
  }
}

extension [VerificationCheck] {
  /// For people: a line for each check.
  public var table: String {
    let rows = map { check in
      [
        check.name, figure(check.difference), figure(check.limit),
        (check.isRight ? "ok" : "WRONG") + " (\(check.unit))",
      ]
    }
    return lines([["check", "difference", "limit", "result"]] + rows, widths: [30, 12, 12])
  }

  public var json: OrderedJSON {
    let rows = map { check in
      OrderedJSON.object([
        ("name", .text(check.name)), ("difference", .number(check.difference)), ("limit", .number(check.limit)),
        ("unit", .text(check.unit)), ("ok", .flag(check.isRight)),
      ])
    }
    return .object([("ok", .flag(allSatisfy(\.isRight))), ("checks", .list(rows))])
  }
}

/// Cells below each other; the last one of a row is as wide as it is.
private func lines(_ rows: [[String]], widths: [Int]) -> String {
  rows.map { cells in
    zip(cells, widths).map { cell, width in cell + String(repeating: " ", count: max(1, width - cell.count)) }.joined()
      + (cells.last ?? "") + "\n"
  }.joined()
}

/// Two digits, with a power of ten where the number is small.
private func figure(_ value: Double) -> String {
  guard value.isFinite else { return "no result" }
  if value == value.rounded(), value < 1e15 { return String(Int(value)) }
  if value >= 10 { return "\(value)" }
  var (mantissa, exponent) = (value, 0)
  while mantissa < 1 { (mantissa, exponent) = (mantissa * 10, exponent - 1) }
  return decimals(mantissa, 1) + (exponent == 0 ? "" : "e\(exponent)")
}
