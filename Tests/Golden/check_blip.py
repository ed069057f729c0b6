"""Whether transformers loads a BLIP that mmtrain wrote and writes the same: python check_blip.py DIRECTORY PHOTO…

Prints which keys its class missed or did not know, and for each photo the ids and the text of the best of three beams of at most 20
tokens (early_stopping "never"), to be held against what `mmtrain predict` says. Photos are prepared as the directory's
preprocessor_config.json says. torch 2.15.0, transformers 5.24.0, Pillow.
"""
import json
import sys

import torch
import transformers
from PIL import Image

directory, *photos = sys.argv[1:]
name = json.load(open(f"{directory}/config.json"))["architectures"][0]
model, report = getattr(transformers, name).from_pretrained(directory, output_loading_info=True)
print(name, "missing", sorted(report["missing_keys"]), "unexpected", sorted(report["unexpected_keys"]))
processor = transformers.AutoImageProcessor.from_pretrained(directory)
tokenizer = transformers.AutoTokenizer.from_pretrained(directory)
for photo in photos if name == "BlipForConditionalGeneration" else []:
    pixels = processor(Image.open(photo).convert("RGB"), return_tensors="pt")["pixel_values"]
    with torch.no_grad():
        made = model.eval().generate(pixels, num_beams=3, max_length=20, early_stopping="never")[0].tolist()
    print(made, tokenizer.decode(made, skip_special_tokens=True))
