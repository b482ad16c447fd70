#!/usr/bin/env python3
"""Exports of the program, read back: what is in the plan and not in the file must be
in the report, and nothing else.

    exports.py --program P --case CASE [--model FILE] [FORMAT...]

A plan is a set of facts: (item, subject, detail) as the report tells them, numbers as
float32. Each format has a function that makes the facts of a file out of its text.
What ONNX Runtime reads is read by ONNX Runtime, and the script is run: its model must be
that of `quantize --ort-compatible`.
"""
import argparse
import csv
import importlib.util
import io
import json
import os
import runpy
import shutil
import subprocess
import sys

os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")

import numpy as np  # noqa: E402
import onnx  # noqa: E402

import compare  # noqa: E402
import formats  # noqa: E402

BRIEF = {"QUInt8": "u8", "QInt8": "s8", "QUInt16": "u16", "QInt16": "s16",
         "QUInt4": "u4", "QInt4": "s4"}


def f32(value):
    return float(np.float32(value))


class Case:
    """A plan in the working folder: the arguments that name it, and its facts beyond
    overrides and ranges."""

    def __init__(self, args, facts=(), ranges="ranges.json", model=None, options=None):
        self.args = args
        self.extra = set(facts)
        self.ranges = ranges
        self.model = model or args[0]
        self.options = options or {}  # as tests/peer/formats.py has them
        self.only_export = []  # arguments that `quantize` has not
        self.weight_type = self.options.get("weight-type", "QInt8")
        self.activation_type = self.options.get("activation-type", "QUInt8")

    def constants(self):
        model = onnx.load(self.model, load_external_data=False)
        return {t.name for t in model.graph.initializer}


# ---- Cases.

def project(model, options, seeds, entries=(), region=None):
    lines = ["qdqedit project 1", "model " + json.dumps({"file": model}),
             'ranges "ranges.json"']
    lines += [f"option {name} {json.dumps(value)}" for name, value in options]
    lines += ["entry " + json.dumps(entry) for entry in entries]
    for i, seed in enumerate(seeds):
        lines.append("seed " + json.dumps({**seed, **(region if region and not i else {})}))
    with open("plan.qdq", "w", encoding="utf-8") as file:
        file.write("\n".join(lines) + "\n")


def case_mixed8(program, model_file):
    """The example of two promoted nodes, its region with name and note."""
    subprocess.run([program, "demo", "mixed8", "-o", ".", "--quiet"], check=True)
    project("mixed8.onnx", [("op-types", "all")],
            [{"node": "Op4", "type": "QUInt16"}, {"node": "Op5", "type": "QUInt16"}],
            region={"region": "heart", "note": "slow, \"but\" exact"})
    with open("scores.csv", "w", encoding="utf-8") as file:
        file.write("tensor,mse\nOp4_out,0.25\noutput_0,3\n")
    case = Case(["plan.qdq"],
                [("option", "op-types", "all"), ("seed", "node Op4 u16", ""),
                 ("score", "Op4_out", "0.25 mse"), ("score", "output_0", "3 mse"),
                 ("seed", "node Op5 u16", ""),
                 ("region", "heart", "slow, \"but\" exact")],
                model="mixed8.onnx", options={"op-types": "all"})
    case.only_export = ["--scores", "scores.csv"]
    return case


