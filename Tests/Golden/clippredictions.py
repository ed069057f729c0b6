"""What transformers says of sound files, from the file to probabilities: python clippredictions.py

Writes ast-classes/{short,whole,long}.wav, 16-bit sounds at 16 kHz of which the extractor pads the first and cuts the last, and
ast-classes/predictions.json with the logits that `ASTForAudioClassification` has of what `ASTFeatureExtractor` makes of them, their softmax
and their sigmoids. The weights are those of clips.py, computed with in float64; the sounds are drawn by seed 67. torch 2.15.0,
transformers 5.24.0, soundfile 0.14.0, NumPy 2.4.6.
"""
import json
from pathlib import Path

import numpy
import soundfile
import torch
from transformers import ASTFeatureExtractor, ASTForAudioClassification

CLASSES = Path(__file__).parent / "ast-classes"
RATE = 16_000
# The extractor makes 42 frames of 25 ms, every 10 ms.
SAMPLES = {"short": 3_333, "whole": 6_960, "long": 11_000}


def main():
    random = numpy.random.default_rng(67)
    model = ASTForAudioClassification.from_pretrained(CLASSES).double().eval()
    extractor = ASTFeatureExtractor.from_pretrained(CLASSES)
    told = []
    for number, (name, count) in enumerate(SAMPLES.items()):
        time = numpy.arange(count) / RATE
        sound = 0.4 * numpy.sin(2 * numpy.pi * (200 + 700 * number + 2_000 * time) * time) * numpy.exp(-2 * time)
        path = CLASSES / f"{name}.wav"
        soundfile.write(path, sound + 0.02 * random.standard_normal(count), RATE, subtype="PCM_16")
        samples, rate = soundfile.read(path, dtype="float32")
        rows = extractor(samples, sampling_rate=rate, return_tensors="np")["input_values"]
        with torch.no_grad():
            logits = model(input_values=torch.from_numpy(rows).double()).logits[0]
        told.append({
            "name": name, "logits": logits.tolist(), "softmax": logits.softmax(-1).tolist(), "sigmoid": logits.sigmoid().tolist()})
    (CLASSES / "predictions.json").write_text(json.dumps(told, indent=1) + "\n")


if __name__ == "__main__":
    torch.set_num_threads(1)
    main()
