"""Scores of captions by the evaluation of COCO's: python captions.py

Writes captions.json: `words` has captions and what Stanford's tokenizer makes of them, `sets` has captions with references and their BLEU-1 to
BLEU-4, ROUGE-L and CIDEr-D, the last two of each image too. The first two sets are the example of github.com/jmhessel/clipscore (MIT); the
others are drawn: some captions are empty, some references equal, some words in no reference. pycocoevalcap 1.2 with its
stanford-corenlp-3.4.1.jar, OpenJDK 17, seed 5. Needs Java; the tests read the file alone.
"""
import json
import pathlib
import random

from pycocoevalcap.bleu.bleu import Bleu
from pycocoevalcap.cider.cider import Cider
from pycocoevalcap.rouge.rouge import Rouge
from pycocoevalcap.tokenizer.ptbtokenizer import PTBTokenizer

HERE = pathlib.Path(__file__).parent

EXAMPLE = {
    "image1": ["two cats are sleeping next to each other.", "a grey cat is cuddling with an orange cat on a blanket.",
               "the orange cat is happy that the black cat is close to it."],
    "image2": ["a dog is wearing ear muffs as it lies on a carpet.",
               "a black dog and an orange cat are looking at the photographer.", "headphones are placed on a dogs ears."]}
GOOD = {
    "image1": "an orange cat and a grey cat are lying together.",
    "image2": "a black dog wearing headphones looks at the camera as an orange cat walks in the background."}
BAD = {
    "image1": "a calico cat and a white cat are lying together.",
    "image2": "a black dog wearing a hat looks at the camera as a tabby walks in the background."}

CAPTIONS = """\
A man's dog can't see the black/white t-shirt, and/or the U.S. flag (at 5.30 p.m.)...
The colour of the grey sky is grey; it cost $5.00 & 20% of 1,000 #1 @ home
cannot gonna wanna gotta gimme lemme 'tis 'twas don't won't they're I'll we've he'd I'm dogs' o'clock
"Hello", he said -- it's 10:30 or 10/20/2011 -- 1/2 cup; well-known state-of-the-art
Mr. Smith and Dr. Jones Jr. on St. Mary's st. etc. e.g. this i.e. that vs. them
he said 'yes' to 'em in the '90s and 1990's {braces} [brackets] 50 cents 3rd 2nd 5'10" tall
a boy,a girl;a man:woman a.b !? ?! ... wow!!! theatre centre travelling
café naïve – dash — em “quoted” ‘single’ it’s don’t … ½ £5 €6
Two young guys with shaggy hair look at their hands while hanging out in the yard .
A child is sliding down a slip 'n' slide .
A black dog and a tri-colored dog playing with each other on the road .
A man in an orange hat starring at something .
The man with pierced ears is wearing glasses and an orange hat .
Three people sit at an outdoor cafe , with a sign that says " Open 24 Hours " .
A rock'n roll band plays at the 4th of July fair in front of 1000's of people
Someone (a man ?) is riding a bike , a scooter , & a skateboard at once !
A boy wearing #7 runs past number 12 ; the score is 3-2 .
A 6-year-old girl , her mom , and her dad's friend wait for the No. 9 bus .
People , mostly women, are walking down a street , some with umbrella's .
Girls' shoes and a boys ' hat hang from a clothes-line .
an A.M. radio , a P.M. meeting , and 7 a.m. traffic
two dogs . they play
The dog 's leash is red and the cat isn't there .
a woman in a t - shirt
Dog jumping in mid-air ...
A sign reads : " STOP ! " -- so he stops
man/woman with his/her ice-cream
A couple sit on the grass with a baby and stroller.
it costs 3.50 , not 3,50 or 1,000,000 .""".split("\n")

WORDS = "a the man woman dog cat two red blue runs sits on in with park street ball and of near".split()


def tokenized(captions):
    """{image: [caption, …]} with the words of each between blanks."""
    return PTBTokenizer().tokenize({image: [{"caption": text} for text in texts] for image, texts in captions.items()})


def scored(captions, references):
    results = tokenized({image: [text] for image, text in captions.items()})
    truth = tokenized(references)
    bleu, _ = Bleu(4).compute_score(truth, results, verbose=0)
    rouge, rouges = Rouge().compute_score(truth, results)
    cider, ciders = Cider().compute_score(truth, results)
    return {
        "captions": list(captions.values()), "references": list(references.values()), "bleu": bleu,
        "rouge": float(rouge), "rouges": [float(score) for score in rouges],
        "cider": float(cider), "ciders": [float(score) for score in ciders]}


def drawn(source):
    def sentence(least):
        return " ".join(source.choice(WORDS) for _ in range(source.randint(least, 11)))
    images = range(source.randint(2, 6))
    references = {image: [sentence(1) for _ in range(source.randint(1, 4))] for image in images}
    captions = {}
    for image in images:
        kind = source.random()
        captions[image] = "x" if kind < 0.1 else source.choice(references[image]) if kind < 0.2 else sentence(1)
        if kind > 0.5:  # a reference with a word replaced
            words = source.choice(references[image]).split()
            words[source.randrange(len(words))] = source.choice(WORDS + ["zebra"])
            captions[image] = " ".join(words)
    return captions, references


def main():
    source = random.Random(5)
    words = tokenized({number: [text] for number, text in enumerate(CAPTIONS)})
    sets = [scored(GOOD, EXAMPLE), scored(BAD, EXAMPLE)] + [scored(*drawn(source)) for _ in range(60)]
    document = {
        "words": [{"caption": text, "words": words[number][0].split(" ")} for number, text in enumerate(CAPTIONS)],
        "sets": sets}
    lines = ",\n".join(json.dumps(one, ensure_ascii=False) for one in document["words"])
    more = ",\n".join(json.dumps(one, ensure_ascii=False) for one in sets)
    (HERE / "captions.json").write_text(f'{{"words": [\n{lines}\n],\n"sets": [\n{more}\n]}}\n')


if __name__ == "__main__":
    main()
