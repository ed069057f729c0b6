internal import Audio
package import Batching
package import Configuration
internal import Files
internal import Images
internal import Layers
package import Models
package import Objectives
internal import Pretrained
internal import Reporting
package import Tasks
internal import Tokenization

/// What a run would be, from its configuration, its data and the model that it begins from: architecture, task,
/// tokenizer, preprocessing, losses. A plan changes nothing; a setup (`RunSetup`, `ModelSetup`) is the same in memory, on these ranks.
///
/// Catalogues are asked here and nowhere behind: a caller may put in a model, a task or losses that none of them lists.
package struct RunPlan {
  /// With the sizes that were looked for.
  package let configuration: RunConfiguration
  package var description: any ModelDescription
  package var task: any Task
  let tokenizerJSON: [UInt8]
  let tokenizer: any Tokenizer
  private(set) var preprocessing: Preprocessing
  /// How clips become rows; nil where the model hears none.
  let clipPreparation: AudioPreprocessing?
  package var objective: ObjectiveSettings
  /// Groups of samples that are drawn equally often; nil draws each sample once an epoch.
  let drawnInTurn: [[Int]]?
  /// Of a private run; nil for one that promises nothing.
  package let privacy: PrivateTerms?
  /// Groups that count in the loss; nil where all samples count alike.
  let groups: LossGroups?
  /// What was decided that nobody stated, a sentence each.
  package private(set) var remarks: [String]

  /// `initialize.weights` naming a directory brings its architecture and tokenizer along, unless the configuration
  /// states sizes of its own; towers bring their sizes, the text tower its tokenizer, the image tower its preprocessing.
  package init(_ asked: RunConfiguration, _ dataSet: PreparedDataSet) throws {
    let found: (any ModelDescription)?
    let clips: AudioPreprocessing?
    let towers = try FirstTowers(asked.firstTowers)
    var squashes = false
    if let weights = asked.firstWeights, isDirectory(weights) {
      let directory = try ModelDirectory(path: weights)
      if asked.initialize.strict { try directory.requireFittingWeights() }
      (tokenizerJSON, tokenizer) = (directory.tokenizerJSON, directory.tokenizer)
      (found, preprocessing, clips) = (directory.description, directory.preprocessing, directory.clips)
      squashes = directory.shaped != nil
    } else {
      (tokenizerJSON, tokenizer) =
        try towers.tokenizer
        ?? Self.tokenizer(of: dataSet, for: TaskCatalogue.task(asked.task))
      (found, preprocessing, clips) = (
        nil, towers.preprocessing ?? .clip(imageSize: asked.model.vision.imageSize), towers.clips
      )
    }
    let planned = try asked.model(
      in: ModelSurroundings(
        vocabularySize: tokenizer.vocabularySize, tokens: (tokenizer.startToken, tokenizer.endToken),
        regions: dataSet.regionSizes(split: asked.data.split), found: found, towers: towers.found))
    var configuration = planned.configuration
    (description, objective, remarks) = (planned.description, planned.objective, planned.remarks)
    var decisions: [String] = []
    task = try TaskCatalogue.task(asked.task).fitted(to: dataSet, split: asked.data.split, on: description) {
      // How many samples are of which kind is nobody's business.
      if !asked.privacy.isOn { decisions.append($0) }
    }
    if asked.privacy.isOn { task = task.withoutFigures }
    task = try task.fitted(to: tokenizer, on: description)
    if let weights = asked.firstWeights, fileExists(weights) {
      let directory = isDirectory(weights) ? weights : parentDirectory(of: weights)
      if fileExists(directory + "/" + TaskCatalogue.fileName), try !TaskCatalogue.isSame(task, asOfModelIn: directory) {
        decisions.append(
          "the head of \(printable(weights)) tells other things: what this run's task needs is drawn anew")
      }
    }
    if task.columns.contains(.boxes) { decisions += try configuration.keepWholePhotos() }
    decisions += configuration.keepPrivate()
    self.configuration = configuration
    privacy = try PrivateTerms(configuration, dataSet)
    decisions += privacy?.remarks ?? []
    let grouped = try GroupPlan(configuration, task, dataSet) { decisions.append($0) }
    groups = grouped?.lossGroups
    drawnInTurn = try grouped?.drawnInTurn ?? task.drawnInTurn(from: dataSet, split: asked.data.split)
    remarks += decisions
    if squashes {
      remarks.append(
        "the model's own pictures keep their shape: here they are squashed to squares, and the run's model keeps that")
    }
    remarks += towers.remarks + configuration.remarksOnLocks(of: description)
    if let adaptation = Adaptation(configuration, description) {
      try adaptation.checkBase()
      remarks.append(adaptation.remark(on: try configuration.make(description).builder.parameters))
    }
    if configuration.initialize.strict { try towers.requireFittingWeights(description) }
    clipPreparation = description.usualClips.map { usual in
      var made = clips ?? usual
      made.maximumFrames = usual.maximumFrames
      return made
    }
    if let clipPreparation, task.columns.seen(as: description.images).contains(.audio) {
      remarks += try dataSet.remark(onClipsOf: asked.data.split, heardBy: clipPreparation).map { [$0] } ?? []
    }
    if let limit = description.images.frames, task.columns.contains(.image) {
      remarks += try dataSet.remark(onFramesOf: asked.data.split, limit: limit).map { [$0] } ?? []
    }
    // A model that looks at no photos says nothing of how they are prepared.
    preprocessing = description.images.side.map { preprocessing.resized(to: $0) } ?? description.usualPreprocessing
    if task.columns.contains(.boxes) { (preprocessing.fit, preprocessing.resizeSize) = (.squash, nil) }
    try requireUsefulAugmentation(configuration)
    remarks += try remarksOnSynthesis(of: dataSet)
    try requireFittingTokenizer()
    try requireNoNeedOfEachPhoto(of: dataSet)
    try planBalance()
    remarks += objective.remarks(on: tokenizer.maskingVocabulary)
    if configuration.firstWeights == nil { remarks += objective.remarksOnNoWeights }
  }

  var model: PlannedModel {
    PlannedModel(configuration: configuration, description: description, objective: objective, remarks: remarks)
  }

  /// Says what was decided, or is to be known.
  mutating func tell(_ remark: String) { remarks.append(remark) }

  /// The set's own; for a task that reads no texts, of a set without any, one that knows bytes alone.
  private static func tokenizer(
    of dataSet: PreparedDataSet, for task: any Task
  ) throws -> (json: [UInt8], tokenizer: any Tokenizer) {
    guard let json = try dataSet.sideFile("tokenizer.json") else {
      guard task.columns.columns.contains(where: \.hasWords) else {
        let bytes = try BPETrainer(vocabularySize: BPETrainer.minimumVocabularySize).train(captions: [])
        return (bytes.huggingFaceJSON(), bytes)
      }
      throw TrainingError.badModelDirectory(path: dataSet.path, problem: "the prepared set has no tokenizer.json")
    }
    return (json, try loadTokenizer(json, path: dataSet.path + "/tokenizer.json"))
  }

  /// Refuses data without what the model sees, before anything is computed.
  /// - Throws: `BatchingError` for a split that is trained on, or evaluated on, without photos, or the regions or clips that the model
  ///   reads in their place.
  func require(of dataSet: PreparedDataSet, _ configuration: RunConfiguration) throws {
    if dataSet.manifest.splits.contains(where: { $0.name == configuration.evaluation.split }) {
      try task.check(dataSet, split: configuration.evaluation.split)
    }
    try dataSet.require(
      [], everywhere: task.columnsOfEachSample.without(.image),
      split: configuration.data.split)
    guard task.columns.contains(.image) || task.columns.contains(.audio) else { return }
    if description.inputs.clips != nil, task.columns.contains(.audio) {
      try dataSet.require([.audio], split: configuration.data.split)
    }
    let images = description.images
    for split in [configuration.data.split, configuration.evaluation.split]
    where dataSet.manifest.splits.contains(where: { $0.name == split }) {
      if let limits = images.regionLimits {
        try dataSet.require(limits, split: split)
      } else {
        try dataSet.require([images.column], split: split)
      }
      try dataSet.require(frames: images.frames, of: [images.column], split: split)
    }
  }

  /// What captions that are written are worth; nil where nobody asks.
  /// - Throws: `TrainingError.unsupported` for captions of one photo, of which no word is rarer than another.
  func rewards(from dataSet: PreparedDataSet, split: String) throws -> PhotoRewards? {
    guard let kind = objective.readingReferences else { return nil }
    try dataSet.require([.captions], split: split)
    let rewards = try PhotoRewards(dataSet, split: split, tokenizer)
    guard rewards.photos > 1 else {
      throw TrainingError.unsupported(
        key: "objective.\(kind.name)",
        what:
          "the split \(split) has captions of \(rewards.photos) photo, and how rare a word is takes others; train on more"
      )
    }
    return rewards
  }

  /// What would have no effect is refused.
  private func requireUsefulAugmentation(_ configuration: RunConfiguration) throws {
    let key = "data.augmentation"
    guard case .regions = description.images, configuration.data.augmentation != .none, configuration.isStated(key)
    else { return }
    throw TrainingError.unsupported(
      key: key, what: "\(description.name) reads regions, which are not augmented; set it to none, or leave it out")
  }

  private func requireFittingTokenizer() throws {
    guard tokenizer.vocabularySize <= description.texts.vocabularySize else {
      throw TrainingError.unsupported(
        key: "model.text.vocabulary_size",
        what: "\(description.texts.vocabularySize) embeddings for a tokenizer of \(tokenizer.vocabularySize) "
          + "tokens; leave the key out to take the tokenizer's size")
    }
    let isPooledThere = description.texts.endToken != nil && tokenizer.vocabularySize != 3
    guard !isPooledThere || tokenizer.endToken != TextShape.largestTokenEnds else {
      throw TrainingError.unsupported(
        key: "tokenizer.json",
        what: "the end token is 2, by which transformers knows old models that are pooled at the largest id of a text; "
          + "take a tokenizer that ends texts with another id")
    }
  }
}