def case_given(program, model_file):
    """Every key of overrides, options, exclusions."""
    subprocess.run([program, "demo", "mixed8", "-o", ".", "--quiet"], check=True)
    overrides = {
        "Op4_out": [{"quant_type": "QUInt16", "symmetric": True}],
        "Op2_out": [{"quant_type": "QUInt8", "scale": 0.015686275, "zero_point": 64,
                     "convert": {"quant_type": "QUInt16", "scale": 6.103609e-05,
                                 "zero_point": 16384, "recv_nodes": ["Op4"]}}],
        "Op1_out": [{"quant_type": "QInt8", "rmin": 0.0, "rmax": 1.5}],
        "Op3_out": [{"quant_type": "QUInt8",
                     "convert": {"quant_type": "QUInt16", "rmin": 0.0, "rmax": 2.0,
                                 "symmetric": False, "recv_nodes": ["Op5"]}}],
        "Op5_out": [{"quant_type": "QUInt16", "convert": {"quant_type": "QUInt8"}}],
        "output_1": [{"quant_type": "QUInt16"}],
    }
    with open("given.json", "w", encoding="utf-8") as file:
        json.dump(overrides, file)
    options = {"op-types": "all", "nodes-to-exclude": ["Op8"], "per-channel": True,
               "set": {"MinimumRealRange": 0.0001, "QDQKeepRemovableActivations": True}}
    return Case(["mixed8.onnx", "-c", "given.json", "-r", "ranges.json", "--op-types",
                 "all", "--nodes-to-exclude", "Op8", "--per-channel", "--set",
                 "MinimumRealRange=0.0001", "--set", "QDQKeepRemovableActivations=true"],
                [("option", "op-types", "all"), ("exclude", "Op8", "float"),
                 ("option", "per-channel", "true"),
                 ("option", "MinimumRealRange", "0.0001"),
                 ("option", "QDQKeepRemovableActivations", "true")], options=options)


def case_convnet(program, model_file):
    """Constants: per channel, with a given scale, with flags."""
    subprocess.run([program, "demo", "convnet", "-o", ".", "--quiet"], check=True)
    channels = [{"quant_type": "QInt16", "scale": 0.001 * (i + 1), "zero_point": 0}
                for i in range(8)]
    channels[0]["axis"] = 0
    overrides = {"depthwise_out": [{"quant_type": "QUInt16"}],
                 "stem.weight": [{"quant_type": "QInt8", "axis": 0, "reduce_range": True,
                                  "symmetric": True}],
                 "depthwise.weight": channels}
    model = onnx.load("convnet.onnx", load_external_data=False)
    count = {t.name: t.dims[0] for t in model.graph.initializer}
    overrides["depthwise.weight"] = [
        {**channels[i % 8], **({"axis": 0} if not i else {})}
        for i in range(count["depthwise.weight"])]
    for entry in overrides["depthwise.weight"][1:]:
        entry.pop("axis", None)
    with open("given.json", "w", encoding="utf-8") as file:
        json.dump(overrides, file)
    return Case(["convnet.onnx", "-c", "given.json", "-r", "ranges.json"])


def case_rec(program, model_file):
    """PP-OCR's recognizer with named regions, in the peer's mode, which takes Constant
    nodes for activations; ranges are made up."""
    shutil.copyfile(model_file, "rec.onnx")
    model = onnx.load("rec.onnx")
    floats = [name for node in model.graph.node for name in node.output]
    floats += [value.name for value in model.graph.input]
    # What the opset raise will make of Softmax.
    floats += [node.output[0] + "_intermediate" for node in model.graph.node
               if node.op_type == "Softmax"]
    with open("ranges.json", "w", encoding="utf-8") as file:
        json.dump({name: [-1.0 - i % 7 / 4, 2.0 + i % 5 / 8]
                   for i, name in enumerate(floats)}, file)
    nodes = [n.name for n in model.graph.node if n.op_type in ("Conv", "MatMul", "Add")]
    chosen = nodes[20:31]
    project("rec.onnx", [("ort-compatible", True)], [{"node": name, "type": "QUInt16"} for name in chosen],
            region={"region": "neck", "note": "as in the paper"})
    facts = [("seed", f"node {name} u16", "") for name in chosen]
    facts.append(("region", "neck", "as in the paper"))
    return Case(["plan.qdq"], facts, model="rec.onnx")


# ---- Facts of a plan.

def key_facts(subject, entry):
    if "scale" in entry:
        yield "scale", subject, (f32(entry["scale"]), int(entry["zero_point"]))
    if "rmin" in entry:
        yield "range", subject, (f32(entry["rmin"]), f32(entry["rmax"]))
    for key in ("symmetric", "reduce_range"):
        if key in entry:
            yield key, subject, "true" if entry[key] else "false"


