extension Curve {
  /// What runs that differ by chance alone said of one figure: at each step the mean, and the range from the least to the largest.
  /// - Parameter runs: at least one, of steps that are the same as far as they go.
  init(meanOf runs: [Curve], name: String) {
    self.init(name: name, part: nil)
    let longest = runs.max { $0.points.count < $1.points.count }?.points ?? []
    let points = longest.indices.compactMap { place -> Point? in
      let here = runs.compactMap { $0.points.indices.contains(place) ? $0.points[place] : nil }
        .filter { $0.first == longest[place].first }
      guard var point = here.first else { return nil }
      point.mean = here.reduce(0) { $0 + $1.mean } / Double(here.count)
      (point.low, point.high) = (here.map(\.low).min() ?? point.low, here.map(\.high).max() ?? point.high)
      return point
    }
    setPoints(points)
  }
}
