/// The places of an image that an encoder's tokens stand for: cells row by row, and before them, where there is one, a token
/// for the whole image.
public struct TokenGrid: Equatable, Sendable {
  public let rows: Int
  public let columns: Int
  public let hasClassToken: Bool

  public init(rows: Int, columns: Int, hasClassToken: Bool) {
    (self.rows, self.columns, self.hasClassToken) = (rows, columns, hasClassToken)
  }

  /// Of a square image.
  init(side: Int, hasClassToken: Bool) { self.init(rows: side, columns: side, hasClassToken: hasClassToken) }

  /// Tokens of an image.
  public var count: Int { rows * columns + (hasClassToken ? 1 : 0) }

  /// What each token stands for, in their order.
  public var boxes: [Box] {
    let cells = (0..<rows * columns).map { cell in
      let (row, column) = (cell / columns, cell % columns)
      return Box(
        Float(column) / Float(columns), Float(row) / Float(rows), Float(column + 1) / Float(columns),
        Float(row + 1) / Float(rows))
    }
    return (hasClassToken ? [.whole] : []) + cells
  }

  /// The same of several images.
  func boxes(of images: ImageInput) -> [[Box]] { [[Box]](repeating: boxes, count: images.count) }
}
