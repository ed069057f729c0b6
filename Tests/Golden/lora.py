"""LoRA as PEFT trains and keeps it: python lora.py

Writes lora/curves.safetensors and, as PEFT's save_pretrained has them, lora/attention and lora/everything: adapters of
clip-tiny after 24 steps of AdamW, computed in float64 from fp32 weights. In the curves, for each adapter: A as it was drawn,
losses, gradient norms, the gradients of step 3, the embeddings of the first batch with the trained adapter, and checksums of
the weights that merge_and_unload() makes.
"""
import json

import peft
import torch
from peft import LoraConfig, get_peft_model
from transformers import CLIPModel

import goldenfile
import operations
from models import HERE, checksum, clip_forward, draw_batch
from operations import Case

STEPS, LEARNING_RATE, DECAY = 24, 3e-3, 0.2
ADAPTERS = {
    "attention": dict(r=4, lora_alpha=8, target_modules=["q_proj", "v_proj"]),
    "everything": dict(
        r=3, lora_alpha=16, use_rslora=True, modules_to_save=["post_layernorm"],
        target_modules=["q_proj", "k_proj", "v_proj", "out_proj", "fc1", "fc2", "visual_projection", "text_projection"]),
}


def plain(key):
    """A parameter's name in the adapter's file, without PEFT's prefix."""
    for part in ("base_model.model.", ".default", ".modules_to_save"):
        key = key.replace(part, "", 1)
    return key


def adapter(name, settings):
    torch.manual_seed(goldenfile.SEED)
    base = CLIPModel.from_pretrained(HERE / "clip-tiny")
    base.config.name_or_path = base.name_or_path = "../../clip-tiny"
    model = get_peft_model(base, LoraConfig(**settings)).double()
    batches = [draw_batch("clip-tiny/0", 32, [5, 12, 2, 7]), draw_batch("clip-tiny/1", 32, [3, 4, 9, 6])]
    trained = {plain(key): p for key, p in model.named_parameters() if p.requires_grad}
    case = Case(name)
    case.record(**{f"start/{key}": p.detach().clone() for key, p in trained.items() if "lora_A" in key})
    groups = [dict(params=[p], weight_decay=DECAY if p.ndim >= 2 else 0.0) for p in trained.values()]
    optimizer = torch.optim.AdamW(groups, lr=LEARNING_RATE, betas=(0.9, 0.98), eps=1e-6)
    losses, norms = [], []
    for step in range(STEPS):
        loss = clip_forward(model.base_model.model, batches[step % 2])["loss"]
        optimizer.zero_grad()
        loss.backward()
        losses.append(loss.item())
        norms.append(torch.stack([p.grad.square().sum() for p in trained.values()]).sum().sqrt().item())
        if step == 3:
            case.record(**{f"gradient/{key}": p.grad.clone() for key, p in trained.items()})
        optimizer.step()
    case.record(loss=torch.tensor(losses), gradient_norm=torch.tensor(norms))
    model.float().save_pretrained(HERE / "lora" / name)
    (HERE / "lora" / name / "README.md").unlink()
    sort_targets(HERE / "lora" / name / "adapter_config.json")
    merged = model.double().merge_and_unload()
    outputs = clip_forward(merged, batches[0])
    case.record(image=outputs["image_embeds"], text=outputs["text_embeds"])
    case.record(**{f"merged/{key}": checksum(p) for key, p in merged.named_parameters()})


def sort_targets(path):
    """PEFT keeps the names in a set, whose order changes from run to run."""
    settings = json.loads(path.read_text())
    settings["target_modules"].sort()
    path.write_text(json.dumps(settings, indent=2, sort_keys=True) + "\n")


def main():
    for name, settings in ADAPTERS.items():
        adapter(name, settings)
    notes = goldenfile.metadata("lora.py", peft=peft.__version__)
    goldenfile.write(HERE / "lora" / "curves.safetensors", operations.TENSORS, notes)


if __name__ == "__main__":
    torch.set_num_threads(1)
    main()
