#!/usr/bin/env python3
"""Compares the program's shape inference with onnx's: models of infer_cases.py go through
onnx.shape_inference.infer_shapes and through tests/infer_dump; every output of a node must
have the same kind, element type and extents.

  infer.py --dump BUILD/tests/infer_dump --seeds 0..400 [--op NAME] [--keep FOLDER]

Seeds go through all versions of all operators in turn. Prints what differs; exit code 1
if anything does, or if a third of the cases or more could not be compared."""
import argparse
import collections
import os
import pickle
import subprocess
import sys
import tempfile

import onnx

import infer_cases
import infer_wraps

LOWEST, HIGHEST = 7, 27
TENSOR, SEQUENCE, OPTIONAL, OPTIONAL_SEQUENCE, SPARSE, OTHER = range(6)


def options():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--dump", required=True)
    parser.add_argument("--seeds", default="0..400")
    parser.add_argument("--op")
    parser.add_argument("--keep")
    parser.add_argument("--show", type=int, default=20)
    return parser.parse_args()


def flattened(type_proto):
    """(kind, the type of the tensors or None)"""
    kind, field = TENSOR, type_proto.WhichOneof("value")
    if field == "optional_type":
        kind, type_proto = OPTIONAL, type_proto.optional_type.elem_type
        field = type_proto.WhichOneof("value")
    if field == "sequence_type":
        kind = OPTIONAL_SEQUENCE if kind == OPTIONAL else SEQUENCE
        type_proto = type_proto.sequence_type.elem_type
        field = type_proto.WhichOneof("value")
    if field == "tensor_type":
        return kind, type_proto.tensor_type
    return (OTHER if field else TENSOR), None


def text_of(dim):
    return str(dim.dim_value) if dim.HasField("dim_value") else dim.dim_param or "?"


def theirs(value):
    """As infer_dump prints it: kind, element type, shape."""
    kind, tensor = flattened(value.type)
    if tensor is None:
        return str(kind), None, "-"
    shape = "-"
    if tensor.HasField("shape"):
        shape = ",".join(text_of(d) for d in tensor.shape.dim)
    return str(kind), str(tensor.elem_type), shape


def infer(model):
    """What onnx says of each value; None if it refuses the model as a whole."""
    try:
        inferred = onnx.shape_inference.infer_shapes(model)
    except Exception:  # whatever onnx raises
        return None
    values = list(inferred.graph.value_info) + list(inferred.graph.output)
    return {v.name: theirs(v) for v in values}


def infer_all(models):
    """The same of many, in a process of its own: some models crash onnx, which counts as
    refused."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reader)
        with os.fdopen(writer, "wb") as out:
            pickle.dump([infer(m) for m in models], out)
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader, "rb") as given:
        text = given.read()
    if os.waitpid(child, 0)[1] == 0:
        return pickle.loads(text)
    if len(models) == 1:
        return [None]
    half = len(models) // 2
    return infer_all(models[:half]) + infer_all(models[half:])


def run(dump, paths):
    """What the program says: {path: {name: (kind, type, shape)}}"""
    result, current = {}, None
    for start in range(0, len(paths), 200):
        done = subprocess.run([dump] + paths[start:start + 200], capture_output=True,
                              text=True, check=True)
        for line in done.stdout.splitlines():
            if line.startswith("== "):
                current = result.setdefault(line[3:], {})
            elif "\t" in line:
                name, *rest = line.split("\t")
                current[name] = tuple(rest)
    return result


def differences(model, expected, actual):
    for node in model.graph.node:
        for name in filter(None, node.output):
            want = expected.get(name, ("0", "0", "-"))
            have = actual.get(name)
            if have is None or have[0] != want[0] or (
                    want[1] is not None and have[1:] != want[1:]):
                yield node, name, want, have


def cases(args):
    every = infer_cases.schemas(LOWEST, HIGHEST)
    if args.op:
        every = [p for p in every if p[0].name == args.op]
    first, last = (int(s) for s in args.seeds.split(".."))
    for seed in range(first, last):
        schema, newest = every[seed % len(every)]
        ml = None
        opset = max(LOWEST, schema.since_version)
        if schema.domain:
            ml, opset = schema.since_version, 15
        elif seed // len(every) % 2:
            opset = min(newest, HIGHEST)
        model = infer_cases.make(schema, opset, seed, ml)
        if seed % 3 == 2:
            model = infer_wraps.wrap(model, seed) or model
        if seed % 9 == 8:
            model = infer_wraps.wrap(model, seed + 1) or model
        yield seed, schema, model


def main():
    args = options()
    folder = args.keep or tempfile.mkdtemp()
    os.makedirs(folder, exist_ok=True)
    models, skipped = {}, 0
    every = list(cases(args))
    found = infer_all([model for _, _, model in every])
    for (seed, schema, model), expected in zip(every, found):
        if expected is None:
            skipped += 1
            continue
        path = os.path.join(folder, f"{seed}.onnx")
        with open(path, "wb") as out:
            out.write(model.SerializeToString())
        models[path] = (seed, schema, model, expected)
    results = run(args.dump, list(models))
    wrong = collections.Counter()
    shown = 0
    for path, (seed, schema, model, expected) in models.items():
        for node, name, want, have in differences(model, expected, results[path]):
            key = f"{schema.domain}:{schema.name}@{schema.since_version}"
            wrong[key] += 1
            shown += 1
            if shown <= args.show:
                print(f"seed {seed} {key}: {node.op_type} {name}: onnx {want}, ours {have}")
        if not args.keep:
            os.unlink(path)
    print(f"{len(models)} compared, {skipped} not, {sum(wrong.values())} differ")
    for key, count in wrong.most_common():
        print(f"  {key} {count}")
    return 1 if wrong or skipped * 3 > len(models) else 0


if __name__ == "__main__":
    sys.exit(main())
