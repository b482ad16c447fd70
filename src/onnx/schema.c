#include "onnx/schema.h"

#include "onnx/tensor.h"

#include <stdio.h>
#include <string.h>

#include "onnx/schema_data.h"

enum { SCHEMA_COUNT = sizeof(schemas) / sizeof(*schemas) };

/* The index of the first schema of the operator, or of what would stand behind it. */
static size_t first_of(const char *op_type)
{
	size_t low = 0, high = SCHEMA_COUNT;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (strcmp(schemas[middle].op_type, op_type) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static bool is_of(size_t at, const char *op_type)
{
	return at < SCHEMA_COUNT && !strcmp(schemas[at].op_type, op_type);
}

const struct schema *schema_find(const char *op_type, int64_t opset)
{
	const struct schema *found = NULL;

	for (size_t i = first_of(op_type); is_of(i, op_type); i++)
		if (schemas[i].since <= opset)
			found = &schemas[i];
	return found;
}

const struct schema *schema_find_in(
	const char *domain, const char *op_type, int64_t version)
{
	char key[64];

	if (!*domain || !strcmp(domain, "ai.onnx"))
		return strchr(op_type, ':') ? NULL : schema_find(op_type, version);
	if (strcmp(domain, "ai.onnx.ml") != 0 || strlen(op_type) > 40)
		return NULL;
	snprintf(key, sizeof(key), "%s:%s", domain, op_type);
	return schema_find(key, version);
}

int schema_first_since(const char *op_type)
{
	size_t at = first_of(op_type);

	return is_of(at, op_type) ? schemas[at].since : 0;
}

bool schema_changes(const char *op_type, int64_t opset)
{
	const struct schema *schema = schema_find(op_type, opset);

	return schema && schema->since == opset;
}

int schema_newest_opset(void)
{
	int newest = 0;

	for (size_t i = 0; i < SCHEMA_COUNT; i++)
		if (schemas[i].since > newest && !strchr(schemas[i].op_type, ':'))
			newest = schemas[i].since;
	return newest;
}

const struct schema_input *schema_input_at(const struct schema *schema, uint32_t slot)
{
	uint32_t count = schema ? schema->input_count : 0;

	if (slot < count)
		return &schema->inputs[slot];
	if (count && schema->inputs[count - 1].arity == SCHEMA_VARIADIC)
		return &schema->inputs[count - 1];
	return NULL;
}

const struct schema_output *schema_output_at(const struct schema *schema, uint32_t slot)
{
	uint32_t count = schema ? schema->output_count : 0;

	if (slot < count)
		return &schema->outputs[slot];
	if (count && schema->outputs[count - 1].arity == SCHEMA_VARIADIC)
		return &schema->outputs[count - 1];
	return NULL;
}
