"""The scripts of `qdqedit export --format ort-script`, with ranges measured in the default
mode, run: their models against those of `quantize --ort-compatible`.

usage: scripts.py PROGRAM FOLDER [MODEL SEED SHAPE]...

Without models one made here is taken, which has a float Constant and a Softmax over
several axes, both unknown to the ranges: one is an initializer in the default mode, the
other is taken apart when the opset is raised. Ends with 1 where a script fails or its
model is another one.
"""
import json
import os
import runpy
import subprocess
import sys

os.environ["ORT_DISABLE_TELEMETRY"] = "1"

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

import compare


def make_model(path):
    factor = numpy_helper.from_array(np.array([0.5, -1, 2, 4], np.float32), "factor_value")
    bound = numpy_helper.from_array(np.array(np.inf, np.float32), "bound_value")
    nodes = [
        helper.make_node("Constant", [], ["factor"], "constant", value=factor),
        helper.make_node("Constant", [], ["bound"], "no_bound", value=bound),
        helper.make_node("Min", ["x", "bound"], ["bounded"], "min"),
        helper.make_node("Mul", ["bounded", "factor"], ["scaled"], "mul"),
        helper.make_node("Softmax", ["scaled"], ["shares"], "softmax", axis=1),
        helper.make_node("Add", ["shares", "x"], ["y"], "add"),
    ]
    shape = [1, 2, 3, 4]
    graph = helper.make_graph(
        nodes, "g", [helper.make_tensor_value_info("x", TensorProto.FLOAT, shape)],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, shape)])
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 11)],
                                ir_version=7), path)


def call(program, *args):
    result = subprocess.run([program, *args, "--force", "--quiet"], capture_output=True,
                            text=True)
    assert result.returncode == 0, (args, result.stderr)
    return result.stdout


def check(program, model, seed, shape):
    call(program, "calibrate", model, "--random", "2", "--shape", shape, "-o", "r.json")
    call(program, "promote", model, seed, "-r", "r.json", "-o", "o.json")
    call(program, "export", model, "--format", "ort-script", "-c", "o.json", "-r", "r.json",
         "-o", "script.py")
    result = subprocess.run([sys.executable, "script.py", model, "theirs.onnx"],
                            capture_output=True, text=True)
    if result.returncode:
        return [result.stderr.strip().splitlines()[-1]]
    told = runpy.run_path("script.py")["RANGES"]
    measured = json.load(open("r.json", encoding="utf-8"))["data"]
    assert set(measured) < set(told)
    with open("told.json", "w", encoding="utf-8") as file:
        json.dump({name: list(ends) for name, ends in told.items()}, file)
    call(program, "quantize", model, "--ort-compatible", "-c", "o.json", "-r", "told.json",
         "-o", "ours.onnx")
    return compare.compare_files("theirs.onnx", "ours.onnx")


def main():
    program, folder, *rest = sys.argv[1:]
    os.chdir(folder)
    if not rest:
        make_model("made.onnx")
        rest = ["made.onnx", "node:softmax=u16", "1,2,3,4",
                "made.onnx", "node:mul=u8", "1,2,3,4"]
    failed = False
    for model, seed, shape in zip(rest[::3], rest[1::3], rest[2::3]):
        difference = check(program, model, seed, shape)
        failed |= bool(difference)
        print(model, seed, "same" if not difference else "\n".join(difference[:5]))
    sys.exit(failed)


if __name__ == "__main__":
    main()
