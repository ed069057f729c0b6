internal import Evaluation
internal import Reporting

/// A reliability diagram as SVG: of what was stated with some probability, how much came true. What a model states truly lies on the
/// diagonal; a point is as large as there is evidence for it, and its line is 95 % of the share that came true. It stands in a table as well.
struct ReliabilityChart {
  let title: String
  let bins: [ReliabilityBin]
  /// Whether bars on the ground say how much was stated in each bin.
  var hasHistogram = false

  private static let (size, left, right, top, bottom): (Double, Double, Double, Double, Double) = (320, 44, 14, 12, 40)

  var svg: String {
    """
    <svg class="chart" viewBox="0 0 \(Int(Self.size)) \(Int(Self.size))" role="img"><title>\(escaped(title))</title>
    <desc>\(escaped(description))</desc>
    \(axes)\(hasHistogram ? bins.map(bar).joined() : "")<line class="true" x1="\(x(0))" y1="\(y(0))" x2="\(x(1))" y2="\(y(1))"/>
    \(bins.map(mark).joined())
    </svg>
    """
  }

  private var description: String {
    bins.compactMap { bin in
      bin.stated.flatMap { stated in
        bin.cameTrue.map {
          "\(decimals(100 * stated, 0)) % stated: \(decimals(100 * $0, 0)) % of \(bin.count) came true"
        }
      }
    }.joined(separator: "; ")
  }

  private func x(_ share: Double) -> String { decimals(Self.left + (Self.size - Self.left - Self.right) * share, 1) }

  private func y(_ share: Double) -> String {
    decimals(Self.size - Self.bottom - (Self.size - Self.top - Self.bottom) * share, 1)
  }

  private var axes: String {
    let ticks = [0, 0.25, 0.5, 0.75, 1].map { share in
      "<line class=\"rule\" x1=\"\(x(0))\" x2=\"\(x(1))\" y1=\"\(y(share))\" y2=\"\(y(share))\"/>"
        + "<text class=\"tick\" text-anchor=\"end\" x=\"\(decimals(Self.left - 6, 1))\" y=\"\(y(share - 0.012))\">"
        + "\(decimals(100 * share, 0))</text>"
        + "<text class=\"tick\" text-anchor=\"middle\" x=\"\(x(share))\" y=\"\(decimals(Self.size - Self.bottom + 16, 1))\">"
        + "\(decimals(100 * share, 0))</text>"
    }
    return ticks.joined()
      + "<text class=\"axis\" text-anchor=\"middle\" x=\"\(x(0.5))\" y=\"\(decimals(Self.size - 6, 1))\">stated, %</text>"
      + "<text class=\"axis\" text-anchor=\"middle\" transform=\"translate(12 \(y(0.5))) rotate(-90)\">came true, %</text>"
  }

  /// The fullest bin is a fifth of the diagram high.
  private func bar(_ bin: ReliabilityBin) -> String {
    let share = 0.2 * Double(bin.count) / Double(max(bins.map(\.count).max() ?? 1, 1))
    let height = (Self.size - Self.top - Self.bottom) * share
    let width = (Self.size - Self.left - Self.right) * (bin.high - bin.low)
    return bin.count == 0
      ? ""
      : "<rect class=\"bin\" x=\"\(x(bin.low))\" y=\"\(y(share))\" width=\"\(decimals(max(width - 1, 0.5), 1))\" "
        + "height=\"\(decimals(height, 1))\"/>"
  }

  private func mark(_ bin: ReliabilityBin) -> String {
    guard let stated = bin.stated, let share = bin.cameTrue, let interval = bin.interval else { return "" }
    let most = Double(bins.map(\.count).max() ?? 1)
    let radius = 2.5 + 5 * (Double(bin.count) / most).squareRoot()
    return
      "<line class=\"range\" x1=\"\(x(stated))\" x2=\"\(x(stated))\" y1=\"\(y(interval.low))\" y2=\"\(y(interval.high))\"/>"
      + "<circle class=\"share\" cx=\"\(x(stated))\" cy=\"\(y(share))\" r=\"\(decimals(radius, 1))\"/>"
  }
}
