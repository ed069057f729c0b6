"""Tiny models with their outputs, gradients and first ten training steps: python models.py

Writes clip-tiny/, cross-attention-tiny/, cross-attention-tiny/text-to-image/ and cross-attention-tiny/gated/, each with config.json, model.safetensors
(fp32 weights, as Hugging Face keeps them) and golden.safetensors. Everything is computed in float64 from those weights.
"""
import json
import math
from dataclasses import dataclass
from pathlib import Path

import torch
import transformers
from safetensors.torch import save_file
from transformers import CLIPConfig, CLIPModel

import goldenfile
from crossattention import CrossAttentionModel

HERE = Path(__file__).parent
BEGIN, END, VOCABULARY, CONTEXT = 62, 63, 64, 12
STEPS = 10


@dataclass
class Batch:
    pixel_values: torch.Tensor
    captions: list
    negative_text_for_image: torch.Tensor = None
    negative_image_for_text: torch.Tensor = None

    def tensors(self, prefix=""):
        lengths = torch.tensor([0] + [len(caption) for caption in self.captions])
        found = dict(pixel_values=self.pixel_values, ids=torch.cat(self.captions), offsets=lengths.cumsum(0),
                     negative_text_for_image=self.negative_text_for_image,
                     negative_image_for_text=self.negative_image_for_text)
        return {prefix + name: value for name, value in found.items() if value is not None}


def draw_batch(name, side, lengths, negatives=False):
    """Noise for pixels, random ids between begin and end; `lengths` counts both of these."""
    random, count = goldenfile.generator(name), len(lengths)
    pixels = torch.randn(count, 3, side, side, generator=random).double()
    captions = [
        torch.cat([torch.tensor([BEGIN]), torch.randint(0, BEGIN, (n - 2,), generator=random), torch.tensor([END])])
        for n in lengths
    ]
    if not negatives:
        return Batch(pixels, captions)
    other = lambda: (torch.arange(count) + torch.randint(1, count, (count,), generator=random)) % count
    return Batch(pixels, captions, other(), other())


def draw_weights(model, name):
    """Weights large enough for every gradient to matter; the initialisation of a real run would leave all logits alike."""
    random = goldenfile.generator(name)
    with torch.no_grad():
        for key, parameter in model.named_parameters():
            noise = torch.randn(parameter.shape, generator=random)
            if key == "logit_scale":
                parameter.fill_(2.6592)
            elif "norm" in key or "layrnorm" in key:
                parameter.copy_(0.1 * noise + (1 if key.endswith("weight") else 0))
            elif "embedding.weight" in key and parameter.ndim == 2 or parameter.ndim < 2:
                parameter.copy_(0.2 * noise)
            else:
                parameter.copy_(noise * parameter[0].numel() ** -0.5)


def golden(model, forward, batches):
    """Outputs and gradients of the first batch, then the curve of training on both batches in turn."""
    tensors = batches[0].tensors() | batches[1].tensors("second/")
    outputs = forward(model, batches[0])
    outputs["loss"].backward()
    tensors |= outputs
    for key, parameter in model.named_parameters():
        tensors[f"gradient/{key}"] = parameter.grad.clone()
    tensors |= curve(model, forward, batches)
    for key, parameter in model.named_parameters():
        tensors[f"final/{key}"] = checksum(parameter)
    return tensors


def curve(model, forward, batches):
    """AdamW: lr 1e-3, betas .9/.98, eps 1e-6, decay .2 on tensors of two or more dimensions, no clipping."""
    parameters = list(model.parameters())
    groups = [dict(params=[p for p in parameters if p.ndim >= 2], weight_decay=0.2),
              dict(params=[p for p in parameters if p.ndim < 2], weight_decay=0.0)]
    optimizer = torch.optim.AdamW(groups, lr=1e-3, betas=(0.9, 0.98), eps=1e-6)
    seen = {}
    for step in range(STEPS):
        outputs = forward(model, batches[step % 2])
        optimizer.zero_grad()
        outputs["loss"].backward()
        norm = torch.stack([p.grad.square().sum() for p in parameters]).sum().sqrt()
        optimizer.step()
        with torch.no_grad():
            model.logit_scale.clamp_(0, math.log(100))
        losses = {name: value for name, value in outputs.items() if name.endswith("loss")}
        for name, value in (losses | dict(gradient_norm=norm, logit_scale=model.logit_scale)).items():
            seen.setdefault(f"curve/{name}", []).append(value.item())
    return {name: torch.tensor(values, dtype=torch.float64) for name, values in seen.items()}


