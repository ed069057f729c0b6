"""WAV files to AST's normalised bands with transformers' feature extractor, on one thread. One line of JSON.

    python clip_loader.py FOLDER [--count 500]

Samples are brought to 16 kHz by scipy where they have another rate; files are read by Python's own wave module (16-bit PCM).
"""
import argparse
import io
import json
import time
import wave
from pathlib import Path

import numpy
import torch
from scipy.signal import resample_poly
from transformers import ASTFeatureExtractor

parser = argparse.ArgumentParser()
parser.add_argument("folder")
parser.add_argument("--count", type=int, default=500)
options = parser.parse_args()

torch.set_num_threads(1)
extract = ASTFeatureExtractor()
stored = [path.read_bytes() for path in sorted(Path(options.folder).rglob("*.wav"))[: options.count]]


def samples(data):
    with wave.open(io.BytesIO(data)) as sound:
        rate, channels = sound.getframerate(), sound.getnchannels()
        values = numpy.frombuffer(sound.readframes(sound.getnframes()), numpy.int16).reshape(-1, channels)
    values = values.mean(axis=1).astype(numpy.float32) / 32768
    return values if rate == 16000 else resample_poly(values, 16000, rate)


best = float("inf")
for _ in range(2):
    start = time.perf_counter()
    for data in stored:
        extract(samples(data), sampling_rate=16000, return_tensors="np")
    best = min(best, time.perf_counter() - start)
print(json.dumps({"peer": "transformers' ASTFeatureExtractor", "clips_per_second": len(stored) / best}))
