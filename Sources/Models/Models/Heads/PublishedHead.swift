public import TensorEngine

/// A head for a task that published weights were fine-tuned for.
public struct PublishedHead {
  /// What it looks at, and so what its rows are.
  public enum Rows: Sendable {
    /// A row a pair of image and text.
    case pairs
    /// A row for each two pairs, the first and the second, the third and the fourth, ….
    case twoPairs
    /// A row a token of a text, or of an image.
    case textTokens, imageTokens
  }

  /// What cases call its logits.
  public let name: String
  public let rows: Rows
  public let logits: (JointStates, Tape) -> Tensor
}

/// Has heads for tasks.
public protocol PublishedHeadModel: JointModel {
  var publishedHeads: [PublishedHead] { get }
}
