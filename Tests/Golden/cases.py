"""Case files for `mmtrain verify --case`, made of the models' golden files: python cases.py

Writes case.safetensors beside each golden.safetensors named below, with the names that docs/verification.md lists. No number is
computed: texts are padded to rectangles with a mask, masked words become labels, negatives become pairs. NumPy 2.4.6,
safetensors 0.8.0; nothing is drawn.
"""
import pathlib

import numpy
from safetensors import safe_open
from safetensors.numpy import save_file

HERE = pathlib.Path(__file__).parent


def golden(directory, prefix=""):
    """All arrays; those under the prefix come in the place of others of the same name."""
    with safe_open(HERE / directory / "golden.safetensors", "numpy") as file:
        arrays = {name: file.get_tensor(name) for name in file.keys()}
    return arrays | {name.removeprefix(prefix): array for name, array in arrays.items() if name.startswith(prefix)}


def padded(values, offsets, filler):
    """Packed values → [B, T], the shorter rows filled up."""
    rows = [values[start:end] for start, end in zip(offsets, offsets[1:])]
    table = numpy.full((len(rows), max(map(len, rows))), filler, numpy.int64)
    for place, row in zip(table, rows):
        place[:len(row)] = row
    return table


def inputs(found, ids):
    offsets = found["offsets"]
    return {
        "input.pixel_values": found["pixel_values"],
        "input.input_ids": padded(found[ids], offsets, 0),
        "input.attention_mask": padded(numpy.ones(offsets[-1]), offsets, 0),
    }


def gradients(found):
    return {f"gradient.{name.removeprefix('gradient/')}": array
            for name, array in found.items() if name.startswith("gradient/")}


def features(found, loss):
    return {
        "output.image_embeds": found["image_embeds"],
        "output.text_embeds": found["text_embeds"],
        "output.logits_per_image": found["logits"],
        "output.logits_per_text": found["logits"].T.copy(),
        "loss.contrastive": found[loss],
    }


def matching(found):
    """Image i with text i, image i with its wrong text, the wrong image of text i with it."""
    right = numpy.arange(len(found["pixel_values"]))
    images = numpy.concatenate([right, right, found["negative_image_for_text"]])
    texts = numpy.concatenate([right, found["negative_text_for_image"], right])
    return {
        "input.pairs": numpy.stack([images, texts], axis=1).astype(numpy.int64),
        "input.itm_labels": numpy.repeat(numpy.array([1, 0, 0], numpy.int64), len(right)),
        "output.itm_logits": found["matching_logits"],
        "loss.itm": found["matching_loss"],
    }


def masked(found):
    labels = numpy.full(found["offsets"][-1], -1)
    labels[found["masked_rows"]] = found["targets"]
    return {
        "input.mlm_labels": padded(labels, found["offsets"], -1),
        "output.mlm_logits": found["masked_logits"],
        "loss.mlm": found["loss"],
    }


def write(directory, *parts):
    tensors = {name: array for part in parts for name, array in part.items()}
    save_file(tensors, HERE / directory / "case.safetensors", metadata={"script": "Tests/Golden/cases.py"})


def main():
    found = golden("clip-tiny")
    write("clip-tiny", inputs(found, "ids"), features(found, "loss"), gradients(found))
    found = golden("mobileclip-tiny", "frozen/")
    write("mobileclip-tiny", inputs(found, "ids"), features(found, "loss"), gradients(found))
    for directory in ["cross-attention-tiny", "cross-attention-tiny/text-to-image", "cross-attention-tiny/gated"]:
        found = golden(directory)
        write(directory, inputs(found, "ids"), features(found, "contrastive_loss"), matching(found), gradients(found))
    found = golden("masked-text-tiny")
    write("masked-text-tiny", inputs(found, "masked_ids"), masked(found), gradients(found))


if __name__ == "__main__":
    main()
