"""What frames of a video make of each other: python frames.py

Three videos of 3, 1 and 6 frames, whose states are drawn, through two of transformers' CLIP layers with positions in time, as CLIP4Clip's
`seqTransf` has it (Luo et al., 2021, modules/modeling.py: positions are added, layers run, and what went in is added to what comes out); then
their mean. `frames`, `offsets`, `weights/NAME`, `videos`, and of an `upstream` gradient `gradient/NAME` and `gradient/frames`.
"""
import torch
import transformers
from transformers.models.clip.modeling_clip import CLIPEncoderLayer

import goldenfile
from models import HERE

WIDTH, LIMIT, OFFSETS = 16, 6, [0, 3, 4, 10]

random = goldenfile.generator("frames")
configuration = transformers.CLIPVisionConfig(hidden_size=WIDTH, intermediate_size=4 * WIDTH, num_attention_heads=1, attn_implementation="eager")
layers = torch.nn.ModuleList([CLIPEncoderLayer(configuration) for _ in range(2)])
positions = torch.nn.Embedding(LIMIT, WIDTH)
parameters = {f"layers.{name}": value for name, value in layers.named_parameters()}
parameters["position_embedding.weight"] = positions.weight
for name, value in parameters.items():
    value.data = torch.randn(value.shape, generator=random) * 0.3 + (1 if "norm" in name and "weight" in name else 0)
frames = torch.randn(OFFSETS[-1], WIDTH, generator=random, requires_grad=True)
upstream = torch.randn(len(OFFSETS) - 1, WIDTH, generator=random)

videos = []
for start, end in zip(OFFSETS, OFFSETS[1:]):
    own = frames[start:end]
    states = (own + positions.weight[: end - start]).unsqueeze(0)
    for layer in layers:
        result = layer(states, None)
        states = result[0] if isinstance(result, tuple) else result
    videos.append((own + states[0]).mean(0))
videos = torch.stack(videos)
videos.backward(upstream)

tensors = {"frames": frames, "offsets": torch.tensor(OFFSETS), "videos": videos, "upstream": upstream, "gradient/frames": frames.grad}
for name, value in parameters.items():
    tensors[f"weights/{name}"], tensors[f"gradient/{name}"] = value, value.grad
goldenfile.write(HERE / "frames.safetensors", tensors, goldenfile.metadata("frames.py", transformers=transformers.__version__))
