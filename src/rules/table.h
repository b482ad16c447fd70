/* The table of operators of qdq-semantics.md 3.6: what each one marks. */
#ifndef QDQEDIT_RULES_TABLE_H
#define QDQEDIT_RULES_TABLE_H

#include "base/names.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* How the tensors of a node are marked. */
enum op_class {
	OP_GENERIC, /* every input, every output */
	OP_CONV,
	OP_GEMM,
	OP_MATMUL,
	OP_REMOVABLE, /* Relu and Clip */
	OP_DIRECT,    /* the output shares the input's parameters */
	OP_GATHER,
	OP_SPLIT,
	OP_WHERE,
	OP_PAD,
	OP_NORMALIZATION,
	OP_CLASS_COUNT
};

struct op_rule {
	const char *op_type;
	enum op_class op_class;
	int axis;        /* default per-channel axis of the weight */
	bool by_option;  /* QDQOpTypePerChannelSupportToAxis is asked */
	int64_t opset;   /* below it nothing is marked */
	bool in_default; /* in the list of quantize_static (3.2) */
};

extern const struct op_rule op_table[];
extern const size_t op_table_count;

/* The row of an operator type (the domain is not looked at); one that has none gets the
 * generic row, whose op_type is "". Never NULL. */
const struct op_rule *op_rule_find(const char *op_type, size_t length);

#endif
