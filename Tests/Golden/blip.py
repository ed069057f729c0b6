"""Tiny BLIPs with random weights and what transformers makes of inputs with them: Tests/Golden/blip-tiny.

Made with torch 2.15.0, transformers 5.24.0, safetensors 0.8.0; seeds 18 and on. The three forms (captioning, answering, retrieval), computed in
float64 and rounded once, with every parameter drawn anew; and in writing-N three further captioners with what they write, photo by
photo, from prompts of other lengths: greedily, with three beams to the best text that there is (early_stopping "never"), and with
rules. Photos are written about one by one, so that nothing is padded.

    python Tests/Golden/blip.py Tests/Golden/blip-tiny
"""
import json
import sys
from pathlib import Path

import safetensors.torch
import torch
from transformers import (BlipConfig, BlipForConditionalGeneration, BlipForImageTextRetrieval, BlipForQuestionAnswering,
                          BlipTextConfig, BlipVisionConfig)

out = Path(sys.argv[1])
STOP, START = 4, 38
functional = torch.nn.functional


def make(kind, seed, vision_width=18, text_width=16, layers=2):
    torch.manual_seed(seed)
    text = BlipTextConfig(
        vocab_size=40, hidden_size=text_width, encoder_hidden_size=vision_width, intermediate_size=24,
        num_hidden_layers=layers, num_attention_heads=4, max_position_embeddings=14, bos_token_id=START,
        sep_token_id=STOP, pad_token_id=0, eos_token_id=2)
    vision = BlipVisionConfig(
        hidden_size=vision_width, intermediate_size=22, num_hidden_layers=layers, num_attention_heads=2, image_size=16,
        patch_size=8)
    model = kind(BlipConfig(
        text_config=text.to_dict(), vision_config=vision.to_dict(), image_text_hidden_size=6, projection_dim=24))
    for name, parameter in model.named_parameters():
        # The value and output matrices are smaller, so that tokens do not become alike; norms stay near 1.
        small = any(part in name for part in ("value.weight", "output.dense.weight", "projection.weight", "fc2.weight"))
        scale = 0.1 if "norm" in name.lower() and name.endswith("weight") else 0.15 if small else 0.3
        with torch.no_grad():
            parameter.normal_(0, scale)
            if scale == 0.1: parameter.add_(1)
    return model.eval()


def save(model, name):
    directory = out / name
    directory.mkdir(parents=True, exist_ok=True)
    parameters = {key: value.detach().clone().contiguous() for key, value in model.named_parameters()}
    safetensors.torch.save_file(parameters, str(directory / "model.safetensors"), {"format": "pt"})
    written = model.config.to_dict() | {"architectures": [type(model).__name__]}
    (directory / "config.json").write_text(json.dumps(written, indent=2, sort_keys=True) + "\n")
    model.double()
    return directory


def gradients(model, loss, prefix="gradient."):
    for parameter in model.parameters(): parameter.grad = None
    loss.backward(retain_graph=True)
    return {prefix + n: p.grad.float() for n, p in model.named_parameters() if p.grad is not None}


def write(directory, case, **metadata):
    tensors = {k: v.detach().contiguous() if v.dtype == torch.long else v.detach().float().contiguous() for k, v in case.items()}
    safetensors.torch.save_file(tensors, str(directory / "case.safetensors"), {"format": "pt"} | metadata)


def next_token(logits, labels, smoothing):
    kept = logits[:, :-1].reshape(-1, logits.shape[-1])
    return functional.cross_entropy(kept, labels[:, 1:].reshape(-1), ignore_index=-100, label_smoothing=smoothing)


def stacked(rows, width, fill=STOP):
    return torch.tensor([row + [fill] * (width - len(row)) for row in rows])


pixels = torch.randn(3, 3, 16, 16, generator=torch.Generator().manual_seed(1))
ids = torch.tensor([[START, 9, 3, 17, 8, STOP, 0, 0], [START, 3, STOP, 0, 0, 0, 0, 0], [START, 30, 8, 3, 11, 12, 9, STOP]])
mask = torch.tensor([[1] * n + [0] * (8 - n) for n in (6, 3, 8)])
labels = torch.where(mask == 1, ids, -100)
labels[0, :3] = -100  # a prompt
labels[:, 0] = -100
image = dict(pixel_values=pixels.double())

# Captioning.
model = make(BlipForConditionalGeneration, 18)
directory = save(model, "captioning")
vision = model.vision_model(pixels.double())
logits = model(input_ids=ids, attention_mask=mask, **image).logits
losses = {"caption": next_token(logits, labels, 0), "caption_smoothed": next_token(logits, labels, 0.1)}
assert torch.allclose(losses["caption"], model(input_ids=ids, attention_mask=mask, labels=labels, **image).loss)
greedy = [model.generate(pixels[i:i + 1].double(), max_length=11)[0].tolist() for i in range(3)]
beams = [model.generate(pixels[i:i + 1].double(), max_length=11, num_beams=3, return_dict_in_generate=True,
                        output_scores=True) for i in range(3)]
