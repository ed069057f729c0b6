internal import TensorEngine

extension MobileCLIPConfiguration {
  /// What makes these sizes unusable; nil where a model can be made of them.
  public var flaw: String? {
    vision.flaw.map { "the image tower: " + $0 } ?? text.flaw.map { "the text tower: " + $0 }
      ?? outside(embeddingWidth, 1...65_536, "a common width")
      ?? (text.isCausal || text.activation != .geluErf ? "its text tower is another than MobileCLIP's" : nil)
      ?? (initialLogitScale.isFinite ? nil : "the logit scale is not finite")
      ?? (initialLogitBias?.isFinite == false ? "the logit bias is not finite" : nil)
  }
}

extension MobileCLIPConfiguration.Vision {
  var flaw: String? {
    let stages = widths.indices
    guard depths.count == widths.count else { return "\(depths.count) depths for \(widths.count) widths" }
    if let flaw = outside(widths.count, 1...8, "a number of stages") { return flaw }
    for (depth, width) in zip(depths, widths) {
      if let flaw = outside(depth, 1...1024, "a depth") ?? outside(width, 1...65_536, "a width") { return flaw }
    }
    if let flaw = outside(imageSize, 1 << (stages.count + 1)...8192, "an image size")
      ?? outside(hiddenRatio, 1...64, "a ratio of inner widths") ?? outside(headWidth, 1...65_536, "a width of heads")
    {
      return flaw
    }
    if let stage = stages.dropFirst().first(where: { widths[$0] % widths[$0 - 1] != 0 }) {
      return "a width of \(widths[stage - 1]) does not divide the next, \(widths[stage])"
    }
    if let stage = (attentionStages + squeezedStages).first(where: { !stages.contains($0) }) {
      return "there is no stage \(stage)"
    }
    if let stage = attentionStages.first(where: { widths[$0] % headWidth != 0 }) {
      return "heads of \(headWidth) do not divide a width of \(widths[stage])"
    }
    return nil
  }
}
