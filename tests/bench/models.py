"""Generated models for the benchmark: large weights, and large structure."""
import json

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

LAYERS, WIDTH = 22, 4096


def save_ranges(names, path):
    """Plausible ranges for all the tensors, in ONNX Runtime's form."""
    def one(value):
        return {"data": [value], "dtype": "float32", "CLS": "numpy.array"}
    data = {name: {"lowest": one(-1.0), "highest": one(1.5), "CLS": "TensorData"}
            for name in names}
    text = {"CLS": "TensorsData", "data": data,
            "calibration_method": {"CLS": "CalibrationMethod",
                                   "value": "CalibrationMethod.MinMax"},
            "smooth_quant": False}
    path.write_text(json.dumps(text))


def model_of(nodes, inputs, outputs, initializers, infos=()):
    graph = helper.make_graph(nodes, "bench", inputs, outputs, initializers)
    graph.value_info.extend(infos)
    return helper.make_model(graph, ir_version=10, producer_name="bench",
                             opset_imports=[helper.make_opsetid("", 21)])


def info(name, shape):
    return helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)


def heavy(folder, side):
    """LAYERS MatMul of WIDTH x WIDTH weights: 1.48 GB, in one file or a side file."""
    path = folder / ("heavy_side.onnx" if side else "heavy.onnx")
    ranges = folder / "heavy_ranges.json"
    if path.exists() and ranges.exists():
        return path, ranges
    random = np.random.default_rng(7)
    nodes, weights = [], []
    for i in range(LAYERS):
        weight = random.standard_normal((WIDTH, WIDTH), dtype=np.float32) / 64
        weights.append(numpy_helper.from_array(weight, f"w{i}"))
        nodes.append(helper.make_node("MatMul", [f"t{i}", f"w{i}"], [f"t{i + 1}"],
                                      name=f"matmul{i}"))
    infos = [info(f"t{i}", [1, WIDTH]) for i in range(1, LAYERS)]
    model = model_of(nodes, [info("t0", [1, WIDTH])], [info(f"t{LAYERS}", [1, WIDTH])],
                     weights, infos)
    if side:
        onnx.save(model, path, save_as_external_data=True, location=path.name + ".data")
    else:
        onnx.save(model, path)
    save_ranges([f"t{i}" for i in range(LAYERS + 1)], ranges)
    return path, ranges


def many(folder, count):
    """`count` nodes: MatMul with an 8 x 8 weight, Add with a constant, Relu, Mul with
    an earlier tensor, in turn."""
    path, ranges = folder / f"nodes{count}.onnx", folder / f"nodes{count}_ranges.json"
    if path.exists() and ranges.exists():
        return path, ranges
    random = np.random.default_rng(count)
    nodes, weights, infos = [], [], []
    for i in range(count):
        kind = ("MatMul", "Add", "Relu", "Mul")[i % 4]
        inputs = [f"t{i}"]
        if kind in ("MatMul", "Add"):
            shape = (8, 8) if kind == "MatMul" else (8,)
            value = random.standard_normal(shape, dtype=np.float32)
            weights.append(numpy_helper.from_array(value, f"w{i}"))
            inputs.append(f"w{i}")
        elif kind == "Mul":
            inputs.append(f"t{i - 3}")
        nodes.append(helper.make_node(kind, inputs, [f"t{i + 1}"], name=f"/block{i // 40}/n{i}"))
        infos.append(info(f"t{i + 1}", [1, 8]))
    model = model_of(nodes, [info("t0", [1, 8])], [infos[-1]], weights, infos[:-1])
    onnx.save(model, path)
    save_ranges([f"t{i}" for i in range(count + 1)], ranges)
    return path, ranges
