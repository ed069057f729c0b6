"""Two towers in one space, as transformers computes them: python dual.py

Writes dual-encoder-tiny/vit (a ViT and a BERT) and dual-encoder-tiny/clip (CLIP's image tower and a BERT), each a directory of
`VisionTextDualEncoderModel.save_pretrained` with its processors' files (transformers 5.24.0, torch 2.15.0, safetensors 0.8.0,
NumPy 2.4.6; the seed is goldenfile's) and golden.safetensors: features, logits, the model's own loss, and every gradient of
that. All in float64 from the fp32 weights, without dropout, texts padded behind a mask. Every parameter is drawn anew.
"""
import string
from pathlib import Path

import torch
import transformers
from transformers import (BertConfig, BertTokenizerFast, CLIPImageProcessor, CLIPVisionConfig, ViTConfig, ViTImageProcessor,
                          VisionTextDualEncoderConfig, VisionTextDualEncoderModel)

import goldenfile
from towers import draw_texts, draw_weights, saved, saved_gradients

HERE = Path(__file__).parent / "dual-encoder-tiny"
WORDS = ["[PAD]", "[CLS]", "[SEP]", "[UNK]", "[MASK]", *string.ascii_lowercase, "##s", "##e", "the", "dog", "cat", "of", "on",
         "in", "two"]
SIZES = dict(hidden_size=16, num_hidden_layers=1, num_attention_heads=2, intermediate_size=24)
PAIRS, SIDE, WIDTH = 4, 16, 8


def write(name, vision, processor):
    directory, random = HERE / name, goldenfile.generator(f"dual-encoder-tiny/{name}")
    text = BertConfig(vocab_size=len(WORDS), max_position_embeddings=12, **SIZES)
    model = VisionTextDualEncoderModel(
        VisionTextDualEncoderConfig.from_vision_text_configs(vision, text, projection_dim=WIDTH))
    draw_weights(model, f"dual-encoder-tiny/{name}")
    with torch.no_grad():
        model.logit_scale.fill_(2.0)
    model = saved(model, directory)
    processor.save_pretrained(directory)
    tokenizer(directory)

    texts = draw_texts([5, 12, 3, 7], len(WORDS), random)
    pixels = torch.randn(PAIRS, 3, SIDE, SIDE, generator=random).double()
    padded = lambda rows: torch.nn.utils.rnn.pad_sequence(rows, batch_first=True)
    found = model(
        input_ids=padded(texts), attention_mask=padded([torch.ones_like(text) for text in texts]), pixel_values=pixels,
        return_loss=True)
    found.loss.backward()
    tensors = dict(
        pixel_values=pixels, ids=torch.cat(texts), offsets=torch.tensor([0] + [len(text) for text in texts]).cumsum(0),
        image_embeds=found.image_embeds, text_embeds=found.text_embeds, logits=found.logits_per_image, loss=found.loss)
    tensors |= {f"gradient/{key}": value for key, value in saved_gradients(model).items()}
    goldenfile.write(
        directory / "golden.safetensors", tensors, goldenfile.metadata("dual.py", transformers=transformers.__version__))


def tokenizer(directory):
    """BERT's, of a few words: tokenizer.json and tokenizer_config.json."""
    words = directory / "vocab.txt"
    words.write_text("\n".join(WORDS) + "\n")
    BertTokenizerFast(str(words), model_max_length=12).save_pretrained(directory)
    words.unlink(missing_ok=True)


if __name__ == "__main__":
    torch.set_num_threads(1)
    size = dict(height=SIDE, width=SIDE)
    write("vit", ViTConfig(image_size=SIDE, patch_size=8, **SIZES), ViTImageProcessor(size=size))
    write("clip", CLIPVisionConfig(image_size=SIDE, patch_size=8, **SIZES),
          CLIPImageProcessor(size=dict(shortest_edge=SIDE), crop_size=size))
