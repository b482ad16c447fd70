"""The whole way, on a real model: calibrate, quantize, compare; here and in Python.

usage: accuracy_chain.py PROGRAM LIBRARY FOLDER MODEL.onnx

Both sides get the same samples, made here. ONNX Runtime's quantize_static makes a model
and Python measures its output SQNR; `qdqedit quantize` and `compare` have to reach the
same figures. Ends with 1 if one differs.
"""
import json
import math
import os
import subprocess
import sys

os.environ["ORT_DISABLE_TELEMETRY"] = "1"

import numpy as np
import onnx
import onnxruntime
from onnxruntime.quantization import CalibrationDataReader, quantize_static

import accuracy
import calibration
import pages

SAMPLES = 3


class Samples(CalibrationDataReader):
    def __init__(self, samples):
        self.left = list(samples)

    def get_next(self):
        return self.left.pop(0) if self.left else None


def sample(rng, path):
    name = os.path.basename(path)
    if name.startswith("det"):
        return {"x": pages.page(rng, 160)}
    if name.startswith("rec"):
        return {"x": pages.line(rng, width=160)}
    return calibration.real_sample(rng, path)


def run(*command):
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    if result.returncode:
        sys.exit(result.stderr)
    return result.stdout


def peer_figures(path, out, samples):
    """Output SQNR in dB by name, of the peer's quantized model, measured in Python."""
    original, onnxruntime.SessionOptions = calibration.with_threads(1)
    try:
        quantize_static(path, out, Samples(samples),
                        op_types_to_quantize=calibration.operator_types(path))
    finally:
        onnxruntime.SessionOptions = original
    model = onnx.load(path)
    pairs = [(o.name, o.name) for o in model.graph.output]
    return {real: value for (real, _), value in
            accuracy.measure(model, onnx.load(out), pairs, samples).items()}


def own_figures(program, library, path, out, folder):
    common = ["--threads", "1", "--ort-lib", library, "--data", folder]
    run(program, "quantize", path, "--op-types", "all", "--ort-compatible", "-o", out,
        "--force", *common)
    answer = json.loads(run(program, "compare", path, out, "--json", *common))
    return {row["tensor"]: row["sqnr"] for row in answer["outputs"]}


def main():
    program, library, folder, path = sys.argv[1:]
    onnxruntime.set_default_logger_severity(3)
    rng = np.random.default_rng(5)
    samples = [sample(rng, path) for _ in range(SAMPLES)]
    calibration.save_samples(os.path.join(folder, "samples"), samples)
    peer = peer_figures(path, os.path.join(folder, "peer.onnx"), samples)
    own = own_figures(program, library, path, os.path.join(folder, "own.onnx"),
                      os.path.join(folder, "samples"))
    good = len(peer) > 0
    for name, value in peer.items():
        mine = own.get(name)
        same = mine == value or (None not in (mine, value) and math.isclose(
            mine, value, abs_tol=1e-6))
        good &= same
        print(f"{'same' if same else 'differs':8}{name} {mine} peer {value}")
    sys.exit(0 if good else 1)


if __name__ == "__main__":
    main()
