#!/usr/bin/env python3
"""Random cases: a model, ranges, overrides and options from a seed.

    generate.py SEED [--level common|full] -o FOLDER

Levels: `common` has the everyday operators in float32 at opsets 11 to 21 with
8- and 16-bit types; `full` has everything. The same seed always gives the
same case; VERSION changes whenever that stops being true.
"""
import argparse
import os
import random
import sys
from dataclasses import dataclass, field

import reference  # noqa: F401  (first: it silences the peer)
import onnx
from onnx import TensorProto, external_data_helper, helper
from onnxruntime.quantization.quant_utils import update_opset_version

import formats
import graphs
import operators
import operators_more  # noqa: F401  (fills the table)
import operators_shape  # noqa: F401
import overrides as overriding
from ranges import random_ranges

VERSION = 3
SIZES = [1, 2, 4, 4, 6, 6, 8, 8, 12, 12, 40]  # nodes, about
FLOATS = (TensorProto.FLOAT, TensorProto.FLOAT16)


@dataclass
class Case:
    """One input of the comparison; peer_ranges: as the peer can read them."""
    seed: int
    level: str
    model: onnx.ModelProto
    options: dict
    ranges: dict
    peer_ranges: dict
    overrides: dict
    seeds: list = field(default_factory=list)  # given in place of the overrides
    tags: list = field(default_factory=list)


# ---- the model

def profile(rng, level):
    if level == "common":
        return graphs.Profile(style=rng.choice(["plain", "plain", "path"]))
    rare = lambda p, value: value if rng.random() < p else 0.0
    return graphs.Profile(
        unnamed=rare(0.15, 0.3) or rare(0.03, 1.0), repeated_name=rare(0.05, 0.1),
        constant_node=rare(0.15, 0.3), shared=rng.choice([0.05, 0.15, 0.4]),
        typed_storage=rng.choice([0.0, 0.1, 0.5]), collision=rare(0.04, 0.2),
        listed_input=rare(0.08, 0.5) or rare(0.03, 1.0), symbolic=rare(0.2, 0.5), odd_data=rng.choice([0.0, 0.1, 0.3]),
        docs=rare(0.1, 0.3),
        open_outputs=rare(0.15, 0.6), wide=rare(0.04, 0.3), through=rng.random() < 0.02, style=rng.choice(["plain", "path", "mixed"]))


def choose_opset(rng, level):
    if level == "common" or rng.random() < 0.6:
        return rng.choice(list(range(11, 22)) + [13, 17, 21, 21])
    return rng.choice([7, 8, 9, 10]) if rng.random() < 0.5 else rng.randint(22, 27)


def operator_choices(opset, level):
    rows = [row for row in operators.TABLE if row.since <= opset <= row.until
            and (level != "common" or row.common)]
    return rows, [row.weight for row in rows]


def build_graph(rng, level, focus=()):
    opset = choose_opset(rng, level)
    f16 = level != "common" and rng.random() < 0.25
    g = graphs.Graph(rng, opset, TensorProto.FLOAT16 if f16 else TensorProto.FLOAT,
                     profile(rng, level))
    g.input(g.shape(rng.choice([2, 3, 4])))
    rows, weights = operator_choices(opset, level)
    favourites = rng.sample(range(len(rows)), min(6, len(rows)))
    weights = [w * (4 if i in favourites else 1) * (25 if rows[i].name in focus else 1)
               for i, w in enumerate(weights)]
    for row in rng.choices(rows, weights, k=rng.choice(SIZES)):
        row.add(g)
    if not g.nodes:
        operators.sigmoid(g)
    return g


def graph_outputs(rng, g):
    """All tensors nobody reads, and now and then one that somebody does."""
    read = {name for node in g.nodes for name in node.input}
    made = g.produced()
    ends = [t for t in g.pool if t.name in made and t.name not in read]
    middle = [t for t in g.pool if t.name in made and t.name in read]
    chosen = ends + [t for t in middle if rng.random() < 0.12]
    if not chosen:
        chosen = middle[-1:] or g.pool[-1:]
    if g.profile.through:
        chosen.append(rng.choice([t for t in g.pool if t.name not in made] or chosen[-1:]))
    rng.shuffle(chosen)
    return list({t.name: t for t in chosen}.values())


