"""Golden inputs, outputs and gradients of every operation of the engine: python operations.py

Tensors are named case/tensor and row-major. Inputs are fp32 numbers; outputs and gradients are computed from them in
float64 by PyTorch's autograd and rounded once. The gradient of x is dx; dy is the random gradient that comes from above.
Where the result is a scalar loss, the gradients are those of the loss itself (dloss = 1).
"""
from pathlib import Path

import torch
import torch.nn.functional as F

import goldenfile

TENSORS = {}


class Case:
    """One operation on one set of inputs. `input` and `constant` draw and record; `output` runs backward and records."""

    def __init__(self, name):
        self.name, self.random, self.leaves = name, goldenfile.generator(name), {}

    def normal(self, *shape, scale=1.0):
        """Normal numbers that are exact in fp32, held in float64."""
        return (torch.randn(*shape, generator=self.random, dtype=torch.float64) * scale).float().double()

    def integers(self, low, high, count):
        return torch.randint(low, high, (count,), generator=self.random)

    def record(self, **tensors):
        for name, value in tensors.items():
            TENSORS[f"{self.name}/{name}"] = value

    def input(self, name, value):
        """An input whose gradient is wanted."""
        self.leaves[name] = value.requires_grad_()
        self.record(**{name: value})
        return value

    def constant(self, name, value):
        """An input without a gradient: ids, offsets, sizes."""
        self.record(**{name: value})
        return value

    def output(self, **outputs):
        """Records outputs, a random gradient for each, and what these make of the inputs' gradients."""
        upstream = {f"d{name}": self.normal(*value.shape) for name, value in outputs.items()}
        torch.autograd.backward(list(outputs.values()), list(upstream.values()))
        self.record(**outputs, **upstream, **{f"d{name}": leaf.grad for name, leaf in self.leaves.items()})

    def loss(self, value):
        value.backward()
        self.record(loss=value, **{f"d{name}": leaf.grad for name, leaf in self.leaves.items()})


ACTIVATIONS = {
    "none": lambda x: x,
    "gelu_tanh": lambda x: F.gelu(x, approximate="tanh"),
    "gelu_erf": F.gelu,
    "quick_gelu": lambda x: x * torch.sigmoid(1.702 * x),
    "relu": F.relu,
}


def linear(name, activation, rows, inputs, outputs, has_bias=True):
    """y = activation(x weightᵀ + bias); x[N,I] weight[O,I] bias[O]. Two biases are far out, where activations saturate."""
    case = Case(name)
    x = case.input("x", case.normal(rows, inputs))
    weight = case.input("weight", case.normal(outputs, inputs, scale=inputs**-0.5))
    bias = case.normal(outputs)
    bias[0], bias[1] = 11.0, -11.0
    bias = case.input("bias", bias) if has_bias else None
    case.output(y=ACTIVATIONS[activation](F.linear(x, weight, bias)))


def perceptron(name, activation, rows, inputs, hidden, outputs):
    """y = activation(x weight1ᵀ + bias1) weight2ᵀ + bias2; x[N,I] weight1[H,I] weight2[O,H]."""
    case = Case(name)
    x = case.input("x", case.normal(rows, inputs))
    weight1 = case.input("weight1", case.normal(hidden, inputs, scale=inputs**-0.5))
    bias1 = case.input("bias1", case.normal(hidden))
    weight2 = case.input("weight2", case.normal(outputs, hidden, scale=hidden**-0.5))
    bias2 = case.input("bias2", case.normal(outputs))
    case.output(y=F.linear(ACTIVATIONS[activation](F.linear(x, weight1, bias1)), weight2, bias2))


def layer_norm(name, rows, width, residual):
    """y = LN(x), or sum = x + r and y = LN(sum) with a gradient from above for both. Rows have means and scales of their own."""
    case = Case(name)
    spread = torch.linspace(0.1, 3, rows, dtype=torch.float64)[:, None]
    x = case.input("x", (case.normal(rows, width) * spread + case.normal(rows, 1)).detach().float().double())
    r = case.input("r", case.normal(rows, width)) if residual else None
    weight = case.input("weight", (1 + case.normal(width, scale=0.3)).float().double())
    bias = case.input("bias", case.normal(width))
    eps = 1e-5
    case.constant("eps", eps)
    total = x + r if residual else x
    y = F.layer_norm(total, (width,), weight, bias, eps)
    case.output(y=y, sum=total) if residual else case.output(y=y)


