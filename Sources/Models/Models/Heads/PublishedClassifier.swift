public import TensorEngine

/// Says of images, or of clips, which of the classes they are of that its weights were fine-tuned for. Texts it knows none.
public protocol PublishedClassifier: ImageModel {
  /// What stands for images → logits [B, classes].
  func classify(_ images: Encoding, _ tape: Tape) -> Tensor
}

/// The description of one.
public protocol PublishedClassifierDescription: ModelDescription {
  /// Logits.
  var classCount: Int { get }
  /// What the classes are called, in the order of the logits; nil where nobody says.
  var classes: [String]? { get }
  /// Whether several classes may be right of one, so that each has a probability by itself.
  var isSeveral: Bool { get }
}
