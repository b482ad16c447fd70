#!/usr/bin/env python3
"""Make the demonstration models of qdqedit: models, samples, ranges, options, seeds.

    python3 data/demos/make.py [FOLDER]        (default: the folder of this file)

Needs onnx, numpy and onnxruntime (see README.md). Weights and samples come from numpy's
legacy generator, whose stream is frozen, archives carry no dates, and ranges are measured
by ONNX Runtime's MinMax over the samples: on one machine the same bytes every time, on
another perhaps other last digits. The files in the repository are the ones that count.

For every demo NAME the folder NAME receives

    model.onnx      the float model, opset 21, IR 10
    ranges.json     calibration ranges (what ONNX Runtime's save_tensors_data writes)
    options         command line options, one `--name [value]` on a line
    seeds           the recommended promotions, one seed on a line
    sample_N.npz    one sample a file, keys are input names

and the file `index` lists them for tools/embed.c.
"""
import io
import os
import pathlib
import sys
import tempfile
import zipfile

os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from onnxruntime.quantization import CalibrationDataReader, CalibrationMethod
from onnxruntime.quantization.calibrate import (
    TensorData, TensorsData, create_calibrator, save_tensors_data)

OPSET, IR = 21, 10


# ---- building blocks

class Graph:
    """A graph under construction: every node has a name, its output is NAME_out."""

    def __init__(self, name):
        self.name, self.nodes, self.weights = name, [], []
        self.inputs, self.outputs = [], []

    def input(self, name, shape):
        self.inputs.append(helper.make_tensor_value_info(name, TensorProto.FLOAT, shape))
        return name

    def output(self, name, shape):
        self.outputs.append(helper.make_tensor_value_info(name, TensorProto.FLOAT, shape))

    def const(self, name, value, dtype=np.float32):
        self.weights.append(numpy_helper.from_array(np.asarray(value, dtype), name))
        return name

    def node(self, op, name, inputs, out=None, **attributes):
        out = out or name + "_out"
        self.nodes.append(helper.make_node(op, inputs, [out], name=name, **attributes))
        return out

    def model(self):
        graph = helper.make_graph(
            self.nodes, self.name, self.inputs, self.outputs, self.weights)
        model = helper.make_model(
            graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=IR,
            producer_name="qdqedit-demos")
        model = onnx.shape_inference.infer_shapes(model, strict_mode=True)
        onnx.checker.check_model(model, full_check=True)
        return model


class Samples(CalibrationDataReader):
    """The list of samples as ONNX Runtime's calibrator wants it."""

    def __init__(self, samples):
        self.rest = iter(samples)

    def get_next(self):
        return next(self.rest, None)


def measure_ranges(model, samples, folder):
    """MinMax ranges of every float tensor that a node reads or writes."""
    path = str(pathlib.Path(folder) / "model.onnx")
    onnx.save(model, path)
    calibrator = create_calibrator(
        path, augmented_model_path=str(pathlib.Path(folder) / "augmented.onnx"))
    calibrator.collect_data(Samples(samples))
    measured = dict(calibrator.compute_data().items())
    values = [v.name for v in model.graph.input]
    values += [name for node in model.graph.node for name in node.output]
    return TensorsData(  # in file order; the calibrator's own order changes from run to run
        CalibrationMethod.MinMax, {name: measured[name] for name in values})


def given_ranges(pairs):
    """Ranges that are prescribed, not measured."""
    data = {name: TensorData(lowest=np.array([low], np.float32),
                             highest=np.array([high], np.float32))
            for name, (low, high) in pairs.items()}
    return TensorsData(CalibrationMethod.MinMax, data)


def npz_bytes(arrays):
    """What numpy.savez writes, without the time of day."""
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w", zipfile.ZIP_STORED) as archive:
        for name, array in arrays.items():
            part = io.BytesIO()
            np.lib.format.write_array(part, array, version=(1, 0))
            archive.writestr(zipfile.ZipInfo(name + ".npy"), part.getvalue())
    return whole.getvalue()


# ---- mixed8: the eight nodes of ONNX Runtime's pull request on mixed precision

