#!/usr/bin/env python3
"""Compares `qdqedit quantize --ort-compatible` with the peer on random cases.

    run.py --program build/qdqedit [--level common|full|second] [--seeds 0..500]
           [--random N] [--focus OPS] [--jobs 2] [--cache FOLDER] [--case SEED]
           [--execute]

For every seed: generate a case, quantize it with ONNX Runtime (results are
kept in the cache folder under the generator's version; without one, equal
cases are removed), quantize it with the program, compare strictly. Both
refusing counts as equal. With --execute what the program wrote is also checked
by onnx.checker, loaded and run by ONNX Runtime; it must do where the source and
the peer's model do. Prints a summary and the first differences with a
command that repeats each; exit code 1 if any.
"""
import argparse
import collections
import hashlib
import json
import os
import random
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor

import compare
import formats
import generate
import reference
import refusals
import second
import validity

HERE = os.path.dirname(os.path.abspath(__file__))
SOURCES = ("generate.py", "graphs.py", "operators.py", "operators_shape.py",
           "operators_more.py", "overrides.py", "ranges.py", "reference.py",
           "formats.py", "fixer.py", "refusals.py", "second.py", "second_graph.py",
           "second_nodes.py", "second_overrides.py")
FLAGS = ("per-channel", "reduce-range")
LISTS = ("op-types", "nodes-to-quantize", "nodes-to-exclude")


def fingerprint():
    """Changes with any file that shapes a case or its reference."""
    digest = hashlib.sha256()
    for name in SOURCES:
        with open(os.path.join(HERE, name), "rb") as file:
            digest.update(file.read())
    return digest.hexdigest()[:16]


# ---- the peer's side

def prepare(seed, level, root, focus=()):
    """Folder of a case with verdict.json and, if accepted, reference.onnx."""
    folder = os.path.join(root, "-".join([level, *focus, str(seed)]))
    if os.path.exists(os.path.join(folder, "verdict.json")):
        return folder
    shutil.rmtree(folder, ignore_errors=True)
    case = (second.generate_case(seed) if level == "second"
            else generate.generate(seed, level, focus))
    generate.write_case(case, folder)
    path = lambda name: os.path.join(folder, name)
    verdict = {"tags": case.tags, "refused": None}
    try:
        reference.quantize(path("model.onnx"), path("peer-ranges.json"), case.overrides,
                           case.options, path("reference.onnx"))
    except reference.Refused as refusal:
        verdict["refused"] = str(refusal)
    checker = strict_verdict(case)
    if case.seeds:  # what the closure makes is not checked
        checker.faults = []
    verdict["faults"], verdict["doubts"] = checker.faults, checker.doubts
    formats.write_json(path("verdict.json"), verdict)
    return folder


def strict_verdict(case):
    models = [case.model]
    measured = generate.raised(case.model, case.options, case.overrides)
    if measured is not None and measured is not case.model:
        models.append(measured)
    facts = [refusals.ModelFacts(m, generate.tensor_types(m)) for m in models]
    return refusals.examine(case.overrides, case.options, facts)


# ---- our side

def setting(name, value):
    """NAME=VALUE as --set takes it."""
    if isinstance(value, bool):
        text = str(value).lower()
    elif isinstance(value, list):
        text = ",".join(value)
    elif isinstance(value, dict):
        text = ",".join(f"{k}:{v}" for k, v in value.items())
    else:
        text = json.dumps(value)
    return f"{name}={text}"


def arguments(folder, options, output, seeded=True):
    """The command line of a case, without the program; `seeded`: with its seeds,
    if it has any, in place of the overrides that they lead to."""
    path = lambda name: os.path.join(folder, name)
    result = ["quantize", "--ort-compatible", path("model.onnx"),
              "--ranges", path("ranges.json"), "-o", output, "--force"]
    seeded = seeded and os.path.exists(path("seeds.json"))
    seeds = formats.read_json(path("seeds.json")) if seeded else []
    for seed in seeds:
        result += ["--seed", seed]
    if os.path.getsize(path("overrides.json")) > 4 and not seeds:
        result += ["--overrides", path("overrides.json")]
    result += ["--external-data", options.get("external-data", "never")]
    for name, value in options.items():
        if name in FLAGS:
            result += [f"--{name}"] if value else []
        elif name in LISTS and isinstance(value, list):
            result += [f"--{name}", ",".join(value)]
        elif name in ("activation-type", "weight-type", "opset-policy", "op-types"):
            result += [f"--{name}", value]
    for name, value in options.get("set", {}).items():
        result += ["--set", setting(name, value)]
    return result


def run_program(program, folder):
    """(exit code, standard error, output path) of the program on a case."""
    options = formats.read_json(os.path.join(folder, "options.json"))
    output = os.path.join(folder, "ours.onnx")
    for name in os.listdir(folder):
        if name.startswith("ours."):
            os.unlink(os.path.join(folder, name))
    command = shlex.split(program) + arguments(folder, options, output)
    try:
        done = subprocess.run(command, capture_output=True, timeout=60, check=False)
    except subprocess.TimeoutExpired:
        return None, "no end within 60 s", output
    return done.returncode, done.stderr.decode("utf-8", "replace"), output


