"""vilbert-tiny with dropout on the masks that mmtrain draws: python streamdropout.py

Writes vilbert-tiny/dropout.safetensors: states of both streams and what stands for each pair of case.safetensors, and the gradient of
every parameter under random gradients of these, in float64. The model of vilbert.py drops where its authors' does, x * mask / (1 - rate), by
the masks of dropout.py: pair i is sample i, whose words, regions and probabilities are counted within it. torch 2.15.0, NumPy 2.4.6.
"""
import json

import numpy
import torch
from safetensors.torch import load_file

import dropout
import goldenfile
from vilbert import HERE, ViLBERT, run

STATES, PROBABILITIES = 0.25, 0.2
NAMED = dict(seed=6, step=11, first=5)


class Dropping(ViLBERT):
    """Of one pair after the other."""

    pair, taken = -1, 0

    def __call__(self, *inputs):
        self.pair += 1
        return super().__call__(*inputs)

    def drop(self, name, x):
        self.taken += 1
        rate = PROBABILITIES if "probabilities" in name else STATES
        kept = dropout.mask(name, self.pair, rate, x.shape, **NAMED)
        return x * kept / (1 - numpy.float64(numpy.float32(rate)))


def main():
    directory = HERE / "vilbert-tiny"
    config, case = json.loads((directory / "config.json").read_text()), load_file(directory / "case.safetensors")
    weights = {name: array.double().requires_grad_() for name, array in load_file(directory / "model.safetensors").items()}
    lengths, counts = case["input.attention_mask"].sum(1).tolist(), case["input.region_mask"].sum(1).tolist()
    cut = lambda name, sizes: [row[:size] for row, size in zip(case["input." + name], sizes)]
    inputs = cut("input_ids", lengths), cut("token_type_ids", lengths), cut("regions", counts), cut("boxes", counts)
    model = Dropping(config, weights)
    made = run(model, *inputs, [0] * len(lengths))
    # Embeddings and pooled states, three times in each layer, four times in each connection and twice behind it.
    layers = config["num_hidden_layers"] + config["v_num_hidden_layers"]
    assert model.taken == len(made) * (3 + 3 * layers + 6 * len(config["v_biattention_id"])), model.taken
    found = {
        "text_states": torch.cat([pair["text_states"] for pair in made]), "pooled": torch.stack([pair["pooled"] for pair in made]),
        "image_states": torch.cat([pair["image_states"] for pair in made]),
    }
    random = goldenfile.generator("vilbert-tiny/dropout")
    upstream = {name: torch.randn(value.shape, generator=random).double() for name, value in found.items()}
    loss = sum((value * upstream[name]).sum() for name, value in found.items())
    gradients = torch.autograd.grad(loss, list(weights.values()), allow_unused=True)
    offsets = lambda sizes: numpy.cumsum([0] + sizes)
    found |= {
        "ids": torch.cat(inputs[0]), "types": torch.cat(inputs[1]), "text_offsets": offsets(lengths),
        "regions": torch.cat(inputs[2]), "boxes": torch.cat(inputs[3]), "region_offsets": offsets(counts),
        "rates": torch.tensor([STATES, PROBABILITIES]), "named": torch.tensor(list(NAMED.values()), dtype=torch.int32),
    }
    found |= {"upstream/" + name: value for name, value in upstream.items()}
    found |= {"gradient/" + name: value for name, value in zip(weights, gradients) if value is not None}
    goldenfile.write(directory / "dropout.safetensors", found, goldenfile.metadata("streamdropout.py"))


if __name__ == "__main__":
    torch.set_num_threads(1)
    main()
