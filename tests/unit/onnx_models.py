"""Models for the tests of src/onnx, and onnx's own opinion on the copies.

    onnx_models.py make FOLDER            writes FOLDER/NAME.onnx of many kinds
    onnx_models.py same A B               equal, payloads of side files included
    onnx_models.py side IN OUT            OUT and OUT.data are what onnx writes
"""
import os
import sys

import numpy as np
import onnx
from onnx import TensorProto, external_data_helper, helper, numpy_helper

RNG = np.random.default_rng(7)


def value(name, dims=(4,), kind=TensorProto.FLOAT):
    return helper.make_tensor_value_info(name, kind, list(dims))


def weight(name, *dims, dtype=np.float32):
    return numpy_helper.from_array(RNG.normal(size=dims).astype(dtype), name)


def model(nodes, initializers=(), ir=8, opset=17, **more):
    graph = helper.make_graph(
        nodes, "graph", [value("x")], [value("y")], list(initializers),
        value_info=[value("m")], doc_string="a graph")
    made = helper.make_model(
        graph, ir_version=ir, opset_imports=[helper.make_opsetid("", opset)],
        producer_name="test", producer_version="1", **more)
    made.model_version = 3
    return made


def plain():
    made = model(
        [helper.make_node("MatMul", ["x", "w"], ["m"], name="mul", doc_string="d"),
         helper.make_node("Add", ["m", "b"], ["y"], name="add")],
        [weight("w", 4, 400), weight("b", 3), weight("c", 248), weight("e", 247),
         weight("h", 991, dtype=np.int8), weight("i", 990, dtype=np.int8)])
    made.metadata_props.add(key="k", value="v" * 300)
    made.graph.quantization_annotation.add(tensor_name="w")
    return made


def typed():
    """Every typed field, short and long."""
    kinds = [(TensorProto.FLOAT, 1.5), (TensorProto.DOUBLE, -2.5),
             (TensorProto.INT64, -3), (TensorProto.INT32, -4),
             (TensorProto.UINT64, 5), (TensorProto.UINT8, 200),
             (TensorProto.INT8, -100), (TensorProto.FLOAT16, 0.5),
             (TensorProto.BOOL, 1), (TensorProto.STRING, b"text")]
    tensors = []
    for kind, sample in kinds:
        for count in (0, 3, 500):
            tensors.append(helper.make_tensor(
                f"t{kind}_{count}", kind, [count], [sample] * count))
    return model([helper.make_node("Relu", ["x"], ["y"], name="r")], tensors)


def constants():
    return model(
        [helper.make_node("Constant", [], ["c"], name="c", value=weight("", 30, 30)),
         helper.make_node("Constant", [], ["d"], name="d", value=weight("", 2)),
         helper.make_node("Constant", [], ["e"], name="e",
                          value_floats=[float(i) for i in range(900)]),
         helper.make_node("Constant", [], ["f"], name="f", value_string=b"\xff\x00a"),
         helper.make_node("Custom", ["x", "c", "", "d"], ["y", ""], name="u",
                          domain="own", ints=list(range(-50, 50)), f=1.25,
                          strings=["a", "b"], graphs=[plain().graph, plain().graph])])


def branch(name, depth):
    nodes = [helper.make_node("MatMul", ["x", f"{name}w"], [f"{name}o"], name=name)]
    if depth:
        nodes.insert(0, helper.make_node(
            "If", ["cond"], [f"{name}i"], name=f"{name}if",
            then_branch=branch(name + "t", depth - 1),
            else_branch=branch(name + "e", depth - 1)))
    return helper.make_graph(nodes, name, [], [value(f"{name}o")],
                             [weight(f"{name}w", 40, 40)])


def nested():
    return model(
        [helper.make_node("If", ["cond"], ["y"], name="if",
                          then_branch=branch("then", 2), else_branch=branch("else", 1))],
        [numpy_helper.from_array(np.array(True), "cond")])


def functions():
    made = model([helper.make_node("Twice", ["x"], ["y"], domain="own", name="call")],
                 functions=[helper.make_function(
                     "own", "Twice", ["a"], ["b"],
                     [helper.make_node("Constant", [], ["k"], value=weight("", 300)),
                      helper.make_node("Add", ["a", "k"], ["b"], name="add")],
                     [helper.make_opsetid("", 17)], ["alpha"])])
    made.opset_import.append(helper.make_opsetid("own", 1))
    return made


