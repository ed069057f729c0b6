"""How many captions of drawn scenes are true, by what each drawing says of itself. Prints one line of JSON.

    python scene_truth.py PREPARED --split test --photos DIR     writes the pictures of the split into DIR, by their names
    mmtrain predict --model runs/scenes/last --image DIR --json > captions.json
    python scene_truth.py PREPARED --split test --captions captions.json

PREPARED is a set of `mmtrain prepare scenes`. `true`: the words are a sentence of such scenes, and all that it says holds of its scene: colour,
shape, size and place of each object, how objects lie to each other, colour and texture of the ground. `complete`: true, and no object is left
out. The sentences are read here anew: nothing is taken from the program that made them.
"""
import argparse
import csv
import itertools
import json
import re
from pathlib import Path

SIZES = {"large": "large", "big": "large", "small": "small", "little": "small"}
OBJECT = re.compile(
    r"\ban? (?:(?P<size>large|big|small|little) )?(?P<colour>red|orange|yellow|green|blue|purple|pink|black) "
    r"(?P<shape>circle|square|triangle|star|cross|ring)(?: at the (?P<position>(?:top|bottom) (?:left|right)))?")
GROUND = r"(?:(?P<texture>plain|striped|dotted|checked) )?(?P<colour>white|grey|azure|mint|cream|lilac)"
LIST, RELATION = r"O(?:(?:, O)* and O)?", r"(?:left of|right of|above|below)"
SENTENCES = [re.compile(form) for form in (
    rf"{LIST} on a {GROUND} (?:ground|background)", rf"{LIST} of a {GROUND} (?:picture|scene)",
    rf"on {GROUND} ground O is {RELATION} O(?: and {RELATION} O)*", rf"on {GROUND} ground there is only O",
    rf"the {GROUND} (?:ground|background) (?:shows|holds) {LIST}", rf"{GROUND} (?:picture|scene) with {LIST}")]
HOLDS = {
    "left of": lambda a, b: (a.split()[1], b.split()[1]) == ("left", "right"),
    "right of": lambda a, b: (a.split()[1], b.split()[1]) == ("right", "left"),
    "above": lambda a, b: (a.split()[0], b.split()[0]) == ("top", "bottom"),
    "below": lambda a, b: (a.split()[0], b.split()[0]) == ("bottom", "top")}


def records(prepared, split):
    """Of each scene its key, what is drawn, and the picture."""
    shards = json.loads((prepared / "manifest.json").read_text())["shards"]

    def read(row, what):
        with open(prepared / shards[int(row["shard"])]["file"], "rb") as shard:
            shard.seek(int(row[f"{what}_offset"]))
            return shard.read(int(row[f"{what}_bytes"]))

    with open(prepared / "index.tsv") as index:
        rows = [row for row in csv.DictReader(index, delimiter="\t") if row["split"] == split]
    return [(row["key"], json.loads(read(row, "record")), read(row, "image")) for row in rows]


def judge(caption, scene):
    """(true, complete)"""
    mentions = [found.groupdict() for found in OBJECT.finditer(caption)]
    sentence = OBJECT.sub("O", caption)
    read = next((found for form in SENTENCES if (found := form.fullmatch(sentence))), None)
    if read is None:
        return False, False
    ground, objects = scene["ground"], scene["objects"]
    if read["colour"] != ground["colour"] or (read["texture"] or ground["texture"]) != ground["texture"]:
        return False, False
    if "there is only" in sentence and len(objects) != 1:
        return False, False
    relations = re.findall(RELATION, sentence)

    def fits(chosen):
        named = all(
            mention["colour"] == found["colour"] and mention["shape"] == found["shape"]
            and (mention["size"] is None or SIZES[mention["size"]] == found["size"])
            and mention["position"] in (None, found["position"]) for mention, found in zip(mentions, chosen))
        return named and all(
            HOLDS[relation](chosen[0]["position"], other["position"]) for relation, other in zip(relations, chosen[1:]))

    is_true = any(fits(chosen) for chosen in itertools.permutations(objects, len(mentions)))
    return is_true, is_true and len(mentions) == len(objects)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("prepared", type=Path)
    parser.add_argument("--split", default="test")
    parser.add_argument("--photos", type=Path)
    parser.add_argument("--captions", type=Path)
    options = parser.parse_args()
    scenes = records(options.prepared, options.split)
    if options.photos:
        options.photos.mkdir(parents=True, exist_ok=True)
        for key, record, picture in scenes:
            (options.photos / f"{key}{Path(record['file_name']).suffix}").write_bytes(picture)
        return
    # Every caption that the drawing comes with is true: else what follows would mean nothing.
    assert all(judge(caption, record["details"]) == (True, True) for _, record, _ in scenes for caption in record["captions"])
    drawn = {key: record["details"] for key, record, _ in scenes}
    document = json.loads(options.captions.read_text())
    said = {Path(photo["name"]).stem: photo["predictions"][0]["caption"].replace(" ,", ",") for photo in document["images"]}
    assert said.keys() == drawn.keys(), f"{len(said)} captions of {len(drawn)} scenes"
    judged = {key: judge(said[key], drawn[key]) for key in said}
    false = [key for key in judged if not judged[key][0]]
    print(json.dumps({
        "scenes": len(said), "true": round(100 * (1 - len(false) / len(said)), 2),
        "complete": round(100 * sum(complete for _, complete in judged.values()) / len(said), 2),
        "false": {key: said[key] for key in false[:5]}}))


if __name__ == "__main__":
    main()
