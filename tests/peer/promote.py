#!/usr/bin/env python3
"""Compares `qdqedit promote --ort-compatible` with the peer's fixer.

    promote.py --program P [--seeds 0..500] [--case N]

Random graphs, one to three tensor seeds, sometimes on top of overrides; and
the upstream tests of the fixer (qdq-semantics.md 10.2). Content and order of
the maps must be equal, and both must refuse the same. Without --program only
the upstream tests are measured, against the peer.
"""
import argparse
import collections
import json
import os
import random
import shlex
import subprocess
import sys
import tempfile

import reference  # noqa: F401  (first: it silences the peer)
import onnx

import fixer
import formats
import generate
import overrides as overriding
import refusals
import second
import second_overrides
from upstream_cases import mixed8, to8, to16


# ---- cases

def tensor_seeds(rng, facts):
    """{tensor: entry}; mostly one type for all, as a person would do."""
    kinds = [overriding.wide(facts.activation_type)] * 5 + ["QUInt16", "QInt16", "QInt8",
                                                            facts.activation_type]
    common = rng.choice(kinds)
    names = rng.sample(facts.activations, min(rng.choice([1, 1, 2, 3]), len(facts.activations)))
    if facts.initializers and rng.random() < 0.1:
        names.append(rng.choice(sorted(facts.initializers)))
    result = {}
    for name in names:
        kind = common if rng.random() < 0.85 else rng.choice(kinds)
        result[name] = {"quant_type": kind}
        if rng.random() < 0.12:
            result[name]["symmetric"] = True
    return result


def random_case(number):
    """(model, start overrides, seeds, activation type, symmetric)."""
    rng = random.Random(f"promote/{generate.VERSION}/{number}")
    model, _ = generate.build_model(rng, rng.choice(["common", "full", "full"]))
    kind = rng.choice(["QUInt8", "QUInt8", "QInt8", "QUInt16"])
    symmetric = rng.random() < 0.2
    facts = overriding.facts_of(model, generate.tensor_types(model), kind, symmetric, False)
    seeds = tensor_seeds(rng, facts)
    start = {}
    if rng.random() < 0.25:
        start = overriding.arbitrary(rng, facts)
        start = {n: e for n, e in start.items() if n not in seeds}
    return model, start, seeds, kind, symmetric


def odd_case(number):
    """The same of the second generator: any type on any tensor, on top of overrides of
    the same tensors too."""
    rng = random.Random(f"odd/{second.VERSION}/{number}")
    model = second.sound_model(rng)
    kind = rng.choice(["QUInt8", "QInt8", "QUInt16", "QInt16"])
    types = {n: t for n, t in generate.tensor_types(model).items() if n != "gone"}
    start = {}
    if rng.random() < 0.4:
        options = {"activation-type": kind, "weight-type": "QInt8"}
        start = second_overrides.choose(rng, model, types, options, [])
    constants = {t.name for t in model.graph.initializer if t.data_type in (1, 10)}
    floats = sorted({n for n, t in types.items() if t in (1, 10)} | constants)
    kinds = rng.sample(second_overrides.KINDS, rng.choice([1, 1, 1, 2]))
    seeds = {}
    floats = floats or ["x"]
    for name in rng.sample(floats, min(len(floats), rng.choice([1, 1, 2, 3, 5]))):
        seeds[name] = {"quant_type": rng.choice(kinds)}
        if rng.random() < 0.2:
            seeds[name]["symmetric"] = True
    start = {n: e for n, e in start.items() if n not in seeds}
    return model, start, seeds, kind, rng.random() < 0.2


U, S = "QUInt16", "QInt16"
SYMMETRIC = {"quant_type": S, "symmetric": True}
FIXED = {"op4_out": [{"quant_type": U}], "op2_out": to16("op4"), "op5_out": to8("op6"),
         "op3_out": to16("op5")}


def to_symmetric(*readers):
    return [{"quant_type": "QInt8", "convert": {**SYMMETRIC, "recv_nodes": list(readers)}}]


UPSTREAM = {
    "fixer_1": ({"op4_out": {"quant_type": U}}, "QUInt8", FIXED),
    "fixer_with_symmetric": ({"op4_out": SYMMETRIC}, "QInt8", {
        "op4_out": [SYMMETRIC], "op2_out": to_symmetric("op4"),
        "op5_out": [{**SYMMETRIC, "convert": {"quant_type": "QInt8", "recv_nodes": ["op6"]}}],
        "op3_out": to_symmetric("op5")}),
    "fixer_upgrade_output": (
        {"op4_out": {"quant_type": U}, "output_0": {"quant_type": U}}, "QUInt8",
        {**FIXED, "op5_out": [{"quant_type": U}], "output_0": [{"quant_type": U}]}),
    "fixer_upgrade_input": (
        {"op4_out": {"quant_type": U}, "input_0": {"quant_type": U}}, "QUInt8",
        {**FIXED, "input_0": [{"quant_type": U}], "op1_out": to8("op3")}),
    "two seeds": ({"op2_out": {"quant_type": U}, "op4_out": {"quant_type": U}}, "QUInt8", {
        "input_1": to16("op2"), "output_1": [{"quant_type": U}], "output_2": [{"quant_type": U}],
        "op2_out": [{"quant_type": U}], "op4_out": [{"quant_type": U}],
        "op5_out": to8("op6"), "op3_out": to16("op5")}),
    "input alone": ({"input_1": {"quant_type": U}}, "QUInt8", {
        "input_1": [{"quant_type": U}], "op2_out": to8("op4", "op7", "op8")}),
    "output alone": ({"output_0": {"quant_type": U}}, "QUInt8", {
        "output_0": [{"quant_type": U}], "op5_out": to16("op6")}),
    "E1": ({"op4_out": {"quant_type": U}, "op3_out": {"quant_type": S}}, "QUInt8", None),
    "E2": ({"op4_out": {"quant_type": U}, "output_1": {"quant_type": S}}, "QUInt8", None),
}


