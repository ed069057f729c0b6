"""A cross-attention model whose image stream says what hidden cells were: python cells.py

Writes cross-attention-tiny/cells/ with config.json, model.safetensors and case.safetensors, named as docs/verification.md says. Pixels of
hidden cells are zero before the image tower sees them; a cell's joint state, behind the norm that the matching head reads it with,
says the tower's own state of it, and its normalised pixels. The text stream has no layers, the image's look at it. Everything is computed
in float64. torch 2.15.0, transformers 5.24.0, safetensors 0.8.0.
"""
import json

import torch
import torch.nn.functional as F
from safetensors.torch import save_file
from torch import nn
from torch.nn.utils.rnn import pad_sequence

from crossattention import CrossAttentionModel
from fusion import blanked
from models import HERE, draw_batch, draw_weights, text_tower, tower
from patches import normalized

IMAGE, PATCH = 16, 8
HIDDEN = [[0, 3], [1], [2]]


class Told(nn.Module):
    def __init__(self, width, targets):
        super().__init__()
        self.transform = nn.ModuleDict({"dense": nn.Linear(width, width), "LayerNorm": nn.LayerNorm(width)})
        self.decoder = nn.Linear(width, targets)

    def forward(self, states):
        return self.decoder(self.transform["LayerNorm"](F.gelu(self.transform["dense"](states))))


class CellsModel(CrossAttentionModel):
    def __init__(self, config):
        super().__init__(config)
        width = config["fusion_config"]["hidden_size"]
        self.region_features = Told(width, config["vision_config"]["hidden_size"])
        self.patch_pixels = Told(width, 3 * PATCH * PATCH)

    def cells(self, pixels):
        """Each image's states without its class token's [B,P,W]."""
        return self.vision_model.post_layernorm(self.vision_model(pixel_values=pixels).last_hidden_state)

    def forward(self, batch, hidden):
        images = self.cells(blanked(batch.pixel_values, hidden, PATCH))
        states = []
        for ids, image, places in zip(batch.captions, images, hidden):
            text = self.fusion.text_projection(self.text_model(input_ids=ids[None]).last_hidden_state[0])
            image = self.fusion.image_projection(image)
            for layer in self.fusion.layers:
                text, image = layer(text, image)
            states.append(self.fusion.image_norm(image)[1:][places])
        states = torch.cat(states)
        features, pixels = self.region_features(states), self.patch_pixels(states)
        own = self.cells(batch.pixel_values)[:, 1:][hidden].detach()
        patches = torch.stack([normalized(picture, PATCH) for picture in batch.pixel_values])[hidden]
        return {"output.region_regression": features, "loss.region_feature": F.mse_loss(features, own),
                "output.region_pixels": pixels, "loss.region_pixels": F.mse_loss(pixels, patches)}


def main():
    directory = HERE / "cross-attention-tiny/cells"
    directory.mkdir(parents=True, exist_ok=True)
    config = dict(
        model_type="cross-attention", projection_dim=12, logit_scale_init_value=2.6592, text_config=text_tower(12, 2, 1),
        vision_config=tower(16, 2, 1, image_size=IMAGE, patch_size=PATCH), region_features_head=True, region_pixels_head=True,
        fusion_config=tower(8, 2, 2, direction="image_to_text"))
    model = CellsModel(config)
    draw_weights(model, "cross-attention-tiny/cells")
    (directory / "config.json").write_text(json.dumps(config, indent=2, sort_keys=True) + "\n")
    save_file(model.state_dict(), directory / "model.safetensors", metadata={"format": "pt"})
    batch = draw_batch("cross-attention-tiny/cells/0", IMAGE, [5, 9, 3])
    hidden = torch.zeros(len(HIDDEN), (IMAGE // PATCH) ** 2, dtype=torch.bool)
    for row, places in enumerate(HIDDEN):
        hidden[row, places] = True
    model = model.double()
    found = model(batch, hidden)
    sum(value for name, value in found.items() if name.startswith("loss.")).backward()
    ids = pad_sequence(batch.captions, batch_first=True)
    lengths = torch.tensor([len(caption) for caption in batch.captions])
    tensors = {"input.pixel_values": batch.pixel_values, "input.input_ids": ids,
               "input.attention_mask": (torch.arange(ids.shape[1]) < lengths[:, None]).long(),
               "input.region_labels": torch.where(hidden, 1, -1)} | found
    for key, parameter in model.named_parameters():
        tensors["gradient." + key] = torch.zeros_like(parameter) if parameter.grad is None else parameter.grad
    tensors = {name: (value.detach().float() if value.is_floating_point() else value).contiguous()
               for name, value in tensors.items()}
    save_file(tensors, directory / "case.safetensors", metadata={"script": "Tests/Golden/cells.py"})
    for file in ("model", "case"):
        (directory / f"{file}.safetensors").chmod(0o644)


if __name__ == "__main__":
    torch.set_num_threads(1)
    main()
