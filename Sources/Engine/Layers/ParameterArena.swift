internal import Glibc
internal import Randomness
public import TensorEngine

/// All weights of a model in one flat array, all gradients in a second of the same layout.
///
/// All-reduce, clipping, the optimizer and checkpoints work on contiguous spans; layers see views. Every parameter
/// begins at a multiple of 64 bytes; the gaps are zero and stay zero.
public final class ParameterArena {
  public let parameters: [Parameter]
  /// Floats in each of the two arrays, gaps included.
  public let count: Int
  private let weightStorage: Storage
  private let gradientStorage: Storage
  /// All weights once more as bfloat16, in the same layout; nil until `keepRounded`.
  private var roundedStorage: Storage?

  /// Lays out the parameters of `builder` and binds them.
  /// - Parameters:
  ///   - memory: zeroed, of at least `requiredCount(builder)` floats each, for example windows that other ranks can
  ///     read; nil takes memory of its own.
  ///   - isFrozen: parameters for which it holds receive no gradient and no update; all slices of a stacked parameter
  ///     must agree.
  public init(
    _ builder: ParameterBuilder, memory: ParameterMemory? = nil, isFrozen: (_ name: String) -> Bool = { _ in false }
  ) {
    parameters = builder.parameters
    count = Self.requiredCount(builder)
    weightStorage = Self.storage(memory?.weights, count: count, owner: memory?.owner)
    gradientStorage = Self.storage(memory?.gradients, count: count, owner: memory?.owner)
    var offset = 0
    for parameter in parameters {
      bind(parameter, at: offset, isFrozen: isFrozen)
      offset += Self.rounded(parameter.count)
    }
  }

  private static func storage(_ given: UnsafeMutableBufferPointer<Float>?, count: Int, owner: AnyObject?) -> Storage {
    guard let given, let base = given.baseAddress else { return Storage(zeroed: count * 4) }
    precondition(given.count >= count, "the parameters need \(count) floats, not \(given.count)")
    return Storage(external: base, byteCount: count * 4, owner: owner)
  }

  /// Floats that the parameters of `builder` take, gaps included.
  public static func requiredCount(_ builder: ParameterBuilder) -> Int {
    builder.parameters.reduce(0) { $0 + rounded($1.count) }
  }

  private static func rounded(_ count: Int) -> Int { (count + 15) & ~15 }

  private func bind(_ parameter: Parameter, at offset: Int, isFrozen: (String) -> Bool) {
    let frozen = parameter.slices.map { parameter.isConstant || isFrozen($0.name) }
    precondition(
      Set(frozen).count == 1, "\(parameter.slices.map(\.name)) are one array: freeze all of them or none")
    let weight = Tensor(
      shape: parameter.shape, storage: weightStorage, byteOffset: offset * 4, requiresGradient: !frozen[0])
    if !frozen[0] {
      weight.gradient = Tensor(
        shape: parameter.shape, storage: gradientStorage, byteOffset: offset * 4, requiresGradient: false)
    }
    parameter.bound = weight
    var start = offset
    for index in parameter.slices.indices {
      parameter.slices[index].offset = start
      start += parameter.slices[index].count
    }
  }

  /// The named arrays in construction order.
  public var slices: [ParameterSlice] { parameters.flatMap(\.slices) }

  /// Those that are not frozen.
  public var trainedSlices: [ParameterSlice] {
    parameters.filter { $0.tensor.requiresGradient }.flatMap(\.slices)
  }

  /// Numbers that a model learns, gaps and constants (running statistics) not counted; frozen ones are.
  public var parameterCount: Int { parameters.reduce(0) { $0 + ($1.isConstant ? 0 : $1.count) } }

  public var weights: UnsafeMutableBufferPointer<Float> { floats(weightStorage) }
  public var gradients: UnsafeMutableBufferPointer<Float> { floats(gradientStorage) }

  private func floats(_ storage: Storage) -> UnsafeMutableBufferPointer<Float> {
    UnsafeMutableBufferPointer(start: storage.pointer.assumingMemoryBound(to: Float.self), count: count)
  }

  /// The weights of one named array, in place.
  public func weights(of slice: ParameterSlice) -> UnsafeMutableBufferPointer<Float> {
    UnsafeMutableBufferPointer(rebasing: weights[slice.offset..<slice.offset + slice.count])
  }

  /// The gradient of one named array, in place.
  public func gradients(of slice: ParameterSlice) -> UnsafeMutableBufferPointer<Float> {
    UnsafeMutableBufferPointer(rebasing: gradients[slice.offset..<slice.offset + slice.count])
  }

