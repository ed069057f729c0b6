internal import Evaluation
internal import Models
internal import Objectives
internal import TensorEngine
internal import Tokenization

extension PretrainingMeasurement {
  /// How well masked words of the captions are told from the rest and the photo. What is masked never changes: it is a
  /// function of photo and caption, so that a curve over epochs shows the model and not the draw.
  func maskedText(
    _ encoded: EncodedSplit, _ model: any MaskedTextModel, _ head: MaskedTextHead
  ) throws -> MaskedTextMetrics? {
    var sums = MaskedTextMetrics.Sums()
    let captions = 0..<encoded.ownTexts.count
    for first in stride(from: 0, to: captions.count, by: 64) where cut?.isPending != true {
      add(first..<min(first + 64, captions.count), of: encoded, model, head, to: &sums)
    }
    try cut?.check()
    return try MaskedTextMetrics(sums, communicator: communicator)
  }

  private func add(
    _ captions: Range<Int>, of encoded: EncodedSplit, _ model: any MaskedTextModel, _ head: MaskedTextHead,
    to sums: inout MaskedTextMetrics.Sums
  ) {
    let tape = Tape(engine, recording: false)
    let photos = captions.map { encoded.imageOfCaption[encoded.ownCaptions.lowerBound + $0] }
    let samples = zip(captions, photos).map { caption, photo in
      (
        photo: encoded.ownPhotoIdentity[photo - encoded.ownImages.lowerBound],
        caption: encoded.captionIdentity[encoded.ownCaptions.lowerBound + caption]
      )
    }
    let masked = MaskedText(
      encoded.ownTexts[captions], tokenizer.maskingVocabulary, share: 0.15, masksWholeWords: false,
      MaskedText.Name(seed: 0, epoch: 0, samples: samples))
    let logits = model.logits(of: masked, encoded.images.encoding.selecting(photos, tape), head, tape)
    logits.withValues { values in
      for (row, target) in masked.targets.enumerated() {
        sums.add(values[row * logits.columns..<(row + 1) * logits.columns], target: Int(target))
      }
    }
  }
}
