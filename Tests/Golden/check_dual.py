"""Whether transformers reads a dual encoder of mmtrain's and computes the logits of a golden file:

    python check_dual.py DIRECTORY GOLDEN.safetensors

Exits 1 where a key is missing or left over, or a logit differs by more than 1e-4. Written for torch 2.15, transformers 5.24.
"""
import sys

import torch
from safetensors.torch import load_file
from transformers import VisionTextDualEncoderModel, VisionTextDualEncoderProcessor

model, report = VisionTextDualEncoderModel.from_pretrained(sys.argv[1], output_loading_info=True)
processor = VisionTextDualEncoderProcessor.from_pretrained(sys.argv[1])
golden = load_file(sys.argv[2])
offsets = golden["offsets"].tolist()
texts = [golden["ids"][start:end].long() for start, end in zip(offsets, offsets[1:])]
padded = lambda rows: torch.nn.utils.rnn.pad_sequence(rows, batch_first=True)
with torch.no_grad():
    logits = model.eval()(
        input_ids=padded(texts), attention_mask=padded([torch.ones_like(text) for text in texts]),
        pixel_values=golden["pixel_values"]).logits_per_image
difference = (logits - golden["logits"]).abs().max().item()
print(f"transformers: largest difference of {logits.numel()} logits {difference:.2e} (largest logit {logits.abs().max():.3f})")
assert processor.tokenizer("two dogs")["input_ids"] == [1, 39, 34, 31, 2], processor.tokenizer("two dogs")
sys.exit(1 if any(report.values()) or difference > 1e-4 else 0)
