public import TensorEngine

/// What a decoder need not compute again for the next token of a text: keys and values of the tokens before it, and of its
/// context, layer by layer. Texts are rows, which may be chosen anew between two steps: left out, put in another order, or
/// repeated where several texts go on from one.
public final class DecoderMemory {
  private let caches: [KeyValueCache]
  /// Of each layer [Ty, 2W].
  private let contexts: [Tensor]
  private let contextOffsets: [Int]
  /// The context that each text reads.
  private var contextOfText: [Int]

  /// - Parameters:
  ///   - context: states [Ty, W'], segment i at contextOffsets[i] ..< contextOffsets[i + 1].
  ///   - contextOfText: of each text. Texts of one context stand side by side.
  ///   - capacity: the most tokens of a text.
  init(
    _ decoder: PostNormDecoder, context: Tensor, contextOffsets: [Int], contextOfText: [Int], capacity: Int,
    _ tape: Tape
  ) {
    caches = decoder.blocks.map { _ in KeyValueCache(capacity: capacity) }
    contexts = decoder.blocks.map { $0.cross.keysAndValues(of: context, tape) }
    (self.contextOffsets, self.contextOfText) = (contextOffsets, contextOfText)
  }

  /// Tokens that each text has so far.
  public var lengths: [Int] { caches.first?.lengths ?? [] }

  /// Text i goes on from what was text parents[i].
  public func select(_ parents: [Int], _ engine: Engine) {
    guard parents != Array(contextOfText.indices) else { return }
    contextOfText = parents.map { contextOfText[$0] }
    for cache in caches { cache.select(parents, engine) }
  }

  /// Texts of one context query it together, so that its keys are read once for all of them.
  /// - Parameter offsets: of the texts' new tokens.
  fileprivate func segments(_ offsets: [Int]) -> AttentionSegments {
    var (queries, keys): ([Int], [Int]) = ([0], [])
    for (text, context) in contextOfText.enumerated() {
      if keys.last == context {
        queries[queries.count - 1] = offsets[text + 1]
      } else {
        queries.append(offsets[text + 1])
        keys.append(context)
      }
    }
    return AttentionSegments(queryOffsets: queries, keyOffsets: contextOffsets, keySegments: keys)
  }

  fileprivate func layer(_ index: Int) -> (cache: KeyValueCache, context: Tensor) { (caches[index], contexts[index]) }
}

extension PostNormDecoder {
  /// An empty memory of texts that read these contexts.
  public func memory(
    context: Tensor, contextOffsets: [Int], contextOfText: [Int], capacity: Int, _ tape: Tape
  ) -> DecoderMemory {
    DecoderMemory(
      self, context: context, contextOffsets: contextOffsets, contextOfText: contextOfText, capacity: capacity, tape)
  }

  /// The states of the next tokens of texts, which the memory then holds as well: x [T, W] → [T, W].
  /// - Parameter offsets: the new tokens of each: any number of the first ones of a text, and one at a time after that.
  public func callAsFunction(next x: Tensor, _ offsets: [Int], _ memory: DecoderMemory, _ tape: Tape) -> Tensor {
    let segments = memory.segments(offsets)
    return blocks.enumerated().reduce(x) { states, layer in
      let (cache, context) = memory.layer(layer.offset)
      return layer.element(next: states, offsets, after: cache, keyValue: context, segments, tape)
    }
  }
}
