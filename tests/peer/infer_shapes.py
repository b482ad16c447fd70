"""Random nodes for infer_cases.py: windows, other shapes, picked elements."""
import numpy
from onnx import TensorProto

from infer_case import FLOAT, INT64, rank, some, varied


# ---- windows

def window(c, n, pads=True, dilations=True):
    a = {}
    a.update(some(c, "strides", c.ints(n, 1, 3), 0.5))
    if dilations:
        a.update(some(c, "dilations", c.ints(n, 1, 2), 0.4))
    way = c.rng.random()
    if way < 0.4 and pads:
        a["pads"] = c.ints(2 * n, 0, 2)
    elif way < 0.75:
        a["auto_pad"] = c.rng.choice(["SAME_UPPER", "SAME_LOWER", "VALID", "NOTSET"])
    return a


def image(c, n, channels=None):
    big = lambda: c.rng.choice([5, 6, 7, 8, 9, 12])
    shape = c.shape(2) + [big() if isinstance(d, int) else d for d in c.shape(n)]
    if channels:
        shape[1] = channels
    return shape


def conv(c, op):
    n = rank(c, 1, 3)
    x, w = image(c, n), [c.dim() for _ in range(2)] + [
        c.rng.choice([1, 2, 3]) if c.chance(0.85) else "K" for _ in range(n)]
    a = window(c, n)
    a.update(some(c, "kernel_shape", c.ints(n, 1, 3), 0.5))
    kind = {"ConvInteger": TensorProto.UINT8}.get(op, FLOAT)
    if op == "QLinearConv":
        u8 = TensorProto.UINT8
        ins = [c.tensor(x, u8), c.tensor([]), c.tensor([], u8), c.tensor(w, u8),
               c.tensor([]), c.tensor([], u8), c.tensor([]), c.tensor([], u8)]
    else:
        ins = [c.tensor(x, kind), c.tensor(w, kind)]
    if op == "ConvTranspose":
        a.update(some(c, "output_padding", c.ints(n, 0, 1), 0.3))
        a.update(some(c, "output_shape", c.ints(n, 6, 20), 0.2))
        a.update(some(c, "group", c.rng.choice([1, 1, 2, 0]), 0.4))
    if op == "DeformConv":
        ins.append(c.tensor(c.shape(n + 2)))
    c.add(op, ins, **a)


def pool(c, op):
    n = rank(c, 1, 3)
    a = window(c, n)
    a.update(some(c, "kernel_shape", c.ints(n, 1, 3), 0.97))
    a.update(some(c, "ceil_mode", c.rng.choice([0, 1]), 0.5 if op != "LpPool" else 0.2))
    c.add(op, [c.tensor(image(c, n))], 2 if op == "MaxPool" and c.chance(0.4) else 1, **a)


def max_unpool(c, op):
    n = rank(c, 1, 2)
    a = {"kernel_shape": c.ints(n, 1, 3)}
    a.update(some(c, "strides", c.ints(n, 1, 3)))
    a.update(some(c, "pads", c.ints(2 * n, 0, 1)))
    x = image(c, n)
    ins = [c.tensor(x), c.tensor(varied(c, x), INT64)]
    if c.chance(0.3):
        ins.append(c.tensor([n + 2], INT64))
    c.add(op, ins, **a)


def roi(c, op):
    if op == "MaxRoiPool":
        c.add(op, [c.tensor(c.shape(4)), c.tensor([c.dim(), 5 if c.chance(0.8) else c.dim()])],
              pooled_shape=c.ints(2, 1, 4))
        return
    a = some(c, "output_height", 3)
    a.update(some(c, "output_width", 2))
    c.add(op, [c.tensor(c.shape(rank(c, 4, 4))), c.tensor([c.dim(), 4]),
               c.tensor(c.shape(1), INT64)], **a)


