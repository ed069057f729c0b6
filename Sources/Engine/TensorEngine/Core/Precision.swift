internal import CKernels
internal import COneDNN

/// What matrix products multiply. Weights, their gradients, moments, the residual stream, statistics, softmax and all
/// sums are fp32 in both.
public enum Precision: String, Sendable, CaseIterable {
  case fp32
  /// Products of bfloat16 factors, summed in fp32 (Kalamkar et al., "A Study of BFLOAT16 for Deep Learning Training",
  /// 2019); activations between products are bfloat16.
  case bf16

  /// Whether this processor can compute with it at all: bf16 needs AVX-512, which a forced level may deny.
  public var isSupported: Bool { self == .fp32 || (KernelLevel.best == .avx512 && mmd_supports_bf16() != 0) }

  /// The fastest one here: bf16 where the processor multiplies bfloat16 itself, fp32 elsewhere.
  public static var best: Precision { Precision.bf16.isSupported && mmk_has_bf16_instructions() != 0 ? .bf16 : .fp32 }
}

/// What linear layers multiply where nothing is learnt.
public enum InferencePrecision: String, Sendable, CaseIterable {
  case fp32, bf16
  /// Bytes: of weights by a scale for each output, of activations by one for each row; all else is fp32. First layers and heads stay
  /// fp32 (docs/numerics.md).
  case int8

  /// What everything else is computed in.
  public var products: Precision { self == .bf16 ? .bf16 : .fp32 }
  /// Whether this processor can compute with it at all.
  public var isSupported: Bool { self == .int8 ? ByteWeights.isSupported : products.isSupported }
  /// The fastest one here that is as near to fp32 as training is.
  public static var best: InferencePrecision { Precision.best == .bf16 ? .bf16 : .fp32 }
}

extension Engine {
  /// An engine for one model whose weights stay as they are.
  /// - Parameter inference: must be supported.
  public convenience init(threadCount: Int, inference: InferencePrecision, spins: Bool = true) {
    precondition(inference.isSupported, "this processor has no \(inference.rawValue)")
    self.init(
      threadCount: threadCount, precision: inference.products, spins: spins,
      byteWeights: inference == .int8 ? ByteWeights() : nil)
  }
}

extension Engine {
  /// What stands between two matrix products.
  package var activationType: ElementType { precision == .bf16 ? .bfloat16 : .float32 }

  /// The same numbers as another type.
  package func converted(_ x: Tensor, to type: ElementType, requiresGradient: Bool = false) -> Tensor {
    let y = tensor(x.shape, type, requiresGradient: requiresGradient)
    let columns = x.columns
    overRows(x.rows, columns: columns) { rows in
      let (start, count) = (rows.lowerBound * columns, rows.count * columns)
      switch type {
      case .bfloat16: kernels.to_bf16(count, x.floats + start, y.halves + start)
      case .float32: kernels.from_bf16(count, x.halves + start, y.floats + start, 0)
      case .int32: preconditionFailure("there is no conversion to integers")
      }
    }
    return y
  }

  /// Rounds `count` numbers to the bits of bfloat16, on all threads.
  package func round(_ x: UnsafePointer<Float>, into y: UnsafeMutablePointer<UInt16>, count: Int) {
    overColumns(count, rows: 1) { range in kernels.to_bf16(range.count, x + range.lowerBound, y + range.lowerBound) }
  }

  /// `x` as bfloat16: itself where it is that already.
  package func bfloat16(_ x: Tensor) -> Tensor { x.elementType == .bfloat16 ? x : converted(x, to: .bfloat16) }
}

extension Tape {
  /// `x` as fp32: itself where it is that already. Operations that do not read bfloat16 begin with it.
  public func float32(_ x: Tensor) -> Tensor {
    guard x.elementType == .bfloat16 else { return x }
    let y = engine.converted(x, to: .float32, requiresGradient: tracks(x))
    if tracks(x) { record(WideningOperation(x: x, y: y)) }
    return y
  }
}

private struct WideningOperation: DifferentiableOperation {
  let x: Tensor, y: Tensor

  func backward(_ engine: Engine) {
    guard let dy = y.gradient else { return }
    engine.addGradient(dy, to: x)
  }
}
