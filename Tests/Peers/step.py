"""One training step of open_clip: forward, contrastive loss, backward, fused AdamW. Prints one line of JSON.

    python step.py --archive photos.zip --preset vit-b-32 --batch 32 --precision bf16 --threads 2
    torchrun --nproc_per_node 2 step.py --archive photos.zip --batch 32 --threads 1     (the batch is that of all ranks)

Captions are padded to the context length, as open_clip does. The median of the steps after two for warmth.
"""
import argparse
import json
import os
import resource
import statistics
import time

import open_clip
import torch

import models
import photos

parser = argparse.ArgumentParser()
parser.add_argument("--archive", required=True)
parser.add_argument("--preset", default="vit-b-32")
parser.add_argument("--batch", type=int, default=32)
parser.add_argument("--precision", choices=["fp32", "bf16"], default="fp32")
parser.add_argument("--threads", type=int, default=2)
parser.add_argument("--steps", type=int, default=5)
options = parser.parse_args()

torch.set_num_threads(options.threads)
torch.manual_seed(0)
ranks = int(os.environ.get("WORLD_SIZE", "1"))
rank = int(os.environ.get("RANK", "0"))

model, size = models.build(options.preset)
tokenizer = open_clip.get_tokenizer("ViT-B-32", context_length=models.context_length(options.preset))
images, texts = photos.batch(
    options.archive, options.batch, open_clip.image_transform(size, is_train=False), tokenizer)
if ranks > 1:
    torch.distributed.init_process_group("gloo")
    images, texts = images[rank::ranks], texts[rank::ranks]
    model = torch.nn.parallel.DistributedDataParallel(model)
loss_function = open_clip.ClipLoss(local_loss=ranks > 1, gather_with_grad=ranks > 1, rank=rank, world_size=ranks)
optimizer = torch.optim.AdamW(model.parameters(), lr=1e-5, weight_decay=0.2, fused=True)

seconds = []
for _ in range(options.steps + 2):
    if ranks > 1:
        torch.distributed.barrier()
    start = time.perf_counter()
    with torch.autocast("cpu", dtype=torch.bfloat16, enabled=options.precision == "bf16"):
        loss = loss_function(*model(images, texts)[:3])
    loss.backward()
    optimizer.step()
    optimizer.zero_grad()
    seconds.append(time.perf_counter() - start)

if rank == 0:
    median = statistics.median(seconds[2:])
    print(json.dumps({
        "peer": "open_clip " + open_clip.__version__ + ", torch " + torch.__version__,
        "model": options.preset, "batch": options.batch, "precision": options.precision, "threads": options.threads,
        "ranks": ranks, "step_seconds": median, "pairs_per_second": options.batch / median,
        "peak_memory_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}))
if ranks > 1:
    torch.distributed.destroy_process_group()
