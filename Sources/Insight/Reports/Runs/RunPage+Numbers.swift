public import Reporting

extension RunPage {
  /// All that the charts show, for programs.
  public var document: OrderedJSON {
    .object([
      (
        "runs",
        .list(
          zip(names, runs).map { name, run in
            .object(
              [
                ("name", .text(name)), ("path", .text(run.history.path)), ("state", .text(run.history.state.rawValue)),
                ("steps", .integer(run.history.lastStep)), ("starts", .integer(run.history.starts)),
                ("seconds", .number(run.history.seconds)), ("unread_lines", .integer(run.history.unreadLines)),
                ("curves", .list(run.history.curves.map(curve))),
                ("settings", .object(run.settings.map { ($0.key, .text($0.value)) })),
                ("start", .object(run.history.start.map { ($0.name.replacing(" ", with: "_"), .text($0.value)) })),
              ] + (run.measured.map { [("measured", $0.document)] } ?? []))
          })
      )
    ])
  }

  /// Points as `[first step, last step, mean, least, largest]`.
  private func curve(_ curve: Curve) -> OrderedJSON {
    let points = curve.points.map {
      OrderedJSON.list([
        .integer($0.first), .integer($0.last), .float(Float($0.mean)), .float(Float($0.low)), .float(Float($0.high)),
      ])
    }
    let part: [(String, OrderedJSON)] = curve.part.map { [("part", .text($0))] } ?? []
    return .object([("name", .text(curve.name))] + part + [("points", .list(points))])
  }

  var json: String { scriptText(document) }
}

/// A document within a script, of which an HTML parser looks for the end alone.
func scriptText(_ document: OrderedJSON) -> String {
  document.line.split(separator: "<", omittingEmptySubsequences: false).joined(separator: "\\u003c")
}