write(directory, {
    "input.pixel_values": pixels, "input.input_ids": ids, "input.attention_mask": mask, "input.labels": labels,
    "output.image_embedding": model.vision_model.embeddings(pixels.double()),
    "output.image_states": vision.last_hidden_state, "output.image_pooled": vision.pooler_output,
    "output.logits": logits, "output.greedy_ids": stacked(greedy, 11),
    "output.beam_ids": stacked([beam.sequences[0].tolist() for beam in beams], 11),
    "output.beam_scores": torch.cat([beam.sequences_scores for beam in beams]),
} | {f"loss.{name}": loss for name, loss in losses.items()} | gradients(model, losses["caption"])
    | gradients(model, losses["caption_smoothed"], "gradient_smoothed."))

# Answering: both widths are one in the library.
model = make(BlipForQuestionAnswering, 19, vision_width=16)
directory = save(model, "answering")
questions = torch.tensor([[1, 9, 3, 17, STOP], [1, 3, STOP, 0, 0], [1, 30, 8, STOP, 0]])
asked = torch.tensor([[1] * n + [0] * (5 - n) for n in (5, 3, 4)])
seen = model.vision_model(pixels.double()).last_hidden_state
# The library's decoder looks at the padding of questions, whatever their mask says: they are asked one by one.
rows = []
for i in range(3):
    question, answer = questions[i:i + 1, :asked[i].sum()], ids[i:i + 1, :mask[i].sum()]
    states = model.text_encoder(input_ids=question, encoder_hidden_states=seen[i:i + 1], is_decoder=False)[0]
    rows.append(model.text_decoder(input_ids=answer, encoder_hidden_states=states).logits[0])
    own = labels[i:i + 1, :mask[i].sum()]
    theirs = model(input_ids=question, decoder_input_ids=answer, labels=own, pixel_values=pixels[i:i + 1].double()).loss
    assert torch.allclose(next_token(rows[-1][None], own, 0), theirs)
logits = torch.stack([functional.pad(row, (0, 0, 0, 8 - len(row))) for row in rows])
loss = next_token(logits, labels, 0)
greedy = [model.generate(input_ids=questions[i:i + 1, :asked[i].sum()], pixel_values=pixels[i:i + 1].double(), max_length=9)
          [0].tolist() for i in range(3)]
write(directory, {
    "input.pixel_values": pixels, "input.question_ids": questions, "input.question_mask": asked, "input.input_ids": ids,
    "input.attention_mask": mask, "input.labels": labels, "output.logits": logits,
    "output.greedy_ids": stacked(greedy, 9), "loss.caption": loss,
} | gradients(model, loss))

# Retrieval. The library has no temperature: that of the configuration.
model = make(BlipForImageTextRetrieval, 20)
directory = save(model, "retrieval")
inputs = dict(input_ids=ids, attention_mask=mask)
matched = model(**inputs, **image, use_itm_head=True)
image_features = functional.normalize(model.vision_proj(matched.last_hidden_state[:, 0]), dim=-1)
alone = model.text_encoder(**inputs, is_decoder=False)[0]
text_features = functional.normalize(model.text_proj(alone[:, 0]), dim=-1)
cosines = image_features @ text_features.T
assert torch.allclose(cosines, model(**inputs, **image, use_itm_head=False).itm_score)
scaled, right = cosines * torch.tensor(2.6592).double().exp(), torch.arange(3)
contrastive = (functional.cross_entropy(scaled, right) + functional.cross_entropy(scaled.T, right)) / 2
matching = functional.cross_entropy(matched.itm_score, torch.tensor([1, 0, 1]))
write(directory, {
    "input.pixel_values": pixels, "input.input_ids": ids, "input.attention_mask": mask,
    "input.itm_labels": torch.tensor([1, 0, 1]), "output.image_embeds": image_features,
    "output.text_embeds": text_features, "output.logits_per_image": scaled, "output.itm_logits": matched.itm_score,
    "loss.contrastive": contrastive, "loss.itm": matching,
} | gradients(model, contrastive + matching))

# What models write.
prompts = [[], [9, 31, 7], [30]]
ways = {
    "greedy": dict(), "beam": dict(num_beams=3, early_stopping="never"),
    "beam_long": dict(num_beams=3, early_stopping="never", length_penalty=2.0, min_length=9),
    "beam_short": dict(num_beams=3, early_stopping="never", length_penalty=0.0),
    "greedy_blocked": dict(no_repeat_ngram_size=2), "greedy_penalized": dict(repetition_penalty=1.6),
}
for seed in range(3):
    model = make(BlipForConditionalGeneration, 100 + seed, layers=1 + seed % 2)
    with torch.no_grad():
        # Sharper, so that no two texts are equally likely; and stopped now and then.
        model.text_decoder.cls.predictions.transform.LayerNorm.weight.mul_(2)
        model.text_decoder.cls.predictions.bias[STOP] += 2.0
    directory = save(model, f"writing-{seed}")
    case = {"input.pixel_values": pixels, "input.prompts": stacked(prompts, 3, -1)}
    for name, way in ways.items():
        rows = []
        for i, prompt in enumerate(prompts):
            # The library leaves out the last token of what a text begins with, and makes the first one its own.
            given = torch.tensor([[START] + prompt + [STOP]])
            made = model.generate(pixels[i:i + 1].double(), input_ids=given, max_length=13, **way)[0].tolist()
            rows.append(made[:made.index(STOP) + 1] if STOP in made else made)
        case[f"output.{name}"] = stacked(rows, 13, -1)
    write(directory, case)
    print(seed, {name: case[f"output.{name}"].tolist() for name in ("greedy", "beam", "beam_short")})
