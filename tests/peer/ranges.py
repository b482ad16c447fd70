"""Random calibration ranges, in the peer's own form and the others we read."""
import copy
import math

import numpy as np

import formats

KINDS = ["normal"] * 10 + ["non-negative"] * 4 + ["positive", "negative", "unit", "unit",
                                                   "zero", "tiny", "narrow", "large", "same"]


def ends(rng, kind, f16):
    a, b = (10 ** rng.uniform(-2, 1.5) for _ in range(2))
    tiny = 1e-5 if f16 else 10 ** rng.uniform(-39, -5)
    return {"normal": (-a, b), "non-negative": (0.0, b), "positive": (a, a + b),
            "negative": (-a - b, -a), "unit": (0.0, 1.0), "zero": (0.0, 0.0),
            "tiny": (-tiny, 2 * tiny), "narrow": (-a * 1e-3, b * 1e-3),
            "large": (-400 * a, 1000 * b if f16 else 1e30 * b), "same": (a, a)}[kind]


def rounded(value, dtype):
    """As the peer writes it: the shortest decimal of the value as a double."""
    with np.errstate(over="ignore"):
        result = float(np.dtype(dtype).type(value))
    return result if math.isfinite(result) else 60000.0


def random_ranges(rng, level, floats, model, tags):
    """(our file, the peer's file) for these float tensors (name -> type)."""
    bounded = {name: op for op in ("Sigmoid", "Softmax", "Relu") for node in model.graph.node
               if node.op_type == op for name in node.output}
    data, dtypes = {}, {}
    for name, kind in floats.items():
        if level != "common" and rng.random() < 0.002:
            tags.append("missing range")
            continue
        f16 = kind == 10
        style = rng.choice(KINDS)
        if name in bounded and rng.random() < 0.8:
            style = "unit" if bounded[name] != "Relu" else "non-negative"
        dtypes[name] = "float16" if f16 else "float32"
        exact = rng.random() < 0.9
        data[name] = [rounded(x, dtypes[name]) if exact else x for x in ends(rng, style, f16)]
    file = formats.make_ranges(data, dtypes)
    if level == "common" or rng.random() < 0.8:
        return file, file
    return other_form(rng, file, data, dtypes, tags)


def other_form(rng, file, data, dtypes, tags):
    """A file of another form that means the same, and the peer's reading."""
    ours = copy.deepcopy(file)
    form = rng.choice(["plain", "rank 0", "bare", "no smooth_quant", "extra", "histogram",
                       "stranger"])
    tags.append(f"ranges {form}")
    records = ours["data"].values()
    if form == "plain":
        if all(d == "float32" for d in dtypes.values()):
            return data, file
    elif form == "rank 0":
        for record in records:
            for end in ("lowest", "highest"):
                record[end]["data"] = record[end]["data"][0]
        return ours, ours
    elif form == "bare":
        for record in records:
            for end in ("lowest", "highest"):
                record[end] = record[end]["data"][0]
        return ours, ours
    elif form == "no smooth_quant":
        del ours["smooth_quant"]
    elif form == "extra":
        ours["note"] = "made by hand"
        for record in records:
            record["samples"] = 12
    elif form == "histogram":
        ours["calibration_method"]["value"] = "CalibrationMethod.Entropy"
        for name, record in ours["data"].items():
            record["hist"] = {"data": [1, 2], "dtype": "int64", "CLS": "numpy.array"}
            record["bins"] = {"data": [0.0, 0.5, 1.0], "dtype": dtypes[name],
                              "CLS": "numpy.array"}
        return ours, ours
    else:
        ours["data"]["not in the model"] = formats.make_ranges(
            {"t": (0, 1)}, {"t": "float32"})["data"]["t"]
        return ours, ours
    return ours, file
