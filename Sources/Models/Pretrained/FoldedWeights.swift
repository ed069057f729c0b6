internal import Checkpoints
package import Models
internal import Reporting

// What nothing but the names of the weights says: that a model has been through timm's `reparameterize_model`, as it is saved for
// inference, and which heads it has.

extension ModelDescription {
  /// The same with its branches folded, where those of the weights are, and with the heads that they have.
  /// - Parameter path: a directory or a file. Weights that cannot be read say so when they are loaded.
  package func asWeightsSay(at path: String) -> any ModelDescription {
    guard self is any FoldableDescription || self is any PublishedDescription,
      let set = try? SafetensorsSet(path: modelWeightsPath(at: path))
    else { return self }
    if let model = self as? any FoldableDescription { return model.foldedLike(set) }
    return (self as? any PublishedDescription)?.withHeads(of: set) ?? self
  }
}

extension FoldableDescription {
  fileprivate func foldedLike(_ set: SafetensorsSet) -> any ModelDescription {
    let isFolded = folding == .unfolded && set.entries.contains { Self.foldedBlock($0.name) != nil }
    return isFolded ? folded(.branches) : self
  }
}

extension PublishedDescription {
  fileprivate func withHeads(of set: SafetensorsSet) -> any ModelDescription {
    withHeads { parameter in
      ([parameter] + Self.otherKeys(of: parameter)).contains { set.entry(named: $0) != nil }
    }
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
