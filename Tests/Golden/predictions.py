"""What transformers answers and fills in: python predictions.py

Writes predictions/answers and predictions/words, a ViltForQuestionAnswering and a ViltForMaskedLM with random weights as
save_pretrained leaves them, with their processor; photos of three shapes as JPEG files; and expected.json: of each photo and each
question or text the logits, and the three likeliest answers as the pipeline for visual questions told them, which transformers 5 has
no more: by the sigmoid of each logit. Photos and texts go one by one through ViltProcessor, so
that nothing is padded. Seed 21, torch 2.15.0, transformers 5.24.0, Pillow 12.
"""
import json
import pathlib
import shutil

import numpy
import torch
from PIL import Image
from transformers import BertTokenizer, ViltConfig, ViltForMaskedLM, ViltForQuestionAnswering, ViltProcessor
from transformers.models.vilt.image_processing_pil_vilt import ViltImageProcessorPil

HERE = pathlib.Path(__file__).parent / "predictions"
ANSWERS = ["yes", "no", "2", "a red bus", "café", "on the \"left\"", "snow"]
WORDS = """[PAD] [UNK] [CLS] [SEP] [MASK] a the of on two how many what is are there dog dogs cat cats red bus snow beach color
? , . ##s ##ing run walk in""".split()
QUESTIONS = ["How many dogs are there?", "what color is the bus, the red bus?"]
TEXTS = ["two [MASK] on the [MASK].", "A dog is [MASK] in the snow"]
SIZES = {"wide.jpg": (90, 50), "tall.jpg": (41, 160), "square.jpg": (64, 64)}


def write_photos(random):
    for name, (width, height) in SIZES.items():
        coarse = random.integers(0, 256, (max(2, height // 12), max(2, width // 12), 3), dtype=numpy.uint8)
        Image.fromarray(coarse).resize((width, height), Image.BICUBIC).save(HERE / name, quality=92)


def processor():
    tokenizer = BertTokenizer(vocab={word: number for number, word in enumerate(WORDS)}, do_lower_case=True)
    assert tokenizer("Two dogs [MASK].")["input_ids"] == [2, 9, 17, 4, 27, 3]
    return ViltProcessor(ViltImageProcessorPil(size={"shortest_edge": 32}, size_divisor=8), tokenizer)


def made(kind, **more):
    config = ViltConfig(
        vocab_size=len(WORDS), max_position_embeddings=16, hidden_size=24, num_hidden_layers=2, num_attention_heads=3,
        intermediate_size=32, image_size=32, patch_size=8, **more)
    model = kind(config).eval()
    generator = torch.Generator().manual_seed(21)
    with torch.no_grad():
        for name, array in sorted(model.named_parameters()):
            noise = torch.randn(array.shape, generator=generator)
            array.copy_(1 + 0.1 * noise if "norm" in name.lower() and name.endswith("weight") else 0.3 * noise)
    return model


def logits(model, processor, photo, text):
    inputs = processor(Image.open(HERE / photo).convert("RGB"), text, return_tensors="pt")
    with torch.no_grad():
        inputs["pixel_values"] = inputs["pixel_values"].double()
        return inputs["input_ids"][0], model.double()(**inputs).logits[0]


def answers(model, processor):
    found = []
    for photo in SIZES:
        for question in QUESTIONS:
            told = logits(model, processor, photo, question)[1]
            scores, numbers = told.sigmoid().topk(3)
            best = [{"answer": model.config.id2label[number.item()], "score": score.item()} for score, number in zip(scores, numbers)]
            found.append({"photo": photo, "text": question, "logits": [told.tolist()], "best": best})
    return found


def words(model, processor):
    found = []
    for photo in SIZES:
        for text in TEXTS:
            ids, all_logits = logits(model, processor, photo, text)
            masks = (ids == processor.tokenizer.mask_token_id).nonzero()[:, 0]
            found.append({"photo": photo, "text": text, "logits": all_logits[masks].tolist()})
    return found


def main():
    shutil.rmtree(HERE, ignore_errors=True)
    HERE.mkdir()
    write_photos(numpy.random.default_rng(21))
    ready = processor()
    torch.manual_seed(21)
    labels = dict(enumerate(ANSWERS))
    asked = made(ViltForQuestionAnswering, id2label=labels, label2id={label: number for number, label in labels.items()})
    hidden = made(ViltForMaskedLM)
    for name, model in (("answers", asked), ("words", hidden)):
        model.save_pretrained(HERE / name)
        ready.save_pretrained(HERE / name)
    expected = {"answers": answers(asked, ready), "words": words(hidden, ready)}
    (HERE / "expected.json").write_text(json.dumps(expected, indent=1) + "\n")


if __name__ == "__main__":
    main()
