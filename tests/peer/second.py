#!/usr/bin/env python3
"""The second generator of cases: what generate.py does not think of.

    second.py SEED -o FOLDER

Made from the rule table and the command line's pages, without the habits of the
first: constants of odd contents and places, one tensor in several roles, names the
quantizer takes itself, nodes of other domains, options and overrides with values at
their edges, ranges of every shape. A model need not make sense. The same seed
always gives the same case; VERSION changes whenever that stops being true.
"""
import argparse
import random
import sys

import reference  # noqa: F401  (first: it silences the peer)
import onnx
from onnx import TensorProto, helper

import formats
import generate
import second_nodes
import second_overrides
from generate import Case
from second_graph import F16, F32, Graph, Habits

VERSION = 1
FLOATS = (F32, F16)
VALUES = [0.0, -0.0, 1.0, -1.0, 0.5, 6.0, 255.0, 1e-3, 1e-20, -1e-20, 1e-45, 1e-38, 3e4, -3e4]
EXTREMES = [3.4e38, -3.4e38, float("inf"), float("-inf"), float("nan")]


# ---- the model

def habits(rng):
    rare = lambda p, value: value if rng.random() < p else 0.0
    return Habits(contents=rng.choice([0, 0.1, 0.5]), rare=rare(0.2, 1.0), ways=rare(0.4, 0.3),
                  shared=rng.choice([0, 0.2, 0.7]), taken=rare(0.15, 0.3),
                  unnamed=rare(0.2, 0.5) or rare(0.1, 1.0), repeated=rare(0.1, 0.3),
                  strange=rng.random() < 0.1, typed=rng.choice([0, 0.5]),
                  listed=rare(0.15, 0.5), fresh=rng.choice([0.05, 0.4]), untyped=rare(0.3, 1.0))


def build(rng):
    opset = rng.choice([7, 8, 9, 10, 11, 12, 13, 13, 14, 15, 16, 17, 17, 18, 19, 20, 21, 21,
                        22, 23, 24, 25, 26, 27])
    g = Graph(rng, opset, F16 if rng.random() < 0.2 else F32, habits(rng))
    rows = [row for row in second_nodes.OPS if row[1] <= opset]
    for row in rng.choices(rows, [r[2] for r in rows], k=rng.choice([1, 1, 2, 3, 5, 9, 16, 30])):
        before = g.mark()
        row[0](g)
        if not settle(g):
            g.reset(before)
    if not g.nodes:
        second_nodes.unary(g)
    if rng.random() < 0.95:
        g.prune()
    return g


def settle(g):
    """Gives the tensors their shapes; false if the last nodes do not fit."""
    graph = helper.make_graph(g.nodes, "part", g.inputs, [], g.inits, value_info=g.infos)
    model = inferred(helper.make_model(
        graph, opset_imports=[helper.make_opsetid("", g.opset)], ir_version=8))
    if not model:
        return False
    shapes = {v.name: v.type.tensor_type.shape.dim for v in model.graph.value_info}
    for tensor in g.tensors:
        dims = [d.dim_value for d in shapes.get(tensor.name, ())]
        if dims and all(dims):
            tensor.shape = tuple(dims)
    return True


def outputs_of(rng, g):
    """What nobody reads and a few others, constants and inputs among them."""
    read = {name for node in g.nodes for name in node.input}
    made = [t for t in g.tensors if t.of == "node"]
    ends = [t for t in made if t.name not in read and rng.random() < 0.9]
    ends += [t for t in made if t.name in read and rng.random() < 0.1]
    ends = ends or made[-1:] or g.tensors[-1:]
    if rng.random() < 0.04:
        ends += rng.sample(g.tensors + g.constants, 1)
    infos = []
    for t in {t.name: t for t in ends}.values():
        shape = t.shape if rng.random() < 0.6 else None
        infos.append(helper.make_tensor_value_info(t.name, t.kind, shape))
    return infos


def inferred(model):
    """The model with the shapes of inference, or None if it stops at a node, whose outputs
    then have no type. It says so only of models all of whose operators it knows."""
    model = generate.copied(model)
    versions = [i.version for i in model.opset_import if i.domain in ("", "ai.onnx")]
    nodes = [onnx.NodeProto.FromString(n.SerializeToString()) for n in model.graph.node
             if versions and knows(n, versions[0])]
    del model.graph.node[:]
    model.graph.node.extend(nodes)
    try:
        return onnx.shape_inference.infer_shapes(model, strict_mode=True)
    except Exception:
        return None


def knows(node, version):
    try:
        onnx.defs.get_schema(node.op_type, version, node.domain)
        return True
    except onnx.defs.SchemaError:
        return False


def sound_model(rng):
    """A model whose shapes are right, made anew until there is one."""
    while True:
        model = model_of(rng, build(rng))
        if inferred(model):
            return model


