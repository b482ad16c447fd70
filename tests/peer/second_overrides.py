"""Overrides of the second generator: every form on every kind of tensor.

JSON objects (command-line.md 3), most of them valid by themselves; whether they fit
the model and each other is left to the two quantizers.
"""
from onnx import TensorProto

KINDS = ["QUInt8", "QInt8", "QUInt16", "QInt16", "QUInt4", "QInt4"]
LIMITS = {"QUInt8": (0, 255), "QInt8": (-128, 127), "QUInt16": (0, 65535),
          "QInt16": (-32768, 32767), "QUInt4": (0, 15), "QInt4": (-8, 7)}
SCALES = [0.5, 1.0, 0.25, 3.0, 1e-3, 1e-6, 1e-30, 1e-40, 1e20, 65504.0, 0.33333334]
ENDS = [0.0, 1.0, 0.5, 2.0, 1e-3, 1e-30, 1e30, 100.0]
FLOATS = (TensorProto.FLOAT, TensorProto.FLOAT16)


def parameters(rng, entry, kind):
    """One of the ways to say parameters, put into an entry of this type."""
    way = rng.choice(["", "", "given", "given", "low", "high", "both", "symmetric",
                      "asymmetric", "both symmetric"])
    low, high = LIMITS[kind]
    if way == "given":
        entry["scale"] = rng.choice(SCALES)
        entry["zero_point"] = rng.choice([0, 0, low, high, rng.randint(low, high)])
    if way in ("low", "both", "both symmetric"):
        entry["rmin"] = -rng.choice(ENDS) if rng.random() < 0.9 else 0.25
    if way in ("high", "both", "both symmetric"):
        entry["rmax"] = rng.choice(ENDS) if rng.random() < 0.9 else 0.3
    if way == "asymmetric":
        entry["symmetric"] = False
    elif way.endswith("symmetric"):
        entry["symmetric"] = True
    return entry


def entry_of(rng, default):
    kind, entry = default, {}
    if rng.random() < 0.7:
        kind = entry["quant_type"] = rng.choice(KINDS)
    return parameters(rng, entry, kind), kind


def readers_of(model, name):
    return [n.name for n in model.graph.node if name in n.input]


def activation(rng, model, name, default):
    entry, kind = entry_of(rng, default)
    if rng.random() < 0.5:
        target = rng.choice([k for k in KINDS if k != kind])
        convert = parameters(rng, {"quant_type": target}, target)
        readers = list(dict.fromkeys(readers_of(model, name)))
        draw = rng.random()
        if draw < 0.5 and readers:
            convert["recv_nodes"] = rng.sample(readers, rng.randint(1, len(readers)))
        elif draw < 0.6:
            convert["recv_nodes"] = []
        elif draw < 0.62:
            convert["recv_nodes"] = ["nobody"] + readers[:1]
        entry["convert"] = convert
    return [entry]


def constant(rng, tensor, default):
    entry, kind = entry_of(rng, default)
    if "scale" not in entry and rng.random() < 0.3:
        entry["reduce_range"] = rng.choice([True, False])
    dims = list(tensor.dims)
    if not dims or rng.random() < 0.45:
        return [entry]
    axis = rng.randrange(len(dims))
    entry["axis"] = rng.choice([axis, axis, axis - len(dims)])
    if ("rmin" in entry) != ("rmax" in entry):
        entry["rmin"], entry["rmax"] = -1.0, 1.0
    if rng.random() < 0.3:
        return [entry]
    entries = [entry]
    for _ in range(dims[axis] - 1):
        more = {}
        for key in ("quant_type", "symmetric", "reduce_range", "axis"):
            if key in entry and rng.random() < 0.4:
                more[key] = entry[key]
        if "scale" in entry:
            more["scale"] = rng.choice(SCALES)
            more["zero_point"] = rng.choice([0, entry["zero_point"]])
        elif "rmin" in entry or rng.random() < 0.2:
            more["rmin"], more["rmax"] = -rng.choice(ENDS), rng.choice(ENDS)
        entries.append(more)
    return entries


def choose(rng, model, types, options, tags):
    """Overrides of up to five tensors."""
    constants = {t.name: t for t in model.graph.initializer}
    floats = [n for n, kind in types.items() if kind in FLOATS and n not in constants]
    weights = [n for n, t in constants.items() if t.data_type in FLOATS]
    wanted = rng.sample(floats, min(len(floats), rng.choice([0, 1, 1, 2, 4])))
    wanted += rng.sample(weights, min(len(weights), rng.choice([0, 0, 1, 2])))
    if rng.random() < 0.03:  # a tensor of another type
        wanted += [n for n, kind in types.items() if kind not in FLOATS][:1]
    rng.shuffle(wanted)
    result = {}
    for name in wanted:
        if name in constants:
            result[name] = constant(rng, constants[name], options["weight-type"])
        else:
            result[name] = activation(rng, model, name, options["activation-type"])
    if result and rng.random() < 0.03:
        result = {wanted[0]: [{}], **result, "no such": [{"quant_type": "QUInt8"}]}
    tags.append("overrides")
    return result