def checksum(parameter):
    """[Σ w, √Σ w², Σ w·((i mod 7) − 3)] over the flattened tensor: size, spread and order of the elements."""
    flat = parameter.detach().flatten()
    places = torch.arange(flat.numel()) % 7 - 3
    return torch.stack([flat.sum(), flat.square().sum().sqrt(), (flat * places).sum()])


def tower(width, heads, layers, **more):
    return dict(hidden_size=width, intermediate_size=4 * width, num_hidden_layers=layers, num_attention_heads=heads,
                hidden_act="quick_gelu", layer_norm_eps=1e-5, **more)


def text_tower(width, heads, layers):
    return tower(width, heads, layers, vocab_size=VOCABULARY, max_position_embeddings=CONTEXT, bos_token_id=BEGIN,
                 eos_token_id=END, pad_token_id=END)


def clip_forward(model, batch):
    """Hugging Face's own model on captions padded with the end token."""
    ids = torch.nn.utils.rnn.pad_sequence(batch.captions, batch_first=True, padding_value=END)
    outputs = model(input_ids=ids, pixel_values=batch.pixel_values, return_loss=True)
    return dict(image_embeds=outputs.image_embeds, text_embeds=outputs.text_embeds, logits=outputs.logits_per_image,
                loss=outputs.loss)


def write_clip():
    directory = HERE / "clip-tiny"
    model = CLIPModel(CLIPConfig(
        text_config=text_tower(32, 2, 2), vision_config=tower(32, 2, 2, image_size=32, patch_size=8), projection_dim=24))
    draw_weights(model, "clip-tiny")
    model.save_pretrained(directory)
    (directory / "model.safetensors").chmod(0o644)
    batches = [draw_batch("clip-tiny/0", 32, [5, 12, 2, 7]), draw_batch("clip-tiny/1", 32, [3, 4, 9, 6])]
    notes = goldenfile.metadata("models.py", transformers=transformers.__version__)
    goldenfile.write(directory / "golden.safetensors", golden(model.double(), clip_forward, batches), notes)


def write_cross_attention(directory, name, text, vision, fusion, lengths):
    config = dict(
        model_type="cross-attention", projection_dim=12, logit_scale_init_value=2.6592, text_config=text,
        vision_config=vision, fusion_config=fusion)
    model = CrossAttentionModel(config)
    draw_weights(model, name)
    directory.mkdir(parents=True, exist_ok=True)
    (directory / "config.json").write_text(json.dumps(config, indent=2, sort_keys=True) + "\n")
    save_file(model.state_dict(), directory / "model.safetensors", metadata={"format": "pt"})
    (directory / "model.safetensors").chmod(0o644)
    batches = [draw_batch(f"{name}/{i}", vision["image_size"], part, negatives=True) for i, part in enumerate(lengths)]
    notes = goldenfile.metadata("models.py", transformers=transformers.__version__)
    goldenfile.write(directory / "golden.safetensors", golden(model.double(), CrossAttentionModel.forward, batches), notes)


def main():
    write_clip()
    directory = HERE / "cross-attention-tiny"
    text, vision = text_tower(24, 3, 1), tower(16, 2, 2, image_size=24, patch_size=8)
    write_cross_attention(
        directory, "cross-attention-tiny", text, vision,
        tower(16, 2, 2, direction="both"), [[5, 12, 2, 7], [3, 4, 9, 6]])
    write_cross_attention(
        directory / "text-to-image", "cross-attention-tiny/text-to-image", text, vision,
        tower(20, 2, 1, direction="text_to_image"), [[4, 8, 3], [6, 2, 5]])
    write_cross_attention(
        directory / "gated", "cross-attention-tiny/gated", text_tower(12, 2, 1),
        tower(12, 2, 1, image_size=16, patch_size=8),
        tower(8, 2, 1, direction="both", gate="dense", sentinel=True), [[5, 9, 2], [3, 4, 6]])


if __name__ == "__main__":
    torch.set_num_threads(1)
    main()
