"""Golden losses against targets that are numbers, and of the transport between tokens and regions: python targets.py

As operations.py; the transport is a plain rewrite of IPOT (Xie et al., 2018, algorithm 1) in the form of UNITER's code: padding-free,
50 iterations of one inner step, β 0.5, and a plan that is a constant for the gradient. torch 2.15.
"""
from pathlib import Path

import torch
import torch.nn.functional as F

import goldenfile
from operations import TENSORS, Case, offsets


def element_losses():
    case = Case("squared_error")
    x, targets = case.input("x", case.normal(5, 18)), case.constant("targets", case.normal(5, 18))
    case.constant("count", 7 * 18)
    case.loss(F.mse_loss(x, targets, reduction="sum") / (7 * 18))

    case = Case("binary_cross_entropy")
    logits = case.normal(6, 13, scale=4)
    logits[0, 0], logits[1, 1] = 120.0, -120.0
    x = case.input("x", logits.float().double())
    targets = case.constant("targets", case.normal(6, 13).clamp(0, 1).float().double())
    case.constant("count", 6)
    case.loss(F.binary_cross_entropy_with_logits(x, targets, reduction="sum") / 6)

    case = Case("divergence")
    logits = case.normal(5, 11, scale=3)
    logits[3] += 300
    x = case.input("x", logits.float().double())
    targets = case.normal(5, 11, scale=2).softmax(1).float()
    targets[2] = 0
    targets[2, 4] = 1
    targets = case.constant("targets", targets.double())
    case.constant("count", 5)
    case.loss(F.kl_div(x.log_softmax(1), targets, reduction="sum") / 5)


def class_losses():
    """As CrossEntropyLoss and BCEWithLogitsLoss compute them of classes: the targets and the divisor that say the same."""
    case, smoothing = Case("weighted_cross_entropy"), 0.1
    x = case.input("x", case.normal(6, 5, scale=3).float().double())
    labels = torch.tensor([0, 3, 3, 1, 4, 0])
    weights = (case.normal(5).abs() + 0.5).float().double()
    shares = (1 - smoothing) * F.one_hot(labels, 5).double() + smoothing / 5
    case.constant("targets", weights * shares)
    case.constant("divisor", weights[labels].sum())
    case.loss(F.cross_entropy(x, labels, weight=weights, label_smoothing=smoothing))

    case = Case("weighted_binary_cross_entropy")
    logits = case.normal(6, 5, scale=4)
    logits[0, 0], logits[1, 1] = 120.0, -120.0
    x = case.input("x", logits.float().double())
    targets = case.constant("targets", (case.normal(6, 5) > 0.3).double())
    positive = case.constant("positive", (case.normal(5).abs() + 0.5).float().double())
    case.loss(F.binary_cross_entropy_with_logits(x, targets, pos_weight=positive))


def smoothed_loss():
    """loss = Σ ((1 − ε) · −log p[target] + ε · mean of −log p) / count, as label_smoothing has it; a row overflows exp in fp32."""
    case, smoothing = Case("smoothed_cross_entropy"), 0.1
    logits = case.normal(9, 37, scale=3)
    logits[4] += 300
    x = case.input("x", logits.float().double())
    targets = case.constant("targets", case.integers(0, 37, 9))
    case.constant("count", 11)
    case.constant("smoothing", smoothing)
    case.loss(F.cross_entropy(x, targets, label_smoothing=smoothing, reduction="sum") / 11)


def plan(costs, iterations=50, beta=0.5):
    n, m = costs.shape
    kernel, transport, sigma = (-costs / beta).exp(), torch.ones_like(costs), torch.full((n,), 1 / n).to(costs)
    for _ in range(iterations):
        moved = kernel * transport
        delta = 1 / (m * (moved.T @ sigma))
        sigma = 1 / (n * (moved @ delta))
        transport = sigma[:, None] * moved * delta[None, :]
    return transport


def transport():
    case, texts, images = Case("transport"), [4, 1, 9], [3, 7, 5]
    x = case.input("texts", F.normalize(case.normal(sum(texts), 19), dim=1).float().double())
    y = case.input("images", F.normalize(case.normal(sum(images), 19), dim=1).float().double())
    case.constant("text_offsets", offsets(texts))
    case.constant("image_offsets", offsets(images))
    distances, plans = [], []
    for a, b in zip(x.split(texts), y.split(images)):
        costs = 1 - a @ b.T
        plans.append(plan(costs.detach()))
        distances.append((plans[-1] * costs).sum())
    case.constant("plans", torch.cat([found.flatten() for found in plans]))
    case.output(y=torch.stack(distances)[:, None])


if __name__ == "__main__":
    torch.set_num_threads(1)
    element_losses()
    transport()
    class_losses()
    smoothed_loss()
    goldenfile.write(Path(__file__).with_suffix(".safetensors"), TENSORS, goldenfile.metadata("targets.py"))
