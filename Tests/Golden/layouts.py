"""Small CLIP models as open_clip and transformers write them, and the logits that they compute: python layouts.py [FORM ...]

Writes layouts/<form>/ for each form: the files of the model in the layout and the number format that published models
have, a small tokenizer, and golden.safetensors with inputs and logits (scale 100) of the library that wrote the model.
"""
import json
import math
import shutil
import sys
from pathlib import Path

import open_clip
import torch
import transformers
from safetensors.torch import save_file
from tokenizers import Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors
from transformers import CLIPConfig, CLIPModel

import goldenfile

HERE = Path(__file__).parent / "layouts"
VOCABULARY, CONTEXT, IMAGE, PATCH = 64, 12, 32, 8
BEGIN, END = VOCABULARY - 2, VOCABULARY - 1

OPEN_CLIP = {
    "embed_dim": 24,
    "vision_cfg": {"image_size": IMAGE, "layers": 2, "width": 32, "head_width": 16, "patch_size": PATCH},
    "text_cfg": {"context_length": CONTEXT, "vocab_size": VOCABULARY, "width": 32, "heads": 2, "layers": 2},
}


def tokenizer():
    """CLIP's rules over single letters: ids of letters at the end of a word, letters within one, start and end."""
    letters = [chr(c) for c in range(ord("a"), ord("z") + 1)]
    tokens = letters + [letter + "</w>" for letter in letters] + [f"<{n}>" for n in range(BEGIN - 52)]
    tokens += ["<|startoftext|>", "<|endoftext|>"]
    made = Tokenizer(models.BPE({t: i for i, t in enumerate(tokens)}, [], end_of_word_suffix="</w>",
                                unk_token="<|endoftext|>"))
    made.normalizer = normalizers.Sequence(
        [normalizers.NFC(), normalizers.Replace(Regex(r"\s+"), " "), normalizers.Lowercase()])
    pattern = r"'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+"
    made.pre_tokenizer = pre_tokenizers.Sequence([
        pre_tokenizers.Split(Regex(pattern), "removed", invert=True),
        pre_tokenizers.ByteLevel(add_prefix_space=False)])
    made.post_processor = processors.RobertaProcessing(
        ("<|endoftext|>", END), ("<|startoftext|>", BEGIN), trim_offsets=False, add_prefix_space=False)
    made.decoder = decoders.ByteLevel()
    made.add_special_tokens(["<|startoftext|>", "<|endoftext|>"])
    return made


