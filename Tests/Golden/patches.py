"""Golden targets of hidden patches: python patches.py

The pixels of each patch, channel by channel and row by row, brought to mean 0 and variance 1 as the authors of masked autoencoders do
it (facebookresearch/mae, `models_mae.py`, `norm_pix_loss`): the variance is that of a sample, and 1e-6 is added to it. Two pictures of
8 × 12 pixels in patches of 4, the second of which fills 8 × 8 of them. Seed 23. torch 2.15.
"""
from pathlib import Path

import torch

import goldenfile

SIDE = 4


def patches(picture):
    rows = picture.unfold(1, SIDE, SIDE).unfold(2, SIDE, SIDE)
    return rows.permute(1, 2, 0, 3, 4).reshape(-1, 3 * SIDE * SIDE)


def main():
    pixels = torch.randn(2, 3, 8, 12, generator=torch.Generator().manual_seed(23))
    pixels[0, :, :4, :4] = 0.25  # a patch of one level in each of its pixels
    wanted = torch.cat([patches(pixels[0].double()), patches(pixels[1, :, :, :8].double())])
    normal = (wanted - wanted.mean(-1, keepdim=True)) / (wanted.var(-1, keepdim=True) + 1e-6) ** 0.5
    goldenfile.write(
        Path(__file__).with_suffix(".safetensors"), {"pixels": pixels, "targets": normal.float()},
        goldenfile.metadata("patches.py"))


if __name__ == "__main__":
    torch.set_num_threads(1)
    main()
