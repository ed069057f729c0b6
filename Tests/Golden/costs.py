"""What published models cost: python costs.py

Writes costs.json: of each model its config.json, how many numbers it learns, and the floating-point operations of an image, a text of
20 tokens or both together, as PyTorch's FlopCounterMode counts them: forward, and forward and backward where nothing needs a gradient
that is given. It counts the gradient of a grouped convolution's weights as if there were no groups, so networks with such
have no number for the backward pass. Weights have shapes and no numbers (device "meta") but ViLT's, which draws the order of patches.
torch 2.15.0, torchvision 0.30.0, transformers 5.24.0, timm 1.0.28, open_clip 3.3.0.
"""
import json
import pathlib

import open_clip
import timm
import timm.layers
import torch
import torchvision
import transformers
from torch.utils.flop_counter import FlopCounterMode

import uniter
import vilbert

HERE = pathlib.Path(__file__).parent
TOKENS, REGIONS = 20, 36
# As mmtrain writes it.
MOBILECLIP = {
    "model_type": "mobileclip", "projection_dim": 512, "text_config": {},
    "vision_config": {
        "image_size": 256, "depths": [4, 12, 20, 4], "hidden_sizes": [64, 128, 256, 512], "mlp_ratio": 3,
        "squeezed_stages": [2, 3], "attention_stages": [3], "head_dim": 32}}


def cost(parameters, forward, counts_backward=True):
    """`forward` gives all that is learnt by."""
    counter = FlopCounterMode(display=False)
    with counter:
        made = forward()
    ahead = counter.get_total_flops()
    found = {"parameters": sum(array.numel() for array in parameters), "forward": ahead}
    if counts_backward:
        counter = FlopCounterMode(display=False)
        with counter:
            sum(array.sum() for array in forward()).backward()
        found["training"] = counter.get_total_flops()
    return made, found


def image_tower(name, config, model, side, counts_backward=True):
    pixels = torch.zeros(1, 3, side, side, device="meta")
    forward = lambda: [out for out in outputs(model(pixels))]
    return {"name": name, "kind": "image", "config": config, **cost(model.parameters(), forward, counts_backward)[1]}


def text_tower(name, config, model):
    ids = torch.zeros(1, TOKENS, dtype=torch.long, device="meta")
    return {"name": name, "kind": "text", "config": config,
            **cost(model.parameters(), lambda: outputs(model(input_ids=ids)))[1]}


def outputs(made):
    return [made] if isinstance(made, torch.Tensor) else [array for array in made.to_tuple() if array is not None]


def hugging_face(config):
    config._attn_implementation = "eager"
    return config


def towers():
    with torch.device("meta"):
        for name in ("resnet18", "resnet50"):
            model = torchvision.models.get_model(name)
            model.fc = torch.nn.Identity()
            yield image_tower(name, {"architecture": name}, model, 224)
        name = "tf_efficientnet_lite0"
        yield image_tower(name, {"architecture": name}, timm.create_model(name, num_classes=0), 224, False)
        config = hugging_face(transformers.ViTConfig(patch_size=32))
        yield image_tower("ViT-B/32", {"model_type": "vit", "patch_size": 32}, transformers.ViTModel(config), 224)
        config = hugging_face(transformers.CLIPVisionConfig())
        yield image_tower("CLIP's ViT-B/32", {"model_type": "clip_vision_model"}, transformers.CLIPVisionModel(config), 224)
        yield text_tower("BERT-base", {"model_type": "bert"}, transformers.BertModel(hugging_face(transformers.BertConfig())))
        config = hugging_face(transformers.CLIPTextConfig())
        yield text_tower("CLIP's text tower", {"model_type": "clip_text_model"}, transformers.CLIPTextModel(config))


def vilt():
    model = transformers.ViltModel(hugging_face(transformers.ViltConfig()))
    pixels, ids = torch.zeros(1, 3, 384, 384), torch.zeros(1, TOKENS, dtype=torch.long)
    forward = lambda: outputs(model(input_ids=ids, pixel_values=pixels))
    return {"name": "ViLT-B/32", "kind": "model", "config": {"model_type": "vilt"}, **cost(model.parameters(), forward)[1]}


