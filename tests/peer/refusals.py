"""What qdqedit must refuse although the peer accepts it (command-line.md 3).

Written from the rules of qdq-semantics.md 4.2 to 4.4, without looking at the
peer's or our code: every tensor is examined, not only the first.
"""
import math

import formats

LIMITS = {"QUInt8": (0, 255), "QInt8": (-128, 127), "QUInt16": (0, 65535),
          "QInt16": (-32768, 32767), "QUInt4": (0, 15), "QInt4": (-8, 7)}
BESIDE_SCALE = ("symmetric", "reduce_range", "rmin", "rmax")


class Checker:
    """faults: must be refused; doubts: may be refused (the page is silent)."""

    def __init__(self, options):
        self.default = formats.option_type(options, "activation-type", "QUInt8").name
        self.faults = []
        self.doubts = []

    def fault(self, name, text):
        self.faults.append(f"{name}: {text}")

    def type_of(self, entry, default):
        text = entry.get("quant_type")
        return formats.quant_type(text).name if text else default

    # ---- one entry

    def numbers(self, name, entry, default):
        """Values that the peer does not look at."""
        for key in entry:
            if key not in formats.ENTRY_KEYS:
                self.fault(name, f"unknown key {key}")
        values = {k: formats.scalar(entry[k]) for k in
                  ("scale", "zero_point", "rmin", "rmax") if k in entry}
        for key, value in values.items():
            if not math.isfinite(value):
                self.fault(name, f"{key} not finite")
        if values.get("scale", 1) <= 0:
            self.fault(name, "scale not positive")
        if values.get("rmin", 0) > values.get("rmax", math.inf):
            self.fault(name, "rmin above rmax")
        kind = self.type_of(entry, default)
        if "zero_point" in values and kind:
            low, high = LIMITS[kind]
            if not low <= values["zero_point"] <= high:
                self.fault(name, "zero point outside its type")

    def pairing(self, name, entry):
        """T3 and T4, C6 and C7."""
        if ("scale" in entry) != ("zero_point" in entry):
            self.fault(name, "T3")
        elif "scale" in entry and any(k in entry for k in BESIDE_SCALE):
            self.fault(name, "T4")

    # ---- one tensor

    def activation(self, name, entry, readers):
        self.numbers(name, entry, self.default)
        self.pairing(name, entry)
        if "reduce_range" in entry:
            self.fault(name, "T5")
        convert = entry.get("convert")
        if convert is None:
            return
        self.numbers(name, convert, None)
        self.pairing(name, convert)
        if "quant_type" not in convert:
            self.fault(name, "T7")
        elif self.type_of(convert, None) == self.type_of(entry, self.default):
            self.fault(name, "T9")
        if "reduce_range" in convert:
            self.fault(name, "T8")
        for reader in convert.get("recv_nodes", ()):
            if not any(reader in known for known in readers):
                self.fault(name, f"{reader} is no reader")
            elif not all(reader in known for known in readers):
                self.doubts.append(f"{name}: {reader} reads it on one side of the raise")

    def initializer(self, name, entries, dims):
        first = entries[0]
        for entry in entries:
            self.numbers(name, entry, self.type_of(first, None))
            if "convert" in entry:
                self.fault(name, "T6, C5, C10")
        self.pairing(name, first)
        if len(entries) == 1 and first.get("axis") is None:
            return
        axis = first.get("axis")
        if axis is None:
            self.fault(name, "C2")
            return
        normal = axis + len(dims) if axis < 0 else axis
        if not 0 <= normal < len(dims):
            self.fault(name, "C3")
        elif len(entries) not in (1, dims[normal]):
            self.fault(name, "C4")
        if ("rmin" in first) != ("rmax" in first):
            self.fault(name, "C8")
        for entry in entries[1:]:
            self.channel(name, first, entry, (axis, normal))

    def channel(self, name, first, entry, axes):
        """C11 to C17 for one further entry."""
        if "quant_type" in entry and (self.type_of(entry, None)
                                      != self.type_of(first, None)):
            self.fault(name, "C11")
        if "axis" in entry and entry["axis"] not in axes:
            self.fault(name, "C12")
        for key in ("symmetric", "reduce_range"):
            if key in entry and entry[key] != first.get(key):
                self.fault(name, "C13, C14")
        whole = lambda e, a, b: a in e and b in e
        if whole(first, "scale", "zero_point") and not whole(entry, "scale", "zero_point"):
            self.fault(name, "C15")
        if whole(entry, "scale", "zero_point") and any(k in entry for k in BESIDE_SCALE):
            self.fault(name, "C16")
        if whole(first, "rmin", "rmax") and not whole(entry, "rmin", "rmax"):
            self.fault(name, "C17")

    def tensor(self, name, entries, facts):
        if not isinstance(entries, list) or not all(isinstance(e, dict) for e in entries):
            self.fault(name, "T1, T2, C9")
            return
        known = [name in f.known for f in facts]
        if not any(known):
            self.fault(name, "no such tensor")
            return
        if not all(known):
            self.doubts.append(f"{name}: known on one side of the raise")
        if not entries:
            self.doubts.append(f"{name}: empty list")
        elif name in facts[0].initializers:
            self.initializer(name, entries, facts[0].initializers[name])
        elif len(entries) > 1 or entries[0].get("axis") is not None:
            self.fault(name, "C1")
        else:
            self.activation(name, entries[0], [f.readers.get(name, ()) for f in facts])


class ModelFacts:
    """Names, initializers and readers of a main graph (types: name -> type)."""

    def __init__(self, model, types):
        self.initializers = {t.name: list(t.dims) for t in model.graph.initializer}
        self.known = set(types) | set(self.initializers)
        self.readers = {}
        for node in model.graph.node:
            for name in node.input:
                self.readers.setdefault(name, set()).add(node.name)


def examine(overrides, options, facts):
    """Checker over all tensors; facts: of the model before and after the raise."""
    checker = Checker(options)
    for name, entries in overrides.items():
        checker.tensor(name, entries, facts)
    return checker
