"""Answers questions about photos with PyTorch as `mmtrain train` does it with `task.name=answering`, `model.name=fusion` and a locked
EfficientNet-Lite0, from other random weights, and prints one line of JSON: accuracy on the test split, and seconds.

    python answering.py PREPARED WEIGHTS --seed 0                 PREPARED: a set of `mmtrain prepare` whose questions have one answer each
    python answering.py PREPARED WEIGHTS --seed 0 --blind image   WEIGHTS: EfficientNet-Lite0's file, as `initialize.vision` reads it

The recipe is that of docs/tasks.md: what the tower makes of the photos is computed once; one question of each photo an epoch; two pre-norm
layers over words and cells; AdamW, cosine. Needs Pillow and tokenizers beside requirements.txt.
"""
import argparse
import json
import math
import time
from collections import Counter
from pathlib import Path

import torch
from tokenizers import Tokenizer
from torch import nn

from prepared import Split, image_tower

WIDTH, LAYERS, HEADS, CONTEXT = 128, 2, 4, 40


class Questions(Split):
    """What is asked of each photo: (token ids, answer)."""

    def __init__(self, directory, split, tokenizer):
        super().__init__(directory, split)
        self.questions = [
            [(tokenizer.encode(asked["question"]).ids[:CONTEXT], asked["answers"][0]) for asked in record["questions"]]
            for record in self.records]


def normal(layer, deviation):
    nn.init.normal_(layer.weight, std=deviation)
    if getattr(layer, "bias", None) is not None:
        nn.init.zeros_(layer.bias)
    return layer


class Answers(nn.Module):
    def __init__(self, vocabulary, answers, blind):
        super().__init__()
        self.blind = blind
        self.words, self.positions, self.types, self.modalities = (
            normal(nn.Embedding(rows, WIDTH), 0.02) for rows in (vocabulary, CONTEXT, 2, 2))
        self.norm = nn.LayerNorm(WIDTH, eps=1e-12)
        self.cells = normal(nn.Linear(1280, WIDTH), 1280 ** -0.5)
        self.absent = nn.Parameter(torch.randn(WIDTH) * 0.02)
        layer = nn.TransformerEncoderLayer(
            WIDTH, HEADS, 4 * WIDTH, dropout=0, activation="gelu", batch_first=True, norm_first=True)
        self.layers = nn.TransformerEncoder(layer, LAYERS, nn.LayerNorm(WIDTH), enable_nested_tensor=False)
        for layer in self.layers.layers:
            nn.init.normal_(layer.self_attn.in_proj_weight, std=WIDTH ** -0.5)
            normal(layer.self_attn.out_proj, (2 * LAYERS * WIDTH) ** -0.5)
            normal(layer.linear1, (2 * WIDTH) ** -0.5)
            normal(layer.linear2, (2 * LAYERS * WIDTH) ** -0.5)
        self.head = nn.Sequential(
            normal(nn.Linear(WIDTH, 2 * WIDTH), 0.02), nn.GELU(), nn.LayerNorm(2 * WIDTH, eps=1e-12),
            normal(nn.Linear(2 * WIDTH, answers), 0.02))

    def forward(self, cells, ids, is_word):
        text = self.words(ids) + self.positions.weight[:ids.shape[1]] + self.types.weight[0]
        text = self.norm(text) + self.modalities.weight[0]
        if self.blind == "image":
            image = self.absent.expand(len(ids), 1, WIDTH)
        else:
            image = self.cells(cells) + self.modalities.weight[1]
        if self.blind == "text":
            text, is_word = self.absent.expand(len(ids), 1, WIDTH), torch.ones(len(ids), 1, dtype=torch.bool)
        places = torch.ones(image.shape[:2], dtype=torch.bool)
        states = self.layers(
            torch.cat([text, image], 1), src_key_padding_mask=~torch.cat([is_word, places], 1))
        words = text.shape[1]
        weights = is_word.unsqueeze(-1) / is_word.sum(1)[:, None, None]
        return self.head((states[:, :words] * weights).sum(1) / 2 + states[:, words:].mean(1) / 2)


def padded(texts):
    ids = torch.zeros(len(texts), max(map(len, texts)), dtype=torch.long)
    is_word = torch.zeros_like(ids, dtype=torch.bool)
    for row, text in enumerate(texts):
        ids[row, :len(text)], is_word[row, :len(text)] = torch.tensor(text), True
    return ids, is_word


def rate(step, steps):
    warmup = max(1, int(0.09375 * steps))
    return (step + 1) / warmup if step < warmup else 0.5 * (1 + math.cos(math.pi * (step - warmup) / (steps - warmup)))


def train(model, split, cells, numbers, options):
    decayed = [array for array in model.parameters() if array.ndim >= 2]
    others = [array for array in model.parameters() if array.ndim < 2]
    optimizer = torch.optim.AdamW(
        [{"params": decayed, "weight_decay": 0.1}, {"params": others, "weight_decay": 0.0}],
        betas=(0.9, 0.98), eps=1e-6)
    batches = len(split.questions) // options.batch
    steps = options.epochs * batches
    for step in range(steps):
        if step % batches == 0:
            order = torch.randperm(len(split.questions)).tolist()
        photos = order[step % batches * options.batch:][:options.batch]
        asked = [split.questions[photo][int(torch.randint(len(split.questions[photo]), ()))] for photo in photos]
        logits = model(cells[photos], *padded([ids for ids, _ in asked]))
        loss = nn.functional.cross_entropy(logits, torch.tensor([numbers[answer] for _, answer in asked]))
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        for group in optimizer.param_groups:
            group["lr"] = 1e-3 * rate(step, steps)
        optimizer.step()


@torch.no_grad()
def accuracy(model, split, cells, names):
    right = total = 0
    for photo, asked in enumerate(split.questions):
        logits = model(cells[[photo] * len(asked)], *padded([ids for ids, _ in asked]))
        right += sum(names[number] == answer for number, (_, answer) in zip(logits.argmax(1).tolist(), asked))
        total += len(asked)
    return 100 * right / total, total


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("prepared", type=Path)
    parser.add_argument("weights", type=Path)
    parser.add_argument("--blind", choices=["image", "text"])
    parser.add_argument("--epochs", type=int, default=120)
    parser.add_argument("--batch", type=int, default=100)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    torch.manual_seed(options.seed)
    begun = time.perf_counter()
    tokenizer = Tokenizer.from_file(str(options.prepared / "tokenizer.json"))
    split = Questions(options.prepared, "train", tokenizer)
    counts = Counter(answer for asked in split.questions for _, answer in asked)
    names = sorted(counts, key=lambda answer: (-counts[answer], answer))
    tower = image_tower(options.weights)
    cells = split.cells(tower)
    encoded = time.perf_counter() - begun
    model = Answers(tokenizer.get_vocab_size(), len(names), options.blind)
    begun = time.perf_counter()
    train(model, split, cells, {name: number for number, name in enumerate(names)}, options)
    trained = time.perf_counter() - begun
    test = Questions(options.prepared, "test", tokenizer)
    found, total = accuracy(model.eval(), test, test.cells(tower), names)
    print(json.dumps({
        "seed": options.seed, "blind": options.blind, "accuracy": round(found, 2), "questions": total,
        "parameters": sum(array.numel() for array in model.parameters()),
        "seconds_of_photos": round(encoded, 1), "seconds_of_training": round(trained, 1)}))


if __name__ == "__main__":
    main()
