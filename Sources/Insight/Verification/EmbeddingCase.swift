internal import Models
internal import TensorEngine

/// What a model's first layers read.
struct EmbeddingCase: CasePart {
  static let inputs = FeatureCase.inputs
  static let results = [texts, images]

  /// [B, slots, W]; only slots of tokens that are there are compared.
  private static let (texts, images) = ("output.text_embedding", "output.image_embedding")

  private let model: any EmbeddingModel

  init?(_ model: any Model) {
    guard let model = model as? any EmbeddingModel else { return nil }
    self.model = model
  }

  func result(_ name: String, of run: CaseRun) throws -> Tensor { try embedded(name, run).states }

  func slots(_ name: String, of run: CaseRun) throws -> CaseSlots? {
    try run.slots(name, of: embedded(name, run).offsets)
  }

  private func embedded(_ name: String, _ run: CaseRun) throws -> Encoding {
    name == Self.texts
      ? model.embeddings(of: try run.packedTexts(for: name), run.tape)
      : model.embeddings(of: try run.imageInput(for: name), run.tape)
  }
}
