/* Operator schemas of the domains ai.onnx ("") and ai.onnx.ml, compiled from
 * data/op-schemas.tsv. The functions that take no domain mean the default one. */
#ifndef QDQEDIT_ONNX_SCHEMA_H
#define QDQEDIT_ONNX_SCHEMA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What an output's element type is. */
enum schema_type_rule {
	SCHEMA_TYPE_UNKNOWN,
	SCHEMA_TYPE_INPUT, /* that of input `value` */
	SCHEMA_TYPE_FIXED, /* the element type `value` */
	SCHEMA_TYPE_NOTES, /* by the operator: graph/types.h */
};

/* How often a slot may be there. */
enum schema_arity { SCHEMA_ONE, SCHEMA_OPTIONAL, SCHEMA_VARIADIC };

struct schema_input {
	const char *name; /* formal: "X", "W", "B" */
	const char *type; /* type parameter ("T") or type ("tensor(int64)") */
	enum schema_arity arity;
};

struct schema_output {
	const char *name;
	const char *type;
	enum schema_arity arity;
	enum schema_type_rule rule;
	unsigned char value;
	bool own; /* the rule is ours; onnx's inference leaves the type open */
};

struct schema {
	const char *op_type; /* "ai.onnx.ml:Scaler" outside the default domain */
	int since;
	bool deprecated; /* from this version on; has no rule */
	const struct schema_input *inputs;
	const struct schema_output *outputs;
	unsigned char input_count;
	unsigned char output_count;
	const char *attributes; /* "name:KIND" with "!" if required, spaces between */
};

/* The newest opset of the default domain in the table. */
int schema_newest_opset(void);

/* The schema with the largest `since` not above the opset; NULL if there is none. */
const struct schema *schema_find(const char *op_type, int64_t opset);

/* The same in a domain: "", "ai.onnx" and "ai.onnx.ml" have schemas. */
const struct schema *schema_find_in(
	const char *domain, const char *op_type, int64_t version);

/* The first opset that has the operator; 0 if none has. */
int schema_first_since(const char *op_type);

/* True if a version of the operator begins at exactly that opset. */
bool schema_changes(const char *op_type, int64_t opset);

/* The input or output of an actual slot: the variadic one repeats. NULL if there is
 * none (also if `schema` is NULL). */
const struct schema_input *schema_input_at(const struct schema *schema, uint32_t slot);
const struct schema_output *schema_output_at(const struct schema *schema, uint32_t slot);

#endif
