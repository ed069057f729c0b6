"""UNITER with random weights: python uniter.py

Writes uniter-tiny/ with config.json, model.safetensors, case.safetensors (masked words, matching, alignment), case-regions.safetensors
(hidden regions in three ways) and case-answers.safetensors, named as docs/verification.md says. The model is written down here from
the paper and from what ChenRocks/UNITER publishes of it (names, order), in plain PyTorch, pair by pair and without padding.
Everything is computed in float64 from float32 numbers. Seed 17, torch 2.15.0, safetensors 0.8.0.

python uniter.py check DIR compares the same code with a directory that the authors' own program made numbers for.
"""
import json
import pathlib
import sys

import torch
import torch.nn.functional as F
from safetensors.torch import load_file, save_file

HERE = pathlib.Path(__file__).parent
CLASS, SEPARATOR, MASK = 1, 2, 3

CONFIG = {
    "model_type": "uniter", "vocab_size": 30, "hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 4,
    "intermediate_size": 24, "hidden_act": "gelu", "max_position_embeddings": 12, "type_vocab_size": 2, "img_dim": 9,
    "img_label_dim": 6, "num_answer": 7,
}


class UNITER:
    """The weights by their published names, and what they make of a pair."""

    def __init__(self, config, weights):
        self.config, self.weights = config, weights

    def linear(self, name, x):
        return F.linear(x, self.weights[name + ".weight"], self.weights[name + ".bias"])

    def norm(self, name, x):
        return F.layer_norm(x, x.shape[-1:], self.weights[name + ".weight"], self.weights[name + ".bias"], 1e-12)

    def words(self, ids):
        rows = lambda table, places: self.weights[f"uniter.embeddings.{table}_embeddings.weight"][places]
        x = rows("word", ids) + rows("position", torch.arange(len(ids))) + rows("token_type", torch.zeros_like(ids))
        return self.norm("uniter.embeddings.LayerNorm", x)

    def regions(self, features, boxes, hidden):
        name = "uniter.img_embeddings."
        row = self.weights[name + "mask_embedding.weight"][1]
        features = torch.where(hidden[:, None], row, features)
        x = self.norm(name + "img_layer_norm", self.linear(name + "img_linear", features))
        x = x + self.norm(name + "pos_layer_norm", self.linear(name + "pos_linear", boxes))
        return self.norm(name + "LayerNorm", x + self.weights["uniter.embeddings.token_type_embeddings.weight"][1])

    def layer(self, name, x):
        heads = self.config["num_attention_heads"]
        query, key, value = (self.linear(f"{name}attention.self.{part}", x).reshape(len(x), heads, -1).transpose(0, 1)
                             for part in ("query", "key", "value"))
        mixed = (query @ key.transpose(1, 2) / query.shape[-1] ** 0.5).softmax(-1) @ value
        mixed = self.linear(name + "attention.output.dense", mixed.transpose(0, 1).reshape(len(x), -1))
        x = self.norm(name + "attention.output.LayerNorm", x + mixed)
        hidden = F.gelu(self.linear(name + "intermediate.dense", x))
        return self.norm(name + "output.LayerNorm", x + self.linear(name + "output.dense", hidden))

    def pair(self, ids, features, boxes, hidden):
        """Embedded words and regions, and the states of both."""
        words, regions = self.words(ids), self.regions(features, boxes, hidden)
        x = torch.cat([words, regions])
        for layer in range(self.config["num_hidden_layers"]):
            x = self.layer(f"uniter.encoder.layer.{layer}.", x)
        return words, regions, x[:len(ids)], x[len(ids):]

    def pooled(self, text):
        return torch.tanh(self.linear("uniter.pooler.dense", text[0]))

    def perceptron(self, name, x, last):
        return self.linear(name + last, self.norm(name + "2", F.gelu(self.linear(name + "0", x))))

    def masked_words(self, states):
        hidden = self.norm("cls.predictions.transform.LayerNorm",
                           F.gelu(self.linear("cls.predictions.transform.dense", states)))
        table = self.weights["uniter.embeddings.word_embeddings.weight"]
        return hidden @ table.T + self.weights["cls.predictions.bias"]

    def features(self, states):
        hidden = self.norm("feat_regress.net.2", F.gelu(self.linear("feat_regress.net.0", states)))
        return hidden @ self.weights["uniter.img_embeddings.img_linear.weight"] + self.weights["feat_regress.bias"]

    def classes(self, states):
        return self.perceptron("region_classifier.net.", states, "3")


