"""What gradients of towers are multiplied by, and how two of them are brought together: python balance.py

Writes balance.json. Two small encoders with a linear layer on their outputs side by side are trained for six steps by cross-entropy, in
double precision. Of each step:

- OGM-GE (Peng et al., 2022; `main.py` of GeWu-Lab/OGM-GE_CVPR2022): out_m = W_m z_m + b / 2 of each modality, its score (the sum over
  samples of the softmax of out_m at the label), ρ, and k = 1 - tanh(α relu(ρ)) where ρ > 1, else 1; α = 0.8.
- MMPareto (Wei and Hu, 2024): of each encoder the gradient of the joint loss and that of its own head's loss; where their cosine is
  negative, the min-norm weights of MGDA's solver for two vectors (Sener and Koltun, 2018, `_min_norm_element_from2`), else 1/2 each; the
  result is brought to the norm of the plain sum and multiplied by 1.5, as the paper has it (in the repository the solver's answer is
  given to another variable and lost).

torch 2.15, seed 23.
"""
import json
import pathlib

import torch
import torch.nn.functional as F

STEPS, BATCH, CLASSES, ALPHA, GAIN = 6, 9, 4, 0.8, 1.5


def coefficients(outputs, labels):
    scores = [F.softmax(out, 1)[torch.arange(len(labels)), labels].sum() for out in outputs]
    ratios = [scores[0] / scores[1], scores[1] / scores[0]]
    ks = [1 - torch.tanh(ALPHA * F.relu(ratio)) if ratio > 1 else torch.ones(()) for ratio in ratios]
    return [s.item() / len(labels) for s in scores], [k.item() for k in ks]


def min_norm(v1v1, v1v2, v2v2):
    if v1v2 >= v1v1:
        return 0.999
    if v1v2 >= v2v2:
        return 0.001
    return -1.0 * ((v1v2 - v2v2) / (v1v1 + v2v2 - 2 * v1v2))


def pareto(joint, own):
    if F.cosine_similarity(joint, own, dim=0) >= 0:
        combined = joint / 2 + own / 2
    else:
        share = min_norm(joint @ joint, joint @ own, own @ own)
        combined = share * joint + (1 - share) * own
    return combined * (joint + own).norm() / combined.norm() * GAIN


def main():
    torch.manual_seed(23)
    torch.set_default_dtype(torch.float64)
    encoders = [torch.nn.Sequential(torch.nn.Linear(5 - m, 7), torch.nn.Tanh(), torch.nn.Linear(7, 3 + m)) for m in range(2)]
    joint_head = torch.nn.Linear(7, CLASSES)
    heads = [torch.nn.Linear(3 + m, CLASSES) for m in range(2)]
    parameters = [p for module in encoders + heads + [joint_head] for p in module.parameters()]
    with torch.no_grad():
        joint_head.weight.mul_(4)
    steps = []
    for step in range(STEPS):
        labels = torch.randint(0, CLASSES, (BATCH,))
        inputs = [torch.randn(BATCH, 5) * 2, torch.randn(BATCH, 4)]
        inputs[0][:, 0] += labels * (step - 1)
        z = [encoder(x) for encoder, x in zip(encoders, inputs)]
        parts = joint_head.weight.split([3, 4], 1)
        outputs = [z[m] @ parts[m].T + joint_head.bias / 2 for m in range(2)]
        joint_loss = F.cross_entropy(sum(outputs), labels)
        scores, ks = coefficients(outputs, labels)
        told = {"scores": scores, "factors": ks, "pareto": []}
        for m in range(2):
            own_loss = F.cross_entropy(heads[m](z[m]), labels)
            flat = lambda loss: torch.cat([g.flatten() for g in torch.autograd.grad(loss, list(encoders[m].parameters()), retain_graph=True)])
            joint, own = flat(joint_loss), flat(own_loss)
            told["pareto"].append({"joint": joint.tolist(), "own": own.tolist(), "combined": pareto(joint, own).tolist()})
        steps.append(told)
        total = joint_loss + sum(F.cross_entropy(heads[m](z[m]), labels) for m in range(2))
        for p, g in zip(parameters, torch.autograd.grad(total, parameters)):
            with torch.no_grad():
                p -= 0.5 * g
    conflicts = sum(torch.tensor(p["joint"]) @ torch.tensor(p["own"]) < 0 for s in steps for p in s["pareto"])
    print("conflicts", int(conflicts), "of", 2 * STEPS, [s["factors"] for s in steps])
    path = pathlib.Path(__file__).parent / "balance.json"
    path.write_text(json.dumps({"alpha": ALPHA, "steps": steps}) + "\n")


main()