def imports(rng, g, level):
    spelling = "ai.onnx" if level != "common" and rng.random() < 0.05 else ""
    result = [helper.make_opsetid(spelling, g.opset)]
    for domain, version in g.domains.items():
        result.append(helper.make_opsetid(domain, version))
    if level != "common" and rng.random() < 0.1:
        result.append(helper.make_opsetid("ai.onnx.ml", 2))
        rng.shuffle(result)
    return result


def build_model(rng, level, focus=()):
    g = build_graph(rng, level, focus)
    graph = graphs.finish(g, graph_outputs(rng, g))
    ir = rng.choice([7, 8, 8, 9, 10])
    if g.profile.listed_input == 1.0:
        ir = 3
    elif level != "common":
        ir = rng.choice([4, 5, 6, 7, 8, 9, 10, 11, 12, 13])
    model = helper.make_model(graph, opset_imports=imports(rng, g, level), ir_version=ir,
                              producer_name="generate", producer_version="1.0")
    if level != "common":
        decorate(rng, model, g)
    return model, g


def misplace(rng, model):
    """Swaps two nodes, which may leave a reader before its producer."""
    nodes = [onnx.NodeProto.FromString(n.SerializeToString()) for n in model.graph.node]
    i = rng.randrange(len(nodes))
    j = max(i - rng.randint(1, 2), 0)
    nodes[i], nodes[j] = nodes[j], nodes[i]
    del model.graph.node[:]
    model.graph.node.extend(nodes)


def copied(model):
    return onnx.ModelProto.FromString(model.SerializeToString())


def move_out(model, everything):
    """Initializers go to a file beside the model: weights, or `everything`."""
    for tensor in model.graph.initializer:
        weight = len(tensor.dims) > 1 and tensor.data_type in FLOATS
        if tensor.HasField("raw_data") and (weight or everything):
            external_data_helper.set_external_data(tensor, "model.data")


def moved_in(model):
    """A copy as the peer has it after loading."""
    model = copied(model)
    for tensor in model.graph.initializer:
        if tensor.data_location == TensorProto.EXTERNAL:
            tensor.ClearField("external_data")
            tensor.ClearField("data_location")
    return model


def decorate(rng, model, g):
    """Things that must be carried over, or are known to be lost."""
    if rng.random() < 0.15:
        helper.set_model_props(model, {"author": "nobody", "b": "2"})
    if rng.random() < 0.1:
        model.doc_string, model.domain, model.model_version = "about", "org.test", 3
    if rng.random() < 0.1:
        model.graph.doc_string = "about the graph"
    if rng.random() < 0.05:
        model.graph.node[0].metadata_props.add(key="origin", value="layer 1")
    if rng.random() < 0.05:
        model.graph.metadata_props.add(key="origin", value="network")
    if rng.random() < 0.08:
        unused = helper.make_tensor("unused", TensorProto.FLOAT, [2], [1.0, 2.0])
        model.graph.initializer.append(unused)
    if rng.random() < 0.03:
        model.graph.quantization_annotation.add(tensor_name=model.graph.output[0].name)
    if g.calls or rng.random() < 0.03:
        body = helper.make_node("Add", ["p", "p"], ["q"])
        model.functions.append(helper.make_function(
            "local", "Twice", ["p"], ["q"], [body],
            [helper.make_opsetid("", g.opset)]))


# ---- types of tensors

def tensor_types(model):
    """Element types by name as the quantizer sees them, in its order; those that are
    declared alone where inference gives up on the model."""
    try:
        model = onnx.shape_inference.infer_shapes(model)
    except Exception:
        pass
    types = {}
    for infos in (model.graph.value_info, model.graph.output, model.graph.input):
        for info in infos:
            if info.type.HasField("tensor_type"):
                types[info.name] = info.type.tensor_type.elem_type
    return types


