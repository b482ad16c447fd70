#!/usr/bin/env python3
"""Small models that are quantized in the styles of several tools.

    qdq_styles.py FOLDER    writes STYLE.onnx for each, prints the names
"""
import os
import sys

os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")

import numpy as np  # noqa: E402
import onnx  # noqa: E402
from onnx import TensorProto, helper  # noqa: E402

FLOAT, U8, S8, U16, S16, S4, S32 = (
    TensorProto.FLOAT, TensorProto.UINT8, TensorProto.INT8, TensorProto.UINT16,
    TensorProto.INT16, TensorProto.INT4, TensorProto.INT32)
rng = np.random.default_rng(7)


class Builder:
    """A graph x[1,4,8,8] -> ... whose tensors are quantized as they are added."""

    def __init__(self, opset=21, domain="", constants=False):
        self.nodes, self.inits, self.count = [], [], 0
        self.opset, self.domain, self.constants = opset, domain, constants

    def value(self, name, kind, dims, values):
        tensor = helper.make_tensor(name, kind, dims, np.asarray(values).flatten().tolist())
        if self.constants:
            self.nodes.append(helper.make_node("Constant", [], [name], value=tensor))
        else:
            self.inits.append(tensor)
        return name

    def node(self, op, inputs, output, domain="", **attributes):
        self.count += 1
        self.nodes.append(helper.make_node(op, inputs, [output], name=f"{op}_{self.count}",
                                           domain=domain, **attributes))
        return output

    def pair(self, name, scale, kind, zero, given=None):
        """Names of a scale and a zero point: `given`, or new ones."""
        if given:
            return given
        return [self.value(f"{name}_s", FLOAT, [], [scale]),
                self.value(f"{name}_z", kind, [], [zero])]

    def quantized(self, tensor, scale, kind, zero, given=None, output=None):
        """The tensor behind a Q and a DQ; each has constants of its own."""
        first = self.pair(f"{tensor}_q", scale, kind, zero, given)
        second = given or (self.pair(f"{tensor}_dq", scale, kind, zero) if self.constants
                           else first)
        self.node("QuantizeLinear", [tensor, *first], f"{tensor}_int", self.domain)
        return self.node("DequantizeLinear", [f"{tensor}_int", *second],
                         output or f"{tensor}_float", self.domain)

    def integer_weight(self, name, dims, kind=S8, axis=None):
        count = 1 if axis is None else dims[axis]
        shape = [] if axis is None else [count]
        low, high = (-7, 8) if kind == S4 else (-127, 128)
        self.value(f"{name}_int", kind, dims, rng.integers(low, high, int(np.prod(dims))))
        scale = self.value(f"{name}_s", FLOAT, shape, rng.uniform(0.002, 0.01, count))
        zero = self.value(f"{name}_z", kind, shape, np.zeros(count, int))
        return self.node("DequantizeLinear", [f"{name}_int", scale, zero], f"{name}_float",
                         self.domain, **({} if axis is None else {"axis": axis}))

    def float_weight(self, name, dims, axis):
        data = rng.normal(0, 0.3, dims)
        other = tuple(i for i in range(len(dims)) if i != axis)
        scale = np.abs(data).max(axis=other) / 127
        self.value(name, FLOAT, dims, data)
        s = self.value(f"{name}_s", FLOAT, [dims[axis]], scale)
        z = self.value(f"{name}_z", S8, [dims[axis]], np.zeros(dims[axis], int))
        self.node("QuantizeLinear", [name, s, z], f"{name}_int", axis=axis)
        return self.node("DequantizeLinear", [f"{name}_int", s, z], f"{name}_float", axis=axis)

    def save(self, path, outputs=("y",), shape=(1, 4, 8, 8)):
        def info(name):
            return helper.make_tensor_value_info(name, FLOAT, shape)

        graph = helper.make_graph(self.nodes, "g", [info("x")], [info(o) for o in outputs],
                                  self.inits)
        imports = [helper.make_opsetid("", self.opset)]
        if self.domain:
            imports.append(helper.make_opsetid(self.domain, 1))
        model = helper.make_model(graph, opset_imports=imports, ir_version=10)
        onnx.checker.check_model(model)
        onnx.save(model, path)


