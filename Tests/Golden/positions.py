"""Positions for pictures of another size, as PyTorch and transformers' ViLT make them: python positions.py

Writes positions.safetensors: tables of square grids brought to other grids by torch.nn.functional.interpolate, bilinear with corners on
corners; and what the ViltModel of vilt-tiny, whose table is of 3 x 3 patches, makes of pictures of 40 x 40 pixels, which have 5 x 5. In
float64. torch 2.15.0, transformers 5.24.0.
"""
import torch
import torch.nn.functional as F
from transformers import ViltModel

import goldenfile

HERE = goldenfile.Path(__file__).parent


def resized(table, first, old, new):
    """[first + old², W] → [first + new², W]"""
    grid = table[first:].reshape(1, old, old, -1).permute(0, 3, 1, 2)
    grid = F.interpolate(grid, size=(new, new), mode="bilinear", align_corners=True)
    return torch.cat([table[:first], grid.permute(0, 2, 3, 1).reshape(new * new, -1)])


def main():
    random, found = goldenfile.generator("positions"), {}
    for name, first, old, new in (("larger", 1, 3, 5), ("smaller", 0, 12, 7), ("one", 0, 4, 1), ("from_one", 1, 1, 3)):
        table = torch.randn(first + old * old, 6, generator=random)
        found |= {f"{name}/table": table, f"{name}/resized": resized(table.double(), first, old, new),
                  f"{name}/first": torch.tensor(first)}
    model = ViltModel.from_pretrained(HERE / "vilt-tiny").double().eval()
    pixels = torch.randn(2, 3, 40, 40, generator=random)
    ids = torch.tensor([[1, 9, 3, 17, 2], [1, 30, 8, 11, 2]])
    with torch.no_grad():
        # The library draws the order of patches, which changes no pooled state.
        pooled = model(input_ids=ids, pixel_values=pixels.double(), pixel_mask=torch.ones(2, 40, 40).long()).pooler_output
    found |= {"vilt/pixels": pixels, "vilt/ids": ids, "vilt/pooled": pooled}
    goldenfile.write(HERE / "positions.safetensors", found, goldenfile.metadata("positions.py"))


if __name__ == "__main__":
    torch.set_num_threads(1)
    main()
