"""What attention did with one image and one text, and what follows from it: python explanations.py

Writes explanations.safetensors: for a pair of each of the tiny models that other scripts here made (clip, cross-attention, vilt, uniter,
vilbert, fusion, mmbert) the inputs, the score, every attention's probabilities and their gradients, rollout and relevance. PyTorch computes
probabilities and gradients; softmax is called through a wrapper that keeps its results. Rollout follows Abnar & Zuidema (2020, §3),
relevance the equations of Chefer et al. (2021, §3.1), with a matrix for each pair of streams as the authors' code has them; an attention
over several streams at once reads and writes the rows of all of them. Nothing is drawn: models and inputs are those of the other files. Python 3.11.7, torch 2.15.0, transformers 5.24.0, safetensors 0.8.0; float64,
rounded once.
"""
import json
from dataclasses import dataclass
from pathlib import Path

import torch
import torch.nn.functional as F
import transformers
from safetensors.torch import load_file
from transformers import CLIPModel, ViltForImageAndTextRetrieval

import goldenfile
import fusion
import mmbert
from crossattention import AdaptiveAttention, CrossAttentionModel
from uniter import UNITER
from vilbert import ViLBERT

HERE = Path(__file__).parent
KEPT = []
TEXT, IMAGE, PAIR = "text", "image", "pair"
SENTINEL, SHARED, VECTOR, VECTORS, CELLS = "sentinel", "shared", "vector", "vectors", "cells"


def kept_softmax(scores, dim=-1, *_, **__):
    probabilities = torch.softmax(scores, dim)
    probabilities.retain_grad()
    KEPT.append(probabilities)
    return probabilities


F.softmax = torch.Tensor.softmax = kept_softmax
# ViLT draws the order of image tokens: here it is that of rows.
torch.multinomial = lambda weights, count, **_: torch.argsort(-weights, dim=-1, stable=True)[..., :count]


@dataclass
class Attention:
    """[heads, Tq, Tk] each."""
    probabilities: torch.Tensor
    gradient: torch.Tensor


class Relations:
    """R of each pair of streams, by the groups of attentions in which streams read each other as they were."""

    def __init__(self, counts):
        self.counts = counts
        zeros = lambda rows, columns: torch.zeros(counts[rows], counts[columns]).double()
        self.of = {(s, q): torch.eye(counts[s]).double() if s == q else zeros(s, q) for s in counts for q in counts}

    def block(self, rows, columns, of=None):
        of = of or self.of
        return torch.cat([torch.cat([of[s, q] for q in streams(columns)], 1) for s in streams(rows)])

    def write(self, rows, columns, block):
        parts = block.split([self.counts[s] for s in streams(rows)])
        for s, part in zip(streams(rows), parts):
            for q, piece in zip(streams(columns), part.split([self.counts[q] for q in streams(columns)], 1)):
                self.of[s, q] = piece

    def relevance(self, group):
        before = dict(self.of)
        for s, q, attention in group:
            cam = (attention.gradient * attention.probabilities).clamp(min=0).mean(0)
            if s == q:
                for other in self.counts:
                    self.write(s, other, self.block(s, other) + cam @ self.block(s, other))
                continue
            own, theirs = without_residual(self.block(s, s)), without_residual(self.block(q, q, before))
            to_other, to_own = own.T @ cam @ theirs, cam @ self.block(q, s, before)
            self.write(s, q, self.block(s, q) + to_other)
            self.write(s, s, self.block(s, s) + to_own)

    def rollout(self, group):
        before = dict(self.of)
        for s, q, attention in group:
            mean = attention.probabilities.mean(0)
            if s == q:
                mixed = mean + torch.eye(len(mean)).double()
                mixed = mixed / mixed.sum(1, keepdim=True)
                for other in self.counts:
                    self.write(s, other, mixed @ self.block(s, other))
                continue
            for other in self.counts:
                self.write(s, other, (self.block(s, other) + mean @ self.block(q, other, before)) / 2)

    def whole(self):
        return torch.cat([torch.cat([self.of[s, q] for q in self.counts], 1) for s in self.counts])


def streams(names):
    return names if isinstance(names, tuple) else (names,)


def without_residual(relation):
    """Equations 8 and 9; a row of zeros stays one."""
    rest = relation - torch.eye(len(relation)).double()
    sums = rest.sum(1, keepdim=True)
    return torch.where(sums > 0, rest / sums.where(sums > 0, torch.ones_like(sums)), rest) + torch.eye(len(rest)).double()


