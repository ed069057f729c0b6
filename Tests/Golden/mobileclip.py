"""MobileCLIP as open_clip and timm compute it.

    python mobileclip.py                      writes mobileclip-tiny/, and mobileclip-tiny/folded/
    python mobileclip.py S1 DIRECTORY         writes MobileCLIP-S1 with random weights, two images and two captions, and
                                              their features, into DIRECTORY; too large to keep
    python mobileclip.py S1 DIRECTORY folded  the same after timm's reparameterize_model

Norms have random statistics, scales and shifts: a mistake in any of them shows. Everything after the weights is computed in
float64 (the full sizes: in float32) by the model whose weights are written.
"""
import json
import sys
from pathlib import Path

import open_clip
import timm
import torch
import torch.nn.functional as F
from open_clip.model import CustomTextCLIP
from safetensors.torch import save_file
from timm.models._registry import register_model
from timm.models.fastvit import FastVit, LayerScale2d, RepConditionalPosEnc
from timm.utils.model import reparameterize_model

import goldenfile

HERE = Path(__file__).parent
VOCABULARY, CONTEXT, BEGIN, END = 64, 12, 62, 63
DEPTHS, WIDTHS, IMAGE, EMBEDDING = (1, 1, 2, 1), (8, 8, 16, 32), 56, 24
TEXT = dict(context_length=CONTEXT, vocab_size=VOCABULARY, width=32, heads=2, layers=1, no_causal_mask=True)


@register_model
def fastvit_tiny(pretrained=False, pretrained_cfg=None, pretrained_cfg_overlay=None, cache_dir=None, **arguments):
    """The kinds of blocks of fastvit_mci1, a few of each."""
    return FastVit(
        layers=DEPTHS, embed_dims=WIDTHS, mlp_ratios=(3, 3, 3, 3), se_downsamples=(False, False, True, True),
        pos_embs=(None, None, None, RepConditionalPosEnc), token_mixers=("repmixer", "repmixer", "repmixer", "attention"),
        lkc_use_act=True, **{key: value for key, value in arguments.items() if value is not None})


def tiny_model():
    vision = dict(timm_model_name="fastvit_tiny", timm_model_pretrained=False, timm_pool="avg", timm_proj=None,
                  timm_drop=0.0, timm_drop_path=0.0, image_size=IMAGE)
    return CustomTextCLIP(EMBEDDING, vision, dict(TEXT))


def draw_weights(model, name, pixels):
    """Statistics that are near what the images have, so that no activation runs away, then everything moved at random."""
    random = goldenfile.generator(name + "/weights")

    def normal(tensor, scale):
        return torch.randn(tensor.shape, generator=random) * scale

    def uniform(tensor, low, high):
        return torch.rand(tensor.shape, generator=random) * (high - low) + low

    with torch.no_grad():
        for key, parameter in model.named_parameters():
            if parameter.ndim >= 2 and not key.endswith("gamma"):
                inputs = parameter[0].numel() if "text" not in key else parameter.shape[-1]
                parameter.copy_(normal(parameter, inputs**-0.5))
            elif key.endswith("bias"):
                parameter.copy_(normal(parameter, 0.1))
        for key in ("text.token_embedding.weight", "text.positional_embedding"):
            parameter = model.get_parameter(key)
            parameter.copy_(normal(parameter, 0.5))
        norms = [module for module in model.modules() if isinstance(module, torch.nn.modules.batchnorm._BatchNorm)]
        for norm in norms:
            norm.weight.copy_(1 + normal(norm.weight, 0.2))
            norm.bias.copy_(normal(norm.bias, 0.2))
            norm.momentum = 1.0
        for module in model.modules():
            if isinstance(module, LayerScale2d):
                module.gamma.copy_(uniform(module.gamma, -0.5, 0.5))
            if isinstance(module, torch.nn.LayerNorm):
                module.weight.copy_(1 + normal(module.weight, 0.2))
        model.train()
        model.encode_image(pixels)
        for norm in norms:
            norm.running_mean += normal(norm.running_mean, 0.2) * norm.running_var.sqrt()
            norm.running_var *= uniform(norm.running_var, 0.7, 1.4)
            norm.momentum = 0.1
        model.logit_scale.fill_(2.0)
    return model.eval()


def draw_captions(name, vocabulary, context, begin, end, lengths):
    random = goldenfile.generator(name + "/captions")
    captions = []
    for length in lengths:
        words = torch.randint(1, begin, (length - 2,), generator=random)
        captions.append(torch.cat([torch.tensor([begin]), words, torch.tensor([end])]))
    padded = torch.zeros(len(lengths), context, dtype=torch.long)
    for row, caption in zip(padded, captions):
        row[:len(caption)] = caption
    return captions, padded


def packed(captions):
    lengths = torch.tensor([0] + [len(caption) for caption in captions])
    return dict(ids=torch.cat(captions), offsets=lengths.cumsum(0))


