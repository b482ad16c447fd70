"""The operators of the rule table (qdq-semantics.md 3.6), each as a function
that adds one valid node of the graph's opset with random attributes.

TABLE lists them with the opsets that have them and a weight; `common` are
those of the first level of the generator.
"""
from dataclasses import dataclass
from typing import Callable

import numpy as np
from onnx import TensorProto


INT64 = TensorProto.INT64


@dataclass
class Operator:
    name: str
    add: Callable
    since: int = 1
    until: int = 99
    weight: float = 1.0
    common: bool = False


TABLE = []


def operator(name, since=1, until=99, weight=1.0, common=False):
    def register(function):
        TABLE.append(Operator(name, function, since, until, weight, common))
        return function
    return register


def optional(g, **attributes):
    """Some of the attributes; those left out have this value by default."""
    return {k: v for k, v in attributes.items() if g.chance(0.6)}


# ---- with weights

@operator("Conv", weight=4, common=True)
def conv(g):
    x = g.pick(3, 4, 4, 4)
    n, c, *spatial = x.shape
    group = c if c > 1 and g.chance(0.2) else 1
    kernel = [g.choice([1, 3]) for _ in spatial]
    m = group * g.size(1, 3)
    pads = [(k - 1) // 2 for k in kernel]
    inputs = [x.name, g.weight((m, c // group, *kernel))]
    if g.chance(0.7):
        inputs.append(g.bias((m,)))
    attributes = optional(g, kernel_shape=kernel, strides=[1] * len(kernel))
    if group > 1:
        attributes["group"] = group
    if any(pads):
        attributes["pads"] = pads * 2
    g.add("Conv", inputs, [(n, m, *spatial)], **attributes)


@operator("ConvTranspose", weight=1.5)
def conv_transpose(g):
    x = g.pick(3, 4, 4)
    n, c, *spatial = x.shape
    group = c if c > 1 and g.chance(0.2) else 1
    kernel = [g.choice([1, 2, 3]) for _ in spatial]
    m = g.size(1, 3)
    inputs = [x.name, g.weight((c, m, *kernel))]
    if g.chance(0.6):
        inputs.append(g.bias((m * group,)))
    out = [d + k - 1 for d, k in zip(spatial, kernel)]
    attributes = {"group": group} if group > 1 else {}
    g.add("ConvTranspose", inputs, [(n, m * group, *out)], **attributes)


def gemm_bias(g, rows, columns):
    kind = g.choice(["vector"] * 8 + ["row", "one", "full", "dynamic"])
    if kind == "dynamic":
        fits = [t.name for t in g.pool if t.shape == (rows, columns)
                and t.dtype == g.float_type]
        return g.choice(fits) if fits else g.bias((columns,))
    return g.bias({"vector": (columns,), "row": (1, columns), "one": (1,),
                   "full": (rows, columns)}[kind])


@operator("Gemm", weight=3, common=True)
def gemm(g):
    a = g.pick(2)
    rows, inner = a.shape
    columns = g.size(1, 4)
    attributes = {}
    if g.chance(0.15):
        attributes["transA"] = 1
        rows, inner = inner, rows
    if g.chance(0.5):
        attributes["transB"] = 1
    shape = (columns, inner) if attributes.get("transB") else (inner, columns)
    inputs = [a.name, g.weight(shape)]
    if g.opset < 11 or g.chance(0.8):
        inputs.append(gemm_bias(g, rows, columns))
    if g.chance(0.3):
        attributes["beta"] = g.choice([1.0, 1.0, 0.5, -2.0, 0.0])
    if g.chance(0.2):
        attributes["alpha"] = g.choice([1.0, 0.5])
    g.add("Gemm", inputs, [(rows, columns)], **attributes)


@operator("MatMul", weight=4, common=True)
def matmul(g):
    a = g.pick(2, 3, 3, 4)
    *batch, rows, inner = a.shape
    columns = 300 if g.chance(g.profile.wide) else g.size(1, 4)
    fits = [t for t in g.pool if t.dtype == g.float_type
            and t.shape[:-2] == tuple(batch) and len(t.shape) == len(a.shape)
            and t.shape[-2] == inner]
    kind = g.choice(["matrix"] * 6 + ["batched", "vector", "left", "dynamic", "dynamic"])
    if kind == "dynamic" and fits:
        b = g.choice(fits)
        g.add("MatMul", [a.name, b.name], [(*batch, rows, b.shape[-1])])
    elif kind == "left":
        w = g.weight((columns, rows))
        g.add("MatMul", [w, a.name], [(*batch, columns, inner)])
    elif kind == "vector":
        g.add("MatMul", [a.name, g.weight((inner,))], [(*batch, rows)])
    else:
        shape = (*batch, inner, columns) if kind == "batched" else (inner, columns)
        g.add("MatMul", [a.name, g.weight(shape)], [(*batch, rows, columns)])


@operator("BatchNormalization", weight=1.5)
def batch_normalization(g):
    x = g.pick(2, 3, 4)
    c = (x.shape[1],)
    variance = g.initializer(np.abs(g.numbers(c)) + g.dtype()(0.5), "var")
    inputs = [x.name, g.weight(c), g.bias(c), g.weight(c, "mean"), variance]
    attributes = optional(g, epsilon=1e-5, momentum=0.8)
    if g.opset < 9:
        attributes.update(optional(g, spatial=1))
    if g.opset >= 14:
        attributes.update(optional(g, training_mode=0))
    g.add("BatchNormalization", inputs, [x.shape], **attributes)


@operator("InstanceNormalization", weight=1.5)
def instance_normalization(g):
    x = g.pick(3, 4)
    c = (x.shape[1],)
    g.add("InstanceNormalization", [x.name, g.weight(c), g.bias(c)], [x.shape],
          **optional(g, epsilon=1e-4))


@operator("LayerNormalization", since=17, weight=2, common=True)
def layer_normalization(g):
    x = g.pick(2, 3, 4)
    axis = g.choice([-1, -1, -1, len(x.shape) - 1, 1])
    d = x.shape[axis:]
    inputs = [x.name, g.weight(d)]
    if g.chance(0.8):
        inputs.append(g.bias(d))
    g.add("LayerNormalization", inputs, [x.shape], axis=axis,
          **optional(g, epsilon=1e-4))


# ---- elementwise

def binary(g, op):
    x = g.pick()
    operands = [x.name, g.like(x.shape)]
    if g.chance(0.2):
        operands.reverse()
    g.add(op, operands, [x.shape])


@operator("Add", weight=4, common=True)
def add(g):
    if g.chance(0.08):
        x = g.pick()
        g.add("Add", [x.name, x.name], [x.shape])
    else:
        binary(g, "Add")


@operator("Mul", weight=3, common=True)
def mul(g):
    binary(g, "Mul")


def unary(op, **table):
    @operator(op, **table)
    def function(g, op=op):
        x = g.pick()
        g.add(op, [x.name], [x.shape])
    return function


unary("Relu", weight=4, common=True)
sigmoid = unary("Sigmoid", weight=2, common=True)


@operator("LeakyRelu")
def leaky_relu(g):
    x = g.pick()
    g.add("LeakyRelu", [x.name], [x.shape], **optional(g, alpha=0.2))


@operator("Clip", weight=3, common=True)
def clip(g):
    x = g.pick()
    low, high = g.choice([(0.0, 6.0), (0.0, 1.0), (-1.0, 1.0), (0.25, 2.0)])
    which = g.choice(["both", "both", "both", "min", "max", "none"])
    if g.opset < 11:
        attributes = {"min": low, "max": high}
        if which in attributes:
            attributes = {which: attributes[which]}
        g.add("Clip", [x.name], [x.shape], **({} if which == "none" else attributes))
        return
    inputs = [x.name]
    if which in ("both", "min"):
        inputs.append(g.scalar(low, "min"))
    if which in ("both", "max"):
        inputs += [""] if which == "max" else []
        inputs.append(g.scalar(high, "max"))
    g.add("Clip", inputs, [x.shape])


@operator("Softmax", weight=2, common=True)
def softmax(g):
    x = g.pick(1, 2, 3, 4)
    axis = g.choice([-1, -1, len(x.shape) - 1, g.size(0, len(x.shape) - 1)])
    attributes = {"axis": axis} if len(x.shape) == 1 else optional(g, axis=axis)
    g.add("Softmax", [x.name], [x.shape], **attributes)


@operator("Where", since=9, weight=1.5)
def where(g):
    x = g.pick(1, 2, 3)
    if g.chance(0.4):
        condition = g.input(x.shape, TensorProto.BOOL).name
    else:
        bits = [g.chance(0.5) for _ in range(int(np.prod(x.shape)))]
        condition = g.ints(np.reshape(bits, x.shape), "c", bool)
    g.add("Where", [condition, x.name, g.like(x.shape)], [x.shape])


@operator("CumSum", since=11, weight=0.6)
def cum_sum(g):
    if g.float_type == TensorProto.FLOAT16:
        return
    x = g.pick(1, 2, 3)
    g.add("CumSum", [x.name, g.ints(len(x.shape) - 1)], [x.shape])


# ---- pooling

@operator("MaxPool", weight=2, common=True)
def max_pool(g):
    x = g.pick(4, 4, 3)
    kernel = [g.size(1, min(d, 2)) for d in x.shape[2:]]
    out = [d - k + 1 for d, k in zip(x.shape[2:], kernel)]
    g.add("MaxPool", [x.name], [(*x.shape[:2], *out)], kernel_shape=kernel)


@operator("AveragePool", weight=1.5, common=True)
def average_pool(g):
    x = g.pick(4, 4, 3)
    kernel = [g.size(1, min(d, 2)) for d in x.shape[2:]]
    out = [d - k + 1 for d, k in zip(x.shape[2:], kernel)]
    g.add("AveragePool", [x.name], [(*x.shape[:2], *out)], kernel_shape=kernel)


@operator("GlobalAveragePool", common=True)
def global_average_pool(g):
    x = g.pick(4, 3)
    g.add("GlobalAveragePool", [x.name], [(*x.shape[:2], *[1] * (len(x.shape) - 2))])
