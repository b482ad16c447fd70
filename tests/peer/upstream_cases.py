"""ONNX Runtime's own tests of its quantizer, and small goldens, as data.

Source: qdq-semantics.md section 10, appendices B and C. Each case is a model,
ranges, overrides, options and what must come out:

  tensors  name -> (type, zero point, scale[, data in hex]); per channel the
           zero point and scale are lists; "b:NAME" is an int32 bias given as
           (scale, data in hex); "c:NAME" a converted type
  counts   op_type -> number of nodes
  refused  a fragment of the peer's error
  opset, domain, nodes (names in order)
"""
from dataclasses import dataclass, field

import numpy as np
from onnx import TensorProto, helper, numpy_helper

F32, F16 = TensorProto.FLOAT, TensorProto.FLOAT16
U8, S8, U16, S16, U4, S4 = (TensorProto.UINT8, TensorProto.INT8, TensorProto.UINT16,
                            TensorProto.INT16, TensorProto.UINT4, TensorProto.INT4)
CASES = []


@dataclass
class Golden:
    name: str
    model: object
    ranges: dict
    overrides: dict = field(default_factory=dict)
    options: dict = field(default_factory=dict)
    expect: dict = field(default_factory=dict)


def case(name, model, ranges, overrides=None, options=None, **expect):
    CASES.append(Golden(name, model, ranges, overrides or {}, options or {}, expect))


def make(nodes, inputs, outputs, weights, opset=21, kind=F32):
    """A model; inputs and outputs as name -> shape, weights name -> values."""
    infos = lambda items: [helper.make_tensor_value_info(
        n, *(s if isinstance(s, tuple) else (kind, s))) for n, s in items.items()]
    dtype = np.float16 if kind == F16 else np.float32
    inits = [numpy_helper.from_array(
        np.array(v, dtype=v.dtype if isinstance(v, np.ndarray) else dtype), n)
        for n, v in weights.items()]
    graph = helper.make_graph(nodes, "g", infos(inputs), infos(outputs), inits)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)],
                             ir_version=10)


def node(op, inputs, outputs, name=None, **attributes):
    """A node from space-separated names."""
    return helper.make_node(op, inputs.split(), outputs.split(), name, **attributes)


def from_bits(*pairs):
    return [np.array(p, np.uint32).view(np.float32).item() for p in pairs]


# ---- 10.1: options of overrides

WGT = [[[-1, -2], [1, 2]], [[-0.5, -1.5], [0.5, 1.5]]]
RANGES1 = {"INP": (1.0, 6.0), "SIG_OUT": from_bits(0x3f3b26a8, 0x3f7f5df4),
           "OUT": from_bits(0x3e4f4640, 0x3fa5a9be)}
OPTIONS1 = {"weight-type": "QUInt8", "op-types": ["Conv", "Sigmoid"]}
INP, SIG, OUT = (U8, 0, 0.0235294122248888), (U8, 0, 0.003911871928721666), (
    U8, 0, 0.005075461231172085)


def m1(opset=13):
    return make([node("Sigmoid", "INP", "SIG_OUT"),
                 node("Conv", "SIG_OUT WGT BIAS", "OUT")],
                {"INP": [1, 2, 3]}, {"OUT": [1, 2, 2]}, {"WGT": WGT, "BIAS": [0, 1]}, opset)


def option_case(name, overrides, start=13, per_channel=False, policy="raise",
                refused=None, tensors=None, **expect):
    options = {**OPTIONS1, "opset-policy": policy}
    if per_channel:
        options["per-channel"] = True
    if refused:
        expect["refused"] = refused
    else:
        expect["tensors"] = {"INP": INP, "SIG_OUT": SIG, "OUT": OUT, **(tensors or {})}
    case(name, m1(start), RANGES1, overrides, options, **expect)


def int32s(*values):
    return np.array(values, "<i4").tobytes().hex()


option_case("qdq_default", {}, tensors={
    "WGT": (U8, 128, 0.01568627543747425, "4001c0ff6020a0e0"),
    "b:BIAS": (6.13626980339177e-05, int32s(0, 16297))})
option_case("qdq_default_per_channel", {}, per_channel=True, tensors={
    "WGT": (U8, [128, 128], [0.01568627543747425, 0.0117647061124444], "4001c0ff5600aaff"),
    "b:BIAS": ([6.13626980339177e-05, 4.6022025344427675e-05], int32s(0, 21729))})
SMALL = {"quant_type": "QInt8", "symmetric": True, "reduce_range": True}
option_case("qdq_overrides1", {
    "SIG_OUT": [{"scale": 1, "zero_point": 127}], "WGT": [SMALL], "BIAS": [SMALL]},
    tensors={"SIG_OUT": (U8, 127, 1.0), "WGT": (S8, 0, 0.03125, "e0c02040f0d01030"),
             "BIAS": (S8, 0, 0.015625, "0040")})
