"""Fusion models with random weights: python fusion.py

Writes fusion-tiny/KIND/ with config.json, model.safetensors and case.safetensors (names as docs/verification.md says) for every kind of
fusion: early (patches, and regions), late with each way of joining vectors, hybrid, bottleneck. Where words and places meet, some words
and some places are hidden. The models are written down here from the papers that docs/models/fusion.md names, in plain PyTorch, pair by
pair and without padding. Everything is computed in float64 from float32 numbers. Seed 21, torch 2.15.0, safetensors 0.8.0.
"""
import json
import pathlib

import torch
import torch.nn.functional as F
from safetensors.torch import save_file

from patches import normalized

HERE = pathlib.Path(__file__).parent
CLASS, SEPARATOR, MASK, VOCABULARY, CONTEXT = 1, 2, 3, 24, 9
WIDTH, INNER, HEADS, EPSILON = 8, 16, 2, 1e-5
IMAGE, PATCH, FEATURES, CLASSES = 8, 4, 5, 4

WORDS = {"model_type": "words", "vocab_size": VOCABULARY, "max_position_embeddings": CONTEXT, "hidden_size": 10}
PATCHES = {"model_type": "patches", "image_size": IMAGE, "patch_size": PATCH, "hidden_size": WIDTH}

KINDS = {
    "early": {"kind": "early", "num_hidden_layers": 2},
    "regions": {"kind": "early", "num_hidden_layers": 1},
    "late-concatenation": {"kind": "late", "late": "concatenation", "num_hidden_layers": 2},
    "late-gated": {"kind": "late", "late": "gated", "num_hidden_layers": 1},
    "late-attention": {"kind": "late", "late": "attention", "num_hidden_layers": 1},
    "late-sum": {"kind": "late", "late": "sum", "num_hidden_layers": 1},
    "hybrid": {"kind": "hybrid", "late": "gated", "num_hidden_layers": 1},
    "bottleneck": {"kind": "bottleneck", "bottlenecks": 2, "bottleneck_layer": 1, "num_hidden_layers": 3},
}

# What is told of hidden places.
TOLD = {"regions": {"region_features_head": True, "region_classes": CLASSES}} | {
    name: {"region_pixels_head": True} for name in ("early", "hybrid", "bottleneck")}


