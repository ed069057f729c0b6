/// What a file of weights seems to be, by what its tensors are called and how large some are: a sentence for the report on
/// weights that do not fit. Nil where nothing is recognised.
func likelyModel(_ tensors: [(name: String, shape: [Int])]) -> String? {
  func holds(_ part: String) -> Bool { tensors.contains { $0.name.contains(part) } }
  if holds("visual.trunk.") || holds("image_encoder.model.") { return question("mobileclip", sizes: nil) }
  if let family = strangers.first(where: { $0.marks.contains(where: holds) }) {
    return "it looks like the weights of \(family.name), which mmtrain has no model for"
  }
  if holds("fusion.") || holds("matching_head.") { return question("cross-attention", sizes: sizes(tensors)) }
  return sizes(tensors).map { question("clip", sizes: $0) }
}

/// Families that are often tried, with parts of names that no model of mmtrain's has. Adapters before what they adapt.
private let strangers: [(name: String, marks: [String])] = [
  ("a LoRA adapter", ["lora_A.", "lora_B.", "lora_down.", "lora_up."]),
  ("SigLIP", ["vision_model.head.probe", "text_model.head."]),
  ("BLIP", ["text_decoder.bert.", "qformer."]),
  ("LLaVA", ["multi_modal_projector."]),
  ("ViLT", ["vilt."]),
  ("BERT", ["bert.embeddings.", "embeddings.word_embeddings."]),
  ("DINOv2", ["layer_scale1.lambda1", "blocks.0.ls1.gamma"]),
  ("a plain ViT", ["vit.embeddings.", "cls_token"]),
  ("ResNet", ["layer1.0.conv1.weight", "resnet.encoder."]),
  ("T5", ["shared.weight", "encoder.block.0.layer.0.SelfAttention"]),
  ("GPT-2", ["wte.weight"]),
  ("a language model like Llama", ["model.embed_tokens."]),
]

private func question(_ model: String, sizes: String?) -> String {
  "it looks like the weights of another model; did you mean \(model)\(sizes.map { " (\($0))" } ?? "")?"
}

/// The image tower of a CLIP in any layout: `vit-b-32: 768 wide, 12 layers, patches of 32 pixels`.
private func sizes(_ tensors: [(name: String, shape: [Int])]) -> String? {
  let patches = ["vision_model.embeddings.patch_embedding.weight", "visual.conv1.weight"]
  guard let patch = tensors.first(where: { tensor in patches.contains { tensor.name.hasSuffix($0) } }),
    patch.shape.count == 4
  else { return nil }
  let layers = Set(tensors.compactMap { layer($0.name) }).count
  let (width, side) = (patch.shape[0], patch.shape[3])
  let preset = presets.first { $0.width == width && $0.patch == side && $0.layers == layers }?.name
  return (preset.map { $0 + ": " } ?? "") + "\(width) wide, \(layers) layers, patches of \(side) pixels"
}

private let presets: [(name: String, width: Int, layers: Int, patch: Int)] = [
  ("vit-b-32", 768, 12, 32), ("vit-b-16", 768, 12, 16), ("vit-l-14", 1024, 24, 14),
]

/// The number of the block of the image tower that a tensor belongs to.
private func layer(_ name: String) -> Substring? {
  for prefix in ["vision_model.encoder.layers.", "visual.transformer.resblocks."] {
    guard let start = name.firstRange(of: prefix)?.upperBound else { continue }
    return name[start...].prefix { $0 != "." }
  }
  return nil
}
