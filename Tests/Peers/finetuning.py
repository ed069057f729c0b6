"""Trains again what `mmtrain train` has trained, with transformers and PyTorch, and compares the loss of every step:

    python finetuning.py RUN [--steps N]

RUN is the output of a run that began from a model which transformers can load, on plain data: `data.shuffle: false`,
`data.caption: first`, `data.augmentation: none`, `schedule.steps` of one epoch at most. What is frozen, the learning rate of each layer, the
losses and the schedule are read from RUN/configuration.yaml and computed here on their own. Ends with 1 where a loss
differs by more than 1e-4. Needs open_clip_torch and PyYAML beside requirements.txt.
"""
import argparse
import csv
import fnmatch
import io
import json
import math
import re
import sys
from pathlib import Path

import numpy
import torch
import yaml
from open_clip.loss import SigLipLoss
from PIL import Image
from transformers import CLIPModel, CLIPTokenizerFast

TOLERANCE = 1e-4
MEAN = numpy.float32([0.48145466, 0.4578275, 0.40821073])
DEVIATION = numpy.float32([0.26862954, 0.26130258, 0.27577711])


class Pairs:
    """The photos of a prepared split in the order of the index, each with its first caption."""

    def __init__(self, directory, split, side):
        with open(directory / "index.tsv") as index:
            self.rows = [row for row in csv.DictReader(index, delimiter="\t") if row["split"] == split]
        self.directory, self.split, self.side = directory, split, side

    def read(self, row, what):
        with open(self.directory / "shards" / f"{self.split}-{int(row['shard']):06}.tar", "rb") as shard:
            shard.seek(int(row[f"{what}_offset"]))
            return shard.read(int(row[f"{what}_bytes"]))

    def pixels(self, row):
        image = Image.open(io.BytesIO(self.read(row, "image"))).convert("RGB")
        sizes = [self.side * size // min(image.size) for size in image.size]
        image = image.resize(sizes, Image.BICUBIC)
        left, top = ((size - self.side) // 2 for size in sizes)
        image = image.crop((left, top, left + self.side, top + self.side))
        values = (numpy.asarray(image, numpy.float32) / 255 - MEAN) / DEVIATION
        return torch.tensor(values.transpose(2, 0, 1))

    def batch(self, step, count):
        rows = self.rows[step * count:(step + 1) * count]
        captions = [json.loads(self.read(row, "record"))["captions"][0] for row in rows]
        return torch.stack([self.pixels(row) for row in rows]), captions


def locked(names, embeddings, blocks, norm, projection, layers, opened):
    """LiT with open_clip's groups: the last block goes with the norm behind it."""
    groups = [embeddings] + [[f"{blocks}{i}."] for i in range(layers)] + [[projection]]
    groups[layers].append(norm)
    kept = groups[:len(groups) - opened]
    return {name for name in names if any(name.startswith(prefix) for group in kept for prefix in group)}


def frozen(names, settings, config):
    found = {name for name in names for glob in settings["freeze"] if fnmatch.fnmatchcase(name, glob)}
    vision, text = settings["lock"]["vision"], settings["lock"]["text"]
    if vision != "none":
        found |= locked(
            names, ["vision_model.embeddings.", "vision_model.pre_layrnorm."], "vision_model.encoder.layers.",
            "vision_model.post_layernorm.", "visual_projection.", config.vision_config.num_hidden_layers, vision)
    if text != "none":
        found |= locked(
            names, ["text_model.embeddings."], "text_model.encoder.layers.", "text_model.final_layer_norm.",
            "text_projection.", config.text_config.num_hidden_layers, text)
    return found


def rate_factor(name, decay, config):
    """BEiT's layer-wise decay: embeddings are layer 0, block i is layer i + 1, all behind the blocks learns in full."""
    tower = config.vision_config if name.startswith("vision_model.") else config.text_config
    block = re.search(r"\.layers\.(\d+)\.", name)
    if block:
        return decay ** (tower.num_hidden_layers - int(block[1]))
    return decay ** (tower.num_hidden_layers + 1) if "embeddings." in name or "pre_layrnorm" in name else 1.0


def schedule(step, settings):
    warmup, total = settings["warmup_steps"], settings["steps"]
    if step < warmup:
        return (step + 1) / warmup
    return 0.5 * (1 + math.cos(math.pi * (step - warmup) / (total - warmup))) if settings["decay"] == "cosine" else 1.0


def losses(run, steps):
    """The loss of each step, as PyTorch computes it."""
    settings = yaml.safe_load((run / "configuration.yaml").read_text())
    # YAML 1.1 takes 1e-06 for a text.
    optimization = {key: value if key == "name" else float(value) for key, value in settings["optimizer"].items()}
    weights = settings["initialize"]["weights"]
    model = CLIPModel.from_pretrained(weights).eval()
    tokenize = CLIPTokenizerFast.from_pretrained(weights)
    pairs = Pairs(Path(settings["data"]["path"]), settings["data"]["split"], model.config.vision_config.image_size)
    named = dict(model.named_parameters())
    if settings["objective"]["sigmoid"]:
        named["logit_bias"] = torch.nn.Parameter(torch.tensor(-10.0))
    still = frozen(named, settings["initialize"], model.config)
    groups = []
    for name, parameter in named.items():
        parameter.requires_grad_(name not in still)
        decay = optimization["weight_decay"] if parameter.ndim >= 2 else 0.0
        if name not in still:
            groups.append(dict(params=[parameter], weight_decay=decay,
                               factor=rate_factor(name, optimization["layer_decay"], model.config)))
    trained = [group["params"][0] for group in groups]
    print(f"{len(trained)} of {len(named)} arrays are trained", file=sys.stderr)
    optimizer = torch.optim.AdamW(
        groups, lr=0.0, betas=(optimization["beta1"], optimization["beta2"]), eps=optimization["epsilon"])
    for step in range(steps):
        pixels, captions = pairs.batch(step, settings["batch"]["global"])
        ids = tokenize(captions, padding="max_length", truncation=True, return_tensors="pt",
                       max_length=model.config.text_config.max_position_embeddings)
        outputs = model(**ids, pixel_values=pixels, return_loss=True)
        loss = settings["objective"]["contrastive"] * outputs.loss
        if settings["objective"]["sigmoid"]:
            loss = loss + settings["objective"]["sigmoid"] * SigLipLoss()(
                outputs.image_embeds, outputs.text_embeds, model.logit_scale.exp(), named["logit_bias"])
        optimizer.zero_grad()
        loss.backward()
        if optimization["gradient_clip"]:
            torch.nn.utils.clip_grad_norm_(trained, optimization["gradient_clip"])
        for group in optimizer.param_groups:
            group["lr"] = optimization["learning_rate"] * schedule(step, settings["schedule"]) * group["factor"]
        optimizer.step()
        with torch.no_grad():
            model.logit_scale.clamp_(0, math.log(100))
        yield loss.item()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("run", type=Path)
    parser.add_argument("--steps", type=int, help="the first so many; all of the run otherwise")
    options = parser.parse_args()
    events = [json.loads(line) for line in (options.run / "metrics.jsonl").read_text().splitlines()]
    ours = [event["loss"] for event in events if event["event"] == "step"][:options.steps]
    worst = 0.0
    for step, (mine, theirs) in enumerate(zip(ours, losses(options.run, len(ours)), strict=True)):
        worst = max(worst, abs(mine - theirs) / abs(theirs))
        print(f"step {step + 1}: mmtrain {mine:.6f}, PyTorch {theirs:.6f}")
    print(f"largest difference: {worst:.1e}")
    sys.exit(worst > TOLERANCE)


if __name__ == "__main__":
    main()