def model_of(rng, g):
    graph = helper.make_graph(g.nodes, "second", g.inputs, outputs_of(rng, g), g.inits,
                              value_info=g.infos)
    imports = [helper.make_opsetid(rng.choice([""] * 12 + ["ai.onnx"]), g.opset)]
    imports += [helper.make_opsetid(d, 1) for d in sorted(g.domains) if rng.random() < 0.9]
    if rng.random() < 0.1:
        imports.append(helper.make_opsetid("com.microsoft", rng.choice([1, 2, 7])))
        rng.shuffle(imports)
    model = helper.make_model(graph, opset_imports=imports, ir_version=rng.choice(
        [3, 4, 6, 7, 8, 9, 10, 11, 12, 13]), functions=g.functions)
    decorate(rng, model)
    return model


def decorate(rng, model):
    """Fields that must be carried over, or are lost on the way."""
    for chance, change in DECORATIONS:
        if rng.random() < chance:
            change(rng, model)


def with_metadata(rng, model):
    key = rng.choice(["onnx.infer", "onnx.quant.pre_process", "a", ""])
    model.metadata_props.add(key=key, value=rng.choice(["onnxruntime.quant", "", "ü"]))


def with_node_fields(rng, model):
    node = rng.choice(model.graph.node)
    node.doc_string = "of a node"
    node.metadata_props.add(key="layer", value="1")
    if rng.random() < 0.3:
        node.overload = "one"


def with_training(rng, model):
    info = model.training_info.add()
    info.initialization.name = "start"


def with_stale_info(rng, model):
    model.graph.value_info.append(helper.make_tensor_value_info(
        "gone", rng.choice([F32, TensorProto.INT64]), [1]))


def with_wrong_info(rng, model):
    """An info of a tensor that inference would give another shape."""
    node = rng.choice(model.graph.node)
    known = {v.name for v in (*model.graph.value_info, *model.graph.output)}
    if node.op_type in ("Relu", "Sigmoid", "Add", "MatMul") and node.output[0] not in known:
        model.graph.value_info.append(helper.make_tensor_value_info(
            node.output[0], F32, [None, "M"]))


def with_copies(rng, model):
    """An initializer of a name that exists; one nobody reads."""
    if model.graph.initializer:
        model.graph.initializer.append(rng.choice(model.graph.initializer))


def with_unused(rng, model):
    model.graph.initializer.append(helper.make_tensor("unread", F32, [2], [1.0, 2.0]))


def with_import_twice(rng, model):
    model.opset_import.append(rng.choice(model.opset_import))


def without_imports(rng, model):
    del model.opset_import[:]


def with_annotation(rng, model):
    model.graph.quantization_annotation.add(tensor_name=model.graph.node[0].output[0])


def with_texts(rng, model):
    model.doc_string, model.domain, model.model_version = "text", "d", 7
    model.graph.doc_string = "graph"
    model.producer_name, model.producer_version = "someone", "2"


def with_node_order(rng, model):
    generate.misplace(rng, model)


def with_reverse_order(rng, model):
    nodes = [onnx.NodeProto.FromString(n.SerializeToString()) for n in model.graph.node]
    del model.graph.node[:]
    model.graph.node.extend(reversed(nodes))


def with_outside_data(rng, model):
    generate.move_out(model, rng.random() < 0.5)


DECORATIONS = [
    (0.1, with_metadata), (0.06, with_node_fields), (0.02, with_training),
    (0.05, with_stale_info), (0.05, with_wrong_info), (0.02, with_copies), (0.05, with_unused),
    (0.01, with_import_twice), (0.005, without_imports), (0.02, with_annotation),
    (0.08, with_texts), (0.03, with_node_order), (0.02, with_reverse_order),
    (0.05, with_outside_data)]


# ---- options

TYPES = ["QUInt8", "QInt8", "QUInt16", "QInt16"]
SETS = {
    "ActivationSymmetric": [True, False], "ActivationRestrictedAsymmetric": [True],
    "WeightSymmetric": [True, False], "ForceQuantizeNoInputCheck": [True, True, False],
    "AddQDQPairToWeight": [True], "DedicatedQDQPair": [True], "QuantizeBias": [False, True],
    "UseQDQContribOps": [True, False], "QDQKeepRemovableActivations": [True],
    "QDQDisableWeightAdjustForInt32Bias": [True], "EnableSubgraph": [True],
    "MatMulConstBOnly": [True, False], "CalibMovingAverage": [True],
    "CalibTensorRangeSymmetric": [True], "CalibStridedMinMax": [2],
    "MinimumRealRange": [0.0001, 0, 1, 1e-30, 100.0, 0.5],
    "BlockSize": [0, 1, 2, 4, 100],
    "OpTypesToExcludeOutputQuantization": None, "QDQOpTypePerChannelSupportToAxis": None}