extension PhotoRewards {
  /// For a person.
  var sentence: String {
    "captions that are drawn are scored by CIDEr-D beside \(captions) of \(photos) photos of the training split, by which words are rare"
  }
}

extension Column {
  /// Whether words are in it, which a tokenizer makes numbers of.
  fileprivate var hasWords: Bool {
    switch self {
    case .captions, .questions, .text, .boxes: true
    case .image, .labels, .regions, .audio, .group: false
    }
  }
}

extension RunConfiguration {
  /// What a private run does otherwise where nobody stated it.
  /// - Returns: what of that a person should know.
  fileprivate mutating func keepPrivate() -> [String] {
    guard privacy.isOn else { return [] }
    // Units are clipped one by one, and what they come to with noise moves as it is.
    optimizer.gradientClip = 0
    communication.overlap = .off
    guard evaluation.shown > 0, !isStated("evaluation.shown") else { return [] }
    (evaluation.shown, safeguards.sameTexts) = (0, 0)
    return ["no samples are shown of evaluations, as in a private run they may be somebody's (evaluation.shown)"]
  }

  /// Boxes are of whole photos: these are squashed, and nothing of them is cut off.
  /// - Returns: what was decided that nobody stated, a sentence each.
  fileprivate mutating func keepWholePhotos() throws -> [String] {
    let key = "data.augmentation"
    guard data.augmentation != .none else { return [] }
    guard !isStated(key) else {
      throw TrainingError.unsupported(
        key: key, what: "\(task.name) learns boxes of whole photos, of which it cuts parts off; set it to none")
    }
    data.augmentation = .none
    return ["photos are squashed to squares and not augmented, as boxes are of whole photos"]
  }
}
