internal import Collectives
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
