public import Images
public import Models

/// Where a model's score of a photo and a text comes from: which places of the one, which words of the other, and how far the
/// score follows when they are taken away.
public struct Explanation: Sendable {
  public let method: ExplanationMethod
  public let score: ExplainedScore
  /// The photo as the model sees it, or, where it sees regions, as it is.
  public let picture: Image
  public let kind: ExplainedPlaces
  /// The parts of the picture that the model's image tokens stand for, in their order.
  public let places: [ExplainedPlace]
  /// In the order of the text.
  public let words: [ExplainedWord]
  /// Whether no layer lets words and places meet: the places of each word are then those of a text of that word alone.
  public let wordsStandAlone: Bool
  /// Whether the text was longer than the model reads.
  public let isTextCut: Bool
  /// Of places, and of words.
  public let deletions: (places: DeletionCurve, words: DeletionCurve)
}

/// What a model says of how well a photo and a text fit.
public struct ExplainedScore: Sendable, Equatable {
  /// What it is, in a word.
  public let name: String
  public let value: Float
  /// Of a match, where the score stands for one.
  public let probability: Float?

  /// What people read, and what deletion curves show.
  public var shown: Float { probability ?? value }
}

/// What the places of a picture are.
public enum ExplainedPlaces: String, Sendable {
  /// Of a grid, side by side.
  case cells
  /// That another network has found; they may overlap.
  case regions
}

/// A part of a picture.
public struct ExplainedPlace: Sendable, Equatable {
  public let box: Box
  /// How much of it there is in what the score reads; not negative.
  public let relevance: Float
}

/// A word of a text.
public struct ExplainedWord: Sendable, Equatable {
  /// As the tokenizer reads it.
  public let text: String
  /// How much of it there is in what the score reads; not negative.
  public let relevance: Float
  /// How much of each place there is in it.
  public let places: [Float]
}

extension Collection<Float> {
  /// Parts of their sum; nothing where that is zero.
  public var shares: [Float] {
    let sum = reduce(0, +)
    return map { sum > 0 ? $0 / sum : 0 }
  }
}
