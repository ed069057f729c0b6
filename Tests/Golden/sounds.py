"""Makes sounds.json and sounds.safetensors: sound files and what is decoded from them, resampled sound, spectrograms in bands.

    python Tests/Golden/sounds.py

Made with soundfile 0.14.0 (libsndfile 1.2.2), torch 2.15.0, torchaudio 2.11.1, transformers 5.24.0 (its NumPy path), seed 20261123.
Sounds are gliding sines, steps in loudness and noise.

    python Tests/Golden/sounds.py --compare FOLDER CLIPS…

writes to FOLDER, of each clip, what these libraries decode (NAME.decoded), make of it at 16 kHz (NAME.resampled) and tell of that
(NAME.bands), as raw fp32, for `mmtrain` to be held against: see SoundComparisonTests.
"""
import base64, io, json, sys
from pathlib import Path

import numpy, soundfile, torch, torchaudio, transformers
from transformers import ASTFeatureExtractor, ClapFeatureExtractor
from transformers.audio_utils import mel_filter_bank, spectrogram, window_function
from transformers.models.audio_spectrogram_transformer import feature_extraction_audio_spectrogram_transformer as ast

import goldenfile

HERE = Path(__file__).parent
ast.is_speech_available = lambda: False  # the NumPy path, in float64

RATES = [
    (8000, 16000), (11025, 16000), (12000, 16000), (22050, 16000), (24000, 16000), (32000, 16000), (44100, 16000),
    (48000, 16000), (96000, 16000), (192000, 16000), (16000, 48000), (44100, 48000), (16000, 8000), (8000, 11025),
    (16000, 22050), (22050, 44100), (1000, 16000), (16001, 16000), (384000, 16000), (44100, 32000),
]


def sound(name, rate, count, channels=1):
    noise = torch.randn(count, channels, generator=goldenfile.generator(name), dtype=torch.float64).numpy()
    time = numpy.arange(count)[:, None] / rate
    loudness = 0.3 * (1 + numpy.sign(numpy.sin(2 * numpy.pi * time * 9))) / 2 + 0.02
    glide = numpy.sin(2 * numpy.pi * (rate / 40 * time + rate * time**2) + numpy.arange(channels))
    return numpy.clip(loudness * glide + 0.01 * noise, -0.99, 0.99)


def text(array):
    return base64.b64encode(numpy.asarray(array, dtype="<f4").tobytes()).decode()


def decoded(data):
    samples, rate = soundfile.read(io.BytesIO(data), dtype="float32", always_2d=True)
    return samples.mean(axis=1, dtype=numpy.float32), rate


def files():
    kinds = [("WAV", s) for s in ("PCM_U8", "PCM_16", "PCM_24", "PCM_32", "FLOAT", "DOUBLE", "ULAW", "ALAW", "IMA_ADPCM", "MS_ADPCM")]
    kinds += [("WAVEX", "PCM_16"), ("RF64", "PCM_16"), ("FLAC", "PCM_S8"), ("FLAC", "PCM_16"), ("FLAC", "PCM_24")]
    kinds += [("OGG", "VORBIS"), ("OGG", "OPUS"), ("MP3", "MPEG_LAYER_III")]
    cases = []
    for number, (container, coding) in enumerate(kinds):
        rate = [8000, 16000, 48000][number % 3] if coding != "OPUS" else 48000
        channels = 1 if coding in ("MS_ADPCM", "IMA_ADPCM") else [1, 2, 6][number % 3] if container in ("WAV", "WAVEX", "FLAC") else number % 2 + 1
        name = f"{container.lower()}-{coding.lower()}"
        target = io.BytesIO()
        soundfile.write(target, sound(name, rate, 400 if container in ("WAV", "FLAC", "WAVEX") else 1500, channels), rate, format=container, subtype=coding)
        samples, rate = decoded(target.getvalue())
        cases.append({
            "name": name, "file": base64.b64encode(target.getvalue()).decode(), "rate": int(rate), "channels": channels,
            "samples": text(samples),
        })
    return cases


def resampled(samples, old, new):
    """In fp64: in fp32 torchaudio rounds the places at which it takes its kernel, and is off by up to 1e-5."""
    return torchaudio.functional.resample(torch.as_tensor(samples, dtype=torch.float64), old, new)


def ast_rows(samples, bands=128):
    extractor = ASTFeatureExtractor(num_mel_bins=bands, max_length=1024)
    return extractor._extract_fbank_features(numpy.asarray(samples, dtype=numpy.float32), max_length=1 + (len(samples) - 400) // 160)


def clap_rows(samples, truncation):
    extractor = ClapFeatureExtractor(frequency_min=50, truncation=truncation)
    filters = extractor.mel_filters if truncation == "fusion" else extractor.mel_filters_slaney
    return extractor._np_extract_fbank_features(numpy.asarray(samples, dtype=numpy.float32), filters)


def kaldi_rows(samples, rate):
    """Kaldi's own window, in fp32."""
    wave = torch.as_tensor(samples, dtype=torch.float32)[None]
    return torchaudio.compliance.kaldi.fbank(wave, sample_frequency=rate, num_mel_bins=23, dither=0.0, window_type="povey")


def golden():
    tensors = {}
    for old, new in RATES:
        wave = sound(f"resample {old} {new}", old, 700).astype(numpy.float32)[:, 0]
        tensors[f"resample.{old}.{new}.input"] = wave
        tensors[f"resample.{old}.{new}.output"] = resampled(wave, old, new)
    wave = sound("ast", 16000, 6000).astype(numpy.float32)[:, 0]
    wave[3000:4500] *= 1e-4
    tensors["bands.wave"] = wave
    tensors["bands.ast"] = ast_rows(wave)
    tensors["bands.ast32"] = ast_rows(wave, 32)
    tensors["bands.kaldi"] = kaldi_rows(wave, 16000)
    wide = sound("clap", 48000, 6000).astype(numpy.float32)[:, 0]
    tensors["bands.wide"] = wide
    tensors["bands.clap"] = clap_rows(wide, "rand_trunc")
    tensors["bands.fusion"] = clap_rows(wide, "fusion")
    more = {"torchaudio": torchaudio.__version__, "transformers": transformers.__version__, "soundfile": soundfile.__version__}
    goldenfile.write(HERE / "sounds.safetensors", tensors, goldenfile.metadata("sounds.py", **more))
    (HERE / "sounds.json").write_text(json.dumps({"files": files()}, indent=1) + "\n")


def compare(folder, clips):
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    for clip in clips:
        samples, rate = decoded(Path(clip).read_bytes())
        wave = resampled(samples, rate, 16000).numpy()
        name = folder / Path(clip).name
        for ending, array in (("decoded", samples), ("resampled", wave), ("bands", ast_rows(wave))):
            Path(f"{name}.{ending}").write_bytes(numpy.asarray(array, dtype="<f4").tobytes())
        Path(name).write_bytes(Path(clip).read_bytes())


if __name__ == "__main__":
    if sys.argv[1:2] == ["--compare"]:
        compare(sys.argv[2], sys.argv[3:])
    else:
        golden()
