"""Photos and captions out of a Flickr30k-style zip, as the peers take them."""
import io
import zipfile

import torch
from PIL import Image


def pairs(archive, count):
    """The first `count` photos in file-name order, each with its caption number 0: (JPEG bytes, caption)."""
    with zipfile.ZipFile(archive) as zipped:
        names = {name.rsplit("/", 1)[-1]: name for name in zipped.namelist()}
        table = next(name for name in names if name.endswith(".token") or name.endswith(".token.txt"))
        first = {}
        for line in zipped.read(names[table]).decode().splitlines():
            key, caption = line.split("\t", 1)
            photo, number = key.rsplit("#", 1)
            if number == "0" and photo in names:
                first[photo] = caption
        return [(zipped.read(names[photo]), first[photo]) for photo in sorted(first)[:count]]


def batch(archive, count, transform, tokenizer):
    """Pixels [count, 3, S, S] and token ids [count, 77]."""
    photos, captions = zip(*pairs(archive, count))
    images = [transform(Image.open(io.BytesIO(photo)).convert("RGB")) for photo in photos]
    return torch.stack(images), tokenizer(list(captions))
