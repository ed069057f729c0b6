internal import Checkpoints
internal import Models
internal import Reporting

// A model that has been through timm's `reparameterize_model`, as it is saved for inference. Nothing but the names of the
// weights says so.

extension ModelDescription {
  /// The same with its branches folded, where those of the weights are.
  /// - Parameter path: a directory or a file. Weights that cannot be read say so when they are loaded.
  func foldedLike(weightsAt path: String) -> any ModelDescription {
    guard let model = self as? any FoldableDescription, model.folding == .unfolded,
      let set = try? SafetensorsSet(path: modelWeightsPath(at: path)),
      set.entries.contains(where: { type(of: model).foldedBlock($0.name) != nil })
    else { return self }
    return model.folded(.branches)
  }
}

extension LoadingReport {
  /// What to say where some blocks of a model have one convolution and others have branches; nil where it is not so.
  var partialFolding: String? {
    guard loaded.contains(where: { ModelCatalogue.foldedBlock($0.key) != nil }),
      let block = missing.lazy.compactMap({ ModelCatalogue.foldedBlock($0.name) }).first
    else { return nil }
    return
      "some of its blocks are folded, and others are not, as \(printable(block)): fold all of the model with "
      + "timm.utils.reparameterize_model, or take the weights as they were trained"
  }
}
