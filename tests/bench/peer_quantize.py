"""The peer's whole job, as a person's script does it: MODEL RANGES OUT [external]."""
import sys

from onnxruntime.quantization import QuantType, quantize_static

model, ranges, out = sys.argv[1:4]
quantize_static(model, out, None, activation_type=QuantType.QUInt8,
                weight_type=QuantType.QInt8, calibration_cache_path=ranges,
                use_external_data_format="external" in sys.argv[4:])
