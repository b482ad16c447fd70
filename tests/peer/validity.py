"""Whether a written model is of use: onnx.checker accepts it, ONNX Runtime runs it."""
import os

import reference  # noqa: F401  (first: it silences the peer)
import onnx

import graphs


def checked(path):
    """What onnx.checker, with type inference, has against a model, or None."""
    try:
        onnx.checker.check_model(path, full_check=True)
        return None
    except Exception as error:
        return str(error).strip().replace("\n", " ")[:300]


def runs(path):
    """Why ONNX Runtime cannot load and run a model on random inputs, or None."""
    try:
        graphs.check_runs(path)
        return None
    except Exception as error:
        return str(error).replace("\n", " ")[-300:]


TESTS = (("onnx.checker", checked), ("ONNX Runtime", runs))


def faults(source, output, other, excused=("ONNX Runtime",)):
    """Lines about a model that is of no use although its source is. For the tests in
    `excused` it need not be if the peer's own (`other`) is of no use either."""
    lines = []
    for name, test in TESTS:
        wrong = test(source) is None and test(output)
        if wrong and name in excused and os.path.exists(other) and test(other):
            continue
        if wrong:
            lines.append(f"{name}: {wrong}")
    return lines
