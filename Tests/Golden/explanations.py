"""What attention did with one image and one text, and what follows from it: python explanations.py

Writes explanations.safetensors: for a pair of each of the tiny models that other scripts here made (clip, cross-attention, vilt, uniter,
vilbert) the inputs, the score, every attention's probabilities and their gradients, rollout and relevance. PyTorch computes
probabilities and gradients; softmax is called through a wrapper that keeps its results. Rollout follows Abnar & Zuidema (2020, §3),
relevance the equations of Chefer et al. (2021, §3.1), with a matrix for each pair of streams as the authors' code has them. Nothing is
drawn: models and inputs are those of the other files. Python 3.11.7, torch 2.15.0, transformers 5.24.0, safetensors 0.8.0; float64,
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
from crossattention import CrossAttentionModel
from uniter import UNITER
from vilbert import ViLBERT

HERE = Path(__file__).parent
KEPT = []
TEXT, IMAGE, PAIR = "text", "image", "pair"


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

    def relevance(self, group):
        before = dict(self.of)
        for s, q, attention in group:
            cam = (attention.gradient * attention.probabilities).clamp(min=0).mean(0)
            if s == q:
                for other in self.counts:
                    self.of[s, other] = self.of[s, other] + cam @ self.of[s, other]
                continue
            own, theirs = without_residual(self.of[s, s]), without_residual(before[q, q])
            to_other, to_own = own.T @ cam @ theirs, cam @ before[q, s]
            self.of[s, q], self.of[s, s] = self.of[s, q] + to_other, self.of[s, s] + to_own

    def rollout(self, group):
        before = dict(self.of)
        for s, q, attention in group:
            mean = attention.probabilities.mean(0)
            if s == q:
                mixed = mean + torch.eye(len(mean)).double()
                mixed = mixed / mixed.sum(1, keepdim=True)
                for other in self.counts:
                    self.of[s, other] = mixed @ self.of[s, other]
                continue
            for other in self.counts:
                self.of[s, other] = (self.of[s, other] + mean @ before[q, other]) / 2

    def whole(self):
        return torch.cat([torch.cat([self.of[s, q] for q in self.counts], 1) for s in self.counts])


def without_residual(relation):
    """Equations 8 and 9; a row of zeros stays one."""
    rest = relation - torch.eye(len(relation)).double()
    sums = rest.sum(1, keepdim=True)
    return torch.where(sums > 0, rest / sums.where(sums > 0, torch.ones_like(sums)), rest) + torch.eye(len(rest)).double()


def explained(name, inputs, score, counts, groups, read):
    """Differentiates the score. Groups name the streams of each attention in the order in which the model computed them."""
    score.backward()
    maps = []
    for kept in KEPT:
        gradient = torch.zeros_like(kept) if kept.grad is None else kept.grad
        maps.append(Attention(*(part.detach().reshape(kept.shape[-3:]) for part in (kept, gradient))))
    KEPT.clear()
    found = {f"{name}/{key}": value for key, value in inputs.items()} | {f"{name}/score": score}
    relevance, rollout, ordered = Relations(counts), Relations(counts), []
    for group in groups:
        steps = [(*streams, maps.pop(0)) for streams in group]
        relevance.relevance(steps)
        rollout.rollout(steps)
        ordered += sorted(steps, key=lambda step: step[0] != TEXT)  # text reads first
    assert not maps, f"{name}: {len(maps)} more attentions than groups name"
    for number, (_, _, attention) in enumerate(ordered):
        found |= {f"{name}/attention/{number}": attention.probabilities, f"{name}/gradient/{number}": attention.gradient}
    for method, relations in (("relevance", relevance), ("rollout", rollout)):
        whole = relations.whole()
        found |= {f"{name}/{method}": whole, f"{name}/{method}/pooled": whole[read].sum(0)}
    return found


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
    found = clip() | cross_attention() | vilt() | uniter() | vilbert()
    goldenfile.write(HERE / "explanations.safetensors", found,
                     goldenfile.metadata("explanations.py", transformers=transformers.__version__))


if __name__ == "__main__":
    torch.set_num_threads(1)
    main()