option_case("qdq_overrides2", {"SIG_OUT": [{"rmin": 0.0, "rmax": 0.5}]}, tensors={
    "SIG_OUT": (U8, 0, 0.0019607844296842813), "b:BIAS": (None, int32s(0, 32512))})
option_case("qdq_overrides3", {"WGT": [{"rmin": 0.0, "rmax": 1.0}]}, tensors={
    "WGT": (U8, 0, 0.003921568859368563, "0000ffff00007fff")})
option_case("qdq_overrides4", {"WGT": [{"zero_point": 4, "scale": 0.5}]}, tensors={
    "WGT": (U8, 4, 0.5, "0200060803010507"), "b:BIAS": (None, int32s(0, 511))})
GIVEN = [{"axis": 0, "zero_point": 2, "scale": 0.5}, {"zero_point": 4, "scale": 0.2}]
option_case("qdq_overrides_per_channel1", {"WGT": GIVEN, "BIAS": GIVEN}, per_channel=True,
            tensors={"WGT": (U8, [2, 4], [0.5, 0.2], "000004060200060c"),
                     "BIAS": (U8, [2, 4], [0.5, 0.2], "0209")})
for reduce, zp, scales, data in (
        (False, 128, [0.007843137718737125, 0.006274509709328413], "0100ffff3000d0ff"),
        (True, 64, [0.015748031437397003, 0.012598425149917603], "000080bf180068b7")):
    pair = [{"axis": 0, "quant_type": "QUInt8", "rmin": 0.0, "rmax": 1.0},
            {"quant_type": "QUInt8", "rmin": 0.2, "rmax": 0.8}]
    for entry in pair if reduce else ():
        entry["reduce_range"] = True
    option_case(f"qdq_overrides_per_channel2_reduce_{reduce}", {"WGT": pair},
                per_channel=True, tensors={"WGT": (U8, [zp, zp], scales, data)})
SIXTEEN = {"INP": [{"quant_type": "QUInt16"}], "SIG_OUT": [{"quant_type": "QUInt16"}]}
SIXTEEN_OUT = {"INP": (U16, 0, 9.155413135886192e-05), "SIG_OUT": (
    U16, 0, 1.5221291505440604e-05), "b:BIAS": (None, int32s(0, 4188212))}
option_case("16bit_overrides_raised", SIXTEEN, 19, tensors=SIXTEEN_OUT, opset=21, domain="")
option_case("16bit_overrides_kept", SIXTEEN, 19, policy="keep", tensors=SIXTEEN_OUT,
            opset=19, domain="com.microsoft")
option_case("16bit_overrides_at_21", SIXTEEN, 21, policy="keep", tensors=SIXTEEN_OUT,
            opset=21, domain="")
option_case("16bit_convert_bumps_opset", {
    "INP": [{"quant_type": "QUInt8", "convert": {"quant_type": "QInt16"}}]}, 20,
    tensors={}, opset=21, domain="")
option_case("nonexisting_tensor", {"NON_EXISTING": [{"rmin": 0.0, "rmax": 0.5}]},
            refused="is not present in the model")
option_case("scale_missing_zp", {"SIG_OUT": [{"scale": 0}]},
            refused="Must provide both 'scale' and 'zero_point'")
for key, value in (("rmax", 10.0), ("symmetric", True), ("reduce_range", True)):
    option_case(f"bad_combination_{key}",
                {"SIG_OUT": [{"scale": 0, "zero_point": 0, key: value}]},
                refused=f"option(s) [{key}] are invalid with 'scale' and 'zero_point'")


# ---- the model of eight operators (8.5, appendix B, 10.3)

def mixed8(opset=21):
    chain = [("op1", "Sigmoid", "input_0", "op1_out"), ("op2", "Cos", "input_1", "op2_out"),
             ("op3", "Sin", "op1_out", "op3_out"), ("op4", "Tanh", "op2_out", "op4_out"),
             ("op5", "Mul", "op3_out op4_out", "op5_out"), ("op6", "Relu", "op5_out", "output_0"),
             ("op7", "Cos", "op2_out", "output_1"), ("op8", "Sigmoid", "op2_out", "output_2")]
    shape = [1, 2, 3]
    return make([node(op, i, o, name) for name, op, i, o in chain],
                {"input_0": shape, "input_1": shape},
                {"output_0": shape, "output_1": shape, "output_2": shape}, {}, opset)


RANGES8 = {"input_0": (-1, 3), "input_1": (-2, 2), "op1_out": (0.2, 0.96), "op2_out": (-0.9, 1),
           "op3_out": (0.19, 0.82), "op4_out": (-0.75, 0.8), "op5_out": (-0.6, 0.65),
           "output_0": (0, 0.65), "output_1": (0.5, 1), "output_2": (0.28, 0.74)}


def to16(*readers):
    return [{"quant_type": "QUInt8",
             "convert": {"quant_type": "QUInt16", "recv_nodes": list(readers)}}]