def types():
    made = model([helper.make_node("Relu", ["x"], ["y"], name="r")], ir=10)
    kind = helper.make_tensor_type_proto(TensorProto.FLOAT, ["n", None, 3])
    for _ in range(3):
        kind = helper.make_optional_type_proto(helper.make_sequence_type_proto(kind))
    made.graph.value_info.append(helper.make_value_info("s", kind))
    kind = helper.make_map_type_proto(TensorProto.INT64, kind)
    made.graph.value_info.append(helper.make_value_info("q", kind, "doc"))
    made.graph.value_info.append(helper.make_tensor_value_info("u", 1, None))
    made.graph.value_info.append(helper.make_tensor_value_info("v", 1, []))
    made.graph.sparse_initializer.append(helper.make_sparse_tensor(
        weight("sparse", 400), numpy_helper.from_array(np.arange(400), "i"), [1000]))
    made.graph.node[0].metadata_props.add(key="k", value="v")
    training = made.training_info.add()
    training.algorithm.CopyFrom(plain().graph)
    training.initialization_binding.add(key="a", value="b")
    device = made.configuration.add(name="d", num_devices=2)
    device.device.append("gpu")
    node = made.graph.node[0].device_configurations.add(configuration_id="d")
    spec = node.sharding_spec.add(tensor_name="x", device=[0, 1])
    spec.index_to_device_group_map.add(key=1, value=[2, 3])
    spec.sharded_dim.add(axis=1).simple_sharding.add(dim_value=3, num_shards=2)
    return made


def unknown():
    """Fields no schema knows, in all wire types, at every level."""
    extra = b"\xa8\x3e\x05" + b"\xb1\x3e12345678" + b"\xba\x3e\x03abc" + b"\xbd\x3e1234"
    made = plain()
    for message in (made, made.graph, made.graph.node[0], made.graph.initializer[0],
                    made.graph.input[0].type):
        message.MergeFromString(extra)
    return made


ALL = [plain, typed, constants, nested, functions, types, unknown]
SIDE = [plain, constants, nested, functions]


def make(folder):
    for build in ALL:
        path = os.path.join(folder, build.__name__ + ".onnx")
        with open(path, "wb") as file:
            file.write(build().SerializeToString())
    for build in SIDE:
        made = build()
        onnx.save_model(
            made, os.path.join(folder, build.__name__ + "_ext.onnx"),
            save_as_external_data=True, size_threshold=0, convert_attribute=True,
            location=f"weights_{build.__name__}.bin")


def normal(path, with_payloads=True):
    loaded = onnx.load(path, load_external_data=with_payloads)
    for tensor in external_data_helper._get_all_tensors(loaded):
        if tensor.data_location == TensorProto.DEFAULT:
            tensor.ClearField("data_location")
    return loaded


def same(first, second):
    if normal(first) != normal(second):
        a, b = str(normal(first)).splitlines(), str(normal(second)).splitlines()
        line = next((i for i, (x, y) in enumerate(zip(a, b)) if x != y), len(a))
        sys.exit(f"{first} and {second} differ: {a[line - 3:line + 3]} "
                 f"{b[line - 3:line + 3]}")


def side(source, written):
    """As ONNX Runtime's quantizer saves with use_external_data_format."""
    want = onnx.load(source)
    name = os.path.basename(written) + ".data"
    external_data_helper.convert_model_to_external_data(
        want, all_tensors_to_one_file=True, location=name, convert_attribute=True)
    folder = written + ".want"
    os.mkdir(folder)
    path = os.path.join(folder, os.path.basename(written))
    onnx.save_model(want, path)
    if normal(path, False) != normal(written, False):
        sys.exit(f"{written} differs from what onnx writes")
    data = [open(p, "rb").read() if os.path.exists(p) else b""
            for p in (path + ".data", written + ".data")]
    if data[0] != data[1]:
        sys.exit(f"{written}.data differs from what onnx writes")


if __name__ == "__main__":
    {"make": make, "same": same, "side": side}[sys.argv[1]](*sys.argv[2:])
