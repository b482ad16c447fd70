#include "rules/runtime.h"

#include <math.h>
#include <string.h>

const struct runtime_row runtime_table[] = {
	{"Add", RUNTIME_KERNEL, "QLinearAdd"},
	{"ArgMax", RUNTIME_MOVES8, NULL},
	{"AveragePool", RUNTIME_KERNEL, "QLinearAveragePool"},
	{"Clip", RUNTIME_CLIPS8, NULL},
	{"Concat", RUNTIME_KERNEL, "QLinearConcat"},
	{"Conv", RUNTIME_KERNEL, "QLinearConv"},
	{"Expand", RUNTIME_MOVES, NULL},
	{"Flatten", RUNTIME_MOVES, NULL},
	{"Gather", RUNTIME_MOVES, NULL},
	{"Gemm", RUNTIME_KERNEL, "QGemm"},
	{"GlobalAveragePool", RUNTIME_KERNEL, "QLinearGlobalAveragePool"},
	{"LeakyRelu", RUNTIME_KERNEL, "QLinearLeakyRelu"},
	{"MatMul", RUNTIME_KERNEL, "QLinearMatMul"},
	{"MaxPool", RUNTIME_MOVES8, NULL},
	{"Mul", RUNTIME_KERNEL, "QLinearMul"},
	{"Relu", RUNTIME_CLIPS, NULL},
	{"Reshape", RUNTIME_MOVES, NULL},
	{"Resize", RUNTIME_MOVES8, NULL},
	{"Sigmoid", RUNTIME_KERNEL, "QLinearSigmoid"},
	{"Slice", RUNTIME_MOVES, NULL},
	{"Softmax", RUNTIME_KERNEL, "QLinearSoftmax"},
	{"Split", RUNTIME_MOVES, NULL},
	{"Squeeze", RUNTIME_MOVES, NULL},
	{"Tile", RUNTIME_MOVES, NULL},
	{"Transpose", RUNTIME_MOVES, NULL},
	{"Unsqueeze", RUNTIME_MOVES, NULL},
};

const unsigned runtime_count = sizeof(runtime_table) / sizeof(*runtime_table);

const struct runtime_row *runtime_find(const char *op_type)
{
	for (unsigned i = 0; i < runtime_count; i++)
		if (!strcmp(runtime_table[i].op_type, op_type))
			return &runtime_table[i];
	return NULL;
}

bool runtime_merge(const double scales[2], const int zero_points[2], int qmin, int qmax,
	double *scale, int *zero_point)
{
	double low = fmax(
		(qmin - zero_points[0]) * scales[0], (qmin - zero_points[1]) * scales[1]);
	double high = fmin(
		(qmax - zero_points[0]) * scales[0], (qmax - zero_points[1]) * scales[1]);

	if (!(high > low))
		return false;
	*scale = (double)(float)((high - low) / (qmax - qmin));
	*zero_point = (int)rint(qmin - low / *scale);
	return true;
}
