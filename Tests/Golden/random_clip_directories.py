"""Random CLIP directories: mmtrain's logits are the library's, or the directory is refused; never other numbers.

    python Tests/Golden/random_clip_directories.py MMTRAIN [--count 200] [--seed 1] [--python4 PYTHON] [--keep DIR]

Draws settings among all that transformers and open_clip write, lets the libraries save them, asks mmtrain for the logits
and compares them with those that transformers 5 (Pillow's backend) or open_clip computes from the same directory. With
--python4, an interpreter that has transformers 4, that version reads and writes a third of the directories once more.
Made with transformers 5.24.0 and 4.57.6, open_clip 3.3.0, torch 2.15.0, Pillow 13.0.0. Ends with 1 if a logit differs.
"""
import argparse
import collections
import copy
import gzip
import json
import os
import pathlib
import random
import shutil
import subprocess
import sys
import tempfile
import warnings

os.environ.setdefault("HF_HUB_OFFLINE", "1")
os.environ.setdefault("TRANSFORMERS_VERBOSITY", "critical")
os.environ.setdefault("HF_HUB_DISABLE_PROGRESS_BARS", "1")
warnings.filterwarnings("ignore")

TEXTS = ["a photo of a cat", "Two dogs on a beach!", "a <cat-toy> on a table", "a Zebrafinch", "42 red balloons, isn't it?"]
PHOTOS = [(48, 32), (33, 57), (200, 64), (40, 150), (32, 32)]
TOLERANCE = 2e-3  # at a logit scale of 100


def resave(source, target):
    """By whichever transformers this runs with."""
    from transformers import AutoConfig, AutoImageProcessor, AutoTokenizer
    shutil.copytree(source, target, dirs_exist_ok=True)
    AutoConfig.from_pretrained(source).save_pretrained(target)
    if (pathlib.Path(source) / "preprocessor_config.json").exists():
        AutoImageProcessor.from_pretrained(source, use_fast=False).save_pretrained(target)
    AutoTokenizer.from_pretrained(source).save_pretrained(target)


if sys.argv[1:2] == ["--resave"]:
    sys.exit(resave(*sys.argv[2:]))

import open_clip
import torch
import transformers
from open_clip.model import CLIP, CustomTextCLIP
from open_clip.push_to_hf_hub import save_config_for_hf
from open_clip.transform import PreprocessCfg, image_transform_v2
from PIL import Image
from safetensors.torch import save_file
from tokenizers import AddedToken
from transformers import AutoImageProcessor, AutoTokenizer, CLIPConfig, CLIPModel, CLIPProcessor, CLIPTokenizer


def bpe():
    path = pathlib.Path(open_clip.__file__).with_name("bpe_simple_vocab_16e6.txt.gz")
    merges = [tuple(line.split()) for line in gzip.open(path).read().decode().split("\n")[1:49152 - 256 - 2 + 1]]
    symbols = list(open_clip.tokenizer.bytes_to_unicode().values())
    tokens = symbols + [s + "</w>" for s in symbols] + ["".join(m) for m in merges] + ["<|startoftext|>", "<|endoftext|>"]
    return {token: index for index, token in enumerate(tokens)}, merges


VOCABULARY, MERGES = bpe()


def randomise(model, seed):
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            noise = torch.randn(parameter.shape, generator=generator)
            if name.endswith("logit_scale"):
                parameter.fill_(4.6052)
            elif name.endswith("logit_bias"):
                parameter.fill_(-3)
            elif parameter.ndim >= 2:
                parameter.copy_(noise * 1.2 / (parameter[0].numel() if "embedding" not in name else 4) ** 0.5)
            else:
                parameter.copy_(0.2 * noise + (1 if name.endswith("weight") else 0))
    return model.eval()


def photos(folder):
    paths = []
    for number, (width, height) in enumerate(PHOTOS):
        small = torch.rand((1, 3, 5, 5), generator=torch.Generator().manual_seed(number))
        large = torch.nn.functional.interpolate(small, (height, width), mode="bilinear", align_corners=True)[0]
        paths.append(folder / f"{number}.png")
        Image.fromarray((255 * large).round().to(torch.uint8).permute(1, 2, 0).numpy()).save(paths[-1])
    return paths


def some(draw, choices, chance=0.25):
    """Of a dictionary of lists some keys, each with one of its values."""
    return {key: draw.choice(values) for key, values in choices.items() if draw.random() < chance}


# Settings of transformers

