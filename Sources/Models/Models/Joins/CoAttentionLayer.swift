internal import Layers
internal import TensorEngine

/// One connection of two streams: text queries image and image queries text, both as they came, and a perceptron each (Lu et
/// al., "ViLBERT", 2019, figure 2b). Post-norm, as in BERT.
struct CoAttentionLayer {
  let text: CoAttentionSide
  let image: CoAttentionSide

  /// The authors' names: 1 is the image's side and 2 the text's.
  init(_ configuration: CoAttentionConfiguration, _ builder: ParameterBuilder) {
    image = CoAttentionSide(
      configuration, stream: configuration.image, CoAttentionSide.Names(number: 1, letter: "v"), builder)
    text = CoAttentionSide(
      configuration, stream: configuration.text, CoAttentionSide.Names(number: 2, letter: "t"), builder)
  }

  /// → [the text's states, the image's]; segment i of one meets segment i of the other.
  func callAsFunction(
    text x: Tensor, _ textOffsets: [Int], image y: Tensor, _ imageOffsets: [Int], _ tape: Tape
  ) -> [Tensor] {
    let (textKeys, imageKeys) = (text.keyValue(x, tape), image.keyValue(y, tape))
    let toImage = AttentionSegments(
      queryOffsets: textOffsets, keyOffsets: imageOffsets, queryTokens: .text, keyTokens: .image)
    let toText = AttentionSegments(
      queryOffsets: imageOffsets, keyOffsets: textOffsets, queryTokens: .image, keyTokens: .text)
    return tape.meeting {
      [text(x, keyValue: imageKeys, toImage, tape), image(y, keyValue: textKeys, toText, tape)]
    }
  }
}

/// One stream's part of a connection: x = norm(x + W attention(x → other)); x = norm(x + mlp(x)), where what is added is dropped in
/// part, and the probabilities of attention are.
struct CoAttentionSide {
  struct Names {
    let number: Int
    let letter: String
  }

  let heads: Int
  let query: Linear
  let keyValue: Linear
  let output: Linear
  let norm: LayerNorm
  /// Published files have it, and nobody's forward pass reads it: it is kept, and not learnt.
  let unread: [Parameter]
  let feedForward: FeedForward
  let feedForwardNorm: LayerNorm
  private let dropout: (probabilities: Dropout, attended: Dropout, fed: Dropout)

  init(
    _ configuration: CoAttentionConfiguration, stream: TransformerConfiguration, _ names: Names,
    _ builder: ParameterBuilder
  ) {
    let (number, width, inner) = (names.number, stream.width, configuration.width)
    let deviation = stream.scales.attention
    let (attention, merged) = (builder["biattention"], builder["biOutput"])
    heads = configuration.heads
    query = Linear(attention, "query\(number)", inputs: width, outputs: inner, standardDeviation: deviation)
    keyValue = Linear(
      attention, "key\(number)", "value\(number)", inputs: width, outputs: inner, standardDeviation: deviation)
    output = Linear(merged, "dense\(number)", inputs: inner, outputs: width, standardDeviation: deviation)
    norm = LayerNorm(merged, "LayerNorm\(number)", width: width, epsilon: stream.epsilon, keepsFloat32: true)
    unread = [
      merged.constant("q_dense\(number).weight", [width, inner], 0),
      merged.constant("q_dense\(number).bias", [width], 0),
    ]
    feedForward = FeedForward(
      builder, width: width, intermediate: stream.intermediate, activation: stream.activation, scales: stream.scales,
      names: .coAttention(letter: names.letter))
    feedForwardNorm = LayerNorm(
      builder, "\(names.letter)_output.LayerNorm", width: width, epsilon: stream.epsilon, keepsFloat32: true)
    let rates = stream.dropout
    dropout = (
      Dropout(attention, "probabilities\(number)", rate: rates.probabilities),
      Dropout(merged, "dropout\(number)", rate: rates.states),
      Dropout(builder, "\(names.letter)_output.dropout", rate: rates.states)
    )
  }

  /// - Parameter keyValue: the other stream's.
  func callAsFunction(_ x: Tensor, keyValue: Tensor, _ segments: AttentionSegments, _ tape: Tape) -> Tensor {
    let offsets = segments.queryOffsets
    let attended = tape.attention(
      query: query(x, tape), keyValue: keyValue, heads: heads, segments: segments,
      dropout: dropout.probabilities.ofProbabilities)
    let change = dropout.attended(releasing: output(attended, tape), offsets: offsets, tape)
    let middle = norm(change, adding: x, tape).normalized
    let fed = dropout.fed(releasing: feedForward(middle, tape), offsets: offsets, tape)
    let end = feedForwardNorm(fed, adding: middle, tape).normalized
    middle.releaseRecomputableValues()
    return end
  }
}
