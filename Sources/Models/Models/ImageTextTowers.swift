public import Layers
public import TensorEngine

/// Two towers that turn images and captions into features of one space: what all image–text models share.
public protocol ImageTextTowers: AnyObject {
  /// S: images come as [B, 3, S, S].
  var imageSize: Int { get }
  /// The logarithm of the inverse temperature, a scalar.
  var logitScale: Parameter { get }
  /// What the sigmoid loss adds to all logits, a scalar; nil where the model has none.
  var logitBias: Parameter? { get }

  /// - Parameter pixels: normalized as the model's preprocessing says [B, 3, S, S].
  func encode(images pixels: Tensor, tokens: EncodedTokens, _ tape: Tape) -> Encoding
  /// - Parameter captions: packed; a model that reads padding adds it itself.
  func encode(text captions: PackedText, tokens: EncodedTokens, _ tape: Tape) -> Encoding
}

extension ImageTextTowers {
  public var logitBias: Parameter? { nil }

  public func encode(images pixels: Tensor, _ tape: Tape) -> Encoding {
    encode(images: pixels, tokens: .all, tape)
  }

  public func encode(text captions: PackedText, _ tape: Tape) -> Encoding {
    encode(text: captions, tokens: .all, tape)
  }
}

extension CLIP: ImageTextTowers {
  public var imageSize: Int { configuration.vision.imageSize }
}
