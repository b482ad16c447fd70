"""Random nodes for every operator and version, for infer.py: inputs of shapes known,
symbolic and missing, constants and what only a run tells, attributes right and wrong."""
import random

import numpy
import onnx
from onnx import TensorProto, helper, numpy_helper

SYMBOLS = ("N", "M", "batch")
FLOAT, INT64, INT32 = TensorProto.FLOAT, TensorProto.INT64, TensorProto.INT32
SKIPPED = {"If", "Loop", "Scan", "SequenceMap", "Gradient"}
DOMAINS = ("", "ai.onnx.ml", "ai.onnx.preview.training")


def schemas(lowest, highest):
    """Every version of an operator that one of these opsets has."""
    found = {}
    for schema in onnx.defs.get_all_schemas_with_history():
        if schema.domain not in DOMAINS or schema.name in SKIPPED:
            continue
        found.setdefault((schema.domain, schema.name), []).append(schema)
    result = []
    for history in found.values():
        history.sort(key=lambda s: s.since_version)
        for i, schema in enumerate(history):
            last = history[i + 1].since_version - 1 if i + 1 < len(history) else highest
            ml = schema.domain != ""
            if ml or (last >= lowest and schema.since_version <= highest):
                result.append((schema, last))
    return sorted(result, key=lambda p: (p[0].domain, p[0].name, p[0].since_version))


class Case:
    """One model in the making."""

    def __init__(self, rng, opset, domain="", version=None):
        self.rng, self.opset, self.domain, self.ml = rng, opset, domain, version
        self.inputs, self.initializers, self.nodes = [], [], []
        self.count = 0
        self.mood = rng.choice(["known", "known", "symbolic", "open", "mixed", "mixed"])

    def name(self, prefix="t"):
        self.count += 1
        return f"{prefix}{self.count}"

    def chance(self, share):
        return self.rng.random() < share

    def dim(self):
        known = self.rng.choice([1, 2, 3, 4, 5, 6, 8])
        other = self.rng.choice(SYMBOLS) if self.mood != "open" else None
        if self.mood == "known":
            return known
        if self.mood == "mixed" and self.chance(0.2):
            other = None
        return known if self.chance(0.5) else other

    def shape(self, rank):
        return [self.dim() for _ in range(rank)]

    def tensor(self, shape, kind=FLOAT):
        """A graph input; a shape of None is not declared."""
        name = self.name("x")
        if shape is not None and self.chance(0.04):
            shape = None
        self.inputs.append(helper.make_tensor_value_info(name, kind, shape))
        return name

    def value(self, type_proto):
        name = self.name("v")
        self.inputs.append(helper.make_value_info(name, type_proto))
        return name

    def constant(self, values, kind=numpy.int64, shape=None):
        """An initializer, a Constant, or an input of the same shape."""
        array = numpy.array(values, dtype=kind)
        if shape is not None:
            array = array.reshape(shape)
        way = self.rng.random()
        proto = helper.np_dtype_to_tensor_dtype(array.dtype)
        if way < 0.08:
            return self.tensor(list(array.shape), proto)
        if way < 0.12:
            return self.tensor(["L"] * array.ndim, proto)
        if way < 0.16:
            return self.tensor(None, proto)
        name = self.name("c")
        if way < 0.6:
            raw = self.chance(0.5)
            tensor = numpy_helper.from_array(array, name)
            if not raw and array.dtype in (numpy.int64, numpy.int32, numpy.float32):
                tensor = helper.make_tensor(name, proto, array.shape,
                                            array.flatten().tolist())
            self.initializers.append(tensor)
            return name
        attributes = {"value": numpy_helper.from_array(array)}
        if self.opset >= 12 and self.chance(0.5) and array.ndim <= 1:
            field = {"int64": "value_int", "float32": "value_float"}.get(str(array.dtype))
            if field and array.ndim == 0:
                attributes = {field: array.item()}
            elif field and array.size:
                attributes = {field + "s": array.tolist()}
        self.nodes.append(helper.make_node("Constant", [], [name], **attributes))
        return name

    def axis(self, rank, wrong=0.06):
        if self.chance(wrong):
            return self.rng.choice([rank + 1, -rank - 2, rank])
        return self.rng.randrange(-rank, rank) if rank else 0

    def axes(self, rank):
        picked = self.rng.sample(range(rank), self.rng.randint(0, rank)) if rank else []
        picked = [a - rank if self.chance(0.3) else a for a in picked]
        if self.chance(0.04):
            picked.append(self.axis(rank, 0.5))
        return picked

    def ints(self, count, low, high):
        count = count + 1 if self.chance(0.03) else count
        return [self.rng.randint(low, high) for _ in range(count)]

    def add(self, op, inputs, outputs=1, domain="", **attributes):
        names = [self.name("y") for _ in range(outputs)]
        attributes = {k: v for k, v in attributes.items() if v is not None}
        node = helper.make_node(op, inputs, names, domain=domain)
        for key, val in attributes.items():
            node.attribute.append(
                helper.make_attribute(key, val, attr_type=onnx.AttributeProto.INTS)
                if val == [] else helper.make_attribute(key, val))
        self.nodes.append(node)
        return names

    def model(self):
        imports = [helper.make_opsetid("", self.opset)]
        if self.ml:
            imports.append(helper.make_opsetid(self.domain, self.ml))
        self.inputs.append(helper.make_tensor_value_info("dummy", FLOAT, [1]))
        self.nodes.append(helper.make_node("Identity", ["dummy"], ["end"]))
        graph = helper.make_graph(
            self.nodes, "g", self.inputs,
            [helper.make_tensor_value_info("end", FLOAT, [1])], self.initializers)
        return helper.make_model(graph, opset_imports=imports, ir_version=8)