def explained(name, inputs, score, counts, groups, read):
    """Differentiates the score. Groups name the streams of each attention in the order in which the model computed them. Read are rows
    that the score is made of, or how much of each row it reads, once the score is differentiated."""
    score.backward()
    maps = []
    for kept in KEPT:
        gradient = torch.zeros_like(kept) if kept.grad is None else kept.grad
        shape = (1, 1, *kept.shape)[-3:]
        maps.append(Attention(*(part.detach().reshape(shape) for part in (kept, gradient))))
    KEPT.clear()
    found = {f"{name}/{key}": value for key, value in inputs.items()} | {f"{name}/score": score}
    relevance, rollout, ordered = Relations(counts), Relations(counts), []
    for group in groups:
        steps = [(*streams, maps.pop(0)) for streams in group]
        relevance.relevance(steps)
        rollout.rollout(steps)
        ordered += sorted(steps, key=lambda step: streams(step[0])[0] != TEXT)  # text reads first
    assert not maps, f"{name}: {len(maps)} more attentions than groups name"
    for number, (_, _, attention) in enumerate(ordered):
        found |= {f"{name}/attention/{number}": attention.probabilities, f"{name}/gradient/{number}": attention.gradient}
    total = sum(counts.values())
    weights = read() if callable(read) else torch.zeros(total).double().index_fill(0, torch.tensor(read), 1)
    for method, relations in (("relevance", relevance), ("rollout", rollout)):
        whole = relations.whole()
        found |= {f"{name}/{method}": whole, f"{name}/{method}/pooled": F.pad(weights, (0, total - len(weights))) @ whole}
    return found


def shares_of(*states):
    """How much a mean over the rows of each of these reads of each of them: the positive part of a state times its gradient."""
    for part in states:
        part.retain_grad()

    def shares():
        products = [(part * part.grad).sum(1).clamp(min=0).detach() for part in states]
        return torch.cat([product / product.sum() for product in products])
    return shares


def alike(*counts):
    """The same of means that are made of states that nobody else sees: all rows count alike."""
    return lambda: torch.cat([torch.full((count,), 1 / count).double() for count in counts])


def eager(model):
    for module in model.modules():
        if hasattr(module, "config"):
            module.config._attn_implementation = "eager"
    return model.double().eval()


def clip():
    model = eager(CLIPModel.from_pretrained(HERE / "clip-tiny", attn_implementation="eager"))
    golden = load_file(HERE / "clip-tiny" / "golden.safetensors")
    pixels, ids = golden["pixel_values"][:1], golden["ids"][:golden["offsets"][1]].long()
    text = model.text_projection(model.text_model(input_ids=ids[None]).last_hidden_state[:, -1])
    image = model.visual_projection(model.vision_model(pixel_values=pixels.double()).pooler_output)
    score = model.logit_scale.exp() * F.cosine_similarity(text, image)[0]
    counts = {TEXT: len(ids), IMAGE: 17}
    groups = [[(TEXT, TEXT)]] * 2 + [[(IMAGE, IMAGE)]] * 2
    return explained("clip", dict(ids=ids, pixels=pixels), score, counts, groups, [len(ids) - 1, len(ids)])


def cross_attention():
    directory = HERE / "cross-attention-tiny"
    model = CrossAttentionModel(json.loads((directory / "config.json").read_text()))
    model.load_state_dict(load_file(directory / "model.safetensors"))
    eager(model)
    golden = load_file(directory / "golden.safetensors")
    pixels, ids = golden["pixel_values"][:1], golden["ids"][:golden["offsets"][1]].long()
    text = model.text_model(input_ids=ids[None]).last_hidden_state[0]
    image = model.vision_model.post_layernorm(model.vision_model(pixel_values=pixels.double()).last_hidden_state)[0]
    logits = model.matching_head(model.fusion(text, image))
    layer = [(TEXT, TEXT), (TEXT, IMAGE), (IMAGE, IMAGE), (IMAGE, TEXT)]
    groups = [[(TEXT, TEXT)]] + [[(IMAGE, IMAGE)]] * 2 + [layer] * 2
    counts = {TEXT: len(text), IMAGE: len(image)}
    return explained("cross-attention", dict(ids=ids, pixels=pixels), logits[1] - logits[0], counts, groups,
                     [len(text) - 1, len(text)])


