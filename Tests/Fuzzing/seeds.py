#!/usr/bin/env python3
"""Writes Seeds/TARGET/*: small sound files from which libFuzzer begins. The same files every time (standard library only)."""

import base64
import gzip
import hashlib
import io
import json
import pathlib
import struct
import tarfile
import zipfile
import zlib

HERE = pathlib.Path(__file__).parent
GOLDEN = HERE.parent / "Golden"


def write(target, name, data):
    path = HERE / "Seeds" / target / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data if isinstance(data, bytes) else data.encode())


def safetensors(header, buffer=b""):
    text = json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + buffer


write("safetensors", "types", (GOLDEN / "safetensors/types.safetensors").read_bytes())
write("safetensors", "empty", safetensors({}))
write(
    "safetensors",
    "two",
    safetensors(
        {
            "__metadata__": {"format": "pt", "k\u00e9": "v\n"},
            "a": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]},
            "b": {"dtype": "BF16", "shape": [1, 1], "data_offsets": [8, 10]},
        },
        bytes(range(10)),
    ),
)


def packed(method, names):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, data in names:
            info = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            info.external_attr = 0o100644 << 16
            info.compress_type = method
            archive.writestr(info, data)
    return out.getvalue()


files = [("photos/a.jpg", b"\xff\xd8\xff" * 20), ("captions.txt", b"image,caption\n"), ("d/", b"")]
write("zip", "stored", packed(zipfile.ZIP_STORED, files))
write("zip", "deflated", packed(zipfile.ZIP_DEFLATED, files))
write("zip", "none", packed(zipfile.ZIP_STORED, []))
write("zip", "unicode", packed(zipfile.ZIP_DEFLATED, [("\u00fc.jpg", b"1234")]))


def streamed(names, local=(0, 0, 0), wide=False):
    """Entries as they are written to a pipe: the local header has those of checksum, packed size and size that are None."""
    body, directory = b"", b""
    for name, data, extra in names:
        place, crc = len(body), zlib.crc32(data)
        numbers = [known if said is None else said for said, known in zip(local, (crc, len(data), len(data)))]
        field = struct.pack("<HHQQ", 1, 16, 0, 0) if wide else b""
        common = struct.pack("<HHHH", 8, 0, 0, 0x21)
        body += struct.pack("<IH", 0x04034B50, 45) + common + struct.pack("<IIIHH", *numbers, len(name), len(field)) + name
        body += field + data + struct.pack("<III" if not wide else "<IIQ", 0x08074B50, crc, len(data))
        body += struct.pack("<I" if not wide else "<Q", len(data))
        directory += struct.pack("<IHH", 0x02014B50, 0, 45) + common + struct.pack("<III", crc, len(data), len(data))
        directory += struct.pack("<HHHHHII", len(name), len(extra), 0, 0, 0, 0, place) + name + extra
    count = len(names)
    return body + directory + struct.pack("<IHHHHIIH", 0x06054B50, 0, 0, count, count, len(directory), len(body), 0)


raw = "\u5199\u771f/\u30bd.jpg".encode("cp932")
unicode_path = b"\x01" + struct.pack("<I", zlib.crc32(raw)) + "\u5199\u771f/\u30bd.jpg".encode()
plain = [(b"a.jpg", b"123", b""), (b"./d//b", b"", b"")]
write("zip", "pipe", streamed(plain))
write("zip", "pipe-bsdtar", streamed(plain, local=(0, 0, None)))
write("zip", "pipe-known", streamed(plain, local=(None, None, None)))
write("zip", "pipe-wide", streamed(plain, local=(0, 0xFFFFFFFF, 0xFFFFFFFF), wide=True))
write("zip", "backslashes", streamed([(b"d\\a.jpg", b"1", b""), (b"d\\", b"", b""), (b"d/a.jpg", b"22", b"")]))
write("zip", "shift-jis", streamed([(raw, b"1", b""), (raw + b"2", b"2", b"")]))
write("zip", "unicode-path", streamed([(raw, b"1", struct.pack("<HH", 0x7075, len(unicode_path)) + unicode_path)]))
write("zip", "prefix", b"#!/bin/sh\n" + streamed(plain) + b"tail" + bytes(9))

for name, kind in [("ustar", tarfile.USTAR_FORMAT), ("gnu", tarfile.GNU_FORMAT), ("pax", tarfile.PAX_FORMAT)]:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=kind) as archive:
        long = "/".join(["long"] * 30)
        for member, data in [("./a.jpg", b"123"), (long, b""), ("b" if kind == tarfile.USTAR_FORMAT else "\u00e9" * 60, b"4")]:
            info = tarfile.TarInfo(member)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    content = out.getvalue().rstrip(b"\0")
    write("tar", name, content + bytes(-len(content) % 512 + 1024))  # two blocks of zeros mark the end
    write("gzip", f"plain-{name}", (HERE / "Seeds/tar" / name).read_bytes())



