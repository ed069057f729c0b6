"""A CLIP of a published shape with random weights, and what PyTorch computes with it:

    python parity.py SHAPE LAYOUT DIRECTORY

SHAPE: b32, b16, l14-336, tiny-1, tiny-2, tiny-3. LAYOUT: huggingface or open_clip. Writes the model as that library
does, and golden.safetensors with pixels, padded ids, and features and logits (scale 100) in float64.
"""
import json
import math
import sys
from pathlib import Path

import open_clip
import torch
from safetensors.torch import save_file
from transformers import CLIPConfig, CLIPModel

import goldenfile
import layouts

# image size, patch, embedding; width and layers of both towers; head widths; vocabulary; the activation of both
SHAPES = {
    "b32": (224, 32, 512, (768, 12), (512, 12), (64, 64), 49408, "quick_gelu"),
    "b16": (224, 16, 512, (768, 12), (512, 12), (64, 64), 49408, "gelu"),
    "l14-336": (336, 14, 768, (1024, 24), (768, 12), (64, 64), 49408, "quick_gelu"),
    "tiny-1": (32, 8, 24, (48, 3), (32, 2), (16, 16), 64, "quick_gelu"),
    "tiny-2": (45, 9, 40, (40, 2), (56, 3), (8, 14), 64, "gelu"),
    "tiny-3": (64, 16, 16, (64, 5), (64, 4), (32, 64), 64, "gelu"),
}


def inputs(shape, side, vocabulary, context):
    random = goldenfile.generator("parity " + shape)
    pixels = torch.randn(2, 3, side, side, generator=random)
    ids = torch.full((5, context), 0)
    for row, length in enumerate([2, 5, 9, min(20, context), context]):
        ids[row, 0] = vocabulary - 2
        ids[row, 1:length - 1] = torch.randint(0, vocabulary - 2, (length - 2,), generator=random)
        ids[row, length - 1] = vocabulary - 1
        ids[row, length:] = vocabulary - 1
    return pixels, ids


def open_clip_model(shape, place):
    side, patch, embedding, vision, text, heads, vocabulary, activation = SHAPES[shape]
    configuration = {
        "embed_dim": embedding, "quick_gelu": activation == "quick_gelu",
        "vision_cfg": {"image_size": side, "layers": vision[1], "width": vision[0], "head_width": heads[0],
                       "patch_size": patch},
        "text_cfg": {"context_length": 77 if vocabulary > 64 else 12, "vocab_size": vocabulary, "width": text[0],
                     "heads": text[0] // heads[1], "layers": text[1]},
    }
    model = open_clip.CLIP(**configuration)
    layouts.randomize(model, "parity " + shape)
    (place / "open_clip_config.json").write_text(json.dumps({"model_cfg": configuration, "preprocess_cfg": {}}))
    save_file({k: v.contiguous() for k, v in model.state_dict().items()}, place / "open_clip_model.safetensors")
    return model


def hugging_face_model(shape, place):
    side, patch, embedding, vision, text, heads, vocabulary, activation = SHAPES[shape]
    tower = lambda sizes, head: dict(hidden_size=sizes[0], intermediate_size=4 * sizes[0], num_hidden_layers=sizes[1],
                                     num_attention_heads=sizes[0] // head, hidden_act=activation)
    model = CLIPModel(CLIPConfig(
        text_config=tower(text, heads[1]) | dict(
            vocab_size=vocabulary, max_position_embeddings=77 if vocabulary > 64 else 12,
            bos_token_id=vocabulary - 2, eos_token_id=vocabulary - 1, pad_token_id=vocabulary - 1),
        vision_config=tower(vision, heads[0]) | dict(image_size=side, patch_size=patch), projection_dim=embedding))
    layouts.randomize(model, "parity " + shape)
    model.save_pretrained(place)
    return model


def features(model, pixels, ids, layout):
    if layout == "open_clip":
        return model.encode_image(pixels, normalize=True), model.encode_text(ids, normalize=True)
    output = model(pixel_values=pixels, input_ids=ids)
    return output.image_embeds, output.text_embeds


def main(shape, layout, place):
    place = Path(place)
    place.mkdir(parents=True, exist_ok=True)
    side, vocabulary = SHAPES[shape][0], SHAPES[shape][6]
    model = (open_clip_model if layout == "open_clip" else hugging_face_model)(shape, place).double().eval()
    pixels, ids = inputs(shape, side, vocabulary, 77 if vocabulary > 64 else 12)
    with torch.no_grad():
        image, text = features(model, pixels.double(), ids, layout)
        logits = math.exp(float(model.logit_scale)) * image @ text.T
    goldenfile.write(place / "golden.safetensors", {
        "pixel_values": pixels, "input_ids": ids, "image": image, "text": text, "logits": logits,
    }, goldenfile.metadata("parity.py", shape=shape, layout=layout))
    if vocabulary == 64:
        layouts.tokenizer().save(str(place / "tokenizer.json"))


if __name__ == "__main__":
    main(*sys.argv[1:])
