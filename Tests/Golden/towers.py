"""Towers that stand alone, as transformers computes them: python towers.py

Writes bert-tiny/ and vit-tiny/, each with config.json and model.safetensors as `save_pretrained` makes them (transformers 5.24.0,
torch 2.15.0, safetensors 0.8.0, NumPy 2.4.6; the seed is goldenfile's) and golden.safetensors: states, what stands for each
segment, gradients, and twenty steps of training. clip-tiny/towers.safetensors holds the states of that model's towers alone,
clip-tiny/curves.safetensors twenty steps of training each of them.
Everything is computed in float64 from the fp32 weights, without dropout.

Every parameter is drawn anew, biases, positions and class tokens included, which transformers begins at zero: N(0, 0.3), norms
around 1. Values and what writes to the residual stream are N(0, 0.15): with more, post-norm states of a text come out alike.
"""
import copy
from pathlib import Path

import torch
import transformers
from transformers import (
    BertConfig, BertModel, CLIPTextModel, CLIPTextModelWithProjection, CLIPVisionModel, ViTConfig, ViTModel)

import goldenfile

HERE = Path(__file__).parent
STEPS, PAIRS, SCALE = 20, 4, 10.0
CLASS, SEPARATOR = 1, 2


def draw_weights(model, name):
    random = goldenfile.generator(name)
    with torch.no_grad():
        for key, parameter in model.named_parameters():
            noise = torch.randn(parameter.shape, generator=random)
            if "norm" in key.lower():
                parameter.copy_(0.1 * noise + (1 if key.endswith("weight") else 0))
            else:
                parameter.copy_(noise * (0.15 if quiet(key) else 0.3))


def quiet(key):
    """Whether it is a matrix of values, or one that writes to the residual stream; in either of the library's spellings."""
    parts = ["value.weight", "v_proj.weight", "output.dense.weight", "o_proj.weight", "fc2.weight"]
    return any(key.endswith(part) for part in parts)


def saved(model, directory):
    """The model in float64 as its saved files say it is; what `save_pretrained` calls its parameters."""
    model.save_pretrained(directory)
    (directory / "model.safetensors").chmod(0o644)
    return type(model).from_pretrained(directory, attn_implementation="eager").eval().double()


def saved_gradients(model):
    """The gradients under the names that files have, which since transformers 5 need not be those of the parameters."""
    import tempfile

    from safetensors.torch import load_file

    held = copy.deepcopy(model)
    with torch.no_grad():
        for target, source in zip(held.parameters(), model.parameters()):
            target.copy_(torch.zeros_like(source) if source.grad is None else source.grad)
    with tempfile.TemporaryDirectory() as place:
        held.save_pretrained(place)
        return load_file(Path(place) / "model.safetensors")


def gradients(model, prefix, loss):
    model.zero_grad()
    loss.backward(retain_graph=True)
    return {f"{prefix}/{key}": value for key, value in saved_gradients(model).items()}


def contrastive(features, others):
    """The symmetric loss of features and fixed ones of the same number, both of length one."""
    features, others = (x / x.norm(dim=-1, keepdim=True) for x in (features, others))
    logits, right = SCALE * features @ others.T, torch.arange(len(others))
    entropy = torch.nn.functional.cross_entropy
    return (entropy(logits, right) + entropy(logits.T, right)) / 2


def curve(model, features, others):
    """AdamW: lr 1e-3, betas .9/.98, eps 1e-6, decay .2 on tensors of two or more dimensions: the loss before each step."""
    groups = [dict(params=[p for p in model.parameters() if p.ndim >= 2], weight_decay=0.2),
              dict(params=[p for p in model.parameters() if p.ndim < 2], weight_decay=0.0)]
    optimizer = torch.optim.AdamW(groups, lr=1e-3, betas=(0.9, 0.98), eps=1e-6)
    losses = []
    for _ in range(STEPS):
        loss = contrastive(features(model), others)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return torch.tensor(losses, dtype=torch.float64)


def draw_texts(lengths, vocabulary, random):
    body = lambda count: torch.randint(SEPARATOR + 1, vocabulary, (count,), generator=random)
    return [torch.cat([torch.tensor([CLASS]), body(n - 2), torch.tensor([SEPARATOR])]) for n in lengths]