def mobileclip():
    """Features of both, and no similarities."""
    timm.layers.set_fused_attn(False)
    with torch.device("meta"):
        model = open_clip.create_model("MobileCLIP-S1", device="meta")
        pixels, ids = torch.zeros(1, 3, 256, 256), torch.zeros(1, 77, dtype=torch.long)
        forward = lambda: [model.encode_image(pixels), model.encode_text(ids)]
        return {"name": "MobileCLIP-S1", "kind": "model", "config": MOBILECLIP,
                **cost(model.parameters(), forward, False)[1]}


def drawn(shapes, leave_out):
    return {name: torch.zeros(shape, device="meta", requires_grad=True) for name, shape in shapes.items()
            if not any(part in name for part in leave_out)}


def uniter_base():
    config = uniter.CONFIG | {
        "vocab_size": 28996, "hidden_size": 768, "num_hidden_layers": 12, "num_attention_heads": 12, "intermediate_size": 3072,
        "max_position_embeddings": 512, "img_dim": 2048, "img_label_dim": 1601}
    weights = drawn(uniter.shapes(config), ["rank_output", "vqa_output"])
    # No region is hidden, so that nobody asks for the gradient of what stands in its place.
    weights["uniter.img_embeddings.mask_embedding.weight"].requires_grad_(False)
    model = uniter.UNITER(config, weights)
    ids = torch.zeros(TOKENS, dtype=torch.long, device="meta")
    features, boxes = torch.zeros(REGIONS, 2048, device="meta"), torch.zeros(REGIONS, 7, device="meta")

    def forward():
        _, _, text, regions = model.pair(ids, features, boxes, torch.zeros(REGIONS, dtype=torch.bool, device="meta"))
        return [text, regions, model.pooled(text)]

    del config["num_answer"]
    return {"name": "UNITER-base", "kind": "model", "config": config | {"region_limit": REGIONS},
            **cost(weights.values(), forward)[1]}


def vilbert_base():
    config = vilbert.CONFIG | {
        "vocab_size": 30522, "hidden_size": 768, "num_hidden_layers": 12, "num_attention_heads": 12, "intermediate_size": 3072,
        "max_position_embeddings": 512, "v_feature_size": 2048, "v_target_size": 1601, "v_hidden_size": 1024,
        "v_num_hidden_layers": 6, "v_num_attention_heads": 8, "v_intermediate_size": 1024, "bi_hidden_size": 1024,
        "bi_num_attention_heads": 8, "v_biattention_id": [0, 1, 2, 3, 4, 5], "t_biattention_id": [6, 7, 8, 9, 10, 11],
        "fusion_method": "mul", "task_specific_tokens": False}
    del config["num_labels"]
    tasks = ["vil_", "vision_logit", "linguisic_logit", "task_embeddings", "q_dense"]
    weights = drawn(vilbert.shapes(config | {"num_labels": 1}), tasks)
    model = vilbert.ViLBERT(config, weights)
    ids = torch.zeros(TOKENS, dtype=torch.long, device="meta")
    # In front of the regions stands the whole image.
    features, boxes = torch.zeros(1 + REGIONS, 2048, device="meta"), torch.zeros(1 + REGIONS, 4, device="meta")

    def forward():
        made = model(ids, ids, features, boxes)
        return [made["text_states"], made["image_states"], made["pooled"]]

    return {"name": "ViLBERT-base", "kind": "model", "config": config | {"region_limit": REGIONS},
            **cost(weights.values(), forward)[1]}


def main():
    found = [*towers(), vilt(), mobileclip(), uniter_base(), vilbert_base()]
    (HERE / "costs.json").write_text(json.dumps(found, indent=1) + "\n")
    for model in found:
        print(f"{model['name']:20} {model['parameters']:12} {model['forward'] / 2e9:8.3f} G multiply-adds")


if __name__ == "__main__":
    main()
