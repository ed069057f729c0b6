"""A cross-attention model that tells masked words, with its outputs, gradients and thirty training steps: python masking.py

Writes masked-text-tiny/ with config.json, model.safetensors and golden.safetensors. The text tower looks both ways, and reads a
text once more with some of its tokens hidden; its stream meets the image's, and a head with the token embedding read backwards
says what stood there. Everything is computed in float64. Also writes cosine-margin.safetensors: the loss with its gradients.
"""
import json

import torch
import torch.nn.functional as F
import transformers
from safetensors.torch import save_file
from torch import nn

import goldenfile
import operations
from crossattention import CrossAttentionModel
from models import BEGIN, HERE, VOCABULARY, checksum, draw_batch, draw_weights, text_tower, tower
from operations import Case

STEPS = 30


class MaskedTextHead(nn.Module):
    def __init__(self, inputs, width, vocabulary):
        super().__init__()
        self.dense, self.layer_norm = nn.Linear(inputs, width), nn.LayerNorm(width)
        self.bias = nn.Parameter(torch.zeros(vocabulary))

    def forward(self, states, embedding):
        return self.layer_norm(F.gelu(self.dense(states))) @ embedding.T + self.bias


class MaskedTextModel(CrossAttentionModel):
    def __init__(self, config):
        super().__init__(config)
        text = config["text_config"]
        self.masked_text_head = MaskedTextHead(config["fusion_config"]["hidden_size"], text["hidden_size"], text["vocab_size"])

    def read(self, ids):
        """ids[T] → states[T,W], every token seen by every other one."""
        embeddings = self.text_model.embeddings
        x = (embeddings.token_embedding(ids) + embeddings.position_embedding(torch.arange(len(ids))))[None]
        for layer in self.text_model.encoder.layers:
            x = layer(x, attention_mask=None)
            x = x[0] if isinstance(x, tuple) else x
        return self.text_model.final_layer_norm(x)[0]

    def forward(self, batch):
        images = self.vision_model.post_layernorm(self.vision_model(pixel_values=batch.pixel_values).last_hidden_state)
        states = []
        for ids, image in zip(batch.masked, images):
            text, image = self.fusion.text_projection(self.read(ids)), self.fusion.image_projection(image)
            for layer in self.fusion.layers:
                text, image = layer(text, image)
            states.append(self.fusion.text_norm(text))
        logits = self.masked_text_head(torch.cat(states)[batch.rows], self.text_model.embeddings.token_embedding.weight)
        return dict(masked_logits=logits, loss=F.cross_entropy(logits, batch.targets))


def mask(batch, name):
    """Hides a quarter of the tokens between begin and end, at least one of each text: the begin token, another one, or none."""
    random = goldenfile.generator(name)
    masked, rows, targets, start = [], [], [], 0
    for ids in batch.captions:
        ids = ids.clone()
        places = [place for place in range(1, len(ids) - 1) if torch.rand((), generator=random) < 0.25]
        for place in places or ([1] if len(ids) > 2 else []):
            rows.append(start + place)
            targets.append(ids[place].item())
            ids[place] = [BEGIN, int(torch.randint(0, BEGIN, (), generator=random)), ids[place].item()][len(rows) % 3]
        masked.append(ids)
        start += len(ids)
    batch.masked, batch.rows, batch.targets = masked, torch.tensor(rows), torch.tensor(targets)
    return batch


def tensors(batch, prefix=""):
    more = dict(masked_ids=torch.cat(batch.masked), masked_rows=batch.rows, targets=batch.targets)
    return batch.tensors(prefix) | {prefix + name: value for name, value in more.items()}


def curve(model, batches):
    """AdamW as in models.py; parameters that the loss does not reach keep their values but for their decay, as mmtrain's do."""
    parameters = list(model.parameters())
    for parameter in parameters:
        parameter.grad = torch.zeros_like(parameter)
    groups = [dict(params=[p for p in parameters if p.ndim >= 2], weight_decay=0.2),
              dict(params=[p for p in parameters if p.ndim < 2], weight_decay=0.0)]
    optimizer = torch.optim.AdamW(groups, lr=1e-3, betas=(0.9, 0.98), eps=1e-6)
    losses = []
    for step in range(STEPS):
        optimizer.zero_grad(set_to_none=False)
        loss = model(batches[step % 2])["loss"]
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return torch.tensor(losses, dtype=torch.float64)


def write_model():
    directory = HERE / "masked-text-tiny"
    directory.mkdir(exist_ok=True)
    config = dict(
        model_type="cross-attention", projection_dim=12, logit_scale_init_value=2.6592, text_config=text_tower(16, 2, 2),
        vision_config=tower(24, 2, 1, image_size=16, patch_size=8),
        fusion_config=dict(hidden_size=20, intermediate_size=80, num_hidden_layers=2, num_attention_heads=2,
                           direction="both", hidden_act="quick_gelu", layer_norm_eps=1e-5),
        text_is_causal=False, masked_text_head=True)
    model = MaskedTextModel(config)
    draw_weights(model, "masked-text-tiny")
    (directory / "config.json").write_text(json.dumps(config, indent=2, sort_keys=True) + "\n")
    save_file(model.state_dict(), directory / "model.safetensors", metadata={"format": "pt"})
    model = model.double()
    batches = [mask(draw_batch(f"masked-text-tiny/{number}", 16, lengths), f"masked-text-tiny/mask/{number}")
               for number, lengths in enumerate([[5, 12, 2, 7, 9], [3, 4, 11, 6, 8]])]
    outputs = model(batches[0])
    outputs["loss"].backward()
    found = tensors(batches[0]) | tensors(batches[1], "second/") | outputs
    for key, parameter in model.named_parameters():
        found[f"gradient/{key}"] = torch.zeros_like(parameter) if parameter.grad is None else parameter.grad.clone()
    found["curve/loss"] = curve(model, batches)
    for key, parameter in model.named_parameters():
        found[f"final/{key}"] = checksum(parameter)
    notes = goldenfile.metadata("masking.py", transformers=transformers.__version__)
    goldenfile.write(directory / "golden.safetensors", found, notes)


def cosine_margin(name, batch, width, margin, same):
    """mean over related pairs of 1 - cos, plus the mean over the others of max(0, cos - margin); `same`: equal numbers are
    of photos that are the same."""
    case = Case(name)
    image = case.input("image", F.normalize(case.normal(batch, width), dim=1).float().double())
    text = F.normalize(case.normal(batch, width) + image.detach(), dim=1)
    text = case.input("text", text.float().double())
    photos = torch.tensor(same)
    related = photos[:, None] == photos[None]
    cosines = image @ text.T
    case.constant("photos", photos)
    case.loss((1 - cosines[related]).mean() + (cosines[~related] - margin).clamp(min=0).mean())


write_model()
cosine_margin("cosine_margin", 7, 12, 0.2, [0, 1, 2, 3, 1, 5, 6])
cosine_margin("cosine_margin/unclamped", 5, 9, -1, [0, 1, 2, 3, 4])
goldenfile.write(HERE / "cosine-margin.safetensors", operations.TENSORS, goldenfile.metadata("masking.py"))
