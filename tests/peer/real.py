#!/usr/bin/env python3
"""Compares the program with the peer on real models.

    real.py --program P --models FOLDER [--seeds N] [--cache FOLDER] [NAME...]

For each model: ranges by the peer's calibration (once), mixed overrides by its
fixer for several seeds, both opset policies. The models must be equal; ours is
also loaded and run by ONNX Runtime beside the peer's, and in the default mode,
where onnx.checker must accept it if it accepted the input.
"""
import argparse
import glob
import hashlib
import json
import os
import random
import subprocess
import shlex
import sys
import tempfile
import time

import numpy as np
import reference
import onnx

import compare
import fixer
import formats
import measure
import run

# Models that the default mode rightly refuses, and a part of the reason.
REFUSED = {"f0": "not finite and positive"}  # a constant holds -inf
KINDS = ["QUInt16", "QUInt16", "QInt16"]


def options_for(number, rng, names):
    """Options of a seed: the first one plain, the others varied."""
    options = {"activation-type": "QUInt8", "weight-type": "QInt8"}
    if number == 0:
        return options
    options["activation-type"] = rng.choice(["QUInt8", "QUInt8", "QInt8"])
    options["weight-type"] = rng.choice(["QInt8", "QInt8", "QInt16", "QInt4"])
    if rng.random() < 0.5:
        options["per-channel"] = True
    if rng.random() < 0.5:
        options["op-types"] = "all"
    if names and rng.random() < 0.3:
        options["nodes-to-exclude"] = rng.sample(names, min(3, len(names)))
    extra = {"ActivationSymmetric": 0.2, "QDQKeepRemovableActivations": 0.3,
             "ForceQuantizeNoInputCheck": 0.3, "AddQDQPairToWeight": 0.1}
    chosen = {name: True for name, p in extra.items() if rng.random() < p}
    return {**options, **({"set": chosen} if chosen else {})}


def overrides_for(model, ranges, rng, options):
    """(the fixer's answer, its seeds): one to five among the measured tensors."""
    kind = options["activation-type"]
    symmetric = options.get("set", {}).get("ActivationSymmetric", False)
    infos = onnx.shape_inference.infer_shapes(model).graph
    known = {v.name for v in (*infos.value_info, *infos.output, *infos.input)}
    tensors = [t for t in ranges["data"] if t in known]
    for _ in range(20):
        names = rng.sample(tensors, min(rng.randint(1, 5), len(tensors)))
        wanted = rng.choice(KINDS)
        try:
            seeds = {n: [{"quant_type": wanted}] for n in names}
            fixed = fixer.fix(model, seeds, kind, symmetric)
            return fixed, [f"{n}={wanted}" for n in names]
        except reference.Refused:
            continue
    return {}, []


def prepare(path, number, policy, cache):
    """Folder of a case with the reference, made once."""
    name = os.path.basename(path)[:-5]
    ranges_path = measure.ranges_file(path, cache)
    ranges = formats.read_json(ranges_path)
    model = onnx.load(path)
    rng = random.Random(f"{name}/{number}")
    options = {**options_for(number, rng, [n.name for n in model.graph.node if n.name]),
               "opset-policy": policy}
    overrides, seeds = overrides_for(model, ranges, rng, options)
    key = hashlib.sha256(json.dumps([options, overrides, os.path.getsize(path)]).encode())
    folder = os.path.join(cache, f"{name}-{number}-{policy}-{key.hexdigest()[:12]}")
    os.makedirs(folder, exist_ok=True)
    for file, value in (("options", options), ("overrides", overrides), ("wishes", seeds)):
        formats.write_json(os.path.join(folder, f"{file}.json"), value)
    for file, target in (("model.onnx", path), ("ranges.json", ranges_path)):
        link = os.path.join(folder, file)
        if not os.path.lexists(link):
            os.symlink(os.path.abspath(target), link)
    verdict = os.path.join(folder, "verdict.json")
    if not os.path.exists(verdict):
        refused, start = None, time.time()
        try:
            reference.quantize(path, ranges_path, overrides, options,
                               os.path.join(folder, "reference.onnx"))
        except reference.Refused as refusal:
            refused = str(refusal)
        formats.write_json(verdict, {"refused": refused, "faults": [], "doubts": [],
                                     "seconds": time.time() - start})
    return folder


def accepted(path):
    """Whether onnx.checker accepts a model file."""
    try:
        onnx.checker.check_model(path)
        return True
    except Exception:
        return False


