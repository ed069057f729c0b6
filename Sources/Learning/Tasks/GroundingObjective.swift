internal import Batching
internal import Collectives
internal import Models
internal import Objectives
internal import TensorEngine

/// How far boxes are from those that phrases name: five times the distance of their four numbers and twice 1 - GIoU (Carion et al., "DETR",
/// 2020, §A.4), the mean over the phrases of the global batch.
struct GroundingObjective: Objective {
  static let name = "grounding"
  static let summary = "Boxes for phrases: the distance of their numbers, and how little they overlap."
  static let needs: [ModelPart] = []
  static let looksAtFeaturesOnly = false
  static let comparesPairs = false
  static let isOfSingleSamples = true
  static let weighsSamples = true
  private static let weights: (distance: Float, overlap: Float) = (distance: 5, overlap: 2)

  private let head: GroundingHead
  private let groups: GroupLosses?
  private let communicator: any Communicator

  init?(_ context: ObjectiveContext) {
    guard let head = context.head as? GroundingHead else { return nil }
    (self.head, groups, communicator) = (head, context.groups, context.communicator)
  }

  func loss(_ states: BatchStates, _ tape: Tape) throws -> Tensor {
    guard let boxes = states.batch.columns.boxes, let model = states.model as? any TextModel else {
      preconditionFailure("a batch without boxes, or a model that reads none of their phrases")
    }
    let phrases = PackedText(boxes.phrases)
    let told = head.layers(
      model, images: states.images, texts: model.textEncoder(phrases, .all, tape),
      GroundingHead.samples(boxes.phrases.counts), tape)
    let wanted = tape.engine.tensor(boxes.centred, shape: [phrases.count, 4])
    if let groups {
      return try groups.loss(
        tape.boxLossOfRows(told, targets: wanted, weights: Self.weights),
        numbers: groups.numbers(of: states.batch.columns, valuesOfEach: boxes.phrases.counts), communicator, tape)
    }
    let count = try communicator.sum(phrases.count, "count of phrases")
    return tape.boxLoss(told, targets: wanted, weights: Self.weights, count: max(count, 1))
  }
}

extension GroundingHead {
  /// Of each phrase its image and itself.
  /// - Parameter counts: phrases of each image.
  static func samples(_ counts: [Int]) -> [PooledReader.Sample] {
    let images = counts.enumerated().flatMap { image, count in [Int](repeating: image, count: count) }
    return images.enumerated().map { PooledReader.Sample(image: $1, text: $0) }
  }
}

extension BoxBatch {
  /// Centre, width and height of each [m, 4].
  fileprivate var centred: [Float] {
    stride(from: 0, to: edges.count, by: 4).flatMap { first in
      let (left, top, right, bottom) = (edges[first], edges[first + 1], edges[first + 2], edges[first + 3])
      return [(left + right) / 2, (top + bottom) / 2, right - left, bottom - top]
    }
  }
}
