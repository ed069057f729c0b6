#!/usr/bin/env python3
"""Makes Sources/Insight/Verification/EmbeddedGoldens.swift: what `mmtrain verify` compares with.

    python Tests/Golden/verify.py > Sources/Insight/Verification/EmbeddedGoldens.swift

Made with Python 3.11.7, tokenizers 0.23.3, Pillow 13.0.0 (libjpeg-turbo 3.2.0), torch 2.15.0. There is no seed: pictures,
weights and inputs are formulas of a hash, which Sources/Insight/Verification/Formula.swift computes as well. The block is computed
in float64; of its results sums with signs are kept, four for each array, in which no wrong number can hide.
"""
import base64
import io
import json
import sys
import textwrap

import PIL
import tokenizers
import torch
from PIL import Image
from tokenizers import decoders, models, normalizers, pre_tokenizers, processors

import tokenization

MASK = (1 << 64) - 1

# Formulas


def mixed(stream, index):
    """SplitMix64 of a stream's name and a place."""
    name = 0x811C9DC5
    for byte in stream.encode():
        name = ((name ^ byte) * 0x01000193) & 0xFFFFFFFF
    z = ((name << 32 | index) + 0x9E3779B97F4A7C15) & MASK
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
    return z ^ (z >> 31)


def numbers(stream, shape, scale):
    """Between -scale and scale; single precision holds every one of them."""
    count = 1
    for side in shape:
        count *= side
    values = [((mixed(stream, i) >> 40) - (1 << 23)) / (1 << 23) * scale for i in range(count)]
    return torch.tensor(values, dtype=torch.float64).reshape(shape)


def sums(values):
    """Four sums with signs, then the norm."""
    flat = values.detach().reshape(-1).tolist()
    result = [sum(v if mixed(f"sign {k}", i) & 1 else -v for i, v in enumerate(flat)) for k in range(4)]
    return result + [sum(v * v for v in flat) ** 0.5]


# Tokenizer

CAPTIONS = [
    "a dog runs on the green grass", "two dogs run after a red ball on the beach", "the children are playing in the snow",
    "a man in a blue shirt is climbing a rock", "a woman with a dog's leash walks through the park",
]
START, END = "<|startoftext|>", "<|endoftext|>"
TEXTS = [
    "", "a dog", "Two DOGS' balls, isn't it?", "caf\u00e9 cafe\u0301 \u212b", "\ud55c\uad6d\uc5b4 \u1112\u1161\u11ab \u65e5\u672c\u8a9e",
    "\U0001f468\u200d\U0001f469\u200d\U0001f467 !", "12 dogs\t\n3 cats", "<|endoftext|>a<|startoftext|>", "\u0130stanbul \u03a3\u03a3",
    "q\u0307\u0323 a\u0323\u0307", "the children run through the green park",
]


def tokenizer():
    result = tokenizers.Tokenizer(models.BPE())
    result.normalizer = normalizers.Sequence(
        [normalizers.NFC(), normalizers.Replace(tokenizers.Regex(r"\s+"), " "), normalizers.Lowercase()])
    pattern = r"'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+"
    result.pre_tokenizer = pre_tokenizers.Sequence([
        pre_tokenizers.Split(tokenizers.Regex(pattern), behavior="removed", invert=True),
        pre_tokenizers.ByteLevel(add_prefix_space=False)])
    result.decoder = decoders.ByteLevel()
    # The library's own trainer numbers equals by chance.
    tokenization.CAPTIONS, tokenization.VOCABULARY_SIZE = CAPTIONS, 580
    tokens, merges = tokenization.train(result)
    # Without the bytes from 128 on at the end of a word there are unknown tokens too.
    symbols = tokenization.byte_symbols()[1]
    tokens = [t for t in tokens if t not in {symbols[b] + "</w>" for b in range(128, 256)}] + [START, END]
    result.model = models.BPE(
        vocab={t: i for i, t in enumerate(tokens)}, merges=[tuple(m.split(" ")) for m in merges], unk_token=END,
        continuing_subword_prefix="", end_of_word_suffix="</w>", fuse_unk=False)
    result.add_special_tokens([START, END])
    result.post_processor = processors.RobertaProcessing(
        (END, result.token_to_id(END)), (START, result.token_to_id(START)), trim_offsets=False, add_prefix_space=False)
    return result


# Pictures


def picture():
    width, height = 61, 45
    return Image.frombytes("RGB", (width, height), bytes(mixed("picture", i) & 255 for i in range(width * height * 3)))


def resized(name):
    """Rows first, as mmtrain does it: from version 13 on Pillow sometimes takes the columns first."""
    filter = getattr(Image.Resampling, name.upper())
    return picture().resize((16, 45), filter).resize((16, 12), filter).tobytes()


