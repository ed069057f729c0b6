"""Reads a prepared set with webdataset and with open_clip's own loader, and compares photos and first captions:

    python check_webdataset.py MMTRAIN [webdataset]

MMTRAIN is the program; it prepares photos that are made here, JPEG, PNG and WebP in turn. Run with webdataset 0.2.86, the
newest that open_clip 3.3.0 trains with, torch 2.15.0, Pillow 13.0.0, numpy 2.4.6 and pandas 3.1.1; for webdataset alone with
version 1.0.2 too.
"""
import argparse, collections, glob, pathlib, subprocess, sys, tempfile

import numpy
import torch
import webdataset
from PIL import Image

FORMATS = ["jpg", "png", "webp"]


def make_source(folder, count):
    """Photos with two captions each. Returns the pixels and the first caption by photo."""
    generator = numpy.random.default_rng(7)
    expected, rows = {}, ["image,caption"]
    for number in range(count):
        form = FORMATS[number % len(FORMATS)]
        image = Image.fromarray(generator.integers(0, 256, (24, 32, 3), dtype=numpy.uint8))
        path = folder / f"photo{number:03d}.{form}"
        image.save(path)
        captions = [f'Foto {number}: "Zwei Hunde", über Gräser…', f"another of {number}"]
        rows += [f'{path.name},"{caption.replace(chr(34), chr(34) * 2)}"' for caption in captions]
        pixels = numpy.asarray(Image.open(path).convert("RGB"))
        expected[path.stem] = (pixels.tobytes(), captions[0])
    (folder / "captions.csv").write_text("\n".join(rows) + "\n")
    (folder / "train.txt").write_text("".join(f"photo{n:03d}.{FORMATS[n % 3]}\n" for n in range(count)))
    return expected


def by_webdataset(shards):
    samples = webdataset.WebDataset(shards, shardshuffle=False).decode("pilrgb")
    seen, forms = {}, collections.Counter()
    for sample in samples:
        form = next(form for form in FORMATS if form in sample)
        forms[form] += 1
        assert sample["json"]["captions"][0] == sample["txt"]
        seen[sample["__key__"]] = (numpy.asarray(sample[form]).tobytes(), sample["txt"])
    return seen, forms


def by_open_clip(shards, count, is_train):
    """What open_clip's training, or its validation, would see."""
    from open_clip_train.data import get_wds_dataset
    arguments = argparse.Namespace(
        train_data=shards, val_data=shards, dataset_resampled=False, train_num_samples=count, val_num_samples=count,
        train_data_upsampling_factors=None, seed=0, batch_size=1, workers=0, world_size=1)
    data = get_wds_dataset(
        arguments, lambda image: torch.from_numpy(numpy.array(image)), is_train, tokenizer=lambda text: [text])
    return sorted((images.numpy().tobytes(), texts[0]) for images, texts in data.dataloader)


def main():
    with tempfile.TemporaryDirectory() as place:
        source, output = pathlib.Path(place) / "source", pathlib.Path(place) / "set"
        source.mkdir()
        expected = make_source(source, 60)
        subprocess.run([sys.argv[1], "prepare", "--images", source, "--output", output, "--vocabulary-size", "600",
                        "--max-bad-fraction", "0"], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        shards = sorted(glob.glob(f"{output}/shards/*.tar"))
        seen, forms = by_webdataset(shards)
        assert seen == expected, "webdataset sees other photos or captions"
        print(f"webdataset: {len(seen)} of {len(expected)} samples, {dict(forms)}, first captions and pixels equal")
        for is_train in (False, True) if sys.argv[2:] != ["webdataset"] else ():
            seen = by_open_clip("::".join(shards), len(expected), is_train)
            assert seen == sorted(expected.values()), "open_clip sees other photos or captions"
            name = "training" if is_train else "validation"
            print(f"open_clip, {name}: {len(seen)} of {len(expected)} samples, first captions and pixels equal")


if __name__ == "__main__":
    main()