def some(c, key, value, share=0.6):
    return {key: value} if c.chance(share) else {}


def rank(c, low=0, high=4):
    if c.chance(0.04):
        return c.rng.randint(0, 5)
    return c.rng.randint(low, high)


def varied(c, shape):
    """A shape that broadcasts with another, mostly."""
    cut = c.rng.randint(0, len(shape)) if c.chance(0.3) else 0
    result = []
    for d in shape[cut:]:
        way = c.rng.random()
        result.append(1 if way < 0.25 else c.dim() if way < 0.4 else d)
    return result


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


# ---- reductions

def reduction(c, op):
    n = rank(c)
    axes, a = c.axes(n), some(c, "keepdims", c.rng.choice([0, 1]))
    ins = [c.tensor(c.shape(n))]
    late = 13 if op == "ReduceSum" else 18
    if c.opset >= late:
        a.update(some(c, "noop_with_empty_axes", 1, 0.3))
        if c.chance(0.75):
            ins.append(c.constant(axes))
        elif c.chance(0.3):
            ins.append("")
    else:
        a.update(some(c, "axes", axes, 0.7))
    c.add(op, ins, **a)


def arg_reduction(c, op):
    n = rank(c)
    a = some(c, "keepdims", c.rng.choice([0, 1]))
    a.update(some(c, "axis", c.axis(n), 0.8))
    c.add(op, [c.tensor(c.shape(n))], **a)


def loss(c, op):
    n = rank(c, 2, 4)
    x = c.shape(n)
    target = x[:1] + x[2:]
    if c.chance(0.2):
        target = varied(c, target)
    ins = [c.tensor(x), c.tensor(target, INT64)]
    if c.chance(0.4):
        ins.append(c.tensor([x[1] if len(x) > 1 else 3]))
    two = op[0] == "S" and c.chance(0.4)
    c.add(op, ins, 2 if two else 1,
          **some(c, "reduction", c.rng.choice(["none", "mean", "sum"]), 0.8))


# ---- products

def mat_mul(c, op):
    n, m = rank(c, 1, 4), rank(c, 1, 4)
    a, b = c.shape(n), c.shape(m)
    if n and m and c.chance(0.9):
        b[-2 if m > 1 else -1] = a[-1]
    for i in range(3, min(n, m) + 1):
        if c.chance(0.8):
            b[-i] = c.rng.choice([a[-i], 1])
    u8 = TensorProto.UINT8
    if op == "MatMulInteger":
        c.add(op, [c.tensor(a, u8), c.tensor(b, u8)])
    elif op == "QLinearMatMul":
        c.add(op, [c.tensor(a, u8), c.tensor([]), c.tensor([], u8), c.tensor(b, u8),
                   c.tensor([]), c.tensor([], u8), c.tensor([]), c.tensor([], u8)])
    else:
        c.add(op, [c.tensor(a), c.tensor(b)])


