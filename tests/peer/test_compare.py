#!/usr/bin/env python3
"""Tests of compare.py: every kind of change must be found, equality too."""
import os
import pathlib
import sys
import tempfile
import unittest

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

import compare


def branch(name, factor):
    node = helper.make_node("Mul", ["x", f"{name}_k"], [f"{name}_out"], f"{name}_mul")
    k = numpy_helper.from_array(np.float32(factor).reshape(1), f"{name}_k")
    out = helper.make_tensor_value_info(f"{name}_out", TensorProto.FLOAT, None)
    return helper.make_graph([node], name, [], [out], [k])


def sample():
    """A model that has something of everything the comparison looks at."""
    floats = lambda name: helper.make_tensor_value_info(name, TensorProto.FLOAT, [1, 2])
    nodes = [
        helper.make_node("Conv", ["x", "w"], ["c"], "conv", pads=[0, 0], group=1),
        helper.make_node("LeakyRelu", ["c"], ["r"], "leaky", alpha=0.5),
        helper.make_node("If", ["flag"], ["i"], "if",
                         then_branch=branch("a", 2), else_branch=branch("b", 3)),
        helper.make_node("Twice", ["r"], ["y"], "call", domain="local"),
    ]
    inits = [
        numpy_helper.from_array(np.arange(8, dtype=np.float32), "w"),
        helper.make_tensor("s", TensorProto.FLOAT, [2], [1.0, -0.0]),
        helper.make_tensor("z", TensorProto.UINT8, [], [7]),
        helper.make_tensor("t", TensorProto.STRING, [1], [b"text"]),
    ]
    graph = helper.make_graph(nodes, "g", [floats("x"), floats("flag")],
                              [floats("y"), floats("i")], inits)
    twice = helper.make_function(
        "local", "Twice", ["p"], ["q"],
        [helper.make_node("Add", ["p", "p"], ["q"], "add")],
        [helper.make_opsetid("", 21)])
    model = helper.make_model(
        graph, producer_name="p", producer_version="1", ir_version=10,
        opset_imports=[helper.make_opsetid("", 21), helper.make_opsetid("local", 1)],
        functions=[twice])
    helper.set_model_props(model, {"one": "1", "two": "2"})
    return model


def swap(items, i, j):
    copies = [type(m).FromString(m.SerializeToString()) for m in items]
    copies[i], copies[j] = copies[j], copies[i]
    del items[:]
    items.extend(copies)


def flip_byte(m):
    raw = bytearray(m.graph.initializer[0].raw_data)
    raw[17] ^= 1
    m.graph.initializer[0].raw_data = bytes(raw)


def storage_form(m):
    w = m.graph.initializer[0]
    w.float_data.extend(numpy_helper.to_array(w).tolist())
    w.ClearField("raw_data")


def branch_of(m):
    return m.graph.node[2].attribute[0].g


