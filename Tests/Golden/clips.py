"""Audio spectrogram transformers, as transformers computes them: python clips.py

Writes ast-tiny/ with config.json, preprocessor_config.json and model.safetensors as `save_pretrained` makes them (transformers 5.24.0,
torch 2.15.0, safetensors 0.8.0, NumPy 2.4.6; the seed is goldenfile's) and golden.safetensors: of clips of several lengths the states,
what stands for each, and gradients; positions brought to longer clips, and states with these.

transformers takes clips of one length alone. So each is read here by a model of its length, which has the first positions of each line
of patches; a clip that is shorter than a patch is followed by zeros. Longer clips have positions between these, as AST's authors make
them (`torch.nn.functional.interpolate`, bilinear).

ast-classes/ is another one with a head of three classes, and in case.safetensors, under the names of docs/verification.md, what it makes
of a sound: rows of bands as `ASTFeatureExtractor` makes and pads them, embedded tokens, states, logits, loss and gradients.

Everything is computed in float64 from the fp32 weights, without dropout; weights are drawn as in towers.py.
"""
from pathlib import Path

import numpy
import torch
import transformers
from transformers import ASTConfig, ASTFeatureExtractor, ASTForAudioClassification, ASTModel

import goldenfile
from towers import contrastive, draw_weights, saved, saved_gradients

DIRECTORY = Path(__file__).parent / "ast-tiny"
CLASSES = Path(__file__).parent / "ast-classes"
SIZES = dict(
    hidden_size=24, num_hidden_layers=2, num_attention_heads=4, intermediate_size=40, patch_size=6, num_mel_bins=18,
    frequency_stride=4, time_stride=5)
PATCH, LINES, TIME = 6, 4, 5
FRAMES, LONGER = 36, 61
CLIPS = [36, 11, 3, 25, 1, 24]


def columns(frames):
    """Patches along so many frames."""
    return max(0, frames - PATCH) // TIME + 1


def cut(positions, count):
    """The first positions of each line."""
    lines = positions[:, 2:].reshape(1, LINES, -1, positions.shape[-1])[:, :, :count]
    return torch.cat([positions[:, :2], lines.flatten(1, 2)], 1)


def stretched(positions, count):
    lines = positions[:, 2:].reshape(1, LINES, -1, positions.shape[-1]).permute(0, 3, 1, 2)
    made = torch.nn.functional.interpolate(lines, size=(LINES, count), mode="bilinear")
    return torch.cat([positions[:, :2], made.permute(0, 2, 3, 1).flatten(1, 2)], 1)


def states(model, clip, positions):
    """[frames, bands] → [tokens, width], with these positions in the place of the model's."""
    rows = torch.cat([clip, clip.new_zeros(max(0, PATCH - len(clip)), clip.shape[1])])[None]
    tokens = model.embeddings.patch_embeddings(rows)
    whole = torch.cat([model.embeddings.cls_token, model.embeddings.distillation_token], 1)
    made = torch.cat([whole, tokens], 1) + positions
    for layer in model.layers:
        made = layer(made, None)
    return model.layernorm(made)[0]


def write_classes():
    random = goldenfile.generator("ast-classes/sound")
    model = ASTForAudioClassification(ASTConfig(
        **SIZES, max_length=42, id2label={0: "a dog", 1: "rain", 2: "a clock"}, label2id={"a dog": 0, "rain": 1, "a clock": 2}))
    draw_weights(model, "ast-classes")
    model = saved(model, CLASSES)
    extractor = ASTFeatureExtractor(num_mel_bins=18, max_length=42)
    extractor.save_pretrained(CLASSES)
    time = torch.arange(6400) / 16_000
    sound = sum(0.2 * torch.sin(2 * torch.pi * (300 * k + 900 * k * time) * time) for k in (1, 2, 3))
    sound = (sound + 0.02 * torch.randn(6400, generator=random)).numpy().astype(numpy.float32)
    features = torch.from_numpy(extractor(sound, sampling_rate=16_000, return_tensors="np")["input_values"]).float()
    label, cotangent = torch.tensor([1]), torch.randn(1, 24, generator=random)
    tower = model.audio_spectrogram_transformer
    made = tower(input_values=features.double())
    logits = model.classifier(made.pooler_output)
    assert (logits - model(input_values=features.double()).logits).abs().max() < 1e-12
    loss = torch.nn.functional.cross_entropy(logits, label)
    total = loss + (made.pooler_output * cotangent.double()).sum()
    model.zero_grad()
    total.backward()
    tensors = {
        "input.waveform": torch.from_numpy(sound), "input.features": features, "input.label": label,
        "input.cotangent": cotangent, "output.embedding": tower.embeddings(features.double()),
        "output.states": made.last_hidden_state, "output.pooled": made.pooler_output, "output.logits": logits,
        "loss.classification": loss, "loss.total": total}
    tensors |= {f"gradient.{key}": value for key, value in saved_gradients(model).items()}
    goldenfile.write(
        CLASSES / "case.safetensors", tensors, goldenfile.metadata("clips.py", transformers=transformers.__version__))


def main():
    random = goldenfile.generator("ast-tiny/clips")
    model = ASTModel(ASTConfig(**SIZES, max_length=FRAMES))
    draw_weights(model, "ast-tiny")
    model = saved(model, DIRECTORY)
    ASTFeatureExtractor(num_mel_bins=18, max_length=FRAMES).save_pretrained(DIRECTORY)
    positions = model.embeddings.position_embeddings
    clips = [torch.randn(frames, 18, generator=random).double() for frames in CLIPS]
    others = torch.randn(len(CLIPS), 24, generator=random).double()
    made = [states(model, clip, cut(positions, columns(len(clip)))) for clip in clips]
    # The longest is as long as the model takes clips: here transformers itself says whether the above is what it computes.
    whole = model(input_values=clips[0][None])
    assert (whole.last_hidden_state[0] - made[0]).abs().max() < 1e-12
    assert (whole.pooler_output[0] - made[0][:2].mean(0)).abs().max() < 1e-12
    pooled = torch.stack([each[:2].mean(0) for each in made])
    loss = contrastive(pooled, others)
    model.zero_grad()
    loss.backward()
    longer = torch.randn(LONGER, 18, generator=random).double()
    wide = stretched(positions.detach(), columns(LONGER))
    tensors = dict(
        rows=torch.cat(clips), offsets=torch.tensor([0] + CLIPS).cumsum(0), others=others, states=torch.cat(made),
        pooled=pooled, loss=loss, longer=longer, longer_positions=wide, longer_states=states(model, longer, wide))
    tensors |= {f"gradient/{key}": value for key, value in saved_gradients(model).items()}
    goldenfile.write(
        DIRECTORY / "golden.safetensors", tensors, goldenfile.metadata("clips.py", transformers=transformers.__version__))


if __name__ == "__main__":
    torch.set_num_threads(1)
    main()
    write_classes()
