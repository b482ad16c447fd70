"""Goldens of appendix C, and the remaining upstream tests of section 10.3."""
import numpy as np

from upstream_cases import (F16, S4, S8, S16, U4, U8, U16, case, int32s, make,
                            node)



# ---- C1: Conv and Relu

W1 = [[[[-1, -2], [1, 2]]], [[[-0.5, -1.5], [0.5, 1.5]]]]


def conv_relu(output="y", opset=21, nodes=None):
    nodes = nodes or [node("Conv", "x w b", "c", "conv"), node("Relu", "c", "y", "relu")]
    return make(nodes, {"x": [1, 1, 4, 4]}, {output: [1, 2, 3, 3]},
                {"w": W1, "b": [0.25, -1]}, opset)


def c1(name, tensors, overrides=None, output="y", nodes=None, **options):
    model = conv_relu(output, nodes=[node("Conv", "x w b", "c", "conv")]
                      if output == "c" else None)
    case(f"c1_{name}", model, {"x": (-1, 3), "c": (-6, 7), "y": (0, 7)}, overrides,
         {k.replace("_", "-") if k != "set" else k: v for k, v in options.items()},
         tensors=tensors, **({"nodes": nodes} if nodes else {}))


X1, Y1 = (U8, 64, 0.01568627543747425), (U8, 0, 0.027450980618596077)
c1("default", {"x": X1, "w": (S8, 0, 0.015748031437397003, "c081407fe0a1205f"), "y": Y1,
               "b:b": ("88838139", "f403000030f0ffff")},
   nodes=["b_DequantizeLinear", "w_DequantizeLinear", "x_QuantizeLinear",
          "x_DequantizeLinear", "conv", "y_QuantizeLinear", "y_DequantizeLinear"])
c1("keep_relu", {"c": (U8, 0, 0.027450980618596077)},
   set={"QDQKeepRemovableActivations": True})
c1("per_channel", {"w": (S8, [0, 0], [0.015748031437397003, 0.011811023578047752],
                         "c081407fd6812a7f"),
                   "b:b": ("888381394c454239", "f4030000ebeaffff")},
   output="c", per_channel=True)
c1("per_channel_unsigned", {"w": (U8, [128, 128], [0.01568627543747425, 0.0117647061124444],
                                  "4001c0ff5600aaff"), "b:b": (None, "f8030000d5eaffff")},
   per_channel=True, weight_type="QUInt8")
c1("reduced", {"w": (S8, 0, 0.03125, "e0c02040f0d01030")}, reduce_range=True)
c1("reduced_unsigned", {"w": (U8, 64, 0.031496062874794006, "2000608030105070")},
   reduce_range=True, weight_type="QUInt8")
c1("int4", {"w": (S4, 0, 0.2666666805744171, "9c74ae62"), "b:b": (None, "3c00000011ffffff")},
   weight_type="QInt4")
c1("int4_per_channel", {"w": (S4, [0, 0], [0.2666666805744171, 0.20000000298023224],
                              "9c748e72"), "b:b": (None, "3c000000c1feffff")},
   weight_type="QInt4", per_channel=True)
c1("uint4", {"w": (U4, 8, 0.2666666805744171, "14fc26ea")}, weight_type="QUInt4")
c1("int16", {"x": (U16, 16384, 6.103608757257462e-05),
             "w": (S16, 0, 6.103701889514923e-05, "00c001800040ff7f00e001a00020ff5f"),
             "b:b": (None, "00f4ff03ff2f00f0")},
   weight_type="QInt16", activation_type="QUInt16")
c1("uint16", {"w": (U16, 32768, 6.103608757257462e-05, "0040000000c0ffff0060002000a000e0")},
   weight_type="QUInt16", activation_type="QUInt16")
c1("last_axis", {"w": (S8, [0, 0], [0.007874015718698502, 0.015748031437397003],
                       "81817f7fc0a1405f")}, {"w": [{"axis": -1}]})
c1("one_entry", {"w": (S8, [0, 0], [0.031496062874794006, 0.011811023578047752])},
   {"w": [{"axis": 0, "rmin": -4.0, "rmax": 4.0}]})

# ---- C2, C3: odd counts of 4 bits, bias adjustment

case("c2", make([node("Conv", "x w", "y", "conv")], {"x": [1, 1, 3, 3]}, {"y": [1, 1, 1, 1]},
                {"w": np.arange(-3, 6, dtype=np.float32).reshape(1, 1, 3, 3)}),
     {"x": (-1, 1), "y": (-1, 1)}, {}, {"weight-type": "QInt4"},
     tensors={"w": (S4, 0, 0.6666666865348816, "dc0e326407")})
