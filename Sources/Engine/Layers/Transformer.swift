public import TensorEngine

/// Sizes of a transformer.
public struct TransformerConfiguration: Sendable, Equatable {
  public var width: Int
  public var layers: Int
  public var heads: Int
  public var intermediate: Int
  public var activation: Activation
  public var epsilon: Float
  public var names: TransformerNames
  public var scales: TransformerScales
  /// Whether something is added to queries, keys and values.
  public var hasInBias = true
  /// Post-norm blocks alone have dropout.
  public var dropout = DropoutRates()

  /// - Parameter scales: CLIP's where none are given.
  public init(
    width: Int, layers: Int, heads: Int, intermediate: Int, activation: Activation = .quickGELU, epsilon: Float = 1e-5,
    names: TransformerNames = .huggingFace, scales: TransformerScales? = nil
  ) {
    self.names = names
    (self.width, self.layers, self.heads) = (width, layers, heads)
    (self.intermediate, self.activation, self.epsilon) = (intermediate, activation, epsilon)
    self.scales = scales ?? TransformerScales(width: width, layers: layers)
  }
}

/// Standard deviations of initial weights.
public struct TransformerScales: Sendable, Equatable {
  public let attention: Float
  public let residual: Float
  public let expansion: Float

  /// CLIP's (Radford et al., 2021; OpenAI's `initialize_parameters`): projections that end in the residual stream are
  /// smaller the more of them there are.
  public init(width: Int, layers: Int) {
    attention = 1 / Float(width).squareRoot()
    residual = 1 / (Float(width) * 2 * Float(layers)).squareRoot()
    expansion = 1 / (2 * Float(width)).squareRoot()
  }

  /// One for all, as BERT and the vision transformer have it.
  public init(all deviation: Float) { (attention, residual, expansion) = (deviation, deviation, deviation) }

  /// BERT's 0.02 is one for a width of 768, where a product is then √768 · 0.02 ≈ 0.55 times as large as what it is of. In a
  /// narrow model that is drawn with it attention begins all but flat, and what stands where is learnt late or never
  /// (docs/tasks.md): weights are the larger there, so that products are not the smaller. Wider ones keep the published number.
  public static func deviation(width: Int) -> Float { 0.02 * max(1, (768 / Float(width)).squareRoot()) }
}

/// The two-layer perceptron of a block.
public struct FeedForward {
  public let expand: Linear
  public let contract: Linear

  public init(
    _ builder: ParameterBuilder, width: Int, intermediate: Int, activation: Activation, scales: TransformerScales,
    names: TransformerNames = .huggingFace
  ) {
    expand = Linear(
      builder, names.expand, inputs: width, outputs: intermediate, activation: activation,
      standardDeviation: scales.expansion)
    contract = Linear(
      builder, names.contract, inputs: intermediate, outputs: width, standardDeviation: scales.residual)
  }

  public func callAsFunction(_ x: Tensor, _ tape: Tape) -> Tensor {
    tape.perceptron(
      x, hidden: (expand.weight.tensor, expand.bias?.tensor), output: (contract.weight.tensor, contract.bias?.tensor),
      activation: expand.activation)
  }

  /// The same for the result of a norm that nothing else reads: its values are released until the backward pass.
  public func callAsFunction(releasing x: Tensor, _ tape: Tape) -> Tensor {
    defer { x.releaseRecomputableValues() }
    return self(x, tape)
  }
}

/// One pre-norm block: x += attention(norm1 x); x += mlp(norm2 x).
public struct TransformerBlock {
  public let norm1: LayerNorm
  public let attention: SelfAttention
  public let norm2: LayerNorm
  public let feedForward: FeedForward

