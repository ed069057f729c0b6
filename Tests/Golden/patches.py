"""Golden targets of hidden patches: python patches.py

The pixels of each patch, channel by channel and row by row, brought to mean 0 and variance 1 as the authors of masked autoencoders do
it (facebookresearch/mae, `models_mae.py`, `norm_pix_loss`): the variance is that of a sample, and 1e-6 is added to it. Two pictures of
8 × 12 pixels in patches of 4, the second of which fills 8 × 8 of them. Seed 23. torch 2.15.
"""
from pathlib import Path

import torch

import goldenfile

SIDE = 4


def normalized(picture, side=SIDE):
    """[3,H,W] → [P,3·side²] in double precision."""
    rows = picture.double().unfold(1, side, side).unfold(2, side, side)
    cut = rows.permute(1, 2, 0, 3, 4).reshape(-1, 3 * side * side)
    return (cut - cut.mean(-1, keepdim=True)) / (cut.var(-1, keepdim=True) + 1e-6) ** 0.5


def main():
    pixels = torch.randn(2, 3, 8, 12, generator=torch.Generator().manual_seed(23))
    pixels[0, :, :4, :4] = 0.25  # a patch of one level in each of its pixels
    normal = torch.cat([normalized(pixels[0]), normalized(pixels[1, :, :, :8])])
    goldenfile.write(
        Path(__file__).with_suffix(".safetensors"), {"pixels": pixels, "targets": normal.float()},
        goldenfile.metadata("patches.py"))


if __name__ == "__main__":
    torch.set_num_threads(1)
    main()
