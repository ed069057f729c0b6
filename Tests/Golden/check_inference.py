"""Whether the program's answers are those of transformers and Pillow, from photo files and strings to logits.

    python check_inference.py PROGRAM MODEL PHOTOS CAPTIONS.json

MODEL is a CLIP as make_random_clip.py writes it, PHOTOS a folder, CAPTIONS a COCO caption file. Prints the largest
difference of a logit and exits 1 where it is above 0.02. Written for torch 2.15, transformers 5.24, Pillow 12.
"""

import json
import pathlib
import subprocess
import sys
import tempfile

import torch
from PIL import Image
from tokenizers import Tokenizer
from transformers import CLIPImageProcessorPil, CLIPModel

program, folder, photos, captions = sys.argv[1:]
paths = sorted(pathlib.Path(photos).glob("*.jpg"))
texts = [entry["caption"].strip() for entry in json.load(open(captions))["annotations"]]
texts = [" ".join(text.split()) for text in texts]

with tempfile.NamedTemporaryFile("w", suffix=".txt") as file:
    file.write("\n".join(texts) + "\n")
    file.flush()
    answer = subprocess.run(
        [program, "match", "--model", folder, "--image", *map(str, paths), "--texts", file.name, "--json"],
        check=True, stdout=subprocess.PIPE).stdout
ours = json.loads(answer)
assert ours["texts"] == texts and [image["name"] for image in ours["images"]] == [str(path) for path in paths]

model = CLIPModel.from_pretrained(folder).eval()
processor = CLIPImageProcessorPil.from_pretrained(folder)
tokenizer = Tokenizer.from_file(folder + "/tokenizer.json")
tokenizer.enable_padding(pad_id=49407, length=77)
tokenizer.enable_truncation(77)
ids = torch.tensor([encoding.ids for encoding in tokenizer.encode_batch(texts)])
with torch.no_grad():
    pixels = processor([Image.open(path).convert("RGB") for path in paths], return_tensors="pt")["pixel_values"]
    vision = torch.cat([
        torch.nn.functional.normalize(model.visual_projection(model.vision_model(part).pooler_output))
        for part in pixels.split(16)])
    text = torch.cat([
        torch.nn.functional.normalize(model.text_projection(model.text_model(part).pooler_output))
        for part in ids.split(32)])
    theirs = model.logit_scale.exp() * vision @ text.T
mine = torch.tensor([image["logits"] for image in ours["images"]])
chances = torch.tensor([image["probabilities"] for image in ours["images"]])
difference = (mine - theirs).abs().max().item()
chance = (chances - theirs.softmax(dim=1)).abs().max().item()
print(f"{len(paths)} photos, {len(texts)} texts: largest difference of a logit {difference:.2e} "
      f"(largest logit {theirs.abs().max():.2f}), of a probability {chance:.2e}")
sys.exit(0 if difference <= 0.02 else 1)