def chain(b, kind=U8, zero=100, given=None, weight=None):
    """x -> Conv -> Relu -> Sigmoid and Tanh -> Add -> y, all quantized."""
    x = b.quantized("x", 0.02, kind, zero, given)
    w = weight(b) if weight else b.integer_weight("w", [4, 4, 1, 1])
    b.node("Conv", [x, w], "a")
    a = b.quantized("a", 0.03, kind, zero, given)
    b.node("Relu", [a], "r")
    r = b.quantized("r", 0.015, kind, 0 if kind == U8 else -128 if kind == S8 else zero, given)
    b.node("Sigmoid", [r], "s")
    b.node("Tanh", [r], "t")
    s = b.quantized("s", 1 / 256, kind, 0 if kind == U8 else zero, given)
    t = b.quantized("t", 2 / 256, kind, zero, given)
    b.node("Add", [s, t], "y")
    return b


def pytorch(folder):
    b = Builder(constants=True)
    chain(b, S8, 3, weight=lambda b: b.integer_weight("w", [4, 4, 1, 1], axis=0))
    b.save(f"{folder}/pytorch.onnx")


def tensorrt(folder):
    b = Builder(opset=19)
    chain(b, S8, 0, weight=lambda b: b.float_weight("w", [4, 4, 1, 1], 0))
    b.save(f"{folder}/tensorrt.onnx")


def shared(folder):
    b = Builder()
    given = [b.value("sc", FLOAT, [1], [0.05]), b.value("zc", U8, [1], [90])]
    chain(b, U8, 90, given)
    b.save(f"{folder}/shared.onnx")


def contrib(folder):
    b = Builder(opset=18, domain="com.microsoft")
    chain(b, U16, 30000)
    b.save(f"{folder}/contrib.onnx")


def old_opset(folder):
    chain(Builder(opset=13)).save(f"{folder}/old_opset.onnx")


def no_zero_point(folder):
    b = Builder()
    b.node("QuantizeLinear", ["x", b.value("s", FLOAT, [], [0.02])], "x_int")
    b.node("DequantizeLinear", ["x_int", "s"], "x_float")
    b.node("Sigmoid", ["x_float"], "a")
    b.node("QuantizeLinear", ["a", b.value("s2", FLOAT, [], [1 / 32768])], "a_int",
           output_dtype=S16)
    b.node("DequantizeLinear", ["a_int", "s2"], "a_float")
    b.node("Tanh", ["a_float"], "y")
    b.save(f"{folder}/no_zero_point.onnx")


def identities(folder):
    b = Builder()
    b.value("s0", FLOAT, [], [0.02])
    b.value("z0", U8, [], [9])
    b.node("Identity", ["s0"], "sc")
    b.node("Identity", ["z0"], "zc")
    chain(b, U8, 9, ["sc", "zc"]).save(f"{folder}/identities.onnx")


def dedicated(folder):
    b = Builder()
    b.node("Sigmoid", ["x"], "a")
    pair = b.pair("a", 1 / 255, U8, 0)
    for i, op in enumerate(("Tanh", "Cos", "Sin"), 1):
        b.node("QuantizeLinear", ["a", *pair], f"a_int_{i}")
        b.node("DequantizeLinear", [f"a_int_{i}", *pair], f"a_float_{i}")
        b.node(op, [f"a_float_{i}"], f"y{i}")
    b.save(f"{folder}/dedicated.onnx", ["y1", "y2", "y3"])