def plan(costs, beta=0.5, steps=50):
    """IPOT (Xie et al., 2018, algorithm 1), one inner step."""
    rows, columns = costs.shape
    kernel, shares, left = (-costs / beta).exp(), torch.ones_like(costs), torch.full((rows,), 1 / rows).to(costs)
    for _ in range(steps):
        moved = kernel * shares
        right = 1 / (columns * (moved.T @ left))
        left = 1 / (rows * (moved @ right))
        shares = left[:, None] * moved * right
    return shares


def compute(model, inputs):
    """Every output and loss that the inputs allow."""
    texts, counts = inputs["attention_mask"].sum(1), inputs["region_mask"].sum(1)
    hidden = inputs["region_labels"] == 1 if "region_labels" in inputs else inputs["region_mask"] < 0
    found = {}

    def put(name, pair, value, slots):
        found.setdefault(name, torch.zeros(len(texts), slots, value.shape[-1], dtype=value.dtype))[pair, :len(value)] = value

    pairs = []
    for pair, (words, regions) in enumerate(zip(texts.tolist(), counts.tolist())):
        made = model.pair(inputs["input_ids"][pair, :words], inputs["regions"][pair, :regions],
                          inputs["boxes"][pair, :regions], hidden[pair, :regions])
        pairs.append(made)
        for name, value, slots in zip(("text_embedding", "image_embedding", "text_states", "image_states"), made,
                                      (inputs["input_ids"].shape[1], inputs["regions"].shape[1]) * 2):
            put("output." + name, pair, value, slots)
        put("output.states", pair, torch.cat(made[2:]), int((texts + counts).max()))
    pooled = torch.stack([model.pooled(text) for _, _, text, _ in pairs])
    found["output.pooled"] = pooled
    if "mlm_labels" in inputs:
        labels = inputs["mlm_labels"]
        logits = model.masked_words(found["output.text_states"][labels >= 0])
        found |= {"output.mlm_logits": logits,
                  "loss.mlm_elements": F.cross_entropy(logits, labels[labels >= 0], reduction="none")}
        found["loss.mlm"] = found["loss.mlm_elements"].mean()
    if "itm_labels" in inputs:
        matching(model, inputs, pairs, pooled, found)
    if "region_labels" in inputs:
        hidden_regions(model, inputs, found["output.image_states"][hidden], hidden, found)
    if "answer_targets" in inputs:
        logits, targets = model.perceptron("vqa_output.", pooled, "3"), inputs["answer_targets"]
        found["output.vqa_logits"] = logits
        found["loss.vqa"] = F.binary_cross_entropy_with_logits(logits, targets) * targets.shape[1]
    return found


def matching(model, inputs, pairs, pooled, found):
    labels, logits = inputs["itm_labels"], model.linear("itm_output", pooled)
    found |= {"output.itm_logits": logits, "output.rank_scores": model.linear("rank_output", pooled),
              "loss.itm_elements": F.cross_entropy(logits, labels, reduction="none")}
    found["loss.itm"] = found["loss.itm_elements"].mean()
    shape = (len(pairs), inputs["input_ids"].shape[1], inputs["regions"].shape[1])
    costs, shares = torch.zeros(shape).double(), torch.zeros(shape).double()
    for pair, (_, _, text, image) in enumerate(pairs):
        cost = 1 - F.normalize(text, eps=1e-5) @ F.normalize(image, eps=1e-5).T
        costs[pair, :len(text), :len(image)] = cost
        shares[pair, :len(text), :len(image)] = plan(cost.detach())
    distances = (costs * shares).sum((1, 2))
    found |= {"output.alignment_cost": costs, "output.alignment_plan": shares, "output.alignment_distances": distances,
              "loss.alignment": (distances * (2 * labels - 1)).sum() / len(labels)}
    found["loss.total"] = found["loss.itm"] + 0.1 * found["loss.alignment"] + found.get("loss.mlm", 0)