def chosen_set(rng, model):
    kinds = [n.op_type for n in model.graph.node]
    names = rng.sample(sorted(SETS), rng.choice([0, 0, 1, 1, 2, 2, 3, 5]))
    result = {}
    for name in names:
        if name == "OpTypesToExcludeOutputQuantization":
            result[name] = rng.sample(kinds, min(len(kinds), rng.choice([1, 2, 9]))) + rng.choice(
                [[], ["NoSuch"]])
        elif name == "QDQOpTypePerChannelSupportToAxis":
            result[name] = {k: rng.choice([0, 1, -1, -2, 3, -4]) for k in rng.sample(
                ["MatMul", "LayerNormalization", "BatchNormalization", "InstanceNormalization",
                 "Conv", "Gemm", "NoSuch"], 3)}
        else:
            result[name] = rng.choice(SETS[name])
    return result


def chosen_nodes(rng, model, options):
    kinds = [n.op_type for n in model.graph.node]
    draw = rng.random()
    if draw < 0.45:
        options["op-types"] = "all"
    elif draw < 0.6:
        extra = rng.choice([[], ["NoSuch"], ["QuantizeLinear", "DequantizeLinear", "Cast"]])
        options["op-types"] = list(dict.fromkeys(rng.sample(kinds, rng.randint(1, len(kinds)))
                                                 + extra))
    names = sorted({n.name for n in model.graph.node if n.name
                    and not set(n.name) & set(",@\n")})
    for key, chance in (("nodes-to-exclude", 0.12), ("nodes-to-quantize", 0.12)):
        if names and rng.random() < chance:
            options[key] = rng.sample(names, rng.randint(1, len(names))) + rng.choice(
                [[], [], ["nobody"]])


def chosen_options(rng, model):
    options = {"activation-type": rng.choice(["QUInt8", "QUInt8", *TYPES]),
               "weight-type": rng.choice([*TYPES, "QInt8", "QInt8", "QInt4", "QUInt4"]),
               "opset-policy": rng.choice(["raise", "keep"])}
    if rng.random() < 0.45:
        options["per-channel"] = True
    if rng.random() < 0.2:
        options["reduce-range"] = True
    if rng.random() < 0.06:
        options["external-data"] = "always"
    chosen_nodes(rng, model, options)
    extra = chosen_set(rng, model)
    if extra:
        options["set"] = extra
    return options


# ---- ranges

def low_high(rng, wild):
    draw = rng.random()
    if draw < 0.5:
        return -abs(rng.gauss(0, 2)), abs(rng.gauss(0, 2))
    pair = [rng.choice(VALUES + (EXTREMES if wild else [])) for _ in range(2)]
    return tuple(pair) if wild and draw > 0.9 else tuple(sorted(pair))


def chosen_ranges(rng, types, tags):
    wild = rng.random() < 0.1
    missing = rng.choice([0, 0, 0, 0, 0, 0.02, 0.3])
    data, dtypes = {}, {}
    for name, kind in types.items():
        if rng.random() >= missing:
            dtypes[name] = "float16" if kind == F16 else "float32"
            data[name] = low_high(rng, wild)
    if wild:
        tags.append("wild ranges")
    for name in rng.sample(sorted(data), min(len(data), rng.choice([0, 0, 0, 1]))):
        data["not in the model"] = data[name]
        dtypes["not in the model"] = dtypes[name]
    method = rng.choice(["MinMax"] * 4 + ["Percentile", "Entropy"])
    file = formats.make_ranges(data, dtypes, method)
    if rng.random() < 0.2:
        for record in file["data"].values():
            for end in ("lowest", "highest"):
                record[end]["data"] = record[end]["data"][0]
    return file


# ---- the case

def generate_case(seed):
    rng = random.Random(f"second/{VERSION}/{seed}")
    tags = []
    model = sound_model(rng)
    options = chosen_options(rng, model)
    types = generate.tensor_types(model)
    overrides = {}
    if rng.random() < 0.5:
        known = {n: k for n, k in types.items() if n != "gone"}  # ours knows only what is used
        overrides = second_overrides.choose(rng, model, known, options, tags)
    measured = generate.raised(model, options, overrides)
    if measured is not None and measured is not model and rng.random() < 0.95:
        types = generate.tensor_types(measured)
    else:
        measured = model
    constants = {t.name for t in measured.graph.initializer}
    floats = {n: k for n, k in types.items() if k in FLOATS and n not in constants}
    file = chosen_ranges(rng, floats, tags)
    return Case(seed, "second", model, options, file, file, overrides, [], tags)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("seed", type=int)
    parser.add_argument("-o", "--output", required=True)
    args = parser.parse_args()
    generate.write_case(generate_case(args.seed), args.output)
    return 0


if __name__ == "__main__":
    sys.exit(main())