def attention(name, heads, head_width, query_lengths, key_lengths=None, causal=False, key_segment=None):
    """Softmax attention in each segment; q[Tq,H·d], k and v[Tk,H·d], scale 1/√d. Segment s reads keys key_segment[s], or s."""
    case = Case(name)
    key_lengths = key_lengths or query_lengths
    width = heads * head_width
    q = case.input("q", case.normal(sum(query_lengths), width))
    k = case.input("k", case.normal(sum(key_lengths), width))
    v = case.input("v", case.normal(sum(key_lengths), width))
    query_offsets = case.constant("query_offsets", offsets(query_lengths))
    key_offsets = case.constant("key_offsets", offsets(key_lengths))
    case.constant("heads", heads)
    if key_segment is not None:
        case.constant("key_segment", torch.tensor(key_segment))
    parts = []
    for segment in range(len(query_lengths)):
        key = segment if key_segment is None else key_segment[segment]
        rows, columns = slice(*query_offsets[segment:segment + 2]), slice(*key_offsets[key:key + 2])
        split = [t.unflatten(1, (heads, head_width)).transpose(0, 1) for t in (q[rows], k[columns], v[columns])]
        scores = split[0] @ split[1].transpose(1, 2) / head_width**0.5
        if causal:
            later = torch.ones(scores.shape[1:], dtype=torch.bool).triu(1)
            scores = scores.masked_fill(later, -torch.inf)
        parts.append((scores.softmax(-1) @ split[2]).transpose(0, 1).flatten(1))
    case.output(y=torch.cat(parts))


def offsets(lengths):
    """Segment s holds rows offsets[s] ..< offsets[s + 1]."""
    return torch.tensor([0] + list(lengths)).cumsum(0)


def token_embedding():
    """y = table[ids] + position[place in the segment]."""
    case, lengths = Case("token_embedding"), [4, 1, 9, 6]
    ids = case.constant("ids", case.integers(0, 13, sum(lengths)))
    case.constant("offsets", offsets(lengths))
    table = case.input("table", case.normal(17, 11))
    position = case.input("position", case.normal(10, 11))
    places = torch.cat([torch.arange(n) for n in lengths])
    case.output(y=table[ids] + position[places])


