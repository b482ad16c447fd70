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

/* Parameters and marks of a whole graph, as the quantizer makes them; all is borrowed.
 * Linear in the graph. NULL with `err`; freed by inspection_close. */
struct inspection;
struct inspection *inspection_open(const struct graph *graph,
	const struct quant_options *options, const struct overrides *overrides,
	const struct ranges *ranges, struct error *err);
void inspection_close(struct inspection *inspection);

/* The numbers of one tensor. Of constants only what is needed is read. With `steps` how
 * an activation's come about is filled in too, which is linear in the graph again. */
bool inspection_tensor(struct inspection *inspection, tensor_id tensor, bool steps,
	struct tensor_numbers *numbers, struct error *err);

/* Measures all constants at once, reading each one once: inspection_tensor then reads
 * none. */
bool inspection_measure(struct inspection *inspection, struct error *err);

/* All scales of a constant after inspection_measure; NULL if it has none. */
const struct weight *inspection_weight(
	const struct inspection *inspection, tensor_id tensor);

/* Whether quantization takes the node away (a Relu or Clip). */
bool inspection_removes(const struct inspection *inspection, node_id node);

/* All in one, with the steps. */
bool inspect_tensor(const struct graph *graph, const struct quant_options *options,
	const struct overrides *overrides, const struct ranges *ranges, tensor_id tensor,
	struct tensor_numbers *numbers, struct error *err);

#endif