SMALL = make([node("Conv", "x w b", "y", "conv")], {"x": [1, 1, 2, 2]}, {"y": [1, 2, 2, 2]},
             {"w": [[[[1e-7]]], [[[-3e-8]]]], "b": [5, -4.5]})
OFF = {"QDQDisableWeightAdjustForInt32Bias": True}
for name, options, scale, data, bias in (
        ("tensor", {}, 4.657078722658525e-09, "15fa", "e2b8fc7f01c0cf8c"),
        ("tensor_off", {"set": OFF}, 7.874015883757579e-10, "7fda", "ffffff7f00000080"),
        ("channel", {"per-channel": True}, [4.657078722658525e-09, 4.191370805983752e-09],
         "15f9", "e2b8fc7f07470380"),
        ("channel_off", {"per-channel": True, "set": OFF},
         [7.874015883757579e-10, 2.36220459859382e-10], "7f81", "ffffff7f00000080")):
    case(f"c3_{name}", SMALL, {"x": (0, 127.5), "y": (-1, 1)}, {}, options,
         tensors={"x": (U8, 0, 0.5), "b:b": (None, bias),
                  "w": (S8, [0, 0] if isinstance(scale, list) else 0, scale, data)})

# ---- C4, C5: constants of elementwise operators, Gemm

case("c4", make([node("Add", "x k", "t", "a"), node("Concat", "t k2", "c", "c", axis=0),
                 node("Gather", "emb idx", "g", "g"), node("Mul", "c g", "y", "m")],
                {"x": [1, 4]}, {"y": [2, 4]},
                {"k": [-1, 0.5, 2, 3], "k2": [[1, 2, 3, 4]],
                 "emb": [[-1, 1], [2, -3]], "idx": np.array([[0, 1], [1, 0]], np.int64)}),
     {n: (-2, 2) for n in "xtcgy"}, tensors={
         "k": (U8, 64, 0.01568627543747425, "0060bfff"),
         "k2": (U8, 0, 0.01568627543747425, "407fbfff"),
         "emb": (U8, 153, 0.019607843831181526, "66ccff00")}, absent=["g_scale"])
for beta, bias in ((None, ("8883013a", "114f0000df61ffff")),
                   (0.5, ("88838139", "219e0000bec3feff")),
                   (0.0, ("8883013a", int32s(0, 0)))):
    attributes = {} if beta is None else {"beta": beta}
    case(f"c5_beta_{beta}", make(
        [node("Gemm", "x w b", "y", "gemm", **attributes)], {"x": [1, 3]}, {"y": [1, 2]},
        {"w": [[1, 2], [3, 4], [-1, 0.5]], "b": [10, -20]}), {"x": (-2, 2), "y": (-60, 60)},
        tensors={"w": (S8, 0, 0.031496062874794006, "20405f7fe010"), "b:b": bias})

# ---- C6, C7: float16


def chain16(ranges, scale_bits, zero_points, kind, activation):
    tensors = {n: (kind, z, np.array(s, np.uint16).view(np.float16).item())
               for n, s, z in zip(("x", "t", "y"), scale_bits, zero_points)}
    case(f"c6_{activation}_{scale_bits[0]}", make(
        [node("Sigmoid", "x", "t", "a"), node("Sigmoid", "t", "y", "b")], {"x": [2]},
        {"y": [2]}, {}, 21, F16), dict(zip(("x", "t", "y"), ranges)), {},
        {"activation-type": activation}, tensors=tensors)


chain16([(-1, 1), (0.2, 0.8), (0.1, 0.7)], [512, 205, 179], [32768, 0, 0], U16, "QUInt16")
chain16([(-3, 3), (0, 4.5), (0, 60000)], [1536, 1152, 15187], [32768, 0, 0], U16, "QUInt16")
chain16([(-40000, 40000), (0, 1), (0, 1e-8)], [23783, 7172, 15360], [127, 0, 0], U8, "QUInt8")


def gemm16(name, weights, bias, expected, cast, extra, **attributes):
    case(f"c7_{name}", make([node("Gemm", "x w b", "y", "gemm", **attributes)], {"x": [1, 2]},
                            {"y": [1, 2]}, {"w": weights, "b": bias}, 21, F16),
         {"x": (-1, 1), "y": (-9, 9)}, {}, {"set": extra} if extra else {},
         tensors={"b:b": expected}, counts={"Cast": cast})


STEEP, BIG = [[0.02, 0.01], [0.01, -0.02]], [60000, -0.25]
gemm16("beta0", [[1, 2], [3, -1]], [0.5, -0.25], (0.00018525682389736176, int32s(0, 0)), 1, {},
       beta=0.0)
gemm16("wide", STEEP, BIG, (2.7942471206188202e-05, int32s(2147268921, -8947)), 1, OFF)
gemm16("adjusted", STEEP, BIG, (2.7954578399658203e-05, int32s(2146338934, -8943)), 0, {})