def tar_of(*members, end=bytes(1024)):
    """Members are (name, type, target, data)."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.GNU_FORMAT) as archive:
        for member, kind, target, data in members:
            info = tarfile.TarInfo(member)
            info.type, info.linkname, info.size = kind, target, len(data)
            archive.addfile(info, io.BytesIO(data))
        size = archive.offset
    return out.getvalue()[:size] + end


file, link, long = tarfile.REGTYPE, tarfile.LNKTYPE, "/".join(["long"] * 30)
again = tar_of(("a", file, "", b"1"), ("b", file, "", b"2"), ("a", file, "", b"333"), ("./a", file, "", b""))
links = tar_of((long, file, "", b"1"), ("b", link, long, b""), ("c", link, "b", b""), ("c", link, "c", b""))
odd = tar_of(("label", b"V", "", b""), ("d/", b"D", "", b"Ya\0\0"), ("d//./a", file, "", b"1"), ("w\\b", file, "", b"2"))
huge = bytearray(tar_of(("a", file, "", b"1")))
huge[124:136] = b"\x80" + bytes(10) + b"\x01"  # the size in binary
huge[148:156] = b"%06o\0 " % (sum(huge[:148]) + 8 * 32 + sum(huge[156:512]))
for name, data in [
    ("again", again), ("links", links), ("odd", odd), ("binary", bytes(huge)), ("no-end", again[:-1024]),
    ("behind", again + b"tail"), ("latin-1", tar_of(("caf\udce9", file, "", b"1"))),
]:
    write("tar", name, data)
    write("gzip", f"plain-{name}", data)

content = (HERE / "Seeds/tar/ustar").read_bytes()
write("gzip", "zeros", gzip.compress(content[:700], mtime=0) + bytes(9) + gzip.compress(content[700:], mtime=0) + bytes(512))
write("gzip", "packed", gzip.compress(content, mtime=0))
write("gzip", "stored", gzip.compress(content, 0, mtime=0))
write("gzip", "members", gzip.compress(content[:700], mtime=0) + gzip.compress(b"", mtime=0) + gzip.compress(content[700:], mtime=0))

for name in ["coco-captions", "flickr30k", "flickr8k"]:
    write("catalogue", name, (HERE.parent.parent / f"datasets/{name}.yaml").read_bytes())
write(
    "catalogue",
    "small",
    "name: mine\nhomepage: https://example.org/\nfiles:\n- {role: photos, urls: [https://example.org/a.zip], size: 12}\n"
    "- role: captions\n  urls: 'http://example.org/%41.json?b=1'\n  sha256: " + "0aF9" * 16 + "\n  members: [a.json, b.txt]\n"
    "- {name: s.txt, role: splits, urls: https://example.org/, md5: " + "0" * 32 + "}\n"
    "expected: {photos: 3, captions: 6, captions_per_photo: 2, splits: {train: 2, held_out: 1}}\nknown_faults: one\n",
)

write("captions", "token", "a.jpg#0\tA dog .\r\na.jpg#1\tTwo\tdogs\nb.jpg#0\t\n")
write("captions", "bars", "image_name| comment_number| comment\na.jpg| 0| A dog | runs\na.jpg| 1  x\n")
write("captions", "csv", '\ufeffimage,caption\na.jpg,"A ""dog"", runs"\nb.jpg,"two\nlines"\n,\n')
write("captions", "numbered", "image,comment_number,split,caption\na.jpg,0,train,A dog\na.jpg,1,val,Two\n")
write("captions", "list", 'image;caption\na.jpg;["one", "two"]\n')
write("captions", "python-list", """image,captions\na.jpg,"['one', ""it's""]"\nb.jpg,"['x' 'y\\\\n']"\n""")
write("captions", "columns", "sep=;\r\nimage;caption_1;caption_2;;\r\na.jpg;one;two;;\r\n;;;;\r\nb.jpg;three;;;\r\n")
write("captions", "commas", "a.jpg,A dog, a cat, and more\nb.jpg,two\n")
write("captions", "lines", '{"image": 1, "caption": "one", "x": NaN}{"image_id": "2", "captions": ["two"]}\n{"file_name": "c.jpg",\n "text": "three"}\n')
write("captions", "named", '{"a.jpg": "one", "b.jpg": ["two", "three"]}')
questions = [{"question_id": 1, "image_id": 9, "question": "why?", "split": "val"}, {"question_id": 2}]
annotations = [{"question_id": 1, "answer_type": "other", "answers": [{"answer": "so", "answer_confidence": "maybe"}]}]
write("columns", "vqa-questions", json.dumps({"data_subtype": "val2014", "questions": questions}))
write("columns", "vqa-annotations", json.dumps({"annotations": annotations + [{"question_id": 1, "answers": ["so"]}]}))
write("columns", "gqa", json.dumps({"1": {"question": "q", "imageId": "a", "answer": "x", "types": {"semantic": None}}}))
write("columns", "lists", json.dumps([["what?", "blue", 0], ["cut", "short"]]))
write("columns", "lines", '{"image": 1, "question": "q", "answers": ["a", 2]}\n{"image": "b", "question": "q", "answer": null}\n')
write("columns", "table", "question,answer,image_id,split\nwhat is it,\"a, b\",image3,train\nwhy,,image3,val\n")
write("columns", "roles", "f;q;a;l;t;p;x;y;w;h;g;c\na.jpg;q;['a', 'b'];l;t;p;0;1e3;2.5;3;g;c\na.jpg;;a;;t;p;0;x;1;1;h;\n")
instances = {
    "images": [{"id": 1, "file_name": "a.jpg"}],
    "categories": [{"id": 18, "name": "dog"}],
    "annotations": [{"image_id": 1, "category_id": 18, "bbox": [1, 2.5, 3, 4]}, {"image_id": 1, "bbox": [0, 0, -1, 1e999]}],
}
write("columns", "instances", json.dumps(instances))
write("columns", "phrases", json.dumps([{"image": "a", "sentences": [{"sent": "dog"}, "cat"], "bbox": [0, 0, 1, 1]}]))
write("captions", "tabs", "filepath\ttitle\na.jpg\tA dog\n")
write(
    "captions",
    "karpathy",
    json.dumps(
        {
            "dataset": "x",
            "images": [
                {"filename": "a.jpg", "split": "train", "sentences": [{"raw": "A dog", "tokens": ["a", "dog"]}], "k": [1]},
                {"filename": "b.jpg", "sentences": [{"tokens": ["two"]}]},
            ],
        }
    ),
)

for name in ["f2", "f4-big-endian", "i4", "i8", "version-2", "version-3", "scalar", "empty", "column"]:
    write("npy", name, (GOLDEN / f"regions/arrays/{name}.npy").read_bytes())


def numbers(kind, *values):
    return base64.b64encode(struct.pack(f"<{len(values)}{kind}", *values)).decode()


# What stands behind the key of a row, for a photo of 40 x 30 pixels.
boxes, halves = numbers("f", 0, 0, 20, 30, 10, 5, 40.5, 25), numbers("f", 0.5, -2, 60000, 0)
objects = [{"rect": [1, 2, 30, 20.5], "class": "dog", "feature": numbers("f", 1, 2)}, {"rect": [0, 0, 1, 1], "feature": numbers("f", 3, 4)}]
oscar = numbers("f", 0.25, 7, 0, 0, 1, 1, 1, 1, 0.5, 8, 0, 0.5, 0.5, 1, 0.5, 0.5)
write("regions", "bottom-up", f"40\t30\t2\t{boxes}\tb'{halves}'\r\nb\t80\t60\t2\t{boxes}\t{halves}\r\n")
ids, sure = numbers("q", 3, 1599), numbers("f", 0.5, 1)
write("regions", "lxmert", f"30\t40\t{ids}\t{sure}\t{ids}\t{sure}\t2\t{boxes}\t{halves}\n")
write("regions", "oscar", f"2\t{oscar}\n\nb\t2\t{oscar}")
write("regions", "captioning", json.dumps({"num_boxes": 2, "features": oscar}) + "\n")
write("regions", "predictions", json.dumps({"objects": objects, "relations": []}) + "\n")

write("tokenizer", "byte-level", (GOLDEN / "tokenization/tiny-tokenizer.json").read_bytes())
for kind in ["bert", "clip-padded"]:
    write("tokenizer", kind, (GOLDEN / f"tokenization/published/transformers-5/{kind}/tokenizer.json").read_bytes())

for picture in json.loads((GOLDEN / "images.json").read_text())["jpeg"]:
    if picture["name"].startswith("orientation") and picture["name"] != "orientation 6":
        continue
    if picture["name"] == "as few bytes as can be":
        continue  # a megapixel: more than the target takes
    write("jpeg", picture["name"].replace(" ", "-").replace(":", ""), base64.b64decode(picture["jpeg"]))

pictures = json.loads((GOLDEN / "pictures.json").read_text())
for target in ["png", "webp"]:
    for picture in pictures[target]:
        if picture["name"].startswith("orientation") and picture["name"] != "orientation 6":
            continue
        if picture["name"].endswith("as few bytes as can be"):
            continue
        write(target, picture["name"].replace(" ", "-").replace(",", ""), base64.b64decode(picture["file"]))

heading = "key\tsplit\tshard\timage_offset\timage_bytes\trecord_offset\trecord_bytes\twidth\theight\timage_sha256\n"
rows = [("a", "train", 0), ("b", "train", 0), ("c", "train", 0), ("d", "test", 1), ("e", "test", 1)]
write(
    "index",
    "sound",
    heading + "".join(f"{key}\t{split}\t{shard}\t512\t100\t1024\t20\t24\t18\t{15:016x}\n" for key, split, shard in rows),
)

manifest = {
    "format": "mmtrain-prepared",
    "version": 1,
    "description": {"name": "fuzz", "licence": "none", "source_sha256": "0" * 64},
    "splits": [{"name": "train", "samples": 0, "captions": 0}],
    "shards": [
        {"file": "shards/train-000000.tar", "split": "train", "samples": 0, "bytes": 4096, "sha256": "0" * 64}
    ],
    "files": [{"file": "index.tsv", "bytes": len(heading), "sha256": hashlib.sha256(heading.encode()).hexdigest()}],
}
write("manifest", "sound", json.dumps(manifest, indent=1))
manifest["version"] = 2
manifest["splits"][0]["columns"] = []
write("manifest", "columns", json.dumps(manifest, indent=1))

record = {
    "key": "a",
    "file_name": "photos/a.jpg",
    "split": "train",
    "captions": ["a dog"],
    "questions": [{"question": "how many?", "answers": ["2", "two"], "kinds": {"answer_type": "number"}, "id": "7"}],
    "labels": {"finding": ["a", "b"]},
    "texts": {"report": "nothing new"},
    "boxes": [{"phrase": "a dog", "box": [0, 1.5, 12.25, 3]}],
    "group": "p1",
    "details": {"x": [1, None, True]},
}
write("record", "columns", json.dumps(record))
places = {"regions.npy": {"bytes": 140, "offset": 1024}, "region_boxes.npy": {"bytes": 160, "offset": 1536}}
write("record", "regions", json.dumps({"key": "a", "file_name": "a.jpg", "split": "train", "regions": places}))

write(
    "configuration",
    "nested",
    "model: { name: clip, preset: tiny, vision: { width: 64 }, text: { layers: 2 } }\n"
    "optimizer: { learning_rate: 1e-4, beta1: 0.9 }\nschedule:\n  epochs: 3\n  decay: cosine\n"
    "initialize:\n  freeze: [ 'a*', \"b\" ]\nseed: 7 # a number\n",
)
write("configuration", "block", "output: >-\n  runs/a\nprecision: bf16\nbatch:\n  global: 64\n  micro: 8\nobjective: { matching: 0 }\n")
write("configuration", "flow", '{"model": {"name": "cross-attention"}, "objective": {"matching": 0.5}}\n')

write(
    "preprocessing",
    "clip",
    json.dumps(
        {
            "do_resize": True, "size": {"shortest_edge": 32}, "resample": 3, "do_center_crop": True,
            "crop_size": {"height": 32, "width": 32}, "do_rescale": True, "rescale_factor": 1 / 255,
            "do_normalize": True, "image_mean": [0.48, 0.45, 0.4], "image_std": [0.26, 0.26, 0.27],
            "do_convert_rgb": True, "image_processor_type": "CLIPImageProcessor",
        }
    ),
)
write(
    "preprocessing",
    "open_clip",
    json.dumps(
        {
            "model_cfg": {"embed_dim": 24, "vision_cfg": {"image_size": 32}},
            "preprocess_cfg": {"mean": [0.48, 0.45, 0.4], "std": [0.26, 0.26, 0.27], "interpolation": "bicubic",
                               "resize_mode": "shortest"},
        }
    ),
)

digest = "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"  # of {}
write(
    "marker",
    "sound",
    '{"format":1,"members":[\n{"name":"config.json","sha256":"%s","size":2}\n],"step":7}\n' % digest,
)

for sound in json.loads((GOLDEN / "sounds.json").read_text())["files"]:
    write("sound", sound["name"], base64.b64decode(sound["file"]))
