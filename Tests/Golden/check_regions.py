"""Prepares photos with region features and reads the set with numpy, tarfile and webdataset:

    python check_regions.py MMTRAIN

MMTRAIN is the program; it prepares grey photos that are made here, with the bottom-up, LXMERT and UNITER files of regions/. What
each member holds, by its name in the tar and by the offset in the record, is compared with regions/expected, which numpy made
(regions.py). Run with webdataset 1.0.2, numpy 2.4.6 and Pillow 13.0.0; no random numbers.
"""
import collections, io, json, pathlib, subprocess, sys, tarfile, tempfile

import numpy
import webdataset
from PIL import Image

REGIONS = pathlib.Path(__file__).parent / "regions"
SOURCES = ["bottom-up.tsv", "lxmert.tsv", "uniter"]


def make_source(folder):
    """Photos of the sizes that the regions are of, and one without. Returns the arrays by photo and member."""
    expected = {"bare": {}}
    Image.new("L", (24, 18)).save(folder / "bare.jpg")
    for golden in json.loads((REGIONS / "index.json").read_text()):
        if golden["source"] not in SOURCES:
            continue
        Image.new("L", (golden["width"], golden["height"])).save(folder / golden["photo"])
        files = (REGIONS / "expected").glob(golden["name"] + ".*.npy")
        expected[golden["photo"][:-4]] = {f.name.split(".", 1)[1]: numpy.load(f) for f in files}
    (folder / "captions.csv").write_text("image,caption\n" + "".join(f"{p}.jpg,about {p}\n" for p in expected))
    return expected


def by_record(shard):
    """The arrays of each photo, found as the record says; those of their names in the tar have the same bytes."""
    data, found = shard.read_bytes(), {}
    with tarfile.open(shard) as tar:
        for member in [m for m in tar if m.name.endswith(".json")]:
            key = member.name[:-5]
            places = json.load(tar.extractfile(member)).get("regions", {})
            found[key] = {}
            for name, place in places.items():
                content = data[place["offset"]:place["offset"] + place["bytes"]]
                assert content == tar.extractfile(f"{key}.{name}").read(), f"{key}.{name} is not where the record says"
                found[key][name] = numpy.load(io.BytesIO(content))
    return found


def by_webdataset(shard):
    samples = webdataset.WebDataset(str(shard), shardshuffle=False).decode("pil")
    return {s["__key__"]: {name: value for name, value in s.items() if name.endswith(".npy")} for s in samples}


def check(found, expected, reader):
    assert found.keys() == expected.keys(), f"{reader}: other photos"
    for photo, arrays in expected.items():
        assert found[photo].keys() == arrays.keys(), f"{reader}: other members of {photo}"
        for name, array in arrays.items():
            same = found[photo][name].dtype == array.dtype and numpy.array_equal(found[photo][name], array)
            assert same, f"{reader}: {photo}.{name} differs"
    members = collections.Counter(name for arrays in expected.values() for name in arrays)
    print(f"{reader}: {len(found)} photos, equal: {dict(members)}")


def main():
    with tempfile.TemporaryDirectory() as place:
        source, output = pathlib.Path(place) / "source", pathlib.Path(place) / "set"
        source.mkdir()
        expected = make_source(source)
        regions = [word for name in SOURCES for word in ("--regions", REGIONS / name)]
        subprocess.run([sys.argv[1], "prepare", "--images", source, "--output", output, "--vocabulary-size", "600",
                        "--max-bad-fraction", "0", *regions],
                       check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        for reader, name in [(by_record, "records"), (by_webdataset, "webdataset")]:
            found = {}
            for shard in sorted((output / "shards").glob("*.tar")):
                found |= reader(shard)
            check(found, expected, name)


if __name__ == "__main__":
    main()
