"""Ranges of a real model by the peer's MinMax on one random sample: MODEL OUT."""
import sys

import numpy as np
import onnx
import onnxruntime as ort
from onnxruntime.quantization import CalibrationMethod, CalibrationDataReader
from onnxruntime.quantization.calibrate import create_calibrator, save_tensors_data

KINDS = {"tensor(float)": np.float32, "tensor(float16)": np.float16,
         "tensor(int64)": np.int64}


class OneSample(CalibrationDataReader):
    def __init__(self, path):
        random = np.random.default_rng(0)
        session = ort.InferenceSession(path, providers=["CPUExecutionProvider"])
        sizes = {1: 3, 2: 320, 3: 320}
        self.samples = [{}]
        for value in session.get_inputs():
            shape = [d if isinstance(d, int) else sizes.get(i, 1)
                     for i, d in enumerate(value.shape)]
            if len(shape) == 4 and "rec" in path or "cls" in path:
                shape[2:] = [48, 192]
            self.samples[0][value.name] = random.random(shape).astype(KINDS[value.type])

    def get_next(self):
        return self.samples.pop() if self.samples else None


model, out = sys.argv[1:3]
calibrator = create_calibrator(model, None, augmented_model_path=out + ".onnx",
                               calibrate_method=CalibrationMethod.MinMax)
calibrator.collect_data(OneSample(model))
save_tensors_data(calibrator.compute_data(), out)
