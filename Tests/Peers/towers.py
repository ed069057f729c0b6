"""Two towers of PyTorch's world: a network of convolutions from timm or torchvision, or transformers' AST of clips of 512 frames, and
transformers' BERT of MiniLM's size.
Prints one line of JSON.

    python towers.py --image resnet50 --batch 32 --threads 2                     (photos through the image tower)
    python towers.py --texts 1000 --lengths 9,14,11,20 --order sorted            (texts through the text tower)
    python towers.py --image resnet50 --step contrastive --batch 32 --lengths 12,16,20      (a step of both)

Random weights, pixels and ids. Networks of convolutions run in both memory layouts, with --precision bf16 under autocast and,
where they only infer, cast as a whole too, and the best is reported. Texts are padded to the longest of a batch of 32, in the
order given or sorted by length. The median of the repetitions after one for warmth.
"""
import argparse
import json
import resource
import statistics
import time

import timm
import torch
import torchvision
import transformers

parser = argparse.ArgumentParser()
parser.add_argument("--image", choices=["efficientnet-lite0", "resnet18", "resnet50", "ast"])
parser.add_argument("--batch", type=int, default=32)
parser.add_argument("--texts", type=int, default=0)
parser.add_argument("--lengths", default="15", help="tokens of the texts, in turn")
parser.add_argument("--order", choices=["given", "sorted"], default="given")
parser.add_argument("--step", choices=["contrastive", "classes"], help="time training steps")
parser.add_argument("--precision", choices=["fp32", "bf16"], default="fp32")
parser.add_argument("--threads", type=int, default=2)
parser.add_argument("--repetitions", type=int, default=5)
options = parser.parse_args()

torch.set_num_threads(options.threads)
torch.manual_seed(0)
lengths = [int(n) for n in options.lengths.split(",")]
layouts = {"channels first": torch.contiguous_format, "channels last": torch.channels_last}
# How weights are held; with bf16 autocast is a way of its own.
ways = {"fp32": [torch.float32], "bf16": [torch.float32, torch.bfloat16]}[options.precision]


def autocast(held=torch.float32):
    is_needed = options.precision == "bf16" and held == torch.float32
    return torch.autocast("cpu", dtype=torch.bfloat16, enabled=is_needed)


def named(way):
    return " ".join(str(part).removeprefix("torch.") for part in way)


class Clips(torch.nn.Module):
    """AST as published, of clips half as long."""
    def __init__(self):
        super().__init__()
        self.tower = transformers.ASTModel(transformers.ASTConfig(
            max_length=512, hidden_dropout_prob=0, attention_probs_dropout_prob=0))

    def forward(self, frames):
        return self.tower(frames).pooler_output


SHAPE = (512, 128) if options.image == "ast" else (3, 224, 224)


def laid_out(value, layout):
    return value if options.image == "ast" else value.to(memory_format=layout)


def image_tower(classes=0):
    if options.image == "ast":
        return Clips()
    if options.image == "efficientnet-lite0":
        return timm.create_model("tf_efficientnet_lite0", num_classes=classes)
    network = getattr(torchvision.models, options.image)()
    network.fc = torch.nn.Linear(network.fc.in_features, classes) if classes else torch.nn.Identity()
    return network


def text_tower():
    return transformers.BertModel(transformers.BertConfig(
        hidden_size=384, num_hidden_layers=6, num_attention_heads=12, intermediate_size=1536,
        hidden_dropout_prob=0, attention_probs_dropout_prob=0), add_pooling_layer=False)


def padded(chosen):
    ids = torch.zeros(len(chosen), max(chosen), dtype=torch.long)
    mask = torch.zeros_like(ids)
    for row, length in enumerate(chosen):
        ids[row, :length] = torch.randint(1000, 30000, (length,))
        mask[row, :length] = 1
    return {"input_ids": ids, "attention_mask": mask}


def mean_states(tower, batch):
    mask = batch["attention_mask"].unsqueeze(-1)
    return (tower(**batch).last_hidden_state * mask).sum(1) / mask.sum(1)


def median_seconds(work):
    times = []
    for _ in range(options.repetitions + 1):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return statistics.median(times[1:])


def encode_images():
    tower, found = image_tower().eval(), {}
    for held in ways:
        for name, layout in layouts.items():
            laid = tower.to(held, memory_format=layout)
            pixels = torch.randn(options.batch, 3, 224, 224).to(held, memory_format=layout)
            with torch.no_grad(), autocast(held):
                found[name, held] = median_seconds(lambda: laid(pixels))
    best = min(found, key=found.get)
    return {"way": named(best), "image_seconds": found[best], "images_per_second": options.batch / found[best]}


def encode_texts():
    tower = text_tower().eval()
    counts = [lengths[n % len(lengths)] for n in range(options.texts)]
    counts = sorted(counts) if options.order == "sorted" else counts
    batches = [padded(counts[start:start + 32]) for start in range(0, len(counts), 32)]
    found = {}
    for held in ways:
        tower = tower.to(held)
        with torch.no_grad(), autocast(held):
            found["weights", held] = median_seconds(lambda: [mean_states(tower, batch) for batch in batches])
    best = min(found, key=found.get)
    return {"order": options.order, "way": named(best), "text_seconds": found[best],
            "texts_per_second": options.texts / found[best]}


class Pair(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.image, self.text = image_tower(), text_tower()
        width = self.image(torch.zeros(2, *SHAPE)).shape[1]
        self.image_projection = torch.nn.Linear(width, 256, bias=False)
        self.text_projection = torch.nn.Linear(384, 256, bias=False)
        self.scale = torch.nn.Parameter(torch.tensor(2.6592))

    def forward(self, pixels, texts):
        image = torch.nn.functional.normalize(self.image_projection(self.image(pixels)), dim=-1)
        text = torch.nn.functional.normalize(self.text_projection(mean_states(self.text, texts)), dim=-1)
        logits, right = self.scale.exp() * image @ text.T, torch.arange(len(image))
        cross_entropy = torch.nn.functional.cross_entropy
        return (cross_entropy(logits, right) + cross_entropy(logits.T, right)) / 2


def train():
    """Batch norms keep the statistics that they have in a pair, as mmtrain's do by default."""
    found = {}
    chosen = {"as it is": None} if options.image == "ast" else layouts
    for name, layout in chosen.items():
        network = Pair() if options.step == "contrastive" else image_tower(1000)
        network = laid_out(network, layout).train()
        for module in network.modules():
            if options.step == "contrastive" and isinstance(module, torch.nn.BatchNorm2d):
                module.eval()
        optimizer = torch.optim.AdamW(network.parameters(), lr=1e-5, fused=True)
        pixels = laid_out(torch.randn(options.batch, *SHAPE), layout)
        texts = padded([lengths[n % len(lengths)] for n in range(options.batch)])
        classes = torch.randint(0, 1000, (options.batch,))

        def step():
            with autocast():
                if options.step == "contrastive":
                    loss = network(pixels, texts)
                else:
                    loss = torch.nn.functional.cross_entropy(network(pixels), classes)
            loss.backward()
            optimizer.step()
            optimizer.zero_grad()
        found[name] = median_seconds(step)
    best = min(found, key=found.get)
    return {"way": best, "step_seconds": found[best], "pairs_per_second": options.batch / found[best]}


found = {"peer": f"timm {timm.__version__}, transformers {transformers.__version__}, torch {torch.__version__}",
         "batch": options.batch, "precision": options.precision, "threads": options.threads}
if options.step:
    found |= train()
else:
    found |= encode_images() if options.image else {}
    found |= encode_texts() if options.texts else {}
found["peak_memory_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
print(json.dumps(found))
