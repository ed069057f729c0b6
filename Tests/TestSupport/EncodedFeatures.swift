public import Models
public import TensorEngine

/// What a tower makes of a batch, with the features of it.
public struct EncodedFeatures {
  public let encoding: Encoding
  /// [B, D]
  public let features: Tensor

  public var states: Tensor { encoding.states }
  public var offsets: [Int] { encoding.offsets }
  public var pooledRows: [Range<Int>] { encoding.pooledRows }
}

extension FeatureModel {
  public func encode(images pixels: Tensor, tokens: EncodedTokens = .all, _ tape: Tape) -> EncodedFeatures {
    let encoding = imageEncoder(ImageInput(pixels), tokens, tape)
    return EncodedFeatures(encoding: encoding, features: imageFeatures(encoding, tape))
  }

  public func encode(text: PackedText, tokens: EncodedTokens = .all, _ tape: Tape) -> EncodedFeatures {
    let encoding = textEncoder(text, tokens, tape)
    return EncodedFeatures(encoding: encoding, features: textFeatures(encoding, tape))
  }
}

extension MatchingModel {
  /// Logits [number of pairs, 2].
  public func match(
    images: EncodedFeatures, texts: EncodedFeatures, _ pairs: [ImageTextPair], _ tape: Tape
  ) -> Tensor {
    match(join(images.encoding, texts.encoding, pairs, tape), tape)
  }
}
