"""Audio spectrogram transformers that begin from transformers of pictures: python clipsofpictures.py

Writes ast-of-vit/ and ast-of-deit/, each with config.json and model.safetensors of a `ViTModel` or a `DeiTModel` as `save_pretrained` makes
them (transformers 5.24.0, torch 2.15.0, safetensors 0.8.0, NumPy 2.4.6; the seed is goldenfile's), and golden.safetensors: rows of a clip,
and the states that transformers' `ASTModel` makes of them with these weights, brought to spectrograms as AST's authors bring them
(Gong et al., 2021, §2.2, github.com/YuanGongND/ast, `ast_models.py`).

Kernels of patches are summed over the colours. Of the positions along bands, and along frames, the middle ones are cut out where clips have
fewer, and others lie between them by `torch.nn.functional.interpolate` where they have more. DeiT's class and distillation tokens stay as they
are; a ViT, with which the authors do not begin, has its class token and the position of it in both places.

Everything is computed in float64 from the fp32 weights, without dropout; weights are drawn as in towers.py.
"""
from pathlib import Path

import torch
import transformers
from torch.nn.functional import interpolate
from transformers import ASTConfig, ASTModel, DeiTConfig, DeiTModel, ViTConfig, ViTModel

import goldenfile
from towers import draw_weights, saved

HERE = Path(__file__).parent
BANDS, PATCH, STRIDE = 128, 16, 10
SIZES = dict(hidden_size=16, num_hidden_layers=2, num_attention_heads=2, intermediate_size=24)


def along(grid, axis, count):
    """[1, W, H, H'] with so many positions along an axis."""
    old = grid.shape[axis]
    if count <= old:
        return grid.narrow(axis, old // 2 - count // 2, count)
    size = list(grid.shape[2:])
    size[axis - 2] = count
    return interpolate(grid, size=size, mode="bilinear")


def adapted(pictures, frames):
    """The `ASTModel` of clips of so many frames, and the positions of its patches."""
    model = ASTModel(ASTConfig(
        **SIZES, patch_size=PATCH, num_mel_bins=BANDS, frequency_stride=STRIDE, time_stride=STRIDE, max_length=frames))
    held = dict(pictures.state_dict())
    teacher = held.get("embeddings.distillation_token")
    tokens = 1 if teacher is None else 2
    table = held["embeddings.position_embeddings"]
    side = round((table.shape[1] - tokens) ** 0.5)
    grid = table[:, tokens:].transpose(1, 2).reshape(1, -1, side, side)
    grid = along(along(grid, 3, (frames - PATCH) // STRIDE + 1), 2, (BANDS - PATCH) // STRIDE + 1)
    front = table[:, :2] if tokens == 2 else table[:, :1].repeat(1, 2, 1)
    held["embeddings.position_embeddings"] = torch.cat([front, grid.flatten(2).transpose(1, 2)], 1)
    held["embeddings.distillation_token"] = held["embeddings.cls_token"] if teacher is None else teacher
    kernel = "embeddings.patch_embeddings.projection.weight"
    held[kernel] = held[kernel].sum(1, keepdim=True)
    names = set(model.state_dict())
    unread = [key for key in held if key not in names]
    assert all(key.startswith("pooler.") for key in unread), unread
    model.load_state_dict({key: value for key, value in held.items() if key in names})
    return model.eval().double(), held["embeddings.position_embeddings"]


def write(name, pictures, lengths):
    directory, random = HERE / name, goldenfile.generator(name + "/clips")
    draw_weights(pictures, name)
    pictures = saved(pictures, directory)
    tensors = {}
    for frames in lengths:
        rows = (0.5 * torch.randn(frames, BANDS, generator=random)).float()
        model, positions = adapted(pictures, frames)
        made = model(input_values=rows.double()[None])
        tensors |= {
            f"{frames}/rows": rows, f"{frames}/positions": positions, f"{frames}/states": made.last_hidden_state[0],
            f"{frames}/pooled": made.pooler_output}
    goldenfile.write(
        directory / "golden.safetensors", tensors,
        goldenfile.metadata("clipsofpictures.py", transformers=transformers.__version__))


if __name__ == "__main__":
    torch.set_num_threads(1)
    # 14 × 14 patches to 12 × 6 and 12 × 17, and 6 × 6 to 12 × 3, which are as many, and 12 × 9.
    write("ast-of-vit", ViTModel(ViTConfig(**SIZES, image_size=224, patch_size=PATCH)), (66, 176))
    write("ast-of-deit", DeiTModel(DeiTConfig(**SIZES, image_size=96, patch_size=PATCH)), (40, 99))
