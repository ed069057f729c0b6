public import Models
public import TensorEngine

/// One rank's part of a batch of image–caption pairs, as objectives need it.
public struct PairBatch {
  /// [b, 3, S, S]
  public let pixels: Tensor
  public let text: PackedText
  /// Equal for two pairs of the same photo.
  public let photos: [UInt64]
  /// Equal for two pairs with the same caption.
  public let captions: [UInt64]
  public let layout: BatchLayout
  /// Names the random choices made for this batch.
  public let step: Int
  /// Names the random choices made for its samples.
  public let epoch: Int
  /// What the encoders make of the images, or of the texts, where that is known already; no pixels are needed then. Of all
  /// tokens, unless objectives look at features alone.
  public var states: (images: Encoding?, texts: Encoding?) = (nil, nil)

  public init(
    pixels: Tensor, text: PackedText, photos: [UInt64], captions: [UInt64], layout: BatchLayout, step: Int,
    epoch: Int = 0
  ) {
    (self.pixels, self.text, self.photos, self.captions) = (pixels, text, photos, captions)
    (self.layout, self.step, self.epoch) = (layout, step, epoch)
  }

  /// The rank's pairs in order, `count` to a part and the rest in the last one.
  func parts(of count: Int) -> [PairBatch] {
    stride(from: 0, to: text.count, by: max(count, 1)).map { first in
      let pairs = first..<min(first + count, text.count)
      var part = PairBatch(
        pixels: pixels.rows(pairs), text: text[pairs], photos: Array(photos[pairs]), captions: Array(captions[pairs]),
        layout: layout, step: step, epoch: epoch)
      part.states = (states.images?.segments(pairs), states.texts?.segments(pairs))
      return part
    }
  }

  func images(_ model: any ImageModel, _ tokens: EncodedTokens, _ tape: Tape) -> Encoding {
    states.images ?? model.imageEncoder(pixels, tokens, tape)
  }

  func texts(_ model: any TextModel, _ tokens: EncodedTokens, _ tape: Tape) -> Encoding {
    states.texts ?? model.textEncoder(text, tokens, tape)
  }
}

extension Encoding {
  /// Some of the segments, in place, without a gradient.
  fileprivate func segments(_ range: Range<Int>) -> Encoding {
    let (start, end) = (offsets[range.lowerBound], offsets[range.upperBound])
    return Encoding(
      states: states.rows(start..<end), offsets: offsets[range.lowerBound...range.upperBound].map { $0 - start },
      pooledRows: pooledRows[range].map { $0.lowerBound - start..<$0.upperBound - start })
  }
}