def mixed8():
    g, shape = Graph("mixed8"), [1, 2, 3]
    g.input("input_0", shape)
    g.input("input_1", shape)
    op1 = g.node("Sigmoid", "Op1", ["input_0"])
    op2 = g.node("Cos", "Op2", ["input_1"])
    op3 = g.node("Sin", "Op3", [op1])
    op4 = g.node("Tanh", "Op4", [op2])
    op5 = g.node("Mul", "Op5", [op3, op4])
    g.node("Relu", "Op6", [op5], "output_0")
    g.node("Cos", "Op7", [op2], "output_1")
    g.node("Sigmoid", "Op8", [op2], "output_2")
    for i in range(3):
        g.output(f"output_{i}", shape)
    rng = np.random.RandomState(8)
    samples = [{"input_0": rng.uniform(-1, 3, shape).astype(np.float32),
                "input_1": rng.uniform(-2, 2, shape).astype(np.float32)}
               for _ in range(2)]
    ranges = given_ranges({
        "input_0": (-1, 3), "input_1": (-2, 2), "Op1_out": (0.2, 0.96),
        "Op2_out": (-0.9, 1), "Op3_out": (0.19, 0.82), "Op4_out": (-0.75, 0.8),
        "Op5_out": (-0.6, 0.65), "output_0": (0, 0.65), "output_1": (0.5, 1),
        "output_2": (0.28, 0.74)})
    return dict(
        title="eight nodes, one of them promoted: three conversions follow",
        graph=g, samples=samples, ranges=ranges,
        options=["--op-types all"], seeds=["Op4_out=QUInt16"])


# ---- convnet: two weak spots, both small signals in front of a normalization

def thermal_picture(rng, size):
    """Smooth scene of low contrast at a random exposure, as a thermal camera gives it."""
    y, x = np.mgrid[0:size, 0:size] / size
    scene = np.zeros((size, size))
    for _ in range(6):
        fy, fx, phase = rng.uniform(0.5, 4, 3)
        scene += rng.uniform(0.3, 1) * np.sin(2 * np.pi * (fy * y + fx * x) + phase)
    scene += 0.3 * rng.standard_normal((size, size))
    return rng.uniform(0.15, 0.85) + 0.006 * scene / scene.std()


def convnet():
    """A depthwise-separable block with a skip. The picture has a few grey steps of
    contrast on a large offset; the depthwise filters, with a batch normalization folded
    in, have gains from 0.02 to 20 as such filters do. Both tensors are normalized
    right behind, which brings 8-bit steps up to the size of the signal."""
    size, width = 16, 8
    rng = np.random.RandomState(1)
    g = Graph("convnet")
    picture = g.input("picture", [1, 1, size, size])

    def conv(name, x, shape, gain, **attributes):
        fan_in = np.prod(shape[1:])
        w = rng.standard_normal(shape) * np.reshape(gain, (-1, 1, 1, 1)) / np.sqrt(fan_in)
        b = 0.1 * rng.standard_normal(shape[0]) * np.ravel(gain)
        return g.node("Conv", name, [
            x, g.const(name + ".weight", w), g.const(name + ".bias", b)], **attributes)

    def norm(name, x, channels):
        scale = 1 + 0.1 * rng.standard_normal(channels)
        bias = 0.1 * rng.standard_normal(channels)
        return g.node("InstanceNormalization", name, [
            x, g.const(name + ".scale", scale), g.const(name + ".bias", bias)],
            epsilon=1e-7)

    x = norm("exposure", picture, 1)
    x = conv("stem", x, (width, 1, 3, 3), np.ones(width), pads=[1, 1, 1, 1])
    skip = g.node("Relu", "stem_relu", [x])
    gains = np.geomspace(0.02, 20, width)[rng.permutation(width)]
    x = conv("depthwise", skip, (width, 1, 3, 3), gains, pads=[1, 1, 1, 1], group=width)
    x = norm("depthwise_norm", x, width)
    x = g.node("Relu", "depthwise_relu", [x])
    x = conv("pointwise", x, (width, width, 1, 1), np.ones(width))
    x = g.node("Add", "residual", [x, skip])
    x = g.node("Relu", "residual_relu", [x])
    w = rng.standard_normal((2, width, 3, 3)) / np.sqrt(9 * width)
    g.node("Conv", "head", [x, g.const("head.weight", w),
                            g.const("head.bias", 0.1 * rng.standard_normal(2))],
           "mask", pads=[1, 1, 1, 1])
    g.output("mask", [1, 2, size, size])
    samples = [{"picture": thermal_picture(rng, size)[None, None].astype(np.float32)}
               for _ in range(6)]
    return dict(
        title="small convolutional network: faint picture, uneven depthwise channels",
        graph=g, samples=samples,
        options=["--per-channel",
                 "--set QDQOpTypePerChannelSupportToAxis=InstanceNormalization:0"],
        seeds=["picture=QUInt16", "depthwise_out=QUInt16"])


# ---- attention: the residual stream of a transformer with massive channels