def hidden_regions(model, inputs, states, hidden, found):
    regression, targets = model.features(states), inputs["regions"][hidden]
    errors = (regression - targets) ** 2
    found |= {"output.region_regression": regression, "loss.region_feature": errors.mean(),
              "loss.region_feature_elements": errors}
    if "region_targets" not in inputs:
        return
    logits, wanted = model.classes(states), inputs["region_targets"][hidden]
    divergences = torch.special.xlogy(wanted, wanted) - wanted * logits.log_softmax(1)
    entropies = F.cross_entropy(logits, wanted[:, 1:].argmax(1) + 1, reduction="none")
    found |= {"output.region_logits": logits, "loss.region_class": entropies.mean(),
              "loss.region_class_elements": entropies, "loss.region_kl": divergences.mean(),
              "loss.region_kl_elements": divergences, "loss.region_kl_per_region": divergences.sum(1).mean()}


def terms(found):
    """The loss that gradients are of: the total, or the sum of all that are no elements or other scales."""
    if "loss.total" in found:
        return found["loss.total"]
    aside = ("_elements", "_per_region")
    return sum(value for name, value in found.items() if name.startswith("loss.") and not name.endswith(aside))


# Making them


def shapes(config):
    width, inner, features = config["hidden_size"], config["intermediate_size"], config["img_dim"]
    layer = lambda name, outputs, inputs: {name + ".weight": (outputs, inputs), name + ".bias": (outputs,)}
    norm = lambda name, size=width: {name + ".weight": (size,), name + ".bias": (size,)}
    tables = {"word": "vocab_size", "position": "max_position_embeddings", "token_type": "type_vocab_size"}
    found = {f"uniter.embeddings.{name}_embeddings.weight": (config[key], width) for name, key in tables.items()}
    found |= norm("uniter.embeddings.LayerNorm")
    place = "uniter.img_embeddings."
    found |= layer(place + "img_linear", width, features) | layer(place + "pos_linear", width, 7)
    found |= {place + "mask_embedding.weight": (2, features)}
    for name in ("img_layer_norm", "pos_layer_norm", "LayerNorm"):
        found |= norm(place + name)
    for number in range(config["num_hidden_layers"]):
        place = f"uniter.encoder.layer.{number}."
        for name in ("attention.self.query", "attention.self.key", "attention.self.value", "attention.output.dense"):
            found |= layer(place + name, width, width)
        found |= layer(place + "intermediate.dense", inner, width) | layer(place + "output.dense", width, inner)
        found |= norm(place + "attention.output.LayerNorm") | norm(place + "output.LayerNorm")
    found |= layer("uniter.pooler.dense", width, width)
    found |= layer("cls.predictions.transform.dense", width, width) | norm("cls.predictions.transform.LayerNorm")
    found |= {"cls.predictions.bias": (config["vocab_size"],), "feat_regress.bias": (features,)}
    found |= layer("feat_regress.net.0", width, width) | norm("feat_regress.net.2")
    found |= layer("region_classifier.net.0", width, width) | norm("region_classifier.net.2")
    found |= layer("region_classifier.net.3", config["img_label_dim"], width)
    found |= layer("itm_output", 2, width) | layer("rank_output", 1, width)
    found |= layer("vqa_output.0", 2 * width, width) | norm("vqa_output.2", 2 * width)
    return found | layer("vqa_output.3", config["num_answer"], 2 * width)


def draw(config, random):
    """N(0, 0.3), norms around 1; values and what writes to the residual stream N(0, 0.15), so that tokens do not come out alike."""
    quiet = ("self.value.weight", "attention.output.dense.weight", ".output.dense.weight")
    weights = {}
    for name, shape in shapes(config).items():
        noise = torch.randn(shape, generator=random)
        if len(shape) == 1 and name.endswith(".weight"):
            weights[name] = 1 + 0.1 * noise
        else:
            weights[name] = noise * (0.15 if name.endswith(quiet) else 0.3)
    return weights


def draw_inputs(config, lengths, counts, random):
    slots, regions = max(lengths) + 1, max(counts) + 1
    ids = torch.zeros(len(lengths), slots, dtype=torch.int64)
    for row, length in enumerate(lengths):
        ids[row, 0], ids[row, length - 1] = CLASS, SEPARATOR
        ids[row, 1:length - 1] = torch.randint(MASK + 1, config["vocab_size"], (length - 2,), generator=random)
    mask = lambda sizes, slots: (torch.arange(slots) < torch.tensor(sizes)[:, None]).long()
    corners = torch.rand(len(counts), regions, 2, 2, generator=random).sort(2).values
    (left, top), (right, bottom) = corners[:, :, 0].unbind(-1), corners[:, :, 1].unbind(-1)
    boxes = torch.stack([left, top, right, bottom, right - left, bottom - top, (right - left) * (bottom - top)], -1)
    seen = mask(counts, regions)
    features = torch.randn(len(counts), regions, config["img_dim"], generator=random)
    sums = [length + count for length, count in zip(lengths, counts)]
    return {"input_ids": ids, "attention_mask": mask(lengths, slots), "region_mask": seen,
            "packed_attention_mask": mask(sums, max(sums)),
            "regions": features * seen[..., None], "boxes": boxes * seen[..., None]}


