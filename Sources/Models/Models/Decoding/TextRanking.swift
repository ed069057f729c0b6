public import TensorEngine

/// Chooses among given texts the one that a model finds likeliest: by Σ ln p over all of its tokens, the closing one counted.
///
/// Where there are more than `shortlist`, those go on whose first token is likeliest, and the sum decides among these (Li et al., "BLIP",
/// ICML 2022, as its program has it): the others are not looked at. Equal ones go by their place in the list.
public struct TextRanking {
  /// One of the texts, by its place in the list.
  public struct Ranked: Sendable, Equatable {
    public let place: Int
    /// Σ ln p
    public let logProbability: Double

    public init(place: Int, logProbability: Double) { (self.place, self.logProbability) = (place, logProbability) }
  }

  private let decoder: TextDecoder
  /// Of those that have the same tokens the first alone: the others are as likely, and stand behind it.
  private let texts: [(place: Int, ids: [Int32])]
  /// Most that are looked at whole.
  private let shortlist: Int

  /// Numbers of logits that are in memory at once.
  private static let logitsAtOnce = 1 << 24

  /// - Parameter texts: with the tokens that open and close them; whatever opens a text, the decoder's own token stands there.
  public init(_ decoder: TextDecoder, among texts: [[Int32]], shortlist: Int = 128) {
    precondition(!texts.isEmpty && shortlist > 0 && texts.allSatisfy { $0.count > 1 }, "texts to choose among")
    (self.decoder, self.shortlist) = (decoder, shortlist)
    var known: Set<[Int32]> = []
    self.texts = texts.enumerated().filter { known.insert(Array($0.element.dropFirst())).inserted }.map { ($0, $1) }
  }

  /// How many of them are told of a segment: all that are looked at.
  public var count: Int { min(shortlist, texts.count) }
  /// Whether all of them are looked at.
  public var isExact: Bool { texts.count <= shortlist }

  /// Of each segment of the context `count` texts, the likeliest first.
  /// - Parameter tape: records nothing.
  public func rank(_ context: Encoding, _ tape: Tape) -> [[Ranked]] {
    let firsts = firstTokens(context, tape)
    let chosen = firsts.map(shortlisted)
    var sums = zip(firsts, chosen).map { first, chosen in chosen.map { first[$0] } }
    for part in parts(chosen) {
      let asked = NextTexts(part.map { texts[chosen[$0.segment][$0.number]].ids }, start: decoder.bounds.start)
      let segments = part[0].segment...part[part.count - 1].segment
      let rest = logProbabilities(
        asked, context.selecting(Array(segments), tape), contextOfText: part.map { $0.segment - segments.lowerBound },
        tape)
      for (candidate, logProbability) in zip(part, rest) {
        sums[candidate.segment][candidate.number] += logProbability
      }
    }
    return zip(chosen, sums).map { chosen, sums in
      zip(chosen, sums).map { Ranked(place: texts[$0].place, logProbability: $1) }.sorted {
        ($1.logProbability, $0.place) < ($0.logProbability, $1.place)
      }
    }
  }

  /// ln p of the first token of each text, of each segment: what stands behind nothing is the same for all texts.
  private func firstTokens(_ context: Encoding, _ tape: Tape) -> [[Double]] {
    let starts = PackedText((0..<context.count).map { _ in [decoder.bounds.start] })
    let states = decoder.states(starts, context, contextOfText: Array(0..<context.count), tape)
    let logits = decoder.logits(states, tape)
    let normalizers = tape.engine.logSumExps(logits)
    return logits.withValues { values in
      (0..<context.count).map { row in
        texts.map { Double(values[row * logits.columns + Int($0.ids[1])]) - Double(normalizers[row]) }
      }
    }
  }

  /// Those that are looked at whole, by their places among the texts.
  private func shortlisted(_ first: [Double]) -> [Int] {
    guard !isExact else { return Array(first.indices) }
    return Array(first.indices.sorted { (first[$1], $0) < (first[$0], $1) }.prefix(shortlist))
  }

  private typealias Candidate = (segment: Int, number: Int)

  /// All candidates, some at a time.
  private func parts(_ chosen: [[Int]]) -> [[Candidate]] {
    let most = max(1, Self.logitsAtOnce / decoder.vocabularySize)
    var (parts, rows): ([[Candidate]], Int) = ([], 0)
    for (segment, texts) in chosen.enumerated() {
      for (number, text) in texts.enumerated() {
        let own = self.texts[text].ids.count
        if parts.isEmpty || rows + own > most {
          parts.append([])
          rows = 0
        }
        parts[parts.count - 1].append((segment, number))
        rows += own
      }
    }
    return parts
  }

  /// Σ ln p of the tokens of each text behind its first one.
  private func logProbabilities(
    _ asked: NextTexts, _ context: Encoding, contextOfText: [Int], _ tape: Tape
  ) -> [Double] {
    guard !asked.rows.isEmpty else { return asked.counts.map { _ in 0 } }
    let states = decoder.states(asked.texts, context, contextOfText: contextOfText, tape)
    let logits = decoder.logits(tape.gatherRows(states, asked.rows), tape)
    let normalizers = tape.engine.logSumExps(logits)
    return logits.withValues { values in
      var row = 0
      return asked.counts.map { count in
        (0..<count).reduce(0.0) { sum, _ in
          defer { row += 1 }
          return sum + Double(values[row * logits.columns + Int(asked.targets[row])]) - Double(normalizers[row])
        }
      }
    }
  }
}

/// What is asked of the decoder about texts whose first token is known to it: all that come behind that.
private struct NextTexts {
  /// Without their last token, behind which nothing is asked.
  let texts: PackedText
  private(set) var rows: [Int] = []
  private(set) var targets: [Int32] = []
  let counts: [Int]

  init(_ ids: [[Int32]], start: Int32) {
    texts = PackedText(ids.map { [start] + $0.dropFirst().dropLast() })
    counts = ids.map { $0.count - 2 }
    for (text, ids) in ids.enumerated() {
      rows += texts.offsets[text] + 1..<texts.offsets[text + 1]
      targets += ids.dropFirst(2)
    }
  }
}