def outputs_of(path, name, optimize=True):
    """The outputs of a model on one sample; the error's text if it has none."""
    try:
        session = measure.session_of(path, optimize)
        return session.run(None, measure.sample(session, name, 5))
    except Exception as error:
        return str(error)[:300]


def run_both(folder, name, output):
    """Lines when ours does not behave as the peer's does."""
    peer = outputs_of(os.path.join(folder, "reference.onnx"), name)
    ours = outputs_of(output, name)
    if isinstance(peer, str) or isinstance(ours, str):
        same = isinstance(peer, str) and isinstance(ours, str)
        return [] if same else [f"runs differently: peer {peer!s:.200} ours {ours!s:.200}"]
    equal = all(np.array_equal(a, b, equal_nan=a.dtype.kind == "f") for a, b in zip(peer, ours))
    return [] if equal else ["outputs differ"]


def default_mode(args, path, folder, name):
    """The same seeds without --ort-compatible: must be valid and must run.

    The fixer's overrides are not taken, since they convert outputs of Constant
    nodes, which by default count as initializers. It runs unoptimized: ONNX
    Runtime fuses Q and DQ of com.microsoft to operators that opset 9 does not
    have, and those with float16 scales to ones that take float only.
    """
    output = os.path.join(folder, "default.onnx")
    options = formats.read_json(os.path.join(folder, "options.json"))
    command = run.arguments(folder, options, output)
    command.remove("--ort-compatible")
    if "--overrides" in command:
        at = command.index("--overrides")
        del command[at : at + 2]
    for seed in formats.read_json(os.path.join(folder, "wishes.json")):
        command += ["--seed", seed]
    done = subprocess.run(shlex.split(args.program) + command, capture_output=True, check=False)
    if done.returncode == 1 and REFUSED.get(name, "\0") in done.stderr.decode():
        return []
    if done.returncode != 0:
        return [f"default mode: {done.stderr.decode('utf-8', 'replace')[-600:]}"]
    lines = []
    if accepted(path) and not accepted(output):
        lines.append("default mode: onnx.checker refuses the result")
    if isinstance(outputs_of(path, name), list):
        found = outputs_of(output, name, optimize=False)
        if isinstance(found, str):
            lines.append(f"default mode: does not run: {found}")
    os.unlink(output)
    return lines


def compare_case(args, path, number, policy):
    name = os.path.basename(path)[:-5]
    folder = prepare(path, number, policy, args.cache)
    start = time.time()
    code, text, output = run.run_program(args.program, folder)
    seconds = time.time() - start
    kind, lines = run.judge(folder, code, text, output)
    if kind == "equal" and args.execute:
        lines = run_both(folder, name, output)
        lines += default_mode(args, path, folder, name) if not args.compatible else []
    verdict = formats.read_json(os.path.join(folder, "verdict.json"))
    print(f"{name} {number} {policy}: {kind}{' BUT' if lines and kind == 'equal' else ''}"
          f" ({verdict['seconds']:.2f} s | {seconds:.2f} s)"
          + (f" {verdict['refused'][:120]}" if verdict["refused"] else ""), flush=True)
    for line in lines[:6]:
        print(f"  {line}")
    if lines:
        print("  " + shlex.join(shlex.split(args.program) + run.arguments(
            folder, formats.read_json(os.path.join(folder, "options.json")), output)))
    elif os.path.exists(output):
        os.unlink(output)
    return bool(lines)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--program", required=True)
    parser.add_argument("--models", default=os.environ.get("QDQEDIT_TEST_MODELS"))
    parser.add_argument("--seeds", type=int, default=2, help="overrides and options per model")
    parser.add_argument("--cache")
    parser.add_argument("--execute", action="store_true", help="also run the results")
    parser.add_argument("--compatible", action="store_true", help="leave out the default mode")
    parser.add_argument("name", nargs="*", help="models, without .onnx; default: all")
    args = parser.parse_intermixed_args()
    args.cache = args.cache or os.path.join(tempfile.gettempdir(), f"qdqedit-peer-{os.getuid()}",
                                            "real")
    os.makedirs(args.cache, exist_ok=True)
    paths = sorted(glob.glob(os.path.join(args.models, "*.onnx")))
    if args.name:
        paths = [os.path.join(args.models, f"{name}.onnx") for name in args.name]
    failed = ran = 0
    for path in paths:
        for number in range(args.seeds):
            for policy in ("keep", "raise"):
                failed += compare_case(args, path, number, policy)
                ran += 1
    print(f"{ran} cases on {len(paths)} real models, {failed} differ")
    return 1 if failed or not ran else 0


if __name__ == "__main__":
    sys.exit(main())