def judge(folder, code, text, output):
    """(kind, lines): kind is equal, refused, strict, doubt or different."""
    verdict = formats.read_json(os.path.join(folder, "verdict.json"))
    must = verdict["refused"] is not None or bool(verdict["faults"])
    if code not in (0, 1):
        return "different", [f"exit code {code}: {text.strip()[:500]}"]
    if code == 1:
        return judge_refusal(verdict, must, text, output)
    if must:
        why = verdict["refused"] or "; ".join(verdict["faults"])
        return "different", [f"ours accepts, expected is a refusal: {why[:400]}"]
    lines = compare.compare_files(os.path.join(folder, "reference.onnx"), output)
    return ("different", lines) if lines else ("equal", [])


def judge_refusal(verdict, must, text, output):
    lines = [line for line in text.splitlines() if line]
    if os.path.exists(output):
        return "different", ["refused, but an output file was left"]
    if len(lines) != 1 or not lines[0].startswith("qdqedit: "):
        return "different", ["the refusal is not one line"] + lines[:5]
    if must:
        return ("refused" if verdict["refused"] is not None else "strict"), []
    if verdict["doubts"]:
        return "doubt", []
    return "different", ["ours refuses, the peer accepts: " + text.strip()[:500]]


# ---- all of it

def work(args, root, seeds):
    """Yields (seed, folder, kind, lines) for every seed."""
    with ThreadPoolExecutor(args.jobs) as pool:
        pending = collections.deque()
        for seed in seeds:
            folder = prepare(seed, args.level, root, args.focus)
            pending.append((seed, folder, pool.submit(run_program, args.program, folder)))
            while len(pending) > 2 * args.jobs:
                yield settle(args.execute, *pending.popleft())
        while pending:
            yield settle(args.execute, *pending.popleft())


def settle(execute, seed, folder, future):
    code, text, output = future.result()
    kind, lines = judge(folder, code, text, output)
    if execute and kind == "equal":
        path = lambda name: os.path.join(folder, name)
        lines = validity.faults(path("model.onnx"), output, path("reference.onnx"),
                                excused=[name for name, _ in validity.TESTS])
        kind = "different" if lines else kind
    return seed, folder, kind, lines


def report(args, counts, failures, seconds):
    total = sum(counts.values())
    print(f"{total} cases ({args.level}) in {seconds:.0f} s: " + ", ".join(
        f"{counts[k]} {k}" for k in ("equal", "refused", "strict", "doubt", "different")))
    for seed, folder, lines in failures[: args.show]:
        print(f"\nseed {seed} ({folder}):")
        for line in lines[:6]:
            print(f"  {line}")
        options = formats.read_json(os.path.join(folder, "options.json"))
        command = arguments(folder, options, os.path.join(folder, "ours.onnx"))
        print("  " + shlex.join(shlex.split(args.program) + command))
        print(f"  {sys.argv[0]} --program {shlex.quote(args.program)}"
              f" --level {args.level} --case {seed}"
              + (f" --focus {','.join(args.focus)}" if args.focus else ""))
    if failures:
        print(f"\nall that differ: {' '.join(str(f[0]) for f in failures[:200])}")


def chosen_seeds(args):
    if args.case is not None:
        return [args.case]
    if args.random:
        start = random.SystemRandom().randrange(10**9)
        print(f"seeds {start}..{start + args.random}")
        return range(start, start + args.random)
    low, _, high = args.seeds.partition("..")
    return range(int(low), int(high or int(low) + 1))


def options_of(argv):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--program", required=True)
    parser.add_argument("--level", choices=("common", "full", "second"),
                        default="full", help="second: the cases of second.py")
    parser.add_argument("--seeds", default="0..200", help="LOW..HIGH, HIGH excluded")
    parser.add_argument("--random", type=int, help="this many seeds nobody has seen")
    parser.add_argument("--case", type=int, help="this one seed")
    parser.add_argument("--focus", type=lambda text: tuple(text.split(",")), default=(),
                        help="operators to take much more often: Loop,Softmax")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--execute", action="store_true", help="also check and run results")
    parser.add_argument("--cache", help="folder that keeps cases and references")
    parser.add_argument("--show", type=int, default=5, help="differences to print")
    return parser.parse_args(argv)


def main(argv=None):
    args = options_of(argv)
    parent = args.cache or os.path.join(tempfile.gettempdir(), f"qdqedit-peer-{os.getuid()}")
    root = os.path.join(parent, fingerprint())
    os.makedirs(root, exist_ok=True)
    start = time.time()
    counts, failures = collections.Counter(), []
    for seed, folder, kind, lines in work(args, root, chosen_seeds(args)):
        counts[kind] += 1
        if kind != "different" and not args.cache and args.case is None:
            shutil.rmtree(folder)
        if kind == "different":
            failures.append((seed, folder, lines))
    report(args, counts, failures, time.time() - start)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
