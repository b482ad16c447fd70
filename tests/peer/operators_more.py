"""Operators without a rule of their own, quantized ones, subgraphs."""
import numpy as np
from onnx import TensorProto, helper, numpy_helper

from graphs import FLOAT, FLOAT16, Typed, finish
from operators import INT64, binary, operator, optional, unary

for name, since, weight in (
        ("Tanh", 1, 1), ("Cos", 7, 0.5), ("Erf", 9, 0.5), ("Abs", 1, 0.5), ("Neg", 1, 0.5),
        ("Exp", 1, 0.3), ("Identity", 1, 0.7), ("Elu", 1, 0.4), ("HardSigmoid", 1, 0.4),
        ("HardSwish", 14, 0.6), ("Gelu", 20, 0.6), ("Mish", 18, 0.3), ("Softplus", 1, 0.3)):
    unary(name, since=since, weight=weight)


@operator("Sub")
def sub(g):
    binary(g, "Sub")


@operator("Div", weight=0.5)
def div(g):
    binary(g, "Div")


@operator("Max", since=8, weight=0.5)
def max_(g):
    binary(g, "Max")


@operator("PRelu", weight=0.6)
def p_relu(g):
    x = g.pick(2, 3, 4)
    g.add("PRelu", [x.name, g.weight(x.shape[1:], "slope")], [x.shape])


@operator("Dropout", weight=0.5)
def dropout(g):
    x = g.pick()
    if g.opset < 12:
        g.add("Dropout", [x.name], [x.shape], **optional(g, ratio=0.25))
    else:
        ratio = [g.scalar(0.25, "ratio")] if g.chance(0.5) else []
        g.add("Dropout", [x.name, *ratio], [x.shape])


@operator("Constant", weight=0.5)
def constant(g):
    shape = g.shape(g.choice([1, 2, 3]))
    value = numpy_helper.from_array(g.numbers(shape), "")
    g.add("Constant", [], [shape], value=value)


def reduction(op, since=1, input_from=18):
    @operator(op, since=since, weight=0.35)
    def function(g):
        x = g.pick(2, 3, 4)
        axis = g.size(0, len(x.shape) - 1)
        keep = g.choice([0, 1])
        shape = x.shape[:axis] + (1,) * keep + x.shape[axis + 1:]
        if g.opset < input_from:
            g.add(op, [x.name], [shape], axes=[axis], keepdims=keep)
        else:
            g.add(op, [x.name, g.ints([axis], "axes")], [shape], keepdims=keep)
    return function


for name in ("ReduceMean", "ReduceMax", "ReduceL2", "ReduceSumSquare"):
    reduction(name)
reduction("ReduceSum", input_from=13)


@operator("LogSoftmax", weight=0.5)
def log_softmax(g):
    x = g.pick(1, 2, 3)
    g.add("LogSoftmax", [x.name], [x.shape], axis=g.size(0, len(x.shape) - 1))


@operator("Hardmax", weight=0.3)
def hardmax(g):
    x = g.pick(2, 3)
    g.add("Hardmax", [x.name], [x.shape], axis=len(x.shape) - 1)


@operator("GroupNormalization", since=18, weight=0.5)
def group_normalization(g):
    x = g.pick(3, 4)
    c = (x.shape[1],)
    g.add("GroupNormalization", [x.name, g.weight(c), g.bias(c)], [x.shape],
          num_groups=c[0])


@operator("LpPool", weight=0.3)
def lp_pool(g):
    x = g.pick(4)
    g.add("LpPool", [x.name], [x.shape], kernel_shape=[1, 1])


@operator("LSTM", weight=0.5)
def lstm(g):
    recurrent(g, "LSTM", 4)


@operator("GRU", weight=0.3)
def gru(g):
    recurrent(g, "GRU", 3)


