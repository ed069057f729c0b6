internal import Inference
internal import Models
internal import Reporting

/// A picture under a grid of colours, or with coloured boxes: the brighter a place, the more there is of it in what is explained.
struct RelevanceMap {
  let kind: ExplainedPlaces
  /// How high the picture is, as a part of its width.
  let height: Float
  let places: [Box]
  /// Of each place, as parts of all places'.
  let shares: [Float]
  /// What the ends of the colours stand for.
  let range: ClosedRange<Float>
  /// What it shows, for those who do not see it.
  let title: String

  /// The places with the largest shares, the first the largest.
  func strongest(_ count: Int) -> [Int] {
    Array(shares.indices.sorted { (shares[$1], $0) < (shares[$0], $1) }.prefix(count))
  }

  /// - Parameters:
  ///   - picture: the id of an `image` on the same page, as wide as 1.
  ///   - numbers: how many places have theirs printed, of those with a hundredth at least.
  func svg(over picture: String, numbers: Int) -> String {
    """
    <svg class="map"\(Self.frame(height)) role="img"><title>\(escaped(title))</title><desc>\(escaped(description))</desc>
    <use href="#\(picture)"/>
    \(drawn.map(rectangle).joined())
    \(strongest(numbers).filter { shares[$0] >= 0.01 }.map(number).joined())</svg>
    """
  }

  /// The attributes of a drawing of pictures.
  static func frame(_ height: Float) -> String {
    " viewBox=\"0 0 1 \(thousandths(height))\" style=\"aspect-ratio: 1 / \(thousandths(height))\""
  }

  /// Boxes may overlap: the strongest lie on top.
  private var drawn: [Int] { kind == .cells ? Array(places.indices) : strongest(places.count).reversed() }

  private var description: String {
    "The strongest places: "
      + strongest(3).map { "\(percentage(shares[$0])) \(words(places[$0]))" }.joined(separator: ", ")
  }

  private func rectangle(_ place: Int) -> String {
    let (box, level) = (places[place], level(shares[place]))
    return "<rect x=\"\(thousandths(box.left))\" y=\"\(thousandths(height * box.top))\" "
      + "width=\"\(thousandths(box.width))\" height=\"\(thousandths(height * box.height))\" "
      + "fill=\"\(ColourScale.hex(level))\"\(look(level))><title>\(percentage(shares[place])) \(words(box))</title></rect>"
  }

  /// A cell is filled, of a box the edge is drawn.
  private func look(_ level: Float) -> String {
    switch kind {
    case .cells: " fill-opacity=\"\(decimals(Double(0.45 + 0.25 * level), 2))\""
    case .regions:
      " fill-opacity=\"\(decimals(Double(0.2 * level), 2))\" style=\"stroke: \(ColourScale.hex(level)); stroke-opacity: 0.9; "
        + "stroke-width: \(thousandths(0.003 + 0.006 * level))\""
    }
  }

  /// Where on the scale of colours, 0 … 1.
  private func level(_ share: Float) -> Float {
    let width = range.upperBound - range.lowerBound
    return width > 0 ? (share - range.lowerBound) / width : 0
  }

  private func number(_ place: Int) -> String {
    let box = places[place]
    // Of a cell in its middle, of a box at its top.
    let (x, y) = (
      box.left + box.width / 2,
      kind == .cells ? height * (box.top + box.height / 2) : max(height * box.top, 0.025)
    )
    return "<text x=\"\(thousandths(x))\" y=\"\(thousandths(y))\">\(decimals(100 * Double(shares[place]), 1))</text>"
  }
}

/// Where a box is, for people.
func words(_ box: Box) -> String {
  let place = { (edge: Float) in decimals(100 * Double(edge), 0) }
  return
    "at \(place(box.left))–\(place(box.right)) % from the left, \(place(box.top))–\(place(box.bottom)) % from the top"
}

/// A share as people read it.
func percentage(_ share: Float) -> String { decimals(100 * Double(share), 1) + " %" }

/// A number of a drawing.
func thousandths(_ value: Float) -> String { decimals(Double(value), 4) }
