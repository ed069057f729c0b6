package import Evaluation
internal import Files
public import Models
internal import Reporting
internal import Tokenization

/// Tells of new examples in texts that a model writes.
public protocol WritingPredictor: TaskPredictor {
  /// The same, with texts that are written as somebody asks.
  /// - Throws: `WritingError` for what the model cannot do.
  func writing(_ request: WritingRequest) throws -> any WritingPredictor
  /// Whether it writes, or tells by what it could have written: the likeliest of a list.
  var writes: Bool { get }
  /// Whether an evaluation keeps what is written of a split, to be shown.
  var isKept: Bool { get }
  /// How texts are written, in words.
  var way: String { get }
  /// What this rank's writing has taken so far.
  var clock: WritingClock { get }
}

extension WritingPredictor {
  public var writes: Bool { true }
  public var isKept: Bool { true }
}

/// What a task tells with, writing texts as somebody asks.
/// - Parameters:
///   - predictor: nil for a task that tells nothing of new examples.
///   - path: of the model.
/// - Throws: `WritingError` for what the model cannot do, or where it writes nothing.
package func requireWriting(
  _ predictor: (any TaskPredictor)?, _ request: WritingRequest, path: String, _ task: any Task
) throws -> any WritingPredictor {
  guard let writer = predictor as? any WritingPredictor else {
    throw WritingError.writesNothing(path: path, task: type(of: task).name)
  }
  return try writer.writing(request)
}

/// Seconds in which a rank has written texts: of what the encoders make, to the texts.
public final class WritingClock {
  public private(set) var seconds = 0.0

  public init() {}

  func measure<Result>(_ body: () -> Result) -> Result {
    let start = monotonicSeconds()
    defer { seconds += monotonicSeconds() - start }
    return body()
  }
}

/// The name by which random choices are made for what is written of an image: its file's name without folder and ending, which is its key
/// in prepared data as well. Neither its place nor the batch changes what is drawn.
package func textName(ofImage name: String) -> UInt64 {
  Array(fileStem(name).utf8).withUnsafeBytes { checksum($0) }
}

/// A file's name without folder and ending.
package func fileStem(_ name: String) -> String {
  let file = name.split(separator: "/").last ?? ""
  return String(file.lastIndex(of: ".").map { $0 > file.startIndex ? file[..<$0] : file } ?? file)
}

extension DecodingSettings {
  /// In words.
  /// - Parameter prompt: what texts begin with.
  func way(prompt: String?) -> String {
    let search =
      switch search {
      case .greedy: "the likeliest token each time"
      case .beams(let count): "the best of \(count) beams"
      case .nucleus(let mass, let temperature, let seed):
        "tokens drawn of the likeliest that have a probability of \(plain(mass)) together, temperature \(plain(temperature)), seed \(seed)"
      }
    // Of one text alone there is nothing to choose.
    let compares = if case .beams = self.search { true } else { false }
    let rules = [
      search, minimumLength > 0 ? "of at least \(minimumLength) tokens" : nil, "of at most \(maximumLength) tokens",
      compares && lengthReward != 1 ? "length reward \(plain(lengthReward))" : nil,
      blockedRepetition > 0 ? "no \(blockedRepetition) tokens in a row twice" : nil,
      repetitionPenalty != 1 ? "repetition penalty \(plain(repetitionPenalty))" : nil,
      prompt.map { "beginning with \"\(printable($0, limit: 80))\"" },
    ]
    return rules.compactMap(\.self).joined(separator: ", ")
  }
}

/// A number as somebody would write it.
private func plain(_ value: Double) -> String {
  value == value.rounded() && value.magnitude < 1e9 ? "\(Int(value))" : "\(value)"
}

/// How quickly texts were written, for a person: what the ranks that write at the same time make of it, by the slowest.
package func wordsOfSpeed(_ written: WrittenCounts, seconds: Double) -> String {
  let rate = seconds > 0 ? ", \(brief(Double(written.tokens) / seconds)) tokens a second" : ""
  return "\(written.texts) text(s) of \(written.tokens) tokens were written in \(decimals(seconds, 2)) s\(rate)"
}
