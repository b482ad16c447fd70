"""Random tensor quantization overrides: by the fixer, by hand, and wrong ones.

Everything is in our JSON form (command-line.md 3).
"""
from dataclasses import dataclass

import reference  # noqa: F401  (silences the peer)

import fixer
from reference import Refused

ZERO_POINTS = {"QUInt8": (0, 255), "QInt8": (-128, 127), "QUInt16": (0, 65535),
               "QInt16": (-32768, 32767), "QUInt4": (0, 15), "QInt4": (-8, 7)}
SHORT = {"QUInt8": "u8", "QInt8": "s8", "QUInt16": "u16", "QInt16": "s16",
         "QUInt4": "u4", "QInt4": "s4"}


@dataclass
class Facts:
    """What overrides may be about, all of the main graph."""
    activations: list     # float tensors that are no initializers
    initializers: dict    # float initializers: name -> dims
    others: list          # tensors of other types
    readers: dict         # tensor -> names of the nodes that read it
    activation_type: str
    symmetric: bool
    f16: bool


def facts_of(model, types, activation_type, symmetric, f16):
    """types: name -> element type of everything that has one."""
    names = {t.name: tuple(t.dims) for t in model.graph.initializer
             if t.data_type in (1, 10)}
    other = {t.name for t in model.graph.initializer}
    readers = {}
    for node in model.graph.node:
        for name in dict.fromkeys(node.input):
            readers.setdefault(name, []).append(node.name)
    activations = [n for n, kind in types.items() if kind in (1, 10) and n not in other]
    others = [n for n, kind in types.items() if kind not in (1, 10) and n not in other]
    return Facts(activations, names, others, readers, activation_type, symmetric, f16)


def wide(kind):
    """The 16-bit type of the same sign."""
    return "QInt16" if kind.startswith("QInt") else "QUInt16"


def seeds(rng, facts, count, kinds):
    chosen = rng.sample(facts.activations, min(count, len(facts.activations)))
    result = {}
    for name in chosen:
        entry = {"quant_type": rng.choice(kinds)}
        if rng.random() < 0.1:
            entry["symmetric"] = True
        result[name] = [entry]
    return result


def fixed(rng, model, facts):
    """(consistent overrides, seeds): the fixer on a few tensor seeds; none of
    either if it refuses."""
    kinds = [wide(facts.activation_type)] * 4 + ["QUInt16", "QInt8"]
    for _ in range(4):
        start = seeds(rng, facts, rng.choice([1, 1, 2, 2, 3]), [rng.choice(kinds)])
        try:
            result = fixer.fix(model, start, facts.activation_type, facts.symmetric)
            return result, [seed_text(name, entries[0]) for name, entries in start.items()]
        except Refused:
            continue
    return {}, []


def seed_text(name, entry):
    return f"{name}={entry['quant_type']}{',symmetric' if 'symmetric' in entry else ''}"


def number(rng, facts, low, high):
    """A decimal; of few digits, so that it means the same in every reader."""
    value = round(rng.uniform(low, high), 4)
    return [value] if rng.random() < 0.05 else value


def spelled(rng, kind):
    return rng.choice([kind] * 6 + [kind.lower(), SHORT[kind]])


def parameters(rng, facts, kind, entry):
    """Adds scale and zero point, or symmetric, rmin, rmax."""
    low, high = ZERO_POINTS[kind]
    style = rng.choice(["none", "none", "scale", "symmetric", "range", "rmin", "rmax"])
    if style == "scale":
        entry["quant_type"] = entry.get("quant_type", kind)
        entry["scale"] = number(rng, facts, 0.001, 0.5)
        entry["zero_point"] = rng.choice([0, low, high, rng.randint(low, high)])
    elif style == "symmetric":
        entry["symmetric"] = rng.choice([True, True, False])
    if style in ("range", "rmin"):
        entry["rmin"] = number(rng, facts, -4, -0.1)
    if style in ("range", "rmax"):
        entry["rmax"] = number(rng, facts, 0.1, 4)


def activation_entry(rng, facts, name):
    base = facts.activation_type
    entry = {}
    kind = base
    if rng.random() < 0.7:
        kind = rng.choice(["QUInt8", "QInt8", "QUInt16", "QInt16", "QUInt16", "QUInt4"])
        entry["quant_type"] = spelled(rng, kind)
    parameters(rng, facts, kind, entry)
    if rng.random() < 0.45:
        others = [k for k in ("QUInt8", "QInt8", "QUInt16", "QInt16") if k != kind]
        convert = {"quant_type": rng.choice(others)}
        if rng.random() < 0.3:
            parameters(rng, facts, convert["quant_type"], convert)
        names = [n for n in facts.readers.get(name, []) if n]
        if names and rng.random() < 0.75:
            some = rng.sample(names, rng.randint(1, len(names)))
            convert["recv_nodes"] = [n for n in names if n in some]
        elif rng.random() < 0.15:
            convert["recv_nodes"] = []
        entry["convert"] = convert
    return entry


