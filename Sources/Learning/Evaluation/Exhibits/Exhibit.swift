/// What a page can show of a measured split beside its figures. A report says itself which of these it has; who draws them asks for no task.
public enum Exhibit: Equatable, Sendable {
  /// How often samples of each class were taken for each: rows of the true class, columns of the one that was taken.
  case confusion(classes: [String], counts: [[Int]])
  /// What was stated with some probability and how much of it came true, with the calibration error, and what that would be of a model that
  /// states the truth.
  case reliability([ReliabilityBin], error: Double?, ifCalibrated: Double?)
  /// How much is wrong where only the surest are taken, and the area under that.
  case riskCoverage([RiskCoveragePoint], area: Double?)
  case samples(ShownSamples)
  case searches(ShownSearches)
}

/// Some samples of a split with what is told of them.
public struct ShownSamples: Equatable, Sendable {
  public var title: String
  /// Which of how many these are, a sentence.
  public var choice: String
  public var samples: [ShownSample]

  public init(title: String, choice: String, samples: [ShownSample]) {
    (self.title, self.choice, self.samples) = (title, choice, samples)
  }
}

/// A sample of a split, what a model tells of it, and what is so.
public struct ShownSample: Equatable, Sendable {
  /// In the split.
  public var place: Int
  public var name: String
  /// The text that is read beside it: a question, a phrase, a report.
  public var text: String?
  /// The likeliest first.
  public var told: [Choice] = []
  /// Where the model has written it.
  public var written: ToldText?
  public var scores: CaptionScores?
  /// What is true, or what people say.
  public var right: [String] = []
  /// Nil where that is no question.
  public var isRight: Bool?
  /// How right it is, in words: "overlap 63 %".
  public var measure: String?
  public var boxes: [ShownBox] = []

  public struct Choice: Equatable, Sendable {
    public var text: String
    /// Nil where the model does not say.
    public var probability: Double?
    /// Among all that are told apart; nil where it is none of a list.
    public var number: Int?

    public init(text: String, probability: Double?, number: Int? = nil) {
      (self.text, self.probability, self.number) = (text, probability, number)
    }
  }

  public init(place: Int, name: String) { (self.place, self.name) = (place, name) }
}

/// Edges as shares of a photo.
public struct ShownBox: Equatable, Sendable {
  public var left: Float
  public var top: Float
  public var right: Float
  public var bottom: Float
  /// Whether people say so, and not the model.
  public var isRight: Bool

  public init(left: Float, top: Float, right: Float, bottom: Float, isRight: Bool) {
    (self.left, self.top, self.right, self.bottom, self.isRight) = (left, top, right, bottom, isRight)
  }
}

/// Some searches among the samples of a split, with what was found.
public struct ShownSearches: Equatable, Sendable {
  public var title: String
  /// Which of how many these are, a sentence.
  public var choice: String
  public var searches: [ShownSearch]

  public init(title: String, choice: String, searches: [ShownSearch]) {
    (self.title, self.choice, self.searches) = (title, choice, searches)
  }
}

/// Something that is looked for, and the nearest of what there is.
public struct ShownSearch: Equatable, Sendable {
  public var query: Item
  /// The nearest first.
  public var found: [Found]
  /// What should have been found first.
  public var right: Item
  /// Its rank, ties counting against the model, among so many.
  public var rank: Int
  public var among: Int

  /// A sample of the split, or a text of it.
  public struct Item: Equatable, Sendable {
    public var place: Int
    public var name: String
    /// Nil for the photo or the clip itself.
    public var text: String?

    public init(place: Int, name: String, text: String? = nil) {
      (self.place, self.name, self.text) = (place, name, text)
    }
  }

  public struct Found: Equatable, Sendable {
    public var item: Item
    public var score: Float
    public var isRight: Bool
    /// Whether it is not right though the same words are said of it: no text can tell which of the two is meant.
    public var saysTheSame = false

    public init(item: Item, score: Float, isRight: Bool) {
      (self.item, self.score, self.isRight) = (item, score, isRight)
    }
  }

  public init(query: Item, found: [Found], right: Item, rank: Int, among: Int) {
    (self.query, self.found, self.right, self.rank, self.among) = (query, found, right, rank, among)
  }
}
