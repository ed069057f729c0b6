extension Tape {
  /// How far boxes are from those that are wanted: Σ (a |x - t|₁ + b (1 - GIoU)) / count (Carion et al., "End-to-End Object Detection with
  /// Transformers", 2020, §A.2; Rezatofighi et al., "Generalized Intersection over Union", 2019).
  ///
  /// - Parameters:
  ///   - x: centre, width and height of each box [N, 4], not below 0.
  ///   - targets: the same [N, 4].
  ///   - weights: a, of the distance, and b, of the overlap.
  ///   - count: boxes of all ranks.
  public func boxLoss(
    _ x: Tensor, targets: Tensor, weights: (distance: Float, overlap: Float), count: Int
  ) -> Tensor {
    precondition(x.columns == 4 && targets.columns == 4, "boxes \(x.shape) against \(targets.shape)")
    return elementLoss(.box(distance: weights.distance, overlap: weights.overlap), x, targets, Double(count))
  }
}

/// Of a box; or what a number gains by each of them.
struct Edges {
  var left = 0.0, top = 0.0, right = 0.0, bottom = 0.0

  init() {}

  init(_ box: UnsafeMutableBufferPointer<Float>) {
    let (x, y, width, height) = (Double(box[0]), Double(box[1]), Double(box[2]), Double(box[3]))
    (left, top, right, bottom) = (x - width / 2, y - height / 2, x + width / 2, y + height / 2)
  }

  var width: Double { right - left }
  var height: Double { bottom - top }
  var area: Double { width * height }

  /// What centre, width and height gain by as much: edges are half a side from the centre.
  var ofNumbers: [Double] { [left + right, top + bottom, (right - left) / 2, (bottom - top) / 2] }
}

/// I / U - (C - U) / C of a box and one that is wanted: their intersection, their union, and the smallest box around both. As torchvision
/// has it, with a little added to what is divided by.
struct GeneralizedOverlap {
  private static let epsilon = 1e-7
  private let box: Edges
  private let wanted: Edges
  /// What both have; of no side below 0.
  private let shared: (width: Double, height: Double)
  private let around: Edges

  init(_ box: Edges, _ wanted: Edges) {
    (self.box, self.wanted) = (box, wanted)
    shared = (
      max(0, min(box.right, wanted.right) - max(box.left, wanted.left)),
      max(0, min(box.bottom, wanted.bottom) - max(box.top, wanted.top))
    )
    var around = Edges()
    (around.left, around.top) = (min(box.left, wanted.left), min(box.top, wanted.top))
    (around.right, around.bottom) = (max(box.right, wanted.right), max(box.bottom, wanted.bottom))
    self.around = around
  }

  private var intersection: Double { shared.width * shared.height }
  private var union: Double { box.area + wanted.area - intersection }

  var value: Double {
    intersection / (union + Self.epsilon) - (around.area - union) / (around.area + Self.epsilon)
  }

  /// By each edge of the box.
  var gradient: Edges {
    let isShared = shared.width > 0 && shared.height > 0
    var gradient = Edges()
    gradient.left = slope(
      area: -box.height, intersection: isShared && box.left > wanted.left ? -shared.height : 0,
      around: box.left < wanted.left ? -around.height : 0)
    gradient.top = slope(
      area: -box.width, intersection: isShared && box.top > wanted.top ? -shared.width : 0,
      around: box.top < wanted.top ? -around.width : 0)
    gradient.right = slope(
      area: box.height, intersection: isShared && box.right < wanted.right ? shared.height : 0,
      around: box.right > wanted.right ? around.height : 0)
    gradient.bottom = slope(
      area: box.width, intersection: isShared && box.bottom < wanted.bottom ? shared.width : 0,
      around: box.bottom > wanted.bottom ? around.width : 0)
    return gradient
  }

  /// What the value gains where the box's area, the intersection and the box around gain so much.
  private func slope(area: Double, intersection gained: Double, around outer: Double) -> Double {
    let (union, whole) = (self.union + Self.epsilon, around.area + Self.epsilon)
    let wider = area - gained
    return gained / union - intersection * wider / (union * union) - (outer - wider) / whole
      + (around.area - self.union) * outer / (whole * whole)
  }
}
