"""Holds a prepared set against the data it was made from, both read by Python's own modules.

    python3 check_columns.py daquar|easy-vqa|chest-xray SOURCE PREPARED

SOURCE is the folder (or, of easy-vqa, the zip) that `mmtrain prepare` was given; PREPARED is what it made. The questions with
their answers, labels, texts and groups of every photo are counted and compared one by one, split by split; of daquar the
source is the JSON pair, and the table qa.csv has to say the same. Prints the counts and "equal", or what differs, and ends with 1.

Written for Python 3.11 (standard library alone); no random numbers.
"""

import csv
import io
import json
import sys
import tarfile
import zipfile
from collections import defaultdict
from pathlib import Path

SPLITS = {"val": "validation"}


def daquar(source):
    """Questions of VQA's two files, joined by question_id; image 3 is image3.jpg."""
    questions = json.loads((source / "questions.json").read_text())["questions"]
    annotations = json.loads((source / "annotations.json").read_text())["annotations"]
    answers = {a["question_id"]: [x["answer"] for x in a["answers"]] for a in annotations}
    photos = defaultdict(lambda: {"questions": []})
    for q in questions:
        key = (SPLITS.get(q["split"], q["split"]), f"image{q['image_id']}")
        photos[key]["questions"].append((q["question"].strip(), answers[q["question_id"]]))
    with open(source / "qa.csv", newline="") as file:
        table = [(f"{row['image_id']}", row["question"].strip()) for row in csv.DictReader(file)]
    assert sorted(table) == sorted((k[1], q) for k, p in photos.items() for q, _ in p["questions"])
    return photos


def easy_vqa(source):
    """Questions of the JSON lines in the zip."""
    photos = defaultdict(lambda: {"questions": []})
    with zipfile.ZipFile(source) as archive:
        for line in archive.read("easy-vqa-mini/questions.jsonl").decode().splitlines():
            row = json.loads(line)
            key = (SPLITS.get(row["split"], row["split"]), Path(row["image"]).stem)
            photos[key]["questions"].append((row["question"], [row["answer"]]))
    return photos


def chest_xray(source):
    """Rows of labels.csv: label, view, note and patient."""
    photos = {}
    with open(source / "labels.csv", newline="") as file:
        for row in csv.DictReader(file):
            labels = {n: [row[c].strip()] for n, c in [("finding", "label"), ("view", "view")] if row[c].strip()}
            photo = {"labels": labels, "group": row["patientid"].strip()}
            if row["note"].strip():
                photo["texts"] = {"report": row["note"].strip()}
            photos[(SPLITS.get(row["split"], row["split"]), Path(row["file"]).stem)] = photo
    return photos


def prepared(path):
    """What the records in the shards say, by split and photo."""
    photos = {}
    manifest = json.loads((path / "manifest.json").read_text())
    for shard in manifest["shards"]:
        with tarfile.open(path / shard["file"]) as tar:
            for member in tar:
                if not member.name.endswith(".json"):
                    continue
                record = json.load(io.TextIOWrapper(tar.extractfile(member), "utf-8"))
                photo = {k: record[k] for k in ("labels", "texts", "group") if k in record}
                if "questions" in record:
                    photo["questions"] = [(q["question"], q.get("answers", [])) for q in record["questions"]]
                photos[(record["split"], Path(record["file_name"]).stem)] = photo
    return photos, manifest


def counts(photos):
    """Samples and values of each column of each split, as the manifest counts them."""
    found = defaultdict(lambda: defaultdict(lambda: [0, 0]))
    for (split, _), photo in photos.items():
        values = {"image": 1, "questions": len(photo.get("questions", [])), "group": int("group" in photo)}
        values |= {f"label:{n}": len(c) for n, c in photo.get("labels", {}).items()}
        values |= {f"text:{n}": 1 for n in photo.get("texts", {})}
        for column, number in values.items():
            if number:
                found[split][column][0] += 1
                found[split][column][1] += number
    return {split: {c: tuple(n) for c, n in columns.items()} for split, columns in found.items()}


def main():
    kind, source, made = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])
    expected = {"daquar": daquar, "easy-vqa": easy_vqa, "chest-xray": chest_xray}[kind](source)
    found, manifest = prepared(made)
    different = sorted(k for k in expected.keys() | found.keys() if expected.get(k) != found.get(k))
    for key in different[:5]:
        print("differs:", key, expected.get(key), found.get(key))
    listed = {
        s["name"]: {c["column"]: (c["samples"], c["values"]) for c in s["columns"]} for s in manifest["splits"]
    }
    if listed != counts(expected):
        print("differs:", listed, counts(expected))
    for split, columns in sorted(counts(expected).items()):
        print(split, ", ".join(f"{c} {s} {v}" for c, (s, v) in sorted(columns.items())))
    if different or listed != counts(expected):
        sys.exit(1)
    print("equal")


main()
