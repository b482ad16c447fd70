"""`qdqedit compare` against the same figures from Python with ONNX Runtime.

usage: accuracy.py PROGRAM LIBRARY FLOAT QUANT FOLDER-OF-NPZ

Prints one line for each tensor compared and ends with 1 if one differs.
"""
import glob
import json
import math
import os
import subprocess
import sys

os.environ["ORT_DISABLE_TELEMETRY"] = "1"

import numpy as np
import onnx
import onnxruntime


def session(model, names):
    """Every one of these tensors as an output; nothing fused; one thread."""
    model = onnx.ModelProto.FromString(model.SerializeToString())
    have = {o.name for o in model.graph.output}
    model.graph.output.extend(onnx.ValueInfoProto(name=n) for n in names if n not in have)
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    options.add_session_config_entry("session.disable_quant_qdq", "1")
    options.intra_op_num_threads = 1
    return onnxruntime.InferenceSession(model.SerializeToString(), options)


def rounded_name(model, tensor):
    """The tensor behind the QuantizeLinear and DequantizeLinear that read `tensor`."""
    for op in ("QuantizeLinear", "DequantizeLinear"):
        readers = [n for n in model.graph.node if n.op_type == op and n.input[0] == tensor]
        if not readers:
            return None
        tensor = readers[0].output[0]
    return tensor


def measure(real, quantized, pairs, samples):
    """SQNR in dB of (float name, quantized name) pairs, pooled over the samples."""
    a = session(real, [p[0] for p in pairs])
    b = session(quantized, [p[1] for p in pairs])
    sums = {p: np.zeros(2) for p in pairs}
    for sample in samples:
        x = dict(zip([o for o, _ in pairs], a.run([o for o, _ in pairs], sample)))
        y = dict(zip([o for _, o in pairs], b.run([o for _, o in pairs], sample)))
        for r, q in pairs:
            u, v = x[r].astype(np.float64), y[q].astype(np.float64)
            sums[r, q] += [np.sum(u * u), np.sum((u - v) ** 2)]
    return {p: 10 * math.log10(s[0] / s[1]) if s[1] and s[0] else None
            for p, s in sums.items()}


def main():
    program, library, real_path, quantized_path, folder = sys.argv[1:]
    result = subprocess.run([program, "compare", real_path, quantized_path, "--data", folder,
                             "--json", "--threads", "1", "--ort-lib", library],
                            capture_output=True, text=True, check=False)
    if result.returncode:
        sys.exit(result.stderr)
    answer = json.loads(result.stdout)
    real, quantized = onnx.load(real_path), onnx.load(quantized_path)
    produced = {o for n in real.graph.node for o in n.output}
    rows = [r for r in answer["outputs"] + answer["tensors"]
            if not r["converted"] and r["tensor"] in produced]
    pairs = [(r["tensor"], r["tensor"] if r["output"] or r["type"] == "float" else
              rounded_name(quantized, r["tensor"])) for r in rows]
    samples = [dict(np.load(f)) for f in sorted(glob.glob(os.path.join(folder, "*.npz")))]
    peer = measure(real, quantized, pairs, samples)
    good = len(rows) > 0
    for row, pair in zip(rows, pairs):
        own, other = row["sqnr"], peer[pair]
        same = own == other or (own is not None and other is not None
                                and abs(own - other) < 1e-6)
        good &= same
        print(f"{'same' if same else 'differs':8}{row['tensor']} {own} peer {other}")
    sys.exit(0 if good else 1)


if __name__ == "__main__":
    main()
