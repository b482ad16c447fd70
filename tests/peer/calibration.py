"""Files of `qdqedit calibrate` against those of ONNX Runtime's calibrators: ranges to the
bit, histograms to the count, each number in the same form.

usage: calibration.py PROGRAM LIBRARY FOLDER [MODEL.onnx...]

FOLDER is for models, samples and results. Without models the small ones made here are
compared, else the models named, with random samples of the shapes below. Prints one line
for each comparison and ends with 1 if one differs.
"""
import json
import os
import subprocess
import sys

os.environ["ORT_DISABLE_TELEMETRY"] = "1"

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper
from onnxruntime.quantization import calibrate
from onnxruntime.quantization.calibrate import CalibrationMethod

METHODS = {"minmax": CalibrationMethod.MinMax, "percentile": CalibrationMethod.Percentile,
           "entropy": CalibrationMethod.Entropy}

# Our option: the calibrator's.
OPTIONS = {"CalibTensorRangeSymmetric": "symmetric", "CalibMovingAverage": "moving_average",
           "CalibMovingAverageConstant": "averaging_constant",
           "CalibMaxIntermediateOutputs": "max_intermediate_outputs",
           "CalibPercentile": "percentile", "CalibBins": "num_bins",
           "CalibQuantizedBins": "num_quantized_bins"}

# What free extents of real models are set to.
EXTENTS = {"det.onnx": (1, 3, 160, 160), "rec17.onnx": (1, 3, 48, 160),
           "cls17.onnx": (1, 3, 48, 192), "det_f16.onnx": (1, 3, 96, 96)}


class Reader:
    def __init__(self, samples):
        self.samples, self.at, self.end = samples, 0, len(samples)

    def __len__(self):
        return len(self.samples)

    def set_range(self, start_index, end_index):
        self.at, self.end = start_index, end_index

    def get_next(self):
        if self.at >= self.end:
            return None
        self.at += 1
        return self.samples[self.at - 1]


def with_threads(threads):
    """SessionOptions as the calibrators make them, with a number of threads."""
    original = onnxruntime.SessionOptions

    class Options(original):
        def __init__(self):
            super().__init__()
            self.intra_op_num_threads = threads
    return original, Options


def operator_types(path):
    """What `--op-types all` stands for."""
    model = onnx.load(path, load_external_data=False)
    return sorted({node.op_type for node in model.graph.node} -
                  {"Cast", "QuantizeLinear", "DequantizeLinear"})


def peer_ranges(path, samples, method, options, stride, threads, scratch):
    original, onnxruntime.SessionOptions = with_threads(threads)
    try:
        calibrator = calibrate.create_calibrator(
            path, operator_types(path), augmented_model_path=scratch,
            calibrate_method=METHODS[method],
            extra_options={OPTIONS[k]: v for k, v in options.items()})
    finally:
        onnxruntime.SessionOptions = original
    reader = Reader(samples)
    for start in range(0, len(samples), stride or len(samples)):
        reader.set_range(start, start + (stride or len(samples)))
        calibrator.collect_data(reader)
    calibrate.save_tensors_data(calibrator.compute_data(), scratch + ".json")
    with open(scratch + ".json", encoding="utf-8") as file:
        return json.load(file)["data"]


def own_ranges(program, library, path, folder, method, options, stride, threads, mode):
    command = [program, "calibrate", path, "--data", folder, "--op-types", "all", "--method",
               method, "--threads", str(threads), "--ort-lib", library, "--quiet"] + mode
    for name, value in options.items():
        command += ["--set", f"{name}={str(value).lower()}"]
    if stride:
        command += ["--set", f"CalibStridedMinMax={stride}"]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    if result.returncode:
        raise RuntimeError(result.stderr.strip())
    return json.loads(result.stdout)["data"]


def ends(record):
    return tuple(np.asarray(record[end]["data"] if isinstance(record[end], dict)
                            else record[end], np.float64).reshape(-1)[0]
                 for end in ("lowest", "highest"))


def is_same(own, peer):
    """-0 equals 0. Tensors without elements have no order of ends in the peer, or a
    histogram without counts; here they have the range 0 to 0 alone."""
    low, high = ends(peer)
    counts = peer.get("hist")
    empty = low > high or (isinstance(counts, dict) and not any(counts["data"]))
    return own == peer or (empty and ends(own) == (0, 0))


def differences(own, peer):
    """Names whose ranges differ, missing ones included."""
    return [name for name in sorted(set(own) | set(peer))
            if name not in own or name not in peer or not is_same(own[name], peer[name])]


# ---- models made here

def values(rng, *shape):
    return rng.standard_normal(shape).astype(np.float32)


def finish(nodes, inputs, outputs, constants, opset=17):
    graph = helper.make_graph(
        nodes, "g", inputs, outputs,
        [onnx.numpy_helper.from_array(v, k) for k, v in constants.items()])
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)],
                             ir_version=9)