def initializer_entries(rng, facts, name):
    dims = facts.initializers[name]
    kind = rng.choice(["QInt8", "QUInt8", "QInt16", "QUInt16", "QInt4", "QUInt4"])
    first = {}
    if rng.random() < 0.6:
        first["quant_type"] = spelled(rng, kind)
    elif rng.random() < 0.5:
        kind = None
    parameters(rng, facts, kind or "QInt8", first)
    if kind is None and "scale" in first:
        first["zero_point"] = 0
    if "scale" not in first and rng.random() < 0.25:
        first["reduce_range"] = rng.choice([True, True, False])
    if not dims or rng.random() < 0.5:
        return [first]
    return channels(rng, facts, dims, first)


def channels(rng, facts, dims, first):
    """Per-channel entries: one for all, or one for each channel."""
    axis = rng.randrange(len(dims))
    first["axis"] = axis - len(dims) if rng.random() < 0.2 else axis
    if "rmin" in first or "rmax" in first:
        first.setdefault("rmin", -1.0)
        first.setdefault("rmax", 1.0)
    if rng.random() < 0.4:
        return [first]
    entries = [first]
    for _ in range(dims[axis] - 1):
        entry = {k: first[k] for k in ("quant_type", "symmetric", "reduce_range")
                 if k in first and rng.random() < 0.5}
        if "scale" in first:
            entry["scale"] = number(rng, facts, 0.001, 0.5)
            entry["zero_point"] = first["zero_point"]
        if "rmin" in first:
            entry["rmin"] = number(rng, facts, -4, -0.1)
            entry["rmax"] = number(rng, facts, 0.1, 4)
        entries.append(entry)
    return entries


def arbitrary(rng, facts):
    """Overrides of all kinds, each by itself valid."""
    result = {}
    for name in rng.sample(facts.activations, min(rng.randint(0, 3), len(facts.activations))):
        result[name] = [activation_entry(rng, facts, name)]
    names = sorted(facts.initializers)
    for name in rng.sample(names, min(rng.randint(0, 2), len(names))):
        result[name] = initializer_entries(rng, facts, name)
    if facts.others and rng.random() < 0.03:
        result[rng.choice(facts.others)] = [{"quant_type": "QUInt16"}]
    items = list(result.items())
    rng.shuffle(items)
    return dict(items)


# ---- wrong ones: each takes the entries of one tensor and spoils them

def spoil_unknown(rng, overrides, facts, name):
    overrides["no such tensor"] = [{"quant_type": "QUInt16"}]


def spoil_key(rng, overrides, facts, name):
    overrides[name][0]["quant_typ"] = "QUInt8"


def spoil_half(rng, overrides, facts, name):
    overrides[name][0] = {"scale": 0.1}


def spoil_both(rng, overrides, facts, name):
    overrides[name][0] = {"quant_type": "QUInt8", "scale": 0.1, "zero_point": 3,
                          rng.choice(["rmin", "rmax"]): 0.0}


def spoil_reduce(rng, overrides, facts, name):
    overrides[name] = [{"reduce_range": True}]


def spoil_convert(rng, overrides, facts, name):
    overrides[name] = [{"quant_type": "QUInt8", "convert": {"quant_type": "QUInt8"}}]


def spoil_convert_type(rng, overrides, facts, name):
    overrides[name] = [{"quant_type": "QUInt8", "convert": {"symmetric": True}}]


def spoil_reader(rng, overrides, facts, name):
    kind = "QUInt16" if facts.activation_type != "QUInt16" else "QUInt8"
    overrides[name] = [{"convert": {"quant_type": kind, "recv_nodes": ["nobody"]}}]


def spoil_scale(rng, overrides, facts, name):
    overrides[name] = [{"quant_type": "QUInt8", "scale": rng.choice([0.0, -0.5]),
                        "zero_point": 1}]


def spoil_zero_point(rng, overrides, facts, name):
    overrides[name] = [{"quant_type": "QUInt8", "scale": 0.5,
                        "zero_point": rng.choice([256, -1])}]


def spoil_range(rng, overrides, facts, name):
    overrides[name] = [{"rmin": 1.0, "rmax": -1.0}]


def spoil_axis(rng, overrides, facts, name):
    overrides[name] = [{"axis": 7 if name in facts.initializers else 0}]


def spoil_count(rng, overrides, facts, name):
    overrides[name] = [{"axis": 0}, {}, {}, {}, {}, {}, {}, {}]


def spoil_channel_type(rng, overrides, facts, name):
    dims = facts.initializers.get(name, (2,)) or (1,)
    entries = [{"axis": 0, "quant_type": "QInt8"}] + [{} for _ in range(dims[0] - 1)]
    entries[-1] = {**entries[-1], "axis": 0,
                   **({"quant_type": "QUInt8"} if len(entries) > 1 else {"convert": {}})}
    overrides[name] = entries


def spoil_list(rng, overrides, facts, name):
    overrides[name] = rng.choice([{"quant_type": "QUInt8"}, [], ["QUInt8"]])


SPOILERS = [f for n, f in sorted(globals().items()) if n.startswith("spoil_")]


def spoiled(rng, overrides, facts):
    """One mistake in otherwise good overrides, at any place of the map."""
    names = list(overrides) or facts.activations[:3] + sorted(facts.initializers)[:2]
    if not names:
        return overrides
    name = rng.choice(names)
    overrides.setdefault(name, [{}])
    rng.choice(SPOILERS)(rng, overrides, facts, name)
    return overrides


