/// What was stated with a probability in (low, high], and how much of it came true: one bar of a reliability diagram (DeGroot and Fienberg,
/// 1983; Niculescu-Mizil and Caruana, ICML 2005).
public struct ReliabilityBin: Codable, Equatable, Sendable {
  public var low: Double
  public var high: Double
  public var count: Int
  /// The mean of what was stated, and the share that came true; nil where nothing was.
  public var stated: Double?
  public var cameTrue: Double?
  /// 95 % of that share (Wilson).
  public var interval: Interval?

  enum CodingKeys: String, CodingKey {
    case low, high, count, stated, interval
    case cameTrue = "came_true"
  }
}

extension ClassPredictions {
  /// Bins of equal width; of the likeliest class of each sample, or where several may be true of all classes.
  /// Samples of which something is no number are in none.
  public func reliability(bins count: Int = 15) -> [ReliabilityBin] {
    let judged = (0..<self.count).map { JudgedSample(self, $0) }.filter(\.isFinite)
    let stated = judged.flatMap { sample in
      isSeveral ? Array(zip(sample.probabilities, sample.isTrue)) : [(sample.confidence, sample.isRight)]
    }
    let binned = stated.reduce(into: [[(Double, Bool)]](repeating: [], count: count)) {
      $0[binOfEqualWidth($1.0, of: count)].append($1)
    }
    return binned.enumerated().map { number, members in
      let right = members.count { $0.1 }
      let mean = { (sum: Double) in members.isEmpty ? nil : sum / Double(members.count) }
      return ReliabilityBin(
        low: Double(number) / Double(count), high: Double(number + 1) / Double(count), count: members.count,
        stated: mean(members.reduce(0) { $0 + $1.0 }), cameTrue: mean(Double(right)),
        interval: Interval(wilson: right, of: members.count))
    }
  }

  /// With all logits divided by a temperature.
  public func tempered(by temperature: Double) -> ClassPredictions {
    var tempered = self
    tempered.logits = logits.map { Float(Double($0) / temperature) }
    return tempered
  }

  /// Of each sample how sure the model is of what it says, and whether that is so.
  public func verdicts() -> [(confidence: Double, isRight: Bool)] {
    (0..<count).map { sample in
      let judged = JudgedSample(self, sample)
      return (judged.confidence, judged.isRight)
    }
  }

  /// Of each sample which classes the model takes to be true.
  var taken: [[Bool]] { (0..<count).map { JudgedSample(self, $0).isTaken } }
}
