internal import Glibc
internal import Randomness
public import TensorEngine

/// All weights of a model that are learnt in one flat array, all gradients in a second of the same layout; the weights that are
/// not learnt, frozen ones and constants, lie in a third, which nobody sums or updates.
///
/// All-reduce, clipping, the optimizer and checkpoints work on contiguous spans; layers see views. Every parameter
/// begins at a multiple of 64 bytes; the gaps are zero and stay zero.
public final class ParameterArena {
  public let parameters: [Parameter]
  /// Floats of what is learnt, and of its gradients, gaps included.
  public let count: Int
  /// Floats of what is not learnt, gaps included.
  public let lockedCount: Int
  private let weightStorage: Storage
  private let gradientStorage: Storage
  private let lockedStorage: Storage
  /// All weights once more as bfloat16, in the same layouts; nil until `keepRounded`.
  var roundedStorage: (learnt: Storage, locked: Storage)?

  /// Lays out the parameters of `builder` and binds them.
  /// - Parameters:
  ///   - memory: zeroed, of at least as many floats each as `requiredCounts` says is learnt, for example windows that other
  ///     ranks can read; nil takes memory of its own.
  ///   - isFrozen: parameters for which it holds receive no gradient and no update; all slices of a stacked parameter
  ///     must agree.
  public init(
    _ builder: ParameterBuilder, memory: ParameterMemory? = nil, isFrozen: (_ name: String) -> Bool = { _ in false }
  ) {
    parameters = builder.parameters
    (count, lockedCount) = Self.requiredCounts(builder, isFrozen: isFrozen)
    weightStorage = Self.storage(memory?.weights, count: count, owner: memory?.owner)
    gradientStorage = Self.storage(memory?.gradients, count: count, owner: memory?.owner)
    lockedStorage = Storage(zeroed: lockedCount * 4)
    var (learnt, locked) = (0, 0)
    for parameter in parameters {
      if Self.isLocked(parameter, isFrozen) {
        bind(parameter, locked: true, at: locked)
        locked += Self.rounded(parameter.count)
      } else {
        bind(parameter, locked: false, at: learnt)
        learnt += Self.rounded(parameter.count)
      }
    }
    for parameter in parameters { parameter.tensor.updates = parameter.updates.map(\.update) }
  }

  /// Promises that no weight changes any more, so that what products read can be made of it once.
  package func fixWeights() { for parameter in parameters { parameter.tensor.isFixed = true } }

  private static func storage(_ given: UnsafeMutableBufferPointer<Float>?, count: Int, owner: AnyObject?) -> Storage {
    guard let given, let base = given.baseAddress else { return Storage(zeroed: count * 4) }
    precondition(given.count >= count, "the parameters need \(count) floats, not \(given.count)")
    return Storage(external: base, byteCount: count * 4, owner: owner)
  }

  /// Floats that the parameters of `builder` take, gaps included: of what is learnt, and of what is not.
  public static func requiredCounts(
    _ builder: ParameterBuilder, isFrozen: (_ name: String) -> Bool = { _ in false }
  ) -> (learnt: Int, locked: Int) {
    var counts = (learnt: 0, locked: 0)
    for parameter in builder.parameters {
      if isLocked(parameter, isFrozen) {
        counts.locked += rounded(parameter.count)
      } else {
        counts.learnt += rounded(parameter.count)
      }
    }
    return counts
  }

  private static func rounded(_ count: Int) -> Int { (count + 15) & ~15 }

  private static func isLocked(_ parameter: Parameter, _ isFrozen: (String) -> Bool) -> Bool {
    let frozen = parameter.slices.map { parameter.isConstant || isFrozen($0.name) }
    precondition(
      Set(frozen).count == 1, "\(parameter.slices.map(\.name)) are one array: freeze all of them or none")
    return frozen[0]
  }

  private func bind(_ parameter: Parameter, locked: Bool, at offset: Int) {
    let weight = Tensor(
      shape: parameter.shape, storage: locked ? lockedStorage : weightStorage, byteOffset: offset * 4,
      requiresGradient: !locked)
    if !locked {
      weight.gradient = Tensor(
        shape: parameter.shape, storage: gradientStorage, byteOffset: offset * 4, requiresGradient: false)
    }
    parameter.bound = weight
    var start = offset
    for index in parameter.slices.indices {
      parameter.slices[index].offset = start
      parameter.slices[index].isLocked = locked
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

  /// All that is learnt.
  public var weights: UnsafeMutableBufferPointer<Float> { floats(weightStorage, count) }
  public var gradients: UnsafeMutableBufferPointer<Float> { floats(gradientStorage, count) }
  /// All that is not.
  public var lockedWeights: UnsafeMutableBufferPointer<Float> { floats(lockedStorage, lockedCount) }

  private func floats(_ storage: Storage, _ count: Int) -> UnsafeMutableBufferPointer<Float> {
    UnsafeMutableBufferPointer(start: storage.pointer.assumingMemoryBound(to: Float.self), count: count)
  }

  /// The weights of one named array, in place.
  public func weights(of slice: ParameterSlice) -> UnsafeMutableBufferPointer<Float> {
    let weights = slice.isLocked ? lockedWeights : weights
    return UnsafeMutableBufferPointer(rebasing: weights[slice.offset..<slice.offset + slice.count])
  }

  /// The weights of arrays that stand end to end, in place.
  public func weights(of slices: [ParameterSlice]) -> UnsafeMutableBufferPointer<Float> {
    precondition(
      zip(slices, slices.dropFirst()).allSatisfy {
        $0.isLocked == $1.isLocked && $0.offset + $0.count == $1.offset
      }, "\(slices.map(\.name)) do not lie end to end")
    let weights = slices[0].isLocked ? lockedWeights : weights
    let start = slices[0].offset
    return UnsafeMutableBufferPointer(rebasing: weights[start..<start + slices.reduce(0) { $0 + $1.count }])
  }

  /// The gradient of one named array that is learnt, in place.
  public func gradients(of slice: ParameterSlice) -> UnsafeMutableBufferPointer<Float> {
    precondition(!slice.isLocked, "\(slice.name) is not learnt")
    return UnsafeMutableBufferPointer(rebasing: gradients[slice.offset..<slice.offset + slice.count])
  }

  /// Fills the weights as each parameter asks; a parameter's numbers depend on the seed and its name only.
  /// - Parameters:
  ///   - threads: share the arrays among them, where given.
  ///   - except: names of arrays that stay as they are, as somebody fills them.
  public func initialize(seed: UInt64, threads: ThreadPool? = nil, except: Set<String> = []) {
    let slices = slices.filter { !except.contains($0.name) }
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
      var random = RandomStream(seed: seed, .weights, hash(slice.name))
      for index in values.indices { values[index] = standardDeviation * random.normal() }
    case .uniform(let bound):
      var random = RandomStream(seed: seed, .weights, hash(slice.name))
      for index in values.indices { values[index] = random.uniform(in: -bound...bound) }
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
      guard !parameter.slices[0].isLocked else { return true }
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
func hash(_ text: String) -> UInt64 {
  text.utf8.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
}
