"""Golden steps of group DRO: python groups.py

A linear classifier of 4 classes learns for eight steps by the loss of Sagawa et al. (2020, algorithm 1), in the form of their code
(`LossComputer` of kohpangwei/group_DRO) with two of its lines set right: the adjustment C / √n is not added to the losses in place, so
that what is told is the loss, and a group of which nobody is in the batch keeps its weight. Each step stores what the classifier said
(logits), the losses and weights of groups, their averages (γ = 0.1), the loss and its gradient by the logits. torch 2.15.
"""
from pathlib import Path

import torch
import torch.nn.functional as F

import goldenfile

STEPS, BATCH, WIDTH, CLASSES = 8, 12, 6, 4
COUNTS = torch.tensor([400.0, 90.0, 25.0, 7.0], dtype=torch.float64)
RATE, ADJUSTMENT, GAMMA = 0.5, 1.5, 0.1


def draw(random, step):
    """A step sees groups of different sizes; the third one not at all, the fifth only two of them."""
    group = torch.randint(0, 4, (BATCH,), generator=random)
    if step == 2:
        group[group == 3] = 0
    if step == 4:
        group %= 2
    x = torch.randn(BATCH, WIDTH, generator=random, dtype=torch.float64)
    return x, torch.randint(0, CLASSES, (BATCH,), generator=random), group


def main():
    random, tensors = goldenfile.generator("groups"), {}
    weights = (0.5 * torch.randn(WIDTH, CLASSES, generator=random, dtype=torch.float64)).requires_grad_()
    q, average, seen = torch.full((4,), 0.25, dtype=torch.float64), torch.zeros(4, dtype=torch.float64), torch.zeros(4).bool()
    for step in range(STEPS):
        x, labels, group = draw(random, step)
        logits = x @ weights
        logits.retain_grad()
        told = logits.detach().float().double().requires_grad_()
        # What mmtrain is given is rounded once, and so is what this step computes with.
        costs = F.cross_entropy(told, labels, reduction="none")
        here = F.one_hot(group, 4).double()
        count = here.sum(0)
        losses = (here.T @ costs) / count.clamp(min=1)
        average = torch.where(count > 0, torch.where(seen, (1 - GAMMA) * average + GAMMA * losses.detach(), losses.detach()), average)
        seen = seen | (count > 0)
        rise = torch.where(count > 0, losses.detach() + ADJUSTMENT / COUNTS.sqrt(), torch.zeros(4, dtype=torch.float64))
        q = q * torch.exp(RATE * rise)
        q = q / q.sum()
        loss = losses @ q
        loss.backward()
        for name, value in [
            ("logits", told), ("labels", labels), ("groups", group), ("losses", losses), ("count", count.int()), ("q", q),
            ("average", average), ("loss", loss[None]), ("gradient", told.grad),
        ]:
            tensors[f"{step}/{name}"] = value
        logits.backward(told.grad)
        with torch.no_grad():
            weights -= 0.5 * weights.grad
            weights.grad = None
    goldenfile.write(Path(__file__).with_suffix(".safetensors"), tensors, goldenfile.metadata("groups.py"))


if __name__ == "__main__":
    torch.set_num_threads(1)
    main()
