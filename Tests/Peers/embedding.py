"""Images that open_clip's image tower embeds a second. Prints one line of JSON.

    python embedding.py --model MobileCLIP-S1 --batch 32 --precision bf16 --threads 2 --form reparameterized

Weights and pixels are random. `unfused` is the model as open_clip loads it, `reparameterized` has timm's
reparameterize_model applied, as a user would for inference; `--layout` says how its numbers lie in memory.
The median of the repetitions after two for warmth.
"""
import argparse
import json
import statistics
import time

import open_clip
import timm
import torch
from timm.utils.model import reparameterize_model

parser = argparse.ArgumentParser()
parser.add_argument("--model", default="MobileCLIP-S1")
parser.add_argument("--batch", type=int, default=32)
parser.add_argument("--precision", choices=["fp32", "bf16"], default="fp32")
parser.add_argument("--threads", type=int, default=2)
parser.add_argument("--form", choices=["unfused", "reparameterized"], default="reparameterized")
parser.add_argument("--layout", choices=["nchw", "channels_last"], default="nchw")
parser.add_argument("--repetitions", type=int, default=10)
options = parser.parse_args()

torch.set_num_threads(options.threads)
torch.manual_seed(0)
model = open_clip.create_model(options.model, pretrained=None).eval()
if options.form == "reparameterized":
    model.visual = reparameterize_model(model.visual)
side = model.visual.image_size[0]
pixels = torch.randn(options.batch, 3, side, side)
if options.layout == "channels_last":
    model, pixels = model.to(memory_format=torch.channels_last), pixels.to(memory_format=torch.channels_last)

seconds = []
with torch.inference_mode(), torch.autocast("cpu", dtype=torch.bfloat16, enabled=options.precision == "bf16"):
    for _ in range(options.repetitions + 2):
        start = time.perf_counter()
        model.encode_image(pixels, normalize=True)
        seconds.append(time.perf_counter() - start)
median = statistics.median(seconds[2:])
print(json.dumps({
    "peer": f"open_clip {open_clip.__version__}, timm {timm.__version__}, torch {torch.__version__}",
    "model": options.model, "form": options.form, "layout": options.layout, "batch": options.batch,
    "precision": options.precision, "threads": options.threads, "median_seconds": median,
    "shortest_seconds": min(seconds[2:]), "images_per_second": options.batch / median}))
