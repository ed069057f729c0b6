"""A residual network over spectrograms, as torchvision computes it: python clipnetworks.py, which writes convolutional/clips.safetensors.

torchvision's own blocks with a first convolution of one channel; weights and clips are drawn by formulas, as in convolutional.py, and
nothing of them is kept. Each clip goes through the network by itself, followed by zeros up to the longest; what stands for it is the
mean over the columns of the last map that a clip of its length alone would have. Of gradients two numbers an array are kept.
"""
from pathlib import Path

import torch
import torchvision
from torch import nn
from torchvision.models import resnet

import goldenfile
from convolutional import STEM, SmallResNet, drawn, fill

BANDS, FRAMES = 20, 70
CLIPS = [70, 33, 1, 64]


def network():
    model = SmallResNet(resnet.BasicBlock)
    model.conv1 = nn.Conv2d(1, STEM, kernel_size=7, stride=2, padding=3, bias=False)
    return fill(model)


def clip(number):
    """[frames, bands]"""
    return drawn(f"clip {number}", (CLIPS[number], BANDS)).double()


def image(rows):
    """A row a band, the lowest first [1, 1, bands, FRAMES]."""
    return torch.cat([rows, rows.new_zeros(FRAMES - len(rows), BANDS)]).T[None, None]


def columns(model, frames):
    """Of the last map of that many frames alone."""
    with torch.no_grad():
        return model.map(torch.zeros(1, 1, BANDS, frames).double()).shape[-1]


def main():
    model = network()
    counts = [columns(model, frames) for frames in CLIPS]
    maps = [model.map(image(clip(number)))[0] for number in range(len(CLIPS))]
    cells = [each[:, :, :count].permute(1, 2, 0).flatten(0, 1) for each, count in zip(maps, counts)]
    tensors = {"states": torch.cat(cells), "offsets": torch.tensor([0] + [len(each) for each in cells]).cumsum(0)}
    for mode in ("kept", "batch"):
        model = network()
        model.train(mode == "batch")
        maps = model.map(torch.cat([image(clip(number)) for number in range(len(CLIPS))]))
        pooled = torch.stack([each[:, :, :count].mean((1, 2)) for each, count in zip(maps, counts)])
        (pooled * drawn("upstream", tuple(pooled.shape)).double()).sum().backward()
        tensors[f"{mode}/features"] = pooled
        for key, parameter in model.named_parameters():
            tensors[f"{mode}/gradient/{key}"] = torch.stack([
                (parameter.grad * drawn("along " + key, tuple(parameter.shape)).double()).sum(), parameter.grad.norm()])
    notes = goldenfile.metadata("clipnetworks.py", torchvision=torchvision.__version__)
    goldenfile.write(Path(__file__).parent / "convolutional" / "clips.safetensors", tensors, notes)


if __name__ == "__main__":
    torch.set_num_threads(1)
    main()