def patch_embedding(name, batch, side, patch, width):
    """y[B·(1+n),W]: the class embedding, then one row a patch (rows of patches from the top left), plus positions."""
    case = Case(name)
    images = case.constant("images", case.normal(batch, 3, side, side))
    weight = case.input("weight", case.normal(width, 3, patch, patch, scale=(3 * patch * patch) ** -0.5))
    class_embedding = case.input("class_embedding", case.normal(width))
    position = case.input("position", case.normal(1 + (side // patch) ** 2, width))
    patches = F.conv2d(images, weight, stride=patch).flatten(2).transpose(1, 2)
    tokens = torch.cat([class_embedding.expand(batch, 1, width), patches], 1)
    case.output(y=(tokens + position).flatten(0, 1))


def rows_and_columns():
    """gather_rows, mean_pool, concatenate_columns, scale, add, normalize, gelu_erf."""
    case = Case("gather_rows")
    x = case.input("x", case.normal(9, 13))
    indices = case.constant("indices", torch.tensor([3, 0, 8, 3, 3, 7, 0]))
    case.output(y=x[indices])

    case, lengths = Case("mean_pool"), [5, 1, 8]
    x = case.input("x", case.normal(sum(lengths), 13))
    case.constant("offsets", offsets(lengths))
    case.output(y=torch.stack([part.mean(0) for part in x.split(lengths)]))

    case = Case("concatenate_columns")
    a, b = case.input("a", case.normal(7, 5)), case.input("b", case.normal(7, 12))
    case.output(y=torch.cat([a, b], 1))

    case = Case("scale")
    x = case.input("x", case.normal(7, 13))
    case.constant("factor", -0.375)
    case.output(y=x * -0.375)

    case = Case("add")
    a, b = case.input("a", case.normal(7, 13)), case.input("b", case.normal(7, 13))
    case.output(y=a + b)

    case = Case("normalize")
    sizes = torch.tensor([1, 1e-3, 1e3, 1, 20, 0.1, 1], dtype=torch.float64)[:, None]
    x = case.input("x", (case.normal(7, 13) * sizes).float().double())
    case.constant("eps", 1e-12)
    case.output(y=F.normalize(x, dim=1, eps=1e-12))

    case = Case("gelu_erf")
    x = case.input("x", torch.linspace(-12, 12, 7 * 33, dtype=torch.float64).float().double().view(7, 33))
    case.output(y=F.gelu(x))


def cross_entropy():
    """loss = Σ (logsumexp(row) − row[target]) / count; two rows have logits that overflow exp in fp32."""
    case = Case("cross_entropy")
    logits = case.normal(7, 11, scale=3)
    logits[2] *= 60
    logits[5] += 300
    logits = case.input("logits", logits.float().double())
    targets = case.constant("targets", case.integers(0, 11, 7))
    case.constant("count", 13)
    case.loss(F.cross_entropy(logits, targets, reduction="sum") / 13)


def contrastive(name, batch, width, log_scale):
    """logits = exp(logit_scale) image textᵀ; loss = (mean CE of rows + mean CE of columns) / 2, the diagonal is right."""
    case = Case(name)
    image = case.input("image", F.normalize(case.normal(batch, width), dim=1).float().double())
    text = F.normalize(case.normal(batch, width) + image.detach(), dim=1)
    text = case.input("text", text.float().double())
    logit_scale = case.input("logit_scale", torch.tensor(log_scale).double())
    logits = logit_scale.exp() * image @ text.T
    right = torch.arange(batch)
    case.loss((F.cross_entropy(logits, right) + F.cross_entropy(logits.T, right)) / 2)


def main():
    for activation in ACTIVATIONS:
        linear(f"linear_{activation}", activation, 7, 33, 19)
    linear("linear_no_bias", "none", 7, 33, 19, has_bias=False)
    linear("linear_aligned", "quick_gelu", 16, 32, 32)
    perceptron("perceptron_gelu_erf", "gelu_erf", 7, 19, 37, 21)
    perceptron("perceptron_quick_gelu", "quick_gelu", 16, 32, 64, 32)
    for width, rows in ((19, 7), (64, 8), (300, 3)):
        layer_norm(f"layer_norm_{width}", rows, width, residual=False)
        layer_norm(f"layer_norm_residual_{width}", rows, width, residual=True)
    attention("attention_self_8", 3, 8, [1, 35, 5])
    attention("attention_self_64", 2, 64, [4, 1])
    attention("attention_causal_8", 2, 8, [6, 70, 1], causal=True)
    attention("attention_causal_64", 2, 64, [1, 6], causal=True)
    attention("attention_cross_8", 2, 8, [2, 17, 1], [9, 1, 66])
    attention("attention_cross_64", 1, 64, [4, 1], [3, 8])
    attention("attention_shared_8", 2, 8, [3, 1, 7, 2, 5], [11, 4, 16], key_segment=[2, 0, 2, 2, 0])
    attention("attention_shared_64", 1, 64, [2, 1, 3], [5], key_segment=[0, 0, 0])
    # Longer than one block of queries, beside shorter segments whose one block is larger than those of the longest.
    attention("attention_self_16", 1, 16, [77, 72, 20])
    attention("attention_causal_16", 1, 16, [60, 80, 67], causal=True)
    token_embedding()
    patch_embedding("patch_embedding", 3, 12, 4, 10)
    rows_and_columns()
    cross_entropy()
    contrastive("contrastive", 9, 21, 2.6592)
    contrastive("contrastive_sharp", 8, 32, 4.6051702)
    goldenfile.write(Path(__file__).with_suffix(".safetensors"), TENSORS, goldenfile.metadata("operations.py"))


if __name__ == "__main__":
    torch.set_num_threads(1)
    main()
