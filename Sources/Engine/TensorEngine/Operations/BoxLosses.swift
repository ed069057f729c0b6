internal import Glibc

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
    let x = float32(x)
    precondition(
      x.shape == targets.shape && x.columns == 4 && count > 0, "boxes \(x.shape) against \(targets.shape) over \(count)"
    )
    let operation = BoxLossOperation(
      x: x, targets: targets, weights: weights, count: count, loss: engine.scalar(0, requiresGradient: tracks(x)))
    operation.forward()
    if tracks(x) { record(operation) }
    return operation.loss
  }
}

private struct BoxLossOperation: DifferentiableOperation {
  let x: Tensor, targets: Tensor
  let weights: (distance: Float, overlap: Float)
  let count: Int
  let loss: Tensor

  func forward() {
    let total = (0..<x.rows).reduce(0.0) { total, row in
      let (box, wanted) = (x.row(row), targets.row(row))
      let distance = box.indices.reduce(0.0) { $0 + Double(abs(box[$1] - wanted[$1])) }
      let overlap = GeneralizedOverlap(Edges(box), Edges(wanted)).value
      return total + Double(weights.distance) * distance + Double(weights.overlap) * (1 - overlap)
    }
    loss.floats[0] = Float(total / Double(count))
  }

  func backward(_ engine: Engine) {
    guard let dloss = loss.gradient, let target = engine.zeroedGradientTarget(x) else { return }
    let factor = dloss.value / Float(count)
    for row in 0..<x.rows {
      let (box, wanted, gradient) = (x.row(row), targets.row(row), target.tensor.row(row))
      let overlap = GeneralizedOverlap(Edges(box), Edges(wanted)).gradient
      // Of edges that are half a side from the centre.
      let ofNumbers = [
        overlap.left + overlap.right, overlap.top + overlap.bottom, (overlap.right - overlap.left) / 2,
        (overlap.bottom - overlap.top) / 2,
      ]
      for place in box.indices {
        let side: Float = box[place] > wanted[place] ? 1 : box[place] < wanted[place] ? -1 : 0
        gradient[place] += factor * (weights.distance * side - weights.overlap * Float(ofNumbers[place]))
      }
    }
  }
}

/// Of a box; or what a number gains by each of them.
private struct Edges {
  var left = 0.0, top = 0.0, right = 0.0, bottom = 0.0

  init() {}

  init(_ box: UnsafeMutableBufferPointer<Float>) {
    let (x, y, width, height) = (Double(box[0]), Double(box[1]), Double(box[2]), Double(box[3]))
    (left, top, right, bottom) = (x - width / 2, y - height / 2, x + width / 2, y + height / 2)
  }

  var width: Double { right - left }
  var height: Double { bottom - top }
  var area: Double { width * height }
}

/// I / U - (C - U) / C of a box and one that is wanted: their intersection, their union, and the smallest box around both. As torchvision
/// has it, with a little added to what is divided by.
private struct GeneralizedOverlap {
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

extension Tensor {
  fileprivate func row(_ index: Int) -> UnsafeMutableBufferPointer<Float> {
    UnsafeMutableBufferPointer(start: floats + index * columns, count: columns)
  }
}
