/* The numbers of one tensor as they will stand in the file, with the steps they come
 * from: what the editor explains. */
#ifndef QDQEDIT_QUANT_INSPECT_H
#define QDQEDIT_QUANT_INSPECT_H

#include "plan/parameters.h"
#include "quant/weights.h"

enum numbers_kind {
	NUMBERS_FLOAT,      /* it stays float */
	NUMBERS_NO_RANGE,   /* quantized, but no range says how */
	NUMBERS_ACTIVATION, /* from a calibration range */
	NUMBERS_CONSTANT,   /* from its own data */
	NUMBERS_BIAS,       /* int32, from the scales of input and weight */
};

/* One scale: where it comes from, each step, the result. `steps` are set unless the
 * source is given or the scale is by block. */
struct side_numbers {
	struct parameter_source source;
	struct scale_steps steps;
	struct scale scale;
};

struct tensor_numbers {
	enum numbers_kind kind;
	tensor_id tensor; /* whose scale it is: the provider's if one is shared */
	bool shared;      /* with `tensor` */
	bool renamed;     /* the Relu or Clip behind it goes: it becomes `tensor` */
	bool converted;   /* `second` is set */
	struct side_numbers first, second;
	uint64_t scale_count; /* constants: channels or blocks; first is of the first */
	int32_t axis;         /* constants: -1 without channels */
	int64_t block;        /* constants: 0 without blocks */
	bool adjusted;        /* constants: the scale was raised for a bias */
	struct {
		node_id node;
		tensor_id input, weight;
		double input_scale, weight_scale, beta;
		double value; /* first element */
		double scale; /* of it */
		int32_t quantized;
		int32_t element;
	} bias;
};

/* Computes them as the quantizer does. Linear in the graph; of constants only what is
 * needed is read. */
bool inspect_tensor(const struct graph *graph, const struct quant_options *options,
	const struct overrides *overrides, const struct ranges *ranges, tensor_id tensor,
	struct tensor_numbers *numbers, struct error *err);

/* Whether quantization takes the node away (a Relu or Clip). */
bool inspect_node(const struct graph *graph, const struct quant_options *options,
	const struct overrides *overrides, const struct ranges *ranges, node_id node,
	bool *removed, struct error *err);

#endif
