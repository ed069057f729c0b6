public import Collectives
public import Configuration
internal import Layers
internal import Models
internal import Objectives
internal import Reporting
public import TensorEngine

/// What a benchmark of whole training steps found; keys as the peers' scripts print them.
public struct StepMeasurement: Codable, Sendable {
  public var model: String
  public var batch: Int
  public var precision: String
  public var threads: Int
  public var ranks: Int
  /// Whether captions were filled up to the context length.
  public var padded: Bool
  /// Mean tokens of a caption.
  public var captionTokens: Double
  /// Median over the counted steps.
  public var stepSeconds: Double
  /// Of it forward and backward, and norm and update: rank 0's medians. The rest are sums over ranks.
  public var gradientSeconds: Double
  public var updateSeconds: Double
  /// Of the whole gradient.
  public var gradientBytes: Int
  /// Numbers of a feature.
  public var embeddingWidth: Int
  public var nodes: Int
  public var pairsPerSecond: Double
  /// Of this process.
  public var peakMemoryMegabytes: Double
  /// Numbers that are learnt.
  public var parameters: Int
  /// Of matrix products and convolutions, of all ranks; the model's operations, not those that an implementation may add.
  public var gigaOperations: Double
  /// The same of one sample.
  public var gigaOperationsPerSample: Double
  /// Multiply-adds in fp32 (two operations each) that one core can do at most, measured just now.
  public var corePeakGigaflops: Double
  public var blasCore: String
  /// Which library computed fp32 products.
  public var products: String
  public var kernels: String
  /// Of all counted steps together, on this rank.
  public var counts: StepCounts

  /// The share of what the cores in use can do at most. With bf16 a core is taken to do twice as much as in fp32, as those
  /// with bfloat16 instructions do.
  /// - Parameter cores: that all ranks together compute on.
  public func shareOfPeak(cores: Int) -> Double {
    let peak = corePeakGigaflops * Double(cores) * (precision == "bf16" ? 2 : 1)
    return gigaOperations / stepSeconds / peak
  }

  private enum CodingKeys: String, CodingKey {
    case model, batch, precision, threads, ranks, nodes, padded, parameters, products, kernels, counts
    case gigaOperations = "gflop_per_step"
    case gigaOperationsPerSample = "gflop_per_sample"
    case corePeakGigaflops = "core_peak_gflops"
    case captionTokens = "caption_tokens"
    case stepSeconds = "step_seconds"
    case gradientSeconds = "gradient_seconds"
    case updateSeconds = "update_seconds"
    case gradientBytes = "gradient_bytes"
    case embeddingWidth = "embedding_width"
    case pairsPerSecond = "pairs_per_second"
    case peakMemoryMegabytes = "peak_memory_mb"
    case blasCore = "blas_core"
  }
}

/// Times training steps (forward, backward, sum over ranks, AdamW) on one batch; collective.
///
/// - Parameters:
///   - isPadded: fills captions up to the context length with end tokens, as peers do. Under the causal mask the
///     losses stay the same.
///   - steps: counted ones; two more go before.
///   - fasterProducts: as in `RunOptions`.
public func measureStep(
  _ configuration: RunConfiguration, on pairs: MeasuredPairs, threads: Int, steps: Int, isPadded: Bool,
  fasterProducts: (() throws -> ProductChoice)? = nil, communicator: any Communicator
) throws -> StepMeasurement {
  let (setup, packed) = try pairs.load(configuration, threads: threads, communicator)
  let products = try setup.decideProducts(kept: nil, faster: fasterProducts) { _ in }
  try setup.initializeWeights()
  let peak = setup.engine.measurePeak()
  let text = setup.model.description.texts
  let batch = isPadded ? padded(packed, length: text.contextLength, with: text.endToken ?? 0) : packed
  let step = TrainingStep(setup: setup)
  var times: [Double] = []
  var parts: [TrainingStep.Seconds] = []
  times.reserveCapacity(steps + 2)
  parts.reserveCapacity(steps + 2)
  var warm: StepCounts?
  for index in 0..<steps + 2 {
    if index == 2 { warm = StepCounts(setup) }
    try communicator.barrier("start of a measured step")
    let start = monotonicSeconds()
    parts.append(try step(batch, rate: 1e-5, step: index).seconds)
    times.append(monotonicSeconds() - start)
  }
  let last = StepCounts(setup)
  let operations = try operationsOfAllRanks(setup, batch, configuration)
  let seconds = median(times.dropFirst(2))
  return StepMeasurement(
    model: "\(configuration.model.name) \(configuration.preset.rawValue)",
    batch: configuration.batch.global, precision: setup.engine.precision.rawValue, threads: threads,
    ranks: communicator.size,
    padded: isPadded, captionTokens: Double(packed.text.ids.count) / Double(packed.text.count), stepSeconds: seconds,
    gradientSeconds: median(parts.dropFirst(2).map(\.gradients)),
    updateSeconds: median(parts.dropFirst(2).map(\.update)), gradientBytes: setup.gradients.local.count * 4,
    embeddingWidth: (setup.model.description as? any FeatureDescription)?.embeddingWidth ?? 0,
    nodes: communicator.place.nodes,
    pairsPerSecond: Double(configuration.batch.global) / seconds,
    peakMemoryMegabytes: Double(memoryUsage().peakBytes >> 10) / 1024, parameters: setup.arena.parameterCount,
    gigaOperations: operations * 1e-9,
    gigaOperationsPerSample: operations * 1e-9 / Double(configuration.batch.global), corePeakGigaflops: peak,
    blasCore: Engine.blasCore, products: "\(products)",
    kernels: setup.engine.level.rawValue, counts: last - (warm ?? last))
}

private func median(_ values: some Collection<Double>) -> Double { values.sorted()[values.count / 2] }

private func operationsOfAllRanks(
  _ setup: ModelSetup, _ batch: StepBatch, _ configuration: RunConfiguration
) throws -> Double {
  let shapes = BatchShapes(
    textLengths: (0..<batch.text.count).map { batch.text.offsets[$0 + 1] - batch.text.offsets[$0] },
    globalBatch: configuration.batch.global, isJoining: !setup.objective.looksAtFeaturesOnly,
    joinings: setup.objective.joinings)
  var operations = setup.model.description.operations(shapes)
  try withUnsafeMutablePointer(to: &operations) {
    try setup.communicator.allReduce(UnsafeMutableBufferPointer(start: $0, count: 1), .sum, "operations of a step")
  }
  return operations
}

private func padded(_ batch: StepBatch, length: Int, with token: Int32) -> StepBatch {
  let text = batch.text
  let captions = (0..<text.count).map { caption -> [Int32] in
    let ids = Array(text.ids[text.offsets[caption]..<text.offsets[caption + 1]])
    return ids + [Int32](repeating: token, count: max(0, length - ids.count))
  }
  return StepBatch(
    images: batch.images, text: PackedText(captions), photos: batch.photos,
    captions: batch.captions, layout: batch.layout, step: batch.step)
}
