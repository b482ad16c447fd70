#!/usr/bin/env python3
"""Runs ONNX Runtime's quantizer: the reference model of a case.

    reference.py MODEL --ranges R [--overrides O] [--options J] -o OUT

Prints one line of JSON: {} when the model was written, else {"refused": why}
(exit code 1). As a module: quantize(), which raises Refused. Endless loops of
the peer (a provider that is never quantized) are seen by a timer and refused.
"""
import argparse
import contextlib
import json
import logging
import os
import signal
import sys
import warnings

os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")

import onnx  # noqa: E402
from onnxruntime.quantization import CalibrationMethod, quantize_static  # noqa: E402
from onnxruntime.quantization.calibrate import load_tensors_data  # noqa: E402
from onnxruntime.quantization.qdq_quantizer import QDQQuantizer  # noqa: E402
from onnxruntime.quantization.quant_utils import load_model_with_shape_infer  # noqa: E402
from onnxruntime.quantization.registry import QDQRegistry, QLinearOpsRegistry  # noqa: E402
from pathlib import Path  # noqa: E402

import formats  # noqa: E402

NOT_QUANTIZED = ("Cast", "QuantizeLinear", "DequantizeLinear")
TICK = 0.25  # seconds of processor time between two looks at the peer
warnings.filterwarnings("ignore")
logging.disable(logging.ERROR)


class Refused(Exception):
    """The peer raised an error, or does not come to an end."""


class Hang(BaseException):
    """Raised out of the peer's endless loop, past its handlers."""


def endless(frame, seen):
    """True if the sharing loop has made no progress since the last tick."""
    while frame and frame.f_code.co_name != "_quantize_sharing_param_tensors":
        frame = frame.f_back
    left = len(frame.f_locals["self"].tensors_to_quantize) if frame else None
    stuck = left is not None and left == seen.get("left")
    seen["left"] = left
    return stuck


@contextlib.contextmanager
def hang_guard():
    seen = {}

    def tick(_signal, frame):
        if endless(frame, seen):
            raise Hang

    old = signal.signal(signal.SIGVTALRM, tick)
    signal.setitimer(signal.ITIMER_VIRTUAL, TICK, TICK)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, old)


def op_types(options, model):
    """The operator list of an option set; None stands for the default."""
    wanted = options.get("op-types")
    if wanted == "all":
        kinds = dict.fromkeys(node.op_type for node in model.graph.node)
        return [k for k in kinds if k not in NOT_QUANTIZED]
    return wanted or None


def default_op_types():
    return sorted(set(QLinearOpsRegistry) | set(QDQRegistry))


def method_of(ranges):
    value = ranges.get("calibration_method", {}).get("value", "")
    return CalibrationMethod[value.rpartition(".")[2] or "MinMax"]


def arguments(model, ranges, overrides, options):
    """Keyword arguments that the two entries of the peer have in common."""
    names = {tensor.name for tensor in model.graph.initializer}
    extra = dict(options.get("set", {}))
    if overrides:
        extra["TensorQuantOverrides"] = formats.peer_overrides(overrides, ranges, names)
    return {
        "per_channel": options.get("per-channel", False),
        "reduce_range": options.get("reduce-range", False),
        "nodes_to_quantize": list(options.get("nodes-to-quantize", [])),
        "nodes_to_exclude": list(options.get("nodes-to-exclude", [])),
        "op_types_to_quantize": op_types(options, model),
        "extra_options": extra,
    }


def run_static(model_path, ranges_path, common, types, method, external, out):
    quantize_static(
        model_path, out, activation_type=types[0], weight_type=types[1],
        calibrate_method=method, calibration_cache_path=ranges_path,
        use_external_data_format=external, **common)


def run_class(model_path, ranges_path, common, types, external, out):
    """The quantizer class alone, used and saved as quantize_static does."""
    model = load_model_with_shape_infer(Path(model_path))
    data = load_tensors_data(ranges_path)
    if not common["op_types_to_quantize"]:
        common["op_types_to_quantize"] = default_op_types()
    quantizer = QDQQuantizer(model, common.pop("per_channel"), common.pop("reduce_range"),
                             types[1], types[0], data, **common)
    quantizer.quantize_model()
    quantizer.model.save_model_to_file(out, external)


def quantize(model_path, ranges_path, overrides, options, out):
    """Writes the reference model; raises Refused with the peer's words.

    overrides: JSON object; options: see formats. The ranges must be a
    calibration cache as the peer writes it.
    """
    ranges = formats.read_json(ranges_path)
    external = options.get("external-data") == "always"
    types = [formats.option_type(options, "activation-type", "QUInt8"),
             formats.option_type(options, "weight-type", "QInt8")]
    try:
        with hang_guard():
            model = onnx.load(model_path, load_external_data=False)
            common = arguments(model, ranges, overrides, options)
            if options.get("opset-policy", "raise") == "raise":
                run_static(model_path, ranges_path, common, types,
                           method_of(ranges), external, out)
            else:
                run_class(model_path, ranges_path, common, types, external, out)
    except Hang:
        raise Refused("hang: tensors share parameters that never come") from None
    except Exception as error:
        raise Refused(f"{type(error).__name__}: {error}"[:2000]) from error


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("model")
    parser.add_argument("--ranges", required=True)
    parser.add_argument("--overrides")
    parser.add_argument("--options")
    parser.add_argument("-o", "--output", required=True)
    args = parser.parse_args()
    overrides = formats.read_json(args.overrides) if args.overrides else {}
    options = formats.read_json(args.options) if args.options else {}
    try:
        quantize(args.model, args.ranges, overrides, options, args.output)
    except Refused as refusal:
        print(json.dumps({"refused": str(refusal)}))
        return 1
    print("{}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
