internal import Calibration
public import Evaluation
public import Inference
public import Models
public import Reporting
internal import Tasks

/// What is told of some examples: photos in their order, each with every text, or texts alone.
public struct PredictedExamples: Sendable {
  /// The place in the collection of each photo that was looked at; none where the model looks at no photos.
  public var places: [Int] = []
  /// Of each photo, or once where there are none, what is told with each text, or once where there are none.
  public let told: [[PredictedExample]]
  public var problems: [PhotoProblem] = []
  /// The names of those whose beginning alone counts: animated pictures, of which the first frame does, and clips longer than is heard.
  public var shortened: [String] = []
  /// The same of clips beside photos.
  public var shortenedClips: [String] = []

  init(told: [[PredictedExample]]) { self.told = told }
}

/// What is told of one example.
public struct PredictedExample: Sendable {
  /// The text that was put to the image, and what it is called; nil where there is none.
  public let text: (name: String, words: String)?
  /// For programs, without the text.
  public let members: [(String, OrderedJSON)]
  /// For people, a line each.
  public let lines: [String]
  /// The likeliest first, in each place where something is told.
  public var bars: [[(text: String, probability: Double)]] = []
  /// Where it is in the image.
  public var box: Box?
  /// Where a model has written it.
  public var written: ToldText?
  /// How sure the model is at its temperature, and why somebody else should look at it where somebody should; nil without a calibration.
  public var trust: (confidence: Double?, reasons: [String])?

  init(
    text: (name: String, words: String)? = nil, members: [(String, OrderedJSON)], lines: [String],
    bars: [[(text: String, probability: Double)]] = []
  ) {
    (self.text, self.members, self.lines, self.bars) = (text, members, lines, bars)
  }

  init(_ said: TaskPrediction, _ referral: Referral?, of classes: [String], text: (name: String, words: String)?) {
    let sure = referral?.told(of: classes)
    self.init(
      text: text, members: said.members + (sure?.members ?? []), lines: said.lines + (sure?.lines ?? []),
      bars: said.bars)
    (box, written) = (said.box, said.written)
    trust = referral.map { ($0.confidence, $0.reasons.map(\.words)) }
  }
}
