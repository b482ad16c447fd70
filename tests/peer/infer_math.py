"""Random nodes for infer_cases.py: reductions, products, fills, normalization."""
import numpy
from onnx import TensorProto, numpy_helper

from infer_case import FLOAT, INT32, INT64, rank, some, varied


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
