public import Layers
public import TensorEngine

/// BLIP's BERT that reads texts both ways, alone or while it looks at images. As an encoder it gives embedded tokens, and
/// leaves the layers to whoever knows which of the two is wanted.
public struct BLIPTextEncoder: TextEncoder {
  public let embeddings: BERTEmbeddings
  public let layers: PostNormDecoder

  init(_ configuration: BLIPConfiguration, _ builder: ParameterBuilder) {
    let names = builder[BLIPConfiguration.encoderPrefix]
    embeddings = BERTEmbeddings(configuration.drawnText, names)
    layers = PostNormDecoder(
      names["encoder"], configuration.drawnText.transformer, contextWidth: configuration.vision.width)
  }

  public var tokenEmbedding: Parameter { embeddings.words }

  /// The layers may read it twice, with images and without, and the first of them releases what a norm has made: it is given a copy.
  public func callAsFunction(_ texts: PackedText, _ tokens: EncodedTokens, _ tape: Tape) -> Encoding {
    let embedded = embeddings(texts, tokens, tape)
    return embedded.with(tape.gatherRows(embedded.states, Array(0..<embedded.states.rows)))
  }

  /// What the layers make of embedded texts that see nothing else.
  func alone(_ texts: Encoding, _ tape: Tape) -> Encoding {
    texts.with(layers(texts.states, AttentionSegments(offsets: texts.offsets, tokens: .text), nil, tape))
  }

  /// What they make of embedded texts that look at images.
  /// - Parameter imageOfText: a segment of the images for each text.
  func looking(_ texts: Encoding, at images: Encoding, imageOfText: [Int], _ tape: Tape) -> Encoding {
    let context = AttendedContext(
      states: images.states,
      segments: AttentionSegments(
        queryOffsets: texts.offsets, keyOffsets: images.offsets, keySegments: imageOfText, queryTokens: .text,
        keyTokens: .image))
    return texts.with(
      layers(texts.states, AttentionSegments(offsets: texts.offsets, tokens: .text), context, tape))
  }
}