  public init(_ builder: ParameterBuilder, _ configuration: TransformerConfiguration) {
    let (names, scales) = (configuration.names, configuration.scales)
    attention = SelfAttention(
      builder, width: configuration.width, heads: configuration.heads, scales: scales, names: names,
      hasInBias: configuration.hasInBias)
    norm1 = LayerNorm(builder, names.norm1, width: configuration.width, epsilon: configuration.epsilon)
    feedForward = FeedForward(
      builder, width: configuration.width, intermediate: configuration.intermediate,
      activation: configuration.activation, scales: scales, names: names)
    norm2 = LayerNorm(builder, names.norm2, width: configuration.width, epsilon: configuration.epsilon)
  }

  /// - Parameters:
  ///   - x: the residual stream [T, W].
  ///   - normalized: norm1 of it.
  ///   - next: the norm that reads the block's result.
  /// - Returns: the stream and `next` of it, of all tokens or of `pooledRows` alone.
  func callAsFunction(
    _ x: Tensor, normalized: Tensor, _ segments: AttentionSegments, pooledRows: [Int]?, next: LayerNorm, _ tape: Tape
  ) -> [Tensor] {
    var (stream, attended) = (x, attention.attend(releasing: normalized, segments, tape))
    if let pooledRows {
      (attended, stream) = (tape.gatherRows(attended, pooledRows), tape.gatherRows(stream, pooledRows))
    }
    let middle = norm2(attention.outProjection(attended, tape), adding: stream, tape)
    let end = next(feedForward(releasing: middle.normalized, tape), adding: middle.sum, tape)
    return [end.sum, end.normalized]
  }

  /// The block by itself, for a stream that changes between blocks: x [T, W] → [T, W], not normalized.
  public func callAsFunction(_ x: Tensor, _ segments: AttentionSegments, _ tape: Tape) -> Tensor {
    tape.block([x]) { inputs, tape in
      let attended = attention(releasing: norm1(inputs[0], tape), segments, tape)
      let middle = norm2(attended, adding: inputs[0], tape)
      let change = feedForward(releasing: middle.normalized, tape)
      defer { change.releaseValues("the branch was added to the residual stream") }
      return [tape.add(middle.sum, change)]
    }[0]
  }
}

/// A stack of blocks and the norm after the last.
public struct TransformerEncoder {
  public let blocks: [TransformerBlock]
  public let finalNorm: LayerNorm

  /// - Parameter finalNorm: made by the caller, whose naming it follows.
  public init(_ builder: ParameterBuilder, _ configuration: TransformerConfiguration, finalNorm: LayerNorm) {
    blocks = (0..<configuration.layers).map {
      TransformerBlock(builder["\(configuration.names.blocks).\($0)"], configuration)
    }
    self.finalNorm = finalNorm
  }

  /// x [T, W] → the normalized states of all tokens [T, W], or of the tokens `pooledRows` alone [number of them, W].
  ///
  /// Each sum into the residual stream and the norm that reads it are one operation, so the norm of the next block is
  /// applied where a block ends. In the last block tokens meet in its attention alone: where only some of them are
  /// asked for, what comes after it is computed for these, which changes nothing of their result.
  public func callAsFunction(
    _ x: Tensor, _ segments: AttentionSegments, pooledRows: [Int]? = nil, _ tape: Tape
  ) -> Tensor {
    var stream = x
    var normalized = (blocks.first?.norm1 ?? finalNorm)(x, tape)
    for (index, block) in blocks.enumerated() {
      let isLast = index + 1 == blocks.count
      let next = isLast ? finalNorm : blocks[index + 1].norm1
      let states = tape.block([stream, normalized]) { inputs, tape in
        block(inputs[0], normalized: inputs[1], segments, pooledRows: isLast ? pooledRows : nil, next: next, tape)
      }
      (stream, normalized) = (states[0], states[1])
    }
    return blocks.isEmpty && pooledRows != nil ? tape.gatherRows(normalized, pooledRows ?? []) : normalized
  }

  /// Some of the blocks, one behind the other and without the last norm: x [T, W] → [T, W].
  public func callAsFunction(
    _ x: Tensor, blocks range: Range<Int>, _ segments: AttentionSegments, _ tape: Tape
  ) -> Tensor {
    blocks[range].reduce(x) { $1($0, segments, tape) }
  }
}