def write_bert():
    directory, random = HERE / "bert-tiny", goldenfile.generator("bert-tiny/texts")
    config = BertConfig(
        vocab_size=40, hidden_size=24, num_hidden_layers=2, num_attention_heads=4, intermediate_size=40,
        max_position_embeddings=12)
    model = BertModel(config)
    draw_weights(model, "bert-tiny")
    model = saved(model, directory)
    texts = draw_texts([5, 12, 2, 7], 40, random)
    others = torch.randn(PAIRS, 24, generator=random).double()
    ids = torch.nn.utils.rnn.pad_sequence(texts, batch_first=True)
    mask = torch.nn.utils.rnn.pad_sequence([torch.ones_like(text) for text in texts], batch_first=True)

    def mean(model):
        states = model(input_ids=ids, attention_mask=mask).last_hidden_state
        return (states * mask[..., None]).sum(1) / mask.sum(1, keepdim=True)

    pooler = lambda model: model(input_ids=ids, attention_mask=mask).pooler_output
    first = lambda model: model(input_ids=ids, attention_mask=mask).last_hidden_state[:, 0]
    states = model(input_ids=ids, attention_mask=mask).last_hidden_state
    tensors = dict(
        ids=torch.cat(texts), offsets=torch.tensor([0] + [len(text) for text in texts]).cumsum(0), others=others,
        states=states[mask == 1], mean=mean(model), pooler=pooler(model), first=first(model))
    tensors["class"] = tensors.pop("first")
    for name, features in dict(mean=mean, pooler=pooler).items():
        loss = contrastive(features(model), others)
        tensors[f"loss/{name}"] = loss
        tensors |= gradients(model, f"gradient/{name}", loss)
        tensors[f"curve/{name}"] = curve(copy.deepcopy(model), features, others)
    write(directory / "golden.safetensors", tensors)


def write_vit():
    directory, random = HERE / "vit-tiny", goldenfile.generator("vit-tiny/pixels")
    model = ViTModel(ViTConfig(
        hidden_size=24, num_hidden_layers=2, num_attention_heads=4, intermediate_size=40, image_size=24, patch_size=8))
    draw_weights(model, "vit-tiny")
    model = saved(model, directory)
    pixels = torch.randn(PAIRS, 3, 24, 24, generator=random).double()
    others = torch.randn(PAIRS, 24, generator=random).double()
    pooler = lambda model: model(pixel_values=pixels).pooler_output
    outputs, loss = model(pixel_values=pixels), contrastive(pooler(model), others)
    tensors = dict(
        pixel_values=pixels, others=others, states=outputs.last_hidden_state.flatten(0, 1), pooler=outputs.pooler_output,
        loss=loss) | gradients(model, "gradient", loss)
    tensors["curve"] = curve(copy.deepcopy(model), pooler, others)
    write(directory / "golden.safetensors", tensors)


def write_clip():
    directory, random = HERE / "clip-tiny", goldenfile.generator("clip-tiny/towers")
    pixels = torch.randn(2, 3, 32, 32, generator=random).double()
    texts = [torch.tensor([62, 5, 7, 63]), torch.tensor([62, 9, 11, 40, 3, 63])]
    vision, text = (kind.from_pretrained(directory).eval().double() for kind in (CLIPVisionModel, CLIPTextModel))
    images = vision(pixel_values=pixels)
    words = [text(input_ids=ids[None]) for ids in texts]
    write(directory / "towers.safetensors", dict(
        pixel_values=pixels, ids=torch.cat(texts), offsets=torch.tensor([0, 4, 10]),
        image_states=vision.post_layernorm(images.last_hidden_state).flatten(0, 1), image_pooled=images.pooler_output,
        text_states=torch.cat([each.last_hidden_state[0] for each in words]),
        text_pooled=torch.cat([each.pooler_output for each in words])))


def write_clip_curves():
    """Of the text tower as `CLIPTextModelWithProjection` holds it, whose projection is left alone."""
    directory, random = HERE / "clip-tiny", goldenfile.generator("clip-tiny/curves")
    vision = CLIPVisionModel.from_pretrained(directory).eval().double()
    text = CLIPTextModelWithProjection.from_pretrained(directory, projection_dim=24).text_model.eval().double()
    pixels = torch.randn(PAIRS, 3, 32, 32, generator=random).double()
    others = torch.randn(PAIRS, 32, generator=random).double()
    body = lambda count: torch.randint(0, 62, (count,), generator=random)
    texts = [torch.cat([torch.tensor([62]), body(n - 2), torch.tensor([63])]) for n in (5, 12, 3, 7)]
    image = lambda model: model(pixel_values=pixels).pooler_output
    words = lambda model: torch.cat([model(input_ids=ids[None]).pooler_output for ids in texts])
    write(directory / "curves.safetensors", {
        "pixel_values": pixels, "ids": torch.cat(texts),
        "offsets": torch.tensor([0] + [len(ids) for ids in texts]).cumsum(0), "others": others,
        "curve/image": curve(vision, image, others), "curve/text": curve(text, words, others)})


def write(path, tensors):
    goldenfile.write(path, tensors, goldenfile.metadata("towers.py", transformers=transformers.__version__))


if __name__ == "__main__":
    torch.set_num_threads(1)
    write_bert()
    write_vit()
    write_clip()
    write_clip_curves()