def gemm(c, op):
    a, b = c.shape(rank(c, 2, 2)), c.shape(rank(c, 2, 2))
    ta, tb = c.rng.choice([0, 1]), c.rng.choice([0, 1])
    if len(a) == 2 and len(b) == 2 and c.chance(0.85):
        b[1 if tb else 0] = a[0 if ta else 1]
    ins = [c.tensor(a), c.tensor(b)]
    if c.chance(0.5) or c.opset < 11:
        ins.append(c.tensor(c.shape(1)))
    c.add(op, ins, transA=ta, transB=tb)


def einsum(c, op):
    letters = "abij"
    dims = {l: c.dim() for l in letters}
    terms, ins = [], []
    dots = c.chance(0.3)
    front = c.shape(c.rng.randint(0, 2))
    for _ in range(c.rng.randint(1, 3)):
        term = "".join(c.rng.choices(letters, k=c.rng.randint(0, 3)))
        shape = [dims[l] for l in term]
        if dots and c.chance(0.8):
            term, shape = "..." + term, varied(c, front) + shape
            shape = ([1] * (len(front) + len(term) - 3 - len(shape))) + shape
        terms.append(term)
        ins.append(c.tensor(shape))
    equation = ",".join(terms)
    if c.chance(0.7):
        used = sorted(set(equation) & set(letters))
        equation += "->" + ("..." if dots else "") + "".join(
            c.rng.sample(used, c.rng.randint(0, len(used))))
    if c.chance(0.2):
        equation = equation.replace(",", " , ").replace("->", " -> ")
    c.add(op, ins, equation=equation)


def recurrent(c, op):
    ways = c.rng.choice(["forward", "reverse", "bidirectional"])
    a = some(c, "hidden_size", 5, 0.8)
    a.update(some(c, "direction", ways))
    if c.opset >= 14:
        a.update(some(c, "layout", c.rng.choice([0, 1])))
    n = c.rng.randint(1, 3 if op == "LSTM" else 2)
    c.add(op, [c.tensor(c.shape(rank(c, 3, 3))), c.tensor(c.shape(3)), c.tensor(c.shape(3))],
          n, **a)


def attention(c, op):
    packed = c.chance(0.5)
    n = 3 if packed else 4
    d = c.dim
    batch, heads, groups, size = d(), 4, 2, c.rng.choice([8, 16])
    long = lambda: c.rng.choice([3, 5, "T"])
    length, keys = long(), long()
    if packed:
        q, k = [batch, length, heads * size], [batch, keys, groups * size]
        v = [batch, keys, groups * 2 * size]
        a = {"q_num_heads": heads, "kv_num_heads": groups}
        if c.chance(0.1):
            a.pop(c.rng.choice(list(a)))
    else:
        q, k = [batch, heads, length, size], [batch, groups, keys, size]
        v, a = [batch, groups, keys, 2 * size], {}
    if c.chance(0.08):
        v = c.shape(rank(c, 3, 4))
    ins = [c.tensor(q), c.tensor(k), c.tensor(v), ""]
    past = c.chance(0.5)
    if past:
        ins += [c.tensor([batch, groups, c.rng.choice([4, "P"]), size]),
                c.tensor([batch, groups, c.rng.choice([4, "P"]), 2 * size])]
    c.add(op, ins, c.rng.choice([1, 3, 4]) if past else c.rng.choice([1, 1, 3]), **a)


def linear_attention(c, op):
    batch, time = c.dim(), c.dim()
    heads, groups = 4, 2
    rule = c.rng.choice(["linear", "gated", "delta", "gated_delta"])
    dim = lambda n: n if c.chance(0.8) else c.dim()
    ins = [c.tensor([batch, time, dim(heads * 8)]), c.tensor([batch, time, dim(groups * 8)]),
           c.tensor([batch, time, dim(groups * 6)]),
           c.tensor([batch, groups, dim(8), dim(6)]) if c.chance(0.5) else "",
           c.tensor([batch, time, dim(groups)]) if "gated" in rule else "",
           c.tensor([batch, time, dim(1)]) if "delta" in rule else ""]
    a = {"update_rule": rule} if c.chance(0.9) else {}
    c.add(op, ins, 2, q_num_heads=heads, kv_num_heads=groups, **a)


