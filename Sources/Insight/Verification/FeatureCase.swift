internal import Collectives
internal import Layers
internal import Models
internal import Objectives
internal import TensorEngine

/// Features of images and texts in one space, their logits, and the losses that look at nothing else.
struct FeatureCase: CasePart {
  static let inputs = CaseRun.imageInputs + CaseRun.textInputs
  static var results: [String] { outputs + losses.map(\.name) }

  private static let outputs = [
    "output.image_embeds", "output.text_embeds", "output.logits_per_image", "output.logits_per_text",
  ]

  /// The objectives that look at features alone. Each image belongs to the text at its place, and to no other.
  private static var losses: [(name: String, objective: any Objective.Type)] {
    ObjectiveCatalogue.all.filter { $0.looksAtFeaturesOnly }.map { (CaseFile.loss + $0.name, $0) }
  }

  private let model: any FeatureModel
  let results: [String]

  init?(_ model: any Model) {
    guard let model = model as? any FeatureModel else { return nil }
    self.model = model
    let losses = Self.losses.filter { $0.objective.init(Self.context($0.objective, model)) != nil }
    results = Self.outputs + losses.map(\.name)
  }

  private static func context(_ objective: any Objective.Type, _ model: any Model) -> ObjectiveContext {
    ObjectiveContext(model, ObjectiveSettings([objective.name: 1]), seed: 0, SoloCommunicator())
  }

  func result(_ name: String, of run: CaseRun) throws -> Tensor {
    if let loss = Self.losses.first(where: { $0.name == name }) { return try self.loss(loss.objective, name, of: run) }
    if name == "output.image_embeds" { return try images(of: run, name) }
    if name == "output.text_embeds" { return try texts(of: run, name) }
    let (images, texts) = (try images(of: run, name), try texts(of: run, name))
    return name == "output.logits_per_image" ? logits(images, texts, run.tape) : logits(texts, images, run.tape)
  }

  private func images(of run: CaseRun, _ name: String) throws -> Tensor {
    model.imageFeatures(try run.images(model, for: name), run.tape)
  }

  private func texts(of run: CaseRun, _ name: String) throws -> Tensor {
    model.textFeatures(try run.texts(model, for: name), run.tape)
  }

  /// A row for each of `rows`: exp(scale) · cosine, and the bias where the model has one.
  private func logits(_ rows: Tensor, _ columns: Tensor, _ tape: Tape) -> Tensor {
    let similarities = tape.engine.similarities(rows, columns, scale: Float(model.logitFactor))
    guard let bias = model.logitBias?.tensor.value else { return similarities }
    return tape.engine.tensor(similarities.values().map { $0 + bias }, shape: similarities.shape)
  }

  private func loss(_ objective: any Objective.Type, _ name: String, of run: CaseRun) throws -> Tensor {
    let (images, texts) = (try run.imageInput(for: name), try run.packedTexts(for: name))
    guard images.count == texts.count else {
      throw run.mistaken("input.input_ids", "holds \(texts.count) texts for \(images.count) images")
    }
    let pairs = (0..<texts.count).map { UInt64($0) }
    let batch = StepBatch(
      images: images, text: texts, photos: pairs, captions: pairs, layout: BatchLayout(counts: [texts.count], rank: 0),
      step: 0)
    return try ObjectiveMix(Self.context(objective, model))(batch, run.tape).total
  }
}
