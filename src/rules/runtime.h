/* What ONNX Runtime's CPU kernels make of a quantized node: whether DQ, node and Q become
 * one integer kernel. Measured on optimized models of release 1.32.0. */
#ifndef QDQEDIT_RULES_RUNTIME_H
#define QDQEDIT_RULES_RUNTIME_H

#include <stdbool.h>

enum runtime_fate {
	RUNTIME_FLOAT,  /* runs in float between DQ and Q */
	RUNTIME_KERNEL, /* 8 bit: an integer kernel of its own; 16 bit: float */
	RUNTIME_MOVES,  /* moves the integers as they are, 8 and 16 bit */
	RUNTIME_MOVES8, /* the same for 8 bit only */
	RUNTIME_CLIPS,  /* goes if Q behind it clips as it does, 8 and 16 bit */
	RUNTIME_CLIPS8, /* the same for 8 bit only */
};

struct runtime_row {
	const char *op_type;
	enum runtime_fate fate;
	const char *kernel; /* the name of the integer kernel, or NULL */
};

/* Rows of what is not RUNTIME_FLOAT. */
extern const struct runtime_row runtime_table[];
extern const unsigned runtime_count;

/* The row of an operator, or NULL: float. */
const struct runtime_row *runtime_find(const char *op_type);

/* Two pairs behind each other in one type become one pair with the range that both
 * cover; false if the ranges have nothing in common. */
bool runtime_merge(const double scales[2], const int zero_points[2], int qmin, int qmax,
	double *scale, int *zero_point);

#endif