class Fusion:
    """The weights by their names, and what they make of a pair."""

    def __init__(self, config, weights):
        self.fusion, self.weights = config["fusion_config"], weights
        self.layers = self.fusion["num_hidden_layers"]

    def linear(self, name, x):
        return F.linear(x, self.weights[name + ".weight"], self.weights.get(name + ".bias"))

    def norm(self, name, x, epsilon=EPSILON):
        return F.layer_norm(x, x.shape[-1:], self.weights[name + ".weight"], self.weights[name + ".bias"], epsilon)

    def words(self, ids):
        rows = lambda table, places: self.weights[f"text_model.embeddings.{table}_embeddings.weight"][places]
        x = rows("word", ids) + rows("position", torch.arange(len(ids))) + rows("token_type", torch.zeros_like(ids))
        return self.linear("fusion.text_projection", self.norm("text_model.embeddings.LayerNorm", x, 1e-12))

    def patches(self, pixels):
        """[3,S,S] → [P,W], row by row."""
        cut = F.unfold(pixels[None], PATCH, stride=PATCH)[0].T
        weight = self.weights["vision_model.patch_embeddings.projection.weight"]
        x = F.linear(cut, weight.flatten(1), self.weights["vision_model.patch_embeddings.projection.bias"])
        return x + self.weights["vision_model.position_embeddings.weight"]

    def regions(self, features, boxes):
        places = torch.cat([boxes, ((boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1]))[:, None]], 1)
        name = "region_tokens."
        return self.norm(name + "norm", self.linear(name + "features", features) + self.linear(name + "boxes", places))

    def layer(self, name, x):
        normal = self.norm(name + "layer_norm1", x)
        query, key, value = (self.linear(f"{name}self_attn.{part}_proj", normal).reshape(len(x), HEADS, -1).transpose(0, 1)
                             for part in "qkv")
        mixed = (query @ key.transpose(1, 2) / query.shape[-1] ** 0.5).softmax(-1) @ value
        x = x + self.linear(name + "self_attn.out_proj", mixed.transpose(0, 1).reshape(len(x), -1))
        return x + self.linear(name + "mlp.fc2", F.gelu(self.linear(name + "mlp.fc1", self.norm(name + "layer_norm2", x))))

    def stack(self, name, x, layers):
        for number in layers:
            x = self.layer(f"{name}layers.{number}.", x)
        return x

    def early(self, name, text, image):
        types = self.weights[name + "modality_embeddings.weight"]
        x = self.stack(name, torch.cat([text + types[0], image + types[1]]), range(self.layers))
        text, image = self.norm(name + "norm", x).split([len(text), len(image)])
        return text, image, (text.mean(0) + image.mean(0)) / 2

    def late(self, text, image):
        text, image = (self.norm(f"fusion.{name}.norm", self.stack(f"fusion.{name}.", x, range(self.layers)))
                       for name, x in (("text", text), ("image", image)))
        return text, image, self.vectors([text.mean(0), image.mean(0)])

    def vectors(self, x):
        """Arevalo et al. (2017), §3.1, for `gated`; Bahdanau et al. (2015), eq. 6, over modalities for `attention`."""
        kind, name = self.fusion["late"], "fusion.late."
        if kind == "sum":
            return sum(x)
        if kind == "concatenation":
            return self.linear(name + "dense", torch.cat(x))
        if kind == "gated":
            hidden = [torch.tanh(self.linear(f"{name}candidates.{place}", part)) for place, part in enumerate(x)]
            z = torch.sigmoid(self.linear(name + "gates.0", torch.cat(x)))
            return z * hidden[0] + (1 - z) * hidden[1]
        keys = torch.tanh(self.linear(name + "keys", torch.stack(x)))
        shares = (keys @ self.weights[name + "query"][0] / WIDTH ** 0.5).softmax(0)
        return shares @ torch.stack(x)

    def bottleneck(self, text, image):
        """Nagrani et al. (2021), eq. 8 and 9."""
        own, first = {"text": text, "image": image}, self.fusion["bottleneck_layer"]
        own = {name: self.stack(f"fusion.{name}.", x, range(first)) for name, x in own.items()}
        shared = self.weights["fusion.bottlenecks.weight"]
        for number in range(first, self.layers):
            made = {name: self.layer(f"fusion.{name}.layers.{number}.", torch.cat([x, shared])) for name, x in own.items()}
            own = {name: x[:-len(shared)] for name, x in made.items()}
            shared = torch.stack([x[-len(shared):] for x in made.values()]).mean(0)
        text, image = (self.norm(f"fusion.{name}.norm", own[name]) for name in ("text", "image"))
        return text, image, (text.mean(0) + image.mean(0)) / 2

    def join(self, text, image):
        """States of the text's tokens and of the image's, and the pair's vector."""
        kind = self.fusion["kind"]
        if kind == "early":
            return self.early("fusion.joint.", text, image)
        if kind == "late":
            return self.late(text, image)
        if kind == "bottleneck":
            return self.bottleneck(text, image)
        return tuple(a + b for a, b in zip(self.early("fusion.joint.", text, image), self.late(text, image)))

    def match(self, vectors):
        return self.linear("matching_head.output", F.gelu(self.linear("matching_head.dense", vectors)))

    def told(self, head, states):
        hidden = F.gelu(self.linear(head + ".transform.dense", states))
        return self.linear(head + ".decoder", self.norm(head + ".transform.LayerNorm", hidden))

    def masked_words(self, states):
        hidden = self.norm("masked_text_head.layer_norm", F.gelu(self.linear("masked_text_head.dense", states)))
        return hidden @ self.weights["text_model.embeddings.word_embeddings.weight"].T + self.weights["masked_text_head.bias"]


def compute(model, inputs):
    texts = [model.words(ids[mask == 1]) for ids, mask in zip(inputs["input_ids"], inputs["attention_mask"])]
    hidden = inputs.get("region_labels")
    if "regions" in inputs:
        seen = inputs["regions"] * (hidden != 1)[..., None]
        images = [model.regions(features[mask == 1], boxes[mask == 1]) for features, boxes, mask
                  in zip(seen, inputs["boxes"], inputs["region_mask"])]
    else:
        pixels = inputs["pixel_values"] if hidden is None else blanked(inputs["pixel_values"], hidden == 1, PATCH)
        images = [model.patches(picture) for picture in pixels]
    made = [model.join(text, image) for text, image in zip(texts, images)]
    pad = lambda states, slots: F.pad(states, (0, 0, 0, slots - len(states)))
    found = {
        "output.text_states": torch.stack([pad(text, inputs["input_ids"].shape[1]) for text, _, _ in made]),
        "output.image_states": torch.stack([pad(image, max(map(len, images))) for _, image, _ in made]),
        "output.pooled": torch.stack([vector for _, _, vector in made]),
    }
    vectors = torch.stack([model.join(texts[text], images[image])[2] for image, text in inputs["pairs"].tolist()])
    found["output.itm_logits"] = model.match(vectors)
    found["loss.itm"] = F.cross_entropy(found["output.itm_logits"], inputs["itm_labels"])
    if "mlm_labels" in inputs:
        labels = inputs["mlm_labels"]
        found["output.mlm_logits"] = model.masked_words(found["output.text_states"][labels >= 0])
        found["loss.mlm"] = F.cross_entropy(found["output.mlm_logits"], labels[labels >= 0])
    if hidden is not None:
        found |= hidden_places(model, inputs, found["output.image_states"][hidden == 1], hidden == 1)
    return found


