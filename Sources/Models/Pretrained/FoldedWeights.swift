internal import Checkpoints
internal import Models
internal import Reporting

// A MobileCLIP that has been through timm's `reparameterize_model`, as it is saved for inference. Nothing but the names of
// the weights says so.

extension ModelDescription {
  /// The same with its branches folded, where those of the weights are.
  /// - Parameter path: a directory or a file. Weights that cannot be read say so when they are loaded.
  func foldedLike(weightsAt path: String) -> ModelDescription {
    guard case .mobileClip(let model) = self, model.folding == .unfolded,
      let set = try? SafetensorsSet(path: modelWeightsPath(at: path)),
      set.entries.contains(where: { foldedBlock($0.name) != nil })
    else { return self }
    return .mobileClip(model.folded(.branches))
  }
}

extension LoadingReport {
  /// What to say where some blocks of a model have one convolution and others have branches; nil where it is not so.
  var partialFolding: String? {
    guard loaded.contains(where: { foldedBlock($0.key) != nil }),
      let block = missing.lazy.compactMap({ foldedBlock($0.name) }).first
    else { return nil }
    return
      "some of its blocks are folded (reparam_conv), and others are not, as \(printable(block)): fold all of the model with "
      + "timm.utils.reparameterize_model, or take the weights as they were trained"
  }
}

/// The block that a folded convolution's weight or bias belongs to; nil for other names.
private func foldedBlock(_ name: String) -> Substring? {
  name.firstRange(of: ".reparam_conv.").map { name[..<$0.lowerBound] }
}
