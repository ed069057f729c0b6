public import Layers
public import TensorEngine

/// Where texts of a decoder begin and end.
public struct TextBounds: Sendable, Equatable {
  /// Stands in the place of whatever opens a text.
  public var start: Int32
  /// Closes it.
  public var stop: Int32

  public init(start: Int32, stop: Int32) { (self.start, self.stop) = (start, stop) }
}

/// Says which token comes next: BERT's embedding block and blocks with a causal mask, which look at a context of any kind, and
/// BERT's head for words on their states (Li et al., "BLIP: Bootstrapping Language-Image Pre-training", ICML 2022, §3.1, after
/// Vaswani et al., 2017). The head reads the table of words backwards.
public struct TextDecoder {
  public let bounds: TextBounds
  public let embeddings: BERTEmbeddings
  public let layers: PostNormDecoder
  let head: MaskedTextHead

  /// - Parameters:
  ///   - contextWidth: of what it looks at.
  ///   - body: of embeddings and layers, and `headNames` of the head.
  init(
    _ configuration: BERTConfiguration, contextWidth: Int, bounds: TextBounds, body: ParameterBuilder,
    head headNames: ParameterBuilder
  ) {
    self.bounds = bounds
    embeddings = BERTEmbeddings(configuration, body)
    layers = PostNormDecoder(body["encoder"], configuration.transformer, contextWidth: contextWidth)
    head = MaskedTextHead(
      inputs: configuration.width, norm: nil, tokenEmbedding: embeddings.words, epsilon: configuration.epsilon,
      names: .bert, deviation: configuration.initialDeviation, headNames)
  }

  /// Most tokens of a text, the first among them.
  public var contextLength: Int { embeddings.positions.shape[0] }
  /// V
  public var vocabularySize: Int { embeddings.words.shape[0] }

  /// The states of all tokens of texts, each of which knows those before it [T, W].
  /// - Parameter contextOfText: which segment of the context each text looks at.
  public func states(_ texts: PackedText, _ context: Encoding, contextOfText: [Int], _ tape: Tape) -> Tensor {
    let segments = AttentionSegments(
      queryOffsets: texts.offsets, keyOffsets: context.offsets, keySegments: contextOfText, queryTokens: .text,
      keyTokens: .image)
    return layers(
      embeddings(texts, tape), AttentionSegments(offsets: texts.offsets, isCausal: true, tokens: .text),
      AttendedContext(states: context.states, segments: segments), tape)
  }

  /// Logits of what comes behind tokens: states [N, W] → [N, V].
  public func logits(_ states: Tensor, _ tape: Tape) -> Tensor { head(states, tape) }
}

// MARK: Going on with texts

extension TextDecoder {
  /// An empty memory of texts.
  /// - Parameter capacity: the most tokens of a text; nil for all that the decoder knows places for.
  public func memory(
    _ context: Encoding, contextOfText: [Int], capacity: Int? = nil, _ tape: Tape
  ) -> DecoderMemory {
    layers.memory(
      context: context.states, contextOffsets: context.offsets, contextOfText: contextOfText,
      capacity: capacity ?? contextLength, tape)
  }

  /// Logits of what comes behind each text [texts, V], of which only the tokens are given that the memory does not hold.
  public func next(_ texts: PackedText, _ memory: DecoderMemory, _ tape: Tape) -> Tensor {
    let known = memory.lengths
    let embedded =
      known.isEmpty ? embeddings(texts, tape) : embeddings(texts.ids, at: known, tape)
    let states = layers(next: embedded, texts.offsets, memory, tape)
    let last = texts.offsets.dropFirst().map { $0 - 1 }
    return logits(last.count == states.rows ? states : tape.gatherRows(states, last), tape)
  }
}