# ---- fills

def constant_node(c, op):
    way = c.rng.random()
    if c.opset < 12 or way < 0.3:
        c.add(op, [], value=numpy_helper.from_array(
            numpy.zeros([c.rng.randint(0, 3) for _ in range(rank(c))], numpy.float32)))
    elif way < 0.6:
        c.add(op, [], value_ints=[1, 2, 3][:c.rng.randint(1, 3)])
    elif way < 0.7:
        c.add(op, [], value_float=1.0)
    elif way < 0.8:
        c.add(op, [], value_strings=["a", "b"])
    elif way < 0.9:
        c.add(op, [], value_string="a")
    else:
        c.add(op, [], value_int=3)


def of_shape(c, op):
    target = c.ints(rank(c), 0, 4)
    if target and c.chance(0.05):
        target[0] = -1
    kind = c.rng.choice([numpy.float32, numpy.int64, numpy.bool_])
    ints = c.constant(target)
    if c.chance(0.2):
        ints = c.add("Shape", [c.tensor(c.shape(rank(c)))])[0]
    c.add(op, [ints],
          **some(c, "value", numpy_helper.from_array(numpy.zeros(1, kind))))


def random_like(c, op):
    n = 2 if op == "EyeLike" else rank(c)
    c.add(op, [c.tensor(c.shape(n))],
          **some(c, "dtype", c.rng.choice([1, 11]), 0.5))


def random_shape(c, op):
    a = some(c, "dtype", c.rng.choice([1, 11]), 0.5)
    c.add(op, [], shape=c.ints(rank(c, 1, 4), 0, 4), **a)


def multinomial(c, op):
    a = some(c, "dtype", c.rng.choice([6, 7, 1]), 0.5)
    a.update(some(c, "sample_size", 4))
    c.add(op, [c.tensor(c.shape(rank(c, 2, 2)))], **a)


def ranging(c, op):
    kind = c.rng.choice([numpy.int64, numpy.int32, numpy.float32, numpy.float64,
                         numpy.int16])
    one = lambda v: c.constant(v, kind, [] if c.chance(0.95) else [1])
    c.add(op, [one(c.rng.randint(-3, 3)), one(c.rng.randint(-5, 12)),
               one(c.rng.choice([1, 2, 3, -1, -2]))])


def tf_idf(c, op):
    c.add(op, [c.tensor(c.shape(rank(c, 1, 2)), INT32)], max_gram_length=1,
          max_skip_count=0, min_gram_length=1, mode="TF", ngram_counts=[0],
          ngram_indexes=c.ints(3, 0, 9), pool_int64s=[1, 2, 3])


def windows(c, op):
    c.add(op, [c.constant(c.rng.randint(0, 9), shape=[] if c.chance(0.9) else [1])],
          **some(c, "output_datatype", c.rng.choice([1, 11])))


def mel(c, op):
    scalar = lambda v: c.constant(v, c.rng.choice([numpy.int64, numpy.int32]), [])
    c.add(op, [scalar(c.rng.randint(0, 8)), scalar(c.rng.choice([16, 17])), scalar(16000),
               c.tensor([]), c.tensor([])])


def dft(c, op):
    n = rank(c, 3, 4)
    x = c.shape(n)
    onesided, inverse = c.rng.choice([0, 1]), c.rng.choice([0, 0, 1])
    if n:
        x[-1] = c.rng.choice([2 if inverse else 1, c.dim()])
    a = some(c, "onesided", onesided)
    a.update(some(c, "inverse", inverse, 0.8))
    ins = [c.tensor(x)]
    scalar = lambda v: c.constant(v, c.rng.choice([numpy.int64, numpy.int32]), [])
    length = scalar(c.rng.randint(2, 9)) if c.chance(0.4) else ""
    if c.opset >= 20:
        ins += [length, scalar(c.axis(n)) if c.chance(0.6) else ""]
    else:
        ins += [length] if length else []
        a.update(some(c, "axis", c.axis(n)))
    c.add(op, ins, **a)


