"""The moving average of weights as PyTorch computes it: python average.py

Six steps of AdamW on three parameters with gradients that are given, and torch.optim.swa_utils.AveragedModel with
get_ema_multi_avg_fn beside them: `weights/NAME` before the first step, `gradient/STEP/NAME`, `average/STEP/NAME` after it.
"""
import torch
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

import goldenfile
from models import HERE

SHAPES = {"matrix": (9, 7), "gain": (21,), "scale": (1,)}
STEPS, DECAY = 6, 0.75


class Parameters(torch.nn.Module):
    def __init__(self, random):
        super().__init__()
        for name, shape in SHAPES.items():
            self.register_parameter(name, torch.nn.Parameter(torch.randn(shape, generator=random)))


random = goldenfile.generator("average")
model = Parameters(random)
tensors = {f"weights/{name}": value.detach().clone() for name, value in model.named_parameters()}
groups = [
    {"params": [p for p in model.parameters() if p.dim() >= 2], "weight_decay": 0.2},
    {"params": [p for p in model.parameters() if p.dim() < 2], "weight_decay": 0},
]
optimizer = torch.optim.AdamW(groups, lr=1e-2, betas=(0.9, 0.98), eps=1e-6)
averaged = AveragedModel(model, multi_avg_fn=get_ema_multi_avg_fn(DECAY))
for step in range(STEPS):
    for name, parameter in model.named_parameters():
        parameter.grad = torch.randn(parameter.shape, generator=random)
        tensors[f"gradient/{step}/{name}"] = parameter.grad.clone()
    optimizer.step()
    averaged.update_parameters(model)
    for name, value in averaged.module.named_parameters():
        tensors[f"average/{step}/{name}"] = value.detach().clone()
goldenfile.write(HERE / "average.safetensors", tensors, goldenfile.metadata("average.py"))
