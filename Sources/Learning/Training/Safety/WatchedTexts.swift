internal import Evaluation
internal import Reporting
internal import Safeguards

/// Texts that are looked at with each validation at least, where any are shown.
let fewestWatchedTexts = 16

extension TextWatch {
  /// Takes in what a model has written with a validation.
  mutating func take(_ samples: [WrittenSample], isWarm: Bool, isBetter: Bool, limit: Int) -> Verdict {
    let texts = samples.map { CaptionTokenizer.words($0.text.words) }
    let people = samples.map { CaptionTokenizer.words($0.references.first ?? "") }
    return take(
      Self.fault(texts, references: people), isVaried: Self.isVaried(texts), isWarm: isWarm, isBetter: isBetter,
      limit: limit)
  }
}

extension TextWatch.Fault {
  /// What texts do, for a sentence.
  var words: String {
    switch self {
    case .alike: "all texts were the same"
    case .stuck: "most texts said the same words again and again"
    }
  }

  var advice: String {
    "The best checkpoint is whole. Lower optimizer.learning_rate or raise schedule.warmup_steps and go on from it, "
      + (self == .alike
        ? "and look whether photos and texts belong together, and whether the image tower is locked that has learnt nothing yet."
        : "and look at the data for texts that repeat themselves.")
  }
}

extension WrittenSample {
  /// The line of `metrics.jsonl`.
  var members: [(String, OrderedJSON)] {
    [
      ("name", .text(name)), ("text", .text(text.words)), ("log_probability", .number(text.logProbability)),
      ("tokens", .integer(text.tokens)), ("is_cut", .flag(text.isCut)),
      ("reference", references.first.map { .text($0) } ?? .null),
    ]
  }

  /// For a person.
  var line: String {
    "  \(printable(name, limit: 60)): \(printable(text.words, limit: 200))\(text.isCut ? " … (cut)" : "")"
      + (references.first.map { "  (people: \(printable($0, limit: 200)))" } ?? "")
  }
}
