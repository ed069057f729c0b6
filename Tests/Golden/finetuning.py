"""What training from published weights needs, as PyTorch and open_clip compute it: python finetuning.py

- sigmoid…: open_clip's SigLipLoss with its gradients, in float64, as operations.py records operations.
- position/…: tables of positions that open_clip's resize_pos_embed and resize_text_pos_embed bring to another length.
- curve/…: ten steps of clip-tiny as in models.py, with frozen parameters, with a learning rate that decays from layer to
  layer (BEiT's rule: Bao et al., 2022), with both, and with the sigmoid loss.
"""
import fnmatch
import math
import re
from pathlib import Path
from types import SimpleNamespace

import open_clip
import torch
import torch.nn.functional as F
from open_clip.loss import SigLipLoss
from open_clip.model import resize_pos_embed, resize_text_pos_embed
from transformers import CLIPModel

import goldenfile
import operations
from models import HERE, STEPS, checksum, clip_forward, draw_batch
from operations import Case

LEARNING_RATE, DECAY, LAYER_DECAY = 1e-3, 0.2, 0.75
FROZEN = ["vision_model.embeddings.*", "text_model.encoder.layers.0.*", "*.bias"]


def sigmoid(name, batch, width, log_scale, bias):
    """loss = -1/n Σ log σ(z (e^logit_scale x·y + logit_bias)), z = 1 on the diagonal and -1 elsewhere."""
    case = Case(name)
    image = case.input("image", F.normalize(case.normal(batch, width), dim=1).float().double())
    text = F.normalize(case.normal(batch, width) + image.detach(), dim=1)
    text = case.input("text", text.float().double())
    logit_scale = case.input("logit_scale", torch.tensor(log_scale).double())
    logit_bias = case.input("logit_bias", torch.tensor(bias).double())
    case.loss(SigLipLoss()(image, text, logit_scale.exp(), logit_bias))


def positions(name, old, new, width):
    """A class token and old² patches to new² patches."""
    case = Case(f"position/{name}")
    table = case.constant("table", case.normal(1 + old * old, width).float())
    state = {"visual.positional_embedding": table}
    resize_pos_embed(state, SimpleNamespace(visual=SimpleNamespace(grid_size=(new, new))))
    case.record(resized=state["visual.positional_embedding"])


def text_positions(name, old, new, width):
    case = Case(f"position/{name}")
    table = case.constant("table", case.normal(old, width).float())
    state = {"positional_embedding": table}
    resize_text_pos_embed(state, SimpleNamespace(positional_embedding=torch.zeros(new, width)))
    case.record(resized=state["positional_embedding"])


def depth(key, layers):
    """BEiT's get_num_layer_for_vit with CLIP's names; the norm before the blocks goes with the embeddings."""
    block = re.search(r"encoder\.layers\.(\d+)\.", key)
    if block:
        return int(block[1]) + 1
    return 0 if "embeddings." in key or "pre_layrnorm" in key else layers + 1


def curve(name, frozen=(), layer_decay=1.0, loss="contrastive"):
    """AdamW as in models.py, a parameter group for each parameter; no clipping."""
    model = CLIPModel.from_pretrained(HERE / "clip-tiny").double()
    batches = [draw_batch("clip-tiny/0", 32, [5, 12, 2, 7]), draw_batch("clip-tiny/1", 32, [3, 4, 9, 6])]
    named = dict(model.named_parameters())
    if loss == "sigmoid":
        named["logit_bias"] = torch.nn.Parameter(torch.tensor(-10.0).double())
    trained = {key: p for key, p in named.items() if not any(fnmatch.fnmatchcase(key, glob) for glob in frozen)}
    for key, parameter in named.items():
        parameter.requires_grad_(key in trained)
    layers = 2
    groups = [
        dict(params=[p], lr=LEARNING_RATE * layer_decay ** (layers + 1 - depth(key, layers)),
             weight_decay=DECAY if p.ndim >= 2 else 0.0)
        for key, p in trained.items()
    ]
    optimizer = torch.optim.AdamW(groups, betas=(0.9, 0.98), eps=1e-6)
    losses, norms = [], []
    for step in range(STEPS):
        outputs = clip_forward(model, batches[step % 2])
        value = outputs["loss"]
        if loss == "sigmoid":
            value = SigLipLoss()(
                outputs["image_embeds"], outputs["text_embeds"], model.logit_scale.exp(), named["logit_bias"])
        optimizer.zero_grad()
        value.backward()
        losses.append(value.item())
        norms.append(torch.stack([p.grad.square().sum() for p in trained.values()]).sum().sqrt().item())
        optimizer.step()
        with torch.no_grad():
            model.logit_scale.clamp_(0, math.log(100))
    case = Case(f"curve/{name}")
    case.record(loss=torch.tensor(losses), gradient_norm=torch.tensor(norms))
    case.record(**{f"final/{key}": checksum(p) for key, p in named.items()})


def main():
    sigmoid("sigmoid", 9, 21, math.log(10), -10.0)
    sigmoid("sigmoid_sharp", 35, 32, math.log(100), 3.0)
    positions("larger", 7, 12, 5)
    positions("smaller", 14, 8, 5)
    positions("little", 4, 3, 3)
    text_positions("text_longer", 12, 31, 5)
    text_positions("text_shorter", 77, 40, 5)
    curve("frozen", frozen=FROZEN)
    curve("layer_decay", layer_decay=LAYER_DECAY)
    curve("both", frozen=FROZEN, layer_decay=LAYER_DECAY)
    curve("sigmoid", loss="sigmoid")
    notes = goldenfile.metadata("finetuning.py", open_clip=open_clip.__version__)
    goldenfile.write(Path(__file__).with_suffix(".safetensors"), operations.TENSORS, notes)


if __name__ == "__main__":
    torch.set_num_threads(1)
    main()
