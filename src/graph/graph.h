/* The graph of a model as flat arrays with 32-bit ids. Immutable once built. */
#ifndef QDQEDIT_GRAPH_GRAPH_H
#define QDQEDIT_GRAPH_GRAPH_H

#include "base/names.h"
#include "onnx/model.h"
#include "onnx/schema.h"
#include "onnx/tensor.h"

typedef uint32_t tensor_id;
typedef uint32_t node_id;
typedef uint32_t scope_id; /* 0 is the main graph */
#define GRAPH_NONE UINT32_MAX

enum tensor_flag {
	TENSOR_INPUT = 1 << 0,       /* listed as input of its graph */
	TENSOR_OUTPUT = 1 << 1,      /* listed as output of its graph */
	TENSOR_INITIALIZER = 1 << 2, /* dense or sparse initializer */
	TENSOR_SPARSE = 1 << 3,
	TENSOR_CONSTANT = 1 << 4,  /* output of a Constant node */
	TENSOR_UNDEFINED = 1 << 5, /* read, but nothing produces it */
	TENSOR_DECLARED = 1 << 6, /* type by value_info, output or input, not by a rule */
	TENSOR_CAPTURED = 1 << 7, /* read inside a subgraph, or listed as its output */
	TENSOR_OWN_TYPE = 1 << 8, /* type known here, but not to onnx's inference */
	TENSOR_CONTAINER = 1 << 9, /* a sequence, optional, map or sparse value */
};

/* A reader: an input slot of a node. A node that reads twice is there twice. */
struct graph_reader {
	node_id node;
	uint32_t slot;
};

struct graph_tensor {
	name_id name;
	scope_id scope;
	node_id producer; /* GRAPH_NONE for inputs and initializers */
	uint32_t producer_slot;
	uint32_t first_reader, reader_count; /* in graph->readers, file order, subgraph
						readers behind */
	int32_t element_type; /* enum element_type as onnx's inference has it, which is
				 what ONNX Runtime's quantizer goes by; 0 unknown */
	int32_t known_type;   /* the same, also where only this program knows it */
	int32_t rank;         /* -1 unknown */
	uint32_t first_dim;   /* in graph->dims; -1 unknown extent, -2-k: symbol
				 graph->symbols[k] */
	uint16_t flags;
	uint32_t initializer; /* index in its graph's initializer list (the sparse one
				 with TENSOR_SPARSE), or GRAPH_NONE */
};

struct graph_node {
	const Onnx__NodeProto *proto;
	name_id name; /* may be the empty string */
	name_id op_type;
	name_id domain; /* "" for ai.onnx */
	scope_id scope;
	uint32_t index;                      /* in its graph's node list */
	uint32_t first_input, input_count;   /* in graph->slots; GRAPH_NONE: absent */
	uint32_t first_output, output_count; /* in graph->slots */
	scope_id first_body; /* first scope of its subgraphs, or GRAPH_NONE */
	uint32_t body_count;
	uint32_t function; /* in graph->functions if it is a call, or GRAPH_NONE */
};

struct graph_scope {
	const Onnx__GraphProto *proto;
	node_id owner; /* node whose attribute this is; GRAPH_NONE for the main graph */
	const char *attribute; /* its name, "" for the main graph */
	scope_id parent;
	node_id first_node, node_count;
	tensor_id first_tensor, tensor_count; /* those named in it, undefined ones too */
	uint32_t first_input, input_count;    /* in graph->ports, file order */
	uint32_t first_output, output_count;  /* in graph->ports, file order */
	uint32_t depth;
};

/* A model-local function: shown, never edited. Its nodes are no nodes of the graph. */
struct graph_function {
	const Onnx__FunctionProto *proto;
	name_id domain, name, overload;
	uint32_t calls; /* nodes of the graph that call it */
	uint32_t next;  /* private */
};

struct marks; /* rules/marks.h */

struct graph {
	const struct model *model; /* borrowed */
	struct names names;        /* all texts: tensors, nodes, operators, domains */
	struct graph_tensor *tensors;
	struct graph_node *nodes; /* main graph first, in file order; then the bodies */
	struct graph_scope *scopes;
	struct graph_reader *readers;
	tensor_id *slots;
	int64_t *dims;
	name_id *symbols;
	node_id *order;   /* each scope's nodes in a topological order, from the scope's
			     first_node on: the main graph is main_nodes long. File
			     order as far as it is one */
	tensor_id *ports; /* inputs and outputs of all scopes */
	const tensor_id *inputs, *outputs; /* of the main graph, in file order */
	struct graph_function *functions;
	int64_t opset; /* of the default domain; 0 if it is not imported */
	uint32_t tensor_count, node_count, scope_count, reader_count, slot_count;
	uint32_t function_count, symbol_count, dim_count;
	uint32_t main_nodes;   /* nodes[0 .. main_nodes) are the main graph's */
	uint32_t main_tensors; /* tensors[0 .. main_tensors) are the main graph's */
	uint32_t input_count, output_count;
	tensor_id repeated; /* one that several initializers of a scope are named like: the
			first of them counts; else GRAPH_NONE */
	bool unsorted; /* the main graph's node order in the file is not topological */
	const struct marks *quantized; /* of a quantized model seen as the float model
			it stands for: what is quantized in it, in place of the rules
			(set by qdq_view_open; borrowed); else NULL */
	/* private: (scope, name) to tensor; name to the main graph's node */
	uint32_t *tensor_slots, *node_slots;
	size_t tensor_slot_count, node_slot_count;
};

