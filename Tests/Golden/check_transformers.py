"""Whether transformers reads a checkpoint of mmtrain's and computes the same logits.

python check_transformers.py CHECKPOINT OURS.safetensors

OURS holds pixel_values, input_ids (padded with the end token) and logits [images, captions] as mmtrain computed them.
Exits 1 where a key is missing or left over, or a logit differs by more than 1e-4. Written for torch 2.15, transformers 5.23.
"""
import sys

import torch
from safetensors.torch import load_file
from transformers import CLIPModel

model, report = CLIPModel.from_pretrained(sys.argv[1], output_loading_info=True)
ours = load_file(sys.argv[2])
problems = {kind: keys for kind, keys in report.items() if keys}
with torch.no_grad():
    logits = model.eval()(input_ids=ours["input_ids"].long(), pixel_values=ours["pixel_values"]).logits_per_image
difference = (logits - ours["logits"]).abs().max().item()
print(f"transformers: largest difference of {logits.numel()} logits {difference:.2e} (largest logit {logits.abs().max():.3f})")
sys.exit(1 if problems or difference > 1e-4 else 0)
