/// What captions are worth that a model tries out while it learns: CIDEr-D, from 0 to 10, beside what people said of the same images, by how
/// rare words are among these. The end of a text is a word of its own, which a caption that was cut has not: without it a model
/// learns to stop where something has to follow ("a man with a"), as the words that are missing cost it nothing.
public final class CaptionRewards {
  /// No tokenizer makes it.
  private static let end = "end of text"

  private let runs = WordRuns()
  private let cider: CIDEr
  /// Numbers of the words of each image's references.
  private let references: [[[Int32]]]

  /// - Parameter references: of each image.
  public init(_ references: [[String]]) {
    let runs = self.runs
    let numbers = references.map { $0.map { (CaptionTokenizer.words($0) + [Self.end]).map(runs.number) } }
    self.references = numbers
    cider = CIDEr(of: numbers.lazy.map { $0.map(runs.counted) })
  }

  public var images: Int { references.count }
  public var captions: Int { references.reduce(0) { $0 + $1.count } }

  /// A caption that a model has written.
  public struct Attempt: Equatable, Sendable {
    public var caption: String
    /// Whether the model itself has ended it.
    public var isClosed: Bool

    public init(_ caption: String, isClosed: Bool) { (self.caption, self.isClosed) = (caption, isClosed) }
  }

  /// What is known of one.
  public struct Judgement: Equatable, Sendable {
    public let reward: Double
    /// Whether the model has ended it in a word that something has to follow, or without any.
    public let endsBadly: Bool
  }

  /// Of one image's captions.
  /// - Parameter image: its number among those whose references were given.
  public func judge(_ attempts: [Attempt], ofImage image: Int) -> [Judgement] {
    let own = WordRuns(over: runs)
    let words = attempts.map { CaptionTokenizer.words($0.caption) }
    let counted = zip(words, attempts).map { own.counted($0 + ($1.isClosed ? [Self.end] : [])) }
    let scores = cider.scores(counted, references[image].map(own.counted))
    return zip(zip(words, attempts), scores).map { attempt, score in
      Judgement(reward: score, endsBadly: attempt.1.isClosed && isOpen(attempt.0))
    }
  }
}
