"""Loads an exported model with the library that it was exported for and compares logits:

    python check_export.py huggingface|open_clip DIRECTORY GOLDEN.safetensors
"""
import sys

import torch
from safetensors.torch import load_file


def hugging_face(directory, pixels, ids):
    from transformers import CLIPModel, CLIPProcessor
    model, loading = CLIPModel.from_pretrained(directory, output_loading_info=True)
    assert not any(loading[key] for key in ("missing_keys", "unexpected_keys", "mismatched_keys")), loading
    processor = CLIPProcessor.from_pretrained(directory)
    tokens = processor(text=["a cat"], return_tensors="pt")["input_ids"][0]
    return model(pixel_values=pixels, input_ids=ids).logits_per_image, tokens


def open_clip(directory, pixels, ids):
    import open_clip as library
    model, _ = library.create_model_from_pretrained(f"local-dir:{directory}")
    image, text, scale = model(pixels, ids)[:3]
    return scale * image @ text.T, library.get_tokenizer(f"local-dir:{directory}")(["a cat"])[0]


if __name__ == "__main__":
    form, directory, golden = sys.argv[1:]
    golden = load_file(golden)
    with torch.no_grad():
        logits, tokens = {"huggingface": hugging_face, "open_clip": open_clip}[form](
            directory, golden["pixel_values"], golden["input_ids"].long())
    worst = (logits - golden["logits"]).abs().max().item()
    expected = [62, 26, 2, 0, 45, 63]  # letters, those at the end of a word later in the alphabet of tokens
    assert tokens[:6].tolist() == expected, tokens
    print(f"max |difference of logits| {worst:.2e}")
    assert worst < 1e-3
