/// Whether a model that learns to write has stopped looking: its texts are all the same, or say one word again and again. So are those of any
/// model at first; they count once the learning rate is up, and either earlier ones were varied or nothing gets better any more.
///
/// It sees texts that are the same on all ranks. Its state belongs into the checkpoint: a run that is resumed decides as an unbroken one.
public struct TextWatch: Codable, Equatable, Sendable {
  /// What is wrong with the texts of a validation.
  public enum Fault: String, Codable, Sendable {
    /// All are the same, of samples that people say different things of.
    case alike
    /// More than half of them say a word, or up to four in a row, three times one after the other.
    case stuck
  }

  /// What becomes of a validation.
  public enum Verdict: Equatable, Sendable {
    case sound
    /// - Parameter count: validations in a row that count against the run, this one among them; 0 where this one does not.
    case warning(Fault, count: Int)
    case stop(Fault, count: Int)
  }

  /// Validations in a row that count against the run.
  public private(set) var count = 0
  /// Whether texts were ever sound, and half of them different.
  public private(set) var wereVaried = false

  public init() {}

  /// Fewer texts say nothing.
  static let fewest = 4

  /// What is wrong with texts about different samples; nil where nothing is.
  /// - Parameters:
  ///   - texts: the words of each.
  ///   - references: what people say of each sample, one text of each.
  public static func fault(_ texts: [[String]], references: [[String]]) -> Fault? {
    guard texts.count >= fewest else { return nil }
    if 2 * texts.count(where: isStuck) > texts.count { return .stuck }
    return Set(texts).count == 1 && Set(references).count > 1 ? .alike : nil
  }

  private static func isStuck(_ words: [String]) -> Bool {
    (1...4).contains { length in
      var same = 0
      return zip(words, words.dropFirst(length)).contains {
        same = $0 == $1 ? same + 1 : 0
        return same == 2 * length
      }
    }
  }

  /// Whether at least half of the texts are different: one more than all the same is no sign yet that a model has begun to look.
  public static func isVaried(_ texts: [[String]]) -> Bool { 2 * Set(texts).count >= texts.count }

  /// Takes in a validation.
  /// - Parameters:
  ///   - isVaried: of its texts.
  ///   - isWarm: whether the learning rate has been up.
  ///   - isBetter: whether the validation was better than any before.
  ///   - limit: validations in a row that count against the run and end it; 0 ends none.
  public mutating func take(_ fault: Fault?, isVaried: Bool, isWarm: Bool, isBetter: Bool, limit: Int) -> Verdict {
    guard let fault else {
      (count, wereVaried) = (0, wereVaried || isVaried)
      return .sound
    }
    count = isWarm && (wereVaried || !isBetter) ? count + 1 : 0
    guard limit > 0, count >= limit else { return .warning(fault, count: count) }
    // Whoever goes on from here has as many again.
    defer { count = 0 }
    return .stop(fault, count: count)
  }
}
