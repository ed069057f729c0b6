"""A tiny ViLT with random weights and what transformers makes of inputs with it: Tests/Golden/vilt-tiny.

Made with torch 2.15.0, transformers 5.24.0, safetensors 0.8.0; seed 16. One body with three heads (masked words, answers,
retrieval), computed in float64 and rounded once. The library draws the order of image tokens anew in every call: here that
draw is replaced by row-major order, so that states can be compared.

    python Tests/Golden/vilt.py Tests/Golden/vilt-tiny
"""
import json
import sys

import safetensors.torch
import torch
from transformers import ViltConfig, ViltForImageAndTextRetrieval, ViltForMaskedLM, ViltForQuestionAnswering

out = sys.argv[1]
torch.manual_seed(16)
torch.multinomial = lambda weights, count, **_: torch.argsort(-weights, dim=-1, stable=True)[..., :count]

config = ViltConfig(
    vocab_size=40, max_position_embeddings=10, hidden_size=18, num_hidden_layers=2, num_attention_heads=3,
    intermediate_size=30, image_size=24, patch_size=8, type_vocab_size=2, num_labels=5,
    id2label={i: name for i, name in enumerate(["yes", "no", "two", "red", "a dog"])},
    label2id={name: i for i, name in enumerate(["yes", "no", "two", "red", "a dog"])})
models = [kind(config) for kind in (ViltForMaskedLM, ViltForQuestionAnswering, ViltForImageAndTextRetrieval)]
masked, answering, ranking = models
answering.vilt = ranking.vilt = masked.vilt
for model in models:
    for name, parameter in model.named_parameters():
        # The value and output matrices are smaller, so that tokens do not become alike; norms stay near 1.
        small = any(part in name for part in ("value.weight", "output.dense.weight"))
        scale = 0.1 if "norm" in name.lower() and name.endswith("weight") else 0.15 if small else 0.3
        with torch.no_grad():
            parameter.normal_(0, scale)
            if scale == 0.1: parameter.add_(1)
masked.tie_weights()
tensors = {}
for model in models:
    for name, parameter in model.named_parameters():
        tensors[name] = parameter.detach().clone().contiguous()
safetensors.torch.save_file(tensors, f"{out}/model.safetensors", {"format": "pt"})
with open(f"{out}/config.json", "w") as file:
    written = config.to_dict() | {"architectures": ["ViltForQuestionAnswering"]}
    json.dump({k: v for k, v in written.items() if v is not None}, file, indent=2, sort_keys=True)

# Three pictures of other sizes in one batch, in the last the table's own grid; two texts are padded.
sizes = [(16, 32), (32, 8), (24, 24)]
pixels, pixel_mask = torch.zeros(3, 3, 32, 32), torch.zeros(3, 32, 32, dtype=torch.long)
for index, (height, width) in enumerate(sizes):
    pixels[index, :, :height, :width] = torch.randn(3, height, width)
    pixel_mask[index, :height, :width] = 1
ids = torch.tensor([[1, 9, 3, 17, 2, 0], [1, 3, 5, 2, 0, 0], [1, 30, 8, 3, 11, 2]])
mask = (ids != 0).long()
labels = torch.tensor([[-1, -1, 21, -1, -1, -1], [-1, 7, -1, -1, -1, -1], [-1, 30, -1, 4, -1, -1]])
targets = torch.tensor([[0, 1, 0.3, 0, 0], [0.6, 0, 0, 0, 1], [0, 0, 0, 0.9, 0]])

for model in models: model.double().eval()
types = torch.tensor([[0, 0, 1, 1, 1, 0], [0, 1, 1, 1, 0, 0], [0, 0, 0, 0, 1, 1]])
inputs = dict(input_ids=ids, attention_mask=mask, token_type_ids=types, pixel_values=pixels.double(),
              pixel_mask=pixel_mask)


def gradients(model, loss):
    for parameter in model.parameters(): parameter.grad = None
    loss.backward()
    return {f"gradient.{n}": p.grad.float() for n, p in model.named_parameters() if p.grad is not None}


body = masked.vilt(**inputs)
logits = masked(**inputs).logits
loss = torch.nn.functional.cross_entropy(logits[labels >= 0], labels[labels >= 0])
case = {f"input.{name}": value for name, value in inputs.items()} | {"input.mlm_labels": labels}
case["input.pixel_values"] = pixels
case |= {"output.text_states": body.last_hidden_state[:, :6].float(), "output.pooled": body.pooler_output.float(),
         "output.mlm_logits": logits[labels >= 0].float(), "output.rank_scores": ranking(**inputs).logits.float(),
         "loss.mlm": loss.float()} | gradients(masked, loss)
safetensors.torch.save_file({k: v.detach().contiguous() for k, v in case.items()}, f"{out}/case.safetensors")

scores = answering(**inputs).logits
loss = torch.nn.functional.binary_cross_entropy_with_logits(scores, targets.double()) * 5
case = {f"input.{name}": value for name, value in inputs.items()} | {"input.answer_targets": targets}
case["input.pixel_values"] = pixels
case |= {"output.vqa_logits": scores.float(), "loss.vqa": loss.float()} | gradients(answering, loss)
safetensors.torch.save_file({k: v.detach().contiguous() for k, v in case.items()}, f"{out}/case-answers.safetensors")
