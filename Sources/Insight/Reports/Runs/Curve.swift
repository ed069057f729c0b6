/// What a run said of one figure, step by step, thinned so that a run of any length takes the same memory: neighbours become one point
/// with their mean and range.
public struct Curve: Sendable, Equatable {
  /// Some steps in a row.
  public struct Point: Sendable, Equatable {
    public var first: Int
    public var last: Int
    public var mean: Double
    public var low: Double
    public var high: Double
    var count: Int

    init(step: Int, value: Double) { (first, last, mean, low, high, count) = (step, step, value, value, value, 1) }

    mutating func join(_ next: Point) {
      mean = (mean * Double(count) + next.mean * Double(next.count)) / Double(count + next.count)
      (last, low, high, count) = (next.last, min(low, next.low), max(high, next.high), count + next.count)
    }
  }

  /// What is measured, as `loss` or `evaluation: accuracy`.
  public let name: String
  /// Of what, where several are measured alike: a part of the loss, a modality, a rank.
  public let part: String?
  public private(set) var points: [Point] = []
  private var isThinned = 1

  /// Most points that are kept.
  static let mostPoints = 512

  init(name: String, part: String?) { (self.name, self.part) = (name, part) }

  mutating func add(step: Int, value: Double) {
    let point = Point(step: step, value: value)
    if let last = points.last, last.count < isThinned {
      points[points.count - 1].join(point)
    } else {
      points.append(point)
    }
    if points.count > Self.mostPoints { thin() }
  }

  mutating func setPoints(_ points: [Point]) { self.points = points }

  /// Two neighbours become one.
  private mutating func thin() {
    points = stride(from: 0, to: points.count, by: 2).map { place in
      var point = points[place]
      if place + 1 < points.count { point.join(points[place + 1]) }
      return point
    }
    isThinned *= 2
  }

  /// Forgets what a start that goes on after `step` takes again.
  mutating func forget(after step: Int) { points.removeAll { $0.first > step } }

  /// The last value that is near `step` from below; nil before the first.
  func value(at step: Int) -> Double? { points.last { $0.first <= step }?.mean }
}