def adaptive(self, x, y):
    """Σ α̂_j v_j + β s, its two parts each an attention over the other stream and a sentinel behind it."""
    split = lambda t: t.unflatten(1, (self.heads, -1)).transpose(0, 1)
    q, k, v = split(self.q_proj(x)), split(self.k_proj(y)), split(self.v_proj(y))
    s = split(torch.sigmoid(self.sentinel.gate(x)) * torch.tanh(self.sentinel.memory(x)))
    scores = torch.cat([q @ k.transpose(1, 2), q @ split(self.sentinel.key).transpose(1, 2)], 2) / q.shape[-1] ** 0.5
    seen = scores.softmax(-1) @ F.pad(v, (0, 0, 0, 1))
    away = F.pad(torch.zeros_like(v), (0, 0, 0, 1), value=1)
    return self.out_proj((seen + scores.softmax(-1) @ away * s).transpose(0, 1).flatten(1))


def gated():
    directory = HERE / "cross-attention-tiny/gated"
    model = CrossAttentionModel(json.loads((directory / "config.json").read_text()))
    model.load_state_dict(load_file(directory / "model.safetensors"))
    eager(model)
    AdaptiveAttention.forward = adaptive
    golden = load_file(directory / "golden.safetensors")
    pixels, ids = golden["pixel_values"][:1], golden["ids"][:golden["offsets"][1]].long()
    text = model.text_model(input_ids=ids[None]).last_hidden_state[0]
    image = model.vision_model.post_layernorm(model.vision_model(pixel_values=pixels.double()).last_hidden_state)[0]
    logits = model.matching_head(model.fusion(text, image))
    layer = [(TEXT, TEXT)] + [(TEXT, (IMAGE, SENTINEL))] * 2 + [(IMAGE, IMAGE)] + [(IMAGE, (TEXT, SENTINEL))] * 2
    counts = {TEXT: len(text), IMAGE: len(image), SENTINEL: 1}
    return explained("gated", dict(ids=ids, pixels=pixels), logits[1] - logits[0], counts,
                     [[(TEXT, TEXT)], [(IMAGE, IMAGE)], layer], [len(text) - 1, len(text)])


def loaded(module, directory):
    weights = {name: array.double().requires_grad_("running_" not in name)
               for name, array in load_file(directory / "model.safetensors").items()}
    case = load_file(directory / "case.safetensors")
    words = int(case["input.attention_mask"][0].sum())
    return module(json.loads((directory / "config.json").read_text()), weights), case, case["input.input_ids"][0, :words]


def fused(kind):
    model, case, ids = loaded(fusion.Fusion, HERE / "fusion-tiny" / kind)
    pixels = case["input.pixel_values"][:1]
    text, image, vector = model.join(model.words(ids), model.patches(pixels[0].double()))
    logits = model.match(vector)
    (words, places), layers = (len(text), len(image)), model.layers
    counts, both = {TEXT: words, IMAGE: places}, (TEXT, IMAGE)
    apart, read = [[(TEXT, TEXT)]] * layers + [[(IMAGE, IMAGE)]] * layers, alike(words, places)
    if kind == "early":
        groups, read = [[(both, both)]] * layers, shares_of(text, image)
    elif kind == "hybrid":
        groups = [[(both, both)]] * layers + apart
    elif kind == "bottleneck":
        first, counts[SHARED] = model.fusion["bottleneck_layer"], model.fusion["bottlenecks"]
        meeting = [((s, SHARED), (s, SHARED)) for s in both]
        groups = [[(TEXT, TEXT)]] * first + [[(IMAGE, IMAGE)]] * first + [meeting] * (layers - first)
        read = shares_of(text, image)
    else:
        counts |= {VECTOR: 1, VECTORS: 2}
        groups, read = apart + [[(VECTOR, VECTORS)]], shares_of(text, image)
    return explained(f"fusion-{kind}", dict(ids=ids, pixels=pixels), logits[1] - logits[0], counts, groups, read)


def stages(model, pixels):
    """The tokens of stages as an attention to what lies in each cell of the last map: the means of places, which count as many as there
    are."""
    maps = model.maps(pixels)[-model.config["vision_stages"]:][::-1]
    rows, columns = maps[0].shape[1:]
    cells, shares = [], []
    for place, x in enumerate(maps):
        height, width = x.shape[1:]
        row = torch.div((2 * torch.arange(height) + 1) * rows, 2 * height, rounding_mode="floor")
        column = torch.div((2 * torch.arange(width) + 1) * columns, 2 * width, rounding_mode="floor")
        cell = F.one_hot((row[:, None] * columns + column).flatten(), rows * columns).double()
        values = model.linear(f"visual_tokens.projections.{place}", x.flatten(1).T).relu()
        cells.append(cell.T @ values / cell.sum(0)[:, None])
        shares.append(cell.mean(0))
    probabilities = torch.block_diag(*[share[None] for share in shares]).requires_grad_()
    KEPT.append(probabilities[None])
    KEPT[-1].retain_grad()
    tokens = (KEPT[-1] @ torch.cat(cells))[0] + model.weights["visual_tokens.slots.weight"]
    return model.norm("bert.embeddings.LayerNorm", tokens + model.weights["bert.embeddings.token_type_embeddings.weight"][0])


