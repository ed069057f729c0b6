internal import Batching
internal import Configuration
internal import Images
internal import Models
internal import Objectives

/// A tower of which nothing is trained, and what will be kept of it, as far as a plan can tell.
public struct LockedTowerForecast: Sendable {
  /// "image" or "text".
  public let tower: String
  /// Photos or captions of the split that is trained on; nil where the data set is not made yet.
  public let segments: Int?
  /// Bytes of their states, captions taken as 20 tokens; nil where the data set is not made yet, and for a tower that is no
  /// transformer.
  public let bytes: Int?
  /// Why they are computed in every step instead; nil where they may be kept.
  public let reason: String?

  /// Nil for a tower that is trained.
  /// - Parameters:
  ///   - trained: names of the parameters that are learnt.
  ///   - isJoining: whether image and text meet in the step, so that the states of all tokens are read.
  ///   - elementBytes: of a state.
  init?(
    _ modality: Modality, _ configuration: RunConfiguration, _ description: any ModelDescription, _ trained: [String],
    _ dataSet: PreparedDataSet?, isJoining: Bool, elementBytes: Int
  ) {
    guard let layers = description.towers[modality] else { return nil }
    guard !trained.contains(where: layers.holds) else { return nil }
    tower = modality.rawValue
    let split = dataSet?.manifest.splits.first { $0.name == configuration.data.split }
    segments = split.map { modality == .text ? $0.captions : $0.samples }
    let tokens = description.towerBlocks(modality).map { blocks in
      !isJoining ? 1 : modality == .text ? min(BatchShapes.usualTextTokens, blocks.tokens) : blocks.tokens
    }
    let width = description.towerBlocks(modality)?.width
    bytes = segments.flatMap { count in tokens.flatMap { each in width.map { count * each * $0 * elementBytes } } }
    reason =
      modality != .text && configuration.data.augmentation != .none && description.images.regionLimits == nil
      ? "\(modality.segmentName)s are augmented"
      : modality != .text && configuration.data.mixUp > 0
        ? "\(modality.segmentName)s are mixed with others"
        : modality == .text && configuration.data.wordDrop > 0
          ? "texts lack other words in each epoch"
          : modality == .image && configuration.objective.hidesImages
            ? "parts of photos are hidden"
            : modality == .text && configuration.model.text.drops
              ? "a part of its states is dropped"
              : configuration.memory.cacheLocked == .off ? "memory.cache_locked is off" : nil
  }
}
