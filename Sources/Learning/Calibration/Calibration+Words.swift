internal import Evaluation
internal import Reporting

extension Calibration {
  /// All of it, for a terminal.
  public var table: String {
    let rows =
      [
        ("negative log-likelihood", \StatedFigures.nll),
        (isSeveral ? "Brier score (0 to 1)" : "Brier score (0 to 2)", \.brier),
      ]
      + [
        ("calibration error", \.ece), ("calibration error, bins of equal numbers", \.eceEqualMass),
        ("calibration error of a calibrated model", \.eceIfCalibrated), ("area of risk over coverage", \.aurc),
      ]
    let lines =
      [
        "temperature \(decimals(temperature.value, 4)), from \(parts?.temperature ?? samples) samples of \(printable(dataSet)), \(printable(split))"
      ]
      + remarks + [""]
      + aligned(
        [["", "as stated", "at the temperature"]]
          + rows.map { name, figure in
            [name, decimals(before[keyPath: figure], 4), decimals(after[keyPath: figure], 4)]
          })
      + ["", refusalLine] + setLines
      + [origins]
    return lines.joined(separator: "\n") + "\n"
  }

  /// What is to be known of the temperature and the samples.
  public var remarks: [String] {
    let useless = uselessTemperature.map {
      "the samples have a temperature of \(decimals($0, 4)), and it is not used: what half of them have made the other half no truer"
    }
    let outside = outside.map { "\($0) samples have an answer that is none of the model's: they count as mistakes" }
    let isWorse = parts != nil && after.nll > before.nll
    let worse =
      isWorse ? "on samples that it has not seen the temperature makes the likelihood worse: do not believe it" : nil
    return [useless, worse, outside].compactMap(\.self)
  }

  /// What comes from which samples.
  public var origins: String {
    guard let parts else {
      return
        "temperature, threshold and sets come from the same samples; --divide gives each its own (docs/calibration.md)"
    }
    return
      "temperature, threshold and sets come from samples of their own: \(parts.temperature), \(parts.threshold) and \(parts.sets), no "
      + "image or group in two of them; what is above is of those that the temperature has not seen"
  }

  /// What may be promised of mistakes, in a sentence.
  public var refusalLine: String {
    let (risk, sure) = (percent(refusal.risk), percent(1 - refusal.doubt))
    let seen = "\(refusal.mistakes) of the \(refusal.taken) surest are wrong, so up to \(percent(refusal.limit)) may be"
    switch refusal.shortfall {
    case nil:
      return
        "where the model is at least \(percent(refusal.confidence ?? 1)) sure, at most \(risk) are wrong, with a confidence of "
        + "\(sure): \(percent(refusal.coverage)) of the samples are taken (\(seen)), \(refusal.samples - refusal.taken) of "
        + "\(refusal.samples) are referred"
    case .needs(let samples):
      return
        "not enough data for at most \(risk) wrong with a confidence of \(sure): need \(samples), have \(refusal.samples)"
        + (parts == nil ? "" : " in the threshold's part")
    case .mistakes:
      return "at most \(risk) wrong cannot be promised with a confidence of \(sure): \(seen)"
    }
  }

  /// What is said of sets of possible classes.
  public var setLines: [String] {
    guard let sets else { return [] }
    let miss = percent(1 - sets.miss)
    guard let quantile = sets.quantile else {
      return [
        "not enough data for sets that hold the true class in \(miss): need \(sets.needed), have \(parts?.sets ?? samples)"
      ]
    }
    let pooled = classes.indices.filter { sets.quantileOfClass[$0] == nil }
    let names = pooled.prefix(10).map { "\(printable(classes[$0])) (\(sets.samplesOfClass[$0]))" }.joined(
      separator: ", ")
    return [
      "sets of possible classes hold the true one in \(miss); the limit of a class's score is \(decimals(quantile, 4))"
    ]
      + (pooled.isEmpty
        ? []
        : [
          "that holds on average alone, not for classes with fewer than \(sets.needed) samples: \(names)"
            + (pooled.count > 10 ? ", …" : "")
        ])
  }
}

private func percent(_ share: Double) -> String {
  let text = decimals(100 * share, 1)
  return (text.hasSuffix(".0") ? String(text.dropLast(2)) : text) + " %"
}
