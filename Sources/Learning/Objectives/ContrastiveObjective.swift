internal import Collectives
internal import Models
internal import TensorEngine

/// The features of the global batch, in rank order.
struct GlobalFeatures {
  let images: Tensor
  let texts: Tensor

  init(images: Tensor, texts: Tensor, _ layout: BatchLayout, _ communicator: any Communicator, _ tape: Tape) throws {
    self.images = try tape.gatherRanks(images, counts: layout.counts, communicator, "image features")
    self.texts = try tape.gatherRanks(texts, counts: layout.counts, communicator, "text features")
  }
}

/// InfoNCE with a learned temperature; the negatives are all other pairs of the global batch.
func contrastive(
  images: Tensor, texts: Tensor, _ all: GlobalFeatures, logitScale: Tensor, first: Int, _ tape: Tape
) -> Tensor {
  tape.contrastiveLoss(
    image: images, text: texts, allImages: all.images, allTexts: all.texts, logitScale: logitScale,
    first: first)
}

/// The range in which CLIP keeps the logarithm of the inverse temperature: a scale of 1 to 100 (Radford et al., §2.5).
public let logitScaleRange: ClosedRange<Float> = 0...4.6051702
