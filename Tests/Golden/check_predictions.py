"""Whether mmtrain predict says of photos what transformers says, at ViLT's own size: python check_predictions.py make DIRECTORY
[TOKENIZER_DIRECTORY] writes DIRECTORY/answers and DIRECTORY/words, ViLT-B/32 with random weights of seed 21 and ViltImageProcessor;

    mmtrain predict --model DIRECTORY/answers --image PHOTO… --question TEXT… --top 1000 --json > answers.json
    mmtrain predict --model DIRECTORY/words --image PHOTO… --text TEXT… --top 1000 --json > words.json
    python check_predictions.py compare DIRECTORY answers.json words.json

prints the largest difference of a logit, as a share of the largest, and whether the likeliest are the same in the same order.
torch 2.15.0, transformers 5.24.0, Pillow 12.
"""
import json
import sys

import torch
from PIL import Image
from transformers import AutoTokenizer, ViltConfig, ViltForMaskedLM, ViltForQuestionAnswering, ViltProcessor
from transformers.models.vilt.image_processing_pil_vilt import ViltImageProcessorPil


def make(directory, tokenizer):
    processor = ViltProcessor(ViltImageProcessorPil(), AutoTokenizer.from_pretrained(tokenizer))
    labels = {number: f"answer {number}" for number in range(3129)}
    torch.manual_seed(21)
    for name, kind, more in (("answers", ViltForQuestionAnswering, {"id2label": labels,
                              "label2id": {label: number for number, label in labels.items()}}), ("words", ViltForMaskedLM, {})):
        model = kind(ViltConfig(vocab_size=len(processor.tokenizer), **more))
        with torch.no_grad():
            for array in model.parameters():
                if array.dim() > 1: array.normal_(0, 0.04)
        model.save_pretrained(f"{directory}/{name}")
        processor.save_pretrained(f"{directory}/{name}")


def compare(directory, *files):
    for name, kind, file in zip(("answers", "words"), (ViltForQuestionAnswering, ViltForMaskedLM), files):
        model, processor = kind.from_pretrained(f"{directory}/{name}").eval(), ViltProcessor(
            ViltImageProcessorPil(), AutoTokenizer.from_pretrained(f"{directory}/{name}"))
        worst, same, count = 0, 0, 0
        for image in json.load(open(file))["images"]:
            photo = Image.open(image["name"]).convert("RGB")
            for told in image["predictions"]:
                inputs = processor(photo, told.get("question") or told.get("text"), return_tensors="pt")
                with torch.no_grad():
                    logits = model(**inputs).logits[0]
                masks = (inputs["input_ids"][0] == processor.tokenizer.convert_tokens_to_ids("[MASK]")).nonzero()[:, 0]
                for wanted, found in zip(logits[masks] if name == "words" else [logits], told.get("masks") or [told["answers"]]):
                    numbers = torch.tensor([choice["number"] for choice in found])
                    ours = torch.tensor([choice["logit"] for choice in found])
                    worst = max(worst, ((ours - wanted[numbers]).abs().max() / wanted.abs().max()).item())
                    same += wanted.topk(5).indices.tolist() == numbers[:5].tolist()
                    count += 1
        print(f"{name}: largest difference {worst:.2g} of the largest logit; the same five in {same} of {count}")


if __name__ == "__main__":
    {"make": make, "compare": compare}[sys.argv[1]](*sys.argv[2:])
