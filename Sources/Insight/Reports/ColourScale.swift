/// Colours from dark to bright in which equal steps look equal, to those as well who see no red or no green: nine of matplotlib's
/// `inferno` (Smith & van der Walt, 2015; CC0), and what lies between.
enum ColourScale {
  private static let stops: [(Double, Double, Double)] = [
    (0, 0, 4), (31, 12, 72), (85, 15, 109), (136, 34, 106), (186, 54, 85), (227, 89, 51), (249, 140, 10),
    (249, 201, 50),
    (252, 255, 164),
  ]

  /// - Parameter value: 0 … 1.
  static func hex(_ value: Float) -> String {
    let place = Double(min(max(value, 0), 1)) * Double(stops.count - 1)
    let first = min(Int(place), stops.count - 2)
    let share = place - Double(first)
    let mixed = { (a: Double, b: Double) in Int((a + (b - a) * share).rounded()) }
    let (low, high) = (stops[first], stops[first + 1])
    return "#" + [mixed(low.0, high.0), mixed(low.1, high.1), mixed(low.2, high.2)].map(pair).joined()
  }

  private static func pair(_ level: Int) -> String { (level < 16 ? "0" : "") + String(level, radix: 16) }

  /// The whole scale as a CSS background.
  static var gradient: String {
    let steps = stops.indices.map { hex(Float($0) / Float(stops.count - 1)) }
    return "linear-gradient(to right, \(steps.joined(separator: ", ")))"
  }
}
