"""Learning from what captions are worth: python selfcritical.py

Writes selfcritical.json, the rewards of captions beside references of some images: CIDEr-D of pycocoevalcap 1.2 with rarities of all
references, where the end of a text is a word ("zzend" here) of each reference and of each caption that is not cut; and
selfcritical.safetensors, the loss Σ -(r - b) ln p / n of captions that are given, one of them cut, with the model of blip-tiny/captioning, in
float64, and its gradients. torch 2.15, transformers 5.24, seed 5.
"""
import json
import pathlib
import random

import torch
from pycocoevalcap.cider.cider_scorer import CiderScorer
from transformers import BlipForConditionalGeneration

import goldenfile
from captions import WORDS

HERE = pathlib.Path(__file__).parent
END, START, STOP = "zzend", 38, 4
CAPTIONS = [[9, 3, 17, 8, STOP], [STOP], [30, 8, 3, 11, 12, 9], [9, 9, STOP], [3, 17, 21, STOP]]
PHOTOS, REWARDS, BASELINES = [0, 0, 1, 1, 2], [1.25, 0.0, 0.5, 2.0, 0.75], [0.5, 0.5, 0.75, 0.75, 0.75]


def rewards():
    source = random.Random(5)

    def sentence(least):
        return " ".join(source.choice(WORDS) for _ in range(source.randint(least, 9)))

    references = [[sentence(2) for _ in range(source.randint(1, 4))] for _ in range(12)]
    attempts = []
    for kind in range(5):
        scorer = CiderScorer()
        for image, own in enumerate(references):
            words = source.choice(own).split()
            if kind == 1:
                words[source.randrange(len(words))] = "zebra"
            if kind == 2:
                words = words[:len(words) // 2]
            caption = " ".join(words) if kind < 3 else sentence(0) if kind == 3 else "zebra zebra gnu gnu"
            closed = source.random() < 0.7
            attempts.append({"image": image, "caption": caption, "closed": closed})
            scorer += (caption + (" " + END if closed else ""), [reference + " " + END for reference in own])
        for attempt, score in zip(attempts[-len(references):], scorer.compute_score()[1]):
            attempt["reward"] = float(score)
    return {"references": references, "attempts": attempts}


def loss(model, pixels):
    states = model.vision_model(pixels.double()).last_hidden_state
    total = 0
    for caption, photo, reward, baseline in zip(CAPTIONS, PHOTOS, REWARDS, BASELINES):
        read = torch.tensor([[START] + caption[:-1]])
        logits = model.text_decoder(input_ids=read, encoder_hidden_states=states[photo:photo + 1]).logits[0]
        told = torch.log_softmax(logits, -1)[torch.arange(len(caption)), torch.tensor(caption)]
        total = total - (reward - baseline) * told.sum()
    return total / len(CAPTIONS)


def main():
    document = rewards()
    lines = ",\n".join(json.dumps(one) for one in document["attempts"])
    references = json.dumps(document["references"])
    (HERE / "selfcritical.json").write_text(f'{{"references": {references},\n"attempts": [\n{lines}\n]}}\n')

    model = BlipForConditionalGeneration.from_pretrained(HERE / "blip-tiny/captioning").double().eval()
    pixels = torch.randn(3, 3, 16, 16, generator=torch.Generator().manual_seed(1))
    value = loss(model, pixels)
    value.backward()
    gradients = {f"gradient.{name}": p.grad for name, p in model.named_parameters() if p.grad is not None}
    ids = torch.tensor([id for caption in CAPTIONS for id in caption])
    goldenfile.write(HERE / "selfcritical.safetensors", {
        "ids": ids, "lengths": torch.tensor([len(caption) for caption in CAPTIONS]), "photos": torch.tensor(PHOTOS),
        "rewards": torch.tensor(REWARDS), "baselines": torch.tensor(BASELINES), "pixels": pixels, "loss": value,
    } | gradients, goldenfile.metadata("selfcritical.py"))


if __name__ == "__main__":
    main()
