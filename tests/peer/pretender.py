#!/usr/bin/env python3
"""Answers `quantize` as qdqedit would, with the peer inside: tests run.py.

With PRETENDER_FAULT=1 in the environment, one bit of every result is wrong.
"""
import argparse
import os
import sys

import onnx

import formats
import generate
import reference
import refusals
import run


def options_of(argv):
    parser = argparse.ArgumentParser()
    parser.add_argument("command")
    parser.add_argument("model")
    for name in ("ranges", "overrides", "activation-type", "weight-type", "op-types",
                 "opset-policy", "external-data", "nodes-to-quantize", "nodes-to-exclude"):
        parser.add_argument(f"--{name}")
    for name in ("ort-compatible", "force", *run.FLAGS):
        parser.add_argument(f"--{name}", action="store_true")
    for name in ("set", "seed"):
        parser.add_argument(f"--{name}", action="append", default=[])
    parser.add_argument("-o", "--output")
    return parser.parse_args(argv)


def quantize(args):
    folder = os.path.dirname(args.model)
    options = formats.read_json(os.path.join(folder, "options.json"))
    overrides = formats.read_json(os.path.join(folder, "overrides.json"))
    model = onnx.load(args.model)
    facts = [refusals.ModelFacts(model, generate.tensor_types(model))]
    if not args.seed and refusals.examine(overrides, options, facts).faults:
        raise reference.Refused("faulty overrides")
    reference.quantize(args.model, os.path.join(folder, "peer-ranges.json"), overrides,
                       options, args.output)
    if os.environ.get("PRETENDER_FAULT"):
        wrong = onnx.load(args.output)
        wrong.producer_version += "x"
        onnx.save(wrong, args.output)


def main():
    args = options_of(sys.argv[1:])
    try:
        quantize(args)
    except reference.Refused as refusal:
        line = " ".join(str(refusal).split())
        print(f"qdqedit: {line}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
