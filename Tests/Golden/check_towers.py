"""Whether towers of their published sizes compute what torchvision and timm compute:

    python check_towers.py PROGRAM FOLDER PREPARED [LITE0.pth PHOTOS...]

ResNet-18 and -50 and EfficientNet-Lite0 with random weights and statistics (seed 0), or Lite0 with the package's weights on
photos (squashed to 224 × 224, levels from -1 to 1). mmtrain begins a dual encoder from each; the classifier of the network
becomes its projection, so that `mmtrain verify` compares logits without their bias, as rows of length one, with those that
Python computes in float64. PREPARED is any prepared data set with a tokenizer: the run that makes the directory needs one.
Written for torch 2.15, torchvision 0.29, timm 1.0.
"""
import pathlib
import shutil
import subprocess
import sys

import numpy
import timm
import torch
import torchvision
from PIL import Image
from safetensors.torch import load_file, save_file

program, folder, prepared, *real = sys.argv[1:]
folder = pathlib.Path(folder)
torch.manual_seed(0)


def drawn(network):
    """With statistics that say something; weights such that no layer's numbers vanish or grow."""
    for name, buffer in network.named_buffers():
        if name.endswith("running_mean"):
            buffer.normal_(0, 0.1)
        elif name.endswith("running_var"):
            buffer.uniform_(0.5, 2)
    return network


def directory(name, network, classifier):
    """A dual encoder of mmtrain's with the network as its image tower and the classifier as its projection."""
    tower, run, made = folder / f"{name}-tower", folder / f"{name}-run", folder / name
    for place in (tower, run, made):
        shutil.rmtree(place, ignore_errors=True)
    tower.mkdir(parents=True)
    save_file({key: value.contiguous() for key, value in network.state_dict().items()}, tower / "model.safetensors")
    settings = {"model.name": "dual-encoder", "initialize.vision": tower, "model.text.width": 64, "model.text.layers": 1,
                "model.text.heads": 2, "model.embedding_width": classifier.shape[0], "batch.global": 8,
                "data.path": prepared, "schedule.steps": 1, "optimizer.learning_rate": 1e-6, "evaluation.split": "none",
                "schedule.warmup_steps": 0, "initialize.lock.vision": 0}
    words = [word for key, value in settings.items() for word in ("--set", f"{key}={value}")]
    subprocess.run([program, "train", *words, "--output", run], check=True, capture_output=True)
    shutil.copytree(run / "last", made, ignore=shutil.ignore_patterns("DONE", "training_state"))
    weights = load_file(made / "model.safetensors")
    weights["visual_projection.weight"] = classifier.float().contiguous()
    save_file(weights, made / "model.safetensors", metadata={"format": "pt"})
    return made


def compare(name, network, pixels):
    network.eval()
    classifier = network.get_submodule("classifier" if hasattr(network, "classifier") else "fc").weight.detach()
    made = directory(name, network, classifier)
    exact, bias = network.double(), network.get_submodule("classifier" if hasattr(network, "classifier") else "fc").bias
    with torch.no_grad():
        logits = torch.cat([exact(part.double()) for part in pixels.split(10)]) - bias
    case = made / "case.safetensors"
    save_file({"input.pixel_values": pixels.contiguous(),
               "output.image_embeds": torch.nn.functional.normalize(logits, dim=1).float().contiguous()}, case)
    result = subprocess.run([program, "verify", "--model", made, "--case", case, "--json"], capture_output=True, text=True)
    print(name, f"{len(pixels)} pictures, exit code {result.returncode}:", " ".join(result.stdout[result.stdout.find("arrays"):].split()), result.stderr)
    return result.returncode == 0


def photos(paths):
    levels = [numpy.array(Image.open(path).convert("RGB").resize((224, 224), Image.BICUBIC)) for path in paths]
    return torch.from_numpy(numpy.stack(levels)).permute(0, 3, 1, 2).float() / 127.5 - 1


if real:
    lite0 = timm.create_model("tf_efficientnet_lite0")
    theirs = torch.load(real[0], map_location="cpu", weights_only=True)  # other names in the same order
    lite0.load_state_dict(dict(zip(lite0.state_dict(), theirs.values(), strict=True)))
    right = compare("lite0-published", lite0, photos(real[1:]))
else:
    pixels = torch.randn(4, 3, 224, 224)
    right = all([
        compare("resnet18", drawn(torchvision.models.resnet18()), pixels),
        compare("resnet50", drawn(torchvision.models.resnet50()), pixels),
        compare("lite0", drawn(timm.create_model("tf_efficientnet_lite0")), pixels)])
sys.exit(0 if right else 1)
