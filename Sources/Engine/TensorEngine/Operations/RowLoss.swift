internal import Glibc

/// The loss of one row, and its gradient.
enum RowLoss {
  case squaredError, binaryCrossEntropy, crossEntropy, divergence
  case weightedBinaryCrossEntropy([Float])
  /// Of a box, by its centre, width and height.
  case box(distance: Float, overlap: Float)

  typealias Row = UnsafeMutableBufferPointer<Float>

  func loss(_ x: Row, _ targets: Row) -> Double {
    switch self {
    case .squaredError:
      return x.indices.reduce(0.0) { $0 + Double(x[$1] - targets[$1]) * Double(x[$1] - targets[$1]) }
    case .binaryCrossEntropy:
      // max(x, 0) - x t + log(1 + e^-|x|), which overflows nowhere.
      return x.indices.reduce(0.0) { $0 + Double(max(x[$1], 0) - x[$1] * targets[$1] + log1pf(expf(-abs(x[$1])))) }
    case .weightedBinaryCrossEntropy(let positive):
      return x.indices.reduce(0.0) { total, index in
        let (right, wrong) = (softplus(-x[index]), softplus(x[index]))
        return total + Double(positive[index] * targets[index] * right + (1 - targets[index]) * wrong)
      }
    case .crossEntropy:
      let normalizer = logSumExp(x)
      return x.indices.reduce(0.0) { $0 + Double(targets[$1]) * (normalizer - Double(x[$1])) }
    case .divergence:
      let normalizer = logSumExp(x)
      return x.indices.reduce(0.0) { total, index in
        let t = targets[index]
        return t > 0 ? total + Double(t) * (Double(logf(t)) - (Double(x[index]) - normalizer)) : total
      }
    case .box(let distance, let overlap):
      let apart = x.indices.reduce(0.0) { $0 + Double(abs(x[$1] - targets[$1])) }
      return Double(distance) * apart + Double(overlap) * (1 - GeneralizedOverlap(Edges(x), Edges(targets)).value)
    }
  }

  func addGradient(_ x: Row, _ targets: Row, _ factor: Float, to gradient: Row) {
    switch self {
    case .squaredError:
      for index in x.indices { gradient[index] += 2 * factor * (x[index] - targets[index]) }
    case .binaryCrossEntropy:
      for index in x.indices { gradient[index] += factor * (1 / (1 + expf(-x[index])) - targets[index]) }
    case .weightedBinaryCrossEntropy(let positive):
      for index in x.indices {
        let (probability, right) = (1 / (1 + expf(-x[index])), targets[index])
        gradient[index] += factor * ((1 - right) * probability - positive[index] * right * (1 - probability))
      }
    case .crossEntropy, .divergence:
      let (normalizer, mass) = (Float(logSumExp(x)), targets.reduce(0, +))
      for index in x.indices { gradient[index] += factor * (mass * expf(x[index] - normalizer) - targets[index]) }
    case .box(let distance, let overlap):
      let slopes = GeneralizedOverlap(Edges(x), Edges(targets)).gradient.ofNumbers
      for index in x.indices {
        let side: Float = x[index] > targets[index] ? 1 : x[index] < targets[index] ? -1 : 0
        gradient[index] += factor * (distance * side - overlap * Float(slopes[index]))
      }
    }
  }

  /// log (1 + e^x), which overflows nowhere.
  private func softplus(_ x: Float) -> Float { max(x, 0) + log1pf(expf(-abs(x))) }

  private func logSumExp(_ x: Row) -> Double {
    let largest = x.max() ?? 0
    return Double(largest) + log(x.reduce(0.0) { $0 + Double(expf($1 - largest)) })
  }
}

extension Tensor {
  func row(_ index: Int) -> UnsafeMutableBufferPointer<Float> {
    UnsafeMutableBufferPointer(start: floats + index * columns, count: columns)
  }
}
