"""ViLBERT with random weights: python vilbert.py

Writes vilbert-tiny/ with config.json, model.safetensors, case.safetensors and case-tasks.safetensors, named as docs/verification.md
says. The model is written down here from the paper and from what vilbert-multi-task publishes of it (names, order, connection
points), in plain PyTorch, pair by pair and without padding. Regions come without a mean in front: the model makes it. Everything is
computed in float64 from float32 numbers. Seed 16, torch 2.15.0, safetensors 0.8.0.

python vilbert.py check DIR compares the same code with a directory that the authors' own program made numbers for.
"""
import json
import pathlib
import sys

import torch
import torch.nn.functional as F
from safetensors.torch import load_file, save_file

HERE = pathlib.Path(__file__).parent

CONFIG = {
    "model_type": "vilbert", "vocab_size": 30, "hidden_size": 12, "num_hidden_layers": 3, "num_attention_heads": 2,
    "intermediate_size": 18, "hidden_act": "gelu", "max_position_embeddings": 10, "type_vocab_size": 2, "v_feature_size": 7,
    "v_target_size": 6, "v_hidden_size": 16, "v_num_hidden_layers": 3, "v_num_attention_heads": 4, "v_intermediate_size": 14,
    "v_hidden_act": "gelu", "bi_hidden_size": 9, "bi_num_attention_heads": 3, "v_biattention_id": [1, 2],
    "t_biattention_id": [1, 3], "fusion_method": "sum", "task_specific_tokens": True, "num_labels": 8,
}
TASKS, GQA = 4, 5


class ViLBERT:
    """The weights by their published names, and what they make of a pair."""

    def __init__(self, config, weights):
        self.config, self.weights = config, weights

    def linear(self, name, x):
        return F.linear(x, self.weights[name + ".weight"], self.weights[name + ".bias"])

    def norm(self, name, x):
        return F.layer_norm(x, x.shape[-1:], self.weights[name + ".weight"], self.weights[name + ".bias"], 1e-12)

    def drop(self, name, x):
        """Nothing; streamdropout.py drops a part."""
        return x

    def attend(self, query, key, value, heads, name):
        """[Tq,W], [Tk,W], [Tk,W] → [Tq,W]"""
        split = lambda x: x.reshape(len(x), heads, -1).transpose(0, 1)
        query, key, value = split(query), split(key), split(value)
        weights = self.drop(name, (query @ key.transpose(1, 2) / query.shape[-1] ** 0.5).softmax(-1))
        return (weights @ value).transpose(0, 1).reshape(query.shape[1], -1)

    def perceptron(self, name, x, letter=""):
        hidden = F.gelu(self.linear(f"{name}{letter}intermediate.dense", x))
        fed = self.drop(f"{name}{letter}output.dropout" if letter else name + "mlp", self.linear(f"{name}{letter}output.dense", hidden))
        return self.norm(f"{name}{letter}output.LayerNorm", x + fed)

    def layer(self, name, x, heads):
        attention = name + "attention."
        query, key, value = (self.linear(f"{attention}self.{part}", x) for part in ("query", "key", "value"))
        mixed = self.linear(attention + "output.dense", self.attend(query, key, value, heads, attention + "probabilities"))
        return self.perceptron(name, self.norm(attention + "output.LayerNorm", x + self.drop(name + "attention", mixed)))

    def connection(self, name, text, image):
        heads, attention, output = self.config["bi_num_attention_heads"], name + "biattention.", name + "biOutput."
        parts = lambda x, number: [self.linear(f"{attention}{part}{number}", x) for part in ("query", "key", "value")]
        (query1, key1, value1), (query2, key2, value2) = parts(image, 1), parts(text, 2)
        to_image = self.attend(query1, key2, value2, heads, attention + "probabilities1")
        to_text = self.attend(query2, key1, value1, heads, attention + "probabilities2")
        image = self.norm(output + "LayerNorm1", image + self.drop(output + "dropout1", self.linear(output + "dense1", to_image)))
        text = self.norm(output + "LayerNorm2", text + self.drop(output + "dropout2", self.linear(output + "dense2", to_text)))
        return self.perceptron(name, text, "t_"), self.perceptron(name, image, "v_")

    def embed_text(self, ids, types, task=None):
        name = "bert.embeddings."
        x = self.weights[name + "word_embeddings.weight"][ids]
        x = x + self.weights[name + "position_embeddings.weight"][:len(ids)]
        x = x + self.weights[name + "token_type_embeddings.weight"][types]
        if task is not None:
            x = torch.cat([x[:1], self.weights[name + "task_embeddings.weight"][task][None], x[1:]])
        return self.drop("bert.embeddings", self.norm(name + "LayerNorm", x))

    def embed_regions(self, features, boxes):
        name = "bert.v_embeddings."
        x = self.linear(name + "image_embeddings", features) + self.linear(name + "image_location_embeddings", boxes)
        return self.drop(name + "dropout", self.norm(name + "LayerNorm", x))

    def encode(self, text, image):
        config, encoder, done = self.config, "bert.encoder.", [0, 0]

        def run(text, image, ends):
            for index in range(done[0], ends[0]):
                text = self.layer(f"{encoder}layer.{index}.", text, config["num_attention_heads"])
            for index in range(done[1], ends[1]):
                image = self.layer(f"{encoder}v_layer.{index}.", image, config["v_num_attention_heads"])
            done[:] = ends
            return text, image

        for index, ends in enumerate(zip(config["t_biattention_id"], config["v_biattention_id"])):
            text, image = run(text, image, ends)
            text, image = self.connection(f"{encoder}c_layer.{index}.", text, image)
        return run(text, image, (config["num_hidden_layers"], config["v_num_hidden_layers"]))

    def __call__(self, ids, types, features, boxes, task=None):
        """A pair. Features and boxes [R,4 or more] begin with those of the whole image."""
        edges = boxes[:, :4]
        area = (edges[:, 2] - edges[:, 0]) * (edges[:, 3] - edges[:, 1])
        made = dict(
            text_embedding=self.embed_text(ids, types, task),
            image_embedding=self.embed_regions(features, torch.cat([edges, area[:, None]], 1)))
        made["text_states"], made["image_states"] = self.encode(made["text_embedding"], made["image_embedding"])
        made["pooled_text"] = F.relu(self.linear("bert.t_pooler.dense", made["text_states"][0]))
        made["pooled_image"] = F.relu(self.linear("bert.v_pooler.dense", made["image_states"][0]))
        both = made["pooled_text"], made["pooled_image"]
        fused = both[0] + both[1] if self.config.get("fusion_method") == "sum" else both[0] * both[1]
        made["pooled"] = self.drop("bert.pooled", fused)
        return made

    def transform(self, name, x):
        return self.norm(name + "transform.LayerNorm", F.gelu(self.linear(name + "transform.dense", x)))

    def words(self, states):
        embedding = self.weights["bert.embeddings.word_embeddings.weight"]
        return self.transform("cls.predictions.", states) @ embedding.T + self.weights["cls.predictions.bias"]

    def answers(self, name, x):
        hidden = self.norm(name + ".logit_fc.2", F.gelu(self.linear(name + ".logit_fc.0", x)))
        return self.linear(name + ".logit_fc.3", hidden)


