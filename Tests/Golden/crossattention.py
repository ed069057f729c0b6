"""The cross-attention model in plain PyTorch: Hugging Face CLIP towers, then layers in which text and image read each other.

The judge of mmtrain's `cross-attention` model: written for reading, one sample at a time, without padding or masks.
"""
import torch
import torch.nn.functional as F
from torch import nn
from transformers import CLIPConfig, CLIPModel

DIRECTIONS = ("both", "text_to_image", "image_to_text", "none")


class Attention(nn.Module):
    """Queries from x[Tx,F], keys and values from y[Ty,F]."""

    def __init__(self, width, heads):
        super().__init__()
        self.heads = heads
        self.q_proj, self.k_proj = nn.Linear(width, width), nn.Linear(width, width)
        self.v_proj, self.out_proj = nn.Linear(width, width), nn.Linear(width, width)

    def forward(self, x, y):
        q, k, v = (t.unflatten(1, (self.heads, -1)).transpose(0, 1) for t in (self.q_proj(x), self.k_proj(y), self.v_proj(y)))
        weights = (q @ k.transpose(1, 2) / q.shape[-1] ** 0.5).softmax(-1)
        return self.out_proj((weights @ v).transpose(0, 1).flatten(1))


class MLP(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.fc1, self.fc2 = nn.Linear(width, 4 * width), nn.Linear(4 * width, width)

    def forward(self, x):
        hidden = self.fc1(x)
        return self.fc2(hidden * torch.sigmoid(1.702 * hidden))


class Sentinel(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.gate, self.memory = nn.Linear(width, width), nn.Linear(width, width)
        self.key = nn.Parameter(torch.zeros(1, width))


class AdaptiveAttention(Attention):
    """Each query may look at a sentinel of its own: (1 - beta) c + beta s, beta its weight in the softmax (Lu et al., 2017, eq. 8)."""

    def __init__(self, width, heads):
        super().__init__(width, heads)
        self.sentinel = Sentinel(width)

    def forward(self, x, y):
        split = lambda t: t.unflatten(1, (self.heads, -1)).transpose(0, 1)
        q, k, v = split(self.q_proj(x)), split(self.k_proj(y)), split(self.v_proj(y))
        s = split(torch.sigmoid(self.sentinel.gate(x)) * torch.tanh(self.sentinel.memory(x)))
        scores = torch.cat([q @ k.transpose(1, 2), q @ split(self.sentinel.key).transpose(1, 2)], 2) / q.shape[-1] ** 0.5
        weights, beta = scores.softmax(-1).split([len(y), 1], 2)
        context = weights / weights.sum(2, keepdim=True) @ v
        return self.out_proj(((1 - beta) * context + beta * s).transpose(0, 1).flatten(1))


class StreamLayer(nn.Module):
    """Pre-norm: self-attention, cross-attention to the other stream as it came into this layer, MLP; the cross-attention may have a
    sentinel, and pass a gate, which another MLP with a gate follows (Alayrac et al., 2022, figure 4)."""

    def __init__(self, width, heads, crosses, gate="none", sentinel=False):
        super().__init__()
        self.crosses, self.gate = crosses, gate
        self.layer_norm1, self.self_attn = nn.LayerNorm(width), Attention(width, heads)
        if crosses:
            self.layer_norm2, self.layer_norm_context = nn.LayerNorm(width), nn.LayerNorm(width)
            self.cross_attn = AdaptiveAttention(width, heads) if sentinel else Attention(width, heads)
        if gate != "none":
            self.cross_attn_gate = nn.Parameter(torch.zeros(1))
        if gate == "dense":
            self.layer_norm_dense, self.dense = nn.LayerNorm(width), nn.ModuleDict({"mlp": MLP(width)})
            self.dense_gate = nn.Parameter(torch.zeros(1))
        self.layer_norm3, self.mlp = nn.LayerNorm(width), MLP(width)

    def forward(self, x, other):
        normed = self.layer_norm1(x)
        x = x + self.self_attn(normed, normed)
        if self.crosses:
            seen = self.cross_attn(self.layer_norm2(x), self.layer_norm_context(other))
            x = x + (seen if self.gate == "none" else self.cross_attn_gate.tanh() * seen)
        if self.gate == "dense":
            x = x + self.dense_gate.tanh() * self.dense["mlp"](self.layer_norm_dense(x))
        return x + self.mlp(self.layer_norm3(x))


class FusionLayer(nn.Module):
    def __init__(self, width, heads, direction, options):
        super().__init__()
        crosses = direction != "none"
        if direction != "image_to_text":
            self.text = StreamLayer(width, heads, crosses, **options)
        if direction != "text_to_image":
            self.image = StreamLayer(width, heads, crosses, **options)

    def forward(self, text, image):
        new_text = self.text(text, image) if hasattr(self, "text") else text
        new_image = self.image(image, text) if hasattr(self, "image") else image
        return new_text, new_image


class Fusion(nn.Module):
    def __init__(self, text_width, vision_width, width, heads, layers, direction, options):
        super().__init__()
        self.text_projection, self.image_projection = nn.Linear(text_width, width), nn.Linear(vision_width, width)
        self.layers = nn.ModuleList(FusionLayer(width, heads, direction, options) for _ in range(layers))
        self.text_norm, self.image_norm = nn.LayerNorm(width), nn.LayerNorm(width)

    def forward(self, text, image):
        """text[T,Wt] up to and including the end token, image[1+P,Wv] → [2F]: text at its end, image at its class token."""
        text, image = self.text_projection(text), self.image_projection(image)
        for layer in self.layers:
            text, image = layer(text, image)
        return torch.cat([self.text_norm(text)[-1], self.image_norm(image)[0]])


class MatchingHead(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.dense, self.output = nn.Linear(2 * width, width), nn.Linear(width, 2)

    def forward(self, x):
        return self.output(F.gelu(self.dense(x)))


class CrossAttentionModel(nn.Module):
    """Key names are those of mmtrain's checkpoints; the towers' are Hugging Face CLIP's."""

    def __init__(self, config):
        super().__init__()
        fusion = config["fusion_config"]
        towers = CLIPModel(CLIPConfig(
            text_config=config["text_config"], vision_config=config["vision_config"],
            projection_dim=config["projection_dim"]))
        self.text_model, self.vision_model = towers.text_model, towers.vision_model
        self.text_projection, self.visual_projection = towers.text_projection, towers.visual_projection
        self.logit_scale = towers.logit_scale
        width = fusion["hidden_size"]
        self.fusion = Fusion(
            config["text_config"]["hidden_size"], config["vision_config"]["hidden_size"], width,
            fusion["num_attention_heads"], fusion["num_hidden_layers"], fusion["direction"],
            {name: fusion[name] for name in ("gate", "sentinel") if name in fusion})
        self.matching_head = MatchingHead(width)

    def encode(self, batch):
        """Each caption's states [T,Wt] after the final layer norm and each image's states [1+P,Wv] after post_layernorm."""
        texts = [self.text_model(input_ids=ids[None]).last_hidden_state[0] for ids in batch.captions]
        images = self.vision_model.post_layernorm(self.vision_model(pixel_values=batch.pixel_values).last_hidden_state)
        return texts, images

    def contrastive(self, texts, images):
        text = F.normalize(self.text_projection(torch.stack([states[-1] for states in texts])), dim=1)
        image = F.normalize(self.visual_projection(images[:, 0]), dim=1)
        logits = self.logit_scale.exp() * image @ text.T
        right = torch.arange(len(texts))
        loss = (F.cross_entropy(logits, right) + F.cross_entropy(logits.T, right)) / 2
        return dict(image_embeds=image, text_embeds=text, logits=logits, contrastive_loss=loss)

    def matching(self, texts, images, batch):
        """Pairs in order: (image i, text i); (image i, its hard negative text); (hard negative image of text i, text i)."""
        right = list(range(len(texts)))
        pairs = list(zip(right, right))
        pairs += list(zip(right, batch.negative_text_for_image.tolist()))
        pairs += list(zip(batch.negative_image_for_text.tolist(), right))
        fused = torch.stack([self.fusion(texts[text], images[image]) for image, text in pairs])
        logits = self.matching_head(fused)
        labels = torch.tensor([1] * len(right) + [0] * 2 * len(right))
        return dict(matching_logits=logits, matching_loss=F.cross_entropy(logits, labels))

    def forward(self, batch):
        texts, images = self.encode(batch)
        outputs = self.contrastive(texts, images) | self.matching(texts, images, batch)
        return outputs | dict(loss=outputs["contrastive_loss"] + outputs["matching_loss"])
