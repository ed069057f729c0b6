"""BLIP of transformers, as it writes captions and as it learns. Prints one line of JSON.

    python captioning.py write --batch 8 --beams 3 --tokens 20 --threads 2
    python captioning.py step --batch 8 --lengths 9,14,11,20 --threads 2

BLIP-base (12 heads), random weights and pixels of 384², fp32, without dropout. `write`: every text has as many tokens as stated
(`min_length` = `max_length`), the opening one counted: the image encoder and `generate` with its cache. `step`: captions padded to
the longest of the batch, the cross-entropy of the next token with smoothing 0.1, fused AdamW. Medians of the repetitions after one
for warmth.
"""
import argparse
import json
import resource
import statistics
import time

import torch
import transformers

parser = argparse.ArgumentParser()
parser.add_argument("what", choices=["write", "step"])
parser.add_argument("--batch", type=int, default=8)
parser.add_argument("--beams", type=int, default=3)
parser.add_argument("--tokens", type=int, default=20)
parser.add_argument("--lengths", default="15", help="tokens of the captions, in turn")
parser.add_argument("--threads", type=int, default=2)
parser.add_argument("--repetitions", type=int, default=5)
options = parser.parse_args()

torch.set_num_threads(options.threads)
torch.manual_seed(0)
sizes = transformers.BlipConfig(text_config={"num_attention_heads": 12, "label_smoothing": 0.1}, vision_config={})
model = transformers.BlipForConditionalGeneration(sizes)
pixels = torch.randn(options.batch, 3, 384, 384)


def write():
    with torch.inference_mode():
        made = model.generate(pixels, num_beams=options.beams, do_sample=False, min_length=options.tokens,
                              max_length=options.tokens)
    assert made.shape == (options.batch, options.tokens), made.shape


def see():
    with torch.inference_mode():
        model.vision_model(pixels)


def captions():
    chosen = [int(n) for n in options.lengths.split(",")]
    lengths = [chosen[n % len(chosen)] for n in range(options.batch)]
    ids = torch.zeros(options.batch, max(lengths), dtype=torch.long)
    mask = torch.zeros_like(ids)
    for row, length in enumerate(lengths):
        ids[row, :length] = torch.randint(1000, 30000, (length,))
        mask[row, :length] = 1
    return {"input_ids": ids, "attention_mask": mask, "labels": ids.masked_fill(mask == 0, -100)}


def median(work):
    work()
    seconds = []
    for _ in range(options.repetitions):
        start = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - start)
    return statistics.median(seconds)


facts = {"peer": f"transformers {transformers.__version__}, torch {torch.__version__}", "batch": options.batch,
         "parameters": sum(array.numel() for array in model.parameters()), "threads": options.threads}
if options.what == "write":
    model.eval()
    seconds = median(write)
    facts |= {"beams": options.beams, "tokens": options.tokens, "seconds": seconds, "image_seconds": median(see),
              "texts_per_second": options.batch / seconds}
else:
    model.train()
    optimizer, texts = torch.optim.AdamW(model.parameters(), lr=1e-5, fused=True), captions()

    def step():
        model(pixel_values=pixels, **texts).loss.backward()
        optimizer.step()
        optimizer.zero_grad()

    seconds = median(step)
    facts |= {"step_seconds": seconds, "pairs_per_second": options.batch / seconds}
facts["peak_memory_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
print(json.dumps(facts))
