internal import Batching
public import Collectives
internal import Models
internal import Pretrained
internal import TensorEngine
internal import Tokenization

/// What became of texts.
public struct EncodedTexts: Sendable {
  /// A row for each text, in their order.
  public let features: Features
  /// Texts that are longer than the model reads, and were cut.
  public let cutTexts: Int
}

extension LoadedModel {
  /// Encodes all texts, equal ones once, those of like length together and without padding. Each rank encodes some; the
  /// result is the same on all of them and on any number of them. Collective.
  ///
  /// - Parameters:
  ///   - tokensAtOnce: about how many tokens are computed at once.
  ///   - progress: is told how many of this rank's different texts are done, and their number.
  /// - Throws: `InferenceError.noFeatures` for a model without any.
  public func encode(
    _ texts: [String], tokensAtOnce: Int = 2048, _ communicator: any Communicator = SoloCommunicator(),
    progress: (_ done: Int, _ total: Int) -> Void = { _, _ in }
  ) throws -> EncodedTexts {
    let model = try features()
    let different = DifferentTexts(texts, directory.tokenizer, contextLength: contextLength)
    let chunks = different.chunks(tokens: tokensAtOnce)
    let own = chunks[share(of: chunks.count, rank: communicator.rank, ranks: communicator.size)]
    let total = own.reduce(0) { $0 + $1.count }
    var rows: [Float] = []
    var done = 0
    for chunk in own {
      rows += model.features(texts: different.packed(chunk), tape()).values()
      done += chunk.count
      progress(done, total)
    }
    let all = Features(try gatherOverRanks(rows, communicator, "features of texts"), width: embeddingWidth)
    return EncodedTexts(features: all.selecting(different.placeOfText), cutTexts: different.cutTexts)
  }
}

/// Texts as ids, each once, the shortest first.
struct DifferentTexts {
  private var ids: [[Int32]] = []
  /// For each of the texts that were given its place among the different ones.
  private(set) var placeOfText: [Int] = []
  private(set) var cutTexts = 0

  init(_ texts: [String], _ tokenizer: any Tokenizer, contextLength: Int) {
    var numbers: [[UInt8]: Int] = [:]  // bytes: Swift's String takes two spellings of é for the same text
    var found: [[Int32]] = []
    var isCut: [Bool] = []
    let number = texts.map { text in
      let known = numbers[Array(text.utf8)] ?? found.count
      if known == found.count {
        numbers[Array(text.utf8)] = known
        let body = tokenizer.encodeBody(text, limit: contextLength - 1)
        isCut.append(body.count > contextLength - 2)
        found.append([tokenizer.startToken] + body.prefix(contextLength - 2) + [tokenizer.endToken])
      }
      if isCut[known] { cutTexts += 1 }
      return known
    }
    let order = found.indices.sorted { (found[$0].count, $0) < (found[$1].count, $1) }
    var place = [Int](repeating: 0, count: order.count)
    for (index, known) in order.enumerated() { place[known] = index }
    ids = order.map { found[$0] }
    placeOfText = number.map { place[$0] }
  }

  var count: Int { ids.count }

  /// Those of one of the texts that were given.
  func ids(of text: Int) -> [Int32] { ids[placeOfText[text]] }

  /// Ranges of about so many tokens each.
  func chunks(tokens limit: Int) -> [Range<Int>] {
    var chunks: [Range<Int>] = []
    var (start, tokens) = (0, 0)
    for (index, text) in ids.enumerated() {
      if tokens > 0, tokens + text.count > limit {
        chunks.append(start..<index)
        (start, tokens) = (index, 0)
      }
      tokens += text.count
    }
    if start < ids.count { chunks.append(start..<ids.count) }
    return chunks
  }

  func packed(_ range: Range<Int>) -> PackedText {
    PackedText(
      ids: ids[range].flatMap(\.self),
      offsets: ids[range].reduce(into: [0]) { $0.append($0[$0.count - 1] + $1.count) })
  }
}
