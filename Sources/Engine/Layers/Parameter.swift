public import TensorEngine

/// How a parameter begins.
public enum Initialization: Sendable, Equatable {
  case constant(Float)
  case normal(standardDeviation: Float)
  /// In -bound ... bound.
  case uniform(bound: Float)
}

/// One named array of a checkpoint: the whole of a parameter, or its part where several are computed as one.
public struct ParameterSlice: Sendable, Equatable {
  /// The key in checkpoints, for example `text_model.encoder.layers.0.mlp.fc1.weight`.
  public let name: String
  public let shape: [Int]
  public let initialization: Initialization
  /// Of a table of positions on a square grid of patches, the first of their rows: it may be brought to another grid, the corners of
  /// the one on those of the other. Nil for anything else.
  public internal(set) var firstOfGrid: Int?
  /// Of such a table whose grid is no square, the lines of it: each may be brought to another length. Nil for a square.
  public internal(set) var linesOfGrid: Int?
  /// Where it begins in the arena, in floats, among what is learnt or among what is not; set when the arena is laid out.
  public internal(set) var offset = 0
  /// Whether it is not learnt; set when the arena is laid out.
  public internal(set) var isLocked = false

  public var count: Int { shape.reduce(1, *) }
}

/// What a layer holds: a tensor in the arena that is there once all parameters are known.
public final class Parameter {
  public internal(set) var slices: [ParameterSlice]
  /// The shape that operations see: the slices stacked along their first dimension.
  public let shape: [Int]
  /// Whether it belongs to the model but is not learnt, as batch norm's statistics are not: no gradient, no update.
  public let isConstant: Bool
  /// What is added to it where it is multiplied.
  var updates: [LowRankParameters] = []
  var bound: Tensor?

  init(slices: [ParameterSlice], shape: [Int], isConstant: Bool) {
    (self.slices, self.shape, self.isConstant) = (slices, shape, isConstant)
  }

  public var count: Int { shape.reduce(1, *) }

  /// Whether nothing else holds the tensor: no operation on a tape that could still write its gradient.
  var isUnreferenced: Bool { isKnownUniquelyReferenced(&bound) }

  public var tensor: Tensor {
    guard let bound else { preconditionFailure("\(slices[0].name) is used before its arena was laid out") }
    return bound
  }
}
