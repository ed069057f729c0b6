internal import Collectives
internal import Foundation
internal import Models
internal import Randomness
internal import TensorEngine

/// Image–text matching: does this caption belong to this image? For each image one hard negative caption and for each
/// caption one hard negative image, both from the global batch.
struct MatchingObjective {
  let model: CrossAttentionModel
  let seed: UInt64
  let communicator: any Communicator

  /// This rank's share of the mean cross-entropy over all pairs of all ranks.
  func callAsFunction(
    _ batch: PairBatch, _ images: Encoding, _ texts: Encoding, _ all: GlobalFeatures, logitScale: Float, _ tape: Tape
  ) throws -> Tensor {
    let identities = try identities(of: batch)
    let chosen = negatives(batch, images, texts, all, identities, scale: exp(logitScale), tape)
    let global = try GlobalEncodings(batch, images, texts, communicator, tape)
    let (pairs, targets) = pairs(batch.layout, chosen)
    let (imageSegments, textSegments, compactPairs) = compact(pairs, batch.layout)

    var count = Int64(pairs.count)
    try withUnsafeMutablePointer(to: &count) {
      try communicator.allReduce(UnsafeMutableBufferPointer(start: $0, count: 1), .sum, "count of matching pairs")
    }
    let logits = model.match(
      images: global.images.selecting(imageSegments, tape), texts: global.texts.selecting(textSegments, tape),
      compactPairs, tape)
    return tape.crossEntropy(logits, targets: targets, count: max(Int(count), 1))
  }

  private func identities(of batch: PairBatch) throws -> Identities {
    Identities(
      photos: try gatherOverRanks(batch.photos, communicator, "photo identities"),
      captions: try gatherOverRanks(batch.captions, communicator, "caption identities"))
  }

  /// For each local pair, in global indices: a caption that does not belong to its image, an image that does not
  /// belong to its caption.
  private func negatives(
    _ batch: PairBatch, _ images: Encoding, _ texts: Encoding, _ all: GlobalFeatures, _ identities: Identities,
    scale: Float, _ tape: Tape
  ) -> [(text: Int?, image: Int?)] {
    let total = batch.layout.total
    let imageLogits = tape.engine.similarities(images.features, all.texts, scale: scale)
    let textLogits = tape.engine.similarities(texts.features, all.images, scale: scale)
    return batch.layout.local.enumerated().map { row, anchor in
      let rows = row * total..<(row + 1) * total
      var random = RandomStream(seed: seed, 6, UInt64(batch.step), UInt64(anchor))
      let text = imageLogits.withValues {
        hardNegative(logits: UnsafeBufferPointer(rebasing: $0[rows]), anchor: anchor, identities, &random)
      }
      let image = textLogits.withValues {
        hardNegative(logits: UnsafeBufferPointer(rebasing: $0[rows]), anchor: anchor, identities, &random)
      }
      return (text, image)
    }
  }

  /// Positives, then images with a wrong caption, then captions with a wrong image; class 1 says "match".
  private func pairs(_ layout: BatchLayout, _ chosen: [(text: Int?, image: Int?)]) -> ([ImageTextPair], [Int32]) {
    let anchors = Array(layout.local)
    let positives = anchors.map { ImageTextPair(image: $0, text: $0) }
    let wrongTexts = zip(anchors, chosen).compactMap { anchor, negative in
      negative.text.map { ImageTextPair(image: anchor, text: $0) }
    }
    let wrongImages = zip(anchors, chosen).compactMap { anchor, negative in
      negative.image.map { ImageTextPair(image: $0, text: anchor) }
    }
    let negatives = wrongTexts + wrongImages
    return (
      positives + negatives,
      [Int32](repeating: 1, count: positives.count) + [Int32](repeating: 0, count: negatives.count)
    )
  }

  /// Only the segments that occur in this rank's pairs are projected and fused: all local ones, in order, then the
  /// other ranks' that serve as negatives.
  private func compact(
    _ pairs: [ImageTextPair], _ layout: BatchLayout
  ) -> (images: [Int], texts: [Int], pairs: [ImageTextPair]) {
    func segments(_ used: [Int]) -> [Int] {
      Array(layout.local) + Set(used).filter { !layout.local.contains($0) }.sorted()
    }
    let images = segments(pairs.map(\.image))
    let texts = segments(pairs.map(\.text))
    var imagePlace = [Int](repeating: 0, count: layout.total)
    var textPlace = imagePlace
    for (place, segment) in images.enumerated() { imagePlace[segment] = place }
    for (place, segment) in texts.enumerated() { textPlace[segment] = place }
    return (images, texts, pairs.map { ImageTextPair(image: imagePlace[$0.image], text: textPlace[$0.text]) })
  }
}

/// The token states of all ranks. On one rank they are the local ones.
private struct GlobalEncodings {
  let images: Encoding
  let texts: Encoding

  init(_ batch: PairBatch, _ images: Encoding, _ texts: Encoding, _ communicator: any Communicator, _ tape: Tape) throws
  {
    self.images = try Self.gather(images, batch.layout, "image", communicator, tape)
    self.texts = try Self.gather(texts, batch.layout, "text", communicator, tape)
  }

  private static func gather(
    _ local: Encoding, _ layout: BatchLayout, _ name: String, _ communicator: any Communicator, _ tape: Tape
  ) throws -> Encoding {
    guard communicator.size > 1 else { return local }
    let segments = local.pooledRows.indices
    let lengths = try gatherOverRanks(
      segments.map { local.offsets[$0 + 1] - local.offsets[$0] }, communicator, "\(name) lengths")
    let pooled = try gatherOverRanks(
      segments.map { local.pooledRows[$0] - local.offsets[$0] }, communicator, "\(name) pooled tokens")
    let offsets = lengths.reduce(into: [0]) { $0.append($0[$0.count - 1] + $1) }
    let ends = layout.counts.reduce(into: [0]) { $0.append($0[$0.count - 1] + $1) }
    let rowCounts = layout.counts.indices.map { offsets[ends[$0 + 1]] - offsets[ends[$0]] }
    return Encoding(
      states: try tape.gatherRanks(local.states, counts: rowCounts, communicator, "\(name) states"),
      offsets: offsets, pooledRows: zip(offsets, pooled).map { $0 + $1 }, features: local.features)
  }
}
