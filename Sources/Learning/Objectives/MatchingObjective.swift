internal import Collectives
internal import Foundation
internal import Layers
public import Models
internal import Randomness
public import TensorEngine

/// Image–text matching: does this caption belong to this image? For each image one hard negative caption and for each
/// caption one hard negative image, both from the global batch (Li et al., "Align before Fuse", 2021).
public struct MatchingObjective: Objective {
  public static let name = "matching"
  public static let summary = "Image–text matching on true pairs and on hard negatives of the global batch."
  public static let otherNames = ["itm"]
  public static let usualWeight = 1.0
  public static let needs = [ModelPart.matchingHead]
  public static let looksAtFeaturesOnly = false

  private let model: any MatchingModel
  private let seed: UInt64
  private let communicator: any Communicator

  public init?(_ context: ObjectiveContext) {
    guard let model = context.model as? any MatchingModel else { return nil }
    (self.model, seed, communicator) = (model, context.seed, context.communicator)
  }

  /// This rank's share of the mean cross-entropy over all pairs of all ranks.
  public func loss(_ states: BatchStates, _ tape: Tape) throws -> Tensor {
    let batch = states.batch
    let all = try states.allFeatures()
    let identities = try states.identities()
    let chosen = negatives(states, all, identities, tape)
    let global = try GlobalEncodings(batch, states.images, states.texts, communicator, tape)
    let (pairs, targets) = pairs(batch.layout, chosen)
    let (imageSegments, textSegments, compactPairs) = compact(pairs, batch.layout)
    let count = try communicator.sum(pairs.count, "count of matching pairs")
    let joint = model.join(
      global.images.selecting(imageSegments, tape), global.texts.selecting(textSegments, tape), compactPairs, tape)
    return tape.crossEntropy(model.match(joint, tape), targets: targets, count: max(count, 1))
  }

  /// For each local pair, in global indices: a caption that does not belong to its image, an image that does not
  /// belong to its caption.
  private func negatives(
    _ states: BatchStates, _ all: GlobalFeatures, _ identities: Identities, _ tape: Tape
  ) -> [(text: Int?, image: Int?)] {
    let (batch, scale) = (states.batch, exp(model.logitScale.tensor.value))
    let total = batch.layout.total
    let imageLogits = tape.engine.similarities(states.imageFeatures, all.texts, scale: scale)
    let textLogits = tape.engine.similarities(states.textFeatures, all.images, scale: scale)
    return batch.layout.local.enumerated().map { row, anchor in
      let rows = row * total..<(row + 1) * total
      var random = RandomStream(seed: seed, .hardNegatives, UInt64(batch.step), UInt64(anchor))
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

  init(_ batch: StepBatch, _ images: Encoding, _ texts: Encoding, _ communicator: any Communicator, _ tape: Tape) throws
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
    let pooled = try gatherOverRanks(local.relativePooledRows, communicator, "\(name) pooled tokens")
    let offsets = lengths.reduce(into: [0]) { $0.append($0[$0.count - 1] + $1) }
    let ends = layout.counts.reduce(into: [0]) { $0.append($0[$0.count - 1] + $1) }
    let rowCounts = layout.counts.indices.map { offsets[ends[$0 + 1]] - offsets[ends[$0]] }
    return Encoding(
      states: try tape.gatherRanks(local.states, counts: rowCounts, communicator, "\(name) states"),
      offsets: offsets, relativePooledRows: pooled)
  }
}
