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

/// Which library computes each kind of fp32 products, and convolutions. They sum in different orders, so the choice decides the last bits of
/// all results: it is made once for a run.
public struct ProductChoice: Codable, Sendable, Equatable {
  public var plain: ProductLibrary
  public var transposedA: ProductLibrary
  public var transposedB: ProductLibrary
  public var narrow: ProductLibrary
  /// oneDNN has kernels of its own; OpenBLAS multiplies the numbers that windows cover, which are copied side by side.
  public var convolutions: ProductLibrary

  /// The same library for all kinds.
  public init(_ library: ProductLibrary) {
    (plain, transposedA, transposedB, narrow) = (library, library, library, library)
    convolutions = library
  }

  /// What nobody has measured: the library that is needed at least, and kernels for convolutions.
  public static let unmeasured = ProductChoice(convolutions: .oneDNN) { _ in .openBLAS }

  /// One for each kind.
  public init(convolutions: ProductLibrary, _ library: (ProductKind) -> ProductLibrary) {
    self.convolutions = convolutions
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

  /// Whether anything is computed by `library`.
  public func uses(_ library: ProductLibrary) -> Bool {
    convolutions == library || ProductKind.allCases.contains { self[$0] == library }
  }

  /// What was written before oneDNN computed convolutions has had them from OpenBLAS.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    plain = try container.decode(ProductLibrary.self, forKey: .plain)
    transposedA = try container.decode(ProductLibrary.self, forKey: .transposedA)
    transposedB = try container.decode(ProductLibrary.self, forKey: .transposedB)
    narrow = try container.decode(ProductLibrary.self, forKey: .narrow)
    convolutions = try container.decodeIfPresent(ProductLibrary.self, forKey: .convolutions) ?? .openBLAS
  }

  private enum CodingKeys: String, CodingKey {
    case plain, narrow, convolutions
    case transposedA = "transposed_a"
    case transposedB = "transposed_b"
  }
}

extension ProductChoice: CustomStringConvertible {
  /// "openblas", or "onednn (narrow: openblas)".
  public var description: String {
    let usual = transposedB
    var others = ProductKind.allCases.filter { self[$0] != usual }.map { "\($0.rawValue): \(self[$0].rawValue)" }
    if convolutions != usual { others.append("convolutions: \(convolutions.rawValue)") }
    return usual.rawValue + (others.isEmpty ? "" : " (\(others.joined(separator: ", ")))")
  }
}
