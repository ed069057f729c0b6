internal import Models
internal import TensorEngine

/// One way in which the texts of a case file were written: from the token that opens a text, at most as many tokens as the longest
/// list of the file has.
struct CaptionSearch {
  /// [B, slots]: compared up to the token that closes a text, it included; what fills the rest is each program's own.
  let ids: String
  /// [B]: Σ ln p over the tokens that were written, divided by their number.
  let scores: String
  private let search: DecodingSettings.Search
  private var minimumLength = 0
  private var hasPrompt = false

  private init(_ name: String, _ search: DecodingSettings.Search) {
    (ids, scores, self.search) = ("output.\(name)_ids", "output.\(name)_scores", search)
  }

  static var all: [CaptionSearch] {
    let greedy = CaptionSearch("greedy", .greedy)
    var (long, prompted) = (CaptionSearch("beam_min", .beams(3)), CaptionSearch("beam_prompt", .beams(3)))
    long.minimumLength = 5
    prompted.hasPrompt = true
    return [greedy, CaptionSearch("beam", .beams(3)), long, prompted]
  }

  func result(_ name: String, _ context: Encoding, _ model: any TextGenerator, _ run: CaseRun) throws -> Tensor {
    var settings = DecodingSettings(search, maximumLength: Self.longest(run))
    settings.minimumLength = minimumLength
    settings.isExact = false
    let prompts = try prompts(context.count, name, run)
    let longest = prompts?.map(\.count).max() ?? 0
    if let flaw = settings.flaw(contextLength: model.decoder.contextLength, prompt: 1 + longest) {
      throw run.mistaken(name, "asks for " + flaw)
    }
    let tape = Tape(run.tape.engine, recording: false)
    let written = TextWriter(model.decoder, settings).write(context, prompts: prompts, tape)
    guard name == ids else {
      return tape.engine.tensor(written.map { Float($0.score(lengthReward: 1)) }, shape: [written.count])
    }
    let values = try zip(written, expected(run, stop: model.decoder.bounds.stop)).flatMap { text, tokens in
      tokens.enumerated().map { place, token in
        // A token is the right one or it is not, however near its number: a wrong one is far off.
        text.tokens.dropFirst(place).first == token ? Float(token) : -Float(model.decoder.vocabularySize)
      }
    }
    return tape.engine.tensor(values, shape: [values.count])
  }

  func slots(_ name: String, _ run: CaseRun) throws -> CaseSlots {
    let model = run.model as? any TextGenerator
    let shape = run.arrayShape(ids)
    let lengths = try expected(run, stop: model?.decoder.bounds.stop ?? -1).map(\.count)
    return CaseSlots(
      shape: shape, rows: lengths.enumerated().flatMap { row, length in row * shape[1]..<row * shape[1] + length })
  }

  /// What the file has of each text up to the token that closes it.
  private func expected(_ run: CaseRun, stop: Int32) throws -> [[Int32]] {
    let shape = try run.shape(ids, [nil, nil], for: ids)
    let values = try run.integers(ids, [nil, nil], for: ids).map { Int32(truncatingIfNeeded: $0) }
    return (0..<shape[0]).map { row in
      let tokens = values[row * shape[1]..<(row + 1) * shape[1]]
      return Array(tokens.firstIndex(of: stop).map { tokens[...$0] } ?? tokens)
    }
  }

  private static func longest(_ run: CaseRun) -> Int {
    all.map { run.arrayShape($0.ids).last ?? 0 }.max() ?? 0
  }

  /// Behind the token that opens a text and without the one that closes it.
  private func prompts(_ count: Int, _ name: String, _ run: CaseRun) throws -> [[Int32]]? {
    guard hasPrompt else { return nil }
    let packed = try run.packedTexts(CaptionCase.prompts, mask: "input.prompt_mask", for: name)
    guard packed.count == count else {
      throw run.mistaken(CaptionCase.prompts, "holds \(packed.count) prompts for \(count) images")
    }
    return (0..<count).map { Array(packed[$0..<$0 + 1].ids.dropFirst().dropLast()) }
  }
}
