"""What models of regions answer about photos whose patches are their regions: python answers.py

Writes answers/uniter and answers/vilbert: config.json with id2label and an image tower of patches, model.safetensors of random weights, the
tokenizer of predictions.py; and answers/expected.json: of each photo of predictions/ and each question the logits. The models are those of
uniter.py and vilbert.py, and ViLBERT's questions have its authors' token of VQA, task 1. Photos are squashed by Pillow's bicubic
filter. In float64. Seed 29, torch 2.15.0, transformers 5.24.0, Pillow 12.
"""
import json

import numpy
import torch
import torch.nn.functional as F
from PIL import Image
from safetensors.torch import save_file

import predictions
import uniter
import vilbert

HERE = uniter.HERE / "answers"
SIDE, PATCH, FEATURES = 32, 8, 10
LABELS = ["yes", "no", "two", "a red bus", "café"]
SIZES = {
    "vocab_size": len(predictions.WORDS), "max_position_embeddings": 16,
    "vision_config": {"model_type": "patches", "image_size": SIDE, "patch_size": PATCH, "hidden_size": FEATURES},
    "id2label": {str(number): label for number, label in enumerate(LABELS)},
    "label2id": {label: number for number, label in enumerate(LABELS)},
}
CONFIGS = {
    "uniter": uniter.CONFIG | {"img_dim": FEATURES, "num_answer": len(LABELS)} | SIZES,
    "vilbert": vilbert.CONFIG | {"v_feature_size": FEATURES, "num_labels": len(LABELS), "task_tokens": vilbert.TASKS} | SIZES,
}
VQA = 1


def tower(random):
    shapes = {
        "patch_embeddings.projection.weight": (FEATURES, 3, PATCH, PATCH), "patch_embeddings.projection.bias": (FEATURES,),
        "position_embeddings.weight": ((SIDE // PATCH) ** 2, FEATURES),
    }
    return {"vision_model." + name: 0.3 * torch.randn(shape, generator=random) for name, shape in shapes.items()}


def regions(weights, photo):
    """Patches row by row, and the part of the photo that each is."""
    picture = Image.open(uniter.HERE / "predictions" / photo).convert("RGB").resize((SIDE, SIDE), Image.BICUBIC)
    pixels = torch.from_numpy(numpy.asarray(picture).copy()).double().permute(2, 0, 1) / 255 * 2 - 1
    place = "vision_model."
    projected = F.conv2d(
        pixels[None], weights[place + "patch_embeddings.projection.weight"], weights[place + "patch_embeddings.projection.bias"],
        stride=PATCH)
    edges = torch.arange(SIDE // PATCH + 1).double() * PATCH / SIDE
    boxes = [[edges[x], edges[y], edges[x + 1], edges[y + 1]] for y in range(len(edges) - 1) for x in range(len(edges) - 1)]
    return projected[0].flatten(1).T + weights[place + "position_embeddings.weight"], torch.tensor(boxes).double()


def ask_uniter(weights, ids, features, boxes):
    left, top, right, bottom = boxes.T
    numbers = torch.stack([left, top, right, bottom, right - left, bottom - top, (right - left) * (bottom - top)], 1)
    model = uniter.UNITER(CONFIGS["uniter"], weights)
    text = model.pair(ids, features, numbers, torch.zeros(len(boxes), dtype=torch.bool))[2]
    return model.perceptron("vqa_output.", model.pooled(text), "3")


def ask_vilbert(weights, ids, features, boxes):
    model = vilbert.ViLBERT(CONFIGS["vilbert"], weights)
    made = vilbert.run(model, [ids], [torch.zeros_like(ids)], [features], [boxes], [VQA])[0]
    return model.answers("vil_prediction", made["pooled"])


def main():
    random = torch.Generator().manual_seed(29)
    weights = {
        "uniter": uniter.draw(CONFIGS["uniter"], random),
        "vilbert": {name: vilbert.draw(random, name, shape) for name, shape in vilbert.shapes(CONFIGS["vilbert"]).items()},
    }
    tokenizer, expected = predictions.processor().tokenizer, {}
    for name, ask in (("uniter", ask_uniter), ("vilbert", ask_vilbert)):
        (HERE / name).mkdir(parents=True, exist_ok=True)
        own = weights[name] | tower(random)
        (HERE / name / "config.json").write_text(json.dumps(CONFIGS[name], indent=2) + "\n")
        save_file(own, HERE / name / "model.safetensors", metadata={"format": "pt"})
        (HERE / name / "model.safetensors").chmod(0o644)
        tokenizer.save_pretrained(HERE / name)
        own = {key: value.double() for key, value in own.items()}
        expected[name] = [
            {"photo": photo, "text": question,
             "logits": [ask(own, torch.tensor(tokenizer(question)["input_ids"]), *regions(own, photo)).tolist()]}
            for photo in predictions.SIZES for question in predictions.QUESTIONS]
    (HERE / "expected.json").write_text(json.dumps(expected, indent=1) + "\n")


if __name__ == "__main__":
    torch.set_num_threads(1)
    main()
