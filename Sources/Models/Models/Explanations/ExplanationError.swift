public import Reporting

/// Why attention of a model says nothing of its image and text.
public enum ExplanationError: ReportableError {
  /// An attention, counted from 1, whose rows nobody has named.
  case unnamedTokens(attention: Int)
  /// A stream that has other tokens in one layer than in another.
  case changedTokens(stream: String, before: Int, now: Int)
  /// A model whose image tokens are no places of an image.
  case noPlaces(model: String)
  /// A model of videos: what stands for frames becomes one before anything is asked of it.
  case looksAtFrames(model: String)
  case noScore(model: String)
  /// A score that is NaN or infinite.
  case notFinite(score: Float)

  public var description: String {
    switch self {
    case .unnamedTokens(let attention):
      "attention \(attention) of the pass does not say which tokens it connects, so it cannot be explained; name another model"
    case .changedTokens(let stream, let before, let now):
      "a layer has \(now) tokens of the \(stream) where one before has \(before), so attention cannot be followed through "
        + "them; name another model"
    case .noPlaces(let model):
      "the image tokens of this \(model) are no places of a photo, so nothing can be shown on one; name another model"
    case .looksAtFrames(let model):
      "this \(model) looks at videos, and what it knows of one is a mean over frames, from which no attention leads to a place of a "
        + "photo; name a model of photos (model.frames.pooling: none), or look for the frame with mmtrain match, each frame by itself"
    case .noScore(let model):
      "this \(model) has neither features nor a head that says whether image and text belong together; name a model that has"
    case .notFinite(let score):
      "the model's score of the two is \(score), which comes from nowhere; take other weights"
    }
  }

  public var exitCode: ExitCode {
    switch self {
    case .unnamedTokens, .changedTokens, .noPlaces, .looksAtFrames, .noScore: .configuration
    case .notFinite: .badData
    }
  }
}
