"""Whether transformers loads an exported ViLT and computes the same: python check_vilt.py DIRECTORY PHOTO TEXT…

Prints the score that ViltForImageAndTextRetrieval gives each text, and which keys it missed or did not know. The photo is prepared as
the directory's preprocessor_config.json says. torch 2.15.0, transformers 5.24.0, Pillow.
"""
import sys

import torch
from PIL import Image
from transformers import AutoImageProcessor, AutoTokenizer, ViltForImageAndTextRetrieval, ViltForMaskedLM

directory, photo, *texts = sys.argv[1:]
model, report = ViltForImageAndTextRetrieval.from_pretrained(directory, output_loading_info=True)
_, masked = ViltForMaskedLM.from_pretrained(directory, output_loading_info=True)
for name, found in (("retrieval", report), ("masked words", masked)):
    print(name, "missing", sorted(found["missing_keys"]), "unexpected", sorted(found["unexpected_keys"]))
pixels = AutoImageProcessor.from_pretrained(directory)(Image.open(photo).convert("RGB"), return_tensors="pt")["pixel_values"]
tokenizer = AutoTokenizer.from_pretrained(directory)
for text in texts:
    ids = torch.tensor([tokenizer(text)["input_ids"]])
    with torch.no_grad():
        print(round(model.eval()(input_ids=ids, pixel_values=pixels).logits.item(), 5), text)