def raised(model, options, overrides):
    """The model after the opset raise of this case; None if it is refused."""
    if options.get("opset-policy", "raise") == "keep":
        return model
    types = [formats.option_type(options, *d)
             for d in (("weight-type", "QInt8"), ("activation-type", "QUInt8"))]
    names = {t.name for t in model.graph.initializer}
    try:
        peer = formats.peer_overrides(overrides, {}, names)
        loaded = moved_in(model)
        result = update_opset_version(loaded, *types, tensor_quant_overrides=peer,
                                      block_size=options.get("set", {}).get("BlockSize", 0))
        return model if result is loaded else result
    except Exception:
        return None


# ---- options

def choose_options(rng, level, model):
    options = {"activation-type": rng.choice(["QUInt8"] * 4 + ["QInt8", "QUInt16", "QInt16"])}
    if options["activation-type"] == "QUInt8" or rng.random() < 0.3:
        options["weight-type"] = rng.choice(["QInt8"] * 4 + ["QUInt8"])
    if level != "common" and rng.random() < 0.3:
        options["weight-type"] = rng.choice(["QInt4", "QUInt4", "QInt16", "QUInt16", "QUInt8"])
    if rng.random() < 0.35:
        options["per-channel"] = True
    if rng.random() < (0.15 if level != "common" else 0.05):
        options["reduce-range"] = True
    options["opset-policy"] = rng.choice(["raise", "keep"])
    choose_nodes(rng, level, model, options)
    if level != "common" and rng.random() < 0.05:
        options["external-data"] = "always"
    extra = {}
    if level == "common":
        if rng.random() < 0.2:
            extra["ActivationSymmetric"] = True
        if rng.random() < 0.2:
            extra["QDQKeepRemovableActivations"] = True
    else:
        choose_extra(rng, model, extra)
    if extra:
        options["set"] = extra
    return options


def choose_nodes(rng, level, model, options):
    kinds = sorted({node.op_type for node in model.graph.node})
    draw = rng.random()
    if draw < 0.3:
        options["op-types"] = "all"
    elif draw < 0.4:
        some = rng.sample(kinds, rng.randint(1, len(kinds)))
        options["op-types"] = some + rng.sample(["Conv", "Gelu", "Where"], 1)
    names = [node.name for node in model.graph.node if node.name]
    if names and rng.random() < 0.15:
        options["nodes-to-exclude"] = rng.sample(names, rng.randint(1, min(3, len(names))))
        if rng.random() < 0.1:
            options["nodes-to-exclude"].append("nobody")
    if level != "common" and names and rng.random() < 0.07:
        options["nodes-to-quantize"] = rng.sample(names, rng.randint(1, len(names)))


EXTRA = [
    ("ActivationSymmetric", 0.15, lambda rng, kinds: rng.random() < 0.8),
    ("ActivationRestrictedAsymmetric", 0.07, lambda rng, kinds: True),
    ("WeightSymmetric", 0.15, lambda rng, kinds: rng.random() < 0.5),
    ("MinimumRealRange", 0.15, lambda rng, kinds: rng.choice([0.0001, 0.01, 0.5])),
    ("ForceQuantizeNoInputCheck", 0.2, lambda rng, kinds: rng.random() < 0.9),
    ("AddQDQPairToWeight", 0.1, lambda rng, kinds: rng.random() < 0.9),
    ("DedicatedQDQPair", 0.1, lambda rng, kinds: rng.random() < 0.9),
    ("QuantizeBias", 0.12, lambda rng, kinds: rng.random() < 0.2),
    ("UseQDQContribOps", 0.1, lambda rng, kinds: rng.random() < 0.9),
    ("QDQKeepRemovableActivations", 0.2, lambda rng, kinds: rng.random() < 0.9),
    ("QDQDisableWeightAdjustForInt32Bias", 0.15, lambda rng, kinds: rng.random() < 0.8),
    ("BlockSize", 0.05, lambda rng, kinds: rng.choice([0, 1, 2, 3, 16])),
    ("OpTypesToExcludeOutputQuantization", 0.12,
     lambda rng, kinds: rng.sample(kinds, rng.randint(1, min(3, len(kinds))))),
    ("QDQOpTypePerChannelSupportToAxis", 0.15,
     lambda rng, kinds: {k: rng.choice([0, 0, 1, -1, 2]) for k in rng.sample(
         ["MatMul", "LayerNormalization", "BatchNormalization", "Conv"], rng.randint(1, 2))}),
    ("EnableSubgraph", 0.02, lambda rng, kinds: True),
    ("MatMulConstBOnly", 0.02, lambda rng, kinds: True),
    ("CalibMovingAverage", 0.02, lambda rng, kinds: True),
]


