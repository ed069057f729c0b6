/// What is known of each sample once, so that figures of any resample are sums over samples.
struct ClassFigures {
  private let samples: Int
  private let classes: Int
  private let isSeveral: Bool
  /// Whether the classes are few enough to look at each against each.
  let isDetailed: Bool
  /// Which classes are true of each sample, which were taken to be, and which are both.
  private let truths: [[Int]]
  private let taken: [[Int]]
  private let hits: [[Int]]
  let isRight: [Bool]
  /// Of what was taken; below all where the logits are no numbers.
  let confidences: [Double]
  /// −log p and squared errors of each sample; nothing where a logit of any is no number.
  private let costs: [Double]
  private let squares: [Double]
  private let areas: [AreaUnderCurve]
  let coverage: RiskCoverage
  let calibration: CalibrationError?
  /// The mean over classes of the calibration error of each one's probability (Nixon et al., "Measuring Calibration in Deep Learning", 2019);
  /// NaN where it has no value.
  let classCalibration: Double

  /// - Parameter predictions: sound, and all labelled.
  init(_ predictions: ClassPredictions) {
    let judged = (0..<predictions.count).map { JudgedSample(predictions, $0) }
    (samples, classes, isSeveral) = (predictions.count, predictions.classes.count, predictions.isSeveral)
    isDetailed = classes <= ClassificationMetrics.mostClassesInDetail
    (truths, taken) = (judged.map { numbers($0.isTrue) }, judged.map { numbers($0.isTaken) })
    hits = zip(truths, taken).map { truths, taken in truths.filter { taken.contains($0) } }
    isRight = judged.map(\.isRight)
    confidences = judged.map(\.confidence)
    let isFinite = judged.allSatisfy(\.isFinite)
    costs = isFinite ? judged.indices.map { predictions.cost(of: $0) } : []
    squares = isFinite ? judged.map { $0.squaredError(isSeveral: predictions.isSeveral) } : []
    areas = (0..<(isDetailed ? classes : 0)).map { number in
      AreaUnderCurve(judged.indices.map { ScoredItem(judged[$0].probabilities[number], judged[$0].isTrue[number], $0) })
    }
    coverage = RiskCoverage(confidences, isRight)
    calibration = isFinite ? CalibrationError(judged, isSeveral: predictions.isSeveral) : nil
    let once = [Int](repeating: 1, count: samples)
    classCalibration =
      isFinite
      ? meanOfKnown(
        (0..<(isDetailed ? classes : 0)).map { number in
          CalibrationError(
            judged.map { $0.probabilities[number] }, judged.map { $0.isTrue[number] }, samples: Array(judged.indices)
          ).equalWidth(once)
        }) : .nan
  }

  static let keys: [ClassificationMetrics.CodingKeys] = [
    .accuracy, .balancedAccuracy, .macroF1, .auroc, .nll, .brier, .ece, .eceEqualMass, .aurc, .excessAurc,
  ]

  /// In the order of `keys`; NaN where one has no value.
  /// - Parameter times: how often each sample is there.
  func callAsFunction(_ times: [Int]) -> [Double] {
    let total = Double(times.reduce(0, +))
    let right = isRight.indices.reduce(0) { $0 + (isRight[$1] ? times[$1] : 0) }
    let counts = counts(times)
    let (area, excess) = coverage.areas(times)
    return [
      100 * Double(right) / total, 100 * meanOfKnown(counts.map { isSeveral ? $0.balanced : $0.recall }),
      100 * meanOfKnown(counts.map(\.f1)), meanOfKnown(areas.map { $0.value(times) }),
      mean(of: costs, times), mean(of: squares, times), calibration?.equalWidth(times) ?? .nan,
      calibration?.equalMass(times) ?? .nan, area, excess,
    ]
  }

  /// Each class against the others.
  func area(of number: Int) -> Double {
    isDetailed ? areas[number].value([Int](repeating: 1, count: samples)) : .nan
  }

  func counts(_ times: [Int]) -> [ClassCounts] {
    var counts = [ClassCounts](repeating: ClassCounts(samples: times.reduce(0, +)), count: classes)
    for sample in 0..<samples where times[sample] > 0 {
      for number in truths[sample] { counts[number].truths += times[sample] }
      for number in taken[sample] { counts[number].taken += times[sample] }
      for number in hits[sample] { counts[number].hits += times[sample] }
    }
    return counts
  }

