#!/usr/bin/env python3
"""Runs the upstream tests and goldens: upstream.py [--program P] [NAME...].

Without --program only the peer is measured against the expected numbers; with
it the program too, and both models must be equal.
"""
import argparse
import os
import sys
import tempfile

import numpy as np
import reference
import onnx
from onnx import numpy_helper

import compare
import formats
import golden_cases  # noqa: F401  (adds cases)
import run
import upstream_cases


def packed(tensor):
    """The bytes of a tensor, also of one stored in int32_data."""
    if tensor.HasField("raw_data"):
        return tensor.raw_data.hex()
    return numpy_helper.to_array(tensor).tobytes().hex()


class Result:
    """An output model, asked for what a case expects of it."""

    def __init__(self, path):
        self.model = onnx.load(path)
        self.tensors = {t.name: t for t in self.model.graph.initializer}
        self.wrong = []

    def expect(self, what, found, wanted):
        if found != wanted:
            self.wrong.append(f"{what} is {found}, expected {wanted}")

    def values(self, name):
        if name not in self.tensors:
            return f"no initializer {name}"
        return numpy_helper.to_array(self.tensors[name]).astype(np.float64).ravel().tolist()

    def parameters(self, name, kind, zero_point, scale, data=None):
        suffix = ""
        if name.startswith("c:"):
            name, suffix = name[2:], "_convert"
        zero = f"{name}_zero_point{suffix}"
        listed = lambda v: v if isinstance(v, list) else [v]
        found = self.tensors.get(zero)
        self.expect(f"type of {zero}", found and found.data_type, kind)
        if zero_point is not None:
            self.expect(zero, self.values(zero), [float(z) for z in listed(zero_point)])
        if scale is not None:
            name_scale = f"{name}_scale{suffix}"
            exact = [float(np.float32(s)) for s in listed(scale)]
            self.expect(name_scale, self.values(name_scale), exact)
        if data is not None:
            self.expect(f"{name}_quantized", packed(self.tensors[f"{name}_quantized"]), data)

    def bias(self, name, scale, data):
        tensor = self.tensors.get(f"{name}_quantized_scale")
        if isinstance(scale, str):
            self.expect(f"scale of {name}", tensor and packed(tensor), scale)
        elif scale is not None:
            listed = scale if isinstance(scale, list) else [scale]
            self.expect(f"scale of {name}", self.values(f"{name}_quantized_scale"),
                        [float(np.float32(s)) for s in listed])
        self.expect(name, packed(self.tensors[f"{name}_quantized"]), data)


def examine(path, expect):
    """What is not as expected in an output model, as lines."""
    result = Result(path)
    nodes = result.model.graph.node
    for name, wanted in expect.get("tensors", {}).items():
        if name.startswith("b:"):
            result.bias(name[2:], *wanted)
        else:
            result.parameters(name, *wanted)
    for op, wanted in expect.get("counts", {}).items():
        result.expect(f"number of {op}", sum(n.op_type == op for n in nodes), wanted)
    for name in expect.get("absent", ()):
        result.expect(f"presence of {name}", name in result.tensors, False)
    for name in expect.get("present", ()):
        result.expect(f"presence of {name}", name in result.tensors, True)
    if "total" in expect:
        result.expect("number of nodes", len(nodes), expect["total"])
    if "nodes" in expect:
        result.expect("order of nodes", [n.name for n in nodes], expect["nodes"])
    if "initializers" in expect:
        first = [t.name for t in result.model.graph.initializer][: len(expect["initializers"])]
        result.expect("first initializers", first, expect["initializers"])
    if "opset" in expect:
        result.expect("opset", result.model.opset_import[0].version, expect["opset"])
    if "domain" in expect:
        domains = {n.domain for n in nodes if n.op_type.endswith("quantizeLinear")
                   or n.op_type == "QuantizeLinear"}
        result.expect("domain", domains, {expect["domain"]})
    return result.wrong


def write(golden, folder):
    os.makedirs(folder, exist_ok=True)
    path = lambda name: os.path.join(folder, name)
    onnx.save(golden.model, path("model.onnx"))
    kind = "float16" if golden.model.graph.input[0].type.tensor_type.elem_type == 10 else "float32"
    ranges = formats.make_ranges(golden.ranges, dict.fromkeys(golden.ranges, kind))
    formats.write_json(path("ranges.json"), ranges)
    formats.write_json(path("overrides.json"), golden.overrides)
    formats.write_json(path("options.json"), golden.options)


def run_peer(golden, folder):
    path = lambda name: os.path.join(folder, name)
    try:
        reference.quantize(path("model.onnx"), path("ranges.json"), golden.overrides,
                           golden.options, path("reference.onnx"))
    except reference.Refused as refusal:
        wanted = golden.expect.get("refused")
        return [] if wanted and wanted in str(refusal) else [f"refused: {refusal}"]
    if "refused" in golden.expect:
        return [f"accepted, expected: {golden.expect['refused']}"]
    return examine(path("reference.onnx"), golden.expect)


def run_ours(golden, folder, program):
    code, text, output = run.run_program(program, folder)
    if "refused" in golden.expect:
        return [] if code == 1 else [f"exit code {code}, expected a refusal"]
    if code != 0:
        return [f"exit code {code}: {text}"]
    lines = examine(output, golden.expect)
    return lines + compare.compare_files(os.path.join(folder, "reference.onnx"), output)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--program")
    parser.add_argument("--folder", help="keep the cases here")
    parser.add_argument("name", nargs="*")
    args = parser.parse_args()
    failed = ran = 0
    with tempfile.TemporaryDirectory() as temporary:
        for golden in upstream_cases.CASES:
            if args.name and golden.name not in args.name:
                continue
            folder = os.path.join(args.folder or temporary, golden.name)
            write(golden, folder)
            lines = [f"peer: {line}" for line in run_peer(golden, folder)]
            if args.program:
                lines += [f"ours: {line}" for line in run_ours(golden, folder, args.program)]
            for line in lines[:8]:
                print(f"{golden.name}: {line[:1500]}")
            failed += bool(lines)
            ran += 1
    print(f"{ran} upstream cases, {failed} differ")
    return 1 if failed or not ran else 0


if __name__ == "__main__":
    sys.exit(main())