TOWER = dict(
    hidden_act=["quick_gelu", "gelu", "gelu_new", "gelu_pytorch_tanh", "gelu_fast", "relu", "silu"],
    layer_norm_eps=[1e-5, 1e-6, 1e-3, 0.05], attention_dropout=[0.0, 0.3], initializer_range=[0.01], initializer_factor=[2.0],
    projection_dim=[40, 56], id2label=[{0: "a", 1: "b"}], problem_type=["regression"], output_attentions=[True],
    chunk_size_feed_forward=[4], return_dict=[True], pruned_heads=[{}], num_attention_heads=[2, 4],
    intermediate_size=[64, 96])
TEXT = dict(TOWER, eos_token_id=[2, 49407, 2, 49407, 7], bos_token_id=[0, 49406], pad_token_id=[0, 1, 49407],
            max_position_embeddings=[32, 64], tie_word_embeddings=[False])
VISION = dict(TOWER, image_size=[48, 32], patch_size=[16, 4], num_channels=[3])
TOP = dict(projection_dim=[24, 56], logit_scale_init_value=[1.0, 3.0], initializer_factor=[0.5], dtype=["float32", "float16"],
           tie_word_embeddings=[True], name_or_path=["x"], bos_token_id=[1], eos_token_id=[5], quantization_config=[None],
           use_cache=[False])
PROCESSOR = dict(
    resample=[1, 2, 3, 1, 2, 3, 0, 5], do_resize=[True, False], do_center_crop=[True, False], do_rescale=[True, False],
    do_normalize=[True, False], do_convert_rgb=[True, False], rescale_factor=[1 / 255, 1 / 127.5], image_mean=[[0.5] * 3, 0.4],
    image_std=[[0.5, 0.25, 0.3], 0.3], do_pad=[True, False], pad_size=[{"height": 32, "width": 32}],
    default_to_square=[True, False], crop_pct=[0.9, 1.0], data_format=["channels_first", "channels_last"])
PROCESSORS = ["CLIP"] * 6 + ["ViT", "Siglip", "Blip", "DeiT", "ConvNext", "Bit", "ChineseCLIP"]


def processor(draw, side):
    kind = draw.choice(PROCESSORS)
    square = {"height": side, "width": side}
    size = draw.choice([{"shortest_edge": side}] * 4 + [square] * 2 + [side, [side, side], {"shortest_edge": side + 4}, None])
    made = dict(some(draw, PROCESSOR, 0.06), size=size, crop_size=draw.choice([square] * 4 + [side, None]))
    made = {key: value for key, value in made.items() if value is not None}
    return getattr(transformers, kind + "ImageProcessorPil")(**made)


def tokenizer(draw):
    made = CLIPTokenizer(vocab=VOCABULARY, merges=MERGES, model_max_length=77, **some(
        draw, dict(padding_side=["right", "right", "left"], truncation_side=["right", "right", "left"], clean_up_tokenization_spaces=[True]), 0.08))
    if draw.random() < 0.35:
        flags = lambda: some(draw, dict(lstrip=[True], rstrip=[True], normalized=[True, False], single_word=[True, False, False]), 0.2)
        made.add_tokens([AddedToken("<cat-toy>", **flags()), AddedToken("zebrafinch", **flags())], special_tokens=draw.random() < 0.5)
    return made


def with_dicts(draw, config):
    """As configurations of 2021 and 2022 are: the towers in text_config_dict and vision_config_dict, once more or alone."""
    for tower, choices in (("text", TEXT), ("vision", VISION)):
        kind = draw.choice(["none", "null", "same", "alone", "stale", "partial"])
        if kind == "none":
            continue
        stated = copy.deepcopy(config[tower + "_config"])
        if kind == "partial":
            stated.pop(draw.choice(["hidden_act", "layer_norm_eps"]), None)
        config[tower + "_config_dict"] = None if kind == "null" else stated
        if kind == "alone":
            config[tower + "_config"] = None
        elif kind == "stale":
            config[tower + "_config"] |= some(draw, dict(hidden_act=["gelu"], layer_norm_eps=[0.1], eos_token_id=[2]), 0.5)