def stage_tokens():
    model, case, ids = loaded(mmbert.MMBERT, HERE / "mmbert-tiny")
    pixels = case["input.pixel_values"][:1]
    words, tokens = model.words(ids), stages(model, pixels[0].double())
    logits = model.match(model.join(words, tokens)[2])
    counts = {TEXT: len(words), IMAGE: len(tokens), CELLS: KEPT[0].shape[2]}
    both = (TEXT, IMAGE)
    groups = [[(IMAGE, CELLS)]] + [[(both, both)]] * model.config["num_hidden_layers"]
    return explained("mmbert", dict(ids=ids, pixels=pixels), logits[1] - logits[0], counts, groups,
                     alike(len(words), len(tokens)))


def vilt():
    model = eager(ViltForImageAndTextRetrieval.from_pretrained(HERE / "vilt-tiny", attn_implementation="eager"))
    case = load_file(HERE / "vilt-tiny" / "case.safetensors")
    pixels, ids = case["input.pixel_values"][:1, :, :16, :32].contiguous(), case["input.input_ids"][0, :5]
    score = model(input_ids=ids[None], attention_mask=torch.ones(1, 5).long(), token_type_ids=torch.zeros(1, 5).long(),
                  pixel_values=pixels.double(), pixel_mask=torch.ones(1, 16, 32).long()).logits[0, 0]
    return explained("vilt", dict(ids=ids, pixels=pixels), score, {PAIR: 5 + 1 + 8}, [[(PAIR, PAIR)]] * 2, [0])


def uniter():
    directory = HERE / "uniter-tiny"
    weights = {name: array.double().requires_grad_() for name, array in load_file(directory / "model.safetensors").items()}
    model = UNITER(json.loads((directory / "config.json").read_text()), weights)
    case = load_file(directory / "case.safetensors")
    ids, features, boxes = case["input.input_ids"][0, :6], case["input.regions"][0, :4], case["input.boxes"][0, :4]
    text = model.pair(ids, features.double(), boxes.double(), torch.zeros(4).bool())[2]
    logits = model.linear("itm_output", model.pooled(text))
    return explained("uniter", dict(ids=ids, regions=features, boxes=boxes[:, :4].contiguous()), logits[1] - logits[0],
                     {PAIR: 10}, [[(PAIR, PAIR)]] * 2, [0])


def vilbert():
    directory = HERE / "vilbert-tiny"
    weights = {name: array.double().requires_grad_() for name, array in load_file(directory / "model.safetensors").items()}
    model = ViLBERT(json.loads((directory / "config.json").read_text()), weights)
    case = load_file(directory / "case.safetensors")
    words, regions = int(case["input.attention_mask"][1].sum()), int(case["input.region_mask"][1].sum())
    ids, features, boxes = case["input.input_ids"][1, :words], case["input.regions"][1, :regions], case["input.boxes"][1, :regions]
    seen = torch.cat([features.double().mean(0, keepdim=True), features.double()])
    places = torch.cat([torch.tensor([[0.0, 0, 1, 1]]).double(), boxes.double()])
    made = model(ids, torch.zeros_like(ids), seen, places, 0)
    logits = model.linear("cls.bi_seq_relationship", made["pooled"])  # the authors' first one is that of a match
    meeting = [(IMAGE, TEXT), (TEXT, IMAGE)]
    text, image = [(TEXT, TEXT)], [(IMAGE, IMAGE)]
    return explained("vilbert", dict(ids=ids, regions=features, boxes=boxes), logits[0] - logits[1],
                     {TEXT: words + 1, IMAGE: regions + 1}, [text, image, meeting, text, text, image, meeting, image],
                     [0, words + 1])


def main():
    found = clip() | cross_attention() | vilt() | uniter() | vilbert() | gated() | stage_tokens()
    for kind in ("early", "hybrid", "bottleneck", "late-attention"):
        found |= fused(kind)
    goldenfile.write(HERE / "explanations.safetensors", found,
                     goldenfile.metadata("explanations.py", transformers=transformers.__version__))


if __name__ == "__main__":
    torch.set_num_threads(1)
    main()
