"""Element types of node outputs as onnx's shape inference has them.

infer.py MODEL STRIPPED       writes MODEL without value_info, prints NAME<TAB>TYPE for
                              every output of a main graph's node (0: unknown)
infer.py --operators FOLDER   writes models with each operator version of the default
                              domain, with operators of ai.onnx.ml and with functions,
                              prints FILE<TAB>NAME=TYPE|NAME=TYPE...
"""
import os
import sys

import onnx
from onnx import TensorProto, helper, parser, shape_inference

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


# onnx itself dies of the first without the type of an input; the other may not have all
# of its inputs at once.
SPARED = ("RegexFullMatch", "Resize")


def without_types(made, tag):
    """The node once for every input, of which nothing is known then, and once for all."""
    inputs, node = made
    for k in range(len(inputs) + 1):
        copy = onnx.NodeProto.FromString(node.SerializeToString())
        unknown = [inputs[k]] if k < len(inputs) else inputs
        makers = []
        for i, value in enumerate(inputs):
            if value in unknown:
                copy.input[i] = "%s_u%d_%d" % (tag, k, i)
                makers.append(helper.make_node("Nothing", [], [copy.input[i]], domain="u"))
        copy.output[:] = ["%s_u%d" % (name, k) for name in node.output]
        yield from [*makers, copy]


def report(folder, name, model):
    onnx.save(model, os.path.join(folder, name))
    print(name, "|".join("%s=%d" % pair for pair in inferred(model)), sep="\t")


def operators(folder):
    newest = onnx.defs.onnx_opset_version()
    schemas = [s for s in onnx.defs.get_all_schemas_with_history() if s.domain == ""]
    for opset in range(1, newest + 1):
        inputs, nodes, unknown = [], [], []
        for s in sorted(schemas, key=lambda s: s.name):
            if s.since_version != opset or s.deprecated:
                continue
            for optional in (False, True):
                made = node_of(s, "%s%d" % (s.name, optional), optional)
                if made and (s.name, optional) not in GIVEN_UP:
                    inputs += made[0]
                    nodes.append(made[1])
                    if made[0] and s.name not in SPARED:
                        unknown += without_types(made, "%s%d" % (s.name, optional))
        imports = [helper.make_opsetid("", opset), helper.make_opsetid("u", 1)]
        for name, these in (("ops", nodes), ("untyped", unknown)):
            graph = helper.make_graph(these, "g", inputs, [])
            model = helper.make_model(graph, opset_imports=imports)
            report(folder, "%s%d.onnx" % (name, opset), model)


# Operator, input types, outputs, attributes, at version 1, 2 and 4 of ai.onnx.ml.
F, D, I, S = TensorProto.FLOAT, TensorProto.DOUBLE, TensorProto.INT64, TensorProto.STRING
TREE = {"nodes_treeids": [0], "classlabels_strings": ["a"]}
LEARNED = [
    ("ArrayFeatureExtractor", [D, I], 1, {}),
    ("Binarizer", [F], 1, {}),
    ("CastMap", [F], 1, {"cast_to": "TO_STRING"}),
    ("CastMap", [F], 1, {}),
    ("FeatureVectorizer", [F, F], 1, {}),
    ("Imputer", [F], 1, {}),
    ("LabelEncoder", [S], 1, {"keys_strings": ["a"], "values_floats": [1.0]}),
    ("LabelEncoder", [S], 1, {"keys_strings": ["a"], "values_int64s": [1]}),
    ("LabelEncoder", [I], 1, {"keys_int64s": [1], "values_strings": ["a"]}),
    ("LinearClassifier", [F], 2, {"coefficients": [1.0]}),
    ("LinearClassifier", [F], 2, {"coefficients": [1.0], "classlabels_strings": ["a", "b"]}),
    ("LinearRegressor", [F], 1, {}),
    ("Normalizer", [F], 1, {}),
    ("OneHotEncoder", [I], 1, {"cats_int64s": [1]}),
    ("SVMClassifier", [F], 2, {}),
    ("SVMRegressor", [F], 1, {}),
    ("Scaler", [F], 1, {}),
    ("TreeEnsembleClassifier", [F], 2, TREE),
    ("ZipMap", [F], 1, {"classlabels_strings": ["a"]}),
]


def learned(folder):
    for version in (2, 4):
        inputs, nodes = [], []
        for i, (op, types, outputs, attributes) in enumerate(LEARNED):
            names = ["i%d_%d" % (i, k) for k in range(len(types))]
            inputs += [helper.make_tensor_value_info(n, t, [2, 3]) for n, t in zip(names, types)]
            made = ["o%d_%d" % (i, k) for k in range(outputs)]
            nodes.append(helper.make_node(op, names, made, domain="ai.onnx.ml", **attributes))
        graph = helper.make_graph(nodes, "g", inputs, [])
        imports = [helper.make_opsetid("", 17), helper.make_opsetid("ai.onnx.ml", version)]
        report(folder, "ml%d.onnx" % version, helper.make_model(graph, opset_imports=imports))


FUNCTIONS = """
<ir_version: 9, opset_import: ["" : 17, "own" : 1]>
agraph (float16[N] x, float[2] y, bool c) => (z) {
  a = own.cast <to = 11> (x, y)
  b, s = own.nested (x)
  d = Relu (b)
  e = own.choose (c, x)
  f = own.outer <kind = 6> (y)
  h = own.looped (y)
  u = own.missing (y)
  v = Neg (u)
  z = Add (d, d)
}
<domain: "own", opset_import: ["" : 17]>
cast <to> (p, q) => (r) { s = Add (p, p)  r = Cast <to: int = @to> (s) }
<domain: "own", opset_import: ["" : 17, "own" : 1]>
nested (p) => (r, t) { r = own.like (p)  t = Shape (p) }
<domain: "own", opset_import: ["" : 17]>
like (p) => (r) { c = Constant <value_float: float = 1.0> ()  r = CastLike (c, p) }
<domain: "own", opset_import: ["" : 17]>
choose (c, p) => (r) {
  r = If (c) <then_branch = yes () => (m) { m = Exp (p) },
              else_branch = no () => (n) { n = Neg (p) }>
}
<domain: "own", opset_import: ["" : 17, "own" : 1]>
outer <kind> (p) => (r) { r = own.cast <to: int = @kind> (p, p) }
<domain: "own", opset_import: ["" : 17]>
looped (p) => (r) {
  k = Constant <value_int: int = 3> ()
  r = Loop (k, , p) <body = b (i, go, w) => (go_on, w_next) {
    go_on = Identity (go)
    w_next = Add (w, w)
  }>
}
"""


def functions(folder):
    report(folder, "functions.onnx", parser.parse_model(FUNCTIONS))


def main():
    if sys.argv[1] == "--operators":
        operators(sys.argv[2])
        learned(sys.argv[2])
        return functions(sys.argv[2])
    model = onnx.load(sys.argv[1])
    del model.graph.value_info[:]
    onnx.save(model, sys.argv[2])
    for name, kind in inferred(model):
        print(name, kind, sep="\t")


main()