def recurrent(g, op, gates):
    x = g.pick(3)
    length, batch, width = x.shape
    hidden = g.size(2, 3)
    inputs = [x.name, g.weight((1, gates * hidden, width)),
              g.weight((1, gates * hidden, hidden))]
    if g.chance(0.5):
        inputs.append(g.bias((1, 2 * gates * hidden)))
    all_steps, last = (length, 1, batch, hidden), (1, batch, hidden)
    shapes = g.choice([[all_steps], [all_steps], [all_steps, last], [None, last]])
    g.add(op, inputs, shapes, hidden_size=hidden)


@operator("GridSample", since=16, weight=0.3)
def grid_sample(g):
    x = g.pick(4)
    grid = g.weight((x.shape[0], 2, 2, 2), "grid")
    mode = "bilinear" if g.opset < 20 else "linear"
    g.add("GridSample", [x.name, grid], [(*x.shape[:2], 2, 2)], **optional(g, mode=mode))


@operator("RoiAlign", since=10, weight=0.3)
def roi_align(g):
    x = g.pick(4)
    g.add("RoiAlign", [x.name, g.weight((1, 4), "rois"), g.ints([0])],
          [(1, x.shape[1], 2, 2)], output_height=2, output_width=2)


@operator("DFT", since=17, weight=0.2)
def dft(g):
    x = g.pick(3)
    if x.shape[-1] != 1:
        x = g.input((1, 4, 1))
    attributes = optional(g, axis=1) if g.opset < 20 else {}
    g.add("DFT", [x.name], [(*x.shape[:-1], 2)], **attributes)


@operator("Scatter", since=9, until=10, weight=0.7)
def scatter(g):
    scatter_as(g, "Scatter")


@operator("ScatterElements", since=11, weight=0.4)
def scatter_elements(g):
    scatter_as(g, "ScatterElements")


def scatter_as(g, op):
    x = g.pick(1, 2, 3)
    shape = (1,) * len(x.shape)
    g.add(op, [x.name, g.ints(np.zeros(shape, np.int64)), g.weight(shape, "u")],
          [x.shape], **optional(g, axis=0))


@operator("Shape", weight=0.3)
def shape_of(g):
    x = g.pick()
    g.add("Shape", [x.name], [Typed((len(x.shape),), INT64)])


@operator("CastIsland", weight=0.4)
def cast_island(g):
    """A tensor in another float type, used there and cast back."""
    other = FLOAT if g.float_type == FLOAT16 else FLOAT16
    if g.opset >= 13 and g.chance(0.3):
        other = g.choice([TensorProto.DOUBLE, TensorProto.BFLOAT16])
    x = g.pick()
    y, = g.add("Cast", [x.name], [Typed(x.shape, other)], to=other)
    z, = g.add(g.choice(["Relu", "Sigmoid", "Neg"]), [y.name], [Typed(x.shape, other)])
    g.add("Cast", [z.name], [x.shape], to=g.float_type)


@operator("Empty constant", weight=0.15)
def empty_constant(g):
    """A constant without elements joined to a tensor."""
    x = g.pick(2, 3)
    axis = g.size(0, len(x.shape) - 1)
    shape = x.shape[:axis] + (0,) + x.shape[axis + 1:]
    empty = g.initializer(np.zeros(shape, g.dtype()), "empty")
    g.add("Concat", [x.name, empty], [x.shape], axis=axis)


@operator("Sparse weight", since=11, weight=0.1)
def sparse_weight(g):
    x = g.pick(2)
    values = numpy_helper.from_array(np.array([1.5, -2.0], g.dtype()), g.fresh("sparse"))
    places = numpy_helper.from_array(np.array([0, 1], np.int64), "")
    shape = (x.shape[1], 2)
    g.sparse.append(helper.make_sparse_tensor(values, places, shape))
    g.add("MatMul", [x.name, values.name], [(x.shape[0], 2)])