def stft(c, op):
    x = [c.dim(), c.rng.choice([32, 50, "S"]), c.rng.choice([1, 2])][:rank(c, 3, 3)]
    scalar = lambda v: c.constant(v, shape=[])
    window_length = c.rng.choice([8, 10, "W"])
    ins = [c.tensor(x), scalar(c.rng.randint(1, 4)),
           c.tensor([window_length]) if c.chance(0.6) else "",
           scalar(c.rng.choice([8, 10])) if c.chance(0.5) else ""]
    c.add(op, ins, **some(c, "onesided", c.rng.choice([0, 1])))


def grid_sample(c, op):
    n = rank(c, 3, 5)
    grid = c.shape(n)
    if grid and c.chance(0.8):
        grid[-1] = n - 2
    c.add(op, [c.tensor(c.shape(n)), c.tensor(grid)])


def affine_grid(c, op):
    c.add(op, [c.tensor(c.shape(3)), c.constant(c.ints(c.rng.choice([4, 5]), 1, 9))])


def col2im(c, op):
    n = c.rng.randint(1, 2)
    a = some(c, "pads", c.ints(2 * n, 0, 1), 0.3)
    a.update(some(c, "strides", c.ints(n, 1, 2), 0.3))
    a.update(some(c, "dilations", c.ints(n, 1, 2), 0.3))
    c.add(op, [c.tensor([c.dim(), c.rng.choice([12, 8, "C"]), c.dim()]),
               c.constant(c.ints(n, 5, 9)), c.constant(c.ints(n, 1, 2))], **a)


# ---- normalization and quantization

def batch_norm(c, op):
    n = rank(c, 1, 4)
    x = c.shape(n)
    channels = x[1] if n > 1 else 1
    one = lambda: c.tensor([channels] if c.chance(0.95) else c.shape(1))
    ins = [c.tensor(x), one(), one(), one(), one()]
    training = c.chance(0.4) and c.opset >= 14
    c.add(op, ins, 3 if training else 1, **({"training_mode": 1} if training else {}))


def axis_norm(c, op):
    n = rank(c, 1, 4)
    x = c.shape(n)
    ins = [c.tensor(x), c.tensor(x[-1:])]
    a = some(c, "axis", c.axis(n))
    outputs = 1
    if op == "LayerNormalization":
        outputs = c.rng.randint(1, 3)
        a.update(some(c, "stash_type", c.rng.choice([1, 16]), 0.3))
    c.add(op, ins, outputs, **a)


def softmax(c, op):
    n = rank(c, 0, 4)
    c.add(op, [c.tensor(c.shape(n))], **some(c, "axis", c.axis(n)))


def dropout(c, op):
    ins = [c.tensor(c.shape(rank(c)))]
    if c.opset >= 12 and c.chance(0.5):
        ins.append(c.tensor([] if c.chance(0.8) else [1]))
        if c.chance(0.5):
            ins.append(c.tensor([], TensorProto.BOOL))
    c.add(op, ins, c.rng.randint(1, 2))


def quantize(c, op):
    kinds = [TensorProto.UINT8, TensorProto.INT8]
    kinds += [TensorProto.INT16, TensorProto.UINT4] if c.opset >= 21 else []
    kind = c.rng.choice(kinds)
    quant = op == "QuantizeLinear"
    ins = [c.tensor(c.shape(rank(c)), FLOAT if quant else kind), c.tensor([])]
    if c.chance(0.6):
        ins.append(c.tensor([], kind))
    a = {}
    if (quant and c.opset >= 21) or c.opset >= 23:
        a = some(c, "output_dtype", kind if quant else FLOAT, 0.3)
    c.add(op, ins, **a)


# ---- the rest

def shape_of(c, op):
    a = {}
    if c.opset >= 15:
        a = some(c, "start", c.rng.randint(-4, 4), 0.4)
        a.update(some(c, "end", c.rng.randint(-4, 4), 0.4))
    c.add(op, [c.tensor(c.shape(rank(c)))], **a)


def cast(c, op):
    kind = {"BitCast": c.rng.choice([6, 7])}.get(op, c.rng.choice([1, 7, 10, 9]))
    c.add(op, [c.tensor(c.shape(rank(c)))], to=kind)


def sequence_of(c, kind=FLOAT):
    shape = None if c.chance(0.2) else c.shape(rank(c))
    return c.value(helper.make_sequence_type_proto(
        helper.make_tensor_type_proto(kind, shape)))