def resize(c, op):
    n = rank(c, 1, 4)
    x = c.shape(n)
    scales = [c.rng.choice([0.5, 1.0, 2.0, 1.7]) for _ in range(n)]
    if op == "Upsample" and c.opset < 9:
        c.add(op, [c.tensor(x)], scales=scales)
        return
    if c.opset < 11 or op == "Upsample":
        c.add(op, [c.tensor(x), c.constant(scales, numpy.float32)])
        return
    a, count = {}, n
    if c.chance(0.4):
        axes = c.axes(n)
        a["axes"] = axes
        count = len(axes) or n
    if c.chance(0.4):
        a["keep_aspect_ratio_policy"] = c.rng.choice(
            ["stretch", "not_larger", "not_smaller", "wrong"])
    roi_input = c.tensor([0]) if c.chance(0.3) else ""
    if c.chance(0.5):
        ins = [c.tensor(x), roi_input,
               c.constant([], numpy.float32) if c.chance(0.3) else "",
               c.constant(c.ints(count, 1, 9))]
    else:
        ins = [c.tensor(x), roi_input,
               c.constant((scales * 2)[:count], numpy.float32)]
        if c.chance(0.1):
            ins.append(c.constant([]))
    c.add(op, ins, **a)


# ---- shapes

def reshape(c, op):
    x = c.shape(rank(c, 0, 4))
    target = [c.rng.choice([0, -1, 1, 2, 3, 4, 6, 0, 12]) for _ in range(rank(c, 0, 4))]
    seen = False
    for i, t in enumerate(target):
        if t == -1 and seen and c.chance(0.9):
            target[i] = 0
        seen = seen or t == -1
    c.add(op, [c.tensor(x), c.constant(target)],
          **some(c, "allowzero", 1, 0.2 if c.opset >= 14 else 0))


def squeeze(c, op):
    n = rank(c, 0, 4)
    x = c.shape(n)
    if op == "Squeeze":
        axes = c.axes(n)
        for a in axes:
            if -n <= a < n and c.chance(0.9):
                x[a] = 1 if c.chance(0.7) else "N"
    else:
        axes = c.axes(n + c.rng.randint(1, 2))
    if c.opset < 13:
        c.add(op, [c.tensor(x)], **some(c, "axes", axes, 0.9))
        return
    ins = [c.tensor(x)]
    if c.chance(0.85) or op == "Unsqueeze":
        ins.append(c.constant(axes))
    c.add(op, ins)


def transpose(c, op):
    n = rank(c)
    perm = c.rng.sample(range(n), n)
    if perm and c.chance(0.05):
        perm[0] = c.rng.randint(-1, n)
    c.add(op, [c.tensor(c.shape(n))], **some(c, "perm", perm, 0.7))


def expand(c, op):
    x = c.shape(rank(c))
    target = [d if isinstance(d, int) else c.rng.choice([1, 2, 3]) for d in varied(c, x)]
    if c.chance(0.3):
        target = [c.rng.choice([1, 2, 3])] + target
    c.add(op, [c.tensor(x), c.constant(target)])


def tile(c, op):
    n = rank(c)
    c.add(op, [c.tensor(c.shape(n)), c.constant(c.ints(n, 0, 3))])


def concat(c, op):
    n = rank(c, 1, 4)
    x = c.shape(n)
    ins = []
    for _ in range(c.rng.randint(1, 3)):
        y = [c.dim() if c.chance(0.15) else d for d in x]
        ins.append(c.tensor(y))
    c.add(op, ins, axis=c.axis(n))


def split(c, op):
    n = rank(c, 1, 4)
    x, outputs, a = c.shape(n), c.rng.randint(1, 4), {}
    axis = c.axis(n)
    ins = []
    parts = c.ints(outputs, 0, 3)
    if c.chance(0.7) and -n <= axis < n and n and isinstance(x[axis], int):
        x[axis] = sum(parts) if c.chance(0.6) else outputs * c.rng.randint(1, 3)
    ins.append(c.tensor(x))
    a.update(some(c, "axis", axis, 0.8))
    if c.opset >= 18:
        if c.chance(0.5):
            ins.append(c.constant(parts))
        else:
            a.update(some(c, "num_outputs", outputs, 0.95))
    elif c.chance(0.6):
        if c.opset >= 13:
            ins.append(c.constant(parts))
        else:
            a["split"] = parts
    c.add(op, ins, outputs, **a)


def block(c, op):
    size = c.rng.choice([1, 2, 2, 3])
    c.add(op, [c.tensor([c.dim() if i != 1 or not c.chance(0.5) else size * size
                         for i in range(rank(c, 4, 4))])], blocksize=size)


# ---- picking