def blanked(pixels, hidden, side):
    """Pictures [B,3,S,S] with the hidden of their cells [B,P] at zero."""
    grid = pixels.shape[-1] // side
    rows = hidden.reshape(-1, 1, grid, grid).repeat_interleave(side, 2).repeat_interleave(side, 3)
    return pixels * ~rows


def hidden_places(model, inputs, states, hidden):
    """What is told of them, and the mean errors, over all numbers but for classes."""
    if "regions" not in inputs:
        told = model.told("patch_pixels", states)
        wanted = torch.stack([normalized(picture, PATCH) for picture in inputs["pixel_values"]])[hidden]
        return {"output.region_pixels": told, "loss.region_pixels": F.mse_loss(told, wanted)}
    features, logits = model.told("region_features", states), model.told("region_classes", states)
    shares = inputs["region_targets"][hidden]
    return {
        "output.region_regression": features, "loss.region_feature": F.mse_loss(features, inputs["regions"][hidden]),
        "output.region_logits": logits, "loss.region_class": F.cross_entropy(logits, shares[:, 1:].argmax(1) + 1),
        "loss.region_kl": (torch.special.xlogy(shares, shares) - shares * logits.log_softmax(1)).mean()}


# Making them


def shapes(config):
    layer = lambda name, outputs, inputs: {name + ".weight": (outputs, inputs), name + ".bias": (outputs,)}
    norm = lambda name, size=WIDTH: {name + ".weight": (size,), name + ".bias": (size,)}
    width, fusion = WORDS["hidden_size"], config["fusion_config"]
    tables = {"word": VOCABULARY, "position": CONTEXT, "token_type": 1}
    found = {f"text_model.embeddings.{name}_embeddings.weight": (rows, width) for name, rows in tables.items()}
    found |= norm("text_model.embeddings.LayerNorm", width) | layer("fusion.text_projection", WIDTH, width)
    if "vision_config" in config:
        projection = "vision_model.patch_embeddings.projection"
        found |= {projection + ".weight": (WIDTH, 3, PATCH, PATCH), projection + ".bias": (WIDTH,),
                  "vision_model.position_embeddings.weight": ((IMAGE // PATCH) ** 2, WIDTH)}
    else:
        found |= layer("region_tokens.features", WIDTH, FEATURES) | layer("region_tokens.boxes", WIDTH, 5)
        found |= norm("region_tokens.norm")
    stacks = ["joint"] if fusion["kind"] in ("early", "hybrid") else []
    stacks += ["text", "image"] if fusion["kind"] != "early" else []
    for name in stacks:
        place = f"fusion.{name}."
        for number in range(fusion["num_hidden_layers"]):
            block = f"{place}layers.{number}."
            for part in ("q_proj", "k_proj", "v_proj", "out_proj"):
                found |= layer(block + "self_attn." + part, WIDTH, WIDTH)
            found |= layer(block + "mlp.fc1", INNER, WIDTH) | layer(block + "mlp.fc2", WIDTH, INNER)
            found |= norm(block + "layer_norm1") | norm(block + "layer_norm2")
        found |= norm(place + "norm")
        if name == "joint":
            found[place + "modality_embeddings.weight"] = (2, WIDTH)
    if fusion["kind"] == "bottleneck":
        found["fusion.bottlenecks.weight"] = (fusion["bottlenecks"], WIDTH)
    found |= {
        None: {}, "sum": {}, "concatenation": layer("fusion.late.dense", WIDTH, 2 * WIDTH),
        "gated": {"fusion.late.candidates.0.weight": (WIDTH, WIDTH), "fusion.late.candidates.1.weight": (WIDTH, WIDTH),
                  "fusion.late.gates.0.weight": (WIDTH, 2 * WIDTH)},
        "attention": layer("fusion.late.keys", WIDTH, WIDTH) | {"fusion.late.query": (1, WIDTH)},
    }[fusion.get("late")]
    found |= layer("matching_head.dense", WIDTH, WIDTH) | layer("matching_head.output", 2, WIDTH)
    if config.get("masked_text_head"):
        found |= layer("masked_text_head.dense", width, WIDTH) | norm("masked_text_head.layer_norm", width)
        found["masked_text_head.bias"] = (VOCABULARY,)
    told = {"region_features": FEATURES} if "region_features_head" in config else {}
    told |= {"region_classes": CLASSES} if "region_classes" in config else {}
    told |= {"patch_pixels": 3 * PATCH * PATCH} if "region_pixels_head" in config else {}
    for name, targets in told.items():
        found |= layer(name + ".transform.dense", WIDTH, WIDTH) | norm(name + ".transform.LayerNorm")
        found |= layer(name + ".decoder", targets, WIDTH)
    return found


def draw(config, random):
    """N(0, 0.3), norms around 1, a query that tells modalities apart."""
    weights = {}
    for name, shape in shapes(config).items():
        noise = torch.randn(shape, generator=random)
        if len(shape) == 1 and name.endswith(".weight"):
            weights[name] = 1 + 0.1 * noise
        else:
            weights[name] = noise * (2 if name.endswith("query") else 0.3)
    return weights


def draw_inputs(config, random):
    lengths, counts = [6, 3, 8], [3, 4, 1]
    slots = max(lengths) + 1
    mask = lambda sizes, slots: (torch.arange(slots) < torch.tensor(sizes)[:, None]).long()
    ids = torch.zeros(len(lengths), slots, dtype=torch.int64)
    for row, length in enumerate(lengths):
        ids[row, 0], ids[row, length - 1] = CLASS, SEPARATOR
        ids[row, 1:length - 1] = torch.randint(MASK + 1, VOCABULARY, (length - 2,), generator=random)
    inputs = {"input_ids": ids, "attention_mask": mask(lengths, slots),
              "pairs": torch.tensor([[0, 0], [1, 1], [2, 2], [0, 2], [1, 0]]), "itm_labels": torch.tensor([1, 1, 1, 0, 0])}
    if "vision_config" in config:
        inputs["pixel_values"] = torch.randn(len(lengths), 3, IMAGE, IMAGE, generator=random)
    else:
        corners = torch.rand(len(counts), max(counts), 2, 2, generator=random).sort(2).values
        (left, top), (right, bottom) = corners[:, :, 0].unbind(-1), corners[:, :, 1].unbind(-1)
        seen = mask(counts, max(counts))
        inputs |= {"regions": torch.randn(len(counts), max(counts), FEATURES, generator=random) * seen[..., None],
                   "boxes": torch.stack([left, top, right, bottom], -1) * seen[..., None], "region_mask": seen}
    if config.get("masked_text_head"):
        labels = torch.full_like(ids, -1)
        for row, place, shown in ((0, 2, MASK), (0, 4, 20), (2, 5, MASK), (1, 1, int(ids[1, 1]))):
            labels[row, place], ids[row, place] = int(ids[row, place]), shown
        inputs["mlm_labels"] = labels
        hidden = [[0, 2], [1], [0]]
        inputs["region_labels"] = torch.full((3, (IMAGE // PATCH) ** 2), -1)
        for row, places in enumerate(hidden):
            inputs["region_labels"][row, places] = 1
    if "region_classes" in config:
        shares = torch.randn(*seen.shape, CLASSES, generator=random).softmax(-1)
        inputs["region_targets"] = shares * seen[..., None]
    return inputs


def write(name, fusion):
    directory, random = HERE / "fusion-tiny" / name, torch.Generator().manual_seed(21 + list(KINDS).index(name))
    directory.mkdir(parents=True, exist_ok=True)
    sizes = {"hidden_size": WIDTH, "intermediate_size": INNER, "num_attention_heads": HEADS, "hidden_act": "gelu",
             "layer_norm_eps": EPSILON}
    config = {"model_type": "fusion", "text_config": WORDS, "fusion_config": fusion | sizes}
    config |= {"region_limit": 6, "region_width": FEATURES} if name == "regions" else {"vision_config": PATCHES}
    if fusion["kind"] != "late":
        config |= {"masked_text_head": True} | TOLD[name]
    (directory / "config.json").write_text(json.dumps(config, indent=2) + "\n")
    weights, inputs = draw(config, random), draw_inputs(config, random)
    leaves = {key: value.double().requires_grad_() for key, value in weights.items()}
    found = compute(Fusion(config, leaves), {k: v.double() if v.is_floating_point() else v for k, v in inputs.items()})
    loss = sum(value for key, value in found.items() if key.startswith("loss."))
    gradients = torch.autograd.grad(loss, list(leaves.values()))
    tensors = {"input." + key: value for key, value in inputs.items()}
    tensors |= {key: value.detach().float().contiguous() for key, value in found.items()}
    tensors |= {f"gradient.{key}": value.float() for key, value in zip(leaves, gradients)}
    for file, arrays in (("model", weights), ("case", tensors)):
        save_file(arrays, directory / f"{file}.safetensors", metadata={"format": "pt"})
        (directory / f"{file}.safetensors").chmod(0o644)


if __name__ == "__main__":
    for name, fusion in KINDS.items():
        write(name, fusion)