def tensor(name, shape, kind=TensorProto.FLOAT):
    return helper.make_tensor_value_info(name, kind, shape)


def conv_model(rng):
    nodes = [helper.make_node("Conv", ["x", "w"], ["c"], pads=[1, 1, 1, 1]),
             helper.make_node("Relu", ["c"], ["r"]),
             helper.make_node("Reshape", ["r", "shape"], ["f"]),
             helper.make_node("Identity", ["f"], ["i"]),
             helper.make_node("MatMul", ["i", "m"], ["y"]),
             helper.make_node("Softmax", ["y"], ["z"]),
             helper.make_node("Cast", ["r"], ["k"], to=TensorProto.INT32),
             helper.make_node("ReduceMax", ["k"], ["top"], keepdims=0)]
    return finish(nodes, [tensor("x", [1, 2, 8, "W"])],
                  [tensor("y", None), tensor("z", None), tensor("top", [], TensorProto.INT32)],
                  {"w": values(rng, 4, 2, 3, 3), "m": values(rng, 32, 5),
                   "shape": np.array([-1, 32], np.int64)}), \
        lambda: {"x": values(rng, 1, 2, 8, 8) * np.float32(10 ** rng.uniform(-1, 1))}


def branch_model(rng):
    """A tensor of each kind that only a body reads, and bodies with tensors of their own."""
    def branch(op, name):
        return helper.make_graph([helper.make_node(op, ["a"], [name])], name, [],
                                 [tensor(name, None)])
    nodes = [helper.make_node("Neg", ["x"], ["a"]),
             helper.make_node("ReduceSum", ["x"], ["s"], keepdims=0),
             helper.make_node("Constant", [], ["zero"], value_float=0.0),
             helper.make_node("Greater", ["s", "zero"], ["cond"]),
             helper.make_node("If", ["cond"], ["b"], then_branch=branch("Exp", "t"),
                              else_branch=branch("Tanh", "e")),
             helper.make_node("Mul", ["b", "x"], ["y"])]
    return finish(nodes, [tensor("x", [2, 16])], [tensor("y", [2, 16])], {}), \
        lambda: {"x": values(rng, 2, 16)}


def half_model(rng):
    nodes = [helper.make_node("Cast", ["x"], ["h"], to=TensorProto.FLOAT16),
             helper.make_node("Mul", ["h", "w"], ["p"]),
             helper.make_node("Add", ["p", "g"], ["q"]),
             helper.make_node("Cast", ["q"], ["y"], to=TensorProto.FLOAT)]
    f16 = TensorProto.FLOAT16
    model = finish(nodes, [tensor("x", [4, 8]), tensor("g", [4, 8], f16)],
                   [tensor("y", [4, 8])], {"w": values(rng, 8).astype(np.float16)})
    return model, lambda: {"x": values(rng, 4, 8), "g": values(rng, 4, 8).astype(np.float16)}


def odd_values_model(rng):
    """Constant, all zero, tiny and one-sided tensors."""
    nodes = [helper.make_node("Mul", ["x", "zero"], ["z"]),
             helper.make_node("Add", ["z", "five"], ["f"]),
             helper.make_node("Mul", ["x", "tiny"], ["t"]),
             helper.make_node("Abs", ["x"], ["a"]),
             helper.make_node("Neg", ["a"], ["n"]),
             helper.make_node("Add", ["a", "thousand"], ["k"]),
             helper.make_node("Sum", ["f", "t", "n", "k"], ["y"])]
    return finish(nodes, [tensor("x", ["N", 7])], [tensor("y", ["N", 7])],
                  {"zero": np.zeros(1, np.float32), "five": np.full(1, 5, np.float32),
                   "tiny": np.full(1, 1e-20, np.float32),
                   "thousand": np.full(1, 100, np.float32)}), \
        lambda: {"x": values(rng, 3, 7)}


SMALL = {"conv": conv_model, "branch": branch_model, "half": half_model,
         "odd": odd_values_model}

