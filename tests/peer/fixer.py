#!/usr/bin/env python3
"""Runs ONNX Runtime's mixed-precision fixer on tensor seeds.

    fixer.py MODEL SEED... [--activation-type T] [--overrides O]

A seed is TENSOR=TYPE[,symmetric]. Prints the overrides in our JSON format,
order kept, or one line {"refused": why} (exit code 1).
"""
import argparse
import json
import sys

import reference  # first: it silences the peer
import onnx
from onnxruntime.quantization.execution_providers.qnn import (
    mixed_precision_overrides_utils as fixer_module)
from onnxruntime.quantization.tensor_quant_overrides import TensorQuantOverridesHelper

import formats


def parse_seed(text):
    """(tensor, entry) of TENSOR=TYPE[,symmetric]; the last = divides."""
    name, _, value = text.rpartition("=")
    kind, *flags = value.split(",")
    entry = {"quant_type": formats.quant_type(kind).name}
    if "symmetric" in flags:
        entry["symmetric"] = True
    return name, entry


def fix(model, overrides, activation_type="QUInt8", symmetric=False):
    """Overrides (JSON object, order kept) completed; raises Refused."""
    names = {tensor.name for tensor in model.graph.initializer}
    default = formats.quant_type(activation_type)
    try:
        raw = formats.peer_overrides(overrides, None, names)
        helper = TensorQuantOverridesHelper(raw)
        maker = fixer_module.MixedPrecisionTensorQuantOverridesFixer.create_from_model
        maker(helper, model, default).apply(default, symmetric)
    except Exception as error:
        raise reference.Refused(f"{type(error).__name__}: {error}"[:2000]) from error
    nodes = [node.name for node in model.graph.node]
    return formats.json_overrides(helper.get_dict(), nodes)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("model")
    parser.add_argument("seed", nargs="*")
    parser.add_argument("--activation-type", default="QUInt8")
    parser.add_argument("--symmetric", action="store_true")
    parser.add_argument("--overrides")
    args = parser.parse_args()
    overrides = formats.read_json(args.overrides) if args.overrides else {}
    for seed in args.seed:
        name, entry = parse_seed(seed)
        overrides[name] = [entry]
    try:
        fixed = fix(onnx.load(args.model), overrides, args.activation_type, args.symmetric)
    except reference.Refused as refusal:
        print(json.dumps({"refused": str(refusal)}))
        return 1
    lines = [f"  {json.dumps(name, ensure_ascii=False)}:"
             f" {json.dumps(entries, ensure_ascii=False)}" for name, entries in fixed.items()]
    print("{\n" + ",\n".join(lines) + "\n}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
