#!/usr/bin/env python3
"""The default mode on random cases: default.py --program P [--seeds 0..500].

What the program writes without --ort-compatible must be valid: onnx.checker
(with type inference) accepts it if it accepted the input, and ONNX Runtime
loads and runs it if it ran the input and runs the peer's. When the program tells of no mending,
the model must be the peer's own but for the metadata of our own. Prints what
fails and why things were refused; exit code 1 if anything fails.
"""
import argparse
import collections
import os
import shlex
import shutil
import subprocess
import sys
import tempfile
import time

import reference  # noqa: F401  (first: it silences the peer)
import onnx

import compare
import formats
import run
import validity

OURS = "qdqedit."


def without_extras(model):
    """Without our metadata and what the peer's raise loses and ours keeps."""
    del model.functions[:]
    kept = [p for p in model.metadata_props if not p.key.startswith(OURS)]
    del model.metadata_props[:]
    model.metadata_props.extend(kept)
    del model.graph.metadata_props[:]
    del model.graph.quantization_annotation[:]
    forget_texts(model.graph)
    return model


def forget_texts(graph):
    del graph.value_info[:]
    for message in (*graph.node, *graph.initializer):
        message.ClearField("doc_string")
        del message.metadata_props[:]
    for node in graph.node:
        for attribute in node.attribute:
            if attribute.HasField("g"):
                forget_texts(attribute.g)


def quantize(program, folder):
    """(exit code, standard error, output) of the default mode on a case.

    Not with seeds: the default mode closes them over differently."""
    options = formats.read_json(os.path.join(folder, "options.json"))
    output = os.path.join(folder, "default.onnx")
    command = run.arguments(folder, options, output, seeded=False)
    command.remove("--ort-compatible")
    if os.path.exists(output):  # of an earlier program
        os.unlink(output)
    done = subprocess.run(shlex.split(program) + command, capture_output=True, timeout=60,
                          check=False)
    return done.returncode, done.stderr.decode("utf-8", "replace"), output


def take_declared(peer, ours, source):
    """Forgets what the peer inferred of inputs and outputs, where ours declares them
    as the source does."""
    for field in ("input", "output"):
        declared = {v.name: v.type for v in getattr(source, field)}
        for a, b in zip(getattr(peer, field), getattr(ours, field)):
            if a.name == b.name and b.type == declared.get(b.name):
                a.type.CopyFrom(b.type)
    bodies = [[a.g for node in graph.node for a in node.attribute if a.HasField("g")]
              for graph in (peer, ours, source)]
    for graphs in zip(*bodies):
        take_declared(*graphs)


def examine(folder, output, told):
    """Lines about an output that is not as it should be."""
    source = os.path.join(folder, "model.onnx")
    other = os.path.join(folder, "reference.onnx")
    lines = validity.faults(source, output, other)
    if not told and os.path.exists(other):
        a, b = (without_extras(compare.load_model(p)[0]) for p in (other, output))
        take_declared(a.graph, b.graph, onnx.load(source, load_external_data=False).graph)
        compare.forget_location(a)
        compare.forget_location(b)
        lines += [f"no mending told, but {line}" for line in compare.compare_models(a, b, 3)]
    return lines


def judge(folder, code, text, output, counts, reasons):
    verdict = formats.read_json(os.path.join(folder, "verdict.json"))
    told = [line for line in text.splitlines()
            if ": note: " in line and "has Q and DQ already" not in line]
    if code == 0:
        lines = examine(folder, output, told)
        counts["mended" if told else "plain"] += 1
        return lines
    if code != 1 or os.path.exists(output):
        return [f"exit code {code}: {text[:300]}"]
    if verdict["refused"] is None and not verdict["faults"]:
        counts["refused though the peer accepts"] += 1
        reasons[text.partition(": ")[2].strip()[-110:]] += 1
    else:
        counts["refused"] += 1
    return []


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--program", required=True)
    parser.add_argument("--level", choices=("common", "full"), default="full")
    parser.add_argument("--seeds", default="0..200")
    parser.add_argument("--random", type=int)
    parser.add_argument("--case", type=int)
    parser.add_argument("--cache")
    parser.add_argument("--show", type=int, default=10)
    args = parser.parse_args()
    counts, reasons, failed = collections.Counter(), collections.Counter(), []
    start = time.time()
    with tempfile.TemporaryDirectory() as temporary:
        root = os.path.join(args.cache or temporary, run.fingerprint())
        for seed in run.chosen_seeds(args):
            folder = run.prepare(seed, args.level, root)
            lines = judge(folder, *quantize(args.program, folder), counts, reasons)
            if lines:
                failed.append(seed)
            for line in lines if len(failed) <= args.show else ():
                print(f"seed {seed}: {line}")
            if not args.cache:
                shutil.rmtree(folder)
    print(f"{sum(counts.values())} cases in {time.time() - start:.0f} s: {dict(counts)};"
          f" {len(failed)} fail: {failed[:50]}")
    for reason, count in reasons.most_common(15):
        print(f"  {count} refused: {reason}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())