def outputs(folder):
    """Graph outputs behind pairs, one of them converted, one read on as well."""
    b = Builder()
    b.node("Sigmoid", ["x"], "a_in")
    b.quantized("a_in", 1 / 255, U8, 0, output="a")
    b.node("Tanh", ["a"], "t_in")
    b.quantized("t_in", 2 / 255, U8, 127)
    b.quantized("t_in_float", 2 / 65535, U16, 32768, output="t")
    b.save(f"{folder}/outputs.onnx", ["a", "t"])


def blocked(folder):
    b = Builder()
    x = b.quantized("x", 0.02, U8, 100)
    b.value("w_int", S4, [8, 8], rng.integers(-7, 8, 64))
    b.value("w_s", FLOAT, [2, 8], rng.uniform(0.01, 0.05, 16))
    b.node("DequantizeLinear", ["w_int", "w_s"], "w_float", axis=0, block_size=4)
    b.node("MatMul", [x, "w_float"], "a")
    a = b.quantized("a", 0.05, U8, 120)
    b.node("Sigmoid", [a], "y")
    b.save(f"{folder}/blocked.onnx")


def biased(folder):
    b = Builder()
    x = b.quantized("x", 0.02, U8, 100)
    w = b.integer_weight("w", [4, 4, 1, 1])
    scale = 0.02 * b.inits[-2].float_data[0]
    b.value("b_int", S32, [4], [1000, -20000, 3, 77])
    b.node("DequantizeLinear", ["b_int", b.value("b_s", FLOAT, [1], [scale])], "b_float")
    b.node("Conv", [x, w, "b_float"], "a")
    a = b.quantized("a", 0.03, U8, 90)
    b.node("Sigmoid", [a], "y")
    b.save(f"{folder}/biased.onnx")


def captured(folder):
    """A subgraph reads what is behind a DQ."""
    b = Builder()
    x = b.quantized("x", 0.02, U8, 100)
    b.inits.append(helper.make_tensor("yes", TensorProto.BOOL, [], [True]))
    b.node("Sigmoid", [x], "a")
    a = b.quantized("a", 1 / 255, U8, 0)

    def body(op):
        out = helper.make_tensor_value_info(f"{op}_out", FLOAT, None)
        return helper.make_graph([helper.make_node(op, [a], [f"{op}_out"])], op, [], [out])

    b.node("If", ["yes"], "i", then_branch=body("Cos"), else_branch=body("Sin"))
    b.node("Tanh", [a], "t")
    b.node("Add", ["i", "t"], "y")
    b.save(f"{folder}/captured.onnx")


def left_alone(folder):
    """A scale for each channel of computed tensors, and pairs inside a subgraph."""
    b = Builder()
    x = b.quantized("x", 0.02, U8, 100)
    many = [b.value("s", FLOAT, [4], [0.02] * 4), b.value("z", U8, [4], [100] * 4)]
    b.node("Sigmoid", [x], "a")
    b.node("QuantizeLinear", ["a", *many], "a_int", axis=1)
    a = b.node("DequantizeLinear", ["a_int", *many], "a_float", axis=1)
    b.inits.append(helper.make_tensor("yes", TensorProto.BOOL, [], [True]))
    one = b.pair("one", 0.02, U8, 100)

    def body(op):
        out = helper.make_tensor_value_info(f"{op}_out", FLOAT, None)
        nodes = [helper.make_node(op, [a], [f"{op}_a"]),
                 helper.make_node("QuantizeLinear", [f"{op}_a", *one], [f"{op}_int"],
                                  name=f"{op}_Q"),
                 helper.make_node("DequantizeLinear", [f"{op}_int", *one], [out.name],
                                  name=f"{op}_DQ")]
        return helper.make_graph(nodes, op, [], [out])

    b.node("If", ["yes"], "y", then_branch=body("Cos"), else_branch=body("Sin"))
    b.save(f"{folder}/left_alone.onnx")


STYLES = (pytorch, tensorrt, shared, contrib, old_opset, no_zero_point, identities, dedicated,
          outputs, blocked, biased, captured, left_alone)

if __name__ == "__main__":
    for style in STYLES:
        style(sys.argv[1])
        print(style.__name__)
