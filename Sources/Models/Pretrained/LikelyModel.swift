internal import Models

/// What a file of weights seems to be, by what its tensors are called and how large some are: a sentence for the report on
/// weights that do not fit. Nil where nothing is recognised.
func likelyModel(_ tensors: [(name: String, shape: [Int])]) -> String? {
  func holds(_ part: String) -> Bool { tensors.contains { $0.name.contains(part) } }
  if let family = strangers.first(where: { $0.marks.contains(where: holds) }) {
    return "it looks like the weights of \(family.name), which mmtrain has no model for"
  }
  return ModelCatalogue.guess(tensors).map { "it looks like the weights of another model; did you mean \($0)?" }
}

/// Families that are often tried, with parts of names that no model of mmtrain's has. Adapters before what they adapt.
private let strangers: [(name: String, marks: [String])] = [
  ("a LoRA adapter", ["lora_A.", "lora_B.", "lora_down.", "lora_up."]),
  ("SigLIP", ["vision_model.head.probe", "text_model.head."]),
  ("BLIP", ["text_decoder.bert.", "qformer."]),
  ("LLaVA", ["multi_modal_projector."]),
  ("BERT", ["bert.embeddings.", "embeddings.word_embeddings."]),
  ("DINOv2", ["layer_scale1.lambda1", "blocks.0.ls1.gamma"]),
  ("a plain ViT", ["vit.embeddings.", "cls_token"]),
  ("ResNet", ["layer1.0.conv1.weight", "resnet.encoder."]),
  ("T5", ["shared.weight", "encoder.block.0.layer.0.SelfAttention"]),
  ("GPT-2", ["wte.weight"]),
  ("a language model like Llama", ["model.embed_tokens."]),
]