def to8(*readers):
    return [{"quant_type": "QUInt16",
             "convert": {"quant_type": "QUInt8", "recv_nodes": list(readers)}}]


FIXED8 = {"op4_out": [{"quant_type": "QUInt16"}], "op2_out": to16("op4"),
          "op5_out": to8("op6"), "op3_out": to16("op5")}
TENSORS8 = {
    "input_0": (U8, 64, 0.01568627543747425), "op1_out": (U8, 0, 0.0037647057324647903),
    "input_1": (U8, 128, 0.01568627543747425), "op2_out": (U8, 121, 0.007450980134308338),
    "c:op2_out": (U16, 31043, 2.899214086937718e-05),
    "op3_out": (U8, 0, 0.003215686185285449), "c:op3_out": (U16, 0, 1.2512397915998008e-05),
    "op4_out": (U16, 31710, 2.3651484298170544e-05),
    "op5_out": (U16, 0, 9.918363502947614e-06), "c:op5_out": (U8, 0, 0.0025490194093436003),
    "output_0": (U8, 0, 0.0025490194093436003), "output_1": (U8, 0, 0.003921568859368563),
    "output_2": (U8, 0, 0.002901960862800479)}
Q, DQ = "_QuantizeLinear", "_DequantizeLinear"
NODES8 = [n.replace("!", Q).replace("?", DQ) for n in (
    "input_0! input_1! input_0? input_1? op1 op2 op1_out! op2_out! op1_out? op2_out? "
    "op2_out_convert_clone? op3 op7 op8 op2_out_convert! op3_out! output_1! output_2! "
    "op2_out_convert? op3_out? output_1? output_2? op4 op3_out_convert! op4_out! "
    "op3_out_convert? op4_out? op5 op5_out! op5_out? op5_out_convert! op5_out_convert? "
    "op6 output_0! output_0?").split()]
ALL = {"op-types": "all"}
case("appendix_b", mixed8(), RANGES8, FIXED8, ALL, tensors=TENSORS8, nodes=NODES8, domain="")
case("appendix_b_opset18_kept", mixed8(18), RANGES8, FIXED8, {**ALL, "opset-policy": "keep"},
     tensors=TENSORS8, nodes=NODES8, opset=18, domain="com.microsoft")
case("appendix_b_opset18_raised", mixed8(18), RANGES8, FIXED8, ALL, tensors=TENSORS8,
     nodes=NODES8, opset=21, domain="")
case("16bit_subgraph", mixed8(), RANGES8, {
    "op2_out": to16("op4"), "op3_out": to16("op5"), "op4_out": [{"quant_type": "QUInt16"}],
    "op5_out": [{"quant_type": "QUInt16"}], "output_0": [{"quant_type": "QUInt16"}]}, ALL,
    counts={"Relu": 0, "QuantizeLinear": 11, "DequantizeLinear": 12})


# ---- 10.3: mixed precision, cases 1 to 5

def fan(op, readers, is_output, kind):
    """op_0 feeding `readers` Cos nodes; op_0_out may be an output as well."""
    nodes = [node(op, "input_0", "op_0_out", "op_0")]
    outputs = {"op_0_out": [1, 2, 3]} if is_output else {}
    for i in range(1, readers + 1):
        nodes.append(node("Cos", "op_0_out", f"op_{i}_out", f"op_{i}"))
        outputs[f"op_{i}_out"] = [1, 2, 3]
    return make(nodes, {"input_0": [1, 2, 3]}, outputs, {}, 18, kind)


for number, readers, is_output, receivers, q, dq in (
        (1, 2, False, None, 5, 5), (2, 4, False, (3, 4), 7, 8), (3, 2, True, None, 5, 5),
        (4, 4, True, (3, 4), 7, 8), (5, 0, True, None, 3, 3)):
    for kind in (F32, F16):
        for op in ("Sigmoid", "Transpose"):
            convert = {"quant_type": "QUInt16"}
            if receivers:
                convert["recv_nodes"] = [f"op_{i}" for i in receivers]
            overrides = {"op_0_out": [{"quant_type": "QUInt8", "convert": convert}]}
            for i in receivers or range(1, readers + 1):
                overrides[f"op_{i}_out"] = [{"quant_type": "QUInt16"}]
            names = ["input_0", "op_0_out"] + [f"op_{i}_out" for i in range(1, readers + 1)]
            case(f"mixed_precision_{number}_{op}_{'f16' if kind == F16 else 'f32'}",
                 fan(op, readers, is_output, kind), {n: (-1, 1) for n in names}, overrides,
                 {**ALL, "set": {"ForceQuantizeNoInputCheck": op == "Transpose"}},
                 counts={"QuantizeLinear": q, "DequantizeLinear": dq},
                 absent=["op_0_out_zero_point"] if op == "Transpose" else [],
                 present=["op_0_out_zero_point_convert"])