CHANGES = {
    "flipped byte": flip_byte,
    "storage form": storage_form,
    "negative zero": lambda m: m.graph.initializer[1].float_data.__setitem__(1, 0.0),
    "value in int32_data": lambda m: m.graph.initializer[2].int32_data.__setitem__(0, 8),
    "tensor type": lambda m: setattr(m.graph.initializer[2], "data_type", TensorProto.INT8),
    "tensor dims": lambda m: m.graph.initializer[0].dims.__setitem__(0, 4),
    "tensor dims rank": lambda m: m.graph.initializer[2].dims.append(1),
    "tensor name": lambda m: setattr(m.graph.initializer[0], "name", "v"),
    "tensor doc": lambda m: setattr(m.graph.initializer[0], "doc_string", ""),
    "data location": lambda m: setattr(m.graph.initializer[0], "data_location", 0),
    "string tensor": lambda m: m.graph.initializer[3].string_data.__setitem__(0, b"next"),
    "swapped initializers": lambda m: swap(m.graph.initializer, 0, 1),
    "dropped initializer": lambda m: m.graph.initializer.pop(),
    "swapped nodes": lambda m: swap(m.graph.node, 0, 1),
    "dropped node": lambda m: m.graph.node.pop(),
    "node name": lambda m: setattr(m.graph.node[0], "name", "conv2"),
    "node op": lambda m: setattr(m.graph.node[1], "op_type", "Relu"),
    "empty domain is set": lambda m: setattr(m.graph.node[0], "domain", ""),
    "node doc": lambda m: setattr(m.graph.node[0], "doc_string", "d"),
    "node input": lambda m: m.graph.node[0].input.__setitem__(1, "s"),
    "trailing empty input": lambda m: m.graph.node[0].input.append(""),
    "node output": lambda m: m.graph.node[1].output.__setitem__(0, "rr"),
    "node overload": lambda m: setattr(m.graph.node[3], "overload", "o"),
    "node metadata": lambda m: m.graph.node[0].metadata_props.add(key="k", value="v"),
    "attribute order": lambda m: swap(m.graph.node[0].attribute, 0, 1),
    "attribute value": lambda m: m.graph.node[0].attribute[1].ints.__setitem__(0, 1),
    "attribute float": lambda m: setattr(m.graph.node[1].attribute[0], "f", 0.50000006),
    "attribute name": lambda m: setattr(m.graph.node[1].attribute[0], "name", "beta"),
    "attribute type": lambda m: setattr(m.graph.node[1].attribute[0], "type", 2),
    "dropped attribute": lambda m: m.graph.node[1].attribute.pop(),
    "subgraph weight": lambda m: branch_of(m).initializer[0].CopyFrom(
        numpy_helper.from_array(np.float32([9]), branch_of(m).initializer[0].name)),
    "subgraph node": lambda m: setattr(branch_of(m).node[0], "op_type", "Add"),
    "subgraph output": lambda m: setattr(branch_of(m).output[0], "name", "other"),
    "dropped import": lambda m: m.opset_import.pop(),
    "swapped imports": lambda m: swap(m.opset_import, 0, 1),
    "import version": lambda m: setattr(m.opset_import[0], "version", 20),
    "import spelling": lambda m: setattr(m.opset_import[0], "domain", "ai.onnx"),
    "ir version": lambda m: setattr(m, "ir_version", 9),
    "value info": lambda m: m.graph.value_info.add(name="c"),
    "subgraph value info": lambda m: branch_of(m).value_info.add(name="c"),
    "graph input": lambda m: m.graph.input.pop(),
    "input shape": lambda m: setattr(
        m.graph.input[0].type.tensor_type.shape.dim[0], "dim_value", 3),
    "input symbol": lambda m: setattr(
        m.graph.input[0].type.tensor_type.shape.dim[0], "dim_param", "N"),
    "output type": lambda m: setattr(m.graph.output[0].type.tensor_type, "elem_type", 10),
    "graph name": lambda m: setattr(m.graph, "name", "h"),
    "metadata value": lambda m: setattr(m.metadata_props[1], "value", "3"),
    "metadata order": lambda m: swap(m.metadata_props, 0, 1),
    "metadata dropped": lambda m: m.metadata_props.pop(),
    "producer": lambda m: setattr(m, "producer_name", "q"),
    "producer version": lambda m: setattr(m, "producer_version", "2"),
    "model version": lambda m: setattr(m, "model_version", 1),
    "model doc": lambda m: setattr(m, "doc_string", "d"),
    "function dropped": lambda m: m.functions.pop(),
    "function node": lambda m: setattr(m.functions[0].node[0], "op_type", "Mul"),
    "function import": lambda m: setattr(m.functions[0].opset_import[0], "version", 20),
    "annotation": lambda m: m.graph.quantization_annotation.add(tensor_name="w"),
    "sparse": lambda m: m.graph.sparse_initializer.add(dims=[2]),
    "unknown field": lambda m: m.graph.node[0].MergeFromString(b"\xc2\x3e\x01x"),
}


class CompareTest(unittest.TestCase):
    def test_equal(self):
        self.assertEqual(compare.compare_models(sample(), sample()), [])

    def test_every_change_is_found_both_ways(self):
        for name, change in CHANGES.items():
            with self.subTest(name):
                b = sample()
                change(b)
                self.assertTrue(compare.compare_models(sample(), b))
                self.assertTrue(compare.compare_models(b, sample()))

    def test_place_is_named(self):
        b = sample()
        flip_byte(b)
        line = compare.compare_models(sample(), b)[0]
        self.assertIn("graph.initializer[0]('w').raw_data", line)
        self.assertIn("at byte 17", line)

    def test_limit(self):
        b = sample()
        for node in b.graph.node:
            node.name += "x"
        self.assertEqual(len(compare.compare_models(sample(), b, 2)), 2)

    def test_external_data_are_resolved(self):
        with tempfile.TemporaryDirectory() as folder:
            inline, side = (os.path.join(folder, n) for n in ("a.onnx", "b.onnx"))
            onnx.save(sample(), inline)
            onnx.save(sample(), side, save_as_external_data=True,
                      location="b.data", size_threshold=0)
            self.assertEqual(compare.compare_files(inline, side), [])
            data = pathlib.Path(folder, "b.data")
            raw = bytearray(data.read_bytes())
            raw[5] ^= 0x40
            data.write_bytes(raw)
            self.assertTrue(compare.compare_files(inline, side))

    def test_command(self):
        with tempfile.TemporaryDirectory() as folder:
            a, b = (os.path.join(folder, n) for n in ("a.onnx", "b.onnx"))
            onnx.save(sample(), a)
            changed = sample()
            flip_byte(changed)
            onnx.save(changed, b)
            for other, code in ((a, 0), (b, 1)):
                sys.argv = ["compare.py", a, other]
                with open(os.devnull, "w") as null:
                    old, sys.stdout = sys.stdout, null
                    try:
                        self.assertEqual(compare.main(), code)
                    finally:
                        sys.stdout = old


if __name__ == "__main__":
    unittest.main()
