"""Writes a CLIP of random weights in the layout transformers publishes: config.json, model.safetensors,
preprocessor_config.json and tokenizer.json.

    python make_random_clip.py FOLDER TOKENIZER_JSON

ViT-B/32's shape, logit scale ln 100. The seed is fixed, so that two runs of one torch write the same weights.
"""

import math
import pathlib
import shutil
import sys

import torch
from transformers import CLIPConfig, CLIPImageProcessor, CLIPModel

folder, tokenizer = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
torch.manual_seed(20210228)
model = CLIPModel(CLIPConfig())
with torch.no_grad():
    model.logit_scale.fill_(math.log(100))
model.save_pretrained(folder)
CLIPImageProcessor().save_pretrained(folder)
shutil.copy(tokenizer, folder / "tokenizer.json")
