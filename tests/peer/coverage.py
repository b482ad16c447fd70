#!/usr/bin/env python3
"""How varied the generated cases are: coverage.py [--level L] [--count N].

Prints how often each operator, opset, option and kind of override occurs, how
many cases the peer refuses and why. Exit code 1 if an operator of the table
never occurs or more than 30 % are refused.
"""
import argparse
import collections
import sys
import tempfile

import generate
import operators
import reference

LIMIT = 0.30


def count_case(case, seen):
    for node in case.model.graph.node:
        seen["operator"][node.op_type] += 1
    seen["opset"][max(i.version for i in case.model.opset_import if "ml" not in i.domain
                      and "com" not in i.domain)] += 1
    seen["ir"][case.model.ir_version] += 1
    for key, value in case.options.items():
        if key == "set":
            seen["extra option"].update(value.keys())
        else:
            seen["option"][f"{key}={value if isinstance(value, (str, bool)) else '...'}"] += 1
    for entries in case.overrides.values():
        for entry in entries if isinstance(entries, list) else []:
            if isinstance(entry, dict):
                seen["override key"].update(entry.keys())
                seen["override key"].update(
                    f"convert.{k}" for k in entry.get("convert", {}))
    seen["tag"].update(case.tags or ["no overrides"])


def count_refusal(case, folder, seen):
    generate.write_case(case, folder)
    try:
        reference.quantize(f"{folder}/model.onnx", f"{folder}/peer-ranges.json",
                           case.overrides, case.options, f"{folder}/out.onnx")
    except reference.Refused as refusal:
        seen["refusal"][str(refusal)[:70]] += 1


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--level", choices=("common", "full"), default="full")
    parser.add_argument("--count", type=int, default=1000)
    args = parser.parse_args()
    seen = collections.defaultdict(collections.Counter)
    with tempfile.TemporaryDirectory() as folder:
        for seed in range(args.count):
            case = generate.generate(seed, args.level)
            count_case(case, seen)
            count_refusal(case, folder, seen)
    for group, counter in seen.items():
        print(f"{group}: " + ", ".join(f"{k} {n}" for k, n in counter.most_common()))
    share = sum(seen["refusal"].values()) / args.count
    wanted = {row.name for row in operators.TABLE if row.name[0].isupper() and " " not in
              row.name and (args.level == "full" or row.common)} - {"CastIsland"}
    missing = sorted(wanted - set(seen["operator"]))
    print(f"refused {share:.1%}; operators that never occur: {missing or 'none'}")
    return 1 if missing or share > LIMIT else 0


if __name__ == "__main__":
    sys.exit(main())
