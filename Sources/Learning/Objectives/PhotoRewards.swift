public import Batching
internal import Evaluation
internal import Models
public import Tokenization

/// What captions of photos are worth, by what people said of the same photos: of the split that is trained on.
public final class PhotoRewards {
  private let rewards: CaptionRewards
  private let tokenizer: any Tokenizer
  /// The place of each photo among the references; looked up, never walked through.
  private let places: [UInt64: Int]

  /// Photos with equal bytes are one; those that nobody said anything of are none.
  /// - Throws: `BatchingError` for a split that cannot be read.
  public convenience init(_ dataSet: PreparedDataSet, split: String, _ tokenizer: any Tokenizer) throws {
    let samples = try dataSet.samples(split: split)
    self.init(
      try samples.map { (photo: $0.imageIdentity, captions: try dataSet.columns([.captions], of: $0).captions) },
      tokenizer)
  }

  /// - Parameter said: what people said of a photo.
  public init(_ said: [(photo: UInt64, captions: [String])], _ tokenizer: any Tokenizer) {
    var (places, references): ([UInt64: Int], [[String]]) = ([:], [])
    for (photo, captions) in said where !captions.isEmpty {
      if let place = places[photo] {
        references[place] += captions
      } else {
        places[photo] = references.count
        references.append(captions)
      }
    }
    (self.places, self.tokenizer, rewards) = (places, tokenizer, CaptionRewards(references))
  }

  /// Photos that people said something of, and how much.
  public var photos: Int { rewards.images }
  public var captions: Int { rewards.captions }

  func knows(_ photo: UInt64) -> Bool { places[photo] != nil }

  /// A text as people read it: the caption that `evaluate` would score.
  func attempt(_ text: WrittenText) -> CaptionRewards.Attempt {
    CaptionRewards.Attempt(
      tokenizer.decode(Array(text.written.dropLast(text.isClosed ? 1 : 0))), isClosed: text.isClosed)
  }

  /// - Parameter photo: one that is known.
  func judge(_ attempts: [CaptionRewards.Attempt], of photo: UInt64) -> [CaptionRewards.Judgement] {
    guard let place = places[photo] else { preconditionFailure("a photo that nobody said anything of") }
    return rewards.judge(attempts, ofImage: place)
  }
}
