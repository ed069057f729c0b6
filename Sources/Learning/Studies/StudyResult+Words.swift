internal import Evaluation
internal import Reporting

extension StudyResult {
  /// For a terminal: how much chance there is, then a table for each figure.
  public var table: String {
    var lines = [noiseWords].compactMap(\.self)
    for (place, figure) in plan.figures.enumerated() {
      lines += ["", figure.name + (figure.isLowerBetter ? ", lower is better" : "")]
      lines += aligned([Self.heads] + variants.map { row($0, $0.figures[place]) })
    }
    if variants.count > 2 {
      lines.append("p is corrected for \(variants.count - 1) comparisons (Holm)")
    }
    lines += remarks + missingWords
    return lines.joined(separator: "\n") + "\n"
  }

  /// The noise floor in words; nil of fewer than two runs of the baseline.
  public var noiseWords: String? {
    guard let noise, let mean = variants.first(where: { $0.name == plan.baseline })?.figures.first?.mean else {
      return nil
    }
    return
      "\(mean.count) runs of \(plan.baseline) have a standard deviation of \(brief(noise.deviation)) by chance alone "
      + "(\(plan.figures[0].name)): two means that are less than \(brief(noise.smallest)) apart cannot be told from it"
  }

  /// Columns of the tables.
  public static let heads = ["", "mean", "95 % over runs", "95 % over test samples", "less the baseline", "p", "runs"]

  /// A line of a figure's table.
  public func row(_ variant: Variant, _ figure: Figure) -> [String] {
    let isBaseline = variant.name == plan.baseline
    return [
      variant.name + (isBaseline ? " (baseline)" : ""), figure.mean.map { brief($0.mean) } ?? "–",
      figure.mean?.interval.map(words) ?? "", figure.testInterval.map(words) ?? "",
      isBaseline ? "" : figure.difference.map { signed($0.mean) + ($0.interval.map { " " + words($0) } ?? "") } ?? "–",
      figure.corrected.map(probability) ?? "", "\(figure.mean?.count ?? 0) of \(figure.values.count)",
    ]
  }

  private func words(_ interval: Interval) -> String { "[\(brief(interval.low)), \(brief(interval.high))]" }
}

/// With its sign.
public func signed(_ value: Double) -> String { (value > 0 ? "+" : "") + brief(value) }

/// Three decimals, or that it is less than what these can say.
public func probability(_ value: Double) -> String { value < 0.001 ? "< 0.001" : decimals(value, 3) }
