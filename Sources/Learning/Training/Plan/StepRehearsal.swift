package import Batching
internal import Collectives
package import Configuration
internal import Layers
internal import Models
internal import Objectives
internal import Tasks
internal import TensorEngine

/// What a rank's training steps and evaluations take in tensors: found by taking some of which nothing is computed.
///
/// Every tensor is made that a real step makes, in the same order and of the same size, and none is written; what the steps ask of
/// the pool is what real ones ask of it, whatever the model, the task and the losses are.
package struct StepRehearsal {
  /// Of all tensors of the passes at most; weights, gradients and moments are not among them.
  package let bytes: Int
  /// What the pool took from the system for them, which is a little more.
  package let reservedBytes: Int

  /// - Parameters:
  ///   - configuration: with the sizes that were looked for.
  ///   - plan: on a data set, whose first batch is taken; nil takes images of nothing with captions of `BatchShapes.usualTextTokens`.
  ///   - pairs: of the rank.
  ///   - evaluates: whether an evaluation comes after the steps.
  ///   - computes: takes the same steps in earnest: to compare.
  /// - Throws: what a step throws, and where the task reads more than random pairs have.
  package init(
    _ configuration: RunConfiguration, _ plan: (RunPlan, PreparedDataSet)?, pairs: Int, evaluates: Bool = true,
    threads: Int,
    computes: Bool = false
  ) throws {
    var configuration = configuration
    configuration.batch.global = pairs
    let (setup, batch) =
      try plan.map { try Self.first($0.0, $0.1, configuration, threads: threads, computes: computes) }
      ?? MeasuredPairs.random(captionLengths: [BatchShapes.usualTextTokens])
      .load(configuration, threads: threads, SoloCommunicator(), rehearses: !computes)
    if computes { try setup.initializeWeights() }
    let step = TrainingStep(setup: setup)
    // What a step leaves behind, the next one finds.
    for index in 0..<2 { _ = try step.apply(try step.measure(batch, step: index), rate: 0, step: index) }
    if evaluates { setup.encodeForEvaluation() }
    (bytes, reservedBytes) = (setup.engine.usedBytes, setup.engine.reservedBytes)
  }

  private static func first(
    _ plan: RunPlan, _ dataSet: PreparedDataSet, _ configuration: RunConfiguration, threads: Int,
    computes: Bool
  ) throws -> (ModelSetup, StepBatch) {
    let setup = try RunSetup(configuration, plan, dataSet, threads: threads, SoloCommunicator(), rehearses: !computes)
    let loader = try BatchLoader(
      dataSet: setup.dataSet, tokenizer: setup.tokenizer, preprocessing: setup.preprocessing,
      settings: loaderSettings(
        configuration, setup, setup.columns.seen(as: setup.model.description.images), threads: threads))
    return (setup.trained, setup.stepBatch(try loader.next(), step: 0))
  }
}

extension StepRehearsal {
  /// Pairs that are gone through at most; what more of them take is as much for each.
  private static let mostPairs = 256

  /// Bytes of all tensors for any number of pairs.
  static func bytes(
    _ configuration: RunConfiguration, _ plan: (RunPlan, PreparedDataSet)?, pairs: Int, evaluates: Bool, threads: Int
  ) throws -> Int {
    func bytes(_ pairs: Int, evaluates: Bool) throws -> Int {
      try StepRehearsal(configuration, plan, pairs: pairs, evaluates: evaluates, threads: threads).bytes
    }
    guard pairs > mostPairs else { return try bytes(pairs, evaluates: evaluates) }
    // An evaluation, which takes as much for any batch, stands apart.
    let (half, whole) = (try bytes(mostPairs / 2, evaluates: false), try bytes(mostPairs, evaluates: false))
    let steps = whole + (whole - half) / (mostPairs / 2) * (pairs - mostPairs)
    return evaluates ? max(steps, try bytes(mostPairs, evaluates: true)) : steps
  }
}

extension ModelSetup {
  /// As many photos at once as an evaluation encodes, and then their captions.
  fileprivate func encodeForEvaluation() {
    guard let model = model as? any ImageModel & TextModel else { return }
    let tokens: EncodedTokens = model is any JointModel ? .all : .pooled
    let tape = Tape(engine, recording: false)
    let photos = engine.images(32, of: model.description.images) { _, _ in }
    _ = model.imageEncoder(photos, tokens, tape)
    let length = min(BatchShapes.usualTextTokens, model.description.texts.contextLength)
    let caption = [Int32](repeating: 1, count: length - 1) + [model.description.texts.endToken ?? 1]
    _ = model.textEncoder(PackedText([[Int32]](repeating: caption, count: 160)), tokens, tape)
  }
}