def attention():
    """One pre-norm transformer block. As in trained language models, a few channels of
    the residual stream (here two) are a hundred times larger than the rest, so that an
    8-bit step is as large as the information in the other channels."""
    tokens, width, heads, hidden = 12, 32, 2, 64
    rng = np.random.RandomState(2)
    g = Graph("attention")
    massive, size = [5, 20], 100

    def linear(name, x, rows, columns, gain=1.0):
        w = g.const(name + ".weight", gain * rng.standard_normal((rows, columns))
                    / np.sqrt(rows))
        b = g.const(name + ".bias", 0.05 * rng.standard_normal(columns))
        return g.node("Add", name + "_bias", [g.node("MatMul", name, [x, w]), b])

    def norm(name, x, rows):
        scale = rows * (1 + 0.1 * rng.standard_normal(width))
        bias = 0.1 * rng.standard_normal(width)
        scale[massive] = 0.02
        return g.node("LayerNormalization", name, [
            x, g.const(name + ".scale", scale), g.const(name + ".bias", bias)],
            axis=-1, epsilon=1e-5)

    def split(name, x, perm):
        x = g.node("Reshape", name + "_heads", [x, "head_shape"])
        return g.node("Transpose", name + "_transpose", [x], perm=perm)

    x = g.input("stream", [1, tokens, width])
    g.const("head_shape", [1, tokens, heads, width // heads], np.int64)
    g.const("stream_shape", [1, tokens, width], np.int64)
    g.const("score_scale", 1 / np.sqrt(width // heads))
    level = size * np.sqrt(2 / width)  # the deviation, which the massive channels make
    n = norm("attention_norm", x, level)
    q = split("query", linear("query", n, width, width), [0, 2, 1, 3])
    k = split("key", linear("key", n, width, width), [0, 2, 3, 1])
    v = split("value", linear("value", n, width, width), [0, 2, 1, 3])
    s = g.node("MatMul", "scores", [q, k])
    s = g.node("Mul", "scaled_scores", [s, "score_scale"])
    p = g.node("Softmax", "probabilities", [s], axis=-1)
    c = g.node("MatMul", "context", [p, v])
    c = g.node("Transpose", "context_transpose", [c], perm=[0, 2, 1, 3])
    c = g.node("Reshape", "context_merge", [c, "stream_shape"])
    x = g.node("Add", "attention_residual", [x, linear("project", c, width, width)])
    n = norm("feed_norm", x, level)
    h = g.node("Relu", "feed_relu", [linear("feed_up", n, width, hidden)])
    h = linear("feed_down", h, hidden, width)
    x = g.node("Add", "feed_residual", [x, h])
    scale, bias = level * np.ones(width), np.zeros(width)
    scale[massive] = 0.02
    g.node("LayerNormalization", "final_norm", [
        x, g.const("final_norm.scale", scale), g.const("final_norm.bias", bias)],
        "encoded", axis=-1, epsilon=1e-5)
    g.output("encoded", [1, tokens, width])

    def stream():
        x = rng.standard_normal((1, tokens, width))
        x[..., massive] = size * (1 + 0.1 * rng.standard_normal((1, tokens, 2)))
        x[..., massive[1]] *= -1
        return x.astype(np.float32)

    return dict(
        title="transformer block: two massive channels in the residual stream",
        graph=g, samples=[{"stream": stream()} for _ in range(6)], options=[],
        seeds=["stream=QUInt16", "attention_residual_out=QUInt16",
               "feed_residual_out=QUInt16"])


# ---- writing

def write_demo(root, name, demo):
    """Write the folder of one demo; its lines of the index are returned."""
    folder = root / name
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("sample_*.npz"):
        old.unlink()
    model = demo["graph"].model()
    (folder / "model.onnx").write_bytes(model.SerializeToString(deterministic=True))
    with tempfile.TemporaryDirectory() as scratch:
        ranges = demo.get("ranges") or measure_ranges(model, demo["samples"], scratch)
    save_tensors_data(ranges, folder / "ranges.json")
    (folder / "ranges.json").chmod(0o644)
    for key in ("options", "seeds"):
        (folder / key).write_text("".join(line + "\n" for line in demo[key]))
    lines = [f"demo {name} {demo['title']}"]
    for i, sample in enumerate(demo["samples"]):
        (folder / f"sample_{i}.npz").write_bytes(npz_bytes(sample))
        lines.append(f"sample sample_{i}.npz")
    return lines


def main():
    root = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else __file__)
    root = root.parent if root.is_file() else root
    lines = []
    for make in (mixed8, convnet, attention):
        lines += write_demo(root, make.__name__, make())
    (root / "index").write_text("".join(line + "\n" for line in lines))


if __name__ == "__main__":
    main()
