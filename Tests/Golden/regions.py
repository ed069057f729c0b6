"""Writes region features in every form that is read, and the arrays that they come to, beside itself in regions/.

    /path/to/python Tests/Golden/regions.py        (numpy alone; made with Python 3.11.7, numpy 2.4.6, seed 20)

The tables are written as the tools in circulation write them: tools/generate_tsv.py of bottom-up attention (csv.writer,
which ends lines with CR LF), LXMERT's, Oscar's and VinVL's, and scripts/convert_imgdir.py of UNITER for an .npz a photo.
expected/NAME.* is numpy.save of what a prepared set has to hold, byte for byte: features as float16, boxes as float32
shares, and classes where there are any. index.json says which photo of which size each one is for.
arrays/ has .npy files of every version and type, and what they hold as JSON.
"""

import base64
import csv
import json
import pathlib

import numpy as np
from numpy.lib import format as npy

HERE = pathlib.Path(__file__).parent / "regions"
EXPECTED = HERE / "expected"
EXPECTED.mkdir(parents=True, exist_ok=True)
(HERE / "uniter").mkdir(exist_ok=True)
(HERE / "arrays").mkdir(exist_ok=True)
random = np.random.RandomState(20)
index = []


def text(array):
    return base64.b64encode(np.ascontiguousarray(array)).decode()


def features(count, width=5):
    values = random.gamma(0.3, 2.0, (count, width)).astype(np.float32)
    values[0, 0] = 0.0
    values[-1, -1] = 65504.0  # the largest float16
    return values


def boxes(count, width, height):
    """In pixels."""
    x, y = np.sort(random.uniform(0, width - 1, (count, 2)), 1), np.sort(random.uniform(0, height - 1, (count, 2)), 1)
    return np.stack([x[:, 0], y[:, 0], x[:, 1], y[:, 1]], 1).astype(np.float32)


def shares(pixels, width, height):
    return np.clip(pixels / np.array([width, height, width, height], np.float32), 0, 1).astype(np.float32)


def expect(name, source, photo, size, values, places, clipped=0, left_out=0, **more):
    arrays = {"regions": values.astype(np.float16), "region_boxes": places, **more}
    for key, array in arrays.items():
        np.save(EXPECTED / f"{name}.{key}.npy", array)
    index.append({"name": name, "source": source, "photo": photo, "width": size[0], "height": size[1],
                  "members": len(arrays), "clipped": clipped, "leftOut": left_out})


# Bottom-up attention: a number that COCO's photo has, in a file of Python 2; the second row is of Python 3.
with open(HERE / "bottom-up.tsv", "w", newline="") as file:
    writer = csv.writer(file, delimiter="\t")
    for number, (photo, wrap) in enumerate([("COCO_train2014_000000000009.jpg", "%s"), ("COCO_val2014_000000000042.jpg", "b'%s'")]):
        size = (640, 480 - number)
        values, places = features(3), boxes(3, *size)
        if number == 1:
            places[1, 2] = size[0] + 0.5  # half a pixel outside
        writer.writerow([int(photo[-16:-4]), *size, 3, wrap % text(places), wrap % text(values)])
        expect(f"bottom-up-{number}", "bottom-up.tsv", photo, size, values, shares(places, *size), clipped=number)

# Regions of two numbers, which fit no other table here.
(HERE / "odd.tsv").write_text(f"1\t10\t10\t1\t{text(np.float32([0, 0, 5, 5]))}\t{text(np.float32([1, 2]))}\n")

# LXMERT: height before width, numbers of objects and attributes with their confidence.
with open(HERE / "lxmert.tsv", "w") as file:
    for number, photo in enumerate(["COCO_val2014_000000000139.jpg", "n161313.jpg"]):
        size = (50, 33)
        values, places = features(4), boxes(4, *size)
        ids, more = random.randint(0, 1600, 4), random.randint(0, 400, 4)
        sure, surer = random.uniform(0, 1, (2, 4)).astype(np.float32)
        row = [photo[:-4], size[1], size[0], *map(text, [ids.astype(np.int64), sure, more.astype(np.int64), surer]), 4,
               text(places), text(values)]
        file.write("\t".join(map(str, row)) + "\n")
        expect(f"lxmert-{number}", "lxmert.tsv", photo, size, values, shares(places, *size),
               region_objects=ids.astype(np.int32), region_object_confidences=sure,
               region_attributes=more.astype(np.int32), region_attribute_confidences=surer)

