internal import Evaluation
internal import Inference
internal import Reporting

extension MeasuredSplit {
  /// The numbers that a page shows, for programs.
  var document: OrderedJSON {
    .object([
      ("model", .text(model)), ("data", .text(data)), ("split", .text(split)),
      ("figures", .object(report.figures.map { ($0.name, $0.document) })),
      ("shown", .list(report.exhibits.map(\.document))),
      (
        "maps",
        .list(
          maps.map { map in
            .object([
              ("name", .text(map.name)), ("text", .text(map.text)), ("told", map.told.map { .text($0) } ?? .null),
              ("score", .float(map.explanation.score.value)),
              ("places", .list(map.explanation.places.map { .float($0.relevance) })),
              (
                "parts_of_text",
                .list(
                  map.explanation.words.map {
                    .object([("text", .text($0.text)), ("relevance", .float($0.relevance))])
                  })
              ),
            ])
          })
      ),
    ])
  }
}

extension MeasuredFigure {
  fileprivate var document: OrderedJSON {
    let ends = interval.map { OrderedJSON.list([.number($0.lowerBound), .number($0.upperBound)]) }
    return .object([("value", .number(value))] + (ends.map { [("interval", $0)] } ?? []))
  }
}

extension Exhibit {
  fileprivate var document: OrderedJSON {
    switch self {
    case .confusion(let classes, let counts):
      .object([
        ("kind", .text("confusion")), ("classes", .list(classes.map { .text($0) })),
        ("counts", .list(counts.map { .list($0.map { .integer($0) }) })),
      ])
    case .reliability(let bins, let error, let lucky):
      .object([
        ("kind", .text("reliability")), ("ece", error.json), ("ece_if_calibrated", lucky.json),
        ("bins", .list(bins.filter { $0.count > 0 }.map(\.document))),
      ])
    case .riskCoverage(let points, let area):
      .object([
        ("kind", .text("risk_coverage")), ("aurc", area.json),
        (
          "points",
          .list(
            points.map {
              .object([
                ("coverage", .number($0.coverage)), ("risk", .number($0.risk)), ("confidence", .number($0.confidence)),
              ])
            })
        ),
      ])
    case .samples(let shown):
      .object([
        ("kind", .text("samples")), ("title", .text(shown.title)), ("choice", .text(shown.choice)),
        ("samples", .list(shown.samples.map(\.document))),
      ])
    case .searches(let shown):
      .object([
        ("kind", .text("searches")), ("title", .text(shown.title)), ("choice", .text(shown.choice)),
        ("searches", .list(shown.searches.map(\.document))),
      ])
    }
  }
}

extension Double? {
  fileprivate var json: OrderedJSON { map { .number($0) } ?? .null }
}

extension ReliabilityBin {
  fileprivate var document: OrderedJSON {
    .object([
      ("low", .number(low)), ("high", .number(high)), ("count", .integer(count)), ("stated", stated.json),
      ("came_true", cameTrue.json),
    ])
  }
}

extension ShownSample {
  fileprivate var document: OrderedJSON {
    var members: [(String, OrderedJSON)] = [("place", .integer(place)), ("name", .text(name))]
    if let text { members.append(("text", .text(text))) }
    if !told.isEmpty {
      let choices = told.map {
        OrderedJSON.object([("text", .text($0.text)), ("probability", $0.probability.json)])
      }
      members.append(("told", .list(choices)))
    }
    if let written { members.append(("written", .text(written.words))) }
    if let scores { members += [("cider", scores.cider.json), ("rouge_l", .number(scores.rougeL))] }
    members.append(("right", .list(right.map { .text($0) })))
    if let isRight { members.append(("is_right", .flag(isRight))) }
    if !boxes.isEmpty {
      let edges = boxes.map { box in
        OrderedJSON.object([
          ("box", .list([box.left, box.top, box.right, box.bottom].map { .float($0) })),
          ("is_right", .flag(box.isRight)),
        ])
      }
      members.append(("boxes", .list(edges)))
    }
    return .object(members)
  }
}

extension ShownSearch {
  fileprivate var document: OrderedJSON {
    .object([
      ("query", query.document), ("rank", .integer(rank)), ("among", .integer(among)), ("right", right.document),
      (
        "found",
        .list(
          found.map {
            .object([
              ("item", $0.item.document), ("score", .float($0.score)), ("is_right", .flag($0.isRight)),
              ("says_the_same", .flag($0.saysTheSame)),
            ])
          })
      ),
    ])
  }
}

extension ShownSearch.Item {
  fileprivate var document: OrderedJSON {
    .object(
      [("place", .integer(place)), ("name", .text(name))] + (text.map { [("text", OrderedJSON.text($0))] } ?? []))
  }
}
