"""Models of infer_cases.py put into branches, loops and functions, or with declared
shapes, for infer.py."""
import random

import onnx
from onnx import TensorProto, helper

FLOAT, INT64, BOOL = TensorProto.FLOAT, TensorProto.INT64, TensorProto.BOOL


def _renamed(nodes, inits, suffix):
    """Copies whose own names end in a suffix."""
    own = {o for n in nodes for o in n.output} | {i.name for i in inits}
    change = lambda name: name + suffix if name in own else name
    copies, tensors = [], []
    for node in nodes:
        copy = onnx.NodeProto()
        copy.CopyFrom(node)
        copy.input[:] = [change(i) for i in node.input]
        copy.output[:] = [change(o) for o in node.output]
        copies.append(copy)
    for init in inits:
        copy = onnx.TensorProto()
        copy.CopyFrom(init)
        copy.name += suffix
        tensors.append(copy)
    return copies, tensors


class Wrap:
    """A flat model taken apart."""

    def __init__(self, model, inferred, rng):
        self.model, self.rng = model, rng
        graph = model.graph
        self.nodes = [n for n in graph.node if n.output[0] != "end"]
        self.inits = list(graph.initializer)
        types = {v.name: v.type for v in inferred.graph.value_info}
        self.results = [o for o in self.nodes[-1].output if o in types]
        self.types = types

    def output(self, name, suffix=""):
        """A result as a body's output: with its type, and its shape now and then."""
        result = onnx.ValueInfoProto(name=name + suffix)
        result.type.CopyFrom(self.types[name])
        field = result.type.tensor_type
        if self.rng.random() < 0.7 and field.HasField("shape"):
            field.ClearField("shape")
        return result

    def body(self, name, suffix, inputs=(), front=()):
        nodes, inits = _renamed(self.nodes, self.inits, suffix)
        if self.rng.random() < 0.3:
            inits = self.keep_outside(nodes, inits, suffix)
        outputs = list(front) + [self.output(r, suffix) for r in self.results]
        return helper.make_graph(nodes, name, list(inputs), outputs, inits)

    def keep_outside(self, nodes, inits, suffix):
        """Constants of the graph around have no elements for a body."""
        for node in nodes:
            node.input[:] = [i[:-len(suffix)] if i in {t.name for t in inits} else i
                             for i in node.input]
        return []

    def finish(self, node, extra=()):
        graph = self.model.graph
        probe = [helper.make_node("NonZero", ["dummy"], ["probe"]), graph.node[-1]]
        del graph.node[:]
        graph.node.extend([node] + probe)
        graph.input.extend(extra)
        return self.model


def branches(w):
    other = Wrap.body(w, "else", "_e")
    if w.rng.random() < 0.3:
        other = helper.make_graph(
            [helper.make_node("Identity", ["dummy"], [f"d{i}"])
             for i in range(len(w.results))], "else", [],
            [helper.make_tensor_value_info(f"d{i}", FLOAT, None)
             for i in range(len(w.results))])
    node = helper.make_node("If", ["condition"], [f"w{i}" for i in range(len(w.results))],
                            then_branch=w.body("then", "_t"), else_branch=other)
    return w.finish(node, [helper.make_tensor_value_info("condition", BOOL, [])])


def loop(w):
    turn = [helper.make_tensor_value_info("turn", INT64, []),
            helper.make_tensor_value_info("go", BOOL, [])]
    body = w.body("body", "_b", turn, [helper.make_tensor_value_info("go", BOOL, [])])
    node = helper.make_node("Loop", ["count", ""],
                            [f"w{i}" for i in range(len(w.results))], body=body)
    return w.finish(node, [helper.make_tensor_value_info("count", INT64, [])])


def scan(w):
    element = helper.make_tensor_value_info("element", FLOAT, None)
    body = w.body("body", "_b", [element])
    node = helper.make_node("Scan", ["many"], [f"w{i}" for i in range(len(w.results))],
                            body=body, num_scan_inputs=1)
    shape = w.rng.choice([["N", 3], [4, "M"], None])
    return w.finish(node, [helper.make_tensor_value_info("many", FLOAT, shape)])


def mapped(w):
    element = helper.make_tensor_value_info("element", FLOAT, None)
    body = w.body("body", "_b", [element])
    node = helper.make_node("SequenceMap", ["many"],
                            [f"w{i}" for i in range(len(w.results))], body=body)
    many = helper.make_value_info("many", helper.make_sequence_type_proto(
        helper.make_tensor_type_proto(FLOAT, w.rng.choice([["N", 3], None]))))
    return w.finish(node, [many])


def function(w):
    """Initializers are the caller's and come as inputs."""
    used = [i for n in w.nodes for i in n.input if i]
    made = {o for n in w.nodes for o in n.output}
    given = sorted(set(used) - made)
    model = w.model
    f = helper.make_function("local", "Local", [f"f_{g}" for g in given], w.results, [],
                             list(model.opset_import))
    for node in w.nodes:
        copy = f.node.add()
        copy.CopyFrom(node)
        copy.input[:] = [f"f_{i}" if i in given else i for i in node.input]
    model.functions.append(f)
    model.opset_import.append(helper.make_opsetid("local", 1))
    return w.finish(helper.make_node(
        "Local", given, [f"w{i}" for i in range(len(w.results))], domain="local"))


def declared(w):
    """Outputs of nodes that are graph outputs or value_info, with shapes of their own."""
    graph = w.model.graph
    for name in w.results:
        if not w.types[name].HasField("tensor_type"):
            continue
        value = onnx.ValueInfoProto(name=name)
        value.type.CopyFrom(w.types[name])
        field = value.type.tensor_type
        for i, dim in enumerate(field.shape.dim):
            way = w.rng.random()
            if way < 0.3:
                dim.Clear()
            elif way < 0.5:
                dim.dim_param = "D"
            elif way < 0.55:
                dim.dim_value = 77
            elif dim.dim_param.startswith("unk__"):
                dim.Clear()
        if w.rng.random() < 0.2:
            value.type.tensor_type.ClearField("shape")
        (graph.output if w.rng.random() < 0.6 else graph.value_info).append(value)
    graph.node.insert(len(graph.node) - 1,
                      helper.make_node("NonZero", ["dummy"], ["probe"]))
    return w.model


WRAPS = [branches, loop, scan, mapped, function, declared]


def wrap(model, seed):
    """The model in one of these; None where it has no results to hand on."""
    try:
        inferred = onnx.shape_inference.infer_shapes(model)
    except Exception:  # whatever onnx raises
        return None
    w = Wrap(model, inferred, random.Random(seed))
    opset = model.opset_import[0].version
    ways = [way for way in WRAPS
            if (way is not mapped or opset >= 17) and (way is not scan or opset >= 9)
            and (way is not function or not model.functions)]
    return w.rng.choice(ways)(w) if w.results else None