def jpeg():
    width, height = 33, 21
    image = Image.frombytes("RGB", (width, height), bytes(
        (x * (5 + c) + y * (9 - c)) * 255 // 600 for y in range(height) for x in range(width) for c in range(3)))
    file = io.BytesIO()
    image.save(file, "JPEG", quality=85, subsampling=2)
    return file.getvalue(), Image.open(io.BytesIO(file.getvalue())).convert("RGB").tobytes()


# Transformer block

WIDTH, HEADS, INTERMEDIATE, OFFSETS = 64, 4, 256, [0, 16, 40]
SHAPES = {f"layers.0.self_attn.{p}_proj.weight": (WIDTH, WIDTH) for p in ("q", "k", "v", "out")}
SHAPES |= {f"layers.0.self_attn.{p}_proj.bias": (WIDTH,) for p in ("q", "k", "v", "out")}
SHAPES |= {"layers.0.mlp.fc1.weight": (INTERMEDIATE, WIDTH), "layers.0.mlp.fc1.bias": (INTERMEDIATE,),
           "layers.0.mlp.fc2.weight": (WIDTH, INTERMEDIATE), "layers.0.mlp.fc2.bias": (WIDTH,)}
SHAPES |= {f"{n}.{k}": (WIDTH,) for n in ("layers.0.layer_norm1", "layers.0.layer_norm2", "final_norm") for k in ("weight", "bias")}


def block():
    """x + attention(norm1 x), + mlp(norm2 of that), final norm; causal within each of two segments."""
    weights = {name: numbers(name, shape, 0.25) for name, shape in SHAPES.items()}
    for name in weights:
        if "norm" in name and name.endswith("weight"):
            # Rounded once to single precision, as the other side adds it.
            weights[name] = (weights[name].float() + 1).double()
        weights[name].requires_grad_()
    w = lambda name: weights[name]
    linear = lambda x, name: x @ w(name + ".weight").T + w(name + ".bias")
    norm = lambda x, name: torch.nn.functional.layer_norm(x, (WIDTH,), w(name + ".weight"), w(name + ".bias"), 1e-5)
    x = numbers("input", (OFFSETS[-1], WIDTH), 1.0).requires_grad_()
    n = norm(x, "layers.0.layer_norm1")
    q, k, v = (linear(n, f"layers.0.self_attn.{p}_proj") for p in "qkv")
    attended = []
    for start, end in zip(OFFSETS, OFFSETS[1:]):
        heads = [t[start:end].reshape(end - start, HEADS, -1).transpose(0, 1) for t in (q, k, v)]
        scores = heads[0] @ heads[1].transpose(1, 2) / (WIDTH // HEADS) ** 0.5
        mask = torch.ones(end - start, end - start, dtype=torch.bool).tril()
        joined = torch.softmax(scores.masked_fill(~mask, float("-inf")), -1) @ heads[2]
        attended.append(joined.transpose(0, 1).reshape(end - start, WIDTH))
    stream = x + linear(torch.cat(attended), "layers.0.self_attn.out_proj")
    hidden = linear(norm(stream, "layers.0.layer_norm2"), "layers.0.mlp.fc1")
    stream = stream + linear(hidden * torch.sigmoid(1.702 * hidden), "layers.0.mlp.fc2")
    y = norm(stream, "final_norm")
    y.backward(numbers("upstream", (OFFSETS[-1], WIDTH), 1.0))
    results = {"output": sums(y), "input gradient": sums(x.grad)}
    return results | {name: sums(weight.grad) for name, weight in weights.items()}


# Swift


def wrapped(text, indent):
    return textwrap.indent("\n".join(text[i : i + 110] for i in range(0, len(text), 110)), indent)


def encoded(data):
    return '"""\n' + wrapped(base64.b64encode(data).decode(), "      ") + '\n      """'


def quoted(text):
    return '"' + "".join(c if 0x20 <= ord(c) < 0x7F and c not in '"\\' else "\\u{%X}" % ord(c) for c in text) + '"'


def main():
    made = tokenizer()
    source = json.dumps(json.loads(made.to_str()), ensure_ascii=True, separators=(",", ":"))
    file, pixels = jpeg()
    lines = ["// swift-format-ignore-file",
             f"// Made by Tests/Golden/verify.py with Python {sys.version.split()[0]}, tokenizers {tokenizers.__version__}, "
             f"Pillow {PIL.__version__}, torch {torch.__version__.split('+')[0]}.", "",
             "internal import Images", "", "extension VerificationGoldens {",
             "  /// What Python's `tokenizers`, Pillow and PyTorch made.",
             "  public static let embedded = VerificationGoldens(",
             f"    tokenizer: {encoded(source.encode())},", "    ids: ["]
    for text in TEXTS:
        lines.append(f"      (text: {quoted(text)}, ids: {made.encode(text).ids}),")
    lines += ["    ],", "    resized: ["]
    for name in ("bilinear", "bicubic"):
        lines.append(f"      (filter: .{name}, pixels: {encoded(resized(name))}),")
    lines += ["    ],", f"    jpeg: {encoded(file)},", f"    decoded: {encoded(pixels)},", "    block: ["]
    for name, values in block().items():
        lines.append(f"      (name: \"{name}\", sums: [{', '.join(repr(v) for v in values[:4])}], norm: {values[4]!r}),")
    lines += ["    ])", "}"]
    print("\n".join(lines))


main()
