"""Files that ONNX Runtime's own tools write about a model, for `import` to read:
ort_results.py FOLDER, which holds convnet.onnx and its samples."""
import json
import os
import sys

import numpy
from onnxruntime import quantization as q
from onnxruntime.quantization import qdq_loss_debug as debug
from onnxruntime.quantization.calibrate import create_calibrator
from onnxruntime.quantization.quant_utils import write_calibration_table


class Samples(q.CalibrationDataReader):
    def __init__(self, folder):
        self.files = sorted(f for f in os.listdir(folder) if f.endswith(".npz"))
        self.folder = folder
        self.at = 0

    def get_next(self):
        if self.at == len(self.files):
            return None
        self.at += 1
        return dict(numpy.load(os.path.join(self.folder, self.files[self.at - 1])))


def activations(model, folder):
    debug.modify_model_output_intermediate_tensors(model, model + ".all")
    return debug.collect_activations(model + ".all", Samples(folder))


def main(folder):
    real, quantized = (os.path.join(folder, n) for n in ("convnet.onnx", "q.onnx"))
    q.quantize_static(real, quantized, Samples(folder), per_channel=True)
    calibrator = create_calibrator(real, None, os.path.join(folder, "augmented.onnx"))
    calibrator.collect_data(Samples(folder))
    write_calibration_table(calibrator.compute_data().data, folder)
    matched = debug.create_activation_matching(
        activations(quantized, folder), activations(real, folder))
    weights = debug.create_weight_matching(real, quantized)
    with open(os.path.join(folder, "debug.json"), "w", encoding="utf-8") as out:
        json.dump({"activations": debug.compute_activation_error(matched),
                   "weights": debug.compute_weight_error(weights)}, out)


main(sys.argv[1])
