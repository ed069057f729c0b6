"""bert-tiny with dropout, by PyTorch's formula on the masks that mmtrain draws: python dropout.py

Writes bert-tiny/dropout.safetensors: states of all tokens, and the gradient of every parameter under a random gradient of the
states, computed in float64. transformers' BertModel is in training mode; each call of torch.nn.functional.dropout, in the order
of the model, takes the next of our masks: x * mask / (1 - rate). Masks are made here by their definition, from the seed, the step,
the layer's name and the text's number in the batch (streams.py; Sources/Engine/CKernels/families/dropping.inc).
Made with torch 2.15.0, transformers 5.24.0, NumPy 2.4.6.
"""
import numpy
import torch
import transformers
from safetensors.torch import load_file
from transformers import BertModel

import goldenfile
import towers
from streams import words

STATES, PROBABILITIES = 0.3, 0.2
SEED, STEP, FIRST = 4, 17, 9
DROPOUT = 5  # RandomPurpose


def name_hash(name):
    """FNV-1a of 64 bits."""
    value = 0xCBF29CE484222325
    for byte in name.encode():
        value = (value ^ byte) * 0x100000001B3 & (1 << 64) - 1
    return value


def mix32(x):
    x = x ^ x >> 16
    x = x * 0x7FEB352D & 0xFFFFFFFF
    x = x ^ x >> 15
    x = x * 0x846CA68B & 0xFFFFFFFF
    return x ^ x >> 16


def mask(layer, sample, rate, shape, seed=SEED, step=STEP, first=FIRST):
    """1 where an element stays, counted within its text."""
    stream = words(seed, DROPOUT, step, name_hash(layer), first + sample)
    high, low = next(stream), next(stream)
    index = numpy.arange(numpy.prod(shape), dtype=numpy.uint64)
    key = mix32(index & 0xFFFFFFFF) ^ low ^ index >> 32
    kept = mix32(key + high & 0xFFFFFFFF) >= int(numpy.float32(rate) * 4294967296.0)
    return torch.from_numpy(kept.reshape(shape)).double()


def masks(sample, tokens, config):
    """In the order in which BERT drops."""
    states = (1, tokens, config.hidden_size)
    yield mask("embeddings", sample, STATES, states)
    for layer in range(config.num_hidden_layers):
        place = f"encoder.layer.{layer}."
        heads = (1, config.num_attention_heads, tokens, tokens)
        yield mask(place + "attention.probabilities", sample, PROBABILITIES, heads)
        yield mask(place + "attention", sample, STATES, states)
        yield mask(place + "mlp", sample, STATES, states)


def main():
    directory = towers.HERE / "bert-tiny"
    model = BertModel.from_pretrained(
        directory, attn_implementation="eager", hidden_dropout_prob=STATES, attention_probs_dropout_prob=PROBABILITIES)
    model = model.double().train()
    golden = load_file(directory / "golden.safetensors")
    offsets = golden["offsets"].tolist()
    states = []
    for sample, (start, end) in enumerate(zip(offsets, offsets[1:])):
        given = masks(sample, end - start, model.config)

        def dropped(x, p=0.5, training=True, inplace=False):
            kept = next(given)
            assert x.shape == kept.shape and p > 0 and training, (x.shape, kept.shape, p)
            return x * kept / (1 - numpy.float64(numpy.float32(p)))

        torch.nn.functional.dropout = dropped
        states.append(model(input_ids=golden["ids"][start:end].long()[None]).last_hidden_state[0])
        assert next(given, None) is None, "a mask was not taken"
    states = torch.cat(states)
    upstream = torch.randn(states.shape, generator=goldenfile.generator("bert-tiny/dropout")).double()
    (states * upstream).sum().backward()
    found = dict(
        ids=golden["ids"], offsets=golden["offsets"], upstream=upstream, states=states,
        rates=torch.tensor([STATES, PROBABILITIES]), named=torch.tensor([SEED, STEP, FIRST], dtype=torch.int32))
    found |= {f"gradient/{key}": value for key, value in towers.saved_gradients(model).items() if "pooler" not in key}
    notes = goldenfile.metadata("dropout.py", transformers=transformers.__version__)
    goldenfile.write(directory / "dropout.safetensors", found, notes)


if __name__ == "__main__":
    main()
