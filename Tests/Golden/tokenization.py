#!/usr/bin/env python3
"""Makes the goldens of Tests/Data/TokenizationTests with the Python library `tokenizers`.

Made with Python 3.11.7 and tokenizers 0.23.3 (regular expressions of Unicode 16, NFC of Unicode 10); seed 20240611.

    python tokenization.py make SHARED      writes tokenization/tiny-tokenizer.json and tokenization/golden.json here;
                                            SHARED holds data/tokenizers and data/flickr8k
    python tokenization.py published        writes tokenization/published/transformers-N/ here, for the version N of
                                            `transformers` that this Python has: the files that CLIPTokenizerFast and
                                            BertTokenizerFast save, of small vocabularies, and the ids they make
                                            (done with 4.46.3, tokenizers 0.20.3, and with 5.24.0, tokenizers 0.23.3)
    python tokenization.py encode TOKENIZER < texts.json > ids.json

The tiny tokenizer is trained below by the slowest code that could possibly work, so that it also checks mmtrain's
trainer. It knows every byte: its ids show how a text was normalised and split. Long lists of ids are kept as FNV-1a
hashes, of blocks small enough to find the place of a difference.
"""

import json
import os
import sys
import tempfile
import unicodedata

import tokenizers

SEED = 20240611
MASK = (1 << 64) - 1
HERE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "tokenization")

CAPTIONS = [
    "A dog runs on the green grass .",
    "Two dogs are running on the grass with a ball .",
    "The dog's ball isn't where the dogs' ball was .",
    "A child in a red jacket is playing in the snow .",
    "Children playing in the snow , one in a red jacket .",
    "Ein Käfer läuft über die grüne Straße .",
    "banana bananas bandana aaaaaaa aaaaaa",
    "12 dogs , 3 cats & 1 café !!! ...",
    "日本の猫 日本の犬 😀😀",
]
VOCABULARY_SIZE = 620

AWKWARD = [
    "", " ", "\n\t", "a", "A photo of a CAT.", "it's they're I've don't we'll I'd I'M o'clock rock'n'roll ''s 'S 're",
    "!'s ?'t '", "  leading   and\ttabs\nnewline ", "e\u0301 \u00e9 caf\u00e9 cafe\u0301", "\u0130stanbul \u1e9e STRASSE",
    "\u03a3\u03a3 \u039f\u0394\u039f\u03a3", "x\u200bzero\u00adwidth\ufeff", "a\u00a0b\u2003c\u3000d\u0085e\u2028f\u180eg",
    "1234567890 3.14 \u0661\u0662 \u2167 \u00bd \u00b2", "\u65e5\u672c\u8a9e\u306e\u732b", "\ud55c\uad6d\uc5b4 \u1112\u1161\u11ab",
    "\U0001f600\U0001f436 \U0001f468\u200d\U0001f469\u200d\U0001f467", "<|startoftext|> special <|endoftext|>",
    "<|ENDOFTEXT|> <|endoftext|><|endoftext|>dogs<|endoftext", "<|end<|endoftext|>oftext|>", "</w> dog</w>",
    "\u0000\u0001\u007f", "\u212b \u2126 \u0340 \u0344 \u0958", "a\u0323\u0307 a\u0307\u0323 q\u0307\u0323",
    "\U00011935\U00011930 \U000105d2\u0307", "a\u07fd\u0334 a\u0345\u0301\u0334", "\U00010940 \u088f \ua7ce \U000323b0",
    "\ufb01 \u01c5 \u2160", "snake_case_name a-b http://example.com/a?b=c#d", "don\u2019t", "\u2019s", "a" * 300,
    "\u0301" * 40, "\u0323\u0301" * 20, "ﷺ", "\U0010ffff\ufffe\ue000",
]

SPECIAL = [
    "<|endoftext|>!", "!<|ENDOFTEXT|>!", "<|EndOfText|>? <|STARTOFTEXT|>a", "a<|STARTOFTEXT|><|endOFtext|>'s", "<|ENDOFTEXT",
    "<|endoftext|><|ENDOFTEXT|>...", "[SEP] [mask] x[PAD]y [UNK][CLS]", "[sep][MASK]", "Dogs! dogs DOG", "caf\u00c9 Caf\u00e9",
]
BERT_VOCABULARY = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "!", "?", ".", "'", "[", "]", "<", ">", "|"] + [
    prefix + letter for prefix in ("", "##") for letter in "abcdefghijklmnopqrstuvwxyz0123456789"
] + ["A", "D", "##O", "##G", "C", "dog", "##s", "the", "##\u00e9", "\u00e9", "\u732b", "\u65e5"]

