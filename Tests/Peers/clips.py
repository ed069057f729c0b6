"""Tells classes of clips as `mmtrain train` does it with `task.name=classification` and `task.inputs=[audio]`, from other random weights, and
prints one line of JSON: accuracy, and seconds of a step (the median over steps, of the network alone).

    python clips.py PREPARED LABEL --tower resnet18 --frames 128 --epochs 30 --seed 0      PREPARED: a set of `mmtrain prepare` with clips
    python clips.py PREPARED LABEL --frames 512 --seed 0 --split validation                and that label

`--tower ast` is transformers' `ASTModel`, `model.audio.encoder=ast` here; `resnet18` is torchvision's with a first convolution of one channel,
`model.audio.encoder=audio-resnet18` with `model.batch_norm=synchronised`. The recipe is that of docs/audio.md: the same sizes, bands, changes
of training clips, AdamW and cosine. What differs is what transformers does otherwise: its clips are padded to one length with zeros before they
are normalised, which stay visible. The ResNet's are followed by zeros behind that, and the mean is over the columns of the last map that lie in
a clip, as mmtrain has it. Needs soundfile, torchaudio and torchvision beside requirements.txt.
"""
import argparse
import io
import json
import math
import time
from pathlib import Path

import numpy
import soundfile
import torch
import torchaudio
import torchvision
from torch import nn
from transformers import ASTConfig, ASTModel
from transformers.models.audio_spectrogram_transformer import ASTFeatureExtractor

from prepared import Split

RATE, WIDTH, LAYERS, HEADS, STRIDE, BANDS = 16_000, 192, 4, 3, 10, 128
WINDOW, HOP = 400, 160


class Clips(Split):
    """Waveforms at 16 kHz, and the class of each."""

    def __init__(self, directory, split, label):
        super().__init__(directory, split)
        self.sounds = [self.sound(row, record) for row, record in zip(self.rows, self.records)]
        self.labels = [record["labels"][label][0] for record in self.records]

    def sound(self, row, record):
        place = record["audio"]
        with open(self.directory / self.shards[int(row["shard"])]["file"], "rb") as shard:
            shard.seek(place["offset"])
            samples, rate = soundfile.read(io.BytesIO(shard.read(place["bytes"])), dtype="float32", always_2d=True)
        return torchaudio.functional.resample(torch.from_numpy(samples.mean(1)), rate, RATE)


def changed(sound, most_samples):
    if len(sound) > most_samples:
        first = int(torch.randint(0, len(sound) - most_samples + 1, ()))
        sound = sound[first:first + most_samples]
    sound = sound * 10 ** (torch.empty(()).uniform_(-6, 6) / 20)
    most = int(len(sound) * 0.1)
    sound = torch.roll(sound, int(torch.randint(-most, most + 1, ())))
    if torch.rand(()) < 0.5:
        level = sound.square().mean().sqrt() * 10 ** (-torch.empty(()).uniform_(20, 40) / 20)
        sound = sound + level * torch.randn_like(sound)
    return sound