@operator("Dequantized weight", since=10, weight=0.6)
def dequantized_weight(g):
    """A weight that another tool has quantized already, and a reader of it."""
    if g.float_type == FLOAT16 and g.opset < 19:
        return
    a = g.pick(2, 3)
    columns = g.size(1, 4)
    shape = (a.shape[-1], columns)
    data = [g.rng.randint(-128, 127) for _ in range(shape[0] * columns)]
    q = g.initializer(np.array(data, np.int8).reshape(shape), "q")
    inputs = [q, g.scalar(0.03125, "qs"), g.initializer(np.array(0, np.int8), "qz")]
    w, = g.add("DequantizeLinear", inputs, [shape])
    if g.chance(0.6) and len(a.shape) == 2:
        g.add("Gemm", [a.name, w.name, g.bias((columns,))], [(a.shape[0], columns)])
    else:
        g.add("MatMul", [a.name, w.name], [(*a.shape[:-1], columns)])


@operator("Quantized pair", since=10, weight=0.3)
def quantized_pair(g):
    if g.float_type == FLOAT16 and g.opset < 19:
        return
    x = g.pick(2, 3, 4)
    parameters = [g.scalar(0.05, "qs"), g.initializer(np.array(128, np.uint8), "qz")]
    q, = g.add("QuantizeLinear", [x.name, *parameters], [Typed(x.shape, TensorProto.UINT8)])
    g.add("DequantizeLinear", [q.name, *parameters], [x.shape])


@operator("com.microsoft", weight=0.5)
def contributed(g):
    x = g.pick()
    g.domains["com.microsoft"] = 1
    declared = g.chance(0.5)
    y, = g.add("QuickGelu", [x.name], [x.shape], domain="com.microsoft", known=declared)
    if declared:
        g.declare(y)


@operator("Function call", weight=0.4)
def function_call(g):
    x = g.pick()
    g.domains["local"] = 1
    g.calls = True
    g.add("Twice", [x.name], [x.shape], domain="local")


# ---- subgraphs

def inner_graph(g, x, word):
    """A branch that reads x of the outer graph and a weight of its own."""
    inner = g.inner()
    y, = inner.add(g.choice(["Add", "Mul"]), [x.name, inner.like(x.shape)], [x.shape])
    if g.chance(0.5):
        outer = [t.name for t in g.weights if t.shape == x.shape and t.dtype == g.float_type]
        operand = g.choice(outer) if outer else x.name
        y, = inner.add("Sub", [y.name, operand], [x.shape])
    y, = inner.add(g.choice(["Relu", "Sigmoid"]), [y.name], [x.shape])
    return finish(inner, [y], word)


@operator("If", weight=0.6)
def if_(g):
    x = g.pick()
    flag = g.input((), TensorProto.BOOL).name
    g.add("If", [flag], [x.shape], then_branch=inner_graph(g, x, "then"),
          else_branch=inner_graph(g, x, "else"))


@operator("Loop", since=8, weight=0.3)
def loop(g):
    x = g.pick()
    inner = g.inner()
    inner.input((), INT64)
    flag = inner.input((), TensorProto.BOOL)
    state = inner.input(x.shape)
    again, = inner.add("Identity", [flag.name], [Typed((), TensorProto.BOOL)])
    y, = inner.add("Mul", [state.name, g.choice([x.name, state.name])], [x.shape])
    count = g.ints(2, "count")
    on = g.ints(True, "on", bool)
    start = g.weight(x.shape, "state") if g.chance(0.3) else x.name
    g.add("Loop", [count, on, start], [x.shape], body=finish(inner, [again, y], "body"))


@operator("Scan", since=9, weight=0.3)
def scan(g):
    x = g.pick(2, 3)
    inner = g.inner()
    state, part = inner.input(x.shape[1:]), inner.input(x.shape[1:])
    y, = inner.add("Add", [state.name, part.name], [x.shape[1:]])
    z, = inner.add("Tanh", [y.name], [x.shape[1:]])
    start = g.weight(x.shape[1:], "state")
    g.add("Scan", [start, x.name], [x.shape[1:], x.shape],
          body=finish(inner, [y, z], "body"), num_scan_inputs=1)


