#!/usr/bin/env python3
"""Strict comparison of two ONNX models: compare.py PEER.onnx OURS.onnx.

Every field of every message counts: presence (an unset domain is not an empty
one), order of nodes, attributes, initializers and opset imports, floats by
their bits, tensors by the field that stores them (raw_data, int32_data, ...),
types and shapes of inputs, outputs and value_info, in subgraphs too. Left aside:
where external data lie (their bytes are resolved and compared as raw_data).
Prints the first N differences; exit code 1 if any.
"""
import argparse
import struct
import sys

import onnx
from google.protobuf import unknown_fields
from onnx import external_data_helper

SHOWN = 60


class Difference(list):
    """The list of differences found, cut off at a limit."""

    def __init__(self, limit):
        super().__init__()
        self.limit = limit

    def full(self):
        return len(self) >= self.limit

    def add(self, place, text):
        if not self.full():
            self.append(f"{place}: {text}")


def load_model(path):
    """(model, whether it had external data), with those in raw_data instead."""
    model = onnx.load(path, load_external_data=False)
    folder = str(path).rpartition("/")[0] or "."
    external = False
    for tensor in external_data_helper._get_all_tensors(model):
        if external_data_helper.uses_external_data(tensor):
            external = True
            external_data_helper.load_external_data_for_tensor(tensor, folder)
            tensor.ClearField("external_data")
            tensor.ClearField("data_location")
    return model, external


def forget_location(model):
    """Drops the DEFAULT that a loader leaves on what was external once."""
    for tensor in external_data_helper._get_all_tensors(model):
        tensor.ClearField("data_location")


def compare_models(a, b, limit=20):
    """Differences of two ModelProtos as a list of lines; empty if equal."""
    found = Difference(limit)
    compare_messages("model", a, b, found)
    return found


def compare_files(path_a, path_b, limit=20):
    (a, external_a), (b, external_b) = load_model(path_a), load_model(path_b)
    if external_a or external_b:
        forget_location(a)
        forget_location(b)
    return compare_models(a, b, limit)


def compare_messages(place, a, b, found):
    for field in a.DESCRIPTOR.fields:
        if found.full():
            continue
        where = f"{place}.{field.name}"
        value_a, value_b = getattr(a, field.name), getattr(b, field.name)
        if is_repeated(field):
            compare_lists(where, field, value_a, value_b, found)
        elif a.HasField(field.name) != b.HasField(field.name):
            found.add(where, f"{presence(field, a)} | {presence(field, b)}")
        elif not a.HasField(field.name):
            continue
        elif field.type == field.TYPE_MESSAGE:
            compare_messages(where, value_a, value_b, found)
        elif not same_scalar(field, value_a, value_b):
            found.add(where, pair(value_a, value_b))
    compare_unknown(place, a, b, found)


def is_repeated(field):
    """Also with protobuf releases that do not have the property yet."""
    if hasattr(field, "is_repeated"):
        return field.is_repeated
    return field.label == field.LABEL_REPEATED


def compare_unknown(place, a, b, found):
    """Fields this schema does not know must be carried over unchanged."""
    sets = [list(unknown_fields.UnknownFieldSet(m)) for m in (a, b)]
    texts = [[(f.field_number, f.wire_type, f.data) for f in s] for s in sets]
    if texts[0] != texts[1]:
        found.add(place, f"unknown fields {texts[0]} | {texts[1]}")


def compare_lists(where, field, a, b, found):
    if field.type != field.TYPE_MESSAGE:
        compare_scalars(where, field, a, b, found)
        return
    if len(a) != len(b):
        found.add(where, f"{len(a)} entries | {len(b)} entries" + only(a, b))
    for i, (x, y) in enumerate(zip(a, b)):
        compare_messages(f"{where}[{i}]{label(x)}", x, y, found)


def compare_scalars(where, field, a, b, found):
    if len(a) != len(b):
        found.add(where, f"{len(a)} values | {len(b)} values"
                         f" ({show(list(a))} | {show(list(b))})")
        return
    for i, (x, y) in enumerate(zip(a, b)):
        if not same_scalar(field, x, y):
            found.add(f"{where}[{i}]", pair(x, y))
            return


def same_scalar(field, x, y):
    """Equality; floats by their bits, so that -0 and NaN are told apart."""
    if isinstance(x, float):
        code = "<f" if field.type == field.TYPE_FLOAT else "<d"
        return struct.pack(code, x) == struct.pack(code, y)
    return x == y


def label(message):
    """A name to find the message by, in quotes, with a node's type."""
    text = ""
    for key in ("name", "domain", "key", "op_type"):
        if key in message.DESCRIPTOR.fields_by_name and getattr(message, key):
            text += f" {getattr(message, key)!r}"
    return f"({text.strip()})" if text else ""


def only(a, b):
    """Which labels stand in one list only, to explain different lengths."""
    sides = [[label(m) for m in side] for side in (a, b)]
    left = [x for x in sides[0] if x not in sides[1]]
    right = [x for x in sides[1] if x not in sides[0]]
    return f"; only first: {' '.join(left)[:300]}; only second: {' '.join(right)[:300]}"


def presence(field, message):
    if not message.HasField(field.name):
        return "unset"
    if field.type == field.TYPE_MESSAGE:
        return "set"
    return show(getattr(message, field.name))


def show(value):
    text = repr(value)
    if isinstance(value, bytes):
        text = f"{len(value)} bytes {value[:SHOWN].hex()}"
    return text if len(text) <= 4 * SHOWN else text[: 4 * SHOWN] + "..."


def pair(a, b):
    """Both values; of byte strings the first place where they differ."""
    if not isinstance(a, bytes) or a == b:
        return f"{show(a)} | {show(b)}"
    same = [x == y for x, y in zip(a, b)] + [False]
    start = max(same.index(False) - 4, 0)
    return (f"at byte {same.index(False)}: {show(a[start:start + 24])}"
            f" | {show(b[start:start + 24])} (of {len(a)} | {len(b)})")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("a")
    parser.add_argument("b")
    parser.add_argument("--limit", type=int, default=20)
    args = parser.parse_args()
    found = compare_files(args.a, args.b, args.limit)
    for line in found:
        print(line)
    if found.full():
        print(f"(stopped at {args.limit} differences)")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
