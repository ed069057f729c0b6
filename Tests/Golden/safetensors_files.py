"""Makes Tests/Golden/safetensors: small files of every element type, written by the reference implementation.

    python Tests/Golden/safetensors_files.py

Made with safetensors 0.8.0, torch 2.15.0. Values are given by formulas that Tests/Models/CheckpointsTests states again.
"""

from pathlib import Path

import torch
from safetensors.torch import save_file

here = Path(__file__).parent / "safetensors"
here.mkdir(exist_ok=True)

index = torch.arange(12)
floats = (index.float() - 5) / 8
save_file(
    {
        "f64": floats.double().reshape(3, 4),
        "f32": floats.reshape(3, 4),
        "f16": floats.half().reshape(2, 6),
        "bf16": floats.bfloat16(),
        "i64": index - 6,
        "i32": (index - 6).int(),
        "i16": (index - 6).short(),
        "i8": (index - 6).to(torch.int8),
        "u8": (index + 200).to(torch.uint8),
        "bool": index % 3 == 0,
        "scalar": torch.tensor(0.625),
        "empty": torch.zeros(0, 7),
        'odd "name"\\ \u00e9\u20ac\U0001f43b': torch.tensor([1.0, 2.0]),
    },
    here / "types.safetensors",
    metadata={"format": "pt", "note": 'line\nbreak, "quotes" and \u00e9'},
)

# Every 257th half and bfloat16 that is not NaN, next to what torch says they are worth.
bits = torch.arange(0, 65536, 257).to(torch.int32)
words = torch.where(bits >= 32768, bits - 65536, bits).to(torch.int16)
half, brain = words.view(torch.float16), words.view(torch.bfloat16)
half, brain = half[~half.isnan()].clone(), brain[~brain.isnan()].clone()
save_file(
    {"half": half, "half_as_f32": half.float(), "brain": brain, "brain_as_f32": brain.float()},
    here / "halves.safetensors",
)