def transformers_directory(draw, place, arguments):
    made = tokenizer(draw)
    text = dict(hidden_size=48, intermediate_size=96, num_hidden_layers=2, num_attention_heads=4, vocab_size=len(made)) | some(draw, TEXT)
    vision = dict(hidden_size=64, intermediate_size=128, num_hidden_layers=2, num_attention_heads=4, image_size=32, patch_size=8) | some(draw, VISION, 0.15)
    model = randomise(CLIPModel(CLIPConfig(text_config=text, vision_config=vision, **({"projection_dim": 40} | some(draw, TOP)))), draw.randrange(1 << 30))
    model.save_pretrained(place)
    side = vision["image_size"] if isinstance(vision["image_size"], int) else vision["image_size"][0]
    kind = draw.choice(["together", "alone", "both", "none"])
    if kind in ("alone", "both"):
        processor(draw, side).save_pretrained(place)
    if kind in ("together", "both"):
        CLIPProcessor(image_processor=processor(draw, side), tokenizer=made).save_pretrained(place)
    made.save_pretrained(place)
    path = place / "config.json"
    config = json.loads(path.read_text())
    if draw.random() < 0.4:
        with_dicts(draw, config)
    for key in list(config["text_config"] or {}):
        if draw.random() < 0.03:
            del config["text_config"][key]
    path.write_text(json.dumps(config))
    if arguments.python4 and draw.random() < 0.4:
        again = place.with_name(place.name + "-4")
        done = subprocess.run([arguments.python4, __file__, "--resave", place, again], capture_output=True)
        if done.returncode == 0:
            shutil.rmtree(place)
            again.rename(place)
            return "transformers 4"
        shutil.rmtree(again, ignore_errors=True)
    return "transformers 5"


def transformers_logits(place, paths):
    model = CLIPModel.from_pretrained(place, dtype=torch.float32).eval()
    pictures = [Image.open(path) for path in paths]
    files = [place / name for name in ("processor_config.json", "preprocessor_config.json")]
    if any(file.exists() for file in files):
        reader = AutoImageProcessor.from_pretrained(place, backend="pil")
    else:  # mmtrain: CLIP's own way, at the model's size
        side = model.config.vision_config.image_size
        side = side if isinstance(side, int) else side[0]
        reader = transformers.CLIPImageProcessorPil(size={"shortest_edge": side}, crop_size={"height": side, "width": side})
    pixels = reader(pictures, return_tensors="pt")["pixel_values"]
    length = model.config.text_config.max_position_embeddings
    batch = AutoTokenizer.from_pretrained(place)(TEXTS, padding="max_length", truncation=True, max_length=length, return_tensors="pt")
    with torch.no_grad():
        return model(input_ids=batch["input_ids"], attention_mask=batch["attention_mask"], pixel_values=pixels.float()).logits_per_image


# Settings of open_clip

BLOCK = dict(norm_kwargs=[None, {}, {"eps": 1e-6}, {"eps": 0.05}, {"elementwise_affine": True}],
             act_kwargs=[None, {}, {"approximate": "tanh"}], mlp_ratio=[2.5, 3.3], ls_init_value=[0.1], qk_norm=[True, False],
             scaled_cosine_attn=[True], scale_heads=[True], scale_attn_inner=[True], scale_attn=[True], scale_fc=[True],
             block_type=[None, "default", "custom"], output_tokens=[False])
OC_VISION = dict(BLOCK, image_size=[[32, 32], 48, [32, 48]], patch_size=[16], head_width=[32], patch_dropout=[0.5], no_ln_pre=[True],
                 attentional_pool=[True], attn_pooler_queries=[4], pos_embed_type=["learnable", "sin_cos_2d"],
                 final_ln_after_pool=[True], pool_type=["tok", "avg"], timm_pool=["avg"], timm_drop=[0.1])
OC_TEXT = dict(BLOCK, context_length=[16, 77], heads=[2, 4], embed_cls=[True], pad_id=[0, 1], eos_id=[2, 49407],
               no_causal_mask=[True], pool_type=["argmax", "first", "last", "eos"], proj_type=["linear", "none"],
               proj_bias=[True, False], tokenizer_kwargs=[{}, {"clean": "lower"}, {"clean": "canonicalize"}], hf_proj_type=["mlp"],
               final_ln_after_pool=[True])
OC_TOP = dict(quick_gelu=[True, False], init_logit_scale=[1.0], init_logit_bias=[-10.0], nonscalar_logit_scale=[True],
              custom_text=[True])
OC_PREPROCESS = dict(mean=[[0.5] * 3, [0.0] * 3], std=[[0.5] * 3, [1.0] * 3], interpolation=["bilinear", "bicubic", "random"],
                     resize_mode=["shortest", "squash", "longest"], fill_color=[0, 7], mode=["RGB"])