def contrastive(images, texts, logit_scale):
    logits = logit_scale.exp() * images @ texts.T
    right = torch.arange(len(logits))
    return logits, (F.cross_entropy(logits, right) + F.cross_entropy(logits.T, right)) / 2


def results(model, pixels, ids):
    """Features, logits, loss and every parameter's gradient."""
    model.zero_grad()
    images, texts = model.encode_image(pixels, normalize=True), model.encode_text(ids, normalize=True)
    logits, loss = contrastive(images, texts, model.logit_scale)
    loss.backward()
    found = dict(image_embeds=images, text_embeds=texts, logits=logits, loss=loss)
    found.update({f"gradient/{key}": parameter.grad for key, parameter in model.named_parameters()})
    return found


def write_weights(model, path):
    save_file(model.state_dict(), path, metadata={"format": "pt"})
    path.chmod(0o644)


def write_folded(model, directory, pixels, ids, notes):
    """The model as people save it for inference, and its features."""
    directory.mkdir(exist_ok=True)
    folded = reparameterize_model(model.eval())
    write_weights(folded, directory / "open_clip_model.safetensors")
    folded.double()
    with torch.no_grad():
        images, texts = folded.encode_image(pixels, normalize=True), folded.encode_text(ids, normalize=True)
    goldenfile.write(directory / "golden.safetensors", dict(image_embeds=images, text_embeds=texts), notes)


def write_tiny():
    name = "mobileclip-tiny"
    directory = HERE / name
    directory.mkdir(exist_ok=True)
    random = goldenfile.generator(name + "/pixels")
    pixels = torch.rand(3, 3, IMAGE, IMAGE, generator=random)
    captions, ids = draw_captions(name, VOCABULARY, CONTEXT, BEGIN, END, [5, 12, 3])
    model = draw_weights(tiny_model(), name, pixels)
    write_weights(model, directory / "open_clip_model.safetensors")
    notes = goldenfile.metadata("mobileclip.py", open_clip=open_clip.__version__, timm=timm.__version__)
    write_folded(model, directory / "folded", pixels.double(), ids, notes)
    config = dict(
        model_type="mobileclip", projection_dim=EMBEDDING, logit_scale_init_value=2.0, reparameterized=False,
        vision_config=dict(image_size=IMAGE, depths=DEPTHS, hidden_sizes=WIDTHS, mlp_ratio=3, squeezed_stages=[2, 3],
                           attention_stages=[3], head_dim=32),
        text_config=dict(vocab_size=VOCABULARY, max_position_embeddings=CONTEXT, hidden_size=TEXT["width"],
                         intermediate_size=4 * TEXT["width"], num_hidden_layers=TEXT["layers"],
                         num_attention_heads=TEXT["heads"], bos_token_id=BEGIN, eos_token_id=END))
    (directory / "config.json").write_text(json.dumps(config, indent=2, sort_keys=True) + "\n")
    model.double()
    tensors = dict(pixel_values=pixels, **packed(captions))
    tensors.update({f"frozen/{key}": value for key, value in results(model, pixels.double(), ids).items()})
    model.train()
    tensors.update({f"batch/{key}": value for key, value in results(model, pixels.double(), ids).items()})
    tensors.update({f"batch/{key}": value for key, value in model.state_dict().items() if "running_" in key})
    goldenfile.write(directory / "golden.safetensors", tensors, notes)


def write_full(size, directory, is_folded):
    directory.mkdir(parents=True, exist_ok=True)
    name = f"MobileCLIP-{size}"
    torch.manual_seed(goldenfile.SEED)
    random = goldenfile.generator(name + "/pixels")
    pixels = F.interpolate(torch.rand(2, 3, 16, 16, generator=random), size=256, mode="bicubic").clamp(0, 1)
    captions, ids = draw_captions(name, 49408, 77, 49406, 49407, [9, 30])
    model = draw_weights(open_clip.create_model(name, pretrained=None), name, pixels)
    model = reparameterize_model(model) if is_folded else model
    write_weights(model, directory / "open_clip_model.safetensors")
    (directory / "open_clip_config.json").write_text(json.dumps(dict(model_cfg=open_clip.get_model_config(name))) + "\n")
    with torch.no_grad():
        images, texts = model.encode_image(pixels, normalize=True), model.encode_text(ids, normalize=True)
    print("images", (images[0] @ images[1]).item(), "texts", (texts[0] @ texts[1]).item(), file=sys.stderr)
    tensors = dict(pixel_values=pixels, **packed(captions), image_embeds=images, text_embeds=texts)
    goldenfile.write(directory / "golden.safetensors", tensors, goldenfile.metadata("mobileclip.py"))


if __name__ == "__main__":
    if len(sys.argv) >= 3:
        write_full(sys.argv[1], Path(sys.argv[2]), is_folded=sys.argv[3:] == ["folded"])
    else:
        torch.set_num_threads(1)
        write_tiny()
