internal import Batching
internal import Files
internal import Images
internal import Models
internal import Objectives
internal import Pretrained
internal import Tokenization

/// Which architecture, tokenizer, preprocessing and losses a run has, from its configuration, its data and the model
/// that it begins from.
struct ModelPlan {
  let description: ModelDescription
  let tokenizerJSON: [UInt8]
  let tokenizer: any Tokenizer
  let preprocessing: Preprocessing
  let objective: ObjectiveWeights

  /// `initialize.weights` naming a directory brings its architecture and tokenizer along, unless the configuration
  /// states sizes of its own.
  init(_ configuration: RunConfiguration, _ dataSet: PreparedDataSet) throws {
    let needsBias = configuration.objective.sigmoid > 0
    if let weights = configuration.firstWeights, isDirectory(weights) {
      let directory = try ModelDirectory(path: weights)
      if configuration.initialize.strict { try directory.requireFittingWeights() }
      (tokenizerJSON, tokenizer) = (directory.tokenizerJSON, directory.tokenizer)
      description = try Self.branches(
        configuration, Self.description(configuration, from: directory).withLogitBias(if: needsBias))
      preprocessing = directory.preprocessing.resized(to: description.imageSize)
    } else {
      guard let json = try dataSet.sideFile("tokenizer.json") else {
        throw TrainingError.badModelDirectory(path: dataSet.path, problem: "the prepared set has no tokenizer.json")
      }
      tokenizerJSON = json
      tokenizer = try loadTokenizer(json, path: dataSet.path + "/tokenizer.json")
      description = try Self.branches(
        configuration, configuration.modelDescription(tokenizer).withLogitBias(if: needsBias))
      preprocessing = .clip(imageSize: configuration.model.vision.imageSize)
    }
    objective = try Self.objective(configuration, description)
    guard tokenizer.vocabularySize <= description.text.vocabularySize else {
      throw TrainingError.unsupported(
        key: "model.text.vocabulary_size",
        what: "\(description.text.vocabularySize) embeddings for a tokenizer of \(tokenizer.vocabularySize) "
          + "tokens; leave the key out to take the tokenizer's size")
    }
    guard tokenizer.endToken != CLIPConfiguration.Text.largestTokenEnds || tokenizer.vocabularySize == 3 else {
      throw TrainingError.unsupported(
        key: "tokenizer.json",
        what: "the end token is 2, by which transformers knows old models that are pooled at the largest id of a text; "
          + "take a tokenizer that ends texts with another id")
    }
  }

  /// The directory's architecture, changed where the configuration states something else. A stated preset replaces all
  /// sizes; a stated size (`model.vision.image_size`, say) replaces that one.
  private static func description(
    _ configuration: RunConfiguration, from directory: ModelDirectory
  ) throws -> ModelDescription {
    let stated = configuration.modelDescription(directory.tokenizer)
    guard let sizes = stated.transformers, let found = directory.description.transformers else {
      for key in ["model.preset", "model.vision", "model.text", "model.embedding_width", "model.name"]
      where configuration.isStated(key) {
        throw TrainingError.unsupported(
          key: key, what: "the sizes of \(directory.description.name) are those of its weights; leave the key out")
      }
      return directory.description
    }
    let towers = configuration.isStated("model.preset") ? sizes : configuration.statedSizes(replacing: found)
    switch (configuration.isStated("model.name") ? stated : directory.description, directory.description) {
    case (.clip, _): return .clip(towers)
    case (.crossAttention, .crossAttention(_, let fusion)) where !configuration.isStated("model.fusion"):
      return .crossAttention(towers, fusion)
    case (.crossAttention(_, let fusion), _): return .crossAttention(towers, fusion)
    case (.mobileClip, _): return directory.description
    }
  }

  /// Folded, where the configuration says so or the weights have no branches any more. What would have no effect is
  /// refused.
  private static func branches(
    _ configuration: RunConfiguration, _ description: ModelDescription
  ) throws -> ModelDescription {
    if configuration.model.reparameterize, description.folding == nil {
      throw TrainingError.unsupported(
        key: "model.reparameterize", what: "\(description.name) has no branches to fold; leave the key out")
    }
    if configuration.model.batchNorm == .synchronised, description.folding != .unfolded {
      let reason = description.folding == nil ? "" : ", as its branches are folded"
      throw TrainingError.unsupported(
        key: "model.batch_norm", what: "\(description.name) has no batch norm\(reason); leave the key out")
    }
    let folds = configuration.model.reparameterize || description.folding == .branches
    return folds ? description.reparameterized : description
  }

  static func objective(
    _ configuration: RunConfiguration, _ description: ModelDescription
  ) throws -> ObjectiveWeights {
    var weights = ObjectiveWeights(
      contrastive: Float(configuration.objective.contrastive), sigmoid: Float(configuration.objective.sigmoid),
      matching: Float(configuration.objective.matching))
    if weights.sigmoid != 0, description.initialLogitBias == nil {
      throw TrainingError.unsupported(
        key: "objective.sigmoid",
        what: "\(description.name) has no logit bias, which the sigmoid loss needs; set it to 0")
    }
    if case .crossAttention = description { return weights }
    guard weights.matching == 0 || !configuration.isStated("objective.matching") else {
      throw TrainingError.unsupported(
        key: "objective.matching",
        what: "\(description.name) has no matching head; set it to 0, or model.name to cross-attention")
    }
    weights.matching = 0
    return weights
  }
}
