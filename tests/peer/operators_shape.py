"""Operators of the rule table that move, cut or join data."""
import numpy as np
from onnx import TensorProto

from graphs import Typed
from operators import INT64, operator, optional


def divisors(g, count):
    """A random shape of rank 1 to 4 with this many elements."""
    shape = []
    for _ in range(g.size(0, 3)):
        d = g.choice([k for k in range(1, 7) if count % k == 0])
        shape.append(d)
        count //= d
    return tuple(shape + [count])


@operator("Reshape", weight=3, common=True)
def reshape(g):
    x = g.pick(2, 3, 4)
    shape = divisors(g, int(np.prod(x.shape)))
    given = [-1, *shape[1:]] if g.chance(0.3) else list(shape)
    g.add("Reshape", [x.name, g.ints(given, "shape")], [shape])


@operator("Transpose", weight=3, common=True)
def transpose(g):
    x = g.pick(2, 3, 4)
    perm = list(range(len(x.shape)))
    g.rng.shuffle(perm)
    if g.chance(0.2):
        g.add("Transpose", [x.name], [x.shape[::-1]])
    else:
        g.add("Transpose", [x.name], [[x.shape[p] for p in perm]], perm=perm)


@operator("Flatten")
def flatten(g):
    x = g.pick(2, 3, 4)
    axis = g.choice([1, 1, 0, 2])
    left = int(np.prod(x.shape[:axis]))
    g.add("Flatten", [x.name], [(left, int(np.prod(x.shape)) // left)],
          **({} if axis == 1 else {"axis": axis}))


def with_axes(g, op, x, shape, axes):
    if g.opset < 13:
        g.add(op, [x.name], [shape], axes=axes)
    else:
        g.add(op, [x.name, g.ints(axes, "axes")], [shape])


@operator("Squeeze", weight=1.2)
def squeeze(g):
    x = g.pick(2, 3, 4, wanted=lambda s: 1 in s)
    ones = [i for i, d in enumerate(x.shape) if d == 1]
    if g.chance(0.2):
        g.add("Squeeze", [x.name], [[d for d in x.shape if d != 1]])
        return
    axis = g.choice(ones)
    with_axes(g, "Squeeze", x, x.shape[:axis] + x.shape[axis + 1:], [axis])


@operator("Unsqueeze", weight=1.2)
def unsqueeze(g):
    x = g.pick(1, 2, 3)
    axis = g.size(0, len(x.shape))
    with_axes(g, "Unsqueeze", x, x.shape[:axis] + (1,) + x.shape[axis:], [axis])


@operator("Concat", weight=2.5, common=True)
def concat(g):
    x = g.pick(1, 2, 3, 4)
    axis = g.size(0, len(x.shape) - 1)
    rest = lambda s: s[:axis] + s[axis + 1:]
    parts = [x.name]
    total = x.shape[axis]
    for _ in range(g.size(1, 2)):
        fits = [t for t in g.pool if len(t.shape) == len(x.shape)
                and t.dtype == g.float_type and rest(t.shape) == rest(x.shape)]
        if g.chance(0.7):
            other = g.choice(fits)
            parts.append(other.name)
            total += other.shape[axis]
        else:
            d = g.size(1, 2)
            parts.append(g.weight(x.shape[:axis] + (d,) + x.shape[axis + 1:], "k"))
            total += d
    shape = x.shape[:axis] + (total,) + x.shape[axis + 1:]
    g.add("Concat", parts, [shape], axis=axis)


@operator("Split", weight=1.5)
def split(g):
    x = g.pick(2, 3, 4, wanted=lambda s: max(s) > 1)
    axis = g.choice([i for i, d in enumerate(x.shape) if d > 1])
    size = x.shape[axis]
    first = g.size(1, size - 1)
    parts = [first, size - first]
    shapes = [x.shape[:axis] + (p,) + x.shape[axis + 1:] for p in parts]
    equal = parts[0] == parts[1]
    if g.opset < 13:
        attributes = {} if equal and g.chance(0.5) else {"split": parts}
        g.add("Split", [x.name], shapes, axis=axis, **attributes)
    elif equal and g.chance(0.5):
        attributes = {"num_outputs": 2} if g.opset >= 18 else {}
        g.add("Split", [x.name], shapes, axis=axis, **attributes)
    else:
        g.add("Split", [x.name, g.ints(parts, "split")], shapes, axis=axis)


@operator("Slice", weight=1.5)
def slice_(g):
    x = g.pick(1, 2, 3, 4)
    axis = g.size(0, len(x.shape) - 1)
    end = g.size(1, x.shape[axis])
    shape = x.shape[:axis] + (end,) + x.shape[axis + 1:]
    if g.opset < 10:
        g.add("Slice", [x.name], [shape], axes=[axis], starts=[0], ends=[end])
        return
    inputs = [x.name, g.ints([0]), g.ints([end]), g.ints([axis])]
    if g.chance(0.3):
        inputs.append(g.ints([1]))
    g.add("Slice", inputs, [shape])


@operator("Pad", weight=2)
def pad(g):
    x = g.pick(2, 3, 4)
    rank = len(x.shape)
    mode = g.choice(["constant", "constant", "constant", "edge", "reflect"])
    pads = [0] * (2 * rank)
    pads[rank - 1] = 1
    if mode != "reflect" or x.shape[-2] > 1:
        pads[2 * rank - 2] = 1
    shape = tuple(d + pads[i] + pads[rank + i] for i, d in enumerate(x.shape))
    attributes = {"mode": mode} if mode != "constant" or g.chance(0.5) else {}
    value = g.choice([0.0, 0.0, 1.5])
    if g.opset < 11:
        if mode == "constant" and g.chance(0.7):
            attributes["value"] = value
        g.add("Pad", [x.name], [shape], pads=pads, **attributes)
        return
    inputs = [x.name, g.ints(pads, "pads")]
    if mode == "constant" and g.chance(0.7):
        inputs.append(g.scalar(value, "pad"))
    g.add("Pad", inputs, [shape], **attributes)


@operator("Gather", weight=2)
def gather(g):
    if g.chance(0.5):
        rows, width = g.size(2, 4), g.size(2, 5)
        table = g.weight((rows, width), "emb")
        ids = g.input((2, 3), INT64).name if g.chance(0.3) else g.ints([[0, 1, 0], [1, 1, 0]])
        g.add("Gather", [table, ids], [(2, 3, width)])
        return
    x = g.pick(2, 3, 4)
    axis = g.size(0, len(x.shape) - 1)
    indices = g.choice([0, [0], [0, 0]])
    middle = tuple(np.shape(indices))
    g.add("Gather", [x.name, g.ints(indices)],
          [x.shape[:axis] + middle + x.shape[axis + 1:]], axis=axis)


@operator("GatherElements", since=11)
def gather_elements(g):
    x = g.pick(1, 2, 3)
    source = g.weight(x.shape, "emb") if g.chance(0.3) else x.name
    g.add("GatherElements", [source, g.ints(np.zeros(x.shape, np.int64))], [x.shape])


@operator("TopK")
def top_k(g):
    x = g.pick(1, 2, 3)
    k = g.size(1, x.shape[-1])
    shapes = [x.shape[:-1] + (k,), Typed(x.shape[:-1] + (k,), INT64)]
    if g.opset < 10:
        g.add("TopK", [x.name], shapes, k=k, axis=-1)
    else:
        g.add("TopK", [x.name, g.ints([k])], shapes, axis=-1)


@operator("ArgMax")
def arg_max(g):
    x = g.pick(2, 3)
    g.add("ArgMax", [x.name], [Typed(x.shape[:-1] + (1,), INT64)],
          axis=len(x.shape) - 1, keepdims=1)


@operator("Resize", since=10, weight=1.5)
def resize(g):
    x = g.pick(4)
    shape = (*x.shape[:2], x.shape[2] * 2, x.shape[3] * 2)
    scales = g.initializer(np.array([1, 1, 2, 2], np.float32), "scales")
    mode = g.choice(["nearest", "linear"])
    if g.opset == 10:
        g.add("Resize", [x.name, scales], [shape], mode=mode)
        return
    roi = g.initializer(np.zeros((0,), np.float32), "roi") if g.opset < 13 else ""
    attributes = optional(g, coordinate_transformation_mode="asymmetric")
    if g.chance(0.4):
        empty = g.initializer(np.zeros((0,), np.float32), "s") if g.opset < 13 else ""
        g.add("Resize", [x.name, roi, empty, g.ints(shape, "sizes")], [shape],
              mode=mode, **attributes)
    else:
        g.add("Resize", [x.name, roi, scales], [shape], mode=mode, **attributes)


@operator("Upsample", since=7, until=9)
def upsample(g):
    x = g.pick(4)
    shape = (*x.shape[:2], x.shape[2] * 2, x.shape[3] * 2)
    mode = g.choice(["nearest", "linear"])
    if g.opset < 9:
        g.add("Upsample", [x.name], [shape], mode=mode, scales=[1.0, 1.0, 2.0, 2.0])
    else:
        scales = g.initializer(np.array([1, 1, 2, 2], np.float32), "scales")
        g.add("Upsample", [x.name, scales], [shape], mode=mode)


@operator("EmbedLayerNormalization", weight=0.6)
def embed_layer_normalization(g):
    batch, length, width = 1, 3, g.choice([4, 8])
    ids = [g.input((batch, length), TensorProto.INT32).name for _ in range(2)]
    tables = [g.weight((rows, width), "emb") for rows in (4, length, 2)]
    inputs = ids + tables + [g.weight((width,)), g.bias((width,))]
    g.domains["com.microsoft"] = 1
    declared = g.chance(0.7)
    outputs = g.add("EmbedLayerNormalization", inputs,
                    [(batch, length, width), Typed((batch,), TensorProto.INT32)],
                    domain="com.microsoft", known=declared)
    if declared:
        g.declare(outputs[0])
