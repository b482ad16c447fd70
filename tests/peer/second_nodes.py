"""One writer for every operator of the rule table, and some that are not in it.

Each takes a second_graph.Graph and adds a node with unusual attributes, empty
optional inputs, one tensor twice, constants of odd rank and place.
"""
import numpy as np
from onnx import TensorProto, helper, numpy_helper

from second_graph import BOOL, F16, F32, F64, I64, Tensor

OPS = []  # (function, first opset, weight)


def op(since=7, weight=1.0):
    def register(function):
        OPS.append((function, since, weight))
        return function
    return register


def some(g, **attributes):
    return {k: v for k, v in attributes.items() if g.chance(0.5)}


def rest(g, *names):
    """Optional inputs: all, some empty, or fewer."""
    names = [n if g.chance(0.85) else "" for n in names]
    while names and (not names[-1] and g.chance(0.5)):
        names.pop()
    return names[: g.rng.choice([len(names)] * 4 + [0, 1])]


@op(weight=4)
def conv(g):
    x = g.t(3, 4)
    n, c, *space = x.shape
    m = g.pick(1, 2, 3, c)
    group = g.pick(1, 1, c)
    m = m * group
    w = g.c(m, c // group, *[1] * len(space))
    b = g.pick([], [g.c(m)], [g.c(m)], [""], [g.c(1, m)] if g.chance(0.1) else [g.c(m)])
    g.n("Conv", [x, w, *b], (n, m, *space), **({"group": group} if group > 1 else {}),
        **some(g, auto_pad="NOTSET", dilations=[1] * len(space), kernel_shape=[1] * len(space)))


@op(weight=2)
def conv_transpose(g):
    x = g.t(3, 4)
    n, c, *space = x.shape
    group = g.pick(1, 1, 1, c)
    m = g.pick(1, 2, 3)
    w = g.c(c, m, *[1] * len(space))
    b = g.pick([], [g.c(m * group)], [g.c(m * group)], [""])
    g.n("ConvTranspose", [x, w, *b], (n, m * group, *space),
        **({"group": group} if group > 1 else {}), **some(g, strides=[1] * len(space)))


@op(weight=2)
def conv_of_tensors(g):
    """A weight that is computed, or one that is also the input; a bias that is computed."""
    x = g.t(4)
    y = g.pick(g.x(g.pick(1, 2), x.shape[1], 1, 1), x)
    b = g.pick([], [g.t(1)], [g.c(y.shape[0])])
    g.n("Conv", [x, y, *b], None)


@op(weight=3)
def gemm(g):
    a = g.t(2)
    rows, inner = a.shape
    columns = g.pick(1, 2, 5)
    attributes = some(g, alpha=g.pick(1.0, 0.5, 0.0, -1.0), transA=0)
    trans = g.pick(0, 1, None)
    if trans is not None:
        attributes["transB"] = trans
    if g.chance(0.3):
        attributes["beta"] = g.pick(1.0, 0.0, -0.0, 0.5, -1.0, 1e-30, 3.0)
    b = g.c(*((columns, inner) if trans else (inner, columns)))
    shapes = [(columns,)] * 6 + [(1,), (), (1, columns), (rows, columns), (rows, 1)]
    c = g.pick([], [""], *[[g.c(*g.rng.choice(shapes))]] * 5, [g.t(2)] if g.chance(0.3) else [])
    if g.opset < 11 and not c:
        c = [g.c(columns)]
    g.n("Gemm", [a, b, *c], (rows, columns), **attributes)


@op(weight=1)
def gemm_of_constants(g):
    """A constant first operand, one constant twice, a weight that is a bias elsewhere."""
    w = g.c(3, 3)
    a = g.t(2)
    bias = g.c(3)
    first = g.pick(w, g.c(2, 3), a)
    g.n("Gemm", [first, w, bias], None)
    if g.chance(0.5):
        g.n("Add", [bias, g.t(1)], None)
    if g.chance(0.5):
        g.n("Gemm", [g.t(2), g.c(4, 3), bias], None, **some(g, beta=0.5))


@op(weight=4)
def matmul(g):
    a = g.t(2, 3, 4)
    k = a.shape[-1]
    w = g.pick(lambda: g.c(k, 2), lambda: g.c(k), lambda: g.c(*a.shape[:-2], k, 3),
               lambda: g.c(1, k, 2), lambda: g.t(2, 3).name, lambda: a.name,
               lambda: g.c(2, 1, k, 2))()
    ends = (a.name, w) if g.chance(0.8) else (w, a.name)
    g.n("MatMul", ends, None)
    if g.chance(0.2):
        g.n("MatMul", [g.c(2, 3), g.c(3, 2)], (2, 2))


@op(weight=2)
def normalization(g):
    kind = g.pick("BatchNormalization", "InstanceNormalization", "LayerNormalization")
    x = g.t(3, 4, 2)
    c = x.shape[-1 if kind[0] == "L" else 1]
    weights = g.pick((c,), (c,), (c,), (1, c))
    inputs = [x.name, g.c(*weights)]
    if kind == "BatchNormalization":
        inputs += [g.c(c), g.c(c), g.c(c, values=np.ones(c))]
    elif kind == "InstanceNormalization":
        inputs += [g.c(c)]
    else:
        inputs += g.pick([], [""], [g.c(c)], [g.c(c)], [g.c(*weights)])
    if g.chance(0.1):
        inputs[1] = g.t(1).name
    outputs = g.pick(1, 1, 2, 3) if kind[0] == "L" else 1
    g.n(kind, inputs, x.shape, outputs=outputs, **some(g, epsilon=1e-3),
        **(some(g, axis=g.pick(-1, 1), stash_type=1) if kind[0] == "L" else {}))


@op(weight=4)
def binary(g):
    x = g.t()
    y = g.pick(lambda: g.c(*x.shape), lambda: g.c(), lambda: g.c(1), lambda: x.name,
               lambda: g.c(x.shape[-1]), lambda: g.t(len(x.shape)).name, lambda: g.c(0))()
    ends = [x.name, y] if g.chance(0.7) else [y, x.name]
    g.n(g.pick("Add", "Mul", "Sub", "Div", "Pow", "Min", "Max"), ends, x.shape)


@op(weight=0.7)
def constants_alone(g):
    """An operator of constants only; its result is an activation."""
    k = g.c(2, 2)
    g.n(g.pick("Add", "Mul"), [k, g.pick(k, g.c(2, 2))], (2, 2))
    g.n(g.pick("Relu", "Transpose", "Sigmoid", "Identity"), [k], (2, 2))


@op(weight=4)
def unary(g):
    x = g.t()
    kind = g.pick("Relu", "Relu", "Sigmoid", "Tanh", "LeakyRelu", "Erf", "Exp", "Neg", "Elu",
                  "Selu", "Softplus", "Sqrt", "Identity", "ThresholdedRelu", "Softsign", "Floor",
                  "Clip")
    if kind == "ThresholdedRelu" and g.opset < 10 or kind == "Erf" and g.opset < 9:
        kind = "Relu"
    g.n(kind, [x], x.shape)


@op(weight=3)
def removable(g):
    """Relu or Clip behind a node of the table, in chains, to graph outputs."""
    x = g.t(2, 4)
    y = g.n(g.pick("Add", "Sigmoid", "Mul"), [x, g.c(1)][: 2], x.shape) \
        if g.chance(0.5) else g.n("Sigmoid", [x], x.shape)
    for _ in range(g.pick(1, 1, 2, 3)):
        if g.chance(0.5):
            y = g.n("Relu", [y], x.shape)
        else:
            y = clip(g, y)
    if g.chance(0.2):
        g.n("Add", [y, y], x.shape)


def clip(g, x):
    low, high = g.pick((0, 6), (-1, 1), (2, 3), (0, 0), (5, -5), (-3, -1))
    if g.opset < 11:
        return g.n("Clip", [x], x.shape, **some(g, min=float(low), max=float(high)))
    bounds = [g.c(values=low), g.c(values=high)]
    bounds = g.pick(bounds, bounds, bounds[:1], [], ["", bounds[1]], ["", ""],
                    [g.t(1).name, bounds[1]] if g.chance(0.2) else bounds)
    return g.n("Clip", [x, *bounds], x.shape)


@op(weight=1.5)
def softmax(g):
    x = g.t(1, 2, 3)
    kind = g.pick("Softmax", "Softmax", "LogSoftmax", "Hardmax")
    g.n(kind, [x], x.shape, **some(g, axis=g.pick(0, -1, len(x.shape) - 1, 1 % len(x.shape))))


@op(weight=1.5)
def pooling(g):
    x = g.t(3, 4)
    space = len(x.shape) - 2
    kind = g.pick("MaxPool", "AveragePool", "GlobalAveragePool", "GlobalMaxPool", "LpPool")
    if kind.startswith("Global"):
        g.n(kind, [x], (*x.shape[:2], *[1] * space))
    else:
        outputs = 2 if kind == "MaxPool" and g.opset > 7 and g.chance(0.2) else 1
        g.n(kind, [x], x.shape, outputs=outputs, kernel_shape=[1] * space,
            **some(g, auto_pad=g.pick("VALID", "SAME_UPPER"), strides=[1] * space))


@op(weight=3)
def moving(g):
    """Operators that pass their data on, in a chain from a constant or a tensor."""
    x = g.pick(g.t(2), g.t(3), g.t(4), Tensor(g.c(2, 3), (2, 3)))
    y = x
    for _ in range(g.pick(1, 2, 3)):
        y = g.rng.choice(MOVES)(g, y, y.shape)


def transpose(g, x, shape):
    order = list(range(len(shape)))
    g.rng.shuffle(order)
    return g.n("Transpose", [x], tuple(shape[i] for i in order),
               **({"perm": order} if g.chance(0.9) or len(shape) > 2 else {}))


def reshape(g, x, shape):
    size = int(np.prod(shape))
    new = g.pick((size,), (1, size), (size, 1), (1, 1, size))
    return g.n("Reshape", [x, g.i(g.pick(new, new, (*new[:-1], -1)))], new)


def flatten(g, x, shape):
    axis = g.pick(*range(len(shape)))
    new = int(np.prod(shape[:axis])), int(np.prod(shape[axis:]))
    return g.n("Flatten", [x], new, axis=axis)


def unsqueeze(g, x, shape):
    if len(shape) > 3:
        return flatten(g, x, shape)
    if g.opset < 13:
        return g.n("Unsqueeze", [x], (1, *shape), axes=[0])
    return g.n("Unsqueeze", [x, g.i([0])], (1, *shape))


def squeeze(g, x, shape):
    ones = [i for i, d in enumerate(shape) if d == 1]
    if not ones or len(shape) < 2:
        return transpose(g, x, shape)
    axis = g.pick(*ones)
    new = shape[:axis] + shape[axis + 1:]
    if g.opset < 13:
        return g.n("Squeeze", [x], new, axes=[axis])
    return g.n("Squeeze", [x, g.i([axis])], new)


def slice_(g, x, shape):
    if g.opset < 10:
        return g.n("Slice", [x], (1, *shape[1:]), starts=[0], ends=[1], **some(g, axes=[0]))
    more = g.pick([], [g.i([0])], [g.i([0]), g.i([1])], ["", g.i([1])])
    return g.n("Slice", [x, g.i([0]), g.i([1]), *more], (1, *shape[1:]))


def expand(g, x, shape):
    return g.n("Expand", [x, g.i(shape)], shape) if g.opset > 7 else transpose(g, x, shape)


def tile(g, x, shape):
    return g.n("Tile", [x, g.i([1] * len(shape))], shape)


def top(g, x, shape):
    if g.opset < 10:
        return g.n("TopK", [x], (*shape[:-1], 1), outputs=2, k=1)
    return g.n("TopK", [x, g.i([1])], (*shape[:-1], 1), outputs=2)


MOVES = [transpose, reshape, flatten, unsqueeze, squeeze, slice_, expand, tile, top]


@op(weight=1.5)
def gather(g):
    x = g.pick(g.t(2, 3), Tensor(g.c(4, 3), (4, 3)))
    index = g.pick(g.i(0), g.i([0, 0]), g.i([[0]]))
    kind = g.pick("Gather", "Gather", "GatherElements", "GatherND")
    if kind == "GatherElements" and g.opset >= 11:
        g.n(kind, [x, g.i(np.zeros([1] * len(x.shape)))], (1,) * len(x.shape))
    elif kind == "GatherND" and g.opset >= 12:
        g.n(kind, [x, g.i([[0]])], (1, *x.shape[1:]))
    else:
        g.n("Gather", [x, index], None, **some(g, axis=0))


@op(weight=1.5)
def split(g):
    x = g.pick(g.t(2, 3, 4), Tensor(g.c(4, 2), (4, 2)))
    parts = g.pick(1, 2, 3)
    more, attributes = [], {}
    if g.opset >= 18 and g.chance(0.5):
        attributes["num_outputs"] = parts
    elif g.opset >= 13 and g.chance(0.5):
        more = [g.i([1] * parts)]
    elif g.opset < 13 and g.chance(0.5):
        attributes["split"] = [1] * parts
    g.n("Split", [x, *more], None, outputs=parts, **attributes, **some(g, axis=0))


@op(weight=1.5)
def concat(g):
    x = g.t(1, 2, 3)
    parts = [g.pick(x.name, g.c(*x.shape), g.t(len(x.shape)).name) for _ in range(g.pick(1, 2, 3))]
    g.n("Concat", [x, *parts], None, axis=g.pick(0, -1))


@op(weight=1.5)
def pad(g):
    x = g.t(2, 4, 3)
    mode = g.pick({}, {"mode": "constant"}, {"mode": "edge"}, {"mode": "reflect"})
    if g.opset < 11:
        g.n("Pad", [x], None, pads=[0] * 2 * len(x.shape), **mode,
            **some(g, value=g.pick(0.0, 1.5)))
        return
    more = g.pick([], [g.c(values=0)], [g.c(values=2)], [""], [g.t(1).name], [g.c(1, values=[0])],
                  [g.c(0)] if g.chance(0.1) else [])
    if g.opset >= 18 and more and g.chance(0.3):
        more = [*more, g.i([0])]
    g.n("Pad", [x, g.i([0] * 2 * (1 if len(more) > 1 else len(x.shape))), *more], None, **mode)


@op(since=9, weight=1)
def where(g):
    x, y = g.t(2), g.pick(g.c(), g.t(2).name, g.c(1, 2))
    condition = g.pick(g.i([[True]], np.bool_), g.x(1, 1, kind=BOOL).name)
    ends = [x.name, y] if g.chance(0.7) else [y, x.name]
    g.n("Where", [condition, *ends], None)


@op(since=10, weight=1)
def resize(g):
    x = g.t(4)
    if g.opset < 11:
        g.n("Resize", [x, g.c(4, values=[1, 1, 2, 2], kind=F32, plain=True)], None)
        return
    roi = g.pick("", g.c(0, kind=F32, plain=True), g.c(8, kind=F32))
    scales = g.c(4, values=[1, 1, 2, 2], kind=F32)
    inputs = g.pick([x.name, roi, scales], [x.name, roi, "", g.i([1, 1, 4, 4])])
    g.n("Resize", inputs, None, **some(g, mode=g.pick("nearest", "linear"),
                                       coordinate_transformation_mode="asymmetric"))


@op(weight=1)
def counting(g):
    x = g.t(2, 3)
    kind = g.pick("ArgMax", "ArgMin", "Shape", "Size", "Cast")
    g.raw(kind, [x.name], **({"to": g.pick(F64, I64, F16, F32)} if kind == "Cast" else
                             {"axis": 0} if kind[0] == "A" else {}))
    if g.opset >= 11 and g.kind == F32:
        g.n("CumSum", [x, g.i(0)], x.shape, **some(g, reverse=1))


@op(weight=1)
def reduce(g):
    x = g.t(2, 3)
    kind = g.pick("ReduceMean", "ReduceSum", "ReduceMax", "ReduceL2", "ReduceProd")
    since = 13 if kind == "ReduceSum" else 18
    axes = {} if g.opset >= since else some(g, axes=[g.pick(0, -1 if g.opset >= 11 else 1)])
    more = g.pick([], [""], [g.i([0])]) if g.opset >= since else []
    g.n(kind, [x, *more], None, **axes, **some(g, keepdims=0))


@op(weight=0.7)
def other_types(g):
    """The same operators in double, bfloat16 or the other float beside."""
    kinds = [F64, F16 if g.kind == F32 else F32] + ([TensorProto.BFLOAT16] if g.opset >= 13 else [])
    kind = g.rng.choice(kinds)
    x = g.x(2, 3, kind=kind)
    w = g.c(3, 2, kind=kind if kind in (F64, F16, F32) else F64)
    y = g.raw("MatMul", [x.name, w])
    g.raw(g.pick("Relu", "Add", "Softmax", "Transpose"), [y])
    if g.chance(0.3):
        g.n("Cast", [y], (2, 2), to=g.kind)


@op(weight=1)
def contrib(g):
    x = g.t(2, 3)
    kind = g.pick("Gelu", "QuickGelu", "FastGelu", "FusedMatMul", "BiasGelu", "SkipLayerNormalization",
                  "Attention", "LayerNormalization", "FusedConv", "MatMul", "Conv", "QuantizeLinear",
                  "EmbedLayerNormalization", "Clip", "Softmax")
    k = x.shape[-1]
    more = {"FusedMatMul": [g.c(k, k)], "MatMul": [g.c(k, k)], "BiasGelu": [g.c(k)],
            "SkipLayerNormalization": [x.name, g.c(k), g.c(k)], "LayerNormalization": [g.c(k)],
            "Attention": [g.c(k, 3 * k), g.c(3 * k)], "FusedConv": [g.c(2, 2, 1), g.c(2)],
            "Conv": [g.c(2, 2, 1), g.c(2)], "QuantizeLinear": [g.c(values=0.5)],
            "EmbedLayerNormalization": ["", g.c(4, k), g.c(4, k), "", g.c(k), g.c(k)],
            }.get(kind, [])
    g.n(kind, [x, *more], x.shape, domain=g.pick("com.microsoft", "com.microsoft", "org.odd"),
        declare=g.chance(0.7))


@op(weight=0.7, since=10)
def already_quantized(g):
    """A Q/DQ pair of the float model, and readers of what it gives."""
    x = g.t(2)
    s, z = g.name("qs"), g.name("qz")
    g.inits += [numpy_helper.from_array(np.array(0.5, np.float32), s),
                numpy_helper.from_array(np.array(3, np.uint8), z)]
    q = g.raw("QuantizeLinear", [x.name, s, z])
    y = g.n("DequantizeLinear", [q, s, z], x.shape)
    kind = g.pick("MatMul", "Relu", "Transpose", "Add", "Gemm", "Split")
    if kind == "MatMul":
        g.n(kind, [y, g.c(x.shape[-1], 2)], None)
    elif kind == "Gemm":
        g.n(kind, [y, g.c(x.shape[-1], 2), g.c(2)], None)
    else:
        g.n(kind, [y, g.c(1)] if kind == "Add" else [y], x.shape)


@op(weight=0.6)
def branches(g):
    """If and Loop whose bodies read tensors and constants of the main graph."""
    x = g.t(2)
    inner = g.pick(x.name, g.c(2, 2), g.n("Relu", [x], x.shape).name)
    info = lambda n: helper.make_tensor_value_info(n, g.kind, None)

    def body(word):
        out = g.name(word)
        nodes = [helper.make_node(g.pick("Neg", "Relu", "Sigmoid"), [inner], [out + "_m"],
                                  g.node_name("in")),
                 helper.make_node("Identity", [out + "_m"], [out], "")]
        if g.chance(0.3):
            nodes[0] = helper.make_node("MatMul", [inner, g.c(2, 2, plain=True)], [out + "_m"])
        return helper.make_graph(nodes, word, [], [info(out)])
    c = g.pick(g.i(True, np.bool_), g.x(kind=BOOL).name)
    g.n("If", [c], None, then_branch=body("then"), else_branch=body("else"))


@op(weight=0.4, since=8)
def function_call(g):
    x = g.t()
    g.domains.add("own")
    g.n("Block", [x], x.shape, domain="own", declare=True)
    if not g.functions:
        g.functions.append(helper.make_function(
            "own", "Block", ["p"], ["q"], [helper.make_node("Relu", ["p"], ["q"])],
            [helper.make_opsetid("", g.opset)]))


@op(weight=1.2)
def dense_sharing(g):
    """One constant as weight, bias, operand and table of several nodes, in any order."""
    w, b = g.c(3, 3), g.c(3)
    uses = [lambda: g.n("MatMul", [g.t(2), w], None), lambda: g.n("Add", [g.t(2), w], None),
            lambda: g.n("Gemm", [g.t(2), w, b], None), lambda: g.n("Mul", [b, g.t(1)], None),
            lambda: g.n("Gather", [w, g.i([0])], (1, 3)), lambda: g.n("MatMul", [b, w], (3,)),
            lambda: g.n("Gemm", [g.t(2), w, b], None, transB=1),
            lambda: g.n("Transpose", [w], (3, 3)), lambda: g.n("Split", [b], (3,)),
            lambda: g.n("Gemm", [w, w, w], (3, 3)), lambda: g.n("Concat", [b, b], (6,), axis=0)]
    for use in g.rng.sample(uses, g.pick(2, 3, 4)):
        use()
