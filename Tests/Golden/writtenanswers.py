"""What transformers answers in words of its own: python writtenanswers.py

Writes written-answers/: a BlipForQuestionAnswering with random weights as save_pretrained leaves it, with its processor, and expected.json:
of four questions about the photos of predictions/ what it writes (three beams of at most 10 tokens, to the likeliest text that there
is), Σ ln p of each answer of a short list and what it finds likeliest of a long one, as BLIP's program ranks answers: the 128 whose
first token is likeliest, then Σ ln p of all tokens, equal ones by their place; and the loss of the four with their annotators, each distinct answer weighted by its share,
without and with label smoothing, with the norm of its gradient. Questions go one by one, so that nothing is padded; all in float64. Seed 25, torch 2.15.0, transformers 5.24.0, Pillow 12.
"""
import json
import pathlib
import shutil

import torch
from PIL import Image
from transformers import BertTokenizer, BlipConfig, BlipForQuestionAnswering, BlipProcessor, BlipTextConfig, BlipVisionConfig
from transformers.models.blip.image_processing_pil_blip import BlipImageProcessorPil

HERE = pathlib.Path(__file__).parent / "written-answers"
PHOTOS = pathlib.Path(__file__).parent / "predictions"
WORDS = """[PAD] [UNK] [CLS] [SEP] [MASK] a the of on two how many what is are there dog dogs cat cats red bus snow beach color
? , . ##s ##ing run walk in yes no 2 3 blue green [DEC] [ENC]""".split()
START, STOP = WORDS.index("[DEC]"), WORDS.index("[SEP]")
# A photo, a question, what annotators say, and what an answer is compared with: normalised, unless four or more write the same.
ASKED = [
    ("square.jpg", "How many dogs are there?", ["2"] * 6 + ["Two", "3", "3", "a dog"], {"2": 0.7, "3": 0.2, "dog": 0.1}),
    ("tall.jpg", "what color is the bus, the red bus?", ["red", "Red.", "blue", "red bus"], {"red": 0.5, "blue": 0.25, "red bus": 0.25}),
    ("wide.jpg", "is there snow on the beach?", ["the snow"], {"snow": 1.0}),
    ("square.jpg", "what is on the beach?", ["a red bus"] * 4, {"a red bus": 1.0}),
]
SHORT = ["yes", "no", "2", "3", "red", "blue", "red bus", "snow on the beach", "dog", "dogs run", "green", "a cat"]
LONG = [f"{first} {second}" for first in "yes no 2 3 red blue green dog cat snow bus two run walk in of".split()
        for second in "dog cat snow beach bus red run walk in on".split()]


def processor():
    tokenizer = BertTokenizer(vocab={word: number for number, word in enumerate(WORDS)}, do_lower_case=True)
    assert tokenizer("Two dogs")["input_ids"] == [2, 9, 17, 3]
    return BlipProcessor(BlipImageProcessorPil(size={"height": 16, "width": 16}), tokenizer)


def made():
    sizes = dict(hidden_size=16, intermediate_size=24, num_hidden_layers=2, num_attention_heads=4)
    text = BlipTextConfig(
        vocab_size=len(WORDS), encoder_hidden_size=16, max_position_embeddings=14, bos_token_id=START, sep_token_id=STOP,
        pad_token_id=0, eos_token_id=2, **sizes)
    vision = BlipVisionConfig(image_size=16, patch_size=8, **sizes)
    model = BlipForQuestionAnswering(BlipConfig(
        text_config=text.to_dict(), vision_config=vision.to_dict(), image_text_hidden_size=6, projection_dim=24)).eval()
    generator = torch.Generator().manual_seed(25)
    with torch.no_grad():
        for name, array in sorted(model.named_parameters()):
            noise = torch.randn(array.shape, generator=generator)
            array.copy_(1 + 0.1 * noise if "norm" in name.lower() and name.endswith("weight") else 0.3 * noise)
        # Sharper, so that no two answers are equally likely; and answers are short.
        model.text_decoder.cls.predictions.transform.LayerNorm.weight.mul_(2)
        model.text_decoder.cls.predictions.bias[STOP] += 1.5
    return model


