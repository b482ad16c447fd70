/* Constant tensors to be quantized: their parameters, and their bytes when the model is
 * written (qdq-semantics.md 1.5 to 1.8, 4.6). */
#ifndef QDQEDIT_QUANT_WEIGHTS_H
#define QDQEDIT_QUANT_WEIGHTS_H

#include "plan/parameters.h"
#include "quant/kernels.h"
#include "quant/parallel.h"
#include "rules/marks.h"

/* A constant with its scales: one, one for each index of `axis`, or (block > 0) one for
 * each block along it. The data are [outer, extent, inner], row-major. */
struct weight {
	const Onnx__TensorProto *proto;
	tensor_id tensor;
	enum qtype type;
	int32_t element; /* ELEMENT_FLOAT or ELEMENT_FLOAT16 */
	int32_t axis;    /* -1: one scale */
	int64_t block;
	uint64_t count, outer, extent, inner;
	uint64_t scale_count;
	double *scales; /* values of `element` */
	int32_t *zero_points;
	bool symmetric, reduced;
	bool given;               /* scales and zero points are from the overrides */
	bool stored;              /* or from a quantized model's file; then given too */
	bool adjusted;            /* a scale was raised for a bias (5.2) */
	bool in_double;           /* to another value than ONNX Runtime's (Q34) */
	bool spread;              /* one entry was taken for all channels (Q6) */
	struct extremes extremes; /* of the data of each scale, unless given */
	double low, high;         /* what the first scale came from, unless given */
};

/* In order of the marks. Freed by weights_release. */
struct weight_list {
	struct weight *items;
	size_t count, room;
	uint32_t *of; /* by tensor: index plus one */
	struct arena arena;
};

/* Computes the parameters of every constant in M. Reads each tensor once. */
bool weights_measure(struct weight_list *list, const struct marks *marks,
	const struct quant_options *options, const struct overrides *overrides,
	const struct quant_work *work, struct error *err);

/* The same for one constant in M alone, the others are left out. */
bool weights_measure_one(struct weight_list *list, const struct marks *marks,
	const struct quant_options *options, const struct overrides *overrides,
	tensor_id tensor, struct error *err);

/* The extremes of all that are not given, which must have their layout. */
bool weights_read_extremes(struct weight_list *list, const struct model *model,
	const struct quant_work *work, struct error *err);
void weights_release(struct weight_list *list);

static inline struct weight *weights_find(
	const struct weight_list *list, tensor_id tensor)
{
	return list->of[tensor] ? &list->items[list->of[tensor] - 1] : NULL;
}

/* Gives `tensor` (a new header in `model`) the quantized bytes: at once if they are
 * few, else made from the float data while the model is written. `threads` (0: the
 * cores) are for a large one. */
bool weight_attach(const struct weight *weight, struct model *model,
	Onnx__TensorProto *tensor, unsigned threads, struct error *err);

#endif
