internal import Models
internal import TensorEngine

/// What a model makes of images, or of clips, that says which of its published classes they are of: tokens before its first layer and
/// behind its last, what stands for each, logits.
struct PublishedClassCase: CasePart {
  /// The samples that rows of bands were made of are not looked at.
  static let inputs = CaseRun.imageInputs + [labels, cotangent, "input.waveform"]
  static let results = [embedding, states, pooled, logits, loss]

  /// [B, N, W], all but `pooled` [B, W] and `logits` [B, classes].
  private static let (embedding, states) = ("output.embedding", "output.states")
  private static let (pooled, logits) = ("output.pooled", "output.logits")
  /// Cross-entropy, the mean over all.
  private static let loss = "loss.classification"
  /// The class of each [B].
  private static let labels = "input.label"
  /// [B, W]: what `pooled` counts in the sum of all losses.
  private static let cotangent = "input.cotangent"

  private let model: any PublishedClassifier
  let results: [String]

  init?(_ model: any Model) {
    guard let model = model as? any PublishedClassifier else { return nil }
    self.model = model
    results = (model.imageEncoder is any EmbeddingEncoder ? [Self.embedding] : []) + Self.results.dropFirst()
  }

  func result(_ name: String, of run: CaseRun) throws -> Tensor {
    let images = try run.images(model, for: name)
    switch name {
    case Self.embedding: return try embedded(name, run).states
    case Self.states: return images.states
    case Self.pooled: return model.imageEncoder.pooled(images, run.tape)
    case Self.logits: return model.classify(images, run.tape)
    default:
      let logits = model.classify(images, run.tape)
      let labels = try run.integers(Self.labels, [logits.rows], in: 0..<logits.columns, for: name)
      return run.tape.crossEntropy(logits, targets: labels.map(Int32.init), count: labels.count)
    }
  }

  func addend(of run: CaseRun) throws -> Tensor? {
    guard run.has(Self.cotangent) else { return nil }
    let pooled = model.imageEncoder.pooled(try run.images(model, for: Self.cotangent), run.tape)
    let counts = try run.floats(Self.cotangent, [pooled.rows, pooled.columns], for: "loss.total")
    let ones = run.tape.engine.tensor([Float](repeating: 1, count: pooled.columns), shape: [1, pooled.columns])
    let rows = run.tape.linear(run.tape.multiply(pooled, counts), weight: ones, keepsFloat32: true)
    return run.tape.weightedSum(rows, weights: [Float](repeating: 1, count: rows.rows))
  }

  func slots(_ name: String, of run: CaseRun) throws -> CaseSlots? {
    switch name {
    case Self.embedding: try run.slots(name, of: embedded(name, run).offsets)
    case Self.states: try run.slots(name, of: run.images(model, for: name).offsets)
    default: nil
    }
  }

  private func embedded(_ name: String, _ run: CaseRun) throws -> Encoding {
    guard let encoder = model.imageEncoder as? any EmbeddingEncoder else {
      preconditionFailure("no encoder gives \(name)")
    }
    return encoder.embedded(try run.imageInput(for: name), run.tape)
  }
}
