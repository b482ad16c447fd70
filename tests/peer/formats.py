"""The files of qdqedit (command-line.md 3 and 4) as the peer's objects.

Options are a JSON object under the names of the command line, without dashes:
"activation-type", "weight-type" (names of QuantType), "per-channel",
"reduce-range" (booleans), "op-types" (list or "all"), "nodes-to-quantize",
"nodes-to-exclude" (lists), "set" (object of extra_options), "opset-policy"
("raise" or "keep"), "external-data" ("never" or "always").
"""
import json

import numpy as np
from onnxruntime.quantization import QuantType

SHORT = {"u8": "quint8", "s8": "qint8", "u16": "quint16", "s16": "qint16",
         "u4": "quint4", "s4": "qint4"}
TYPES = {t.name.lower(): t for t in QuantType}
ENTRY_KEYS = ["quant_type", "axis", "scale", "zero_point", "symmetric",
              "reduce_range", "rmin", "rmax", "convert", "recv_nodes"]


def read_json(path):
    with open(path, encoding="utf-8") as file:
        return json.load(file)


def write_json(path, value):
    with open(path, "w", encoding="utf-8") as file:
        json.dump(value, file, ensure_ascii=False, indent=1)
        file.write("\n")


def quant_type(text):
    """QuantType of a name in any spelling of the command line."""
    return TYPES[SHORT.get(text.lower(), text.lower())]


def option_type(options, name, default):
    return quant_type(options.get(name, default))


def float_type(record):
    """Element type of a tensor's range, float32 where it does not say."""
    lowest = (record or {}).get("lowest")
    if isinstance(lowest, dict):
        return np.dtype(lowest["dtype"])
    return np.dtype(np.float32)


def scalar(value):
    """A number, also one given as an array of one element."""
    while isinstance(value, list):
        value = value[0]
    return value


def peer_overrides(overrides, ranges, initializers):
    """TensorQuantOverrides of a JSON object, keeping the order of the map.

    Numbers of activations become arrays of the range's float type, those of
    initializers stay numbers, and all do without ranges (None); anything
    malformed is passed on as it is.
    """
    records = (ranges or {}).get("data", {})
    result = {}
    for name, entries in overrides.items():
        if not isinstance(entries, list):
            result[name] = entries
            continue
        plain = ranges is None or name in initializers
        dtype = None if plain else float_type(records.get(name))
        result[name] = [peer_entry(entry, dtype) for entry in entries]
    return result


def peer_entry(entry, dtype):
    if not isinstance(entry, dict):
        return entry
    return {key: peer_value(key, value, dtype) for key, value in entry.items()}


def peer_value(key, value, dtype):
    if key == "quant_type":
        return quant_type(value)
    if key == "convert":
        return peer_entry(value, dtype)
    if key == "recv_nodes":
        return set(value)
    if key in ("scale", "rmin", "rmax"):
        number = scalar(value)
        return number if dtype is None else np.array(number, dtype=dtype)
    if key == "zero_point":
        return scalar(value) if dtype is None else np.array(scalar(value))
    return value


def json_overrides(overrides, node_names):
    """The reverse: a JSON object, readers in the order of node_names."""
    order = {name: i for i, name in reversed(list(enumerate(node_names)))}
    return {name: [json_entry(entry, order) for entry in entries]
            for name, entries in overrides.items()}


def json_entry(entry, order):
    result = {}
    for key in sorted(entry, key=ENTRY_KEYS.index):
        value = entry[key]
        if key == "quant_type":
            value = value.name
        elif key == "convert":
            value = json_entry(value, order)
        elif key == "recv_nodes":
            value = sorted(value, key=lambda name: order.get(name, len(order)))
        elif isinstance(value, np.ndarray):
            value = value.item()
        result[key] = value
    return result


def make_ranges(data, dtypes, method="MinMax"):
    """The calibration cache of {tensor: (low, high)}; dtypes: name of each."""
    records = {}
    for name, pair in data.items():
        ends = [{"data": [float(x)], "dtype": dtypes[name], "CLS": "numpy.array"}
                for x in pair]
        records[name] = {"lowest": ends[0], "highest": ends[1], "CLS": "TensorData"}
    return {"CLS": "TensorsData", "data": records,
            "calibration_method": {"CLS": "CalibrationMethod",
                                   "value": f"CalibrationMethod.{method}"},
            "smooth_quant": False}