def shapes(config):
    """Every array by its name."""
    width, image, both = config["hidden_size"], config["v_hidden_size"], config["bi_hidden_size"]
    found = {}

    def linear(name, outputs, inputs):
        found[name + ".weight"], found[name + ".bias"] = (outputs, inputs), (outputs,)

    def norm(name, width):
        found[name + ".weight"] = found[name + ".bias"] = (width,)

    def layer(name, width, intermediate):
        for part in ("query", "key", "value"):
            linear(f"{name}.attention.self.{part}", width, width)
        linear(name + ".attention.output.dense", width, width)
        norm(name + ".attention.output.LayerNorm", width)
        linear(name + ".intermediate.dense", intermediate, width)
        linear(name + ".output.dense", width, intermediate)
        norm(name + ".output.LayerNorm", width)

    def answers(name, inputs, hidden, outputs):
        linear(name + ".logit_fc.0", hidden, inputs)
        norm(name + ".logit_fc.2", hidden)
        linear(name + ".logit_fc.3", outputs, hidden)

    tables = dict(word=config["vocab_size"], position=config["max_position_embeddings"], token_type=2, task=TASKS)
    for name, rows in tables.items():
        found[f"bert.embeddings.{name}_embeddings.weight"] = (rows, width)
    norm("bert.embeddings.LayerNorm", width)
    linear("bert.v_embeddings.image_embeddings", image, config["v_feature_size"])
    linear("bert.v_embeddings.image_location_embeddings", image, 5)
    norm("bert.v_embeddings.LayerNorm", image)
    for index in range(config["num_hidden_layers"]):
        layer(f"bert.encoder.layer.{index}", width, config["intermediate_size"])
    for index in range(config["v_num_hidden_layers"]):
        layer(f"bert.encoder.v_layer.{index}", image, config["v_intermediate_size"])
    for index in range(len(config["v_biattention_id"])):
        name = f"bert.encoder.c_layer.{index}"
        for number, own, letter, inner in ((1, image, "v", config["v_intermediate_size"]), (2, width, "t", config["intermediate_size"])):
            for part in ("query", "key", "value"):
                linear(f"{name}.biattention.{part}{number}", both, own)
            for part in ("dense", "q_dense"):
                linear(f"{name}.biOutput.{part}{number}", own, both)
            norm(f"{name}.biOutput.LayerNorm{number}", own)
            linear(f"{name}.{letter}_intermediate.dense", inner, own)
            linear(f"{name}.{letter}_output.dense", own, inner)
            norm(f"{name}.{letter}_output.LayerNorm", own)
    linear("bert.t_pooler.dense", both, width)
    linear("bert.v_pooler.dense", both, image)
    linear("cls.predictions.transform.dense", width, width)
    norm("cls.predictions.transform.LayerNorm", width)
    found["cls.predictions.bias"] = (config["vocab_size"],)
    linear("cls.imagePredictions.transform.dense", image, image)
    norm("cls.imagePredictions.transform.LayerNorm", image)
    linear("cls.imagePredictions.decoder", config["v_target_size"], image)
    linear("cls.bi_seq_relationship", 2, both)
    answers("vil_prediction", both, 2 * both, config["num_labels"])
    answers("vil_prediction_gqa", both, 2 * both, GQA)
    answers("vil_binary_prediction", 2 * both, 2 * both, 2)
    linear("vil_logit", 1, both)
    linear("vil_tri_prediction", 3, both)
    linear("vision_logit", 1, image)
    linear("linguisic_logit", 1, width)
    return found


