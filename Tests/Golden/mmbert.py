"""MMBERT with random weights: python mmbert.py

Writes mmbert-tiny/ with config.json, model.safetensors and case.safetensors, named as docs/verification.md says: a small ResNet whose
stem and stages make a token each, BERT's embeddings, one pre-norm transformer. The model is written down here from the paper and from
what docs/models/mmbert.md says is corrected, in plain PyTorch, pair by pair and without padding; some words and cells are hidden. Everything is computed in float64 from
float32 numbers. Seed 23, torch 2.15.0, safetensors 0.8.0.
"""
import json
import pathlib

import torch
import torch.nn.functional as F
from safetensors.torch import save_file

from fusion import blanked
from patches import normalized

HERE = pathlib.Path(__file__).parent
CLASS, SEPARATOR, MASK = 1, 2, 3

NETWORK = {"model_type": "resnet", "layer_type": "basic", "embedding_size": 4, "hidden_sizes": [4, 6, 10], "depths": [1, 1, 2],
           "downsample_in_first_stage": False, "downsample_in_bottleneck": False, "hidden_act": "relu",
           "pretrained_cfg": {"input_size": [3, 20, 20], "crop_pct": 1.0, "interpolation": "bilinear", "mean": [0.5, 0.5, 0.5],
                              "std": [0.5, 0.5, 0.5]}}
CONFIG = {
    "model_type": "mmbert", "vocab_size": 26, "hidden_size": 12, "num_hidden_layers": 2, "num_attention_heads": 3,
    "intermediate_size": 20, "hidden_act": "gelu", "layer_norm_eps": 1e-12, "max_position_embeddings": 9, "type_vocab_size": 2,
    "vision_config": NETWORK, "vision_stages": 3, "masked_text_head": True, "region_features_head": True, "region_pixels_head": True,
}
SIDE, CELL = 20, 10


