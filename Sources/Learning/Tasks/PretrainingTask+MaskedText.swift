internal import Evaluation
internal import Models
internal import Objectives
internal import TensorEngine
internal import Tokenization

extension PretrainingMeasurement {
  /// How well masked words of the captions are told from the rest and the photo. What is masked never changes: it is a
  /// function of photo and caption, so that a curve over epochs shows the model and not the draw. Where it is asked for, the
  /// same words are told once more with other photos: what the model makes of the photo is the difference.
  func maskedText(
    _ encoded: EncodedSplit, _ model: any MaskedTextModel, _ head: MaskedTextHead
  ) throws -> MaskedTextMetrics? {
    let own = try sums(encoded, Array(0..<encoded.images.count), model, head)
    let others = try clusters?.otherImages().map { try sums(encoded, $0, model, head) }
    return try MaskedTextMetrics(
      localCaptions: own, withOtherPhotos: others ?? [],
      imageOfCaption: encoded.imageOfCaption, bootstrap: bootstrap, communicator: communicator)
  }

  /// What is told of each caption of this rank.
  /// - Parameter shown: for each photo the one that its captions are shown in its place.
  private func sums(
    _ encoded: EncodedSplit, _ shown: [Int], _ model: any MaskedTextModel, _ head: MaskedTextHead
  ) throws -> [MaskedTextSums] {
    let captions = 0..<encoded.ownTexts.count
    var sums: [MaskedTextSums] = []
    for first in stride(from: 0, to: captions.count, by: 64) where cut?.isPending != true {
      sums += self.sums(first..<min(first + 64, captions.count), of: encoded, shown, model, head)
    }
    try cut?.check()
    return sums
  }

  private func sums(
    _ captions: Range<Int>, of encoded: EncodedSplit, _ shown: [Int], _ model: any MaskedTextModel,
    _ head: MaskedTextHead
  ) -> [MaskedTextSums] {
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
    let images = encoded.images.encoding.selecting(photos.map { shown[$0] }, tape)
    return sums(of: masked, model.logits(of: masked, images, head, tape))
  }

  private func sums(of masked: MaskedText, _ logits: Tensor) -> [MaskedTextSums] {
    var sums = [MaskedTextSums](repeating: MaskedTextSums(), count: masked.text.count)
    var caption = 0
    logits.withValues { values in
      for (place, target) in masked.targets.enumerated() {
        while masked.rows[place] >= masked.text.offsets[caption + 1] { caption += 1 }
        sums[caption].add(values[place * logits.columns..<(place + 1) * logits.columns], target: Int(target))
      }
    }
    return sums
  }
}
