"""How far boxes are from others, with gradients, as PyTorch and torchvision have it: python boxes.py

Writes boxes.safetensors: centre, width and height of boxes that overlap, that do not, one within the other, one alike but for a little; of
each the GIoU (torchvision.ops.generalized_box_iou_loss), and 5 times the L1 distance with 2 times 1 - GIoU, over nine boxes, with its
gradient. In float64. torch 2.15.0, torchvision 0.29.2.
"""
import torch
import torchvision

import goldenfile

HERE = goldenfile.Path(__file__).parent


def main():
    random = goldenfile.generator("boxes")
    centres, sides = torch.rand(6, 2, generator=random), 0.05 + 0.4 * torch.rand(6, 2, generator=random)
    boxes = torch.cat([centres, sides], 1)
    wanted = torch.cat([torch.rand(6, 2, generator=random), 0.05 + 0.4 * torch.rand(6, 2, generator=random)], 1)
    # Within the other, around it, apart, far apart, alike but for a little; the last is a draw.
    wanted[0] = boxes[0] * torch.tensor([1, 1, 0.5, 0.4])
    wanted[1] = boxes[1] * torch.tensor([1, 1, 1.5, 1.4])
    boxes[2], wanted[2] = torch.tensor([0.2, 0.3, 0.1, 0.2]), torch.tensor([0.5, 0.35, 0.2, 0.1])
    boxes[3], wanted[3] = torch.tensor([0.1, 0.1, 0.1, 0.1]), torch.tensor([0.9, 0.8, 0.1, 0.2])
    wanted[4] = boxes[4] + torch.tensor([0.01, -0.02, 0.015, 0.01])
    x = boxes.double().requires_grad_()
    edges = lambda b: torchvision.ops.box_convert(b, "cxcywh", "xyxy")
    apart = torchvision.ops.generalized_box_iou_loss(edges(x), edges(wanted.double()))
    loss = (5 * (x - wanted.double()).abs().sum() + 2 * apart.sum()) / 9
    loss.backward()
    found = {"boxes": boxes, "targets": wanted, "giou": 1 - apart, "loss": loss, "gradient": x.grad}
    goldenfile.write(HERE / "boxes.safetensors", found, goldenfile.metadata("boxes.py", torchvision=torchvision.__version__))


if __name__ == "__main__":
    torch.set_num_threads(1)
    main()
