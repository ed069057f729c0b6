/// What a person calls the model of a `model_type`.
func foreignModel(_ type: String) -> String {
  names[type] ?? "a model of the type \(type)"
}

private let names = [
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
  "swin": "a Swin Transformer", "t5": "a T5", "timm_wrapper": "a model of timm's",
  "vision-text-dual-encoder": "a pair of encoders (VisionTextDualEncoder)", "visual_bert": "a VisualBERT",
  "vit": "a ViT",
  "xclip": "X-CLIP, for videos", "xlm-roberta": "an XLM-RoBERTa",
]