class Asked:
    """A question as the decoder sees it."""

    def __init__(self, model, processor, photo, question):
        self.model, self.tokenizer = model, processor.tokenizer
        self.inputs = processor(Image.open(PHOTOS / photo).convert("RGB"), question, return_tensors="pt")
        self.inputs["pixel_values"] = self.inputs["pixel_values"].double()
        seen = model.vision_model(self.inputs["pixel_values"]).last_hidden_state
        self.states = model.text_encoder(
            input_ids=self.inputs["input_ids"], encoder_hidden_states=seen, is_decoder=False)[0]

    def written(self):
        made = self.model.generate(
            input_ids=self.inputs["input_ids"], pixel_values=self.inputs["pixel_values"], max_length=10, num_beams=3,
            length_penalty=0.0, early_stopping="never")[0].tolist()
        ids = made[:made.index(STOP) + 1] if STOP in made else made
        log_probability = -self.costs(ids[1:]).sum().item()
        return {"ids": ids, "answer": self.tokenizer.decode(ids[1:], skip_special_tokens=True), "log_probability": log_probability}

    def costs(self, targets, smoothing=0.0):
        logits = self.model.text_decoder(
            input_ids=torch.tensor([[START] + targets[:-1]]), encoder_hidden_states=self.states).logits[0]
        return torch.nn.functional.cross_entropy(
            logits, torch.tensor(targets), reduction="none", label_smoothing=smoothing)

    def log_probability(self, answer): return -self.costs(self.ids(answer)).sum().item()

    def ids(self, answer): return self.tokenizer(answer)["input_ids"][1:]

    def likeliest(self, answers, most=128):
        first = self.model.text_decoder(input_ids=torch.tensor([[START]]), encoder_hidden_states=self.states).logits[0, 0]
        scores = [first[self.ids(answer)[0]].item() for answer in answers]
        chosen = sorted(range(len(answers)), key=lambda place: (-scores[place], place))[:most]
        place = min(chosen, key=lambda place: (-self.log_probability(answers[place]), place))
        return {"answer": answers[place], "log_probability": self.log_probability(answers[place])}


def loss(model, asked, smoothing):
    for parameter in model.parameters(): parameter.grad = None
    total = sum(share * question.costs(question.ids(answer), smoothing).sum()
                for question, (_, _, _, shares) in zip(asked, ASKED) for answer, share in shares.items()) / len(ASKED)
    total.backward(retain_graph=True)
    squares = sum((p.grad ** 2).sum() for p in model.parameters() if p.grad is not None)
    return {"smoothing": smoothing, "loss": total.item(), "gradient_norm": squares.sqrt().item()}


def main():
    shutil.rmtree(HERE, ignore_errors=True)
    HERE.mkdir()
    ready, model = processor(), made()
    model.save_pretrained(HERE / "answerer")
    ready.save_pretrained(HERE / "answerer")
    model.double()
    asked = [Asked(model, ready, photo, question) for photo, question, _, _ in ASKED]
    questions = [{
        "photo": photo, "question": question, "annotators": annotators, "written": one.written(),
        "short": [one.log_probability(answer) for answer in SHORT], "long": one.likeliest(LONG),
        "short_list": one.likeliest(SHORT),
        "exact": one.likeliest(LONG, len(LONG)),
    } for one, (photo, question, annotators, _) in zip(asked, ASKED)]
    expected = {"questions": questions, "short": SHORT, "long": LONG, "losses": [loss(model, asked, s) for s in (0.0, 0.1)]}
    (HERE / "expected.json").write_text(json.dumps(expected, indent=1) + "\n")
    for one in questions: print(one["written"], one["short_list"], one["long"], one["exact"])
    print(expected["losses"])


if __name__ == "__main__":
    main()
