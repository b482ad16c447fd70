/* The QuantizeLinear and DequantizeLinear nodes of a model that is quantized already,
 * put together as what they mean: tensors that are stored as integers. Found by
 * structure, whoever wrote the model. */
#ifndef QDQEDIT_QDQ_GROUPS_H
#define QDQEDIT_QDQ_GROUPS_H

#include "base/array.h"
#include "graph/graph.h"
#include "rules/qtype.h"

enum qdq_kind {
	QDQ_ACTIVATION,   /* float tensor -> Q -> DQ -> readers; also the output of a
			     Constant node that is quantized as one */
	QDQ_WEIGHT,       /* constant integers -> DQ -> readers */
	QDQ_FLOAT_WEIGHT, /* constant floats -> Q -> DQ -> readers */
	QDQ_BIAS,         /* constant int32 -> DQ -> readers */
	QDQ_KINDS
};

/* How one side of a tensor is stored. */
struct qdq_params {
	enum qtype type;       /* QTYPE_NONE: there is none, or int32 (a bias) */
	int32_t element;       /* enum element_type of the integers; 0: there is none */
	int32_t scale_element; /* ELEMENT_FLOAT or ELEMENT_FLOAT16 */
	int32_t axis;          /* from 0, or -1: one scale */
	int64_t block;         /* elements of a block along the axis, 0: no blocks */
	uint64_t count;        /* scales */
	tensor_id scale;       /* what the nodes read */
	tensor_id zero_point;  /* the same; GRAPH_NONE: absent, which means 0 */
	double value;          /* of the first scale */
	int32_t zero;          /* of the first zero point */
	uint64_t digest;       /* of all scales and zero points */
};

/* A tensor that is stored as integers. */
struct qdq_group {
	enum qdq_kind kind;
	tensor_id source; /* what is quantized: floats, or constant integers */
	const char *name; /* of the float tensor: what it is called without the group */
	uint32_t name_length;
	struct qdq_params own;           /* as stored */
	struct qdq_params converted;     /* as a further Q makes it for some readers */
	uint32_t first_node, node_count; /* in qdq->nodes, file order */
	bool output;                     /* a graph output is behind a DQ of it */
	bool output_converted;           /* that DQ is one of the converted side */
};

/* What a node is in its group. */
enum qdq_role {
	ROLE_NONE,
	ROLE_Q,
	ROLE_DQ,       /* of the own side; one may be read by ROLE_Q_AGAIN alone */
	ROLE_Q_AGAIN,  /* reads a DQ of the own side: begins the converted side */
	ROLE_DQ_AGAIN, /* of the converted side */
};

/* What a tensor of the file is in its group. */
enum qdq_side {
	SIDE_NONE,
	SIDE_SOURCE, /* what is quantized; who reads it reads past the group */
	SIDE_INTEGER,
	SIDE_OWN,       /* a DQ wrote it */
	SIDE_CONVERTED, /* a DQ of the converted side wrote it */
};

struct qdq_member {
	uint32_t group; /* index into groups; meaningless without role or side */
	uint8_t role;   /* of a node: enum qdq_role */
	uint8_t side;   /* of a tensor: enum qdq_side */
};

/* A Q or DQ that is in no group: it stays as it is, a node like others. */
struct qdq_stranger {
	node_id node;
	const char *reason; /* static text: "its scale is not constant" */
};

struct qdq_group_list ARRAY_OF(struct qdq_group);
struct qdq_stranger_list ARRAY_OF(struct qdq_stranger);

/* Ids are those of `graph`, the model as it is in its file. Freed by qdq_free. */
struct qdq {
	const struct graph *graph;    /* borrowed */
	struct qdq_group_list groups; /* in the order of their first nodes, as sorted */
	struct qdq_stranger_list strangers; /* file order */
	node_id *nodes;                     /* of all groups */
	struct qdq_member *of_node;         /* graph->node_count long */
	struct qdq_member *of_tensor;       /* graph->tensor_count long */
	uint32_t kinds[QDQ_KINDS];          /* groups of each kind */
	uint32_t conversions;               /* groups with a converted side */
	uint32_t pairs_in_bodies;           /* Q and DQ in subgraphs: strangers too */
	struct names names;                 /* of the float tensors, private */
};

/* Finds all groups; linear in the graph and in the scales. NULL when memory is gone or a
 * scale cannot be read. A model without Q and DQ gives an empty result. */
struct qdq *qdq_find(const struct graph *graph, struct error *err);
void qdq_free(struct qdq *qdq);

/* The strangers of one reason. */
struct qdq_reason {
	const char *reason;
	node_id first;
	uint32_t count;
};

/* There are not as many reasons. */
enum { QDQ_REASONS = 32 };

/* What keeps nodes out of groups, each reason once; returns how many there are. */
uint32_t qdq_list_reasons(const struct qdq *qdq, struct qdq_reason list[QDQ_REASONS]);

/* Whether a node is a Q or DQ, of one of the domains that have them. */
bool qdq_is_quantize(const struct graph *graph, node_id node);
bool qdq_is_dequantize(const struct graph *graph, node_id node);

/* True if the two sides are stored alike: type, layout, all scales and zero points. */
bool qdq_params_equal(const struct qdq_params *a, const struct qdq_params *b);

#endif
