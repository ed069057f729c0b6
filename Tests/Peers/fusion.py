"""One pre-training step of a model of image and text from transformers: masked words and matching, AdamW. Prints one line of JSON.

    python fusion.py --model vilt --batch 32 --lengths 9,14,11,20 --threads 2

Two passes a step, as UNITER and ViLT do: one with words masked, one with half of the images changed. Random weights, pixels or
regions, and ids; fp32 without dropout; texts are padded to the longest of the batch. `vilt` is ViLT-B/32 with pictures of 384²;
`lxmert` is LXMERT as published; `lxmert-vilbert` has ViLBERT's depths (12 layers of text, 6 of image, 6 connections), for which
transformers has no class of its own: some 250 million numbers like ViLBERT. Both read 36 regions. The median of the steps after
one for warmth.
"""
import argparse
import json
import resource
import statistics
import time

import torch
import transformers

REGIONS, FEATURES = 36, 2048
parser = argparse.ArgumentParser()
parser.add_argument("--model", choices=["vilt", "lxmert", "lxmert-vilbert"], required=True)
parser.add_argument("--batch", type=int, default=32)
parser.add_argument("--lengths", default="15", help="tokens of the texts, in turn")
parser.add_argument("--threads", type=int, default=2)
parser.add_argument("--steps", type=int, default=3)
options = parser.parse_args()

torch.set_num_threads(options.threads)
torch.manual_seed(0)
chosen = [int(n) for n in options.lengths.split(",")]
lengths = [chosen[n % len(chosen)] for n in range(options.batch)]


class ViLT(torch.nn.Module):
    def __init__(self):
        super().__init__()
        sizes = transformers.ViltConfig(hidden_dropout_prob=0, attention_probs_dropout_prob=0)
        self.words = transformers.ViltForMaskedLM(sizes)
        self.match = torch.nn.Linear(sizes.hidden_size, 2)

    def images(self, count):
        return {"pixel_values": torch.randn(count, 3, 384, 384)}

    def forward(self, texts, images):
        """States of the text's tokens, and the pooled state."""
        made = self.words.vilt(**texts, **images)
        return made.last_hidden_state[:, :texts["input_ids"].shape[1]], made.pooler_output

    def masked(self, states):
        return self.words.mlm_score(states)


class LXMERT(torch.nn.Module):
    def __init__(self, **depths):
        super().__init__()
        sizes = transformers.LxmertConfig(hidden_dropout_prob=0, attention_probs_dropout_prob=0, **depths)
        self.whole = transformers.LxmertForPreTraining(sizes)

    def images(self, count):
        corners = torch.rand(count, REGIONS, 2) * 0.5
        boxes = torch.cat([corners, corners + 0.1 + 0.4 * torch.rand(count, REGIONS, 2)], dim=-1)
        return {"visual_feats": torch.randn(count, REGIONS, FEATURES), "visual_pos": boxes}

    def forward(self, texts, images):
        made = self.whole.lxmert(**texts, **images)
        return made.language_output, made.pooled_output

    def masked(self, states):
        return self.whole.cls.predictions(states)

    @property
    def match(self):
        return self.whole.cls.seq_relationship


def padded():
    ids = torch.zeros(len(lengths), max(lengths), dtype=torch.long)
    mask = torch.zeros_like(ids)
    for row, length in enumerate(lengths):
        ids[row, :length] = torch.randint(1000, 30000, (length,))
        mask[row, :length] = 1
    return {"input_ids": ids, "attention_mask": mask}


network = {"vilt": ViLT, "lxmert": LXMERT,
           "lxmert-vilbert": lambda: LXMERT(l_layers=12, r_layers=6, x_layers=6)}[options.model]().train()
optimizer = torch.optim.AdamW(network.parameters(), lr=1e-5, fused=True)
cross_entropy = torch.nn.functional.cross_entropy
texts, images = padded(), network.images(options.batch)
hidden = (torch.rand(texts["input_ids"].shape) < 0.15) & (texts["attention_mask"] == 1)
hidden[:, 1] = True
words = texts["input_ids"][hidden]
texts_with_masks = texts | {"input_ids": texts["input_ids"].masked_fill(hidden, 103)}
belongs = torch.arange(options.batch) % 2
order = torch.where(belongs == 1, torch.arange(options.batch), torch.arange(options.batch).roll(2))
other_images = {name: array[order] for name, array in images.items()}


def step():
    states, _ = network(texts_with_masks, images)
    loss = cross_entropy(network.masked(states[hidden]), words)
    _, pooled = network(texts, other_images)
    (loss + cross_entropy(network.match(pooled), belongs)).backward()
    optimizer.step()
    optimizer.zero_grad()


seconds = []
for _ in range(options.steps + 1):
    start = time.perf_counter()
    step()
    seconds.append(time.perf_counter() - start)
median = statistics.median(seconds[1:])
print(json.dumps({
    "peer": f"transformers {transformers.__version__}, torch {torch.__version__}", "model": options.model,
    "parameters": sum(array.numel() for array in network.parameters()), "batch": options.batch,
    "threads": options.threads, "step_seconds": median, "pairs_per_second": options.batch / median,
    "peak_memory_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}))
