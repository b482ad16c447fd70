#include "rules/table.h"

#include <string.h>

/* Rows that only say that an operator is in the default list. */
#define LISTED(op)                                                                       \
	{                                                                                \
		op, OP_GENERIC, 0, false, 0, true                                        \
	}
#define DIRECT(op, opset)                                                                \
	{                                                                                \
		op, OP_DIRECT, 0, false, opset, true                                     \
	}
#define NORMALIZATION(op)                                                                \
	{                                                                                \
		op, OP_NORMALIZATION, 1, true, 0, true                                   \
	}

const struct op_rule op_table[] = {
	{"Conv", OP_CONV, 0, false, 0, true},
	{"ConvTranspose", OP_CONV, 1, false, 0, true},
	{"Gemm", OP_GEMM, 1, false, 0, true}, /* axis 0 if transB is above 0 */
	{"MatMul", OP_MATMUL, 1, true, 0, true},
	{"Relu", OP_REMOVABLE, 0, false, 0, true},
	{"Clip", OP_REMOVABLE, 0, false, 0, true},
	DIRECT("Reshape", 0),
	DIRECT("Transpose", 0),
	DIRECT("Squeeze", 0),
	DIRECT("Unsqueeze", 0),
	DIRECT("Flatten", 0),
	DIRECT("AveragePool", 0),
	DIRECT("Slice", 0),
	DIRECT("TopK", 0),
	DIRECT("Resize", 11),
	DIRECT("MaxPool", 12),
	{"Gather", OP_GATHER, 0, false, 0, true},
	{"GatherElements", OP_GATHER, 0, false, 0, true},
	{"Split", OP_SPLIT, 0, false, 0, true},
	{"Where", OP_WHERE, 0, false, 0, true},
	{"Pad", OP_PAD, 0, false, 0, true},
	NORMALIZATION("InstanceNormalization"),
	NORMALIZATION("LayerNormalization"),
	NORMALIZATION("BatchNormalization"),
	LISTED("ArgMax"),
	LISTED("Add"),
	LISTED("Mul"),
	LISTED("LeakyRelu"),
	LISTED("Sigmoid"),
	LISTED("GlobalAveragePool"),
	LISTED("Concat"),
	LISTED("Softmax"),
	LISTED("EmbedLayerNormalization"),
	LISTED("CumSum"),
};

const size_t op_table_count = sizeof(op_table) / sizeof(op_table[0]);

const struct op_rule *op_rule_find(const char *op_type, size_t length)
{
	static const struct op_rule generic = {"", OP_GENERIC, 0, false, 0, false};

	for (size_t i = 0; i < op_table_count; i++) {
		if (strlen(op_table[i].op_type) == length &&
			memcmp(op_table[i].op_type, op_type, length) == 0)
			return &op_table[i];
	}
	return &generic;
}