def sequences(c, op):
    if op == "SequenceConstruct":
        x = c.shape(rank(c))
        c.add(op, [c.tensor([c.dim() if c.chance(0.2) else d for d in x])
                   for _ in range(c.rng.randint(1, 3))])
    elif op == "SequenceEmpty":
        c.add(op, [], **some(c, "dtype", 7))
    elif op == "SplitToSequence":
        n = rank(c, 1, 3)
        ins = [c.tensor(c.shape(n))]
        if c.chance(0.6):
            ins.append(c.constant(c.ints(2, 1, 2)) if c.chance(0.4)
                       else c.constant(c.rng.randint(1, 3), shape=[]))
        a = some(c, "axis", c.axis(n))
        a.update(some(c, "keepdims", c.rng.choice([0, 1])))
        made = c.add(op, ins, **a)
        c.add("SequenceAt", [made[0], c.tensor([], INT64)])
    elif op == "ConcatFromSequence":
        n = rank(c, 1, 3)
        c.add(op, [sequence_of(c)], axis=c.axis(n), **some(c, "new_axis", 1, 0.4))
    elif op == "SequenceInsert":
        made = c.add(op, [sequence_of(c), c.tensor(c.shape(rank(c)))])
        c.add("SequenceAt", [made[0], c.tensor([], INT64)])
    elif op == "SequenceLength":
        c.add(op, [sequence_of(c)])
    else:
        ins = [sequence_of(c)] + ([c.tensor([], INT64)] if op == "SequenceAt" else [])
        c.add(op, ins)


def optional(c, op):
    x = c.tensor(c.shape(rank(c))) if c.chance(0.6) else sequence_of(c)
    if op == "Optional":
        made = c.add(op, [x])
        c.add("OptionalGetElement", [made[0]])
        return
    if op == "OptionalHasElement" and c.opset >= 18 and c.chance(0.2):
        c.add(op, [])
        return
    if c.opset < 18 or c.chance(0.6):
        x = c.add("Optional", [x])[0]
    c.add(op, [x])


def texts(c, op):
    kind = TensorProto.STRING
    if op == "StringSplit":
        c.add(op, [c.tensor(c.shape(rank(c)), kind)], 2)
    elif op == "StringConcat":
        x = c.shape(rank(c))
        c.add(op, [c.tensor(x, kind), c.tensor(varied(c, x), kind)])
    elif op == "StringNormalizer":
        c.add(op, [c.tensor(c.rng.choice([c.shape(1), [1] + c.shape(1), c.shape(2)]), kind)])
    else:
        c.add(op, [c.tensor(c.shape(rank(c)), kind)], pattern="a")


def others(c, op):
    if op == "NonMaxSuppression":
        c.add(op, [c.tensor(c.shape(3)), c.tensor(c.shape(3))])
    elif op == "ImageDecoder":
        c.add(op, [c.tensor(c.shape(rank(c, 1, 1)), TensorProto.UINT8)])
    elif op == "RotaryEmbedding":
        c.add(op, [c.tensor(c.shape(rank(c, 3, 4))), c.tensor(c.shape(2)),
                   c.tensor(c.shape(2))], **some(c, "num_heads", 2))
    elif op == "Where":
        x = c.shape(rank(c))
        c.add(op, [c.tensor(varied(c, x), TensorProto.BOOL), c.tensor(x),
                   c.tensor(varied(c, x))])
    elif op == "TensorScatter":
        x = c.shape(rank(c, 3, 4))
        c.add(op, [c.tensor(x), c.tensor(varied(c, x) if c.chance(0.3) else x)] +
              ([c.tensor(x[:1], INT64)] if c.chance(0.5) else []),
              **some(c, "axis", c.axis(len(x))))
    elif op == "CausalConvWithState":
        b, ch, k = c.dim(), c.dim(), c.rng.choice([3, 4, "K"])
        c.add(op, [c.tensor([b, ch, c.dim()]), c.tensor([ch, 1, k]),
                   c.tensor([ch]) if c.chance(0.5) else "",
                   c.tensor([b, ch, k - 1 if isinstance(k, int) else "P"])
                   if c.chance(0.5) else ""], 2, **some(c, "activation", "silu"))
    elif op == "DynamicQuantizeLinear":
        c.add(op, [c.tensor(c.shape(rank(c)))], 3)
    elif op == "MeanVarianceNormalization":
        c.add(op, [c.tensor(c.shape(rank(c, 4, 4)))],
              **some(c, "axes", c.axes(4) or [0], 0.5))


