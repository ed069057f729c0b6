public import TensorEngine

/// One post-norm block: x = norm1(x + attention(x)); x = norm2(x + mlp(x)) (Vaswani et al., 2017, §3.1, as in BERT), where what
/// is added is dropped in part, and the probabilities of attention are.
public struct PostNormBlock {
  public let attention: SelfAttention
  public let norm1: LayerNorm
  public let feedForward: FeedForward
  public let norm2: LayerNorm
  let dropout: (probabilities: Dropout, attended: Dropout, fed: Dropout)

  public init(_ builder: ParameterBuilder, _ configuration: TransformerConfiguration) {
    let (names, scales) = (configuration.names, configuration.scales)
    let norm = { (name: String) in
      // What a norm makes goes on as the residual stream.
      LayerNorm(builder, name, width: configuration.width, epsilon: configuration.epsilon, keepsFloat32: true)
    }
    attention = SelfAttention(
      builder, width: configuration.width, heads: configuration.heads, scales: scales, names: names,
      hasInBias: configuration.hasInBias)
    norm1 = norm(names.norm1)
    feedForward = FeedForward(
      builder, width: configuration.width, intermediate: configuration.intermediate,
      activation: configuration.activation, scales: scales, names: names)
    norm2 = norm(names.norm2)
    let rates = configuration.dropout
    dropout = (
      Dropout(builder, "attention.probabilities", rate: rates.probabilities),
      Dropout(builder, "attention", rate: rates.states), Dropout(builder, "mlp", rate: rates.states)
    )
  }

  /// x [T, W], the result of a norm that nothing behind the block reads, → the states of all tokens, or of `pooledRows`
  /// alone.
  ///
  /// A norm and the sum that it reads are one operation. Both norms' results are read twice, by a product and by the next
  /// sum, and are released until the backward pass behind the second.
  func callAsFunction(_ x: Tensor, _ segments: AttentionSegments, pooledRows: [Int]?, _ tape: Tape) -> Tensor {
    let attended = attention.attend(x, segments, dropout: dropout.probabilities, tape)
    // A pooled row is the first of its text, and has that row's mask.
    let offsets = pooledRows == nil ? segments.queryOffsets : nil
    let middle = seen(attended, by: x, pooledRows: pooledRows, offsets: offsets, tape)
    return fed(middle, offsets: offsets, tape)
  }

  /// norm1(x + attention(x)) of all rows, or of some.
  /// - Parameters:
  ///   - attended: the heads side by side; x is released.
  ///   - offsets: of texts; nil: a row each.
  func seen(_ attended: Tensor, by x: Tensor, pooledRows: [Int]? = nil, offsets: [Int]?, _ tape: Tape) -> Tensor {
    let rows = { (all: Tensor) in pooledRows.map { tape.gatherRows(all, $0) } ?? all }
    let change = dropout.attended(releasing: attention.outProjection(rows(attended), tape), offsets: offsets, tape)
    let middle = norm1(change, adding: rows(x), tape).normalized
    x.releaseRecomputableValues()
    return middle
  }

  /// norm2(x + mlp(x)); x is released.
  func fed(_ x: Tensor, offsets: [Int]?, _ tape: Tape) -> Tensor {
    let change = dropout.fed(releasing: feedForward(x, tape), offsets: offsets, tape)
    let end = norm2(change, adding: x, tape).normalized
    x.releaseRecomputableValues()
    return end
  }
}

/// A stack of post-norm blocks; there is no norm after the last.
public struct PostNormEncoder {
  public let blocks: [PostNormBlock]

  public init(_ builder: ParameterBuilder, _ configuration: TransformerConfiguration) {
    blocks = (0..<configuration.layers).map {
      PostNormBlock(builder["\(configuration.names.blocks).\($0)"], configuration)
    }
  }

  /// x [T, W], the result of a norm → the states of all tokens [T, W], or of the tokens `pooledRows` alone [number of them,
  /// W]: what comes after the attention of the last block is then computed for these alone.
  public func callAsFunction(
    _ x: Tensor, _ segments: AttentionSegments, pooledRows: [Int]? = nil, _ tape: Tape
  ) -> Tensor {
    var states = x
    for (index, block) in blocks.enumerated() {
      let rows = index + 1 == blocks.count ? pooledRows : nil
      states = tape.block([states]) { [block($0[0], segments, pooledRows: rows, $1)] }[0]
    }
    return states
  }

  /// Some of the blocks, one behind the other: x [T, W] → [T, W].
  public func callAsFunction(
    _ x: Tensor, blocks range: Range<Int>, _ segments: AttentionSegments, _ tape: Tape
  ) -> Tensor {
    blocks[range].reduce(x) { states, block in
      tape.block([states]) { [block($0[0], segments, pooledRows: nil, $1)] }[0]
    }
  }
}
