/* What a whole graph marks for quantization (qdq-semantics.md 3.3 to 3.9, 5.1). Both the
 * preview and the quantizer read it. */
#ifndef QDQEDIT_RULES_MARKS_H
#define QDQEDIT_RULES_MARKS_H

#include "rules/selection.h"

enum fact_flag {
	FACT_PARAMETERS =
		1 << 0, /* has computed parameters: a range, not an initializer's */
	FACT_CONVERTED = 1 << 1, /* they have a converted part */
	FACT_OVERRIDE = 1 << 2,  /* has a non-empty list of overrides */
	FACT_AXIS = 1 << 3,      /* whose first entry has an axis */
	FACT_KNOWN = 1 << 4,     /* type, scale and zero_point below are given */
};

/* What marking asks about a tensor. */
struct tensor_facts {
	unsigned flags;
	int32_t axis;
	enum qtype type; /* original parameters, for the removal of Relu and Clip (Q8) */
	int32_t zero_point;
	double scale;
};

/* Answers for tensors of the main graph. */
struct marks_facts {
	void (*tensor)(const void *arg, tensor_id tensor, struct tensor_facts *facts);
	const void *arg;
};

/* No tensor has parameters yet, so that no Relu or Clip goes. */
extern const struct marks_facts marks_no_facts;

enum mark_kind { MARK_ACTIVATION = 1, MARK_WEIGHT };

/* The numbers that a constant has in a quantized model's file, for as long as it keeps
 * its type. */
struct stored_numbers {
	enum qtype type;
	uint64_t count;
	const double *scales;
	const int32_t *zero_points;
};

/* An entry of the ordered map M. */
struct mark {
	tensor_id tensor; /* GRAPH_NONE: deleted (only while marking) */
	enum mark_kind kind;
	int32_t axis;                        /* from 0, or -1: per tensor */
	tensor_id provider;                  /* shares its parameters, or GRAPH_NONE */
	node_id provider_node;               /* as this node receives them */
	const struct stored_numbers *stored; /* borrowed; NULL: computed */
};

/* An entry of the ordered map B: becomes int32. */
struct bias_mark {
	tensor_id bias; /* an id of a copy from graph->tensor_count on */
	node_id node;
	tensor_id input, weight;
	float beta;
};

/* A copy of a bias that two nodes share: tensor id graph->tensor_count plus index. */
struct bias_copy {
	tensor_id original; /* of the graph: where the data are */
	char *name;
};

enum marked_node {
	NODE_SELECTED = 1 << 0,
	NODE_REMOVED = 1 << 1,
	NODE_BETA_ONE = 1 << 2,  /* Gemm: its beta becomes 1 */
	NODE_BETA_KEPT = 1 << 3, /* Gemm: ONNX Runtime would lose its beta (Q3) */
	NODE_KEPT = 1 << 4, /* Relu or Clip that only ONNX Runtime removes (Q8, Q9) */
};

/* Freed by marks_free. Arrays by tensor are tensor_count long. */
struct marks {
	const struct graph *graph;
	struct mark *marks; /* M in order */
	uint32_t count;
	struct bias_mark *biases; /* B in order */
	uint32_t bias_count;
	struct bias_mark *spared; /* biases left alone, QuantizeBias being off (Q22) */
	uint32_t spared_count;
	tensor_id *stands_for; /* NULL, or by tensor: the bias whose copy took its name,
				  else itself (ONNX Runtime does not look: quirk Q10) */
	struct bias_copy *copies;
	uint32_t copy_count;
	uint32_t tensor_count;     /* of the graph, and the copies */
	uint32_t *place;           /* index of marks plus one, 0: not in M */
	uint32_t *bias_place;      /* index of biases plus one, 0: not in B */
	uint32_t *first_receiver;  /* R: receivers[first_receiver[t] .. [t + 1]) */
	node_id *receivers;        /* in order of marking, one for each input slot */
	bool *dequantized;         /* P: made by a DequantizeLinear of the float model */
	tensor_id *slots;          /* as graph->slots, with copies and removals applied */
	unsigned char *node_flags; /* enum marked_node, main_nodes long */
};

/* Marks the main graph; one of a quantized model (graph->quantized) is marked as that
 * says. Refuses what makes ONNX Runtime fail while marking, with the
 * node's name. Linear in the graph. */
struct marks *marks_build(const struct graph *graph, const struct quant_options *options,
	const struct marks_facts *facts, struct error *err);
void marks_free(struct marks *marks);

/* Marks with nothing marked and room for all: `mark_count` marks, `bias_count` biases,
 * and receivers for every slot that is read; for those who fill them in another way. */
struct marks *marks_new(const struct graph *graph, uint32_t mark_count,
	uint32_t bias_count, struct error *err);

/* An own copy of marks without copies of biases. */
struct marks *marks_copy(const struct marks *from, struct error *err);

/* The mark of a tensor, or NULL. */
static inline const struct mark *marks_find(const struct marks *m, tensor_id tensor)
{
	return m->place[tensor] ? &m->marks[m->place[tensor] - 1] : NULL;
}

static inline const struct bias_mark *marks_find_bias(
	const struct marks *m, tensor_id tensor)
{
	return m->bias_place[tensor] ? &m->biases[m->bias_place[tensor] - 1] : NULL;
}

/* The tensor of the graph that holds the data of an initializer or of a copy. */
tensor_id marks_original(const struct marks *m, tensor_id tensor);

/* The name of a tensor of the graph or of a copy. */
const char *marks_tensor_name(const struct marks *marks, tensor_id tensor);

#endif
