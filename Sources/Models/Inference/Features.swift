/// Features of length one, a row for each photo or text [N, D].
public struct Features: Sendable, Equatable {
  /// Row-major.
  public var values: [Float]
  /// D
  public let width: Int

  /// - Parameter values: whole rows.
  public init(_ values: [Float], width: Int) {
    precondition(width > 0 && values.count % width == 0, "\(values.count) values are no rows of \(width)")
    (self.values, self.width) = (values, width)
  }

  /// N
  public var count: Int { values.count / width }

  /// One row.
  public subscript(row: Int) -> ArraySlice<Float> { values[row * width..<(row + 1) * width] }

  /// Some of the rows, in the order given.
  public func selecting(_ rows: [Int]) -> Features {
    var selected: [Float] = []
    selected.reserveCapacity(rows.count * width)
    for row in rows { selected += self[row] }
    return Features(selected, width: width)
  }
}

extension Features {
  /// Whether every row has length one, up to what bfloat16 rounds.
  var haveLengthOne: Bool {
    values.withUnsafeBufferPointer { values in
      stride(from: 0, to: values.count, by: width).allSatisfy { start in
        var sum: Float = 0
        for index in start..<start + width { sum += values[index] * values[index] }
        return abs(sum - 1) < 0.02
      }
    }
  }
}
