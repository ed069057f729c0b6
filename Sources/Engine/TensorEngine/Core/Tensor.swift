internal import Glibc

/// What the elements are.
public enum ElementType: Sendable {
  case float32
  case int32
  /// The upper half of a float32: its range at 8 bits of precision. What matrix products read where the engine's
  /// precision says so, and what they save for the backward pass.
  case bfloat16

  public var byteCount: Int {
    switch self {
    case .float32, .int32: 4
    case .bfloat16: 2
    }
  }
}

/// A contiguous, row-major array, and the place where its gradient gathers.
///
/// A transposition is a flag of the operation that reads a tensor; there are no strides.
/// Shapes are said with the letters of docs/numerics.md: B images a batch, T packed tokens, W width, D embedding width.
public final class Tensor {
  public let shape: [Int]
  public let elementType: ElementType
  /// Whether a backward pass has to reach it.
  public let requiresGradient: Bool
  /// Nil once the values were released.
  private var storage: Storage?
  private let byteOffset: Int
  private var releaseReason: StaticString = ""
  /// Computes the values again, where whoever made them knows how to.
  var recomputation: ((Engine) -> Tensor)?

  /// The gradient of the loss with respect to this tensor; nil where none has arrived (yet).
  package var gradient: Tensor?
  /// The same numbers as bfloat16, where the arena of a parameter keeps them.
  package var rounded: Tensor?
  /// The same numbers as the kernel of whole perceptrons reads a weight, where the arena of a parameter keeps them.
  package var panels: Tensor?
  /// Whether the numbers stay as they are while the tensor lives, so that what is made of them can be kept.
  package var isFixed = false
  /// What is added to a weight before it is multiplied, where somebody adapts it.
  package var updates: [LowRankUpdate] = []
  /// Set on parameters before a step: the first gradient that arrives replaces what the arena still holds.
  package var gradientIsStale = false
  /// Set on a gradient that more than one tensor may hold: it is copied before anything is added to it.
  var isSharedGradient = false

  package init(
    shape: [Int], elementType: ElementType = .float32, storage: Storage, byteOffset: Int = 0, requiresGradient: Bool
  ) {
    self.shape = shape
    self.elementType = elementType
    self.storage = storage
    self.byteOffset = byteOffset
    self.requiresGradient = requiresGradient
    precondition(
      shape.allSatisfy { $0 >= 0 } && byteOffset + count * elementType.byteCount <= storage.byteCount,
      "a tensor of shape \(shape) at byte \(byteOffset) leaves its storage of \(storage.byteCount) bytes")
  }

  public var count: Int { shape.reduce(1, *) }
  /// All dimensions but the last, multiplied; 1 for a scalar.
  public var rows: Int { shape.dropLast().reduce(1, *) }
  /// The last dimension; 1 for a scalar.
  public var columns: Int { shape.last ?? 1 }

  /// The elements. The tensor must be kept alive while the pointer is used.
  package var floats: UnsafeMutablePointer<Float> {
    precondition(elementType == .float32, "a tensor of \(elementType) is read as float32")
    return bytes.assumingMemoryBound(to: Float.self)
  }

  /// The bits of bfloat16 elements.
  package var halves: UnsafeMutablePointer<UInt16> {
    precondition(elementType == .bfloat16, "a tensor of \(elementType) is read as bfloat16")
    return bytes.assumingMemoryBound(to: UInt16.self)
  }

  /// The elements, whatever they are.
  package var bytes: UnsafeMutableRawPointer { present.pointer + byteOffset }
  package var byteCount: Int { count * elementType.byteCount }

  package var integers: UnsafeMutablePointer<Int32> {
    precondition(elementType == .int32, "a tensor of \(elementType) is read as int32")
    return bytes.assumingMemoryBound(to: Int32.self)
  }

  /// A copy of the elements; bfloat16 ones are widened.
  public func values() -> [Float] {
    withExtendedLifetime(self) {
      elementType == .bfloat16
        ? UnsafeBufferPointer(start: halves, count: count).map { Float(bitPattern: UInt32($0) << 16) }
        : Array(UnsafeBufferPointer(start: floats, count: count))
    }
  }

  /// The one element of a scalar.
  public var value: Float {
    precondition(count == 1, "a tensor of shape \(shape) is no scalar")
    return withExtendedLifetime(self) { floats[0] }
  }

  /// Reads the elements in place.
  public func withValues<Result>(_ body: (UnsafeBufferPointer<Float>) throws -> Result) rethrows -> Result {
    try withExtendedLifetime(self) { try body(UnsafeBufferPointer(start: floats, count: count)) }
  }

