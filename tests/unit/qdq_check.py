#!/usr/bin/env python3
"""What a rewriting changed in a quantized model, and whether the result is sound.

    qdq_check.py diff BEFORE AFTER     one line for each message that is not the same
    qdq_check.py sound BEFORE AFTER    onnx.checker, and both run by ONNX Runtime: prints
                                       "sound" and the SQNR of the outputs in dB
    qdq_check.py plan PROGRAM MODEL RESULT SEED...
                                       MODEL rewritten with the seeds; what was planned
                                       must be what is found in RESULT

Nodes and initializers are compared by what they write, all else as a whole; an order
that is not the same is a difference too.
"""
import json
import os
import subprocess
import sys

os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")

import numpy as np  # noqa: E402
import onnx  # noqa: E402


def key_of(item):
    return item.output[0] if isinstance(item, onnx.NodeProto) else item.name


def compare_lists(word, before, after):
    old = {key_of(x): x.SerializeToString(deterministic=True) for x in before}
    new = {key_of(x): x.SerializeToString(deterministic=True) for x in after}
    for key in [*old, *(k for k in new if k not in old)]:
        if key not in new:
            print(word, "gone", key)
        elif key not in old:
            print(word, "new", key)
        elif old[key] != new[key]:
            print(word, "changed", key)
    kept = [key_of(x) for x in before if key_of(x) in new]
    if kept != [key_of(x) for x in after if key_of(x) in old]:
        print(word, "order")


def diff(before, after):
    lists = {"node": "node", "initializer": "initializer", "value": "value_info",
             "input": "input", "output": "output"}
    for word, field in lists.items():
        compare_lists(word, getattr(before.graph, field), getattr(after.graph, field))
    for model in (before, after):
        for field in lists.values():
            model.graph.ClearField(field)
    for field in before.DESCRIPTOR.fields:
        a, b = getattr(before, field.name), getattr(after, field.name)
        if a != b:
            print("model", field.name)


def feeds_of(session):
    rng = np.random.default_rng(1)
    kinds = {"tensor(float)": np.float32, "tensor(float16)": np.float16,
             "tensor(int64)": np.int64}
    shapes = {4: [1, 3, 64, 128]}
    feeds = {}
    for value in session.get_inputs():
        shape = [d if isinstance(d, int) else shapes.get(len(value.shape), [1] * 9)[i]
                 for i, d in enumerate(value.shape)]
        feeds[value.name] = rng.normal(0, 0.6, shape).astype(kinds[value.type])
    return feeds


def run(path):
    import onnxruntime as ort

    options = ort.SessionOptions()
    options.log_severity_level = 4
    options.intra_op_num_threads = 1
    session = ort.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    return session.run(None, feeds_of(session))


def sound(before, after):
    onnx.checker.check_model(after)
    noise = signal = 0.0
    try:
        outputs = run(before)
    except Exception:
        print("sound, but neither runs")
        return
    for a, b in zip(outputs, run(after)):
        noise += float(np.sum((a.astype(np.float64) - b) ** 2))
        signal += float(np.sum(a.astype(np.float64) ** 2))
    print("sound", "inf" if noise == 0 else round(10 * np.log10(signal / noise), 1))


def ask(*command):
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"{' '.join(command)}: {done.stderr}")
    return done.stdout


def groups_of(program, path):
    """Stored and converted type of each tensor that is stored as integers."""
    groups = json.loads(ask(program, "info", path, "--json"))["quantized"]["groups"]
    return {g["tensor"]: [g["stored"]["type"], g.get("converted", {}).get("type")]
            for g in groups}


def readers_of(program, path, *words):
    """Readers of each conversion."""
    bounds = json.loads(ask(program, "bounds", path, "--json", *words))["boundaries"]
    return {b["tensor"]: sorted(b["readers"]) for b in bounds}


def plan(program, model, result, *seeds):
    words = [word for seed in seeds for word in ("--seed", seed)]
    ask(program, "quantize", model, "-o", result, "--force", *words)
    before, found = groups_of(program, model), groups_of(program, result)
    wanted = {name: [stored, None] for name, (stored, _) in before.items()}
    for tensor, (entry, *_) in json.loads(ask(program, "promote", model, *seeds)).items():
        wanted[tensor] = [entry.get("quant_type"), entry.get("convert", {}).get("quant_type")]
    for tensor in {**wanted, **found}:
        if wanted.get(tensor) != found.get(tensor):
            sys.exit(f"{tensor}: planned {wanted.get(tensor)}, found {found.get(tensor)}")
    there, planned = readers_of(program, result), readers_of(program, model, *words)
    if there != planned:
        sys.exit(f"conversions: planned {planned}, found {there}")
    print("planned", len(planned))


if __name__ == "__main__":
    if sys.argv[1] == "diff":
        diff(*(onnx.load(path, load_external_data=False) for path in sys.argv[2:4]))
    elif sys.argv[1] == "plan":
        plan(*sys.argv[2:])
    else:
        sound(*sys.argv[2:4])
