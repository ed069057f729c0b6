import TensorEngine
import TestSupport
import Testing

/// fp32 products by either library, of every kind, against sums in double precision.
@Suite struct ProductLibraryTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let rows: Int, columns: Int, depth: Int
    let transposed: (a: Bool, b: Bool)
    var testDescription: String { "\(rows)×\(columns)×\(depth) \(transposed)" }
  }

  /// Narrow on either side and wide, of odd sizes, a sum of one and of nothing.
  static let cases = [(1, 1, 1), (5, 130, 67), (131, 3, 33), (65, 97, 129), (200, 70, 1), (150, 96, 80), (70, 66, 0)]
    .flatMap { rows, columns, depth in
      [(false, false), (true, false), (false, true), (true, true)].map {
        Case(rows: rows, columns: columns, depth: depth, transposed: $0)
      }
    }

  @Test(arguments: cases, ProductLibrary.allCases)
  func aProductEqualsItsSums(_ product: Case, _ library: ProductLibrary) {
    let a = numbers(product.rows * product.depth, 37, 101)
    let b = numbers(product.depth * product.columns, 53, 97)
    let sums = (0..<product.rows * product.columns).map {
      Float(0.5 * sum(product, a, b, $0 / product.columns, $0 % product.columns))
    }
    for (threads, beta) in [(1, Float(0)), (1, 1), (3, 0), (3, 1)] {
      let engine = Engine(threadCount: threads, products: ProductChoice(library))
      // What is not added to is not read either.
      let before = beta == 0 ? [Float](repeating: .nan, count: 64) : numbers(64, 11, 29)
      var c = (0..<product.rows * product.columns).map { before[$0 % 64] }
      let expected = beta == 0 ? sums : zip(sums, c).map { $0 + beta * $1 }
      multiply(product, a, b, into: &c, beta: beta, engine)
      let report = difference(c, expected, relative: 2e-6, floor: 1e-7, scale: .largest)
      #expect(report == nil, "\(threads) threads, beta \(beta)")
    }
  }

  /// C = 0.5 A B + beta C
  private func multiply(
    _ product: Case, _ a: [Float], _ b: [Float], into c: inout [Float], beta: Float, _ engine: Engine
  ) {
    // Pointers of empty arrays are of no use to either library.
    let (a, b) = (a + [0], b + [0])
    c.withUnsafeMutableBufferPointer { c in
      a.withUnsafeBufferPointer { a in
        b.withUnsafeBufferPointer { b in
          engine.multiply(
            .init(
              a.baseAddress!, stride: max(1, product.transposed.a ? product.rows : product.depth),
              transposed: product.transposed.a),
            .init(
              b.baseAddress!, stride: max(1, product.transposed.b ? product.depth : product.columns),
              transposed: product.transposed.b),
            into: c.baseAddress!, stride: product.columns, rows: product.rows, columns: product.columns,
            depth: product.depth, alpha: 0.5, beta: beta)
        }
      }
    }
  }

  private func sum(_ product: Case, _ a: [Float], _ b: [Float], _ row: Int, _ column: Int) -> Double {
    (0..<product.depth).reduce(0) { total, k in
      let left = product.transposed.a ? a[k * product.rows + row] : a[row * product.depth + k]
      let right = product.transposed.b ? b[column * product.depth + k] : b[k * product.columns + column]
      return total + Double(left) * Double(right)
    }
  }

  private func numbers(_ count: Int, _ factor: Int, _ modulus: Int) -> [Float] {
    (0..<count).map { Float($0 * factor % modulus) / Float(modulus) - 0.5 }
  }

  // MARK: The choice

  @Test func eachKindGoesToTheFasterLibrary() {
    let trial = ProductTrial([
      .init(.plain, openBLAS: 100, oneDNN: 110), .init(.transposedA, openBLAS: 110, oneDNN: 100),
      .init(.transposedB, openBLAS: 100, oneDNN: 101), .init(.narrow, openBLAS: 100, oneDNN: nil),
    ])
    #expect(ProductKind.allCases.map { trial.choice[$0] } == [.oneDNN, .openBLAS, .oneDNN, .openBLAS])
    #expect("\(trial.choice)" == "onednn (transposed_a: openblas, narrow: openblas)")
    #expect("\(ProductChoice(.openBLAS))" == "openblas")
    #expect(trial.choice.uses(.oneDNN) && !ProductChoice(.openBLAS).uses(.oneDNN))
  }

  @Test func aTrialMeasuresBothOnEveryKind() throws {
    let trial = ProductTrial()
    #expect(trial.entries.map(\.kind) == ProductKind.allCases)
    for entry in trial.entries { #expect(entry.openBLAS > 0 && (entry.oneDNN ?? 0) > 0, "\(entry)") }
    #expect(ProductTrial.oneDNNWorks)
  }

  /// Each kind of product is computed by the library that the choice names: where the two sum in other orders, the bits tell.
  @Test(arguments: ProductKind.allCases) func theChoiceIsObeyed(_ kind: ProductKind) {
    let rows = kind == .narrow ? 9 : 300
    let product = Case(
      rows: rows, columns: 160, depth: 1500, transposed: (a: kind == .transposedA, b: kind == .transposedB))
    let (a, b) = (numbers(rows * 1500, 37, 1001), numbers(1500 * 160, 53, 997))
    func result(_ choice: ProductChoice) -> [Float] {
      var c = [Float](repeating: 0, count: rows * 160)
      multiply(product, a, b, into: &c, beta: 0, Engine(threadCount: 2, products: choice))
      return c
    }
    let (openBLAS, oneDNN) = (result(ProductChoice(.openBLAS)), result(ProductChoice(.oneDNN)))
    #expect(openBLAS != oneDNN)
    #expect(result(ProductChoice(convolutions: .openBLAS) { $0 == kind ? .oneDNN : .openBLAS }) == oneDNN)
    #expect(result(ProductChoice(convolutions: .openBLAS) { $0 == kind ? .openBLAS : .oneDNN }) == openBLAS)
  }
}