  /// Writes the elements in place.
  public func withMutableValues<Result>(_ body: (UnsafeMutableBufferPointer<Float>) throws -> Result) rethrows -> Result
  {
    try withExtendedLifetime(self) { try body(UnsafeMutableBufferPointer(start: floats, count: count)) }
  }

  /// A copy of the gradient; zeros where none arrived.
  public func gradientValues() -> [Float] {
    gradientIsStale ? [Float](repeating: 0, count: count) : gradient?.values() ?? [Float](repeating: 0, count: count)
  }

  /// The same elements under another shape, with a gradient of its own.
  package func view(shape: [Int]) -> Tensor {
    Tensor(
      shape: shape, elementType: elementType, storage: present, byteOffset: byteOffset,
      requiresGradient: requiresGradient)
  }

  /// Some of the first dimension's entries, in place, without a gradient.
  package func rows(_ range: Range<Int>) -> Tensor {
    let size = shape.dropFirst().reduce(elementType.byteCount, *)
    return Tensor(
      shape: [range.count] + shape.dropFirst(), elementType: elementType, storage: present,
      byteOffset: byteOffset + range.lowerBound * size, requiresGradient: false)
  }

  // MARK: Releasing the values

  /// Lets go of the values, which the forward pass has no more use for. The tensor stays where its gradient gathers. Who
  /// needs the values in the backward pass takes `restored`; whoever reads them otherwise stops the program.
  package func releaseValues(_ reason: StaticString) { (storage, releaseReason) = (nil, reason) }

  /// The same where the values can be computed again, as a norm's can.
  package func releaseRecomputableValues() {
    if recomputation != nil { releaseValues("they are computed again for the backward pass") }
  }

  /// The tensor with its values: itself, or another of the same bits, computed again and kept as long as the caller does.
  package func restored(_ engine: Engine) -> Tensor {
    guard storage == nil, let recomputation else { return self }
    let made = recomputation(engine)
    made.recomputation = recomputation
    return made
  }

  /// The same values at the beginning of another tape. It takes the gradient over that has arrived so far, so that what
  /// the other tape adds to it is added in the same order as on one tape.
  func leaf(_ engine: Engine) -> Tensor {
    precondition(!gradientIsStale, "leaf: a parameter's gradient stays in its arena")
    let source = restored(engine)
    let leaf = Tensor(
      shape: shape, elementType: elementType, storage: source.present, byteOffset: source.byteOffset,
      requiresGradient: requiresGradient)
    leaf.recomputation = recomputation
    leaf.gradient = gradient
    gradient = nil
    return leaf
  }

  private var present: Storage {
    guard let storage else {
      preconditionFailure("a tensor of shape \(shape) is read after its values were released: \(releaseReason)")
    }
    return storage
  }
}

extension Engine {
  /// A tensor with unspecified content.
  package func tensor(_ shape: [Int], _ type: ElementType = .float32, requiresGradient: Bool = false) -> Tensor {
    let count = shape.reduce(1, *)
    return Tensor(
      shape: shape, elementType: type, storage: Storage(byteCount: count * type.byteCount, pool: memory),
      requiresGradient: requiresGradient)
  }

  package func zeros(_ shape: [Int]) -> Tensor {
    let made = tensor(shape)
    memset(made.bytes, 0, made.byteCount)
    return made
  }

  /// A tensor with a copy of `values`, row-major.
  public func tensor(_ values: some Collection<Float>, shape: [Int], requiresGradient: Bool = false) -> Tensor {
    precondition(values.count == shape.reduce(1, *), "\(values.count) values do not fill the shape \(shape)")
    let made = tensor(shape, requiresGradient: requiresGradient)
    _ = UnsafeMutableBufferPointer(start: made.floats, count: made.count).initialize(from: values)
    return made
  }

  /// The rows of all `parts`, as a tensor at which gradients, where it requires one, gather and stop.
  package func leaf(joining parts: [Tensor], requiresGradient: Bool) -> Tensor {
    let made = tensor([parts.reduce(0) { $0 + $1.rows }, parts[0].columns], requiresGradient: requiresGradient)
    var place = made.floats
    for part in parts {
      place.update(from: part.floats, count: part.count)
      place += part.count
    }
    return made
  }

  /// A tensor of integers: token ids, rows, targets.
  public func indices(_ values: some Collection<Int32>) -> Tensor {
    let made = Tensor(
      shape: [values.count], elementType: .int32, storage: Storage(byteCount: values.count * 4, pool: memory),
      requiresGradient: false)
    _ = UnsafeMutableBufferPointer(start: made.integers, count: made.count).initialize(from: values)
    return made
  }
}
