internal import Layers
public import TensorEngine

/// Writes texts: many at once, each with the tokens, and of those the order, that it would have by itself.
public struct TextWriter {
  private let decoder: TextDecoder
  private let settings: DecodingSettings

  /// - Parameter settings: without a flaw for the texts that will be gone on with.
  public init(_ decoder: TextDecoder, _ settings: DecodingSettings) {
    (self.decoder, self.settings) = (decoder, settings)
  }

  /// A text for each segment of the context.
  /// - Parameters:
  ///   - contextOfText: which segment each text looks at, those of one side by side, where it is not one each.
  ///   - prompts: what each begins with, behind the token that opens it; nil for nothing.
  ///   - names: of the texts, for random choices; nil takes their places.
  ///   - tape: records nothing.
  /// - Returns: the texts, in the order of the context.
  public func write(
    _ context: Encoding, contextOfText: [Int]? = nil, prompts: [[Int32]]? = nil, names: [UInt64]? = nil, _ tape: Tape
  ) -> [WrittenText] {
    let contextOfText = contextOfText ?? Array(0..<context.count)
    let starts = contextOfText.indices.map { [decoder.bounds.start] + (prompts?[$0] ?? []) }
    var searches = starts.enumerated().map {
      settings.search($1, stop: decoder.bounds.stop, name: names?[$0] ?? UInt64($0))
    }
    let memory = decoder.memory(
      context, contextOfText: contextOfText, capacity: settings.maximumLength, tape)
    var next = PackedText(starts)
    while next.count > 0 {
      // How many texts go on with each other is chance, and must not change any.
      let logits = tape.engine.multiplyingRowsAlone { decoder.next(next, memory, tape) }
      let parents = advance(&searches, logits, tape.engine)
      memory.select(parents, tape.engine)
      next = PackedText(searches.flatMap(\.running).map { $0.tokens.suffix(1).map(\.self) })
    }
    return searches.map(\.result)
  }

  /// - Returns: which text each of those that go on comes from.
  private func advance(_ searches: inout [any TextSearch], _ logits: Tensor, _ engine: Engine) -> [Int] {
    let rules = TokenRules(settings: settings, stop: decoder.bounds.stop)
    logits.withMutableValues { values in
      for (row, text) in searches.flatMap(\.running).enumerated() {
        rules.penalize(
          UnsafeMutableBufferPointer(rebasing: values[row * logits.columns..<(row + 1) * logits.columns]), text.tokens)
      }
    }
    let normalizers = engine.logSumExps(logits)
    var (parents, first): ([Int], Int) = ([], 0)
    logits.withValues { values in
      for index in searches.indices {
        let own = first..<first + searches[index].running.count
        guard !own.isEmpty else { continue }
        let rows = NextTokenRows(values, columns: logits.columns, own, normalizers: normalizers)
        parents += searches[index].advance(rows).map { first + $0 }
        first = own.upperBound
      }
    }
    return parents
  }
}
