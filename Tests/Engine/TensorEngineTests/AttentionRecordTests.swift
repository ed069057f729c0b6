import Randomness
import TensorEngine
import TestSupport
import Testing

/// What a tape keeps of attention where it is asked to. PyTorch's probabilities and gradients are in ModelsTests' explanations.
@Suite struct AttentionRecordTests {
  private static let (heads, width) = (2, 12)
  private static let text = TokenStream("text"), image = TokenStream("image")

  private func normal(_ rows: Int, _ columns: Int, _ seed: UInt64, _ engine: Engine, learnt: Bool = true) -> Tensor {
    var random = RandomStream(seed: seed)
    return engine.tensor(
      (0..<rows * columns).map { _ in random.normal() }, shape: [rows, columns], requiresGradient: learnt)
  }

  /// P V, and dy Vᵀ, of a map in the simplest way.
  private func expectMap(
    _ map: AttentionMap, queries: Int, keys: Int, value: Tensor, valueColumn: Int, y: Tensor, dy: [Float]
  ) throws {
    let (shape, probabilities) = (map.probabilities.shape, map.probabilities.values())
    let gradients = try #require(map.gradient).values()
    let (values, results) = (value.values(), y.values())
    let headWidth = Self.width / Self.heads
    for head in 0..<Self.heads {
      for query in 0..<shape[1] {
        let row = (head * shape[1] + query) * shape[2]
        #expect(abs(probabilities[row..<row + shape[2]].reduce(0, +) - 1) < 1e-6)
        for column in head * headWidth..<(head + 1) * headWidth {
          let sum = (0..<shape[2]).reduce(Float(0)) {
            $0 + probabilities[row + $1] * values[(keys + $1) * value.columns + valueColumn + column]
          }
          #expect(abs(sum - results[(queries + query) * Self.width + column]) < 1e-6)
        }
        for key in 0..<shape[2] {
          let slope = (head * headWidth..<(head + 1) * headWidth).reduce(Float(0)) {
            $0 + dy[(queries + query) * Self.width + $1] * values[(keys + key) * value.columns + valueColumn + $1]
          }
          #expect(abs(slope - gradients[row + key]) < 1e-5)
        }
      }
    }
  }

  @Test(arguments: [false, true], [true, false])
  func selfAttentionIsKept(_ isCausal: Bool, _ isLearnt: Bool) throws {
    let engine = Engine(threadCount: 2)
    let x = normal(9, 3 * Self.width, 1, engine, learnt: isLearnt)
    let record = AttentionRecord()
    let tape = Tape(engine, attention: record)
    let streams = TokenStreams(Self.text, Self.image, from: [2, 7])
    let segments = AttentionSegments(offsets: [0, 5, 9], isCausal: isCausal, tokens: streams)
    let y = tape.attention(queryKeyValue: x, heads: Self.heads, segments: segments)
    let dy = normal(9, Self.width, 2, engine, learnt: false)
    try tape.backward(from: [(y, dy)])
    #expect(record.maps.map(\.segment) == [0, 1] && record.maps.allSatisfy { $0.attention == 0 && $0.meeting == 0 })
    #expect(
      record.maps[0].queries == [TokenSpan(stream: Self.text, count: 2), TokenSpan(stream: Self.image, count: 3)])
    #expect(record.maps[1].keys == [TokenSpan(stream: Self.text, count: 2), TokenSpan(stream: Self.image, count: 2)])
    for (map, start) in zip(record.maps, [0, 5]) {
      try expectMap(
        map, queries: start, keys: start, value: x, valueColumn: 2 * Self.width, y: y, dy: dy.values())
    }
    // What is not learnt gets no gradient for it, and what is gets the one that it gets without a record.
    let plain = Tape(engine)
    let again = engine.tensor(x.values(), shape: x.shape, requiresGradient: isLearnt)
    let z = plain.attention(queryKeyValue: again, heads: Self.heads, segments: segments)
    if isLearnt { try plain.backward(from: [(z, dy)]) }
    #expect(z.values() == y.values() && again.gradientValues() == x.gradientValues())
  }

  @Test func crossAttentionIsKept() throws {
    let engine = Engine(threadCount: 2)
    let (query, keyValue) = (normal(7, Self.width, 1, engine), normal(5, 2 * Self.width, 2, engine))
    let record = AttentionRecord()
    let tape = Tape(engine, attention: record)
    // Both query segments read the second key segment.
    let segments = AttentionSegments(
      queryOffsets: [0, 3, 7], keyOffsets: [0, 2, 5], keySegments: [1, 1], queryTokens: TokenStreams(Self.text),
      keyTokens: TokenStreams(Self.image))
    let y = tape.attention(query: query, keyValue: keyValue, heads: Self.heads, segments: segments)
    let dy = normal(7, Self.width, 3, engine, learnt: false)
    try tape.backward(from: [(y, dy)])
    for (map, start) in zip(record.maps, [0, 3]) {
      #expect(map.keys == [TokenSpan(stream: Self.image, count: 3)])
      try expectMap(map, queries: start, keys: 2, value: keyValue, valueColumn: Self.width, y: y, dy: dy.values())
    }
  }

  /// In a meeting attentions read what was there when it began; behind it each reads what is there.
  @Test func meetingsAreKnown() {
    let engine = Engine(threadCount: 1)
    let record = AttentionRecord()
    let tape = Tape(engine, recording: false, attention: record)
    let x = normal(2, 3 * Self.width, 1, engine, learnt: false)
    let attend = { _ = tape.attention(queryKeyValue: x, heads: 1, segments: AttentionSegments(offsets: [0, 2])) }
    attend()
    tape.meeting {
      attend()
      attend()
    }
    attend()
    #expect(record.maps.map(\.meeting) == [0, 1, 1, 3])
    #expect(record.maps.allSatisfy { $0.gradient == nil && $0.queries.isEmpty })
  }

  /// A pass that nobody records asks for no more memory than before, however its rows are named.
  @Test func nothingIsKeptUnasked() throws {
    func reserved(_ tokens: TokenStreams?, _ record: AttentionRecord?) throws -> Int {
      let engine = Engine(threadCount: 1)
      let tape = Tape(engine, attention: record)
      let x = normal(64, 3 * Self.width, 1, engine)
      let segments = AttentionSegments(offsets: [0, 64], tokens: tokens)
      let y = tape.meeting { tape.attention(queryKeyValue: x, heads: Self.heads, segments: segments) }
      try tape.backward(from: [(y, normal(64, Self.width, 2, engine, learnt: false))])
      return engine.reservedBytes
    }
    let plain = try reserved(nil, nil)
    #expect(try reserved(TokenStreams(Self.text), nil) == plain)
    #expect(try reserved(TokenStreams(Self.text), AttentionRecord()) >= plain + 2 * Self.heads * 64 * 64 * 4)
  }
}
