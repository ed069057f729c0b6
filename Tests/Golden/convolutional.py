"""Towers of convolutions as torchvision, timm and transformers compute them: python convolutional.py, which writes convolutional/.

Nothing of the weights is kept: every array is a formula of its name (`drawn`), which the tests compute too. Networks have
the libraries' own blocks at small widths. Everything after the weights is computed in float64. Of gradients two numbers an
array are kept: the product with a drawn array, and the length.
"""
import hashlib
import sys
import zlib
from functools import partial
from pathlib import Path

import numpy
import timm
import torch
import torch.nn.functional as F
import torchvision
import transformers
from timm.models._efficientnet_builder import decode_arch_def
from timm.models.efficientnet import EfficientNet
from torch import nn
from torchvision.models import resnet

import goldenfile

HERE = Path(__file__).parent / "convolutional"
IMAGE, BATCH, STEPS, CURVE_BATCH = 44, 3, 20, 8
DEPTHS, STEM, PLANES = (2, 1, 1, 1), 8, (8, 12, 16, 20)


def drawn(name, shape):
    """Numbers from -1 to 1 that both languages compute: SplitMix64 (Steele et al., 2014) from the name's CRC-32."""
    count = int(numpy.prod(shape))
    with numpy.errstate(over="ignore"):
        z = numpy.uint64(zlib.crc32(name.encode()) << 32) + numpy.arange(1, count + 1, dtype=numpy.uint64) * numpy.uint64(0x9E3779B97F4A7C15)
        z = (z ^ (z >> numpy.uint64(30))) * numpy.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> numpy.uint64(27))) * numpy.uint64(0x94D049BB133111EB)
        z = z ^ (z >> numpy.uint64(31))
    values = (z >> numpy.uint64(40)).astype(numpy.float32) / numpy.float32(2**23) - numpy.float32(1)
    return torch.from_numpy(values).reshape(shape)


def array(name, shape):
    """The weights of a name: of ReLU's usual size, statistics and scales around theirs."""
    u = drawn(name, shape)
    if name.endswith("running_var") or len(shape) == 1 and name.endswith("weight"):
        return 1 + u * 0.5
    if len(shape) == 1:
        return u * 0.25
    return u * numpy.float32((6 / numpy.prod(shape[1:])) ** 0.5)


def fill(model, name_of=lambda key: key):
    state = model.state_dict()
    for key, value in state.items():
        if not key.endswith("num_batches_tracked"):
            value.copy_(array(name_of(key), tuple(value.shape)))
    return model.double().eval()


# The libraries' networks at small widths


class SmallResNet(resnet.ResNet):
    """torchvision's own blocks, stages and forward pass; only the widths are others."""

    def __init__(self, block):
        nn.Module.__init__(self)
        self._norm_layer, self.inplanes, self.dilation, self.groups, self.base_width = nn.BatchNorm2d, STEM, 1, 1, 64
        self.conv1 = nn.Conv2d(3, STEM, kernel_size=7, stride=2, padding=3, bias=False)
        self.bn1, self.relu = nn.BatchNorm2d(STEM), nn.ReLU(inplace=True)
        self.maxpool = nn.MaxPool2d(kernel_size=3, stride=2, padding=1)
        self.layer1 = self._make_layer(block, PLANES[0], DEPTHS[0])
        for stage in (1, 2, 3):
            setattr(self, f"layer{stage + 1}", self._make_layer(block, PLANES[stage], DEPTHS[stage], stride=2))
        self.avgpool, self.fc = nn.AdaptiveAvgPool2d((1, 1)), nn.Identity()

    def map(self, x):
        x = self.maxpool(self.relu(self.bn1(self.conv1(x))))
        return self.layer4(self.layer3(self.layer2(self.layer1(x))))


def small_efficientnet():
    """timm's own blocks: every kind of Lite0's, with padding SAME."""
    stages = [["ds_r1_k3_s1_e1_c8"], ["ir_r2_k3_s2_e6_c12"], ["ir_r2_k5_s2_e6_c16"], ["ir_r1_k5_s1_e3_c20"]]
    return EfficientNet(
        block_args=decode_arch_def(stages, 1.0, fix_first_last=True), num_features=40, num_classes=0, stem_size=8,
        fix_stem=True, round_chs_fn=lambda channels: channels, act_layer=nn.ReLU6, pad_type="same",
        norm_layer=partial(nn.BatchNorm2d, eps=1e-3, momentum=0.01))


def hugging_face(kind, in_first, at_once):
    sizes = [width * (4 if kind == "bottleneck" else 1) for width in PLANES]
    return transformers.ResNetModel(transformers.ResNetConfig(
        embedding_size=STEM, hidden_sizes=sizes, depths=list(DEPTHS), layer_type=kind, hidden_act="relu",
        downsample_in_first_stage=in_first, downsample_in_bottleneck=at_once))


