internal import TensorEngine

/// A few numbers in rows and columns.
struct Matrix: Equatable {
  let rows: Int
  let columns: Int
  /// Row by row.
  var values: [Float]

  init(rows: Int, columns: Int, values: [Float]) {
    precondition(values.count == rows * columns, "\(values.count) values are no \(rows) rows of \(columns)")
    (self.rows, self.columns, self.values) = (rows, columns, values)
  }

  init(rows: Int, columns: Int) {
    self.init(rows: rows, columns: columns, values: [Float](repeating: 0, count: rows * columns))
  }

  static func identity(_ count: Int) -> Matrix {
    var made = Matrix(rows: count, columns: count)
    for place in 0..<count { made[place, place] = 1 }
    return made
  }

  subscript(row: Int, column: Int) -> Float {
    get { values[row * columns + column] }
    set { values[row * columns + column] = newValue }
  }

  /// Some of the rows, and of these some of the columns.
  subscript(rows: [Int], columns: [Int]) -> Matrix {
    get {
      Matrix(
        rows: rows.count, columns: columns.count, values: rows.flatMap { row in columns.map { self[row, $0] } })
    }
    set {
      for (place, row) in rows.enumerated() {
        for (other, column) in columns.enumerated() { self[row, column] = newValue[place, other] }
      }
    }
  }

  static func + (a: Matrix, b: Matrix) -> Matrix {
    Matrix(rows: a.rows, columns: a.columns, values: zip(a.values, b.values).map { $0 + $1 })
  }

  static func * (factor: Float, a: Matrix) -> Matrix {
    Matrix(rows: a.rows, columns: a.columns, values: a.values.map { factor * $0 })
  }

  static func * (a: Matrix, b: Matrix) -> Matrix { a.times(b, transposed: false) }

  /// aᵀ b
  func transposedTimes(_ b: Matrix) -> Matrix { times(b, transposed: true) }

  private func times(_ b: Matrix, transposed: Bool) -> Matrix {
    let (rows, depth) = transposed ? (columns, self.rows) : (self.rows, columns)
    precondition(depth == b.rows, "a product of \(rows)×\(depth) and \(b.rows)×\(b.columns)")
    var made = Matrix(rows: rows, columns: b.columns)
    values.withUnsafeBufferPointer { first in
      b.values.withUnsafeBufferPointer { second in
        made.values.withUnsafeMutableBufferPointer { result in
          guard let first = first.baseAddress, let second = second.baseAddress, let result = result.baseAddress else {
            return
          }
          multiplyByOpenBLAS(
            MatrixOperand(first, stride: columns, transposed: transposed), MatrixOperand(second, stride: b.columns),
            into: result, stride: b.columns, rows: rows, columns: b.columns, depth: depth)
        }
      }
    }
    return made
  }
}
