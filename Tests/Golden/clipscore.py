"""CLIPScore and RefCLIPScore by a tiny CLIP: python clipscore.py

Writes clipscore/: a CLIP of random weights as transformers saves it, with the tokenizer of tokenization/tiny-tokenizer.json, and expected.json:
captions and references of the photos in predictions/, and of each the cosines and both scores by the formulas of
github.com/jmhessel/clipscore (clipscore.py: `get_clip_score`, `get_refonlyclipscore`, and the harmonic mean of its `main`), where the likeness to the
references is not cut off at 0; here it is nowhere below. torch 2.15, transformers 5.24, Pillow 12, float64 behind the image's resizing; seed 9.
"""
import json
import pathlib
import shutil

import numpy
import torch
from PIL import Image
from tokenizers import Tokenizer
from transformers import CLIPConfig, CLIPImageProcessorPil, CLIPModel

HERE = pathlib.Path(__file__).parent
SEED = 9
OUT = HERE / "clipscore"
PHOTOS = ["square.jpg", "tall.jpg", "wide.jpg"]
CAPTIONS = [
    ("a red square", ["a square that is red", "a red box", "something else"]), ("two dogs run in the grass", ["dogs run"]),
    ("", ["a man", "a man with a hat"]), ("a photo of a photo", ["a photo", "A photo depicts a photo of a photo"]),
    ("a man with a very long beard and a hat and a coat and a dog and a cat and two birds", ["a man with a hat", "a cat"])]


def model(tokenizer):
    torch.manual_seed(SEED)
    sizes = dict(hidden_size=16, intermediate_size=24, num_hidden_layers=1, num_attention_heads=2)
    config = CLIPConfig(
        text_config=dict(vocab_size=tokenizer.get_vocab_size(), max_position_embeddings=64, projection_dim=8,
                         bos_token_id=tokenizer.token_to_id("<|startoftext|>"),
                         eos_token_id=tokenizer.token_to_id("<|endoftext|>"), **sizes),
        vision_config=dict(image_size=32, patch_size=8, projection_dim=8, **sizes), projection_dim=8)
    made = CLIPModel(config).eval()
    for name, parameter in made.named_parameters():
        with torch.no_grad():
            if parameter.ndim > 1: parameter.normal_(0, 0.8)
    return made


def main():
    OUT.mkdir(exist_ok=True)
    shutil.copy(HERE / "tokenization/tiny-tokenizer.json", OUT / "tokenizer.json")
    tokenizer = Tokenizer.from_file(str(OUT / "tokenizer.json"))
    clip = model(tokenizer)
    clip.save_pretrained(OUT)
    processor = CLIPImageProcessorPil(size={"shortest_edge": 32}, crop_size={"height": 32, "width": 32})
    processor.save_pretrained(OUT)
    clip.double()
    tokenizer.enable_truncation(64)
    end = tokenizer.token_to_id("<|endoftext|>")

    def texts(strings):
        rows = []
        for string in strings:
            ids = torch.tensor([tokenizer.encode("A photo depicts " + string).ids])
            assert ids[0, -1] == end
            rows.append(clip.text_projection(clip.text_model(ids).pooler_output)[0])
        features = torch.stack(rows).detach().numpy()
        return features / numpy.sqrt(numpy.sum(features ** 2, axis=1, keepdims=True))

    rows = []
    for number, (caption, references) in enumerate(CAPTIONS):
        photo = PHOTOS[number % len(PHOTOS)]
        pixels = processor([Image.open(HERE / "predictions" / photo).convert("RGB")], return_tensors="pt")["pixel_values"]
        image = clip.visual_projection(clip.vision_model(pixels.double()).pooler_output).detach().numpy()
        image = image / numpy.sqrt(numpy.sum(image ** 2, axis=1, keepdims=True))
        candidate, known = texts([caption]), texts(references)
        cosine = numpy.sum(image * candidate, axis=1)[0]
        score = 2.5 * numpy.clip(cosine, 0, None)
        likeness = numpy.max(candidate @ known.T)
        assert likeness > 0
        both = 2 * score * likeness / (score + likeness)
        rows.append({"photo": photo, "caption": caption, "references": references, "cosine": float(cosine), "score": float(score),
                     "likeness": float(likeness), "reference_score": float(both)})
    (OUT / "expected.json").write_text("[\n" + ",\n".join(json.dumps(row) for row in rows) + "\n]\n")
    for row in rows: print(row["cosine"], row["score"], row["likeness"], row["reference_score"])


if __name__ == "__main__":
    main()
