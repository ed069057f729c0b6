"""Whether PEFT reads an adapter of mmtrain's, computes the same logits and keeps it under the same keys.

python check_lora.py CHECKPOINT OURS.safetensors THEIRS

OURS holds pixel_values, input_ids (padded with the end token) and logits [images, captions] as mmtrain computed them. THEIRS is a
directory for the adapter as PEFT saves it again. Exits 1 where a key, a shape or a number of it differs, or a logit by more than
1e-4. Written for torch 2.15, transformers 5.24, peft 0.21.2.
"""
import json
import sys
from pathlib import Path

import torch
from peft import PeftModel
from safetensors.torch import load_file
from transformers import CLIPModel

checkpoint, ours, theirs = (Path(argument) for argument in sys.argv[1:4])
settings = json.loads((checkpoint / "adapter_config.json").read_text())
base = CLIPModel.from_pretrained(settings["base_model_name_or_path"])
model = PeftModel.from_pretrained(base, checkpoint)
model.save_pretrained(theirs)
written, saved = (load_file(place / "adapter_model.safetensors") for place in (checkpoint, theirs))
# What lies in no module PEFT takes, but does not keep.
bare = {f"base_model.model.{name}" for name, _ in base.named_parameters() if "." not in name}
problems = [key for key in (set(written) ^ set(saved)) - bare]
problems += [key for key in set(written) & set(saved) if not torch.equal(written[key], saved[key])]
inputs = load_file(ours)


def logits(model):
    with torch.no_grad():
        return model.eval()(input_ids=inputs["input_ids"].long(), pixel_values=inputs["pixel_values"]).logits_per_image


for name, made in (("with the adapter", logits(model)), ("merged", logits(model.merge_and_unload()))):
    difference = (made - inputs["logits"]).abs().max().item()
    print(f"PEFT, {name}: largest difference of {made.numel()} logits {difference:.2e} (largest {made.abs().max():.3f})")
    if difference > 1e-4:
        problems.append(name)
print(f"PEFT: {len(written)} tensors, {len(problems)} problems {problems[:5]}")
sys.exit(1 if problems else 0)