def open_clip_directory(draw, place):
    config = dict(
        embed_dim=24, vision_cfg=dict(image_size=32, layers=2, width=64, head_width=16, patch_size=8) | some(draw, OC_VISION, 0.03),
        text_cfg=dict(context_length=77, vocab_size=49408, width=64, heads=4, layers=2) | some(draw, OC_TEXT, 0.03), **some(draw, OC_TOP))
    arguments = {key: value for key, value in copy.deepcopy(config).items() if key != "custom_text"}
    tokens = arguments["text_cfg"].get("tokenizer_kwargs") or {}
    model = randomise((CustomTextCLIP if config.get("custom_text") else CLIP)(**arguments), draw.randrange(1 << 30))
    preprocess = PreprocessCfg(size=config["vision_cfg"]["image_size"], **some(draw, OC_PREPROCESS))
    open_clip.model.set_model_preprocess_cfg(model, preprocess.__dict__)
    save_config_for_hf(model, place / "open_clip_config.json", config)
    save_file({key: value.contiguous() for key, value in model.state_dict().items()}, place / "open_clip_model.safetensors")
    CLIPTokenizer(vocab=VOCABULARY, merges=MERGES).backend_tokenizer.save(str(place / "tokenizer.json"))
    return model, preprocess, open_clip.SimpleTokenizer(context_length=config["text_cfg"]["context_length"], **tokens)


def open_clip_logits(made, paths):
    model, preprocess, tokens = made
    transform = image_transform_v2(preprocess, is_train=False)
    with torch.no_grad():
        image = model.encode_image(torch.stack([transform(Image.open(path)) for path in paths]), normalize=True)
        found = model.logit_scale.exp() * image @ model.encode_text(tokens(TEXTS), normalize=True).T
        return found if model.logit_bias is None else found + model.logit_bias


# The comparison

def ask(program, place, paths):
    done = subprocess.run([program, "match", "--model", place, "--image", *paths, "--texts", "-", "--json"],
                          input="\n".join(TEXTS).encode(), capture_output=True)
    if done.returncode:
        return done.returncode, done.stderr.decode().strip()
    return 0, torch.tensor([image["logits"] for image in json.loads(done.stdout)["images"]])


def one(draw, place, paths, arguments):
    """-> what made the directory, what came of it, more about it"""
    try:
        if draw.random() < 0.35:
            library, made = "open_clip", open_clip_directory(draw, place)
        else:
            library, made = transformers_directory(draw, place, arguments), None
    except Exception as error:
        return "nobody", "not made", f"{type(error).__name__}: {str(error)[:100]}"
    try:
        expected = open_clip_logits(made, paths) if made else transformers_logits(place, paths)
    except Exception as error:
        expected = error
    code, found = ask(arguments.program, place, paths)
    if code:
        outcome = "refused" if code in (65, 78) else f"exit {code}"
        return library, outcome + (", by the library too" if isinstance(expected, Exception) else ""), found
    if isinstance(expected, Exception):
        return library, "read, where the library fails", f"{type(expected).__name__}: {str(expected)[:100]}"
    difference = (found - expected).abs().max().item()
    return library, "equal" if difference <= TOLERANCE else "DIFFERENT", f"{difference:.2g}"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("--count", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--python4")
    parser.add_argument("--keep", type=pathlib.Path)
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    transformers.utils.logging.disable_progress_bar()
    counts, number, made = collections.Counter(), 0, 0
    with tempfile.TemporaryDirectory() as temporary:
        paths = photos(pathlib.Path(temporary))
        while made < arguments.count:
            number += 1
            place = (arguments.keep or pathlib.Path(temporary)) / f"{arguments.seed}-{number}"
            place.mkdir(parents=True)
            library, outcome, more = one(random.Random(f"{arguments.seed} {number}"), place, paths, arguments)
            if library != "nobody":
                made += 1
                counts[library, outcome] += 1
                print(f"{number}\t{library}\t{outcome}\t{more.replace(str(place), '')[:230]}", flush=True)
            if not arguments.keep or outcome in ("equal", "not made"):
                shutil.rmtree(place, ignore_errors=True)
    for key, count in sorted(counts.items()):
        print(count, *key, sep="\t")
    bad = sum(count for (_, outcome), count in counts.items() if outcome == "DIFFERENT" or outcome.startswith("exit"))
    print(f"{made} directories of {number} drawn, {bad} with other numbers")
    sys.exit(1 if bad else 0)


main()