/* Builds the graph; linear in the structure. Refuses, with the name: tensors that are
 * defined twice, cycles, nodes without an operator, inputs, outputs and initializers
 * without a name, names with a NUL inside. Freed by graph_free. */
struct graph *graph_build(const struct model *model, struct error *err);

/* The same with element types as `sweeps` runs of onnx's inference know them, one on the
 * result of another: a node that stands before its producer gets its type one sweep
 * later. graph_build makes one; the opset raise of quantize_static comes to four. */
struct graph *graph_build_swept(
	const struct model *model, unsigned sweeps, struct error *err);
void graph_free(struct graph *graph);

/* Look-up by name: a main-graph tensor or node; GRAPH_NONE if there is none. Of nodes
 * with the same name the first in file order. */
tensor_id graph_find_tensor(const struct graph *graph, const char *name, size_t length);
node_id graph_find_node(const struct graph *graph, const char *name, size_t length);

/* The first tensor of a name in a body behind *scope (0: in any), which moves to that
 * body; GRAPH_NONE if there is none. Bodies beside each other may use the same names. */
tensor_id graph_find_inside(
	const struct graph *graph, const char *name, size_t length, scope_id *scope);

/* The names nearest to a wrong one for messages (escaped, quoted, at most three, joined
 * by " or "), "" if nothing is near. `kind`: 't' tensors, 'n' nodes, 'o' operators. */
void graph_suggest(const struct graph *graph, char kind, const char *name, size_t length,
	char *out, size_t room);

/* Texts (borrowed, NUL-terminated) and their escaped forms. */
const char *graph_tensor_name(const struct graph *graph, tensor_id tensor);
const char *graph_node_name(const struct graph *graph, node_id node);
const char *graph_op_type(const struct graph *graph, node_id node);

/* A word for people: the node's name, else the name of its first output. */
const char *graph_node_label(const struct graph *graph, node_id node);

static inline tensor_id graph_input_of(const struct graph *g, node_id node, uint32_t slot)
{
	return slot < g->nodes[node].input_count
		       ? g->slots[g->nodes[node].first_input + slot]
		       : GRAPH_NONE;
}

static inline tensor_id graph_output_of(
	const struct graph *g, node_id node, uint32_t slot)
{
	return slot < g->nodes[node].output_count
		       ? g->slots[g->nodes[node].first_output + slot]
		       : GRAPH_NONE;
}

static inline const struct graph_reader *graph_readers_of(
	const struct graph *g, tensor_id tensor, uint32_t *count)
{
	*count = g->tensors[tensor].reader_count;
	return g->readers + g->tensors[tensor].first_reader;
}

static inline bool graph_is_main(const struct graph *g, node_id node)
{
	return node < g->main_nodes;
}

static inline bool graph_is_constant(const struct graph *g, tensor_id tensor)
{
	return g->tensors[tensor].flags & (TENSOR_INITIALIZER | TENSOR_CONSTANT);
}

/* The node of an outer scope inside whose subgraphs `node` stands; itself if it is of
 * that scope. */
node_id graph_ancestor(const struct graph *graph, node_id node, scope_id scope);

/* The schema of a node in the model's opset; NULL for unknown operators and domains
 * other than ai.onnx and ai.onnx.ml. */
const struct schema *graph_schema(const struct graph *graph, node_id node);

/* The initializer or Constant value of a tensor as a TensorProto, or NULL: for sparse
 * ones, and Constants that hold numbers or texts in place of a tensor. */
const Onnx__TensorProto *graph_constant(const struct graph *graph, tensor_id tensor);

/* An attribute of a node by name, or NULL; the integer form with a default. */
const Onnx__AttributeProto *graph_attribute(
	const struct graph *graph, node_id node, const char *name);
int64_t graph_int_attribute(
	const struct graph *graph, node_id node, const char *name, int64_t otherwise);

/* "float[1,64,N]" and the like into `out`; "?" where unknown. Symbols are escaped. */
char *graph_shape_text(
	const struct graph *graph, tensor_id tensor, char *out, size_t room);

/* Elements of a tensor, 0 if any extent is unknown. */
uint64_t graph_tensor_elements(const struct graph *graph, tensor_id tensor);

#endif
