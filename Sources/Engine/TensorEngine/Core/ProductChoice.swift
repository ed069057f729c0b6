/// A library that multiplies matrices of fp32.
public enum ProductLibrary: String, Codable, Sendable, CaseIterable {
  /// What is needed at least.
  case openBLAS = "openblas"
  case oneDNN = "onednn"
}

/// What libraries are better or worse at.
public enum ProductKind: String, Sendable, CaseIterable {
  /// C = A B: the gradient of a linear layer's input.
  case plain
  /// C = Aᵀ B: the gradient of its weight.
  case transposedA = "transposed_a"
  /// C = A Bᵀ: the layer itself.
  case transposedB = "transposed_b"
  /// Few rows or few columns, however the operands lie.
  case narrow

  /// The side below which a product is narrow.
  static let narrowSide = 64

  /// The kind of what one thread computes.
  init(rows: Int, columns: Int, transposedA: Bool, transposedB: Bool) {
    self =
      min(rows, columns) < Self.narrowSide ? .narrow : transposedA ? .transposedA : transposedB ? .transposedB : .plain
  }
}

/// Which library computes each kind of fp32 products. They sum in different orders, so the choice decides the last bits of
/// all results: it is made once for a run.
public struct ProductChoice: Codable, Sendable, Equatable {
  public var plain: ProductLibrary
  public var transposedA: ProductLibrary
  public var transposedB: ProductLibrary
  public var narrow: ProductLibrary

  /// The same library for all kinds.
  public init(_ library: ProductLibrary) {
    (plain, transposedA, transposedB, narrow) = (library, library, library, library)
  }

  /// One for each kind.
  public init(_ library: (ProductKind) -> ProductLibrary) {
    (plain, transposedA) = (library(.plain), library(.transposedA))
    (transposedB, narrow) = (library(.transposedB), library(.narrow))
  }

  public subscript(kind: ProductKind) -> ProductLibrary {
    switch kind {
    case .plain: plain
    case .transposedA: transposedA
    case .transposedB: transposedB
    case .narrow: narrow
    }
  }

  /// Whether any kind is computed by `library`.
  public func uses(_ library: ProductLibrary) -> Bool { ProductKind.allCases.contains { self[$0] == library } }

  private enum CodingKeys: String, CodingKey {
    case plain, narrow
    case transposedA = "transposed_a"
    case transposedB = "transposed_b"
  }
}

extension ProductChoice: CustomStringConvertible {
  /// "openblas", or "onednn (narrow: openblas)".
  public var description: String {
    let usual = transposedB
    let others = ProductKind.allCases.filter { self[$0] != usual }
    return usual.rawValue
      + (others.isEmpty ? "" : " (\(others.map { "\($0.rawValue): \(self[$0].rawValue)" }.joined(separator: ", ")))")
  }
}
