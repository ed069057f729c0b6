"""Whether `mmtrain zeroshot` classifies as open_clip's zero-shot code does.

    python check_zeroshot.py PROGRAM FOLDER TOKENIZER_JSON FLOWERS.zip

Writes a ViT-B/32 of random weights in open_clip's layout into FOLDER. Random towers say much the same of all photos and of
all texts; what is common to them is taken out of the projections, so that the classes differ. Exits 1 where the table of
confusions differs by more than one photo, which two nearly equal logits may explain. Written for open_clip 3.3.
"""

import io
import json
import pathlib
import shutil
import subprocess
import sys
import zipfile

import open_clip
import torch
from open_clip.zero_shot_metadata import SIMPLE_IMAGENET_TEMPLATES
from PIL import Image
from safetensors.torch import save_file

program, folder, tokenizer_json, archive = sys.argv[1:]
folder = pathlib.Path(folder)
torch.manual_seed(7)
model = open_clip.create_model("ViT-B-32-quickgelu").eval()
tokenizer = open_clip.get_tokenizer("ViT-B-32-quickgelu")
transform = open_clip.image_transform(
    224, is_train=False, mean=open_clip.OPENAI_DATASET_MEAN, std=open_clip.OPENAI_DATASET_STD)

with zipfile.ZipFile(archive) as photos:
    names = sorted(name for name in photos.namelist() if name.endswith(".jpg"))
    labels = [pathlib.PurePosixPath(name).parent.name for name in names]
    pixels = torch.stack([transform(Image.open(io.BytesIO(photos.read(name))).convert("RGB")) for name in names])
classes = sorted(set(labels))


def without_mean(projection, features):
    """The projection, less what it makes of the mean of `features`."""
    identity, width = torch.eye(projection.shape[1]), projection.shape[1]
    mean = torch.nn.functional.normalize(features.mean(dim=0), dim=0)
    return projection @ (identity - torch.outer(mean, mean)).reshape(width, width)


with torch.no_grad():
    vision = torch.cat([model.encode_image(part) for part in pixels.split(32)])
    prompts = tokenizer([template(name) for name in classes for template in SIMPLE_IMAGENET_TEMPLATES])
    model.visual.proj.copy_(without_mean(model.visual.proj, vision))
    model.text_projection.copy_(without_mean(model.text_projection, model.encode_text(prompts)))
    weights = open_clip.build_zero_shot_classifier(model, tokenizer, classes, SIMPLE_IMAGENET_TEMPLATES)
    features = torch.cat([model.encode_image(part, normalize=True) for part in pixels.split(32)])
    taken = (features @ weights).argmax(dim=1).tolist()

theirs = [[0] * len(classes) for _ in classes]
for label, choice in zip(labels, taken):
    theirs[classes.index(label)][choice] += 1

folder.mkdir(parents=True, exist_ok=True)
state = {name: tensor.contiguous() for name, tensor in model.state_dict().items() if name != "attn_mask"}
save_file(state, folder / "open_clip_model.safetensors")
shutil.copy(tokenizer_json, folder / "tokenizer.json")
(folder / "open_clip_config.json").write_text(json.dumps({
    "model_cfg": open_clip.get_model_config("ViT-B-32-quickgelu"),
    "preprocess_cfg": {"mean": open_clip.OPENAI_DATASET_MEAN, "std": open_clip.OPENAI_DATASET_STD}}))
ours = json.loads(subprocess.run(
    [program, "zeroshot", "--model", folder, "--data", archive, "--json"], check=True, stdout=subprocess.PIPE).stdout)
assert [entry["class"] for entry in ours["classes"]] == classes

moved = sum(abs(a - b) for mine, their in zip(ours["confusion"], theirs) for a, b in zip(mine, their)) // 2
right = sum(theirs[index][index] for index in range(len(classes)))
print(f"{len(names)} photos, {len(classes)} classes: open_clip {100 * right / len(names):.1f} % right, "
      f"mmtrain {ours['top1']:.1f} %; {moved} photos are taken for another class\n  {theirs}\n  {ours['confusion']}")
choices = sum(1 for column in zip(*theirs) if sum(column) > 0)
sys.exit(0 if moved <= 1 and choices >= 3 else 1)