def draw(generator, name, shape):
    """Values and what writes to the residual stream are smaller, so that tokens stay apart behind post-norm layers."""
    numbers = torch.randn(shape, generator=generator)
    if "LayerNorm.weight" in name or "LayerNorm1.weight" in name or "LayerNorm2.weight" in name or name.endswith("logit_fc.2.weight"):
        return 1 + 0.1 * numbers
    residual = ("value", "output.dense", "biOutput.dense", "v_output", "t_output")
    return (0.15 if any(part in name for part in residual) else 0.3) * numbers


def padded(rows):
    longest = max(len(row) for row in rows)
    return torch.stack([F.pad(row, [0, 0] * (row.dim() - 1) + [0, longest - len(row)]) for row in rows])


def batch(generator, config, pairs):
    """Texts of different lengths and images of different numbers of regions."""
    ids, types, features, boxes = [], [], [], []
    for pair in range(pairs):
        length, count = 4 + (pair * 3) % 5, 1 + (pair * 2) % 4
        ids.append(torch.randint(4, config["vocab_size"], (length,), generator=generator))
        ids[-1][0], ids[-1][-1] = 1, 2
        types.append((torch.arange(length) > 2).long())
        features.append(torch.randn(count, config["v_feature_size"], generator=generator))
        corners = torch.rand(count, 2, 2, generator=generator).sort(1).values * 0.8
        boxes.append(torch.cat([corners[:, 0], corners[:, 1] + 0.1], 1))
    return ids, types, features, boxes


def inputs(ids, types, features, boxes):
    lengths = lambda rows: padded([torch.ones(len(row), dtype=torch.int64) for row in rows])
    return {
        "input.input_ids": padded(ids), "input.attention_mask": lengths(ids), "input.token_type_ids": padded(types), "input.regions": padded(features),
        "input.boxes": padded(boxes), "input.region_mask": lengths(features),
    }


def run(model, ids, types, features, boxes, tasks):
    """Every pair, with the mean of its regions in front and the whole image as its box."""
    whole = torch.tensor([[0.0, 0, 1, 1]], dtype=torch.float64)
    return [
        model(one, t, torch.cat([f.double().mean(0, keepdim=True), f.double()]), torch.cat([whole, b.double()]), task)
        for one, t, f, b, task in zip(ids, types, features, boxes, tasks)
    ]


def outputs(made, names):
    return {
        f"output.{name}": (padded if made[0][name].dim() == 2 else torch.stack)([pair[name] for pair in made])
        for name in names
    }


def differentiate(model, loss):
    gradients = torch.autograd.grad(loss, list(model.weights.values()), allow_unused=True)
    return {f"gradient.{name}": gradient for name, gradient in zip(model.weights, gradients) if gradient is not None}


def as_saved(arrays):
    return {
        name: array.detach().to(torch.float32 if array.is_floating_point() else torch.int64).contiguous()
        for name, array in arrays.items()
    }