class MMBERT:
    """The weights by their names, and what they make of a pair."""

    def __init__(self, config, weights):
        self.config, self.weights = config, weights

    def linear(self, name, x):
        return F.linear(x, self.weights[name + ".weight"], self.weights.get(name + ".bias"))

    def norm(self, name, x):
        return F.layer_norm(x, x.shape[-1:], self.weights[name + ".weight"], self.weights[name + ".bias"], 1e-12)

    def convolve(self, convolution, norm, x, stride):
        weight = self.weights[f"vision_model.{convolution}.weight"]
        x = F.conv2d(x, weight, stride=stride, padding=weight.shape[-1] // 2)
        parts = (self.weights[f"vision_model.{norm}.{name}"] for name in ("running_mean", "running_var", "weight", "bias"))
        return F.batch_norm(x, *parts)

    def maps(self, pixels):
        """pixels [3,S,S] → the maps of stem and stages [C,H,W]."""
        x = self.convolve("conv1", "bn1", pixels[None], 2).relu()
        maps = [x]
        x = F.max_pool2d(x, 3, 2, 1)
        for stage, depth in enumerate(NETWORK["depths"], 1):
            for block in range(depth):
                name, stride = f"layer{stage}.{block}.", 2 if stage > 1 and block == 0 else 1
                y = self.convolve(name + "conv1", name + "bn1", x, stride).relu()
                y = self.convolve(name + "conv2", name + "bn2", y, 1)
                if f"vision_model.{name}downsample.0.weight" in self.weights:
                    x = self.convolve(name + "downsample.0", name + "downsample.1", x, stride)
                x = (x + y).relu()
            maps.append(x)
        return [x[0] for x in maps]

    def stages(self, pixels):
        """The tokens of the last stages, the deepest first."""
        maps = self.maps(pixels)[-self.config["vision_stages"]:][::-1]
        tokens = [self.linear(f"visual_tokens.projections.{place}", x.flatten(1).T).relu().mean(0)
                  for place, x in enumerate(maps)]
        types = self.weights["bert.embeddings.token_type_embeddings.weight"]
        return self.norm("bert.embeddings.LayerNorm", torch.stack(tokens) + self.weights["visual_tokens.slots.weight"] + types[0])

    def words(self, ids):
        rows = lambda table, places: self.weights[f"bert.embeddings.{table}_embeddings.weight"][places]
        types = (torch.arange(len(ids)) > 0).long()
        x = rows("word", ids) + rows("position", torch.arange(len(ids))) + rows("token_type", types)
        return self.norm("bert.embeddings.LayerNorm", x)

    def layer(self, name, x):
        heads, normal = self.config["num_attention_heads"], self.norm(name + "layer_norm1", x)
        query, key, value = (self.linear(f"{name}self_attn.{part}_proj", normal).reshape(len(x), heads, -1).transpose(0, 1)
                             for part in "qkv")
        mixed = (query @ key.transpose(1, 2) / query.shape[-1] ** 0.5).softmax(-1) @ value
        x = x + self.linear(name + "self_attn.out_proj", mixed.transpose(0, 1).reshape(len(x), -1))
        return x + self.linear(name + "mlp.fc2", F.gelu(self.linear(name + "mlp.fc1", self.norm(name + "layer_norm2", x))))

    def join(self, words, stages):
        """States of the text's tokens and of the image's, and the mean over both."""
        x = torch.cat([words, stages])
        for number in range(self.config["num_hidden_layers"]):
            x = self.layer(f"encoder.layers.{number}.", x)
        x = self.norm("norm", x)
        return x[:len(words)], x[len(words):], x.mean(0)

    def match(self, vectors):
        return self.linear("matching_head.output", F.gelu(self.linear("matching_head.dense", vectors)))

    def told(self, head, states):
        hidden = F.gelu(self.linear(head + ".transform.dense", states))
        return self.linear(head + ".decoder", self.norm(head + ".transform.LayerNorm", hidden))

    def masked_words(self, states):
        hidden = self.norm("masked_text_head.layer_norm", F.gelu(self.linear("masked_text_head.dense", states)))
        return hidden @ self.weights["bert.embeddings.word_embeddings.weight"].T + self.weights["masked_text_head.bias"]


def compute(model, inputs):
    texts = [model.words(ids[mask == 1]) for ids, mask in zip(inputs["input_ids"], inputs["attention_mask"])]
    hidden = inputs["region_labels"] == 1
    images = [model.stages(pixels) for pixels in blanked(inputs["pixel_values"], hidden, CELL)]
    slots = inputs["input_ids"].shape[1]
    made = [model.join(text, image) for text, image in zip(texts, images)]
    pad = lambda states: F.pad(states, (0, 0, 0, slots - len(states)))
    found = {
        "output.text_embedding": torch.stack([pad(text) for text in texts]), "output.image_embedding": torch.stack(images),
        "output.text_states": torch.stack([pad(text) for text, _, _ in made]),
        "output.image_states": torch.stack([image for _, image, _ in made]),
        "output.pooled": torch.stack([vector for _, _, vector in made]),
    }
    vectors = torch.stack([model.join(texts[text], images[image])[2] for image, text in inputs["pairs"].tolist()])
    found["output.itm_logits"] = model.match(vectors)
    found["loss.itm"] = F.cross_entropy(found["output.itm_logits"], inputs["itm_labels"])
    labels = inputs["mlm_labels"]
    found["output.mlm_logits"] = model.masked_words(found["output.text_states"][labels >= 0])
    found["loss.mlm"] = F.cross_entropy(found["output.mlm_logits"], labels[labels >= 0])
    # Of each hidden cell the deepest stage's state, and which cell it is.
    rows, places = hidden.nonzero(as_tuple=True)
    states = found["output.image_states"][rows, 0] + model.weights["region_places.weight"][places]
    cells = torch.stack([model.maps(pixels)[-1].flatten(1).T for pixels in inputs["pixel_values"]])[hidden].detach()
    patches = torch.stack([normalized(pixels, CELL) for pixels in inputs["pixel_values"]])[hidden]
    for head, target, output, loss in (("region_features", cells, "region_regression", "region_feature"),
                                       ("patch_pixels", patches, "region_pixels", "region_pixels")):
        found["output." + output] = model.told(head, states)
        found["loss." + loss] = F.mse_loss(found["output." + output], target)
    return found


# Making them


def network():
    """Arrays of the ResNet, statistics among them."""
    found = {}

    def convolution(name, norm, outputs, inputs, kernel):
        found[f"vision_model.{name}.weight"] = (outputs, inputs, kernel, kernel)
        for part in ("weight", "bias", "running_mean", "running_var"):
            found[f"vision_model.{norm}.{part}"] = (outputs,)

    inputs = NETWORK["embedding_size"]
    convolution("conv1", "bn1", inputs, 3, 7)
    for stage, (depth, width) in enumerate(zip(NETWORK["depths"], NETWORK["hidden_sizes"]), 1):
        for block in range(depth):
            name = f"layer{stage}.{block}."
            convolution(name + "conv1", name + "bn1", width, inputs, 3)
            convolution(name + "conv2", name + "bn2", width, width, 3)
            if block == 0 and (inputs != width or stage > 1):
                convolution(name + "downsample.0", name + "downsample.1", width, inputs, 1)
            inputs = width
    return found


def shapes(config):
    width, inner, stages = config["hidden_size"], config["intermediate_size"], config["vision_stages"]
    layer = lambda name, outputs, inputs: {name + ".weight": (outputs, inputs), name + ".bias": (outputs,)}
    norm = lambda name: {name + ".weight": (width,), name + ".bias": (width,)}
    tables = {"word": "vocab_size", "position": "max_position_embeddings", "token_type": "type_vocab_size"}
    found = network() | {f"bert.embeddings.{name}_embeddings.weight": (config[key], width) for name, key in tables.items()}
    found |= norm("bert.embeddings.LayerNorm") | {"visual_tokens.slots.weight": (stages, width)}
    channels = ([NETWORK["embedding_size"]] + NETWORK["hidden_sizes"])[-stages:][::-1]
    found |= {f"visual_tokens.projections.{place}.weight": (width, count) for place, count in enumerate(channels)}
    for number in range(config["num_hidden_layers"]):
        place = f"encoder.layers.{number}."
        for part in ("q_proj", "k_proj", "v_proj", "out_proj"):
            found |= layer(place + "self_attn." + part, width, width)
        found |= layer(place + "mlp.fc1", inner, width) | layer(place + "mlp.fc2", width, inner)
        found |= norm(place + "layer_norm1") | norm(place + "layer_norm2")
    found |= norm("norm") | layer("matching_head.dense", width, width) | layer("matching_head.output", 2, width)
    found |= layer("masked_text_head.dense", width, width) | norm("masked_text_head.layer_norm") | {
        "masked_text_head.bias": (config["vocab_size"],), "region_places.weight": ((SIDE // CELL) ** 2, width)}
    for name, targets in (("region_features", NETWORK["hidden_sizes"][-1]), ("patch_pixels", 3 * CELL * CELL)):
        found |= layer(name + ".transform.dense", width, width) | norm(name + ".transform.LayerNorm")
        found |= layer(name + ".decoder", targets, width)
    return found


def draw(config, random):
    """N(0, 0.3), convolutions by their inputs, norms and variances around 1."""
    weights = {}
    for name, shape in shapes(config).items():
        noise = torch.randn(shape, generator=random)
        if name.endswith("running_var"):
            weights[name] = 0.5 + noise.abs()
        elif len(shape) == 1 and name.endswith(".weight"):
            weights[name] = 1 + 0.1 * noise
        else:
            weights[name] = noise * (noise[0].numel() ** -0.5 if len(shape) == 4 else 0.3)
    return weights


def draw_inputs(config, random):
    lengths = [6, 3, 8]
    slots = max(lengths) + 1
    ids, labels = torch.zeros(len(lengths), slots, dtype=torch.int64), torch.full((len(lengths), slots), -1)
    for row, length in enumerate(lengths):
        ids[row, 0], ids[row, length - 1] = CLASS, SEPARATOR
        ids[row, 1:length - 1] = torch.randint(MASK + 1, config["vocab_size"], (length - 2,), generator=random)
    for row, place, shown in ((0, 2, MASK), (0, 4, 20), (2, 5, MASK), (1, 1, int(ids[1, 1]))):
        labels[row, place], ids[row, place] = int(ids[row, place]), shown
    hidden = torch.full((len(lengths), (SIDE // CELL) ** 2), -1)
    for row, places in enumerate([[0, 2], [1], [3]]):
        hidden[row, places] = 1
    return {"input_ids": ids, "region_labels": hidden, "attention_mask": (torch.arange(slots) < torch.tensor(lengths)[:, None]).long(),
            "pixel_values": torch.randn(len(lengths), 3, SIDE, SIDE, generator=random), "mlm_labels": labels,
            "pairs": torch.tensor([[0, 0], [1, 1], [2, 2], [0, 2], [1, 0]]), "itm_labels": torch.tensor([1, 1, 1, 0, 0])}


def main():
    directory, random = HERE / "mmbert-tiny", torch.Generator().manual_seed(23)
    directory.mkdir(exist_ok=True)
    (directory / "config.json").write_text(json.dumps(CONFIG, indent=2) + "\n")
    weights, inputs = draw(CONFIG, random), draw_inputs(CONFIG, random)
    leaves = {key: value.double().requires_grad_("running_" not in key) for key, value in weights.items()}
    found = compute(MMBERT(CONFIG, leaves), {k: v.double() if v.is_floating_point() else v for k, v in inputs.items()})
    learnt = {key: value for key, value in leaves.items() if value.requires_grad}
    loss = sum(value for key, value in found.items() if key.startswith("loss."))
    gradients = torch.autograd.grad(loss, list(learnt.values()))
    tensors = {"input." + key: value for key, value in inputs.items()}
    tensors |= {key: value.detach().float().contiguous() for key, value in found.items()}
    tensors |= {f"gradient.{key}": value.float() for key, value in zip(learnt, gradients)}
    for file, arrays in (("model", weights), ("case", tensors)):
        save_file(arrays, directory / f"{file}.safetensors", metadata={"format": "pt"})
        (directory / f"{file}.safetensors").chmod(0o644)


if __name__ == "__main__":
    main()
