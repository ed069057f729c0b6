internal import Layers

extension CLIPConfiguration {
  /// What makes these sizes unusable; nil where a model can be made of them. Files from outside are checked with it before
  /// anything is computed from their numbers.
  public var flaw: String? {
    vision.flaw.map { "the image tower: " + $0 } ?? text.flaw.map { "the text tower: " + $0 }
      ?? outside(embeddingWidth, 1...65_536, "a common width")
      ?? (initialLogitScale.isFinite ? nil : "the logit scale is not finite")
  }
}

extension CLIPConfiguration.Vision {
  var flaw: String? {
    patchFlaw(imageSize: imageSize, patchSize: patchSize, channels: channels) ?? transformer.flaw
  }
}

/// What makes it impossible to cut images into patches.
func patchFlaw(imageSize: Int, patchSize: Int, channels: Int) -> String? {
  if let flaw = outside(imageSize, 1...8192, "an image size") ?? outside(patchSize, 1...imageSize, "a patch size") {
    return flaw
  }
  if imageSize % patchSize != 0 { return "patches of \(patchSize) do not divide \(imageSize) pixels" }
  return channels == 3 ? nil : "\(channels) colour channels, not 3"
}

extension CLIPConfiguration.Text {
  var flaw: String? {
    outside(vocabularySize, 3...10_000_000, "a vocabulary") ?? outside(contextLength, 2...65_536, "a context length")
      ?? transformer.flaw
  }
}

extension TransformerConfiguration {
  /// Limits far beyond any model that trains on CPUs: products of sizes stay far from overflow.
  var flaw: String? {
    let sizes =
      outside(width, 1...65_536, "a width") ?? outside(layers, 1...1024, "a number of layers")
      ?? outside(heads, 1...1024, "a number of heads") ?? outside(intermediate, 1...262_144, "an inner width")
    if let sizes { return sizes }
    if width % heads != 0 { return "\(heads) heads do not divide a width of \(width)" }
    return epsilon > 0 && epsilon < 1 ? nil : "an epsilon of \(epsilon), not between 0 and 1"
  }
}

func outside(_ value: Int, _ range: ClosedRange<Int>, _ what: String) -> String? {
  range.contains(value) ? nil : "\(what) of \(value), not in \(range.lowerBound) … \(range.upperBound)"
}
