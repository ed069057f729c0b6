extension ResNetDescription {
  public static var publishedKeys: [PublishedKeys] {
    [
      PublishedKeys("torchvision's and timm's", mark: "layer1.0.conv1.weight", unusedPrefixes: ["fc."]),
      PublishedKeys(
        "Hugging Face's", prefixes: ["", "resnet."], mark: "embedder.embedder.convolution.weight",
        unusedPrefixes: ["classifier."], key: huggingFaceKey),
    ]
  }
}

/// `layer2.0.conv1.weight` → `encoder.stages.1.layers.0.layer.0.convolution.weight`, and so on.
@Sendable private func huggingFaceKey(_ parameter: String) -> String {
  let parts = parameter.split(separator: ".").map(String.init)
  guard parts.count >= 4, parts[0].hasPrefix("layer"), let stage = Int(parts[0].dropFirst(5)), let array = parts.last
  else {
    return parts.first.flatMap(kind).map { "embedder.embedder.\($0.kind).\(parts.last ?? "")" } ?? parameter
  }
  let block = "encoder.stages.\(stage - 1).layers.\(parts[1])."
  if parts[2] == "downsample" {
    return block + "shortcut." + (parts[3] == "0" ? "convolution." : "normalization.") + array
  }
  return kind(parts[2]).map { block + "layer.\($0.place - 1).\($0.kind).\(array)" } ?? parameter
}

/// What `conv2` and `bn2` are: a layer of a kind, and the second of them.
private func kind(_ name: String) -> (kind: String, place: Int)? {
  for (ours, theirs) in [("conv", "convolution"), ("bn", "normalization")] where name.hasPrefix(ours) {
    return Int(name.dropFirst(ours.count)).map { (theirs, $0) }
  }
  return nil
}