def override_facts(overrides, case, readers):
    """Facts of a map of overrides; readers: tensor to node names, in file order."""
    constants = case.constants()
    for name, entries in overrides.items():
        first = entries[0]
        usual = case.weight_type if name in constants else case.activation_type
        kind = first.get("quant_type", usual)
        if kind != usual:
            yield "type", name, BRIEF[kind]
        if "axis" in first:
            what = "channels" if len(entries) > 1 else "entry for all"
            yield "axis", name, f"axis {first['axis']}, {len(entries)} {what}"
        if len(entries) == 1:
            yield from key_facts(name, first)
        second = first.get("convert")
        if second:
            yield from key_facts(f"{name} (converted)", second)
            for reader in second.get("recv_nodes", readers.get(name, [])):
                yield ("convert", f"{name} -> {reader}",
                       f"{BRIEF[kind]}>{BRIEF[second['quant_type']]}")


def range_facts(text):
    for name, record in text.get("data", text).items():
        low, high = record if isinstance(record, list) else (
            np.ravel(record[end]["data"])[0] for end in ("lowest", "highest"))
        yield "range", name, (f32(low), f32(high))


def readers_of(model):
    readers = {}
    for node in onnx.load(model, load_external_data=False).graph.node:
        for name in dict.fromkeys(node.input):
            readers.setdefault(name, []).append(node.name)
    return readers


def report_facts(losses):
    """The report's lines as facts, which are told once each."""
    facts = []
    for loss in losses:
        detail = loss["detail"]
        if loss["kind"] != "lost":
            continue
        if loss["item"] == "range":
            detail = tuple(f32(end) for end in detail.split(" .. "))
        if loss["item"] == "scale":
            scale, zero = detail.split(" / ")
            detail = (f32(scale), int(zero))
        facts.append((loss["item"], loss["subject"], detail))
    return facts


# ---- Formats: facts of a file. `kept` are facts that its text shows otherwise.

def python_overrides(case, value):
    """ONNX Runtime's dictionary as the JSON it came from."""
    nodes = [n.name for n in onnx.load(case.model, load_external_data=False).graph.node]
    return formats.json_overrides(value, nodes)


def read_ort(case, path, readers):
    yield from override_facts(formats.read_json(path), case, readers)


def read_ort_loader(case, path, readers):
    spec = importlib.util.spec_from_file_location("loader", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    value = module.load_overrides()
    check_types(value)
    yield from override_facts(python_overrides(case, value), case, readers)


def read_ort_python(case, path, readers):
    value = runpy.run_path(path)["TENSOR_QUANT_OVERRIDES"]
    yield from override_facts(python_overrides(case, value), case, readers)


def read_ort_calibration(case, path, readers):
    from onnxruntime.quantization.calibrate import load_tensors_data
    for name, data in load_tensors_data(path).items():
        low, high = data.range_value
        yield "range", name, (f32(low.item()), f32(high.item()))


def read_ort_script(case, path, readers):
    script = runpy.run_path(path)
    run_script(case, path)
    yield from override_facts(python_overrides(case, script["OVERRIDES"]), case, readers)
    for name, (low, high) in script["RANGES"].items():
        yield "range", name, (f32(low), f32(high))
    yield from (fact for fact in case.extra if fact[0] in ("option", "exclude"))


def read_table(case, path, readers, dialect):
    """Facts that the rows show; what lies under them is in the plan's own words."""
    with open(path, encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, **dialect))
    constants = case.constants()
    for row in rows:
        name = row["tensor"]
        usual = case.weight_type if name in constants else case.activation_type
        if row["stored"] not in ("float", "s32", BRIEF[usual]):
            yield "type", name, row["stored"]
        if row["conversion"] == "yes":
            yield ("convert", f"{name} -> {row['consumer']}",
                   f"{row['stored']}>{row['seen']}")
        for item, low, high in (("range", "rmin", "rmax"),
                                ("range", "measured_min", "measured_max")):
            if row[low]:
                yield item, name, (f32(row[low]), f32(row[high]))
        scales, zeros = row["scale"].split(), row["zero_point"].split()
        if len(scales) == 1:
            yield "scale", name, (f32(scales[0]), int(zeros[0]))
        if row["axis"]:
            yield "axis", name, f"axis {row['axis']}, {len(scales)} channels"
            yield "axis", name, f"axis {row['axis']}, 1 entry for all"
        if row["seen_scale"]:
            yield ("scale", f"{name} (converted)",
                   (f32(row["seen_scale"]), int(row["seen_zero_point"])))
        for key, column in (("symmetric", "symmetric"), ("reduce_range", "reduced")):
            if row[column]:
                yield key, name, "true" if row[column] == "yes" else "false"
        if row["score"]:
            yield "score", name, row["score"] + " mse"
        if row["note"] and row["origin"] != "float":
            yield "region", row["region"], row["note"]
        yield from seeds_told(case, row["reason"])


