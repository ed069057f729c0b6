import Randomness
import TensorEngine
import TestSupport
import Testing

/// Attention of tokens one by one, with the keys and values of those before them at hand, against that of whole texts.
@Suite struct CachedAttentionTests {
  private let engine = Engine(threadCount: 2)
  private let width = 24
  private let heads = 3

  /// Queries, keys and values of a text's tokens.
  private func text(_ length: Int, _ name: UInt64) -> [[Float]] {
    var random = RandomStream(seed: 5, name)
    return (0..<length).map { _ in (0..<3 * width).map { _ in random.normal() } }
  }

  private func whole(_ text: [[Float]]) -> [Float] {
    let x = engine.tensor(text.flatMap(\.self), shape: [text.count, 3 * width])
    return Tape(engine, recording: false).attention(
      queryKeyValue: x, heads: heads, segments: AttentionSegments(offsets: [0, text.count], isCausal: true)
    ).values()
  }

  private func expect(_ row: [Float], _ expected: [Float], _ what: String) {
    #expect(difference(row, expected, relative: 2e-6, scale: .largest) == nil, "\(what)")
  }

  /// The last row of each text's result.
  private func go(on texts: [[[Float]]], from known: Int, _ cache: KeyValueCache) -> [[Float]] {
    let offsets = texts.reduce(into: [0]) { $0.append($0[$0.count - 1] + $1.count - known) }
    let rows = texts.flatMap { $0[known...] }
    let x = engine.tensor(rows.flatMap(\.self), shape: [rows.count, 3 * width])
    let y = Tape(engine, recording: false).attention(
      queryKeyValue: x, heads: heads, offsets: offsets, after: cache
    ).values()
    return offsets.dropFirst().map { Array(y[($0 - 1) * width..<$0 * width]) }
  }

  @Test func tokensOneByOneAreWholeTexts() {
    let cache = KeyValueCache(capacity: 9)
    var texts = [text(3, 1), text(1, 2), text(5, 3)]
    for (row, text) in zip(go(on: texts, from: 0, cache), texts) {
      expect(row, Array(whole(text).suffix(width)), "the first tokens")
    }
    for step in 0..<3 {
      // Each goes on by a token of its own; what is known differs in length.
      let more = texts.indices.map { text(1, 10 + UInt64(10 * step + $0))[0] }
      let x = engine.tensor(more.flatMap(\.self), shape: [texts.count, 3 * width])
      let y = Tape(engine, recording: false).attention(
        queryKeyValue: x, heads: heads, offsets: Array(0...texts.count), after: cache
      ).values()
      for index in texts.indices {
        texts[index].append(more[index])
        expect(
          Array(y[index * width..<(index + 1) * width]), Array(whole(texts[index]).suffix(width)), "step \(step)")
      }
    }
    #expect(cache.lengths == [6, 4, 8])
  }

  /// Two texts go on from one, one is left out, and the order changes; then fewer, then more than there ever were.
  @Test func textsGoOnFromOthers() {
    let cache = KeyValueCache(capacity: 9)
    var texts = [text(3, 1), text(3, 2), text(3, 3)]
    _ = go(on: texts, from: 0, cache)
    for (step, parents) in [[2, 0, 0], [1], [0, 0, 0, 0, 0], [0, 1, 2]].enumerated() {
      cache.select(parents, engine)
      texts = parents.enumerated().map { texts[$1] + [text(1, 100 + UInt64(10 * step + $0))[0]] }
      let rows = go(on: texts, from: 3 + step, cache)
      for (row, text) in zip(rows, texts) {
        expect(row, Array(whole(text).suffix(width)), "\(parents)")
      }
    }
  }
}