# ---- both sides

def run_peer(model, start, seeds, kind, symmetric):
    """The fixed overrides, or None if the peer refuses."""
    whole = {**start, **{name: [entry] for name, entry in seeds.items()}}
    try:
        return fixer.fix(model, whole, kind, symmetric)
    except reference.Refused:
        return None


def command_line(folder, start, seeds, kind, symmetric):
    result = ["promote", "--ort-compatible", os.path.join(folder, "model.onnx"),
              "--activation-type", kind]
    if symmetric:
        result += ["--set", "ActivationSymmetric=true"]
    if start:
        formats.write_json(os.path.join(folder, "start.json"), start)
        result += ["--overrides", os.path.join(folder, "start.json")]
    result.append("--")
    for name, entry in seeds.items():
        flag = ",symmetric" if entry.get("symmetric") else ""
        result.append(f"{name}={entry['quant_type']}{flag}")
    return result


def text_of(overrides):
    """The bytes of command-line.md section 3, for maps without numbers."""
    lines = [f"  {json.dumps(name)}: {json.dumps(entries)}"
             for name, entries in overrides.items()]
    return "{\n" + ",\n".join(lines) + "\n}\n" if lines else None


def differences(expected, code, out, err, faults):
    """Lines; empty if the program's answer is the expected one."""
    if expected is None or faults:
        return [] if code == 1 and not out else [f"exit {code}, expected a refusal: {out}"]
    if code != 0:
        return [f"exit {code}: {err.strip()}", f"expected {json.dumps(expected)[:600]}"]
    try:
        found = json.loads(out)
    except json.JSONDecodeError as error:
        return [f"no JSON: {error}: {out[:200]}"]
    if json.dumps(found) != json.dumps(expected):
        return [f"ours {json.dumps(found)[:900]}", f"peer {json.dumps(expected)[:900]}"]
    simple = out.isascii() and all(len(e) == 1 for e in expected.values())
    if simple and "." not in json.dumps(list(expected.values())) and text_of(expected) != out:
        return [f"layout: {out[:600]!r}", f"expected {text_of(expected)[:600]!r}"]
    return []


def compare_case(program, folder, case):
    model, start, seeds, kind, symmetric = case
    expected = run_peer(*case)
    onnx.save(model, os.path.join(folder, "model.onnx"))
    facts = [refusals.ModelFacts(model, generate.tensor_types(model))]
    whole = {**start, **{n: [e] for n, e in seeds.items()}}
    checker = refusals.examine(whole, {"activation-type": kind}, facts)
    command = shlex.split(program) + command_line(folder, start, seeds, kind, symmetric)
    done = subprocess.run(command, capture_output=True, timeout=60, check=False)
    out, err = done.stdout.decode("utf-8", "replace"), done.stderr.decode("utf-8", "replace")
    lines = differences(expected, done.returncode, out, err, checker.faults)
    return ("refused" if expected is None else "equal"), lines, command


# ---- all of it

def upstream(program, folder):
    failed = 0
    for name, (seeds, kind, wanted) in UPSTREAM.items():
        case = (mixed8(18), {}, seeds, kind, False)
        found = run_peer(*case)
        if found != wanted:
            print(f"{name}: peer {found}\n  expected {wanted}")
            failed += 1
        if program:
            _, lines, _ = compare_case(program, folder, case)
            print("".join(f"{name}: {line}\n" for line in lines), end="")
            failed += bool(lines)
    return failed


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--program")
    parser.add_argument("--seeds", default="0..200", help="LOW..HIGH, HIGH excluded")
    parser.add_argument("--random", type=int, help="this many cases nobody has seen")
    parser.add_argument("--odd", action="store_true", help="models of second.py")
    parser.add_argument("--case", type=int)
    parser.add_argument("--folder", help="where the model of --case is kept")
    parser.add_argument("--show", type=int, default=5)
    args = parser.parse_args()
    low, high = (int(x) for x in args.seeds.split(".."))
    if args.random:
        low = random.SystemRandom().randrange(10**9)
        high = low + args.random
        print(f"cases {low}..{high}")
    if args.case is not None:
        low, high = args.case, args.case + 1
    counts, failed = collections.Counter(), []
    with tempfile.TemporaryDirectory() as temporary:
        folder = args.folder or temporary
        os.makedirs(folder, exist_ok=True)
        wrong = upstream(args.program, folder)
        for number in range(low, high) if args.program else ():
            case = odd_case(number) if args.odd else random_case(number)
            kind, lines, command = compare_case(args.program, folder, case)
            counts["different" if lines else kind] += 1
            if lines:
                failed.append(number)
            if lines and len(failed) <= args.show:
                print(f"case {number}: " + "\n  ".join(lines) + "\n  " + shlex.join(command))
    print(f"{len(UPSTREAM)} upstream tests, {wrong} differ; {sum(counts.values())} random "
          f"cases: {dict(counts)} {failed[:100] or ''}")
    return 1 if failed or wrong else 0


if __name__ == "__main__":
    sys.exit(main())
