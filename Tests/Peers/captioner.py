"""Learns to write captions with PyTorch as `mmtrain train` does it with `task.name=captioning`, `model.name=blip`, a locked EfficientNet-Lite0
and the words and blocks of MiniLM, from other random weights, and prints one line of JSON: seconds, and where the captions lie.

    python captioner.py PREPARED WEIGHTS BERT OUT --seed 0     PREPARED: a set of `mmtrain prepare`, WEIGHTS: EfficientNet-Lite0's file, BERT: a directory
    python captioner.py PREPARED WEIGHTS BERT OUT --nearest    no training: each photo takes the first caption of the most similar photo of
                                                               the training split, by the cosine of the tower's pooled states
    mmtrain evaluate --captions OUT/captions.json --references OUT/references.json

The recipe is that of docs/tasks.md: what the tower makes of the photos is computed once; one caption of each photo an epoch; transformers'
BLIP decoder; smoothing 0.1; AdamW, cosine; three beams of at most 20 tokens. Needs Pillow and tokenizers beside requirements.txt.
"""
import argparse
import json
import time
from pathlib import Path

import torch
import transformers
from safetensors.torch import load_file
from tokenizers import Tokenizer
from torch import nn
from transformers.models.blip.modeling_blip_text import BlipTextConfig, BlipTextLMHeadModel

from answering import rate
from prepared import Split, image_tower

START, STOP = 101, 102


def decoder_like(bert):
    """BLIP's decoder over cells of 1280 numbers; words, positions and blocks are the BERT's, the rest is drawn."""
    sizes = json.loads((bert / "config.json").read_text())
    same = ("hidden_size", "num_hidden_layers", "num_attention_heads", "intermediate_size", "layer_norm_eps")
    config = BlipTextConfig(
        **{name: sizes[name] for name in same}, vocab_size=sizes["vocab_size"], max_position_embeddings=256,
        encoder_hidden_size=1280, bos_token_id=START, sep_token_id=STOP, eos_token_id=STOP, pad_token_id=0, is_decoder=True,
        hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0, label_smoothing=0.1)
    model = BlipTextLMHeadModel(config)
    arrays = load_file(bert / "model.safetensors")
    # BLIP's words have no type: that of all of them is added to their positions.
    positions = arrays["embeddings.position_embeddings.weight"][:256] + arrays["embeddings.token_type_embeddings.weight"][0]
    state = {"bert." + name: array for name, array in arrays.items()} | {"bert.embeddings.position_embeddings.weight": positions}
    report = model.load_state_dict(state, strict=False)
    drawn = [name for name in report.missing_keys if ".crossattention." not in name and not name.startswith("cls.")]
    assert not drawn, drawn
    return model


def padded(texts):
    ids = torch.zeros(len(texts), max(map(len, texts)), dtype=torch.long)
    mask = torch.zeros_like(ids)
    for row, text in enumerate(texts):
        ids[row, :len(text)], mask[row, :len(text)] = torch.tensor(text), 1
    return ids, mask


def train(model, captions, cells, options):
    decayed = [array for array in model.parameters() if array.ndim >= 2]
    others = [array for array in model.parameters() if array.ndim < 2]
    optimizer = torch.optim.AdamW(
        [{"params": decayed, "weight_decay": 0.1}, {"params": others, "weight_decay": 0.0}], betas=(0.9, 0.98), eps=1e-6)
    batches = len(captions) // options.batch
    steps = options.epochs * batches
    for step in range(steps):
        if step % batches == 0:
            order = torch.randperm(len(captions)).tolist()
        photos = order[step % batches * options.batch:][:options.batch]
        ids, mask = padded([captions[photo][int(torch.randint(len(captions[photo]), ()))] for photo in photos])
        loss = model(input_ids=ids, attention_mask=mask, labels=ids.masked_fill(mask == 0, -100),
                     encoder_hidden_states=cells[photos], encoder_attention_mask=torch.ones(cells[photos].shape[:2])).loss
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        for group in optimizer.param_groups:
            group["lr"] = 2e-4 * rate(step, steps)
        optimizer.step()


@torch.no_grad()
def write(model, cells, tokenizer):
    texts = []
    for first in range(0, len(cells), 32):
        part = cells[first:first + 32]
        made = model.generate(
            input_ids=torch.full((len(part), 1), START), encoder_hidden_states=part, num_beams=3, max_length=20,
            encoder_attention_mask=torch.ones(part.shape[:2]), do_sample=False, early_stopping="never", eos_token_id=STOP,
            pad_token_id=0)
        texts += [tokenizer.decode(row.tolist()) for row in made]
    return texts


def nearest(train_cells, cells, captions):
    """Of each photo the first caption of the training photo that is most like it."""
    pooled = [nn.functional.normalize(states.mean(1), dim=1) for states in (train_cells, cells)]
    return [captions[place][0] for place in (pooled[1] @ pooled[0].T).argmax(1).tolist()]


def main():
    parser = argparse.ArgumentParser()
    for name in ("prepared", "weights", "bert", "out"):
        parser.add_argument(name, type=Path)
    parser.add_argument("--nearest", action="store_true")
    parser.add_argument("--epochs", type=int, default=20)
    parser.add_argument("--batch", type=int, default=64)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    torch.manual_seed(options.seed)
    tokenizer = Tokenizer.from_file(str(options.bert / "tokenizer.json"))
    tokenizer.no_padding()
    begun = time.perf_counter()
    tower, train_split, test = image_tower(options.weights), Split(options.prepared, "train"), Split(options.prepared, "test")
    cells, test_cells = train_split.cells(tower), test.cells(tower)
    facts = {"seed": options.seed, "seconds_of_photos": round(time.perf_counter() - begun, 1)}
    captions = [record["captions"] for record in train_split.records]
    if options.nearest:
        texts = nearest(cells, test_cells, captions)
    else:
        model, begun = decoder_like(options.bert), time.perf_counter()
        train(model.train(), [[[START] + tokenizer.encode(text).ids[1:] for text in own] for own in captions], cells, options)
        facts |= {"parameters": sum(array.numel() for array in model.parameters()),
                  "seconds_of_training": round(time.perf_counter() - begun, 1)}
        texts = write(model.eval(), test_cells, tokenizer)
    options.out.mkdir(parents=True, exist_ok=True)
    keys = [row["key"] for row in test.rows]
    (options.out / "captions.json").write_text(json.dumps(dict(zip(keys, texts))))
    (options.out / "references.json").write_text(json.dumps(dict(zip(keys, (record["captions"] for record in test.records)))))
    print(json.dumps(facts | {"peer": f"transformers {transformers.__version__}, torch {torch.__version__}",
                              "captions": str(options.out / "captions.json")}))


if __name__ == "__main__":
    main()
