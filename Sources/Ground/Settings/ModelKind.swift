/// The models of mmtrain, by the `model_type` of their `config.json`.
public enum ModelKind: String, CaseIterable, Sendable {
  case clip
  case crossAttention = "cross-attention"
  case mobileCLIP = "mobileclip"

  /// What a `config.json` is of; nil where it states none of them, or cannot be read.
  ///
  /// Such a file speaks of other weights than an `open_clip_config.json` beside it does: timm's repositories hold the image
  /// tower and the whole model side by side.
  public init?(configuration json: [UInt8]) {
    guard let settings = try? Settings(json: json, file: ""), let type = try? settings.text("model_type") else {
      return nil
    }
    self.init(rawValue: type)
  }

  /// - Throws: `SettingsError.otherModel` for a model that mmtrain does not have.
  public init(_ settings: Settings) throws(SettingsError) {
    guard let type = try settings.text("model_type") else {
      guard settings.has("architecture") else { throw .missing(file: settings.file, key: "model_type") }
      throw .otherModel(file: settings.file, model: "a model of timm's")
    }
    guard let kind = ModelKind(rawValue: type) else {
      throw .otherModel(file: settings.file, model: stranger(type))
    }
    self = kind
  }
}

/// What a person calls the model of a `model_type`.
private func stranger(_ type: String) -> String {
  strangers[type] ?? "a model of the type \(type)"
}

private let strangers = [
  "align": "ALIGN", "altclip": "AltCLIP", "albert": "an ALBERT", "bart": "a BART", "beit": "a BEiT", "bert": "a BERT",
  "blip": "a BLIP", "blip-2": "a BLIP-2", "blip_2": "a BLIP-2", "bridgetower": "a BridgeTower",
  "chinese_clip": "Chinese-CLIP", "clap": "a CLAP, of sound and text",
  "clip_text_model": "the text tower of a CLIP alone",
  "clip_vision_model": "the image tower of a CLIP alone", "clipseg": "CLIPSeg", "deit": "a DeiT", "dinov2": "a DINOv2",
  "dinov3_vit": "a DINOv3", "distilbert": "a DistilBERT", "flava": "FLAVA", "gpt2": "a GPT-2", "git": "a GIT",
  "groupvit": "a GroupViT", "jina_clip": "Jina CLIP", "llama": "a Llama", "llava": "a LLaVA", "lxmert": "an LXMERT",
  "metaclip_2": "MetaCLIP 2", "mlcd": "an MLCD", "mobilebert": "a MobileBERT", "owlv2": "an OWLv2",
  "owlvit": "an OWL-ViT",
  "qwen2_vl": "a Qwen2-VL", "resnet": "a ResNet", "roberta": "a RoBERTa", "siglip": "SigLIP", "siglip2": "SigLIP 2",
  "siglip_text_model": "the text tower of a SigLIP alone", "siglip_vision_model": "the image tower of a SigLIP alone",
  "swin": "a Swin Transformer", "t5": "a T5", "timm_wrapper": "a model of timm's", "vilt": "a ViLT",
  "vision-text-dual-encoder": "a pair of encoders (VisionTextDualEncoder)", "visual_bert": "a VisualBERT",
  "vit": "a ViT",
  "xclip": "X-CLIP, for videos", "xlm-roberta": "an XLM-RoBERTa",
]