def pretraining(generator, config, weights):
    """Masked words and whether the pairs belong together; task 0, which is the model's own choice."""
    model = ViLBERT(config, {name: array.double().requires_grad_() for name, array in weights.items()})
    ids, types, features, boxes = batch(generator, config, 4)
    labels = [torch.full_like(row, -1) for row in ids]
    for row, label in zip(ids, labels):
        label[1], label[-2] = row[1], row[-2]
        row[1] = row[-2] = 3
    made = run(model, ids, types, features, boxes, [0] * 4)
    # A row of a text stands one further, behind the task's token.
    states = torch.cat([pair["text_states"][1:][label >= 0] for pair, label in zip(made, labels)])
    targets = torch.cat([label[label >= 0] for label in labels])
    words, match = model.words(states), model.linear("cls.bi_seq_relationship", torch.stack([pair["pooled"] for pair in made]))
    together = torch.tensor([0, 1, 0, 1])
    losses = {"loss.mlm": F.cross_entropy(words, targets), "loss.itm": F.cross_entropy(match, together)}
    names = ("text_embedding", "image_embedding", "text_states", "image_states", "pooled_text", "pooled_image", "pooled")
    mlm_labels = torch.stack([F.pad(label, [0, max(map(len, labels)) - len(label)], value=-1) for label in labels])
    return as_saved(
        inputs(ids, types, features, boxes) | {"input.mlm_labels": mlm_labels, "input.itm_labels": together}
        | outputs(made, names) | {"output.mlm_logits": words, "output.itm_logits": match} | losses
        | {"loss.total": sum(losses.values())} | differentiate(model, sum(losses.values())))


def tasks(generator, config, weights):
    """The heads of tasks, each text with the token of its own task."""
    model = ViLBERT(config, {name: array.double().requires_grad_() for name, array in weights.items()})
    ids, types, features, boxes = batch(generator, config, 4)
    numbers = [3, 0, 1, 3]
    made = run(model, ids, types, features, boxes, numbers)
    pooled = torch.stack([pair["pooled"] for pair in made])
    targets = torch.rand(4, config["num_labels"], generator=generator).double()
    vqa = model.answers("vil_prediction", pooled)
    loss = F.binary_cross_entropy_with_logits(vqa, targets) * config["num_labels"]
    heads = {
        "output.vqa_logits": vqa, "output.gqa_logits": model.answers("vil_prediction_gqa", pooled),
        "output.binary_logits": model.answers("vil_binary_prediction", torch.cat([pooled[0::2], pooled[1::2]], 1)),
        "output.alignment_score": model.linear("vil_logit", pooled),
        "output.entailment_logits": model.linear("vil_tri_prediction", pooled),
        "output.region_scores": padded([model.linear("vision_logit", pair["image_states"]) for pair in made]),
        "output.token_scores": padded([model.linear("linguisic_logit", pair["text_states"]) for pair in made]),
    }
    return as_saved(
        inputs(ids, types, features, boxes) | {"input.task_ids": torch.tensor(numbers)[:, None], "input.answer_targets": targets}
        | heads | {"loss.vqa": loss} | differentiate(model, loss))


def check(directory):
    """The same code on other numbers: inputs with the mean in front, padded."""
    directory = pathlib.Path(directory)
    config = json.loads((directory / "config.json").read_text())
    weights = {name: array.double() for name, array in load_file(directory / "model.safetensors").items()}
    for path in sorted(directory.glob("case*.safetensors")):
        case = load_file(path)
        own = {name.removeprefix("parameter."): array.double() for name, array in case.items() if name.startswith("parameter.")}
        model, worst = ViLBERT(config, weights | own), 0
        for pair, (mask, regions) in enumerate(zip(case["input.attention_mask"], case["input.region_mask"])):
            length, count = int(mask.sum()), int(regions.sum())
            task = case["input.task_ids"][pair, 0] if "input.task_ids" in case else None
            made = model(
                case["input.input_ids"][pair, :length], case["input.token_type_ids"][pair, :length], case["input.regions"][pair, :count].double(),
                case["input.boxes"][pair, :count].double(), task)
            for name, array in made.items():
                if f"output.{name}" not in case: continue
                expected = case[f"output.{name}"][pair]
                worst = max(worst, float((array - expected[:len(array)]).abs().max()))
        print(path.name, f"differs by {worst:.1e} at most")


def main():
    generator = torch.Generator().manual_seed(16)
    weights = {name: draw(generator, name, shape) for name, shape in shapes(CONFIG).items()}
    place = HERE / "vilbert-tiny"
    place.mkdir(exist_ok=True)
    (place / "config.json").write_text(json.dumps(CONFIG, indent=2) + "\n")
    save_file(weights, place / "model.safetensors")
    save_file(pretraining(generator, CONFIG, weights), place / "case.safetensors")
    save_file(tasks(generator, CONFIG, weights), place / "case-tasks.safetensors")


if __name__ == "__main__":
    check(sys.argv[2]) if sys.argv[1:2] == ["check"] else main()
