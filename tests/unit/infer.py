"""Element types of node outputs as onnx's shape inference has them.

infer.py MODEL STRIPPED       writes MODEL without value_info, prints NAME<TAB>TYPE for
                              every output of a main graph's node (0: unknown)
infer.py --operators FOLDER   writes models with each operator version of the default
                              domain, prints FILE<TAB>NAME=TYPE|NAME=TYPE...
"""
import os
import sys

import onnx
from onnx import TensorProto, helper, shape_inference

TYPES = {"tensor(%s)" % n.lower(): v for n, v in TensorProto.DataType.items()}
PREFERRED = ["float16", "double", "float", "int32", "int64"]


def inferred(model):
    graph = shape_inference.infer_shapes(model).graph
    types = {}
    for info in [*graph.value_info, *graph.output, *graph.input]:
        if info.type.HasField("tensor_type"):
            types[info.name] = info.type.tensor_type.elem_type
    names = [n for node in graph.node for n in node.output if n]
    return [(n, types.get(n, 0)) for n in names]


def attribute(definition):
    kind, name = definition.type.name, definition.name
    value = {
        "INT": 11 if name == "to" else 1,
        "FLOAT": 1.0,
        "STRING": {"direction": "LEFT", "equation": "ij->ij", "to": "DOUBLE"}.get(name, "x"),
        "INTS": [1, 1],
        "FLOATS": [1.0, 1.0],
        "STRINGS": ["a"],
        "TENSOR": helper.make_tensor("v", TensorProto.DOUBLE, [1], [1.0]),
    }.get(kind)
    return None if value is None else helper.make_attribute(name, value)


def pick(allowed, used):
    names = ["tensor(%s)" % n for n in PREFERRED] + sorted(allowed)
    fresh = [n for n in names if n in allowed and n in TYPES and n not in used]
    rest = [n for n in names if n in allowed and n in TYPES]
    return (fresh or rest or [None])[0]


def node_of(schema, tag, optional):
    """A node of the schema over inputs of distinct types without shapes."""
    allowed = {c.type_param_str: c.allowed_type_strs for c in schema.type_constraints}
    bound, inputs = {}, []
    for k, formal in enumerate(schema.inputs):
        if formal.option.name == "Optional" and not optional:
            break
        key = formal.type_str
        if key not in bound:
            bound[key] = pick(allowed.get(key, [key]), bound.values())
        if bound[key] is None:
            return None
        inputs.append(helper.make_tensor_value_info("%s_i%d" % (tag, k), TYPES[bound[key]], None))
    outputs = ["%s_o%d" % (tag, k) for k in range(len(schema.outputs))]
    if not optional:
        outputs = outputs[: max(1, schema.min_output)]
    node = helper.make_node(schema.name, [i.name for i in inputs], outputs)
    for definition in schema.attributes.values():
        if definition.required:
            made = attribute(definition)
            if made is None:
                return None
            node.attribute.append(made)
    return inputs, node


# Without shapes, with attributes that do not fit, or with every optional input and
# output at once, onnx's inference gives these up altogether: no rule about types.
GIVEN_UP = {
    ("Attention", True), ("BatchNormalization", True), ("BitCast", False),
    ("BitCast", True), ("LinearAttention", False), ("LinearAttention", True),
    ("StringSplit", False), ("StringSplit", True), ("Upsample", False), ("Upsample", True),
}


def operators(folder):
    newest = onnx.defs.onnx_opset_version()
    schemas = [s for s in onnx.defs.get_all_schemas_with_history() if s.domain == ""]
    for opset in range(1, newest + 1):
        inputs, nodes = [], []
        for s in sorted(schemas, key=lambda s: s.name):
            if s.since_version != opset or s.deprecated:
                continue
            for optional in (False, True):
                made = node_of(s, "%s%d" % (s.name, optional), optional)
                if made and (s.name, optional) not in GIVEN_UP:
                    inputs += made[0]
                    nodes.append(made[1])
        graph = helper.make_graph(nodes, "g", inputs, [])
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)])
        name = "ops%d.onnx" % opset
        onnx.save(model, os.path.join(folder, name))
        print(name, "|".join("%s=%d" % pair for pair in inferred(model)), sep="\t")


def main():
    if sys.argv[1] == "--operators":
        return operators(sys.argv[2])
    model = onnx.load(sys.argv[1])
    del model.graph.value_info[:]
    onnx.save(model, sys.argv[2])
    for name, kind in inferred(model):
        print(name, kind, sep="\t")


main()
