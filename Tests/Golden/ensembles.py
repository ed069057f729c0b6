"""The mean of several models' probabilities, and at a temperature: python ensembles.py

Writes ensembles.json: logits of three members [members, samples, classes], among them such as are far from 0; the mean of their softmaxes
and of their sigmoids by NumPy in float64; and the softmax of log(mean) / T. Seed 31, NumPy 2.
"""
import json
import pathlib

import numpy


def softmax(logits):
    powers = numpy.exp(logits - logits.max(-1, keepdims=True))
    return powers / powers.sum(-1, keepdims=True)


def main():
    random = numpy.random.default_rng(31)
    logits = (3 * random.standard_normal((3, 6, 5))).astype(numpy.float32)
    logits[:, 4] *= 20
    logits[1, 5] = [60, -60, 0, 0, 1]
    wide = logits.astype(numpy.float64)
    mean = softmax(wide).mean(0)
    told = {
        "logits": logits.tolist(), "softmax": mean.tolist(), "sigmoid": (1 / (1 + numpy.exp(-wide))).mean(0).tolist(),
        "temperature": 1.7, "tempered": softmax(numpy.log(mean) / 1.7).tolist(),
    }
    path = pathlib.Path(__file__).parent / "ensembles.json"
    path.write_text(json.dumps(told) + "\n")


main()
