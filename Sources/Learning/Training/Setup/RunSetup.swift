internal import Audio
package import Batching
package import Collectives
package import Configuration
internal import Files
internal import Images
internal import Layers
internal import Models
internal import Objectives
internal import Optimizers
internal import Tasks
internal import TensorEngine
internal import Tokenization

/// Everything that a run is made of, built the same way on every rank and compared where it must be equal.
package struct RunSetup {
  /// The model and all that updates it.
  let trained: ModelSetup
  let task: any Task
  let dataSet: PreparedDataSet
  let tokenizerJSON: [UInt8]
  let tokenizer: any Tokenizer
  let preprocessing: Preprocessing
  /// How clips become rows; nil where the model hears none.
  let clipPreparation: AudioPreprocessing?
  /// Groups of samples that are drawn equally often; nil draws each sample once an epoch.
  let drawnInTurn: [[Int]]?
  /// Of a private run.
  let privacy: PrivateTerms?
  /// What batches hold: what the task reads, and what its groups are made by.
  let columns: ColumnSet
  /// What was decided that nobody stated, a sentence each.
  let remarks: [String]

  /// How clips become rows, as evaluation hears them.
  var clips: ClipSettings { ClipSettings(form: .bands(clipPreparation ?? .ast)) }

  /// The same, as training hears them.
  var trainingClips: ClipSettings {
    ClipSettings(form: clips.form, augmentation: configuration.data.augmentation == .standard ? .standard : .none)
  }

  var configuration: RunConfiguration { trained.configuration }
  var communicator: any Communicator { trained.communicator }
  var engine: Engine { trained.engine }
  var model: any Model { trained.model }
  var arena: ParameterArena { trained.arena }
  var optimizer: AdamW { trained.optimizer }

  /// - Parameter warn: is told where the run will not compute as the configuration asks.
  init(
    _ configuration: RunConfiguration, dataPath: String, threads: Int, _ communicator: any Communicator,
    warn: (String) -> Void = { _ in }
  ) throws {
    try requireSame(
      try checksum(ofFile: "/proc/self/exe"), what: "the program mmtrain",
      advice: "install the same build on all nodes", communicator)
    try requireSame(
      fingerprint(configuration.yaml(withOrigins: false).utf8), what: "the configuration",
      advice: "start all ranks with the same files and options", communicator)
    let dataSet = try PreparedDataSet(path: dataPath)
    try requireSameInput(
      fingerprint(dataSet.fingerprint.utf8), what: "the data set \(dataPath)",
      advice: "copy one prepared set to all nodes", communicator)
    try configuration.check(dataSet)
    let plan = try RunPlan(configuration, dataSet)
    try self.init(plan.configuration, plan, dataSet, threads: threads, communicator, warn: warn)
  }

  /// What a plan says, on a data set that suits it.
  /// - Parameters:
  ///   - configuration: with the sizes that were looked for.
  ///   - rehearses: as in `ModelSetup`.
  package init(
    _ configuration: RunConfiguration, _ plan: RunPlan, _ dataSet: PreparedDataSet, threads: Int,
    _ communicator: any Communicator, rehearses: Bool = false, warn: (String) -> Void = { _ in }
  ) throws {
    try plan.require(of: dataSet, configuration)
    (task, self.dataSet) = (plan.task, dataSet)
    (tokenizerJSON, tokenizer, preprocessing) = (plan.tokenizerJSON, plan.tokenizer, plan.preprocessing)
    clipPreparation = plan.clipPreparation
    (drawnInTurn, privacy) = (plan.drawnInTurn, plan.privacy)
    let rewards = try plan.rewards(from: dataSet, split: configuration.data.split)
    remarks = plan.remarks + (rewards.map { [$0.sentence] } ?? [])
    columns = ColumnSet(plan.task.columns.columns + (plan.groups?.grouping.columns ?? []))
    trained = try ModelSetup(
      configuration, plan.description, objective: plan.objective, task: plan.task, groups: plan.groups,
      vocabulary: plan.tokenizer.maskingVocabulary, rewards: rewards,
      threads: threads, communicator, rehearses: rehearses, warn: warn)
    try requireNoDropsOfAbsentPhotos()
  }

  /// A batch of the loader's as the objectives take it.
  func stepBatch(_ batch: Batch, _ locked: LockedTowers? = nil, step: Int) -> StepBatch {
    var columns = batch.columns
    let images = engine.images(columns, model.description.images)
    columns.pixels = nil
    let captions = columns.captions.take()
    // Where samples may lack captions a text stands for each.
    let own = captions.flatMap { task.lacking.contains(.text) ? SampleTexts(firstOf: $0) : nil }
    let text = own?.packed ?? captions.map { PackedText($0) } ?? PackedText([])
    var made = StepBatch(
      images: images, text: text, photos: batch.photoIdentity, captions: captions?.identities ?? [], columns: columns,
      layout: trained.layout(ofBatch: batch.globalCount), step: step, epoch: batch.position.epoch)
    made.hasCaption = own?.isThere
    if model.description.inputs.clips != nil, let clips = columns.audio {
      made.clips = ImageInput(.clips(engine.clips(clips)))
    }
    if let locked { made.states = locked.states(of: batch, images, text) }
    return made
  }
}
