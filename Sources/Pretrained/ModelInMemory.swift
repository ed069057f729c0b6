public import Layers
public import Models
public import TensorEngine

/// A model with its weights.
public struct ModelInMemory {
  public let model: ImageTextModel
  /// Holds the weights; has to live as long as the model is used.
  public let arena: ParameterArena
}

extension ModelDirectory {
  /// The model as it infers fastest: where it has branches of convolutions and batch norms (MobileCLIP), these are folded
  /// into single convolutions when the weights are read.
  ///
  /// - Parameter reparameterizes: false keeps the branches, which compute the same.
  public func load(threads: ThreadPool? = nil, reparameterizes: Bool = true) throws -> ModelInMemory {
    let builder = ParameterBuilder()
    let model = ImageTextModel(description, builder)
    let arena = ParameterArena(builder)
    try loadWeights(into: arena, threads: threads)
    guard reparameterizes else { return ModelInMemory(model: model, arena: arena) }
    let (folded, foldedArena) = model.reparameterized(arena)
    return ModelInMemory(model: folded, arena: foldedArena)
  }
}