# ---- ai.onnx.ml

def machine_learning(c, op):
    m = "ai.onnx.ml"
    x = c.shape(rank(c, 1, 2))
    strings = c.chance(0.5)
    labels = {"classlabels_strings": ["a", "b", "c"]} if strings else {}
    if op == "ArrayFeatureExtractor":
        c.add(op, [c.tensor(c.shape(rank(c, 0, 3))), c.tensor(c.shape(rank(c, 1, 2)), INT64)],
              domain=m)
    elif op == "CategoryMapper":
        c.add(op, [c.tensor(x, INT64)], domain=m, cats_int64s=[1, 2],
              cats_strings=["a", "b"])
    elif op == "LabelEncoder":
        if c.ml < 2:
            c.add(op, [c.tensor(x, c.rng.choice([INT64, TensorProto.STRING]))], domain=m,
                  classes_strings=["a"])
        else:
            c.add(op, [c.tensor(x, INT64)], domain=m, keys_int64s=[1, 2],
                  values_floats=[1.0, 2.0][:c.rng.choice([2, 2, 1])])
    elif op == "LinearClassifier":
        c.add(op, [c.tensor(c.shape(rank(c, 1, 2)))], 2, domain=m, coefficients=[1.0],
              intercepts=[1.0, 2.0, 3.0][:c.rng.randint(1, 3)],
              **(labels or {"classlabels_ints": [1, 2]}))
    elif op == "OneHotEncoder":
        c.add(op, [c.tensor(x, INT64)], domain=m, cats_int64s=[1, 2, 3])
    elif op in ("SVMClassifier", "TreeEnsembleClassifier"):
        c.add(op, [c.tensor(x)], 2, domain=m, **(labels or {
            "classlabels_int64s" if op[0] == "T" else "classlabels_ints": [1, 2]}))
    elif op == "TreeEnsembleRegressor":
        c.add(op, [c.tensor(x)], domain=m, **some(c, "n_targets", 3))
    elif op == "TreeEnsemble":
        t = lambda kind, n, v=0: numpy_helper.from_array(numpy.full(n, v, kind))
        c.add(op, [c.tensor(x)], domain=m, nodes_splits=t(numpy.float32, 1),
              nodes_featureids=[0], nodes_modes=t(numpy.uint8, 1), nodes_truenodeids=[0],
              nodes_falsenodeids=[1], nodes_trueleafs=[1], nodes_falseleafs=[1],
              leaf_targetids=[0, 0], leaf_weights=t(numpy.float32, 2),
              tree_roots=[0], **some(c, "n_targets", 2))
    elif op in ("ZipMap", "DictVectorizer", "CastMap", "FeatureVectorizer"):
        c.add(op, [c.tensor(x)], domain=m, **labels)
    else:
        c.add(op, [c.tensor(x)], domain=m)


def optimizer(c, op):
    lists, each = {"Adam": 4}.get(op, 3), c.rng.randint(1, 2)
    shapes = [c.shape(rank(c)) for _ in range(each)]
    ins = [c.tensor([]), c.tensor([], INT64)]
    ins += [c.tensor(s) for _ in range(lists) for s in shapes]
    if c.chance(0.1) and op != "Adagrad":
        ins.append(c.tensor([]))
    c.add(op, ins, each * (lists - 1), domain=c.domain)