def gather(c, op):
    n, q = rank(c, 1, 4), rank(c, 0, 3)
    x = c.shape(n)
    a = some(c, "axis", c.axis(n), 0.8) if op != "GatherND" else {}
    indices = c.shape(q)
    if op == "GatherND":
        indices = c.shape(rank(c, 1, 3))
        if indices and c.chance(0.9):
            indices[-1] = c.rng.randint(1, n) if n else 1
        if c.opset >= 12:
            a = some(c, "batch_dims", c.rng.randint(0, 1))
    c.add(op, [c.tensor(x), c.tensor(indices, INT64)], **a)


def scatter(c, op):
    n = rank(c, 1, 4)
    x = c.shape(n)
    c.add(op, [c.tensor(x), c.tensor(c.shape(n), INT64), c.tensor(c.shape(n))],
          **(some(c, "axis", c.axis(n)) if op != "ScatterND" else {}))


def slicing(c, op):
    n = rank(c, 1, 4)
    axes = c.axes(n) or [0]
    count = len(axes)
    starts, ends = c.ints(count, -7, 7), c.ints(count, -9, 9)
    if c.chance(0.2):
        ends = [2**31 - 1 if c.chance(0.5) else 2**63 - 1] * count
    if c.opset < 10:
        if c.chance(0.7):
            axes = sorted(axes)
        c.add(op, [c.tensor(c.shape(n))], starts=starts, ends=ends,
              **some(c, "axes", axes, 0.7))
        return
    kind = numpy.int64 if c.chance(0.7) else numpy.int32
    clip = lambda v: [max(min(i, 2**31 - 1), -2**31) for i in v]
    ins = [c.tensor(c.shape(n)), c.constant(clip(starts), kind),
           c.constant(clip(ends) if kind == numpy.int32 else ends, kind)]
    if c.chance(0.7):
        ins.append(c.constant(axes, kind))
        if c.chance(0.5):
            ins.append(c.constant([c.rng.choice([1, 2, -1, -2, 3, 0])
                                   for _ in range(count)], kind))
    elif c.chance(0.2):
        ins += ["", c.constant([c.rng.choice([1, 2, -1])] * count, kind)]
    c.add(op, ins)


def pad(c, op):
    n = rank(c, 0, 4)
    pads = [c.rng.choice([0, 0, 1, 2]) for _ in range(2 * n)]
    if c.opset < 11:
        c.add(op, [c.tensor(c.shape(n))], pads=pads)
        return
    ins = [c.tensor(c.shape(n))]
    if c.opset >= 18 and c.chance(0.5):
        axes = c.axes(n)
        ins += [c.constant(pads[:2 * len(axes)]), "", c.constant(axes)]
    else:
        ins.append(c.constant(pads))
    c.add(op, ins)


def crop(c, op):
    n = rank(c, 1, 4)
    axes = c.axes(n)
    use = c.chance(0.6)
    c.add(op, [c.tensor(c.shape(n)), c.constant(c.ints(len(axes) if use else n, 1, 6))],
          **({"axes": axes} if use else {}))


def compress(c, op):
    n = rank(c, 0, 3)
    ins = [c.tensor(c.shape(n))]
    if op == "Compress":
        ins.append(c.tensor(c.shape(1), TensorProto.BOOL))
    outputs = 1 if op == "Compress" else c.rng.randint(1, 4)
    c.add(op, ins, outputs, **some(c, "axis", c.axis(n), 0.6))


def top_k(c, op):
    n = rank(c, 1, 3)
    a = some(c, "axis", c.axis(n), 0.7)
    k = c.rng.randint(0, 3)
    if c.opset < 10:
        c.add(op, [c.tensor(c.shape(n))], 2, k=k, **a)
    else:
        c.add(op, [c.tensor(c.shape(n)), c.constant([k])], 2, **a)


def one_hot(c, op):
    n = rank(c, 1, 3)
    kind = c.rng.choice([numpy.int64, numpy.int32, numpy.float32])
    depth = c.constant(c.rng.randint(1, 9), kind, [] if c.chance(0.5) else [1])
    indices = c.tensor(c.shape(n), INT64)
    if c.chance(0.2):
        indices = c.constant([[1, 2], [0, -1 if c.chance(0.3) else 1]])
    c.add(op, [indices, depth, c.tensor([2])], **some(c, "axis", c.axis(n + 1)))