def choose_extra(rng, model, extra):
    kinds = sorted({node.op_type for node in model.graph.node})
    for name, p, value in EXTRA:
        if rng.random() < p:
            extra[name] = value(rng, kinds)


# ---- overrides

def choose_overrides(rng, level, model, types, options, tags):
    """(overrides, seeds that give the same or none)"""
    if level != "common" and rng.random() < 0.25:
        return {}, []
    symmetric = options.get("set", {}).get("ActivationSymmetric", False)
    facts = overriding.facts_of(model, types, options["activation-type"], symmetric,
                                TensorProto.FLOAT16 in types.values())
    if not facts.activations:
        return {}, []
    seeds = []
    draw = rng.random()
    if level == "common" or draw < 0.5:
        tags.append("fixer")
        result, seeds = overriding.fixed(rng, model, facts)
        seeds = seeds if rng.random() < 0.3 else []
    else:
        tags.append("arbitrary")
        result = overriding.arbitrary(rng, facts)
    if rng.random() < (0.02 if level == "common" else 0.06):
        tags.append("spoiled")
        result, seeds = overriding.spoiled(rng, result, facts), []
    tags.extend(["seeds"] if seeds else [])
    return result, seeds


# ---- the case

def generate(seed, level="full", focus=()):
    """The case of a seed; operators in `focus` are taken much more often."""
    rng = random.Random(f"{VERSION}/{level}/{seed}")
    model, _ = build_model(rng, level, focus)
    tags = []
    options = choose_options(rng, level, model)
    if level != "common" and rng.random() < 0.05:
        misplace(rng, model)
    if level != "common" and rng.random() < 0.06:
        move_out(model, rng.random() < 0.5)
    types = tensor_types(model)
    overrides, seeds = choose_overrides(rng, level, model, types, options, tags)
    measured = raised(model, options, overrides)
    if measured is not None and measured is not model and rng.random() < 0.9:
        types = tensor_types(measured)
    else:
        measured = model
    constants = {t.name for t in measured.graph.initializer}
    floats = {n: k for n, k in types.items() if k in FLOATS and n not in constants}
    ours, peers = random_ranges(rng, level, floats, measured, tags)
    return Case(seed, level, model, options, ours, peers, overrides, seeds, tags)


def write_case(case, folder):
    """model.onnx, options.json, ranges.json, peer-ranges.json, overrides.json."""
    os.makedirs(folder, exist_ok=True)
    path = lambda name: os.path.join(folder, name)
    onnx.save(copied(case.model), path("model.onnx"))
    formats.write_json(path("options.json"), case.options)
    formats.write_json(path("ranges.json"), case.ranges)
    formats.write_json(path("peer-ranges.json"), case.peer_ranges)
    formats.write_json(path("overrides.json"), case.overrides)
    formats.write_json(path("seeds.json"), case.seeds)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("seed", type=int)
    parser.add_argument("--level", choices=("common", "full"), default="full")
    parser.add_argument("-o", "--output", required=True)
    args = parser.parse_args()
    write_case(generate(args.seed, args.level), args.output)
    return 0


if __name__ == "__main__":
    sys.exit(main())


