"""Inputs and calibration ranges of the real models, kept in a cache folder."""
import os

import numpy as np
import reference  # noqa: F401  (first: it silences the peer)
import onnx
import onnxruntime as ort
from onnxruntime.quantization.calibrate import (CalibrationDataReader, CalibrationMethod,
                                                TensorsData, create_calibrator,
                                                save_tensors_data)
from onnxruntime.quantization import QuantType
from onnxruntime.quantization.quant_utils import update_opset_version
from pathlib import Path


# Shapes where a model leaves them open, by the start of its name; single
# values for inputs that are no signals.
SHAPES = {
    "cls": {"x": [1, 3, 48, 192]}, "det": {"x": [1, 3, 96, 96]}, "rec": {"x": [1, 3, 48, 160]},
    "crnn": {"input1": [1, 1, 64, 128]}, "table": {"x": [1, 3, 96, 96]},
    "pitch": {"serving_default_input_2:0": [1, 43844, 1]}, "turn": {"input_features": [1, 80, 800]},
    "yolo": {"images": [1, 3, 64, 64]},
    "yolox": {"images": [1, 3, 416, 416]}, "f0": {"audio": [1, 16000]},
    "silero": {"input": [1, 512], "state": [2, 1, 128]},
}
ort.set_default_logger_severity(4)
VALUES = {"sr": 16000, "fmin": 50.0, "fmax": 500.0}


def shapes_of(name):
    fits = [key for key in SHAPES if name.startswith(key)]
    return SHAPES[max(fits, key=len)] if fits else {}


def sample(session, name, seed):
    """One random input of a model, by its session's inputs."""
    rng = np.random.default_rng(seed)
    feeds = {}
    for value in session.get_inputs():
        kind = {"tensor(float)": np.float32, "tensor(float16)": np.float16,
                "tensor(int64)": np.int64}[value.type]
        if value.name in VALUES:
            feeds[value.name] = np.array(VALUES[value.name], kind)
            continue
        given = shapes_of(name).get(value.name)
        shape = given or [d if isinstance(d, int) else 1 for d in value.shape]
        feeds[value.name] = rng.normal(0, 0.6, shape).astype(kind)
    return feeds


def session_of(path_or_bytes, optimize=True):
    options = ort.SessionOptions()
    options.log_severity_level = 4
    options.intra_op_num_threads = 2
    if not optimize:
        options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_DISABLE_ALL
    return ort.InferenceSession(path_or_bytes, options, providers=["CPUExecutionProvider"])


class Reader(CalibrationDataReader):
    def __init__(self, feeds):
        self.feeds = list(feeds)

    def get_next(self):
        return self.feeds.pop() if self.feeds else None


def calibrate(path, name, folder):
    """{tensor: TensorData} by the peer's MinMax calibrator, or by plain runs."""
    session = session_of(path)
    feeds = [sample(session, name, seed) for seed in range(2)]
    try:
        calibrator = create_calibrator(
            Path(path), None, os.path.join(folder, "augmented.onnx"), CalibrationMethod.MinMax)
        calibrator.collect_data(Reader(feeds))
        return dict(calibrator.compute_data().data)
    except Exception:
        return observe(path, feeds)


def observe(path, feeds):
    """Ranges from a run that outputs every float tensor itself (what the
    calibrator's ReduceMin cannot do: float16, empty tensors)."""
    model = onnx.shape_inference.infer_shapes(onnx.load(path))
    have = {o.name for o in model.graph.output}
    constants = {t.name for t in model.graph.initializer}
    model.graph.output.extend(
        v for v in model.graph.value_info if v.name not in have | constants
        and v.type.tensor_type.elem_type in (1, 10))
    session = session_of(model.SerializeToString(), optimize=False)
    names = [o.name for o in session.get_outputs() if "float" in o.type]
    runs = [dict(zip(names, session.run(names, feed))) for feed in feeds]
    runs = [{**run, **{k: v for k, v in feed.items() if v.dtype.kind == "f"}}
            for run, feed in zip(runs, feeds)]
    ranges = {}
    for name in runs[0]:
        values = np.concatenate([run[name].ravel() for run in runs])
        if values.size:
            ranges[name] = (values.min().reshape(1), values.max().reshape(1))
    return dict(TensorsData(CalibrationMethod.MinMax, ranges).data)


def ranges_file(path, cache):
    """The cached ranges of a model, also of its form raised to opset 21."""
    name = os.path.basename(path)[:-5]
    result = os.path.join(cache, f"{name}-{os.path.getsize(path)}-ranges.json")
    if os.path.exists(result):
        return result
    data = calibrate(path, name, cache)
    model = onnx.load(path)
    raised = update_opset_version(model, QuantType.QUInt16)
    if raised is not model:
        other = os.path.join(cache, f"{name}-raised.onnx")
        onnx.save(raised, other)
        try:
            data = {**calibrate(other, name, cache), **data}
        except Exception:  # a raise may make what the runtime cannot load
            pass
        os.unlink(other)
    for node in model.graph.node:  # the peer insists on these, type known or not
        if node.op_type == "Softmax" and node.output[0] not in data:
            ends = np.zeros(1, np.float32), np.ones(1, np.float32)
            data.update(TensorsData(CalibrationMethod.MinMax, {node.output[0]: ends}).data)
    save_tensors_data(TensorsData(CalibrationMethod.MinMax, data), result)
    return result