def seeds_told(case, reason):
    for item, subject, detail in case.extra:
        words = subject.split()
        if item == "seed" and all(word in reason for word in words[-2:]):
            yield item, subject, detail


def read_csv(case, path, readers):
    return read_table(case, path, readers, {})


def read_tsv(case, path, readers):
    return read_table(case, path, readers,
                      {"dialect": "excel-tab", "quoting": csv.QUOTE_NONE})


def read_olive(case, path, readers):
    for name, entries in formats.read_json(path).items():
        assert len(entries) == 1 and list(entries[0]) == ["quant_type"]
        yield "type", name, BRIEF["Q" + entries[0]["quant_type"]]


class Quantizer:
    bits = None

    def set_bitwidth(self, bits):
        self.bits = bits


class Simulation:
    """What the snippet uses of AIMET's."""

    def __init__(self, names):
        self.qc_quantize_op_dict = {name: Quantizer() for name in names}


def read_aimet_snippet(case, path, readers):
    snippet = runpy.run_path(path)
    sim = Simulation(list(snippet["BITWIDTHS"]) + ["another"])
    snippet["set_bitwidths"](sim)
    constants = case.constants()
    for name, quantizer in sim.qc_quantize_op_dict.items():
        if quantizer.bits:
            usual = case.weight_type if name in constants else case.activation_type
            yield "type", name, BRIEF[usual][0] + str(quantizer.bits)
    try:
        snippet["set_bitwidths"](Simulation([]))
        assert not snippet["BITWIDTHS"]
    except KeyError:
        pass


def markdown_tables(path):
    """Every row of every table, by the words of its head."""
    head = None
    with open(path, encoding="utf-8") as file:
        for line in file.read().split("\n"):
            if not line.startswith("|"):
                head = None
            elif head is None:
                head = [cell.strip() for cell in line.split("|")[1:-1]]
            elif not line.startswith("|---"):
                cells = [cell.strip() for cell in line.split("|")[1:-1]]
                assert len(cells) == len(head), line
                yield dict(zip(head, cells))


def code(cell):
    return cell.strip("`")


def ends(cell):
    return tuple(f32(end) for end in cell.split(" .. "))


def read_markdown(case, path, readers):
    with open(path, encoding="utf-8") as file:
        text = file.read()
    constants = case.constants()
    for row in markdown_tables(path):
        if "stored" in row:
            name = code(row["tensor"])
            usual = case.weight_type if name in constants else case.activation_type
            if row["stored"] not in ("float", "s32", BRIEF[usual]):
                yield "type", name, row["stored"]
            words = row["scale / zero point"].split(", ")
            if " / " in words[0]:
                scale, zero = words[0].split(" / ")
                yield "scale", name, (f32(scale), int(zero))
            yield "symmetric", name, "true" if "symmetric" in words else "false"
            yield "reduce_range", name, "true" if "reduced" in words else "false"
            if row["converted"]:
                scale, zero = row["converted"].split(" / ")
                yield "scale", f"{name} (converted)", (f32(scale), int(zero))
            for column in ("range", "measured"):
                if row[column]:
                    yield "range", name, ends(row[column])
        if "mse" in row:
            yield "score", code(row["tensor"]), row["mse"] + " mse"
        if "stays for" in row:
            for reader in row["for"].split(", "):
                yield ("convert", f"{code(row['tensor'])} -> {code(reader)}",
                       f"{row['from']}>{row['to']}")
    for item, subject, detail in case.extra:
        if item == "score":
            continue
        told = {"option": f"- {item} `{subject}`: {detail}\n",
                "exclude": f"- {item} `{subject}`: {detail}\n",
                "seed": f"- seed `{subject}`\n",
                "region": f": {subject}\n"}[item]
        if told in text and (item != "region" or f"> {detail}\n" in text):
            yield item, subject, detail


