internal import Models
internal import TensorEngine

/// What a model writes about images: states that its decoder looks at, what comes behind each token of texts, and the texts that
/// it goes on with by itself. Image i meets text i, or question i.
struct CaptionCase: CasePart {
  static let inputs = CaseRun.imageInputs + CaseRun.textInputs + [labels, prompts, "input.prompt_mask"] + questions
  static let results =
    [states, embedding, pooled, logits, loss, smoothed] + CaptionSearch.all.flatMap { [$0.ids, $0.scores] }
  static let weights: [String: Float] = [smoothed: 0]

  /// The token that stands at each place, and a negative number where it is not asked for [B, T]: place i is told at place i − 1.
  static let labels = "input.labels"
  /// What texts begin with [B, P]; the last token, which closes a text, is left out, and the first is the model's own.
  static let prompts = "input.prompt_ids"
  /// Of a model that reads them [B, Q], and 1 where there is a token.
  private static let questions = ["input.question_ids", "input.question_mask"]

  /// [B, R, W]: before the first layer of the image tower, and behind its last norm; of the first token, normed once more [B, W].
  private static let (embedding, states, pooled) = (
    "output.image_embedding", "output.image_states", "output.image_pooled"
  )
  /// [B, T, V]
  private static let logits = "output.logits"
  /// Cross-entropy, the mean over the tokens that are asked for; and with a tenth of it given to all tokens alike.
  private static let (loss, smoothed) = ("loss.caption", "loss.caption_smoothed")

  private let model: any TextGenerator

  init?(_ model: any Model) {
    guard let model = model as? any TextGenerator else { return nil }
    self.model = model
  }

  func result(_ name: String, of run: CaseRun) throws -> Tensor {
    if let search = CaptionSearch.all.first(where: { [$0.ids, $0.scores].contains(name) }) {
      return try search.result(name, context(name, run), model, run)
    }
    switch name {
    case Self.embedding: return try embedded(name, run).states
    case Self.states: return try run.images(model, for: name).states
    case Self.pooled: return model.imageEncoder.pooled(try run.images(model, for: name), run.tape)
    default: break
    }
    let texts = try texts(name, run)
    let states = model.decoder.states(
      texts, try context(name, run), contextOfText: Array(0..<texts.count), run.tape)
    guard name != Self.logits else { return model.decoder.logits(states, run.tape) }
    let (rows, targets) = try asked(of: texts, name, run)
    return run.tape.crossEntropy(
      model.decoder.logits(run.tape.gatherRows(states, rows), run.tape), targets: targets, count: rows.count,
      smoothing: name == Self.smoothed ? 0.1 : 0)
  }

  func slots(_ name: String, of run: CaseRun) throws -> CaseSlots? {
    if let search = CaptionSearch.all.first(where: { $0.ids == name }) { return try search.slots(name, run) }
    return switch name {
    case Self.embedding: try run.slots(name, of: embedded(name, run).offsets)
    case Self.states: try run.slots(name, of: run.images(model, for: name).offsets)
    case Self.logits: try run.slots(name, of: texts(name, run).offsets)
    default: nil
    }
  }

  private func embedded(_ name: String, _ run: CaseRun) throws -> Encoding {
    guard let encoder = model.imageEncoder as? any EmbeddingEncoder else {
      throw run.mistaken(name, "is asked for, and the model's image tower embeds nothing before its layers")
    }
    return encoder.embedded(try run.imageInput(for: name), run.tape)
  }

  private func context(_ name: String, _ run: CaseRun) throws -> Encoding {
    let images = try run.images(model, for: name)
    guard model.readsQuestions else { return model.context(images, nil, run.tape) }
    let questions = try run.packedTexts(Self.questions[0], mask: Self.questions[1], for: name)
    guard questions.count == images.count else {
      throw run.mistaken(Self.questions[0], "holds \(questions.count) questions for \(images.count) images")
    }
    return model.context(images, questions, run.tape)
  }

  private func texts(_ name: String, _ run: CaseRun) throws -> PackedText {
    let (images, texts) = (try run.images(model, for: name), try run.packedTexts(for: name))
    guard images.count == texts.count else {
      throw run.mistaken("input.input_ids", "holds \(texts.count) texts for \(images.count) images")
    }
    return texts
  }

  /// Rows of the states that tell a token which is asked for, and that token.
  private func asked(of texts: PackedText, _ name: String, _ run: CaseRun) throws -> ([Int], [Int32]) {
    let slots = try run.shape("input.input_ids", [nil, nil], for: name)[1]
    let labels = try run.integers(Self.labels, [texts.count, slots], for: name)
    var (rows, targets): ([Int], [Int32]) = ([], [])
    for (text, start) in texts.offsets.dropLast().enumerated() {
      for place in 1..<max(slots, 1) where labels[text * slots + place] >= 0 {
        let label = labels[text * slots + place]
        guard start + place < texts.offsets[text + 1], label < model.decoder.vocabularySize else {
          throw run.mistaken(
            Self.labels, "asks text \(text) for token \(label) at place \(place), where it has none such")
        }
        rows.append(start + place - 1)
        targets.append(Int32(label))
      }
    }
    guard !rows.isEmpty else { throw run.mistaken(Self.labels, "asks for no token") }
    return (rows, targets)
  }
}