def write(directory, name, config, weights, inputs):
    leaves = {key: value.double().requires_grad_() for key, value in weights.items()}
    found = compute(UNITER(config, leaves), {k: v.double() if v.is_floating_point() else v for k, v in inputs.items()})
    loss = terms(found)
    gradients = torch.autograd.grad(loss, list(leaves.values()), allow_unused=True)
    tensors = {"input." + key: value for key, value in inputs.items()}
    tensors |= {key: value.detach().float().contiguous() for key, value in found.items()}
    tensors |= {f"gradient.{key}": value.float() for key, value in zip(leaves, gradients) if value is not None}
    save_file(tensors, directory / (name + ".safetensors"), metadata={"format": "pt"})
    (directory / (name + ".safetensors")).chmod(0o644)


def main():
    directory, random = HERE / "uniter-tiny", torch.Generator().manual_seed(17)
    directory.mkdir(exist_ok=True)
    (directory / "config.json").write_text(json.dumps(CONFIG, indent=2) + "\n")
    weights = draw(CONFIG, random)
    save_file(weights, directory / "model.safetensors", metadata={"format": "pt"})
    (directory / "model.safetensors").chmod(0o644)
    inputs = draw_inputs(CONFIG, [6, 3, 9], [4, 5, 1], random)
    labels = torch.full_like(inputs["input_ids"], -1)
    masked = inputs["input_ids"].clone()
    for row, place, shown in ((0, 2, MASK), (0, 4, 20), (2, 5, MASK), (1, 1, inputs["input_ids"][1, 1])):
        labels[row, place], masked[row, place] = inputs["input_ids"][row, place], shown
    words = inputs | {"input_ids": masked, "mlm_labels": labels, "itm_labels": torch.tensor([1, 0, 1])}
    write(directory, "case", CONFIG, weights, words)
    regions = torch.full_like(inputs["region_mask"], -1)
    for row, place in ((0, 1), (0, 3), (1, 0), (1, 4)):
        regions[row, place] = 1
    shares = torch.softmax(2 * torch.randn(3, 6, CONFIG["img_label_dim"], generator=random), -1)
    write(directory, "case-regions", CONFIG, weights, inputs | {"region_labels": regions, "region_targets": shares})
    targets = torch.rand(3, CONFIG["num_answer"], generator=random).round(decimals=1)
    write(directory, "case-answers", CONFIG, weights, inputs | {"answer_targets": targets})


def check(directory):
    """The largest difference of each of the authors' files."""
    directory = pathlib.Path(directory)
    config = json.loads((directory / "config.json").read_text())
    leaves = {k: v.double().requires_grad_() for k, v in load_file(directory / "model.safetensors").items()}
    for path in sorted(directory.glob("case-*.safetensors")):
        theirs = load_file(path)
        inputs = {k[6:]: v.double() if v.is_floating_point() else v for k, v in theirs.items() if k.startswith("input.")}
        found = compute(UNITER(config, leaves), inputs)
        for name in ("loss.region_class", "loss.region_kl", "loss.region_feature"):
            if name not in theirs:
                found.pop(name, None)
        gradients = torch.autograd.grad(terms(found), list(leaves.values()), allow_unused=True)
        found |= {f"gradient.{k}": v for k, v in zip(leaves, gradients) if v is not None}
        worst = {}
        for name, value in theirs.items():
            if name.startswith(("output.", "loss.", "gradient.")) and name in found:
                # Theirs computes the padding as well.
                ours = torch.where(found[name] == 0, value, found[name])
                worst[name] = ((ours - value).abs().max() / value.abs().max().clamp(min=1e-3)).item()
        name = max(worst, key=worst.get)
        print(f"{path.name}: {len(worst)} arrays, at most {worst[name]:.1e} of the largest value ({name})")


if __name__ == "__main__":
    torch.set_num_threads(1)
    check(sys.argv[2]) if sys.argv[1:2] == ["check"] else main()
