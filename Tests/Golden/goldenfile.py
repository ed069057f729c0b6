"""Writes golden files: safetensors with fp32 and int32 tensors, the versions that made them, and the same bytes every time."""
import json
import platform
import struct
import sys
import zlib
from pathlib import Path

import numpy
import torch

FORMAT = "mmtrain-golden"
FORMAT_VERSION = "1"
SEED = 20261123


def generator(name):
    """Random numbers of one case: a function of SEED and the name, so that adding a case changes no other."""
    return torch.Generator().manual_seed(SEED + zlib.crc32(name.encode()))


def metadata(script, **more):
    """What a reader checks (format, version) and what a person wants to know (who made this, with what)."""
    return {
        "format": FORMAT, "format_version": FORMAT_VERSION, "script": f"Tests/Golden/{script}", "seed": str(SEED),
        "python": platform.python_version(), "torch": torch.__version__, **more,
    }


def stored(value):
    """The tensor as it is written: integers as int32, everything else rounded once to fp32."""
    array = value.detach().cpu().numpy() if isinstance(value, torch.Tensor) else numpy.asarray(value)
    kind = numpy.int32 if array.dtype.kind in "iub" else numpy.float32
    converted = array.astype(kind)
    if kind is numpy.float32 and not numpy.isfinite(converted).all():
        raise ValueError("a golden tensor is not finite")
    return converted.copy(order="C")


def write(path, tensors, notes):
    """Writes {name: tensor} in the order given. By hand, because the library's writer leaves the order of metadata open."""
    header, parts, offset = {"__metadata__": dict(sorted(notes.items()))}, [], 0
    for name, value in tensors.items():
        array = stored(value)
        header[name] = {
            "dtype": "I32" if array.dtype == numpy.int32 else "F32", "shape": list(array.shape),
            "data_offsets": [offset, offset + array.nbytes],
        }
        parts.append(array.tobytes())
        offset += array.nbytes
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(struct.pack("<Q", len(text)) + text + b"".join(parts))
    verify(path, tensors)
    print(f"{path}: {len(tensors)} tensors, {path.stat().st_size:,} bytes", file=sys.stderr)


def verify(path, tensors):
    """Reads the file back with the reference library: names, shapes and every element must be what was written."""
    from safetensors.numpy import load_file

    read = load_file(path)
    if set(read) != set(tensors):
        raise ValueError(f"{path}: names differ after reading back")
    for name, value in tensors.items():
        if not numpy.array_equal(read[name], stored(value)) or read[name].shape != stored(value).shape:
            raise ValueError(f"{path}: {name} differs after reading back")