def torchvision_name(key):
    """transformers' name → torchvision's."""
    kind = {"convolution": "conv", "normalization": "bn"}
    parts = key.split(".")
    if parts[0] == "embedder":
        return f"{kind[parts[2]]}1.{parts[-1]}"
    block = f"layer{int(parts[2]) + 1}.{parts[4]}."
    if parts[5] == "shortcut":
        return block + f"downsample.{'01'[parts[6] == 'normalization']}.{parts[-1]}"
    return block + f"{kind[parts[7]]}{int(parts[6]) + 1}.{parts[-1]}"


# What is kept


def pixels(name, size=IMAGE, batch=BATCH):
    return drawn(name, (batch, 3, size, size)).double()


def results(model, pooled, map_of):
    """Features and maps with kept statistics; features, gradients and moved statistics with the batch's."""
    tensors = {"features": pooled(pixels("pixels")), "map": map_of(pixels("pixels")).permute(0, 2, 3, 1)}
    for mode in ("kept", "batch"):
        model.train(mode == "batch")
        model.zero_grad()
        features = pooled(pixels("pixels"))
        (features * drawn("upstream", tuple(features.shape)).double()).sum().backward()
        tensors[f"{mode}/features"] = features
        for key, parameter in model.named_parameters():
            tensors[f"{mode}/gradient/{key}"] = torch.stack([
                (parameter.grad * drawn("along " + key, tuple(parameter.shape)).double()).sum(), parameter.grad.norm()])
    for key, value in model.state_dict().items():
        if "running_" in key:
            tensors[f"batch/{key}"] = value
    return tensors


def curve(model, pooled, width):
    """Losses of AdamW on all weights, norms by the batch's statistics: images against fixed features. So many images and so
    short a step that rounding to float32 throughout changes no loss by 3e-6 of it."""
    model.train()
    groups = [dict(params=[p for p in model.parameters() if p.ndim >= 2], weight_decay=0.2),
              dict(params=[p for p in model.parameters() if p.ndim < 2], weight_decay=0.0)]
    optimizer = torch.optim.AdamW(groups, lr=3e-4, betas=(0.9, 0.98), eps=1e-6)
    targets, losses = F.normalize(drawn("targets", (CURVE_BATCH, width)).double(), dim=1), []
    for step in range(STEPS):
        optimizer.zero_grad()
        features = F.normalize(pooled(pixels(f"pixels {step % 4}", batch=CURVE_BATCH)), dim=1)
        logits, right = 10 * features @ targets.T, torch.arange(CURVE_BATCH)
        loss = (F.cross_entropy(logits, right) + F.cross_entropy(logits.T, right)) / 2
        loss.backward()
        optimizer.step()
        losses.append(loss.detach())
    return torch.stack(losses)


def layout(model, unused=("fc.", "classifier.")):
    """A digest of all names and shapes, by name."""
    rows = [f"{key} {list(value.shape)}\n" for key, value in model.state_dict().items()
            if not key.endswith("num_batches_tracked") and not key.startswith(unused)]
    return hashlib.sha256("".join(sorted(rows)).encode()).hexdigest()


def write(name, tensors, **notes):
    goldenfile.write(HERE / f"{name}.safetensors", tensors, goldenfile.metadata("convolutional.py", **notes))


def write_resnets():
    for kind, block in [("basic", resnet.BasicBlock), ("bottleneck", resnet.Bottleneck)]:
        model = fill(SmallResNet(block))
        tensors = results(model, model.forward, model.map)
        model = fill(SmallResNet(block))
        tensors["losses"] = curve(model, model.forward, tensors["features"].shape[1])
        published = {f"layout/{size}": layout(getattr(torchvision.models, f"resnet{size}")()) for size in (18, 34, 50, 101, 152)}
        write(kind, tensors, torchvision=torchvision.__version__, **published)


def write_hugging_face():
    tensors, notes = {}, {}
    for kind, in_first, at_once in [("basic", True, False), ("bottleneck", False, False), ("bottleneck", True, True)]:
        model = fill(hugging_face(kind, in_first, at_once), torchvision_name)
        name = f"{kind}{'/first' if in_first else ''}{'/at_once' if at_once else ''}"
        with torch.no_grad():
            tensors[name] = model(pixels("pixels")).pooler_output.flatten(1)
        notes[f"layout/{name}"] = layout(model)
    write("hugging-face", tensors, transformers=transformers.__version__, **notes)


def write_efficientnet():
    model = fill(small_efficientnet())
    tensors = results(model, model.forward, model.forward_features)
    # An odd size has other borders.
    with torch.no_grad():
        tensors["odd/features"] = fill(small_efficientnet()).forward(pixels("pixels", 37))
    model = fill(small_efficientnet())
    tensors["losses"] = curve(model, model.forward, tensors["features"].shape[1])
    published = layout(timm.create_model("tf_efficientnet_lite0"))
    write("efficientnet", tensors, timm=timm.__version__, **{"layout/lite0": published})


if __name__ == "__main__":
    torch.set_num_threads(1)
    write_resnets()
    write_hugging_face()
    write_efficientnet()
