"""The peer's side of calibration, in one thread: MODEL FOLDER plain|level0|minmax|percentile|entropy

Prints what it took as JSON: processor seconds behind the imports, and bytes that the peak
is above what Python with its imports holds. `plain` is inference of the same samples,
`level0` inference without the runtime's optimization.
"""
import glob
import json
import os
import resource
import sys

os.environ["ORT_DISABLE_TELEMETRY"] = "1"

import numpy as np
import onnxruntime
from onnxruntime.quantization import CalibrationDataReader, CalibrationMethod
from onnxruntime.quantization.calibrate import create_calibrator

METHODS = {"minmax": CalibrationMethod.MinMax, "percentile": CalibrationMethod.Percentile,
           "entropy": CalibrationMethod.Entropy}
LEVELS = {"plain": onnxruntime.GraphOptimizationLevel.ORT_ENABLE_ALL,
          "level0": onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL}


class Files(CalibrationDataReader):
    def __init__(self, folder):
        self.left = sorted(glob.glob(os.path.join(folder, "*.npz")))

    def get_next(self):
        return dict(np.load(self.left.pop(0))) if self.left else None


class OneThread(onnxruntime.SessionOptions):
    def __init__(self):
        super().__init__()
        self.intra_op_num_threads = 1


def infer(model, files, level):
    options = OneThread()
    options.graph_optimization_level = level
    session = onnxruntime.InferenceSession(model, options)
    while (sample := files.get_next()) is not None:
        session.run(None, sample)


def calibrate(model, files, method):
    onnxruntime.SessionOptions = OneThread
    symmetric = {"symmetric": False} if method == "percentile" else {}
    calibrator = create_calibrator(model, None, augmented_model_path="augmented.onnx",
                                   calibrate_method=METHODS[method], extra_options=symmetric)
    calibrator.collect_data(files)
    calibrator.compute_data()


def seconds():
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


model, folder, method = sys.argv[1:4]
with open("/proc/self/statm") as file:
    held = int(file.read().split()[1]) * resource.getpagesize()
begun = seconds()
sys.stdout = sys.stderr
if method in LEVELS:
    infer(model, Files(folder), LEVELS[method])
else:
    calibrate(model, Files(folder), method)
sys.__stdout__.write(json.dumps({
    "cpu": seconds() - begun,
    "memory": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 - held}))