# ---- 10.3: other upstream tests

for per_channel in (False, True):
    case(f"int4_conv_{per_channel}", make(
        [node("Conv", "x w b", "y", "conv")], {"x": [1, 1, 4, 4]}, {"y": [1, 2, 3, 3]},
        {"w": W1, "b": [0, 1]}), {"x": (-1, 1), "y": (-1, 1)}, {},
        {"weight-type": "QInt4", "per-channel": per_channel},
        counts={"QuantizeLinear": 2, "DequantizeLinear": 4})
case("shared_bias", make(
    [node("Conv", "x w b", "c", "one"), node("Conv", "x v b", "y", "two")],
    {"x": [1, 1, 4, 4]}, {"c": [1, 2, 3, 3], "y": [1, 2, 3, 3]},
    {"w": W1, "v": (2 * np.array(W1)).astype(np.float32), "b": [0.5, -1]}),
    {"x": (-1, 1), "c": (-1, 1), "y": (-1, 1)},
    present=["b_quantized", "b0_quantized"], absent=["b"])
ZERO = make([node("Conv", "x w", "y", "conv")], {"x": [1, 1, 2, 2]}, {"y": [1, 1, 2, 2]},
            {"w": [[[[0]]]]})
for least, scale in ((None, 1.0), (0.0001, 3.921568634268624e-07)):
    case(f"minimum_real_range_{least}", ZERO, {"x": (0, 0), "y": (0, 0)}, {},
         {"weight-type": "QUInt8", **({"set": {"MinimumRealRange": least}} if least else {})},
         tensors={n: (U8, 0, scale) for n in "xwy"})
ADD = make([node("Add", "input_0 input_1", "output", "add")],
           {"input_0": [1, 2], "input_1": [1, 2]}, {"output": [1, 2]}, {})
case("runner_add", ADD, {n: (-1, 1) for n in ("input_0", "input_1", "output")},
     {"input_0": [{"scale": 0.005, "zero_point": 2}]},
     tensors={"input_0": (U8, 2, 0.005)}, initializers=["input_0_zero_point", "input_0_scale"])
MATMUL = make([node("MatMul", "x w", "y", "matmul")], {"x": [2, 2]}, {"y": [2, 2]},
              {"w": [[1, 2], [3, 4]]})
for name, options, total in (
        ("per_channel", {"per-channel": True}, 6),
        ("pair", {"set": {"AddQDQPairToWeight": True}}, 7),
        ("excluded", {"set": {"OpTypesToExcludeOutputQuantization": ["MatMul"]}}, 4)):
    case(f"runner_matmul_{name}", MATMUL, {"x": (-1, 1), "y": (-1, 1)}, {}, options, total=total)
ADDS = make([node("Add", "a b", "y", "add1"), node("Add", "a c", "z", "add2")],
            {n: [1, 2] for n in "abc"}, {n: [1, 2] for n in "yz"}, {})
for name, options, total in (
        ("default", {}, 12), ("dedicated", {"set": {"DedicatedQDQPair": True}}, 14),
        ("one_node", {"nodes-to-quantize": ["add1"]}, 8)):
    case(f"runner_two_adds_{name}", ADDS, {n: (-1, 1) for n in "abcyz"}, {}, options, total=total)
for name, options, total in (("default", {}, 7), ("no_bias", {"set": {"QuantizeBias": False}}, 6)):
    case(f"runner_conv_{name}", conv_relu("c", nodes=[node("Conv", "x w b", "c", "conv")]),
         {"x": (-1, 1), "c": (-1, 1)}, {}, options, total=total)
for name, keep, total in (("default", False, 7), ("keep", True, 10)):
    case(f"runner_conv_relu_{name}", conv_relu(), {"x": (-1, 1), "c": (-1, 1), "y": (0, 1)}, {},
         {"set": {"QDQKeepRemovableActivations": keep}}, total=total)
BLOCK = [[1, -2], [3, 4], [-5, 6], [7, 0.5], [0, 0]]
for kind, name, zp, data in (
        (S8, "QInt8", [0] * 6, "2ac07f7fa57f7f0b0000"),
        (U8, "QUInt8", [0, 85, 106, 0, 0, 0], "5500ffff00ffff150000"),
        (U4, "QUInt4", None, "05fff01f00")):
    case(f"block_size_{name}", make([node("MatMul", "x w", "y", "matmul")], {"x": [2, 5]},
                                    {"y": [2, 2]}, {"w": BLOCK}), {"x": (-1, 1), "y": (-1, 1)},
         {}, {"weight-type": name, "set": {"BlockSize": 2}}, tensors={"w": (kind, zp, None, data)})

