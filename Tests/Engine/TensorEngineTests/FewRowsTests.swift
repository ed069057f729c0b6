import TensorEngine
import TestSupport
import Testing

/// Rows by rows of weights, which the engine multiplies itself where it is asked to.
@Suite struct FewRowsTests {
  static let levels = KernelLevel.allCases.filter(\.isSupported)
  /// Rows, columns, depth: tiles that are whole and that are not, few rows and many.
  static let shapes = [
    (1, 1, 1), (1, 7, 16), (2, 5, 33), (3, 130, 67), (4, 48, 128), (13, 9, 200), (16, 31, 15), (50, 31, 15),
  ]

  @Test(arguments: levels, shapes)
  func elementsAreTheSums(_ level: KernelLevel, _ shape: (rows: Int, columns: Int, depth: Int)) {
    let (a, b) = (numbers(shape.rows * shape.depth, 37), numbers(shape.columns * shape.depth, 53))
    let expected = (0..<shape.rows * shape.columns).map { place in
      let (row, column) = (place / shape.columns, place % shape.columns)
      return Float(
        (0..<shape.depth).reduce(0.0) {
          $0 + Double(a[row * shape.depth + $1]) * Double(b[column * shape.depth + $1])
        })
    }
    for threads in [1, 3] {
      let report = difference(
        product(a, b, shape, Engine(threadCount: threads, level: level)), expected, relative: 2e-6, floor: 1e-7,
        scale: .largest)
      #expect(report == nil, "\(threads) threads")
    }
  }

  /// What is said of one text is said of it among forty.
  @Test(arguments: levels) func aRowIsTheSameWhateverComesWithIt(_ level: KernelLevel) {
    let (columns, depth, engine) = (75, 210, Engine(threadCount: 2, level: level))
    let (a, b) = (numbers(40 * depth, 37), numbers(columns * depth, 53))
    let together = product(a, b, (40, columns, depth), engine)
    for row in 0..<40 {
      let alone = product(Array(a[row * depth..<(row + 1) * depth]), b, (1, columns, depth), engine)
      #expect(alone == Array(together[row * columns..<(row + 1) * columns]))
    }
  }

  /// a bᵀ, beside memory that is not to be touched.
  private func product(
    _ a: [Float], _ b: [Float], _ shape: (rows: Int, columns: Int, depth: Int), _ engine: Engine
  ) -> [Float] {
    var c = [Float](repeating: .nan, count: shape.rows * (shape.columns + 1))
    c.withUnsafeMutableBufferPointer { c in
      a.withUnsafeBufferPointer { a in
        b.withUnsafeBufferPointer { b in
          engine.multiplyingRowsAlone {
            engine.multiply(
              .init(a.baseAddress!, stride: shape.depth), .init(b.baseAddress!, stride: shape.depth, transposed: true),
              into: c.baseAddress!, stride: shape.columns + 1, rows: shape.rows, columns: shape.columns,
              depth: shape.depth)
          }
        }
      }
    }
    for row in 0..<shape.rows { #expect(c[row * (shape.columns + 1) + shape.columns].isNaN) }
    return (0..<shape.rows).flatMap { c[$0 * (shape.columns + 1)..<$0 * (shape.columns + 1) + shape.columns] }
  }

  private func numbers(_ count: Int, _ factor: Int) -> [Float] {
    (0..<count).map { Float($0 * factor % 101) / 101 - 0.5 }
  }
}