def table():
    """The maker of each operator's nodes."""
    rows = [
        (conv, "Conv ConvInteger QLinearConv ConvTranspose DeformConv"),
        (pool, "AveragePool MaxPool LpPool"), (max_unpool, "MaxUnpool"),
        (roi, "MaxRoiPool RoiAlign"), (resize, "Resize Upsample"), (reshape, "Reshape"),
        (squeeze, "Squeeze Unsqueeze"), (transpose, "Transpose"), (expand, "Expand"),
        (tile, "Tile"), (concat, "Concat"), (split, "Split"),
        (block, "DepthToSpace SpaceToDepth"), (gather, "Gather GatherND GatherElements"),
        (scatter, "Scatter ScatterElements ScatterND"), (slicing, "Slice"), (pad, "Pad"),
        (crop, "CenterCropPad"), (compress, "Compress Unique"), (top_k, "TopK"),
        (one_hot, "OneHot"), (arg_reduction, "ArgMax ArgMin"),
        (reduction, "ReduceL1 ReduceL2 ReduceLogSum ReduceLogSumExp ReduceMax ReduceMean "
                    "ReduceMin ReduceProd ReduceSum ReduceSumSquare"),
        (loss, "NegativeLogLikelihoodLoss SoftmaxCrossEntropyLoss"),
        (mat_mul, "MatMul MatMulInteger QLinearMatMul"), (gemm, "Gemm"),
        (einsum, "Einsum"), (recurrent, "RNN GRU LSTM"), (attention, "Attention"),
        (linear_attention, "LinearAttention"), (constant_node, "Constant"),
        (of_shape, "ConstantOfShape"),
        (random_like, "EyeLike Bernoulli RandomNormalLike RandomUniformLike"),
        (random_shape, "RandomNormal RandomUniform"), (multinomial, "Multinomial"),
        (ranging, "Range"), (tf_idf, "TfIdfVectorizer"),
        (windows, "HannWindow HammingWindow BlackmanWindow"), (mel, "MelWeightMatrix"),
        (dft, "DFT"), (stft, "STFT"), (grid_sample, "GridSample"),
        (affine_grid, "AffineGrid"), (col2im, "Col2Im"), (batch_norm, "BatchNormalization"),
        (axis_norm, "LayerNormalization RMSNormalization"),
        (softmax, "Softmax LogSoftmax Hardmax"), (dropout, "Dropout"),
        (quantize, "QuantizeLinear DequantizeLinear"), (shape_of, "Shape"),
        (cast, "Cast BitCast"),
        (sequences, "SequenceConstruct SequenceEmpty SplitToSequence ConcatFromSequence "
                    "SequenceInsert SequenceLength SequenceAt SequenceErase"),
        (optional, "Optional OptionalGetElement OptionalHasElement"),
        (texts, "StringSplit StringConcat StringNormalizer RegexFullMatch"),
        (others, "NonMaxSuppression ImageDecoder RotaryEmbedding Where TensorScatter "
                 "CausalConvWithState DynamicQuantizeLinear MeanVarianceNormalization"),
    ]
    return {op: maker for maker, ops in rows for op in ops.split()}


MAKERS = table()


def by_schema(c, schema):
    """Any other operator: as many tensors as it takes, of shapes that broadcast."""
    x = c.shape(rank(c))
    ins = []
    for formal in schema.inputs:
        if formal.option == onnx.defs.OpSchema.FormalParameterOption.Optional:
            continue
        kinds = {t.type_param_str: t.allowed_type_strs for t in schema.type_constraints}
        allowed = kinds.get(formal.type_str, [formal.type_str])
        names = {"tensor(float)": FLOAT, "tensor(int64)": INT64, "tensor(int32)": INT32,
                 "tensor(bool)": TensorProto.BOOL, "tensor(uint8)": TensorProto.UINT8}
        kind = next((names[t] for t in names if t in allowed), FLOAT)
        ins.append(c.tensor(varied(c, x) if ins else x, kind))
        if formal.option == onnx.defs.OpSchema.FormalParameterOption.Variadic:
            ins += [c.tensor(varied(c, x), kind) for _ in range(c.rng.randint(0, 2))]
    c.add(schema.name, ins)


def make(schema, opset, seed, ml):
    """A model with a node of the schema and something that reads its first output."""
    c = Case(random.Random(seed), opset, schema.domain, ml)
    if "training" in schema.domain:
        optimizer(c, schema.name)
    elif schema.domain:
        machine_learning(c, schema.name)
    elif schema.name in MAKERS:
        MAKERS[schema.name](c, schema.name)
    else:
        by_schema(c, schema)
    last = c.nodes[-1].output[0]
    way = c.rng.random()
    if "Seq" in schema.name or "Optional" in schema.name:
        c.add("Identity", [last])
    elif way < 0.2:
        c.add("Relu", [last])
    elif way < 0.4:
        c.add("Transpose", [last])
    elif way < 0.6:
        c.add("Add", [last, last])
    return c.model()
