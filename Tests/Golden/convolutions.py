"""Golden inputs, outputs and gradients of the operations on images: python convolutions.py

Written as operations.py writes its own. Images lie channels last, [B, H, W, C], but where a case says otherwise.
"""
from pathlib import Path

import torch
import torch.nn.functional as F

import goldenfile
from operations import TENSORS, Case


def first(x):
    """[B, H, W, C] → [B, C, H, W]"""
    return x.permute(0, 3, 1, 2)


def last(x):
    return x.permute(0, 2, 3, 1)


def depthwise(name, shape, kernel, stride, has_bias=True):
    """y = conv2d(x, weight, groups = C) + bias, zeros of half a kernel around; weight[C,1,K,K]."""
    case, channels = Case(name), shape[-1]
    x = case.input("x", case.normal(*shape))
    weight = case.input("weight", case.normal(channels, 1, kernel, kernel, scale=1 / kernel))
    bias = case.input("bias", case.normal(channels)) if has_bias else None
    case.constant("stride", stride)
    case.output(y=last(F.conv2d(first(x), weight, bias, stride, kernel // 2, groups=channels)))


def dense(name, shape, outputs, kernel, stride, channels_last=True):
    """y = conv2d(x, weight) + bias; x[B,H,W,I], or [B,I,H,W]; weight[O,I,K,K]."""
    case = Case(name)
    x = case.input("x", case.normal(*shape))
    inputs = shape[-1] if channels_last else shape[1]
    weight = case.input("weight", case.normal(outputs, inputs, kernel, kernel, scale=1 / kernel))
    bias = case.input("bias", case.normal(outputs))
    case.constant("stride", stride)
    case.output(y=last(F.conv2d(first(x) if channels_last else x, weight, bias, stride, kernel // 2)))


def same(x, kernel, stride):
    """x[B,C,H,W] with TensorFlow's zeros around it, the smaller half of them first."""
    borders = []
    for length in (x.shape[3], x.shape[2]):
        total = max((-(-length // stride) - 1) * stride + kernel - length, 0)
        borders += [total // 2, total - total // 2]
    return F.pad(x, borders)


def padded_as_tensorflow(name, shape, outputs, kernel, stride, groups=1):
    """y = conv2d(x, weight) with padding SAME; x[B,H,W,I], weight[O,I / groups,K,K]."""
    case = Case(name)
    x = case.input("x", case.normal(*shape))
    weight = case.input("weight", case.normal(outputs, shape[-1] // groups, kernel, kernel, scale=1 / kernel))
    case.constant("stride", stride)
    case.output(y=last(F.conv2d(same(first(x), kernel, stride), weight, None, stride, groups=groups)))


def max_pool(name, shape, kernel, stride, has_ties=False):
    """y = max_pool2d(x), half a kernel around; with ties half of the numbers are equal, as behind ReLU."""
    case = Case(name)
    x = case.normal(*shape)
    x = case.input("x", x.clamp(min=0) - 0.5 if has_ties else x)
    case.constant("kernel", kernel)
    case.constant("stride", stride)
    case.output(y=last(F.max_pool2d(first(x), kernel, stride, kernel // 2)))


def batch_norm(name, shape, is_batch):
    """y by the kept statistics, or by the batch's, towards which the kept ones then move by a tenth."""
    case, channels = Case(name), shape[-1]
    spread = torch.linspace(0.1, 3, channels, dtype=torch.float64)
    x = case.input("x", (case.normal(*shape) * spread + 4 * case.normal(channels)).float().double())
    weight = case.input("weight", (1 + case.normal(channels, scale=0.3)).float().double())
    bias = case.input("bias", case.normal(channels))
    mean = case.normal(channels)
    variance = (case.normal(channels) ** 2 + 0.1).float().double()
    case.record(mean=mean.clone(), variance=variance.clone())
    case.constant("eps", 1e-5)
    y = F.batch_norm(first(x), mean, variance, weight, bias, is_batch, 0.1, 1e-5)
    case.output(y=last(y))
    if is_batch:
        case.record(moved_mean=mean, moved_variance=variance)


def channels():
    """scale_channels, gate, repeat_channels, activate, project."""
    case = Case("scale_channels")
    x, factor = case.input("x", case.normal(2, 5, 3, 19)), case.input("factor", case.normal(19, 1, 1))
    residual = case.input("residual", case.normal(2, 5, 3, 19))
    case.output(y=residual + x * factor.flatten())

    case = Case("gate")
    x, gate = case.input("x", case.normal(3, 2, 4, 35)), case.input("gate", case.normal(3, 35))
    case.output(y=x * gate[:, None, None])

    case = Case("repeat_channels")
    x = case.input("x", case.normal(2, 3, 2, 9))
    case.output(y=x.repeat_interleave(3, 3))

    case = Case("activate")
    x = case.input("x", case.normal(2, 3, 5, 19))
    case.output(y=F.gelu(x))

    case = Case("linear_sigmoid")
    x, weight = case.input("x", case.normal(7, 33)), case.input("weight", case.normal(19, 33, 1, 1, scale=33**-0.5))
    bias = case.input("bias", case.normal(19))
    case.output(y=torch.sigmoid(F.linear(x, weight.flatten(1), bias)))

    case = Case("project")
    x, matrix = case.input("x", case.normal(7, 33)), case.input("matrix", case.normal(33, 19))
    case.output(y=x @ matrix)


def main():
    TENSORS.clear()
    depthwise("depthwise_3", (2, 7, 9, 19), 3, 1)
    depthwise("depthwise_7", (2, 10, 17, 16), 7, 1)
    depthwise("depthwise_7_small", (3, 2, 3, 33), 7, 1)
    depthwise("depthwise_7_long", (1, 35, 5, 3), 7, 1)
    depthwise("depthwise_3_stride", (2, 8, 7, 5), 3, 2)
    depthwise("depthwise_7_stride", (1, 13, 18, 35), 7, 2)
    depthwise("depthwise_5_stride_3", (2, 11, 9, 18), 5, 3, has_bias=False)
    depthwise("depthwise_1_stride", (2, 5, 6, 17), 1, 2)
    dense("convolution_first", (2, 3, 9, 8), 11, 3, 2, channels_last=False)
    dense("convolution_last", (2, 6, 5, 4), 7, 3, 1)
    dense("convolution_point", (2, 3, 4, 19), 21, 1, 1)
    batch_norm("batch_norm_kept", (2, 3, 5, 19), is_batch=False)
    batch_norm("batch_norm_batch", (3, 7, 5, 19), is_batch=True)
    batch_norm("batch_norm_blocks", (1, 29, 30, 3), is_batch=True)
    channels()
    dense("convolution_3_stride", (2, 6, 7, 5), 9, 3, 2)
    dense("convolution_7_stride", (1, 3, 12, 10), 18, 7, 2, channels_last=False)
    dense("convolution_1_stride", (2, 5, 4, 7), 6, 1, 2)
    padded_as_tensorflow("same_even", (1, 8, 6, 3), 7, 3, 2)
    padded_as_tensorflow("same_odd", (1, 7, 5, 3), 7, 3, 2)
    padded_as_tensorflow("same_depthwise_even", (2, 8, 10, 19), 19, 5, 2, groups=19)
    padded_as_tensorflow("same_depthwise_odd", (1, 7, 9, 5), 5, 5, 2, groups=5)
    depthwise("depthwise_5", (1, 9, 11, 18), 5, 1)
    max_pool("max_pool_3", (2, 7, 8, 19), 3, 2)
    max_pool("max_pool_2", (1, 4, 5, 3), 2, 2)
    max_pool("max_pool_ties", (1, 7, 8, 19), 3, 2, has_ties=True)
    case = Case("relu6")
    x = case.input("x", case.normal(2, 3, 5, 19, scale=5))
    case.output(y=F.relu6(x))
    goldenfile.write(Path(__file__).with_suffix(".safetensors"), TENSORS, goldenfile.metadata("convolutions.py"))


if __name__ == "__main__":
    torch.set_num_threads(1)
    main()
