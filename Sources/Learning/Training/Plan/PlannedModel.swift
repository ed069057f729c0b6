internal import Configuration
internal import Layers
internal import Models
internal import Objectives
internal import Tasks

/// What a model is made for, beside a configuration.
struct ModelSurroundings {
  /// The tokenizer's.
  var vocabularySize: Int
  /// That open and close a text.
  var tokens: (start: Int32, end: Int32)
  /// Numbers of the data's regions, and classes whose probabilities they have; nil where they have none.
  var regions: (width: Int, classes: Int?)?
  /// What the directory has that the run begins from.
  var found: (any ModelDescription)?
  /// Those that it begins from, where they are not of one model.
  var towers = FoundTowers()

  /// Where there is no data set: with CLIP's vocabulary, and regions as they are published.
  static var measured: ModelSurroundings {
    ModelSurroundings(
      vocabularySize: 49_408, tokens: (49_406, 49_407), regions: (2048, ModelRequest.publishedRegionClasses))
  }
}

/// A model as a configuration asks for it, with all that its objectives need.
struct PlannedModel {
  /// With the sizes that were looked for.
  var configuration: RunConfiguration
  var description: any ModelDescription
  var objective: ObjectiveSettings
  /// What was decided that nobody stated, a sentence each.
  var remarks: [String]
}

extension PlannedModel {
  /// Whether image and text meet.
  var isJoining: Bool {
    objective.looksAtTokens
      || description.isJoint
        && TaskCatalogue.task(configuration.task).objectives.contains { !$0.looksAtFeaturesOnly }
  }

  /// For each pair of the batch the pairs in which they do.
  var joinings: Int { max(objective.joinings(description), isJoining ? 1 : 0) }

  /// Of these, the most that are in memory at a time.
  var joiningsAtOnce: Int { max(objective.joiningsAtOnce(description), isJoining ? 1 : 0) }

  /// Floating-point operations of a training step of the global batch, texts taken to be as long as they usually are.
  var stepOperations: Double {
    let pairs = configuration.batch.global
    let tokens = min(BatchShapes.usualTextTokens, description.texts.contextLength)
    return description.operations(
      BatchShapes(
        textLengths: [Int](repeating: tokens, count: pairs), globalBatch: pairs, isJoining: isJoining,
        joinings: joinings, recomputesBlocks: configuration.memory.recompute == .blocks))
  }
}