RANGES = [
    (0x20, 0x7E), (0x41, 0x5A), (0x61, 0x7A), (0x09, 0x20), (0x80, 0xFF), (0x100, 0x24F), (0x300, 0x36F), (0x370, 0x3FF),
    (0x400, 0x52F), (0x590, 0x6FF), (0x7C0, 0x8FF), (0x900, 0xDFF), (0xE00, 0xFFF), (0x1100, 0x11FF), (0x13A0, 0x13FF),
    (0x1AB0, 0x1CFF), (0x1DC0, 0x1FFF), (0x2000, 0x206F), (0x2070, 0x218F), (0x3040, 0x30FF), (0xA640, 0xA8FF),
    (0xAC00, 0xD7A3), (0xF900, 0xFB4F), (0x10400, 0x1044F), (0x10900, 0x109FF), (0x11000, 0x11FFF), (0x1D100, 0x1D7FF),
    (0x1E000, 0x1E9FF), (0x1F300, 0x1FAFF), (0x2F800, 0x2FA1F), (0x0, 0xD7FF), (0xE000, 0x10FFFF),
]
SNIPPETS = [" ", " ", "'s", "'LL", "dog", "The ", "a\u0301", "\u0323", "<|endoftext|>", "12", "...", "\u1100\u1161\u11a8"]


class Random:
    """SplitMix64, which the Swift tests have too."""

    def __init__(self, seed):
        self.state = seed

    def next(self, bound):
        self.state = (self.state + 0x9E3779B97F4A7C15) & MASK
        z = self.state
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
        return ((z ^ (z >> 31)) >> 11) % bound


def random_texts(count):
    random = Random(SEED)
    texts = []
    for _ in range(count):
        parts = []
        for _ in range(1 + random.next(24)):
            if random.next(4) == 0:
                parts.append(SNIPPETS[random.next(len(SNIPPETS))])
            else:
                low, high = RANGES[random.next(len(RANGES))]
                parts.append(chr(low + random.next(high - low + 1)))
        texts.append("".join(parts))
    return texts


def scalar_texts(plane):
    """Every scalar of a plane between two letters, sixteen to a text."""
    scalars = [c for c in range(plane << 16, (plane + 1) << 16) if not 0xD800 <= c < 0xE000]
    return [" ".join("x" + chr(c) + "y" for c in scalars[i : i + 16]) for i in range(0, len(scalars), 16)]


def fnv(lists):
    """FNV-1a over the ids as little-endian 32-bit numbers, each list closed by 0xffffffff."""
    value = 0xCBF29CE484222325
    for ids in lists:
        for byte in b"".join(i.to_bytes(4, "little") for i in ids) + b"\xff\xff\xff\xff":
            value = ((value ^ byte) * 0x100000001B3) & MASK
    return "%016x" % value


def blocks(lists, size):
    return [fnv(lists[i : i + size]) for i in range(0, len(lists), size)]


# Training


def byte_symbols():
    printable = list(range(0x21, 0x7F)) + list(range(0xA1, 0xAD)) + list(range(0xAE, 0x100))
    order = printable + [b for b in range(256) if b not in printable]
    return order, {b: chr(b) if b in printable else chr(0x100 + order.index(b) - len(printable)) for b in order}


def train(rules):
    """Joins the most frequent pair again and again; of equals the first in the order of bytes, inside before end."""
    order, symbols = byte_symbols()
    tokens = [(bytes([b]), False) for b in order] + [(bytes([b]), True) for b in order]
    words = {}
    for caption in CAPTIONS:
        text = rules.normalizer.normalize_str(caption)
        for word, _ in rules.pre_tokenizer.pre_tokenize_str(text):
            raw = bytes({s: b for b, s in symbols.items()}[c] for c in word)
            key = tuple((raw[i : i + 1], i == len(raw) - 1) for i in range(len(raw)))
            words[key] = words.get(key, 0) + 1
    merges = []
    while len(tokens) + 2 < VOCABULARY_SIZE:
        counts = {}
        for word, count in words.items():
            for pair in zip(word, word[1:]):
                counts[pair] = counts.get(pair, 0) + count
        pair = min(counts, key=lambda pair: (-counts[pair], pair))
        if counts[pair] < 2:
            break
        product = (pair[0][0] + pair[1][0], pair[1][1])
        if product not in tokens:
            tokens.append(product)
        merges.append(pair)
        words = {merged(word, pair, product): count for word, count in words.items()}
    spelt = lambda token: "".join(symbols[b] for b in token[0]) + ("</w>" if token[1] else "")
    return [spelt(t) for t in tokens], [spelt(a) + " " + spelt(b) for a, b in merges]


def merged(word, pair, product):
    result, i = [], 0
    while i < len(word):
        if word[i : i + 2] == pair:
            result.append(product)
            i += 2
        else:
            result.append(word[i])
            i += 1
    return tuple(result)


