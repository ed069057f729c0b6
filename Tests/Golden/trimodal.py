"""Golden numbers of three modalities: the loss of their pairs, and the layers in which they meet two by two: python trimodal.py

As operations.py, in float64. The loss is written sample by sample from its definition: the mean over the pairs of modalities that
somebody has both of, of half of both directions, each a mean over the samples that have both, and candidates are those samples alone. The
layers are those of crossattention.py, one sample at a time, an absent modality being one learned row. torch 2.15.
"""
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import nn

import goldenfile
from crossattention import StreamLayer
from operations import TENSORS, Case, offsets

MODALITIES = ["image", "text", "audio"]
PAIRS = [("image", "text"), ("image", "audio"), ("text", "audio")]


def loss(name, absent):
    """absent: of each modality the samples that lack it."""
    case, count, width = Case(name), 12, 8
    features = {m: case.input(m, F.normalize(case.normal(count, width), dim=1).float().double()) for m in MODALITIES}
    scales = case.input("scales", torch.tensor([2.6592, 1.5, 0.25]).double())
    present = {m: torch.tensor([i not in absent.get(m, []) for i in range(count)]) for m in MODALITIES}
    for modality in MODALITIES:
        case.constant(f"has_{modality}", present[modality].int())
    losses = []
    for place, (a, b) in enumerate(PAIRS):
        both = (present[a] & present[b]).nonzero()[:, 0].tolist()
        case.constant(f"count_{a}_{b}", len(both))
        if not both:
            continue
        total = 0
        for i in both:
            forth = torch.stack([scales[place].exp() * features[a][i] @ features[b][j] for j in both])
            back = torch.stack([scales[place].exp() * features[b][i] @ features[a][j] for j in both])
            total = total - (forth.log_softmax(0)[both.index(i)] + back.log_softmax(0)[both.index(i)]) / 2
        losses.append(total / len(both))
    # What nobody has gets a gradient of zeros.
    case.loss(sum(losses) / len(losses) + 0 * sum(x.sum() for x in features.values()))


class Meeting(nn.Module):
    """Two modalities that attend to each other; the second one stands where texts do."""

    def __init__(self, first, second, widths, width, heads, layers):
        super().__init__()
        self.first, self.second = first, second
        for modality in (second, first):
            setattr(self, f"{modality}_projection", nn.Linear(widths[modality], width))
            setattr(self, f"{modality}_norm", nn.LayerNorm(width))
        self.layers = nn.ModuleList(
            nn.ModuleDict({m: StreamLayer(width, heads, True) for m in (second, first)}) for _ in range(layers))

    def forward(self, x, y):
        x, y = getattr(self, f"{self.first}_projection")(x), getattr(self, f"{self.second}_projection")(y)
        for layer in self.layers:
            x, y = layer[self.first](x, y), layer[self.second](y, x)
        return torch.cat([getattr(self, f"{self.second}_norm")(y)[0], getattr(self, f"{self.first}_norm")(x)[0]])


class Combination(nn.Module):
    def __init__(self, kind, width, count):
        super().__init__()
        self.kind = kind
        if kind == "concatenation":
            self.dense = nn.Linear(count * width, width)
        elif kind == "gated":
            self.candidates = nn.ModuleList(nn.Linear(width, width, bias=False) for _ in range(count))
            self.gates = nn.ModuleList(nn.Linear(count * width, width, bias=False) for _ in range(count))
        elif kind == "attention":
            self.keys, self.query = nn.Linear(width, width), nn.Parameter(torch.zeros(1, width))

    def forward(self, vectors):
        """A vector a pair [W] → [W]"""
        if self.kind == "concatenation":
            return self.dense(torch.cat(vectors))
        if self.kind == "gated":
            hidden = [layer(x).tanh() for layer, x in zip(self.candidates, vectors)]
            return sum(gate(torch.cat(vectors)).sigmoid() * h for gate, h in zip(self.gates, hidden))
        if self.kind == "attention":
            x = torch.stack(vectors)
            return (self.query @ self.keys(x).tanh().T / x.shape[1] ** 0.5).softmax(1)[0] @ x
        return sum(vectors)


class Join(nn.Module):
    def __init__(self, kind, widths, width, heads, layers):
        super().__init__()
        for modality in MODALITIES:
            setattr(self, f"absent_{modality}", nn.Parameter(torch.zeros(1, widths[modality])))
        for a, b in PAIRS:
            setattr(self, f"{a}_{b}", Meeting(a, b, widths, width, heads, layers))
        self.combine = Combination(kind, 2 * width, len(PAIRS))

    def forward(self, sample):
        """sample: of each modality its states [T, W], or None."""
        states = {m: getattr(self, f"absent_{m}") if sample[m] is None else sample[m] for m in MODALITIES}
        return self.combine([getattr(self, f"{a}_{b}")(states[a], states[b]) for a, b in PAIRS])


def join(kind):
    case, widths = Case(f"join_{kind}"), dict(image=6, text=10, audio=8)
    model = Join(kind, widths, width=4, heads=2, layers=2 if kind == "concatenation" else 1).double()
    for name, weight in model.named_parameters():
        with torch.no_grad():
            size = 0.5 if "absent" in name or "query" in name else 0.3 if weight.dim() > 1 else 0.1
            ones = float("norm" in name and name.endswith("weight"))
            weight.copy_(case.normal(*weight.shape, scale=size).float().double() + ones)
    # One array of all weights, in the order of their names.
    names = sorted(name for name, _ in model.named_parameters())
    weights = dict(model.named_parameters())
    case.record(weights=torch.cat([weights[name].detach().flatten() for name in names]))
    # Of each modality the segments that there are, and for each sample which of these is its own.
    lengths = dict(image=[4, 4, 4], text=[3, 1, 5, 2], audio=[6, 2])
    places = dict(image=[0, None, 1, 2, None, None], text=[0, 1, None, 2, 3, None], audio=[0, None, 1, None, None, None])
    segments = {}
    for m in MODALITIES:
        states = case.input(f"states.{m}", case.normal(sum(lengths[m]), widths[m]))
        case.constant(f"offsets.{m}", offsets(lengths[m]))
        case.constant(f"places.{m}", torch.tensor([-1 if place is None else place for place in places[m]]))
        segments[m] = states.split(lengths[m])
    samples = [{m: None if places[m][i] is None else segments[m][places[m][i]] for m in MODALITIES} for i in range(6)]
    case.output(z=torch.stack([model(sample) for sample in samples]))
    case.record(dweights=torch.cat([weights[name].grad.flatten() for name in names]))
    return names


if __name__ == "__main__":
    torch.set_num_threads(1)
    TENSORS.clear()
    loss("loss", dict(image=[3, 7, 8], text=[0, 7, 11], audio=[1, 2, 4, 5, 7]))
    loss("loss_without_sound", dict(image=[3], text=[0, 7, 11], audio=range(12)))
    kinds = ("concatenation", "gated", "attention", "sum")
    names = {f"names_{kind}": " ".join(join(kind)) for kind in kinds}
    goldenfile.write(Path(__file__).with_suffix(".safetensors"), TENSORS, goldenfile.metadata("trimodal.py", **names))