  /// Rows of the true class, columns of the one that was taken; a sample of which none was taken is in no column.
  var confusion: [[Int]] {
    var rows = [[Int]](repeating: [Int](repeating: 0, count: classes), count: classes)
    for (truths, taken) in zip(truths, taken) {
      if let row = truths.first, let column = taken.first { rows[row][column] += 1 }
    }
    return rows
  }

  private func mean(of values: [Double], _ times: [Int]) -> Double {
    zip(values, times).reduce(0.0) { $0 + $1.0 * Double($1.1) } / (values.isEmpty ? 0 : Double(times.reduce(0, +)))
  }
}

/// The places of what is so.
private func numbers(_ flags: [Bool]) -> [Int] { flags.indices.filter { flags[$0] } }

/// Of the values that there are; NaN without any.
private func meanOfKnown(_ values: [Double]) -> Double {
  let values = values.filter { !$0.isNaN }
  return values.reduce(0, +) / Double(values.count)
}

/// How often a class is true, is taken to be, and both.
struct ClassCounts {
  var samples: Int
  var truths = 0
  var taken = 0
  var hits = 0

  init(samples: Int) { self.samples = samples }

  // MARK: NaN where nothing of the kind is there

  /// The share of those of the class that are found: the true positive rate.
  var recall: Double { Double(hits) / Double(truths) }
  var precision: Double { Double(hits) / Double(taken) }
  var f1: Double { Double(2 * hits) / Double(truths + taken) }
  /// The share of those not of the class that are left alone.
  var specificity: Double { Double(samples - truths - (taken - hits)) / Double(samples - truths) }
  var falsePositiveRate: Double { Double(taken - hits) / Double(samples - truths) }
  /// The mean of both classes' recalls, a class beside its absence.
  var balanced: Double { (recall + specificity) / 2 }
}

/// What a model says of a sample, and what is so.
struct JudgedSample {
  let probabilities: [Double]
  let isTrue: [Bool]
  let isTaken: [Bool]
  let isRight: Bool
  let isFinite: Bool
  /// The probability of the likeliest class; where several may be true, the least of those of what is said of each.
  let confidence: Double

  init(_ predictions: ClassPredictions, _ sample: Int) {
    let (count, targets) = (predictions.classes.count, predictions.targets[sample])
    let probabilities = predictions.probabilities(of: sample)
    let isTrue = (0..<count).map { targets.contains($0) }
    isFinite = !probabilities.contains(where: \.isNaN)
    (self.probabilities, self.isTrue) = (probabilities, isTrue)
    guard isFinite else {
      // Never right.
      isTaken = predictions.isSeveral ? isTrue.map { !$0 } : isTrue.map { _ in false }
      (isRight, confidence) = (false, -1)
      return
    }
    let logits = predictions.logits(of: sample)
    if predictions.isSeveral {
      isTaken = logits.map { $0 >= 0 }
      // Of the logit next to 0, so that being equally sure of yes and of no is equal to the last bit.
      confidence = sigmoid(logits.map { Double(abs($0)) }.min() ?? 0)
    } else {
      let likeliest = logits.indices.reduce(logits.startIndex) { logits[$1] > logits[$0] ? $1 : $0 } - logits.startIndex
      isTaken = (0..<count).map { $0 == likeliest }
      confidence = probabilities[likeliest]
    }
    isRight = isTaken == isTrue
  }

  /// Of what is said of each class: their sum, or where several may be true their mean (Brier, 1950).
  func squaredError(isSeveral: Bool) -> Double {
    let sum = zip(probabilities, isTrue).reduce(0.0) { $0 + ($1.0 - ($1.1 ? 1 : 0)) * ($1.0 - ($1.1 ? 1 : 0)) }
    return isSeveral ? sum / Double(probabilities.count) : sum
  }
}

extension CalibrationError {
  /// Of the likeliest class of each sample; where several may be true, of all classes.
  init(_ judged: [JudgedSample], isSeveral: Bool) {
    if isSeveral {
      self.init(
        judged.flatMap(\.probabilities), judged.flatMap(\.isTrue),
        samples: judged.indices.flatMap { sample in judged[sample].isTrue.map { _ in sample } })
    } else {
      self.init(judged.map(\.confidence), judged.map(\.isRight), samples: Array(judged.indices))
    }
  }
}