def masked(rows):
    """Hides bands and frames that lie together, as `rows` [N, M] are normalised with 0."""
    frames, bands = rows.shape
    for axis, most in ((1, min(24, bands // 2)), (0, min(96, frames // 2))):
        length = int(torch.randint(0, most + 1, ()))
        first = int(torch.randint(0, rows.shape[axis] - length + 1, ()))
        rows.narrow(axis, first, length).zero_()
    return rows


class AST(nn.Module):
    """[N, M] a clip, padded to one length before it is normalised → [B, W]"""

    width = WIDTH

    def __init__(self, frames):
        super().__init__()
        self.extractor = ASTFeatureExtractor(num_mel_bins=BANDS, max_length=frames)
        self.tower = ASTModel(ASTConfig(
            hidden_size=WIDTH, num_hidden_layers=LAYERS, num_attention_heads=HEADS, intermediate_size=4 * WIDTH,
            frequency_stride=STRIDE, time_stride=STRIDE, max_length=frames, num_mel_bins=BANDS, hidden_dropout_prob=0,
            attention_probs_dropout_prob=0))

    def rows(self, sound):
        return self.extractor(sound.numpy(), sampling_rate=RATE, return_tensors="pt").input_values[0]

    def forward(self, clips):
        return self.tower(torch.stack(clips)).pooler_output


class ResNet(nn.Module):
    """[N, M] a clip, N its own frames → the mean over the places of the last map that lie in it [B, 512]"""

    width = 512

    def __init__(self, frames):
        super().__init__()
        self.frames = frames
        self.extractor = ASTFeatureExtractor(num_mel_bins=BANDS, max_length=frames)
        self.network = torchvision.models.resnet18(weights=None)
        self.network.conv1 = nn.Conv2d(1, 64, 7, stride=2, padding=3, bias=False)
        nn.init.kaiming_normal_(self.network.conv1.weight, mode="fan_out", nonlinearity="relu")
        self.network.avgpool = nn.Identity()
        self.network.fc = nn.Identity()

    def rows(self, sound):
        whole = self.extractor(sound.numpy(), sampling_rate=RATE, return_tensors="pt").input_values[0]
        return whole[:min(self.frames, max(1, 1 + (len(sound) - WINDOW) // HOP))]

    def forward(self, clips):
        pixels = torch.zeros(len(clips), 1, BANDS, self.frames)
        for clip, rows in enumerate(clips):
            pixels[clip, 0, :, :len(rows)] = rows.T
        network = self.network
        made = network.maxpool(network.relu(network.bn1(network.conv1(pixels))))
        for stage in (network.layer1, network.layer2, network.layer3, network.layer4):
            made = stage(made)
        return torch.stack([made[clip, :, :, :columns(len(rows))].mean((1, 2)) for clip, rows in enumerate(clips)])


def columns(frames):
    """Of the last map, of a clip of so many frames: five convolutions and maxima of stride 2, of which ceil(n / 2) are left."""
    for _ in range(5):
        frames = (frames + 1) // 2
    return frames


class Classifier(nn.Module):
    def __init__(self, tower, classes):
        super().__init__()
        self.tower = tower
        self.head = nn.Linear(tower.width, classes)
        nn.init.normal_(self.head.weight, std=0.02)
        nn.init.zeros_(self.head.bias)

    def forward(self, clips):
        return self.head(self.tower(clips))


def rate(step, steps):
    warmup = max(1, int(0.09375 * steps))
    return (step + 1) / warmup if step < warmup else 0.5 * (1 + math.cos(math.pi * (step - warmup) / (steps - warmup)))


def train(model, split, numbers, options):
    decayed = [array for array in model.parameters() if array.ndim >= 2]
    others = [array for array in model.parameters() if array.ndim < 2]
    optimizer = torch.optim.AdamW(
        [{"params": decayed, "weight_decay": 0.1}, {"params": others, "weight_decay": 0.0}], betas=(0.9, 0.98), eps=1e-6)
    batches, seconds = len(split.sounds) // options.batch, []
    steps, longest = options.epochs * batches, (options.frames - 1) * HOP + WINDOW
    for step in range(steps):
        if step % batches == 0:
            order = torch.randperm(len(split.sounds)).tolist()
        clips = order[step % batches * options.batch:][:options.batch]
        rows = [masked(model.tower.rows(changed(split.sounds[clip], longest))) for clip in clips]
        begun = time.perf_counter()
        loss = nn.functional.cross_entropy(model(rows), torch.tensor([numbers[split.labels[clip]] for clip in clips]))
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        for group in optimizer.param_groups:
            group["lr"] = options.rate * rate(step, steps)
        optimizer.step()
        seconds.append(time.perf_counter() - begun)
    return sorted(seconds)[len(seconds) // 2]


TOWERS = {"ast": AST, "resnet18": ResNet}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("prepared", type=Path)
    parser.add_argument("label")
    parser.add_argument("--tower", choices=sorted(TOWERS), default="ast")
    parser.add_argument("--split", default="test")
    parser.add_argument("--frames", type=int, default=512)
    parser.add_argument("--epochs", type=int, default=60)
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--rate", type=float, default=1e-3)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    torch.manual_seed(options.seed)
    numpy.random.seed(options.seed)
    split = Clips(options.prepared, "train", options.label)
    names = sorted(set(split.labels))
    model = Classifier(TOWERS[options.tower](options.frames), len(names))
    median = train(model, split, {name: number for number, name in enumerate(names)}, options)
    told = Clips(options.prepared, options.split, options.label)
    model.eval()
    with torch.no_grad():
        said = [names[int(model([model.tower.rows(sound)]).argmax())] for sound in told.sounds]
    right = sum(one == other for one, other in zip(said, told.labels))
    print(json.dumps({
        "accuracy": round(100 * right / len(said), 2), "clips": len(said), "tower": options.tower, "seed": options.seed,
        "seconds of a step": round(median, 4)}))


if __name__ == "__main__":
    main()