# Oscar: six numbers of the box behind the features; and the form in which it reads them for captioning.
for form in ["oscar", "captioning"]:
    with open(HERE / f"{form}.tsv", "w") as file:
        size = (300, 200)
        values, places = features(2), shares(boxes(2, *size), *size)
        sides = places[:, 2:] - places[:, :2]
        data = text(np.concatenate([values, places, sides], 1))
        last = [2, data] if form == "oscar" else [json.dumps({"num_boxes": 2, "features": data})]
        file.write("\t".join(map(str, ["391895", *last])) + "\n")
        expect(f"{form}-0", f"{form}.tsv", "000000391895.jpg", size, values, places)

# VinVL's predictions: boxes in pixels of the photo, which are doubles in JSON.
with open(HERE / "predictions.tsv", "w") as file:
    size = (120, 80)
    values, places = features(2), boxes(2, *size)
    objects = [{"rect": [float(x) for x in box], "class": "dog", "conf": 0.5, "feature": text(row), "attributes": ["big"],
                "attr_scores": [0.25]} for box, row in zip(places, values)]
    file.write("photo one\t" + json.dumps({"objects": objects, "relations": []}) + "\n")
    expect("predictions-0", "predictions.tsv", "photo one.jpg", size, values, shares(places, *size))

# UNITER: float16; of 14 regions 11 are certain and kept, of 12 with 3 certain ones 10, and of 3 all.
for number, (count, certain, photo) in enumerate([(14, 11, "COCO_val2014_000000000285.jpg"), (12, 3, "1000092795.jpg"), (3, 1, "dog.jpg")]):
    size = (600, 400)
    kept = min(count, max(10, certain))
    values, places = features(count).astype(np.float16), shares(boxes(count, *size), *size).astype(np.float16)
    sides = places[:, 2:] - places[:, :2]
    sure = np.sort(np.concatenate([random.uniform(0.3, 1, certain), random.uniform(0, 0.19, count - certain)]))[::-1]
    soft = random.dirichlet(np.ones(7) * 0.3, count).astype(np.float16)
    name = ["coco_val2014_000000000285", "flickr30k_000000001000092795", "dog"][number]
    np.savez_compressed(HERE / "uniter" / f"{name}.npz", features=values, conf=sure.astype(np.float16), soft_labels=soft,
                        norm_bb=np.concatenate([places, sides], 1), allow_pickle=True)
    expect(f"uniter-{number}", "uniter", photo, size, values[:kept], places[:kept].astype(np.float32), left_out=count - kept,
           region_classes=soft[:kept])

(HERE / "index.json").write_text(json.dumps(index, indent=1) + "\n")

# Arrays by themselves.
numbers = {}


def array(name, values, version=None):
    with open(HERE / "arrays" / f"{name}.npy", "wb") as file:
        npy.write_array(file, np.asarray(values), version=version)
    values = np.asarray(values)
    numbers[name] = {"type": values.dtype.newbyteorder("<").str[1:], "shape": values.shape,
                     "values": [float(x) for x in values.ravel()]}


sample = np.array([[1.5, -2.25, 0.0], [1e-3, 65504, -1e-7]])
for kind in ["f2", "f4", "f8", "i4", "i8"]:
    values = sample if kind[0] == "f" else np.array([[0, -1, 2**31 - 1], [7, -(2**31), 12]])
    array(kind, values.astype("<" + kind))
    array(kind + "-big-endian", values.astype(">" + kind))
array("version-2", sample.astype("<f4"), (2, 0))
array("version-3", sample.astype("<f4"), (3, 0))
array("scalar", np.float32(2.5))
array("vector", np.arange(3, dtype="<i8"))
array("empty", np.zeros((0, 4), "<f4"))
array("column", np.asfortranarray(np.arange(4, dtype="<f8").reshape(4, 1)))
(HERE / "arrays.json").write_text(json.dumps(numbers) + "\n")

# Roundings to float16: every half, what lies in the middle of two and beside it, and random numbers of all sizes.
halves = np.arange(0x7C00, dtype=np.uint16)[::13].view(np.float16).astype(np.float64)
middle = ((halves[:-1] + np.arange(1, 0x7C00, dtype=np.uint16)[::13][: len(halves) - 1].view(np.float16)) / 2).astype(np.float32)
spread = np.exp2(random.uniform(-27, 15.9, 500)).astype(np.float32)
values = np.concatenate([halves.astype(np.float32), middle, np.nextafter(middle, np.float32(np.inf)),
                         np.nextafter(middle, np.float32(0)), spread, -spread, np.float32([65519.99, 2**-25, 2**-24, -0.0])])
np.save(HERE / "singles.npy", values)
np.save(HERE / "halves.npy", values.astype(np.float16))
