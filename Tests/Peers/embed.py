"""Photos and texts through the towers of transformers' or open_clip's ViT-B/32. Prints one line of JSON.

    python embed.py --peer transformers --batch 32 --precision bf16 --threads 2

Random weights, random pixels; texts of 15 tokens padded to 77, as both libraries' tokenizers give them to their models.
The median of the repetitions after one for warmth. Under no_grad rather than inference_mode, in which autocast casts all
weights anew at each call.
"""
import argparse
import json
import statistics
import time

import torch

parser = argparse.ArgumentParser()
parser.add_argument("--peer", choices=["transformers", "open_clip"], default="open_clip")
parser.add_argument("--batch", type=int, default=32)
parser.add_argument("--precision", choices=["fp32", "bf16"], default="fp32")
parser.add_argument("--threads", type=int, default=2)
parser.add_argument("--texts", type=int, default=1000)
parser.add_argument("--tokens", type=int, default=15)
parser.add_argument("--text-batch", type=int, default=100)
parser.add_argument("--repetitions", type=int, default=5)
options = parser.parse_args()

torch.set_num_threads(options.threads)
torch.manual_seed(0)
pixels = torch.randn(options.batch, 3, 224, 224)
end = 49407
ids = torch.randint(0, 49405, (options.texts, 77))
ids[:, 0] = 49406
ids[:, options.tokens - 1] = end
if options.peer == "open_clip":
    import open_clip
    version = "open_clip " + open_clip.__version__
    ids[:, options.tokens:] = 0
    model = open_clip.create_model("ViT-B-32-quickgelu").eval()
    photo, text = model.encode_image, model.encode_text
else:
    import transformers
    version = "transformers " + transformers.__version__
    ids[:, options.tokens:] = end
    model = transformers.CLIPModel(transformers.CLIPConfig()).eval()
    photo, text = lambda part: model.get_image_features(pixel_values=part), lambda part: model.get_text_features(input_ids=part)


def seconds(work):
    times = []
    with torch.no_grad(), torch.autocast("cpu", dtype=torch.bfloat16, enabled=options.precision == "bf16"):
        for _ in range(options.repetitions + 1):
            start = time.perf_counter()
            work()
            times.append(time.perf_counter() - start)
    return statistics.median(times[1:])


image_seconds = seconds(lambda: photo(pixels))
found = {
    "peer": version + ", torch " + torch.__version__, "batch": options.batch, "precision": options.precision,
    "threads": options.threads, "image_seconds": image_seconds, "images_per_second": options.batch / image_seconds}
if options.texts:
    text_seconds = seconds(lambda: [text(part) for part in ids.split(options.text_batch)])
    found |= {"texts": options.texts, "tokens": options.tokens, "text_seconds": text_seconds,
              "texts_per_second": options.texts / text_seconds}
print(json.dumps(found))
