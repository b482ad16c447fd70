/* Operator schemas of the default domain, compiled from data/op-schemas.tsv. */
#ifndef QDQEDIT_GRAPH_SCHEMA_H
#define QDQEDIT_GRAPH_SCHEMA_H

#include <stddef.h>
#include <stdint.h>

/* What an output's element type is. */
enum schema_type_rule {
	SCHEMA_TYPE_UNKNOWN,
	SCHEMA_TYPE_INPUT, /* that of input `value` */
	SCHEMA_TYPE_FIXED, /* the element type `value` */
	SCHEMA_TYPE_NOTES, /* by the table of type-inference.md */
};

struct schema_output {
	const char *name;
	unsigned char rule;
	unsigned char value;
	unsigned char variadic;
};

struct schema {
	const char *op_type;
	int since;
	const char *const *inputs; /* formal names, "?" or "*" appended as in the table */
	unsigned char input_count;
	unsigned char output_count;
	const struct schema_output *outputs;
	const char *attributes; /* as in the table */
};

/* The schema with the largest `since` not above the opset; NULL if there is none. */
const struct schema *schema_find(const char *op_type, int64_t opset);

/* The formal name of an input or output slot ("X", "W", "B"), "" if unknown. */
const char *schema_input_name(const struct schema *schema, uint32_t slot);
const char *schema_output_name(const struct schema *schema, uint32_t slot);

#endif
