"""Random nodes for every operator and version, for infer.py, attributes right and
wrong."""
import random

import numpy
import onnx
from onnx import TensorProto, helper, numpy_helper

import infer_math
import infer_shapes
from infer_case import FLOAT, INT32, INT64, Case, rank, some, varied

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
        (infer_shapes.conv, "Conv ConvInteger QLinearConv ConvTranspose DeformConv"),
        (infer_shapes.pool, "AveragePool MaxPool LpPool"),
        (infer_shapes.max_unpool, "MaxUnpool"),
        (infer_shapes.roi, "MaxRoiPool RoiAlign"),
        (infer_shapes.resize, "Resize Upsample"),
        (infer_shapes.reshape, "Reshape"),
        (infer_shapes.squeeze, "Squeeze Unsqueeze"),
        (infer_shapes.transpose, "Transpose"),
        (infer_shapes.expand, "Expand"),
        (infer_shapes.tile, "Tile"),
        (infer_shapes.concat, "Concat"),
        (infer_shapes.split, "Split"),
        (infer_shapes.block, "DepthToSpace SpaceToDepth"),
        (infer_shapes.gather, "Gather GatherND GatherElements"),
        (infer_shapes.scatter, "Scatter ScatterElements ScatterND"),
        (infer_shapes.slicing, "Slice"),
        (infer_shapes.pad, "Pad"),
        (infer_shapes.crop, "CenterCropPad"),
        (infer_shapes.compress, "Compress Unique"),
        (infer_shapes.top_k, "TopK"),
        (infer_shapes.one_hot, "OneHot"),
        (infer_math.arg_reduction, "ArgMax ArgMin"),
        (infer_math.reduction,
         "ReduceL1 ReduceL2 ReduceLogSum ReduceLogSumExp ReduceMax "
         "ReduceMean ReduceMin ReduceProd ReduceSum ReduceSumSquare"),
        (infer_math.loss, "NegativeLogLikelihoodLoss SoftmaxCrossEntropyLoss"),
        (infer_math.mat_mul, "MatMul MatMulInteger QLinearMatMul"),
        (infer_math.gemm, "Gemm"),
        (infer_math.einsum, "Einsum"),
        (infer_math.recurrent, "RNN GRU LSTM"),
        (infer_math.attention, "Attention"),
        (infer_math.linear_attention, "LinearAttention"),
        (infer_math.constant_node, "Constant"),
        (infer_math.of_shape, "ConstantOfShape"),
        (infer_math.random_like,
         "EyeLike Bernoulli RandomNormalLike RandomUniformLike"),
        (infer_math.random_shape, "RandomNormal RandomUniform"),
        (infer_math.multinomial, "Multinomial"),
        (infer_math.ranging, "Range"),
        (infer_math.tf_idf, "TfIdfVectorizer"),
        (infer_math.windows, "HannWindow HammingWindow BlackmanWindow"),
        (infer_math.mel, "MelWeightMatrix"),
        (infer_math.dft, "DFT"),
        (infer_math.stft, "STFT"),
        (infer_math.grid_sample, "GridSample"),
        (infer_math.affine_grid, "AffineGrid"),
        (infer_math.col2im, "Col2Im"),
        (infer_math.batch_norm, "BatchNormalization"),
        (infer_math.axis_norm, "LayerNormalization RMSNormalization"),
        (infer_math.softmax, "Softmax LogSoftmax Hardmax"),
        (infer_math.dropout, "Dropout"),
        (infer_math.quantize, "QuantizeLinear DequantizeLinear"),
        (shape_of, "Shape"),
        (cast, "Cast BitCast"),
        (sequences,
         "SequenceConstruct SequenceEmpty SplitToSequence "
         "ConcatFromSequence SequenceInsert SequenceLength SequenceAt "
         "SequenceErase"),
        (optional, "Optional OptionalGetElement OptionalHasElement"),
        (texts, "StringSplit StringConcat StringNormalizer RegexFullMatch"),
        (others,
         "NonMaxSuppression ImageDecoder RotaryEmbedding Where "
         "TensorScatter CausalConvWithState DynamicQuantizeLinear "
         "MeanVarianceNormalization"),
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
