"""Runs mmtrain and its peers in turns on the same work and prints a table of medians and their ratios, in Markdown.

    python compare.py --mmtrain PROGRAM --data PREPARED --archive photos.zip [--rounds 3] [--only WORD]
    python compare.py --mmtrain PROGRAM --only embed          (needs no data; nor do towers:, fusion:, captioning: and clips:)

Started by launch/compare, which sets up all of it.
"""
import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
parser = argparse.ArgumentParser()
parser.add_argument("--mmtrain", required=True)
parser.add_argument("--data", default="")
parser.add_argument("--archive", default="")
parser.add_argument("--rounds", type=int, default=3)
parser.add_argument("--steps", type=int, default=3, help="counted steps of each measurement")
parser.add_argument("--only", default="", help="rows whose name holds this")
options = parser.parse_args()


def ours(*arguments, ranks=1):
    launcher = ["mpirun", "-n", str(ranks)] if ranks > 1 else []
    return launcher + [options.mmtrain, "bench", *arguments, "--json"]


def step(preset, batch, precision, *flags, ranks=1):
    threads = str(2 // ranks)
    shared = ["--preset", preset, "--batch", str(batch), "--precision", precision, "--threads", threads,
              "--steps", str(options.steps)]
    peer = [os.path.join(os.path.dirname(sys.executable), "torchrun"), "--nproc_per_node", str(ranks)]
    peer = [*(peer if ranks > 1 else [sys.executable]), os.path.join(HERE, "step.py"), "--archive", options.archive]
    return ours("step", "--data", options.data, *shared, *flags, ranks=ranks), [*peer, *shared]


def rows():
    """Name, our command, the peer's, the figure in both, and how a ratio above 1 speaks for mmtrain."""
    for precision in ("fp32", "bf16"):
        for flags in ([], ["--padded"]):
            name = f"step vit-b-32, batch 32, {precision}" + (", padded" if flags else "")
            yield (name, *step("vit-b-32", 32, precision, *flags), "pairs_per_second", "pairs_per_second", False)
    for precision in ("fp32", "bf16"):
        name = f"step vit-b-32, 2 ranks × 16, {precision}"
        yield (name, *step("vit-b-32", 32, precision, ranks=2), "pairs_per_second", "pairs_per_second", False)
    yield ("peak memory of a step, MB, fp32", *step("vit-b-32", 32, "fp32"), "peak_memory_mb", "peak_memory_mb", True)
    for preset in ("small", "tiny"):
        for precision in ("fp32", "bf16"):
            name = f"step {preset}, batch 128, {precision}"
            yield (name, *step(preset, 128, precision), "pairs_per_second", "pairs_per_second", False)
    for peer in ("transformers", "open_clip"):
        for precision in ("fp32", "bf16"):
            for batch in (1, 32):
                shared = ["--batch", str(batch), "--precision", precision, "--threads", "2", "--repetitions", "5"]
                texts = ["--texts", "300" if batch == 32 else "100"]
                theirs = [sys.executable, os.path.join(HERE, "embed.py"), "--peer", peer, *shared, *texts]
                mine = ours("embed", "--preset", "vit-b-32", *shared, *texts)
                name = f"embed vit-b-32, photos a second, batch {batch}, {precision}, {peer}"
                yield (name, mine, theirs, "images_per_second", "images_per_second", False)
                if batch == 32:
                    name = f"embed vit-b-32, texts of 15 tokens a second, {precision}, {peer}"
                    yield (name, mine, theirs, "texts_per_second", "texts_per_second", False)
    yield from tower_rows()
    yield from fusion_rows()
    yield from captioning_rows()
    yield from clip_rows()
    for flags, key in (([], "images_per_second"), (["--train"], "training_images_per_second")):
        peer = [sys.executable, os.path.join(HERE, "loader.py"), "--archive", options.archive, *flags]
        name = "photos to 224×224 a second, one core" + (", training" if flags else "")
        yield (name, ours("loader", "--data", options.data), peer, key, key, False)
    torchrun = os.path.join(os.path.dirname(sys.executable), "torchrun")
    yield ("sum of 25 MiB over 2 ranks, ms", ours("allreduce", "--sizes", "25", ranks=2),
           [torchrun, "--nproc_per_node", "2", os.path.join(HERE, "allreduce.py")],
           lambda found: found["sizes"][0]["arena"]["median_ms"], "allreduce_25mib_ms", True)


# Tokens of 50 captions of Flickr8k: their mean, and the mean of the longest of 32, are those of 1,000 captions.
CAPTIONS = ("16,15,15,16,17,16,15,9,18,7,15,16,26,17,12,12,13,15,20,13,13,15,13,9,13,13,12,20,13,17,22,15,14,13,13,12,15,21,"
            "10,14,14,8,15,14,15,12,16,12,17,14")


def settings(image, **more):
    """A dual encoder with a text tower of MiniLM's size; without an image tower it hears clips."""
    seen = {"model.vision.encoder": image, "model.vision.image_size": 224} if image else {}
    found = {"model.name": "dual-encoder", **seen,
             "model.text.encoder": "bert", "model.text.pooling": "mean", "model.text.width": 384, "model.text.layers": 6,
             "model.text.heads": 12, "model.text.vocabulary_size": 30522, "model.text.context_length": 128,
             "model.embedding_width": 256, **{key.replace("__", "."): value for key, value in more.items()}}
    return [word for key, value in found.items() for word in ("--set", f"{key}={value}")]


def tower_rows():
    """Published towers' sizes with random weights."""
    for precision in ("fp32", "bf16"):
        yield from encoding_tower_rows(precision)
        yield from training_tower_rows(precision)


def encoding_tower_rows(precision):
    shared = ["--preset", "tiny", "--threads", "2", "--precision", precision]
    peer = [sys.executable, os.path.join(HERE, "towers.py"), "--threads", "2", "--precision", precision]
    texts = ours("embed", *shared, "--batch", "1", "--texts", "1000", "--tokens", CAPTIONS,
                 *settings("efficientnet-lite0"))
    for order, words in (("given", "padded to the longest of 32"), ("sorted", "sorted by length")):
        theirs = [*peer, "--texts", "1000", "--lengths", CAPTIONS, "--order", order]
        yield (f"towers: 1,000 captions through MiniLM, texts a second, {precision}, peer {words}", texts, theirs,
               "texts_per_second", "texts_per_second", False)
    for image in ("efficientnet-lite0", "resnet50"):
        for batch in ("1", "32"):
            mine = ours("embed", *shared, "--batch", batch, "--texts", "1", *settings(image))
            theirs = [*peer, "--image", image, "--batch", batch]
            yield (f"towers: {image}, photos a second, batch {batch}, {precision}", mine, theirs,
                   "images_per_second", "images_per_second", False)


def training_tower_rows(precision):
    step = ["step", "--model", "dual-encoder", "--preset", "tiny", "--batch", "32", "--threads", "2",
            "--precision", precision, "--steps", str(options.steps)]
    theirs = [sys.executable, os.path.join(HERE, "towers.py"), "--threads", "2", "--precision", precision,
              "--batch", "32", "--repetitions", str(options.steps), "--lengths", CAPTIONS]
    for image in ("efficientnet-lite0", "resnet50"):
        yield (f"towers: step of {image} and MiniLM, batch 32, {precision}",
               ours(*step, "--caption-lengths", CAPTIONS, *settings(image)),
               [*theirs, "--image", image, "--step", "contrastive"], "pairs_per_second", "pairs_per_second", False)
    # Nearly nothing but the image tower, whose batch norms take the batch's statistics on both sides.
    small = settings("resnet50", model__batch_norm="synchronised", model__text__width=32, model__text__layers=1,
                     model__text__heads=1, model__text__vocabulary_size=1000)
    yield (f"towers: step of resnet50, batch 32, {precision}", ours(*step, "--caption-lengths", "4", *small),
           [*theirs, "--image", "resnet50", "--step", "classes"], "pairs_per_second", "pairs_per_second", False)


def fusion_rows():
    """Masked words and matching, both sides in a pass each; texts packed here and padded there. fp32."""
    sizes = ["--batch", "32", "--threads", "2", "--steps", str(options.steps)]
    # Its recipe learns masked regions too, which the peer's step leaves out.
    regions = ["--set", "model.regions.width=2048", "--set", "model.regions.limit=36",
               "--set", "objective.masked_regions.distribution=0"]
    for model, peer, flags in (("vilt", "vilt", []), ("vilbert", "lxmert-vilbert", regions)):
        mine = ours("step", "--model", model, "--preset", "base", *sizes, "--caption-lengths", CAPTIONS, *flags)
        theirs = [sys.executable, os.path.join(HERE, "fusion.py"), "--model", peer, *sizes, "--lengths", CAPTIONS]
        name = f"fusion: step of {model}, peer {peer}, batch 32"
        yield (f"{name}, pairs a second", mine, theirs, "pairs_per_second", "pairs_per_second", False)
        yield (f"{name}, peak memory, MB", mine, theirs, "peak_memory_mb", "peak_memory_mb", True)


def captioning_rows():
    """BLIP-base learns to write; fp32, texts packed here and padded there."""
    lengths = "9,14,11,20"
    mine = ours("step", "--model", "blip", "--preset", "base", "--batch", "8", "--set", "task.name=captioning",
                "--set", "task.smoothing=0.1", "--caption-lengths", lengths, "--threads", "2", "--steps",
                str(options.steps))
    theirs = [sys.executable, os.path.join(HERE, "captioning.py"), "step", "--batch", "8", "--lengths", lengths,
              "--threads", "2", "--repetitions", str(options.steps)]
    yield ("captioning: step of BLIP-base, batch 8, pairs a second", mine, theirs, "pairs_per_second",
           "pairs_per_second", False)
    yield ("captioning: its peak memory, MB", mine, theirs, "peak_memory_mb", "peak_memory_mb", True)


def clip_rows():
    """AST as published, of clips of 512 frames, beside a text tower of MiniLM's size; fp32."""
    tower = settings(None, model__audio__encoder="ast", model__audio__width=768, model__audio__layers=12,
                     model__audio__heads=12, model__audio__frames=512)
    mine = ours("step", "--model", "dual-encoder", "--preset", "tiny", "--batch", "8", "--threads", "2", "--steps",
                str(options.steps), "--caption-lengths", CAPTIONS, *tower)
    theirs = [sys.executable, os.path.join(HERE, "towers.py"), "--image", "ast", "--step", "contrastive", "--batch",
              "8", "--threads", "2", "--repetitions", str(options.steps), "--lengths", CAPTIONS]
    yield ("clips: step of AST-base and MiniLM, 8 clips of 512 frames, pairs a second", mine, theirs,
           "pairs_per_second", "pairs_per_second", False)
    yield ("clips: its peak memory, MB", mine, theirs, "peak_memory_mb", "peak_memory_mb", True)


def run(command):
    print("  " + " ".join(command[1:]), file=sys.stderr, flush=True)
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    if done.returncode != 0:
        sys.exit("failed: " + " ".join(command) + "\n" + done.stderr)
    return json.loads(done.stdout[done.stdout.index("{"):])


def figure(command, key, seen):
    """Rows that look at the same command share its run of this round."""
    found = seen.setdefault(tuple(command), None) or run(command)
    seen[tuple(command)] = found
    return key(found) if callable(key) else found[key]


def text(value):
    return f"{value:.0f}" if value >= 100 else f"{value:.3g}"


def main():
    chosen = [row for row in rows() if options.only in row[0]]
    pairs = {row[0]: [] for row in chosen}
    for number in range(options.rounds):
        print(f"round {number + 1} of {options.rounds}", file=sys.stderr, flush=True)
        seen = {}
        for name, mine, theirs, my_key, their_key, _ in chosen:
            pairs[name].append((figure(mine, my_key, seen), figure(theirs, their_key, seen)))
    processor = next((line.split(":")[1].strip() for line in open("/proc/cpuinfo") if "model name" in line), "?")
    print(f"{time.strftime('%Y-%m-%d')}, {processor}, {os.cpu_count()} cores, {platform.system()} "
          f"{platform.release()}; medians of {options.rounds} rounds in turns.\n")
    print("| work | mmtrain | peer | ratio (least – most) |\n|---|---|---|---|")
    for name, *_, is_less_better in chosen:
        ratios = [b / a if is_less_better else a / b for a, b in pairs[name]]
        a, b = (statistics.median(side) for side in zip(*pairs[name]))
        print(f"| {name} | {text(a)} | {text(b)} | {statistics.median(ratios):.2f} "
              f"({min(ratios):.2f} – {max(ratios):.2f}) |")


main()
