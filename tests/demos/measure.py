#!/usr/bin/env python3
"""Measure what 8 bits cost the demos and what the recommended promotion gives back.

    measure.py FOLDER [NAME=OVERRIDES.json ...]

FOLDER is data/demos. Each demo but mixed8 is quantized by ONNX Runtime with its own
options and ranges: all activations in 8 bit, all in 16 bit, and in 8 bit with the
recommended seeds, closed over by ONNX Runtime's own fixer, or with the overrides file
that is given (what `qdqedit promote` wrote). The output signal-to-noise ratio
10 log10(sum r^2 / sum (r - q)^2), pooled over the samples, is printed as a table.

Exit status 1 if a demo does not show what it is there to show: 8 bits below 20 dB and
10 dB below 16 bits, the promotion more than 10 dB above 8 bits with at most three seeds.
"""
import os

os.environ["ORT_DISABLE_TELEMETRY"] = "1"

import json
import logging
import pathlib
import sys
import tempfile

import numpy as np
import onnx
import onnxruntime as ort
from onnxruntime.quantization import QuantType, quantize_static
from onnxruntime.quantization.execution_providers.qnn.mixed_precision_overrides_utils import (
    MixedPrecisionTensorQuantOverridesFixer)
from onnxruntime.quantization.tensor_quant_overrides import TensorQuantOverridesHelper

NOT_QUANTIZED = {"Cast", "QuantizeLinear", "DequantizeLinear"}


def quantizer_options(folder, model):
    """The demo's options file as arguments of quantize_static."""
    chosen, extra = {}, {}
    for line in (folder / "options").read_text().splitlines():
        name, _, value = line.partition(" ")
        if name == "--per-channel":
            chosen["per_channel"] = True
        elif line == "--op-types all":
            types = {node.op_type for node in model.graph.node}
            chosen["op_types_to_quantize"] = sorted(types - NOT_QUANTIZED)
        elif value.startswith("QDQOpTypePerChannelSupportToAxis="):
            pairs = (p.split(":") for p in value.partition("=")[2].split(","))
            extra["QDQOpTypePerChannelSupportToAxis"] = {op: int(a) for op, a in pairs}
        else:
            sys.exit(f"{folder}/options: measure.py does not know {line!r}")
    return chosen, extra


def read_overrides(path):
    """An overrides file with the type names replaced by ONNX Runtime's objects."""
    def typed(entry):
        return {key: QuantType.from_string(value) if key == "quant_type"
                else typed(value) if key == "convert"
                else set(value) if key == "recv_nodes" else value
                for key, value in entry.items()}
    raw = json.loads(pathlib.Path(path).read_text())
    return {name: [typed(e) for e in entries] for name, entries in raw.items()}


def close_over(model, seeds):
    """ONNX Runtime's own closure of the seeds."""
    overrides = {}
    for seed in seeds:
        name, _, kind = seed.rpartition("=")
        overrides[name] = [{"quant_type": QuantType.from_string(kind)}]
    helper = TensorQuantOverridesHelper(overrides)
    fixer = MixedPrecisionTensorQuantOverridesFixer.create_from_model(
        helper, model, QuantType.QUInt8)
    fixer.apply(QuantType.QUInt8, False)
    return helper.get_dict()


def run(path, samples):
    """Outputs of the model for every sample, Q and DQ kept as they are written."""
    options = ort.SessionOptions()
    options.add_session_config_entry("session.disable_quant_qdq", "1")
    options.intra_op_num_threads = 1
    session = ort.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    return [np.concatenate([o.ravel() for o in session.run(None, s)]) for s in samples]


def sqnr(reference, quantized):
    r = np.concatenate(reference).astype(np.float64)
    q = np.concatenate(quantized).astype(np.float64)
    return 10 * np.log10(np.sum(r * r) / np.sum((r - q) ** 2))


class Demo:
    def __init__(self, folder):
        self.folder = folder
        self.model = onnx.load(folder / "model.onnx")
        self.samples = [dict(np.load(p)) for p in sorted(folder.glob("sample_*.npz"))]
        self.seeds = (folder / "seeds").read_text().split()
        self.reference = run(folder / "model.onnx", self.samples)

    def measure(self, activation, overrides=None):
        chosen, extra = quantizer_options(self.folder, self.model)
        if overrides:
            extra["TensorQuantOverrides"] = overrides
        with tempfile.TemporaryDirectory() as scratch:
            out = pathlib.Path(scratch) / "quantized.onnx"
            quantize_static(
                self.folder / "model.onnx", out, None, activation_type=activation,
                weight_type=QuantType.QInt8, extra_options=extra,
                calibration_cache_path=self.folder / "ranges.json", **chosen)
            return sqnr(self.reference, run(out, self.samples))


def count_conversions(overrides):
    return sum("convert" in entry for entries in overrides.values() for entry in entries)


def faults(name, all8, all16, mixed, seeds):
    """What the demo does not show, as sentences."""
    if all8 >= 20:
        yield f"{name}: 8 bits are good enough ({all8:.1f} dB)"
    if all8 > all16 - 10:
        yield f"{name}: 16 bits give only {all16 - all8:.1f} dB"
    if mixed < all8 + 10:
        yield f"{name}: the promotion gives only {mixed - all8:.1f} dB"
    if not 2 <= seeds <= 3:
        yield f"{name}: {seeds} seeds"


def main():
    logging.disable(logging.WARNING)
    root = pathlib.Path(sys.argv[1])
    given = dict(arg.split("=", 1) for arg in sys.argv[2:])
    found = []
    print(f"{'demo':<10} {'8 bit':>8} {'promoted':>9} {'16 bit':>8}   seeds, conversions")
    for name in ("convnet", "attention"):
        demo = Demo(root / name)
        overrides = (read_overrides(given[name]) if name in given
                     else close_over(demo.model, demo.seeds))
        conversions = count_conversions(overrides)
        all8 = demo.measure(QuantType.QUInt8)
        all16 = demo.measure(QuantType.QUInt16)
        mixed = demo.measure(QuantType.QUInt8, overrides)
        print(f"{name:<10} {all8:5.1f} dB {mixed:6.1f} dB {all16:5.1f} dB   "
              f"{len(demo.seeds)}, {conversions}")
        found += faults(name, all8, all16, mixed, len(demo.seeds))
    for fault in found:
        print(fault, file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
