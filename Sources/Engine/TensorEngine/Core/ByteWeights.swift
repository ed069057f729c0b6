internal import CKernels
internal import COneDNN
internal import Synchronization

/// Weights of linear layers as bytes, each made once: weights must not change while it lives. Threads may share it. What is computed
/// with it is near to what fp32 gives, and takes a quarter of its products' time where the processor multiplies bytes (docs/numerics.md).
public final class ByteWeights {
  private let lock = Mutex(())
  // Looked up, never walked through. With the weight, whose address must not be another's.
  private var made: [ObjectIdentifier: (weight: Tensor, bytes: ByteMatrix)] = [:]

  public init() {}

  /// Whether this processor multiplies bytes faster than floats, and without saturating.
  public static var isSupported: Bool { KernelLevel.best == .avx512 && mmd_supports_bytes() != 0 }

  /// How many weights are bytes so far; all others are multiplied as they are.
  public var count: Int { lock.withLock { _ in made.count } }

  /// Sides below which a product is no faster in bytes than the passes that make and read them.
  static let leastSide = 64

  /// Nil for what stays fp32.
  package func callAsFunction(_ weight: Tensor, _ engine: Engine) -> ByteMatrix? {
    let outputs = weight.shape[0]
    guard engine.precision == .fp32, weight.updates.isEmpty, outputs >= Self.leastSide,
      weight.count / outputs >= Self.leastSide
    else { return nil }
    var result: ByteMatrix?
    lock.withLock { _ in
      let known = made[ObjectIdentifier(weight)]?.bytes ?? ByteMatrix(weight, engine)
      made[ObjectIdentifier(weight)] = (weight, known)
      result = known
    }
    return result
  }
}

/// A weight W [O, I] as signed bytes: row o is scales[o] times its bytes.
package final class ByteMatrix {
  let weight: WeightPanels
  let scales: Tensor
  /// Of each output's bytes, int32.
  let sums: Tensor

  /// Outputs of a panel: its sums of a block of rows stay in the cache until they are read.
  static let panelOutputs = 256

  init(_ weight: Tensor, _ engine: Engine) {
    let (inputs, outputs) = (weight.count / weight.shape[0], weight.shape[0])
    let (plain, kept) = (engine.tensor([outputs * inputs / 4 + 1]), Storage(zeroed: 8 * outputs))
    scales = Tensor(shape: [outputs], storage: kept, requiresGradient: false)
    sums = Tensor(
      shape: [outputs], elementType: .int32, storage: kept, byteOffset: 4 * outputs, requiresGradient: false)
    engine.kernels.weights_to_bytes(
      outputs, inputs, weight.floats, plain.bytes.assumingMemoryBound(to: Int8.self), scales.floats, sums.integers)
    self.weight = WeightPanels(
      arranging: plain.bytes, MMD_BYTES, outputs: outputs, inputs: inputs, panelOutputs: Self.panelOutputs,
      engine.productContexts[0])
  }

  var inputs: Int { weight.inputs }
  var outputs: Int { weight.outputs }
}
