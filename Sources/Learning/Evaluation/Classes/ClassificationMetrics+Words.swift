public import Reporting

extension ClassificationMetrics: TaskReport {
  public var members: [(String, OrderedJSON)] {
    [("samples", .integer(samples))] + figures.map { ($0.key.stringValue, .number($0.value)) }
      + (apart.map { [("apart", .list($0.map(\.json)))] } ?? [])
  }

  public var summary: [(name: String, value: String)] {
    let shown: [CodingKeys] = isSeveral ? [.macroF1, .auroc, .nll] : [.accuracy, .balancedAccuracy, .nll]
    return figures.filter { shown.contains($0.key) }.map { ($0.name, brief($0.value) + $0.unit) }
  }

  /// By what the best weights are chosen: the accuracy, or where several classes may be true, and few samples have all of them right, F1.
  public var score: Double { isSeveral ? macroF1 ?? 0 : accuracy }

  public var table: String {
    let rows = figures.map { [$0.name, figure($0.value, $0.unit.isEmpty ? 4 : 2, $0.unit, intervals, $0.key)] }
    let lines =
      aligned([["\(samples) samples, \(byClass.count) classes", ""]] + rows)
      + (intervals == nil ? [] : ["in brackets: 95 % intervals over samples or groups (docs/evaluation.md)"])
      + (apart ?? []).map(\.line) + remarks + [""] + classLines
    return lines.joined(separator: "\n") + "\n"
  }

  /// The figures that there are, with their names.
  var figures: [(key: CodingKeys, name: String, value: Double, unit: String)] {
    let all: [(CodingKeys, String, Double?, String)] = [
      (.accuracy, isSeveral ? "all classes right" : "accuracy", accuracy, " %"),
      (.balancedAccuracy, "balanced accuracy", balancedAccuracy, " %"), (.macroF1, "macro F1", macroF1, " %"),
      (.auroc, "AUROC, one against the rest", auroc, ""), (.nll, "negative log-likelihood", nll, ""),
      (.brier, isSeveral ? "Brier score (0 to 1)" : "Brier score (0 to 2)", brier, ""),
      (.ece, "calibration error", ece, ""),
      (.eceEqualMass, "calibration error, bins of equal numbers", eceEqualMass, ""),
      (.eceByClass, "calibration error, mean over classes", eceByClass, ""),
      (.eceIfCalibrated, "calibration error of a calibrated model", eceIfCalibrated, ""),
      (.aurc, "area of risk over coverage", aurc, ""), (.excessAurc, "of that by the order", excessAurc, ""),
    ]
    return all.compactMap { key, name, value, unit in value.map { (key, name, $0, unit) } }
  }

  private var remarks: [String] {
    var remarks: [String] = []
    if unlabelled > 0 { remarks.append("\(unlabelled) samples have no known class and are left out") }
    if notFinite > 0 {
      remarks.append(
        "for \(notFinite) samples the model gave something that is no number: they count as wrong, and figures of probabilities are left out"
      )
    }
    if !missingClasses.isEmpty {
      let names = missingClasses.prefix(10).map { printable($0) }.joined(separator: ", ")
      remarks.append(
        "\(missingClasses.count) classes are of no sample, and their recall is not known: \(names)"
          + (missingClasses.count > 10 ? ", …" : ""))
    }
    if byClass.count > Self.mostClassesInDetail {
      remarks.append("of more than \(Self.mostClassesInDetail) classes there is no AUROC and no table of confusions")
    }
    return remarks
  }

  private static let mostClassesShown = 20

  private var classLines: [String] {
    let shown = byClass.prefix(Self.mostClassesShown)
    let mark = { (number: Int) in "[\(number + 1)]" }
    let columns = shown.count <= 10 ? confusion : nil
    let heading = ["", "samples", "recall", "precision", "F1", "AUROC"] + (columns?.indices.map(mark) ?? [])
    let rows = shown.enumerated().map { number, row in
      let shares = [row.recall, row.precision, row.f1].map { $0.map { decimals($0, 1) } ?? "–" }
      return ["\(mark(number)) \(printable(row.name, limit: 40))", "\(row.samples)"] + shares
        + [row.auroc.map { decimals($0, 3) } ?? "–"] + (columns?[number].map { "\($0)" } ?? [])
    }
    return aligned([heading] + rows) + [classNote]
  }

  private var classNote: String {
    let left = byClass.count - Self.mostClassesShown
    return (left > 0 ? "and \(left) more classes, with --json; " : "")
      + "recall, precision and F1 in percent"
      + (confusion != nil && byClass.count <= 10 ? "; then how many were taken for which class" : "")
  }
}

extension ApartAccuracy {
  fileprivate var json: OrderedJSON {
    .object(
      [("modality", .text(modality)), ("samples", .integer(samples))]
        + (accuracy.map { [("accuracy", .number($0))] } ?? []))
  }

  fileprivate var line: String {
    "by a head on \(modality) alone: "
      + (accuracy.map { "\(decimals($0, 2)) % of \(samples) samples" } ?? "no sample has any")
  }
}
