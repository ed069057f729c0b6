public import TensorEngine

/// One post-norm block whose tokens look at a context between their own attention and the perceptron: x = norm1(x +
/// attention(x)); x = norm(x + attention(x → context)); x = norm2(x + mlp(x)) (Vaswani et al., 2017, §3.1). A stream without a
/// context passes the second by, as BLIP's does where it reads texts alone.
public struct PostNormDecoderBlock {
  public let own: PostNormBlock
  public let cross: CrossAttention
  public let crossNorm: LayerNorm
  private let dropout: (probabilities: Dropout, attended: Dropout)

  /// Names are those of Hugging Face's BERT.
  public init(_ builder: ParameterBuilder, _ configuration: TransformerConfiguration, contextWidth: Int) {
    own = PostNormBlock(builder, configuration)
    let (width, rates) = (configuration.width, configuration.dropout)
    let names = builder["crossattention"]
    cross = CrossAttention(
      names, width: width, contextWidth: contextWidth, heads: configuration.heads, scales: configuration.scales,
      names: .bert)
    crossNorm = LayerNorm(
      names, "output.LayerNorm", width: width, epsilon: configuration.epsilon, keepsFloat32: true)
    dropout = (
      Dropout(names, "probabilities", rate: rates.probabilities), Dropout(names, "attended", rate: rates.states)
    )
  }

  /// x [T, W], the result of a norm that nothing behind the block reads → [T, W].
  func callAsFunction(_ x: Tensor, _ segments: AttentionSegments, _ context: AttendedContext?, _ tape: Tape) -> Tensor {
    let attended = own.attention.attend(x, segments, dropout: own.dropout.probabilities, tape)
    var states = own.seen(attended, by: x, offsets: segments.queryOffsets, tape)
    if let context {
      states = look(states, keyValue: cross.keysAndValues(of: context.states, tape), context.segments, tape)
    }
    return own.fed(states, offsets: segments.queryOffsets, tape)
  }

  /// The same for the next tokens of texts.
  /// - Parameter offsets: the new tokens of each.
  func callAsFunction(
    next x: Tensor, _ offsets: [Int], after cache: KeyValueCache, keyValue: Tensor, _ segments: AttentionSegments,
    _ tape: Tape
  ) -> Tensor {
    let attended = own.attention.attend(x, offsets, after: cache, tape)
    let states = look(own.seen(attended, by: x, offsets: offsets, tape), keyValue: keyValue, segments, tape)
    return own.fed(states, offsets: offsets, tape)
  }

  /// norm(x + attention(x → context)); x is released.
  private func look(_ x: Tensor, keyValue: Tensor, _ segments: AttentionSegments, _ tape: Tape) -> Tensor {
    let attended = cross.attend(x, keyValue: keyValue, segments, dropout: dropout.probabilities, tape)
    let change = dropout.attended(
      releasing: cross.outProjection(attended, tape), offsets: segments.queryOffsets, tape)
    let end = crossNorm(change, adding: x, tape).normalized
    x.releaseRecomputableValues()
    return end
  }
}

/// What the tokens of a stream look at beside their own texts.
public struct AttendedContext {
  /// [Ty, W']
  public let states: Tensor
  /// Which of its segments each text reads.
  public let segments: AttentionSegments

  public init(states: Tensor, segments: AttentionSegments) { (self.states, self.segments) = (states, segments) }
}

/// A stack of such blocks; there is no norm after the last.
public struct PostNormDecoder {
  public let blocks: [PostNormDecoderBlock]

  public init(_ builder: ParameterBuilder, _ configuration: TransformerConfiguration, contextWidth: Int) {
    blocks = (0..<configuration.layers).map {
      PostNormDecoderBlock(builder["\(configuration.names.blocks).\($0)"], configuration, contextWidth: contextWidth)
    }
  }

  /// x [T, W], the result of a norm → the states of all tokens [T, W].
  public func callAsFunction(
    _ x: Tensor, _ segments: AttentionSegments, _ context: AttendedContext?, _ tape: Tape
  ) -> Tensor {
    blocks.reduce(x) { states, block in
      guard let context else { return tape.block([states]) { [block($0[0], segments, nil, $1)] }[0] }
      return tape.block([states, context.states]) { inputs, tape in
        [block(inputs[0], segments, AttendedContext(states: inputs[1], segments: context.segments), tape)]
      }[0]
    }
  }
}