def inputs(form, added=0):
    """added: words behind the end token, of which every longer text has some."""
    random = goldenfile.generator(form)
    pixels = torch.randn(3, 3, IMAGE, IMAGE, generator=random)
    ids = torch.zeros(4, CONTEXT, dtype=torch.long)
    for row, length in enumerate([4, 12, 2, 7]):
        ids[row, 0] = BEGIN
        ids[row, 1:length - 1] = torch.randint(0, BEGIN, (length - 2,), generator=random)
        if added and length > 2:
            ids[row, length // 2] = END + 1 + row % added
        ids[row, length - 1:] = END
    return pixels, ids


def randomize(model, form):
    random = goldenfile.generator(form + " weights")
    with torch.no_grad():
        for key, parameter in model.named_parameters():
            noise = torch.randn(parameter.shape, generator=random)
            if key == "logit_scale":
                parameter.fill_(math.log(100))
            elif key == "logit_bias":
                parameter.fill_(-10)
            elif parameter.ndim < 2:
                parameter.copy_(0.1 * noise + (1 if key.endswith("weight") and parameter.ndim else 0))
            else:
                parameter.copy_(noise * parameter[0].numel() ** -0.5)


def logits(model, pixels, ids, is_open_clip):
    model = model.double().eval()
    with torch.no_grad():
        if is_open_clip:
            image, text, scale = model(pixels.double(), ids)[:3]
            return scale * image @ text.T
        return model(pixel_values=pixels.double(), input_ids=ids).logits_per_image


def write(form, model, is_open_clip, place, files, added=0):
    pixels, ids = inputs(form, added)
    notes = goldenfile.metadata("layouts.py", open_clip=open_clip.__version__, transformers=transformers.__version__)
    goldenfile.write(place / "golden.safetensors",
                     {"pixel_values": pixels, "input_ids": ids, "logits": logits(model, pixels, ids, is_open_clip)}, notes)
    tokenizer().save(str(place / "tokenizer.json"))
    for name, content in files.items():
        (place / name).write_text(json.dumps(content, indent=2) + "\n")


def open_clip_form(form, dtype=torch.float32, vision=None, text=None, **more):
    configuration = json.loads(json.dumps(OPEN_CLIP)) | more
    configuration["vision_cfg"] |= vision or {}
    configuration["text_cfg"] |= text or {}
    model = open_clip.CustomTextCLIP if more.get("custom_text") else open_clip.CLIP
    arguments = json.loads(json.dumps({k: v for k, v in configuration.items() if k != "custom_text"}))
    model = model(**arguments)
    randomize(model, form)
    model = model.to(dtype)
    place = HERE / form
    place.mkdir(parents=True)
    state = {k: v.contiguous() for k, v in model.state_dict().items()}
    if form == "openai":  # what OpenAI's own archive holds beside the weights
        state |= {"input_resolution": torch.tensor(IMAGE), "context_length": torch.tensor(CONTEXT),
                  "vocab_size": torch.tensor(VOCABULARY)}
    save_file(state, place / "open_clip_model.safetensors")
    preprocess = {"mean": [0.5, 0.5, 0.5], "std": [0.25, 0.25, 0.25], "interpolation": "bicubic", "resize_mode": "shortest"}
    write(form, model, True, place,
          {"open_clip_config.json": {"model_cfg": configuration, "preprocess_cfg": preprocess}})


def hugging_face_form(form, dtype=torch.float32, shards=False, added=0, stale=None, **more):
    """stale: what text_config says of a model of 2022, beside a text_config_dict that is right."""
    tower = dict(hidden_size=32, intermediate_size=128, num_hidden_layers=2, num_attention_heads=2, hidden_act="gelu")
    configuration = CLIPConfig(
        text_config=dict(tower, vocab_size=VOCABULARY + added, max_position_embeddings=CONTEXT, bos_token_id=BEGIN,
                         eos_token_id=END, pad_token_id=END) | more,
        vision_config=dict(tower, image_size=IMAGE, patch_size=PATCH), projection_dim=24)
    model = CLIPModel(configuration)
    randomize(model, form)
    model = model.to(dtype)
    place = HERE / form
    model.save_pretrained(place, **({"max_shard_size": "60KB"} if shards else {}))
    if not shards:  # files of earlier versions hold the positions too
        from safetensors.torch import load_file
        state = load_file(place / "model.safetensors")
        state["text_model.embeddings.position_ids"] = torch.arange(CONTEXT)[None]
        state["vision_model.embeddings.position_ids"] = torch.arange(1 + (IMAGE // PATCH) ** 2)[None]
        save_file(state, place / "model.safetensors", {"format": "pt"})
    if stale:
        path = place / "config.json"
        saved = json.loads(path.read_text())
        saved["text_config_dict"] = dict(saved["text_config"])
        saved["text_config"] |= stale
        path.write_text(json.dumps(saved, indent=2) + "\n")
        model = CLIPModel.from_pretrained(place, dtype=torch.float64)
    write(form, model, False, place, {}, added)


FORMS = {
    "openai-fp16": lambda form: open_clip_form(form, torch.float16, quick_gelu=True),
    "openai": open_clip_form,
    "open-clip-custom-text": lambda form: open_clip_form(
        form, custom_text=True, init_logit_scale=math.log(10), init_logit_bias=-10),
    "open-clip-norms-and-gelus": lambda form: open_clip_form(
        form, vision={"act_kwargs": {"approximate": "tanh"}, "norm_kwargs": {"eps": 1e-3}}, text={"norm_kwargs": {"eps": 0.01}}),
    "hugging-face-bf16": lambda form: hugging_face_form(form, torch.bfloat16),
    "hugging-face-fp64": lambda form: hugging_face_form(form, torch.float64),
    "hugging-face-sharded": lambda form: hugging_face_form(form, shards=True),
    "hugging-face-legacy-eos": lambda form: hugging_face_form(form, eos_token_id=2),
    "hugging-face-added-words": lambda form: hugging_face_form(form, added=2),
    "hugging-face-added-words-legacy-eos": lambda form: hugging_face_form(form, added=2, eos_token_id=2),
    "hugging-face-config-dict": lambda form: hugging_face_form(
        form, stale=dict(hidden_act="quick_gelu", num_attention_heads=4, layer_norm_eps=0.1)),
}

if __name__ == "__main__":
    torch.set_num_threads(1)
    for name in sys.argv[1:] or FORMS:
        shutil.rmtree(HERE / name, ignore_errors=True)
        FORMS[name](name)
    print("done", file=sys.stderr)