# (method, options, stride), and the models (None: all) that ONNX Runtime can do it on.
SETTINGS = [
    ("minmax", {}, None, None),
    ("minmax", {"CalibTensorRangeSymmetric": True}, None, None),
    ("minmax", {"CalibMovingAverage": True}, None, None),
    ("minmax", {"CalibMovingAverage": True, "CalibMovingAverageConstant": 0.3}, 4, None),
    ("minmax", {"CalibMovingAverage": True, "CalibTensorRangeSymmetric": True}, 6, None),
    ("minmax", {}, 3, None),
    ("minmax", {"CalibMaxIntermediateOutputs": 5}, None, None),
    ("percentile", {"CalibTensorRangeSymmetric": False}, None, ("conv", "branch", "odd")),
    ("percentile", {"CalibTensorRangeSymmetric": False, "CalibPercentile": 97.0}, None,
     ("conv", "branch", "odd")),
    ("percentile", {"CalibTensorRangeSymmetric": False, "CalibPercentile": 90.0}, 3,
     ("conv", "branch", "odd")),
    ("percentile", {}, None, ("conv", "branch")),
    ("percentile", {"CalibPercentile": 95.0}, None, ("conv", "branch")),
    ("percentile", {"CalibPercentile": 95.0}, 4, ("conv", "branch")),
    ("entropy", {}, None, ("conv", "branch", "odd")),
    ("entropy", {}, 4, ("conv", "branch", "odd")),
    ("entropy", {"CalibBins": 512, "CalibQuantizedBins": 64}, None, ("conv", "branch")),
    ("percentile", {"CalibTensorRangeSymmetric": False}, None, ("half",)),
    ("percentile", {"CalibBins": 64}, None, ("half",)),
    ("percentile", {"CalibBins": 64, "CalibTensorRangeSymmetric": False}, None, ("half",)),
    ("percentile", {"CalibBins": 100}, 3, ("half",)),
    ("percentile", {"CalibBins": 100, "CalibTensorRangeSymmetric": False}, 3, ("half",)),
    ("entropy", {}, None, ("half",)),
    ("entropy", {}, 4, ("half",)),
    ("entropy", {"CalibBins": 400, "CalibQuantizedBins": 64}, None, ("half",)),
]


def save_samples(folder, samples):
    os.makedirs(folder, exist_ok=True)
    for number, sample in enumerate(samples):
        np.savez(os.path.join(folder, f"s{number}.npz"), **sample)


def caught(kind, function, *arguments):
    """None if there are too many bins (Q38)."""
    try:
        return function(*arguments)
    except kind as error:
        if "oo many bins" not in str(error):
            raise
        return None


def compare(program, library, path, samples, folder, setting, threads, mode=()):
    method, options, stride, _ = setting
    peer = caught(ValueError, peer_ranges, path, samples, method, options, stride, threads,
                  os.path.join(folder, "augmented.onnx"))
    own = caught(RuntimeError, own_ranges, program, library, path,
                 os.path.join(folder, "samples"), method, options, stride, threads, list(mode))
    if peer is None or own is None:
        both = peer is None and own is None
        print(f"{'same' if both else 'differs':8}{os.path.basename(path)} {method} {options}: "
              f"{'both fail' if both else 'one fails'}")
        return both
    found = differences(own, peer)
    print(f"{'differs' if found else 'same':8}{os.path.basename(path)} {method} {options} "
          f"stride {stride} threads {threads}: {len(peer)} tensors"
          + "".join(f"\n    {n}: {str(own.get(n))[:300]} peer {str(peer.get(n))[:300]}"
                    for n in found[:5]))
    return not found


def small_models(program, library, folder):
    good = True
    for name, make in SMALL.items():
        rng = np.random.default_rng(len(name))
        model, sample = make(rng)
        own = os.path.join(folder, name)
        samples = [sample() for _ in range(12)]
        save_samples(os.path.join(own, "samples"), samples)
        path = os.path.join(own, name + ".onnx")
        onnx.save(onnx.shape_inference.infer_shapes(model), path)
        for setting in SETTINGS:
            if setting[3] is None or name in setting[3]:
                good &= compare(program, library, path, samples, own, setting, 1,
                                ["--ort-compatible"])
    return good


def real_sample(rng, path):
    """Random values for the inputs of a real model."""
    name = os.path.basename(path)
    if name == "silero_vad.onnx":
        return {"input": values(rng, 1, 512) * np.float32(0.1), "state": values(rng, 2, 1, 128),
                "sr": np.array(16000, np.int64)}
    element = onnx.load(path).graph.input[0].type.tensor_type.elem_type
    return {"x": rng.standard_normal(EXTENTS[name]).astype(
        helper.tensor_dtype_to_np_dtype(element))}


def real_model(program, library, folder, path):
    rng = np.random.default_rng(1)
    own = os.path.join(folder, os.path.basename(path) + ".calibration")
    samples = [real_sample(rng, path) for _ in range(3)]
    dtype = next(iter(samples[0].values())).dtype
    save_samples(os.path.join(own, "samples"), samples)
    good = True
    for threads in (1, 2):
        good &= compare(program, library, path, samples, own, SETTINGS[0], threads,
                        ["--ort-compatible"])
    if dtype == np.float16:  # NumPy finds no bins of that type
        return good
    entropy = ("entropy", {}, None, None)
    percentile = ("percentile", {"CalibTensorRangeSymmetric": False}, None, None)
    for setting in (percentile, entropy):
        good &= compare(program, library, path, samples, own, setting, 1,
                        ["--ort-compatible"])
    return good


def main():
    program, library, folder, *models = sys.argv[1:]
    onnxruntime.set_default_logger_severity(3)
    if models:
        good = all([real_model(program, library, folder, path) for path in models])
    else:
        good = small_models(program, library, folder)
    sys.exit(0 if good else 1)


if __name__ == "__main__":
    main()