def make(shared):
    clip_path = os.path.join(shared, "data/tokenizers/clip/tokenizer.json")
    clip = tokenizers.Tokenizer.from_file(clip_path)
    tiny = json.load(open(clip_path, encoding="utf-8"))
    tokens, merges = train(clip)
    start, end = len(tokens), len(tokens) + 1
    tokens += ["<|startoftext|>", "<|endoftext|>"]
    tiny["model"].update(vocab={t: i for i, t in enumerate(tokens)}, merges=merges)
    tiny["added_tokens"][0]["id"], tiny["added_tokens"][1]["id"] = start, end
    tiny["post_processor"].update(sep=["<|endoftext|>", end], cls=["<|startoftext|>", start])
    path = os.path.join(HERE, "tiny-tokenizer.json")
    with open(path, "w", encoding="utf-8") as file:
        json.dump(tiny, file, ensure_ascii=False, separators=(",", ":"))
    tiny = tokenizers.Tokenizer.from_file(path)

    ids = lambda tokenizer, texts: [e.ids for e in tokenizer.encode_batch(texts)]
    flickr = json.load(open(os.path.join(shared, "data/flickr8k/dataset_flickr8k_mini.json"), encoding="utf-8"))
    captions = [s["raw"] for image in flickr["images"] for s in image["sentences"]]
    bert = tokenizers.Tokenizer.from_file(os.path.join(shared, "data/tokenizers/bert/tokenizer.json"))
    random = random_texts(2000)
    golden = {
        "versions": {"python": sys.version.split()[0], "tokenizers": tokenizers.__version__},
        "seed": SEED,
        "captions": CAPTIONS,
        "vocabularySize": VOCABULARY_SIZE,
        "ranges": RANGES,
        "snippets": SNIPPETS,
        "awkward": [{"text": t, "ids": i} for t, i in zip(AWKWARD, ids(tiny, AWKWARD))],
        "random": blocks(ids(tiny, random), 100),
        "randomBERT": blocks(ids(bert, random), 100),
        "scalars": [fnv(ids(tiny, scalar_texts(plane))) for plane in range(17)],
        "scalarsBERT": [fnv(ids(bert, scalar_texts(plane))) for plane in range(17)],
        "flickr8kMini": blocks(ids(clip, captions), 1000),
        "flickr8kMiniBERT": blocks(ids(bert, captions), 1000),
    }
    with open(os.path.join(HERE, "golden.json"), "w", encoding="utf-8") as file:
        json.dump(golden, file, indent=0)
        file.write("\n")


def published():
    import transformers

    tiny = json.load(open(os.path.join(HERE, "tiny-tokenizer.json"), encoding="utf-8"))["model"]
    folder = os.path.join(HERE, "published", "transformers-" + transformers.__version__.split(".")[0])
    # Of two versions of `tokenizers` the older does not know the newest scalars.
    texts = [t for t in AWKWARD + SPECIAL if all(unicodedata.category(c) != "Cn" for c in t)]
    golden = {"transformers": transformers.__version__, "tokenizers": tokenizers.__version__, "texts": texts, "ids": {}}
    with tempfile.TemporaryDirectory() as source:
        write = lambda name: open(os.path.join(source, name), "w", encoding="utf-8")
        with write("vocab.json") as file:
            json.dump(tiny["vocab"], file, ensure_ascii=False)
        with write("merges.txt") as file:
            file.write("#version: 0.2\n" + "\n".join(tiny["merges"]) + "\n")
        with write("vocab.txt") as file:
            file.write("\n".join(dict.fromkeys(BERT_VOCABULARY)) + "\n")
        clip = transformers.CLIPTokenizerFast.from_pretrained(source)
        padded = transformers.CLIPTokenizerFast.from_pretrained(source, pad_token="!")
        bert = transformers.BertTokenizerFast.from_pretrained(source)
        cased = transformers.BertTokenizerFast.from_pretrained(source, do_lower_case=False)
        for name, tokenizer in ("clip", clip), ("clip-padded", padded), ("bert", bert), ("bert-cased", cased):
            golden["ids"][name] = tokenizer(texts)["input_ids"]
            tokenizer.save_pretrained(os.path.join(folder, name))
    with open(os.path.join(folder, "golden.json"), "w", encoding="utf-8") as file:
        json.dump(golden, file)
        file.write("\n")


def encode(path):
    tokenizer = tokenizers.Tokenizer.from_file(path)
    json.dump([e.ids for e in tokenizer.encode_batch(json.load(sys.stdin))], sys.stdout)


if __name__ == "__main__":
    {"make": make, "published": published, "encode": encode}[sys.argv[1]](*sys.argv[2:])
