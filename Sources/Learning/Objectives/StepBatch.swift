public import Batching
public import Models
internal import TensorEngine

/// One rank's part of the batch of a step, as objectives need it: b samples.
public struct StepBatch {
  /// As the model reads them, of the samples that have one; none where nobody reads photos.
  public let images: ImageInput
  /// A caption a sample; none where no task reads captions.
  public let text: PackedText
  /// Equal for two samples of the same photo.
  public let photos: [UInt64]
  /// Equal for two samples with the same caption.
  public let captions: [UInt64]
  /// What tasks read beside photos and captions, as the loader makes it.
  public let columns: BatchColumns
  public let layout: BatchLayout
  /// Names the random choices made for this batch.
  public let step: Int
  /// Names the random choices made for its samples.
  public let epoch: Int
  /// The clips that a model hears beside images, of the samples that have one; nil where it hears none.
  public var clips: ImageInput?
  /// Which samples have a caption, where some may lack one: a text stands for each all the same. Nil where all have one.
  public var hasCaption: [Bool]?
  /// Of this rank's samples, the first that is here.
  var first = 0
  /// What the encoders make of the photos, or of the captions, where that is known already. Of all tokens, unless objectives look
  /// at features alone.
  public var states: (images: Encoding?, texts: Encoding?) = (nil, nil)

  public init(
    images: ImageInput, text: PackedText, photos: [UInt64], captions: [UInt64], columns: BatchColumns = BatchColumns(),
    layout: BatchLayout, step: Int, epoch: Int = 0
  ) {
    (self.images, self.text, self.photos, self.captions) = (images, text, photos, captions)
    (self.columns, self.layout, self.step, self.epoch) = (columns, layout, step, epoch)
  }

  /// b.
  public var count: Int { photos.count }

  /// The rank's pairs of photo and caption in order, `count` to a part and the rest in the last one.
  func parts(of count: Int) -> [StepBatch] {
    stride(from: 0, to: self.count, by: max(count, 1)).map { first in
      let pairs = first..<min(first + count, self.count)
      var part = StepBatch(
        images: images.count == 0 ? images : images[pairs], text: text[pairs], photos: Array(photos[pairs]),
        captions: Array(captions[pairs]), layout: layout, step: step, epoch: epoch)
      part.first = self.first + first
      part.states = (states.images?.segments(pairs), states.texts?.segments(pairs))
      return part
    }
  }

  /// Whether a sample of this rank's has an image.
  package var hasImages: Bool { (states.images?.count ?? images.count) > 0 }

  /// The place of what each sample has of a modality among what is encoded; nil where it lacks it.
  package func places(of modality: Modality) -> [Int?] {
    switch modality {
    case .image: hasImages ? columns.photoPlaces(count: count) : (0..<count).map { _ in nil }
    case .text: (0..<count).map { hasCaption?[$0] == false || text.count == 0 ? nil : $0 }
    case .audio: clips == nil ? (0..<count).map { _ in nil } : columns.audio?.places ?? []
    }
  }

  func encodedImages(_ model: any ImageModel, _ tokens: EncodedTokens, _ tape: Tape) -> Encoding {
    states.images ?? model.imageEncoder(images, tokens, tape)
  }

  func encodedTexts(_ model: any TextModel, _ tokens: EncodedTokens, _ tape: Tape) -> Encoding {
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
