#!/usr/bin/env python3
"""Opens again what the peer quantized.

    requantized.py --program P --cache FOLDER [--seeds N] MODEL [RANGES]

For N seeds: the peer quantizes MODEL with mixed overrides of its fixer. Then
- `import` gives those overrides back: types, conversions, readers;
- the model quantized again with what was imported is the peer's;
- rewritten without a change it is the same file, byte for byte;
- after one changed type it differs from it only there: what was planned is found in
  it, all else is as it was, and ONNX Runtime runs it.
RANGES: measured by the peer when they are not given.
"""
import argparse
import filecmp
import json
import os
import random
import subprocess
import sys

import reference
import onnx

import formats
import measure
import real

HERE = os.path.dirname(os.path.abspath(__file__))
CHECK = os.path.join(HERE, "..", "unit", "qdq_check.py")
OPTIONS = [
    {"activation-type": "QUInt8", "weight-type": "QInt8"},
    {"activation-type": "QInt8", "weight-type": "QInt8", "per-channel": True,
     "op-types": "all"},
    {"activation-type": "QUInt8", "weight-type": "QUInt8",
     "set": {"QDQKeepRemovableActivations": True}},
]


def ask(*command):
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"{' '.join(command)}: {done.returncode} {done.stdout}{done.stderr}")
    return done.stdout


def words_of(options):
    words = []
    for name, value in options.items():
        if name == "set":
            for key, one in value.items():
                words += ["--set", f"{key}={one}"]
        elif value is True:
            words.append(f"--{name}")
        else:
            words += [f"--{name}", value]
    return words


def plain(entries):
    """Type, converted type and readers of each tensor."""
    found = {}
    for tensor, (entry, *_) in entries.items():
        convert = entry.get("convert") or {}
        found[tensor] = [entry.get("quant_type"), convert.get("quant_type"),
                         sorted(convert.get("recv_nodes", []))]
    return found


def stored_types(path):
    """The element types in which the peer stored each float tensor."""
    graph = onnx.load(path, load_external_data=False).graph
    kinds = {i.name: i.data_type for i in graph.initializer}
    stored = {i.name.removesuffix("_quantized"): {i.data_type} for i in graph.initializer}
    for node in graph.node:
        if node.op_type in ("QuantizeLinear", "DequantizeLinear"):
            name = (node.input if node.op_type == "QuantizeLinear" else node.output)[0]
            if node.input[1].startswith(name.removesuffix("_QuantizeLinear_Input")):
                stored.setdefault(name, set()).add(kinds[node.input[2]])
    return stored


def read_names(path):
    """Everything that a node reads, or that is an output."""
    graph = onnx.load(path, load_external_data=False).graph
    return {name for node in graph.node for name in node.input} | {o.name for o in graph.output}


def without_dead_conversions(entries, read, base):
    """A conversion that no node reads has no effect: after an opset raise other nodes
    read the tensor."""
    kept = {}
    for tensor, entry in entries.items():
        if entry[1] and f"{tensor}_convert_DequantizeLinear_Output" not in read:
            entry = [entry[0], None, []]
        if entry != [base, None, []]:
            kept[tensor] = entry
    return kept


def has_effect(tensor, entry, stored):
    """An entry of a tensor that stays float, or shares another's scale, has none."""
    kind = formats.quant_type(entry[0]).tensor_type
    return kind in stored.get(tensor, ()) or (entry[1] and tensor in stored)


def has_other_base(program, quantized, options):
    """In small models most tensors may be promoted: then that type counts as the base."""
    base = json.loads(ask(program, "bounds", quantized, "--json"))["base"]
    return base != options["activation-type"]


def is_unsayable(tensor, entry, stored):
    """A tensor that shares a scale ignores its own type and may be converted to the type
    that it has: no overrides say so, and the pair stays as it is."""
    return entry[1] and stored.get(tensor) == {formats.quant_type(entry[1]).tensor_type}


def check_import(program, model, quantized, overrides, options, folder):
    got, ranges = (os.path.join(folder, f) for f in ("got.json", "got_ranges.json"))
    again = os.path.join(folder, "again.onnx")
    ask(program, "import", quantized, model, "--save-ranges", ranges, "-o", got, "--force")
    wanted, found = plain(overrides), plain(formats.read_json(got))
    stored, read = stored_types(quantized), read_names(quantized)
    made_with = wanted
    wanted = without_dead_conversions(wanted, read, options["activation-type"])
    if any(is_unsayable(tensor, entry, stored) for tensor, entry in wanted.items()):
        print("converted to its own type")
        return
    for tensor in {**wanted, **found}:
        if wanted.get(tensor) != found.get(tensor) and (
                tensor in found or has_effect(tensor, wanted[tensor], stored)):
            sys.exit(f"{tensor}: made with {wanted.get(tensor)}, got {found.get(tensor)}")
    if any(wanted.get(tensor, [0, 0])[1] != entry[1] for tensor, entry in made_with.items()):
        print("a conversion for nobody")
        return
    ask(program, "quantize", model, "-r", ranges, "-c", got, "--ort-compatible", "-o", again,
        "--force", *words_of(options))
    ask(sys.executable, os.path.join(HERE, "compare.py"), quantized, again)


def check_rewriting(program, quantized, folder, rng):
    same, one = (os.path.join(folder, f) for f in ("same.onnx", "one.onnx"))
    ask(program, "quantize", quantized, "-o", same, "--force")
    if not filecmp.cmp(quantized, same, shallow=False):
        sys.exit(f"{quantized}: a copy without changes differs")
    nodes = [g["tensor"] for g in json.loads(ask(program, "info", quantized, "--json"))
             ["quantized"]["groups"] if g["kind"] == "activation" and "converted" not in g
             and g["stored"]["type"] != "QUInt16"]
    for _ in range(10):
        seed = f"{rng.choice(nodes)}=QUInt16"
        done = subprocess.run([program, "check", quantized, "--seed", seed],
                              capture_output=True, text=True)
        if done.returncode == 0:
            break
    ask(sys.executable, CHECK, "plan", program, quantized, one, seed)
    changed = ask(sys.executable, CHECK, "diff", quantized, one).splitlines()
    if not changed or len(changed) > 80 or any("order" in line or line.startswith("model")
                                               for line in changed):
        sys.exit(f"{seed}: changed {changed}")
    print(seed, len(changed), ask(sys.executable, CHECK, "sound", quantized, one).strip())


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--program", required=True)
    parser.add_argument("--cache", required=True)
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("model")
    parser.add_argument("ranges", nargs="?")
    args = parser.parse_args()
    os.makedirs(args.cache, exist_ok=True)
    ranges_path = args.ranges or measure.ranges_file(args.model, args.cache)
    model, ranges = onnx.load(args.model), formats.read_json(ranges_path)
    ranges["data"] = dict(sorted(ranges["data"].items()))  # the same choices every time
    for number in range(args.seeds):
        rng = random.Random(f"{os.path.basename(args.model)}/{number}")
        options = OPTIONS[number % len(OPTIONS)]
        overrides, seeds = real.overrides_for(model, ranges, rng, options)
        print(number, seeds, options)
        quantized = os.path.join(args.cache, "quantized.onnx")
        reference.quantize(args.model, ranges_path, overrides, options, quantized)
        if has_other_base(args.program, quantized, options):
            print("most of it has another type")
            continue
        check_import(args.program, args.model, quantized, overrides, options, args.cache)
        check_rewriting(args.program, quantized, args.cache, rng)
    return 0


if __name__ == "__main__":
    sys.exit(main())
