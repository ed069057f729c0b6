"""Stored photos to normalised tensors with open_clip's own preprocessing (Pillow), on one thread. One line of JSON.

    python loader.py --archive photos.zip --size 224 [--train]
"""
import argparse
import io
import json
import time
import zipfile

import open_clip
import torch
from PIL import Image

parser = argparse.ArgumentParser()
parser.add_argument("--archive", required=True)
parser.add_argument("--size", type=int, default=224)
parser.add_argument("--count", type=int, default=500)
parser.add_argument("--train", action="store_true")
options = parser.parse_args()

torch.set_num_threads(1)
transform = open_clip.image_transform(options.size, is_train=options.train)
with zipfile.ZipFile(options.archive) as archive:
    names = sorted(name for name in archive.namelist() if name.lower().endswith((".jpg", ".jpeg", ".png", ".webp")))
    stored = [archive.read(name) for name in names[: options.count]]
best = float("inf")
for _ in range(2):
    start = time.perf_counter()
    for photo in stored:
        transform(Image.open(io.BytesIO(photo)).convert("RGB"))
    best = min(best, time.perf_counter() - start)
key = "training_images_per_second" if options.train else "images_per_second"
print(json.dumps({"peer": "open_clip, Pillow", "image_size": options.size, key: len(stored) / best}))
