/* The operators whose rules read elements of inputs. */
#include "infer/infer.h"

static const char *const readers[] = {
	"AffineGrid",
	"BlackmanWindow",
	"CenterCropPad",
	"Col2Im",
	"ConstantOfShape",
	"DFT",
	"Expand",
	"HammingWindow",
	"HannWindow",
	"MelWeightMatrix",
	"OneHot",
	"Pad",
	"Range",
	"ReduceL1",
	"ReduceL2",
	"ReduceLogSum",
	"ReduceLogSumExp",
	"ReduceMax",
	"ReduceMean",
	"ReduceMin",
	"ReduceProd",
	"ReduceSum",
	"ReduceSumSquare",
	"Reshape",
	"Resize",
	"STFT",
	"Slice",
	"Split",
	"Squeeze",
	"Tile",
	"TopK",
	"Unsqueeze",
	"Upsample",
};

bool infer_reads_elements(ProtobufCBinaryData op_type)
{
	for (size_t i = 0; i < sizeof(readers) / sizeof(*readers); i++)
		if (bytes_equal(op_type, readers[i]))
			return true;
	return false;
}