READERS = {"ort": read_ort, "ort-loader": read_ort_loader,
           "ort-python": read_ort_python, "ort-script": read_ort_script,
           "ort-calibration": read_ort_calibration, "csv": read_csv, "tsv": read_tsv,
           "olive": read_olive, "aimet-snippet": read_aimet_snippet,
           "markdown": read_markdown}


def check_types(value):
    """What ONNX Runtime demands of the dictionary (export-formats.md 3.5, traps 1 to 5)."""
    for entries in value.values():
        assert entries
        for entry in entries:
            for side in (entry, entry.get("convert", {})):
                assert isinstance(side.get("recv_nodes", set()), set)
                for key in ("scale", "rmin", "rmax"):
                    assert side.get(key, np.array(0, np.float32)).dtype == np.float32


def run_script(case, path):
    """The script's model against ours."""
    result = subprocess.run([sys.executable, path, case.model, "theirs.onnx"],
                            capture_output=True, text=True)
    assert result.returncode == 0, result.stderr
    case.call("quantize", "-o", "ours.onnx", "--force", "--quiet", compatible=True)
    difference = compare.compare_files("theirs.onnx", "ours.onnx")
    assert not difference, "\n".join(difference)


# ---- The check of one format.

def check(case, name, overrides, readers):
    path = "e_" + name.replace("-", "_") + case.suffixes[name]
    document = json.loads(case.call("export", "--format", name, "-o", path, "--force",
                                    "--json"))
    # A fact that a file shows by its numbers may be no choice of the plan.
    plan = set(override_facts(overrides, case, readers)) | case.extra
    plan |= set(range_facts(formats.read_json(case.ranges)))
    shown = set(READERS[name](case, document["output"][0], readers))
    told = report_facts(document["losses"])
    problems = [f"told twice: {fact}" for fact in set(told) if told.count(fact) > 1]
    problems += [f"lost, not told: {fact}" for fact in plan - shown - set(told)]
    problems += [f"told, not lost: {fact}" for fact in set(told) & shown]
    problems += [f"told, not in the plan: {fact}" for fact in set(told) - plan]
    return problems


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--program", required=True)
    parser.add_argument("--case", required=True)
    parser.add_argument("--model", help="of the case rec")
    parser.add_argument("formats", nargs="*", default=list(READERS))
    args = parser.parse_args()
    program = os.path.abspath(args.program)
    case = globals()["case_" + args.case](program, args.model)

    def call(command, *words, compatible=False):
        arguments = [program, command, *case.args, *words]
        arguments += case.only_export if command == "export" else []
        if compatible and case.args[0].endswith(".qdq"):
            with open("plan.qdq", encoding="utf-8") as file:
                text = file.read()
            with open("compatible.qdq", "w", encoding="utf-8") as file:
                file.write(text.replace("\nseed", "\noption ort-compatible true\nseed", 1))
            arguments[2] = "compatible.qdq"
        elif compatible:
            arguments.append("--ort-compatible")
        result = subprocess.run(arguments, capture_output=True, text=True)
        assert result.returncode == 0, result.stderr
        return result.stdout

    case.call = call
    listed = subprocess.run([program, "export", "--list", "--json"], check=True,
                            capture_output=True)
    case.suffixes = {f["name"]: f["suffix"] for f in json.loads(listed.stdout)}
    readers = readers_of(case.model)
    overrides = json.loads(call("export", "--format", "ort", "--quiet"))
    failed = 0
    for name in args.formats:
        for problem in check(case, name, overrides, readers):
            print(f"{name}: {problem}")
            failed = 1
    return failed


if __name__ == "__main__":
    sys.exit(main())
