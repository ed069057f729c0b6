/// How much less often a model errs where it may leave the samples to others that it is least sure of (El-Yaniv and Wiener, JMLR 2010).
package struct RiskCoverage {
  /// Samples that are equally sure are one step, taken or left together; the surest first.
  private let steps: [(confidence: Double, members: [Int])]
  /// How wrong each sample is, and the samples in the order of that.
  private let errors: [Double]
  private let best: [Int]

  /// - Parameter confidences: of each sample; numbers.
  package init(_ confidences: [Double], _ isRight: [Bool]) {
    self.init(confidences, errors: isRight.map { $0 ? 0 : 1 })
  }

  /// - Parameter errors: how wrong each sample is, as a share of 1.
  package init(_ confidences: [Double], errors: [Double]) {
    steps = plateaus(of: confidences).map { (confidences[$0[0]], $0) }
    (self.errors, best) = (errors, errors.indices.sorted { (errors[$0], $0) < (errors[$1], $1) })
  }

  /// The area under the curve of errors among those that are taken, over the share that is taken, and how much of that is the order's
  /// fault: what is left without the area of a model that errs as often and knows where (Geifman, Uziel and El-Yaniv, ICLR 2019).
  /// - Parameter times: how often each sample is there.
  package func areas(_ times: [Int]) -> (area: Double, excess: Double) {
    let points = points(times)
    guard let all = points.last else { return (.nan, .nan) }
    var (area, before) = (0.0, 0)
    for point in points {
      area += Double(point.count - before) * point.risk
      before = point.count
    }
    let mean = area / Double(all.count)
    return (mean, mean - leastArea(times))
  }

  /// Of a model that knows where it errs.
  private func leastArea(_ times: [Int]) -> Double {
    var (area, count, wrong) = (0.0, 0, 0.0)
    for sample in best {
      for _ in 0..<times[sample] {
        (count, wrong) = (count + 1, wrong + errors[sample])
        area += wrong / Double(count)
      }
    }
    return area / Double(count)
  }

  /// Of a whole split: where each of so many equal steps of coverage is reached.
  package func curve(samples: Int, steps count: Int = 20) -> [RiskCoveragePoint] {
    let points = points([Int](repeating: 1, count: samples))
    let reached = (1...count).compactMap { step in points.firstIndex { $0.count * count >= step * samples } }
    return reached.indices.filter { $0 == 0 || reached[$0] != reached[$0 - 1] }.map { place in
      let point = points[reached[place]]
      return RiskCoveragePoint(
        coverage: Double(point.count) / Double(samples), risk: point.risk, confidence: point.confidence)
    }
  }

  private func points(_ times: [Int]) -> [Point] {
    var (points, count, wrong): ([Point], Int, Double) = ([], 0, 0)
    for step in steps {
      let before = count
      for sample in step.members {
        count += times[sample]
        wrong += Double(times[sample]) * errors[sample]
      }
      if count > before { points.append(Point(count: count, errors: wrong, confidence: step.confidence)) }
    }
    return points
  }

  private struct Point {
    let count: Int
    let errors: Double
    let confidence: Double

    var risk: Double { errors / Double(count) }
  }
}

/// The share of a split that is taken where all are whose confidence is at least this, and how many of these are wrong, as shares of 1.
public struct RiskCoveragePoint: Codable, Equatable, Sendable {
  public var coverage: Double
  public var risk: Double
  public var confidence: Double
}
