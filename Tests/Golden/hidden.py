"""Golden losses of hidden regions as a training step has them: python hidden.py

The UNITER of uniter.py with the weights and inputs of uniter-tiny/case-regions.safetensors. Which regions are asked for, and which are
hidden, is drawn as mmtrain draws it (streams.py): three in ten, of which three in ten are kept, and what overlaps one by more than
0.25 is hidden with it. Writes uniter-tiny/hidden.safetensors: the places, the loss of each kind, and the gradients of their sum. In
float64, class probabilities rounded to float16 as a prepared set holds them. torch 2.15.
"""
import json

import torch
import torch.nn.functional as F
from safetensors.torch import load_file

import goldenfile
import streams
from uniter import HERE, UNITER

SEED, EPOCH, PURPOSE, SHARE, KEPT, OVERLAP = 7, 2, 20, 0.3, 0.3, 0.25


def uniform(stream):
    return (next(stream) >> 8) * 2.0 ** -24


def overlap(a, b):
    width, height = min(a[2], b[2]) - max(a[0], b[0]), min(a[3], b[3]) - max(a[1], b[1])
    if width <= 0 or height <= 0:
        return 0
    area = lambda box: (box[2] - box[0]) * (box[3] - box[1])
    return width * height / (area(a) + area(b) - width * height)


def draw(boxes, photo, caption):
    stream = streams.words(SEED, PURPOSE, EPOCH, photo, caption)
    asked = [place for place in range(len(boxes)) if uniform(stream) < SHARE] or [streams.below(stream, len(boxes))]
    kept = [place for place in asked if uniform(stream) < KEPT]
    hidden = [place for place in range(len(boxes)) if place not in kept
              and any(place == other or overlap(boxes[place], boxes[other]) > OVERLAP for other in asked)]
    return asked, hidden


def main():
    directory = HERE / "uniter-tiny"
    case, leaves = load_file(directory / "case-regions.safetensors"), load_file(directory / "model.safetensors")
    leaves = {name: value.double().requires_grad_() for name, value in leaves.items()}
    model = UNITER(json.loads((directory / "config.json").read_text()), leaves)
    words, counts = case["input.attention_mask"].sum(1).tolist(), case["input.region_mask"].sum(1).tolist()
    asked, hidden = torch.zeros(2, 3, 6, dtype=torch.int32)
    states, features, shares = [], [], []
    for pair, (length, count) in enumerate(zip(words, counts)):
        boxes = case["input.boxes"][pair, :count]
        places, unseen = draw(boxes.tolist(), 100 + pair, 200 + pair)
        asked[pair, places] = 1
        hidden[pair, unseen] = 1
        own = case["input.regions"][pair, :count].double()
        image = model.pair(case["input.input_ids"][pair, :length], own, boxes.double(), hidden[pair, :count] == 1)[3]
        states.append(image[places])
        features.append(own[places])
        shares.append(case["input.region_targets"][pair, places].half().double())
    states, features, shares = torch.cat(states), torch.cat(features), torch.cat(shares)
    logits = model.classes(states)
    losses = {"features": F.mse_loss(model.features(states), features),
              "classes": F.cross_entropy(logits, shares[:, 1:].argmax(1) + 1),
              "distribution": (torch.special.xlogy(shares, shares) - shares * logits.log_softmax(1)).mean()}
    gradients = torch.autograd.grad(sum(losses.values()), list(leaves.values()), allow_unused=True)
    tensors = {"asked": asked, "hidden": hidden} | {f"loss/{name}": value for name, value in losses.items()}
    tensors |= {f"gradients/{name}": value for name, value in zip(leaves, gradients) if value is not None}
    goldenfile.write(directory / "hidden.safetensors", tensors, goldenfile.metadata("hidden.py"))


if __name__ == "__main__":
    torch.set_num_threads(1)
    main()
