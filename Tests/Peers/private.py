"""Takes private steps with Opacus: an image transformer that tells classes, and prints one line of JSON: seconds of a step, plain and private.

    python private.py vit-b-32 --batch 32 --mode hooks     gradients of units as tensors, clipped (Opacus' first way)
    python private.py vit-b-32 --batch 32 --mode ghost     norms from products, and a second backward pass (its second)
    python private.py small --batch 32 --mode hooks        the sizes of mmtrain's presets

The model is timm's VisionTransformer of the preset's sizes. Opacus knows no gradient of a parameter outside a layer: class token and positions
are not learnt there, in mmtrain they are. Needs opacus==1.6.0 beside requirements.txt (pip install --no-deps opacus opt_einsum).
"""
import argparse
import json
import statistics
import time
import warnings

import torch
from opacus import GradSampleModule, PrivacyEngine
from opacus.optimizers import DPOptimizer
from opacus.optimizers.optimizer_fast_gradient_clipping import DPOptimizerFastGradientClipping
from opacus.grad_sample.grad_sample_module_fast_gradient_clipping import GradSampleModuleFastGradientClipping
from opacus.utils.fast_gradient_clipping_utils import DPLossFastGradientClipping
from timm.models.vision_transformer import VisionTransformer

SIZES = {
    "vit-b-32": dict(img_size=224, patch_size=32, embed_dim=768, depth=12, num_heads=12),
    "small": dict(img_size=112, patch_size=16, embed_dim=256, depth=4, num_heads=4),
    "tiny": dict(img_size=48, patch_size=8, embed_dim=128, depth=4, num_heads=2),
}


def model(preset, private):
    made = VisionTransformer(num_classes=3, **SIZES[preset]).train()
    if private:
        made.cls_token.requires_grad_(False)
        made.pos_embed.requires_grad_(False)
    return made


def seconds(step, repeats):
    step()
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        step()
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("preset", choices=SIZES)
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--mode", choices=["hooks", "ghost"], default="hooks")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--repeats", type=int, default=7)
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    torch.manual_seed(0)
    torch.set_num_threads(options.threads)
    side = SIZES[options.preset]["img_size"]
    photos, classes = torch.randn(options.batch, 3, side, side), torch.randint(0, 3, (options.batch,))
    loss = torch.nn.CrossEntropyLoss()

    plain = model(options.preset, private=False)
    adam = torch.optim.AdamW(plain.parameters(), lr=1e-4)

    def plain_step():
        adam.zero_grad(set_to_none=True)
        loss(plain(photos), classes).backward()
        adam.step()

    private = model(options.preset, private=True)
    parameters = [parameter for parameter in private.parameters() if parameter.requires_grad]
    inner = torch.optim.AdamW(parameters, lr=1e-4)
    settings = dict(noise_multiplier=1.0, max_grad_norm=1.0, expected_batch_size=options.batch)
    if options.mode == "hooks":
        wrapped = GradSampleModule(private)
        optimizer = DPOptimizer(inner, **settings)
        criterion = loss
    else:
        wrapped = GradSampleModuleFastGradientClipping(private, max_grad_norm=1.0, use_ghost_clipping=True)
        optimizer = DPOptimizerFastGradientClipping(inner, **settings)
        criterion = DPLossFastGradientClipping(wrapped, optimizer, loss, "mean")

    def private_step():
        optimizer.zero_grad(set_to_none=True)
        criterion(wrapped(photos), classes).backward()
        optimizer.step()

    print(json.dumps({
        "preset": options.preset, "batch": options.batch, "mode": options.mode,
        "parameters": sum(parameter.numel() for parameter in plain.parameters()),
        "plain_seconds": seconds(plain_step, options.repeats), "private_seconds": seconds(private_step, options.repeats),
    }))


if __name__ == "__main__":
    main()