  /// Fills the weights as each parameter asks; a parameter's numbers depend on the seed and its name only.
  /// - Parameter threads: share the arrays among them, where given.
  public func initialize(seed: UInt64, threads: ThreadPool? = nil) {
    let slices = slices
    if let threads {
      threads.run(slices.count) { _, index in initialize(slices[index], seed: seed) }
    } else {
      for slice in slices { initialize(slice, seed: seed) }
    }
  }

  private func initialize(_ slice: ParameterSlice, seed: UInt64) {
    let values = weights(of: slice)
    switch slice.initialization {
    case .constant(let value):
      values.update(repeating: value)
    case .normal(let standardDeviation):
      var random = RandomStream(seed: seed, 1, hash(slice.name))
      for index in values.indices { values[index] = standardDeviation * random.normal() }
    }
  }

  /// Before a step: whatever the gradients hold is of the step before.
  public func markGradientsStale() {
    for parameter in parameters { parameter.tensor.gradientIsStale = parameter.tensor.requiresGradient }
  }

  /// After the backward pass: what no gradient reached gets zeros.
  public func clearUnreachedGradients() {
    for parameter in parameters { clearIfUnreached(parameter) }
  }

  private func clearIfUnreached(_ parameter: Parameter) {
    guard parameter.tensor.gradientIsStale else { return }
    if let gradient = parameter.tensor.gradient { memset(gradient.floats, 0, gradient.count * 4) }
    parameter.tensor.gradientIsStale = false
  }

  /// During a backward pass: takes out of `pending`, indices of parameters, those that no operation holds any more, so that
  /// nothing can write their gradients; `body` receives where each of them lies, in floats, the gap behind it included.
  /// What no gradient has reached gets zeros.
  public func takeFinal(_ pending: inout [Int], _ body: (Range<Int>) -> Void) {
    pending.removeAll { index in
      let parameter = parameters[index]
      guard parameter.isUnreferenced else { return false }
      clearIfUnreached(parameter)
      let start = parameter.slices[0].offset
      body(start..<start + Self.rounded(parameter.count))
      return true
    }
  }

  /// A fingerprint of names, shapes, order and what is frozen, to be compared between ranks.
  public var manifestHash: UInt64 {
    parameters.reduce(0) { total, parameter in
      parameter.slices.reduce(total &* 31 &+ (parameter.tensor.requiresGradient ? 1 : 0)) {
        $0 &* 0x100_0000_01B3 &+ hash("\($1.name) \($1.shape)")
      }
    }
  }
}

// MARK: Rounded weights

extension ParameterArena {
  /// Keeps a copy of the weights as products in bfloat16 read them, so that no step rounds them anew. Whoever changes
  /// weights brings it up to date: `AdamW` does in its own pass, all others call `roundWeights`.
  public func keepRounded(_ engine: Engine) {
    let storage = Storage(zeroed: count * 2)
    roundedStorage = storage
    for parameter in parameters {
      parameter.tensor.rounded = Tensor(
        shape: parameter.shape, elementType: .bfloat16, storage: storage, byteOffset: parameter.slices[0].offset * 2,
        requiresGradient: false)
    }
    roundWeights(in: 0..<count, engine)
  }

  /// Brings the rounded copy up to date; does nothing where there is none.
  /// - Parameter range: which weights have changed, in floats of the arena.
  public func roundWeights(in range: Range<Int>, _ engine: Engine) {
    guard let rounded = roundedWeights, let weights = weights.baseAddress else { return }
    engine.round(weights + range.lowerBound, into: rounded + range.lowerBound, count: range.count)
  }

  /// The bits of the rounded copy, where one is kept.
  package var roundedWeights: UnsafeMutablePointer<UInt16>? {
    roundedStorage?.pointer.assumingMemoryBound(to: UInt16.self)
  }
}

/// Where an arena's arrays lie when it is not to take memory of its own.
public struct ParameterMemory {
  public let weights: UnsafeMutableBufferPointer<Float>
  public let gradients: UnsafeMutableBufferPointer<Float>
  /// Keeps both alive.
  public let owner: AnyObject

  public init(
    weights: UnsafeMutableBufferPointer<Float>, gradients: UnsafeMutableBufferPointer<Float>, owner: AnyObject
  ) {
    (self.weights, self.gradients, self.owner) = (weights, gradients, owner)
  }
}

/// FNV-1a.
private func hash(_ text: String) -> UInt64 {
  text.utf8.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
}
