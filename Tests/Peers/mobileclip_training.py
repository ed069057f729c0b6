"""Trains a MobileCLIP again that `mmtrain train` has trained, with open_clip and PyTorch, and compares the loss of every step
and the statistics that batch norm keeps:

    python mobileclip_training.py RUN

RUN began from a directory in open_clip's layout of MobileCLIP-S1 or -S2 (`initialize.weights`), on plain data, as for
finetuning.py, with the contrastive loss alone and nothing frozen. `model.batch_norm: synchronised` is PyTorch's training
mode. Ends with 1 where a loss or a statistic differs by more than 1e-4. Needs
open_clip_torch and PyYAML beside requirements.txt.
"""
import argparse
import io
import json
import math
import sys
from pathlib import Path

import numpy
import open_clip
import torch
import torch.nn.functional as F
import yaml
from PIL import Image
from safetensors.torch import load_file

import finetuning

NAMES = {"fastvit_mci1": "MobileCLIP-S1", "fastvit_mci2": "MobileCLIP-S2"}


class Pairs(finetuning.Pairs):
    """Pictures as MobileCLIP takes them: bilinear, no mean, deviation 1."""

    def pixels(self, row):
        image = Image.open(io.BytesIO(self.read(row, "image"))).convert("RGB")
        image = image.resize([self.side * size // min(image.size) for size in image.size], Image.BILINEAR)
        left, top = ((size - self.side) // 2 for size in image.size)
        image = image.crop((left, top, left + self.side, top + self.side))
        return torch.tensor(numpy.asarray(image, numpy.float32).transpose(2, 0, 1) / 255)


def trained(run, settings, steps):
    """The loss of each step, then the model's statistics."""
    optimization = {key: value if key == "name" else float(value) for key, value in settings["optimizer"].items()}
    weights = Path(settings["initialize"]["weights"])
    vision = json.loads((weights / "open_clip_config.json").read_text())["model_cfg"]["vision_cfg"]
    model = open_clip.create_model(NAMES[vision["timm_model_name"]])
    model.load_state_dict(load_file(weights / "open_clip_model.safetensors"))
    model.train(settings["model"]["batch_norm"] == "synchronised")
    tokenize = open_clip.get_tokenizer(NAMES[vision["timm_model_name"]])
    pairs = Pairs(Path(settings["data"]["path"]), settings["data"]["split"], vision["image_size"])
    parameters = list(model.parameters())
    optimizer = torch.optim.AdamW(
        [dict(params=[one], weight_decay=optimization["weight_decay"] if one.ndim >= 2 else 0.0) for one in parameters],
        betas=(optimization["beta1"], optimization["beta2"]), eps=optimization["epsilon"])
    losses = []
    for step in range(steps):
        pixels, captions = pairs.batch(step, settings["batch"]["global"])
        images = model.encode_image(pixels, normalize=True)
        logits = model.logit_scale.exp() * images @ model.encode_text(tokenize(captions), normalize=True).T
        right = torch.arange(len(logits))
        loss = (F.cross_entropy(logits, right) + F.cross_entropy(logits.T, right)) / 2
        optimizer.zero_grad()
        loss.backward()
        if optimization["gradient_clip"]:
            torch.nn.utils.clip_grad_norm_(parameters, optimization["gradient_clip"])
        for group in optimizer.param_groups:
            group["lr"] = optimization["learning_rate"] * finetuning.schedule(step, settings["schedule"])
        optimizer.step()
        with torch.no_grad():
            model.logit_scale.clamp_(0, math.log(100))
        losses.append(loss.item())
    return losses, {key: value for key, value in model.state_dict().items() if ".running_" in key}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("run", type=Path)
    run = parser.parse_args().run
    settings = yaml.safe_load((run / "configuration.yaml").read_text())
    events = [json.loads(line) for line in (run / "metrics.jsonl").read_text().splitlines()]
    ours = [event["loss"] for event in events if event["event"] == "step"]
    theirs, statistics = trained(run, settings, len(ours))
    for step, (mine, other) in enumerate(zip(ours, theirs, strict=True)):
        print(f"step {step + 1}: mmtrain {mine:.6f}, open_clip {other:.6f}")
    worst = max(abs(mine - other) / abs(other) for mine, other in zip(ours, theirs))
    found = load_file(run / "last" / "model.safetensors")
    furthest = max(
        ((found[key] - value).abs().max() / value.abs().max()).item() for key, value in statistics.items())
    print(f"largest difference: losses {worst:.1e}, statistics {furthest:.1e} of the largest of a norm")
    sys.exit(max(worst, furthest) > finetuning.TOLERANCE)


if __name__ == "__main__":
    main()
