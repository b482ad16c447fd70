/* Finding the rule of a node and applying it. */
#include "infer/rule.h"

#include "onnx/schema.h"

#include <stdio.h>
#include <string.h>

enum { KEY_MAX = 80, NAME_MAX_LENGTH = 40 };

/* The name of a node's operator in the tables; empty if it is of another domain or
 * longer than all of them. */
static void name_of(const Onnx__NodeProto *node, char name[KEY_MAX])
{
	static const char *const domains[] = {"ai.onnx.ml", "ai.onnx.preview.training"};
	bool is_known = node->domain.len == 0 || bytes_equal(node->domain, "ai.onnx");
	const char *prefix = "", *colon = "";

	name[0] = '\0';
	for (size_t i = 0; i < sizeof(domains) / sizeof(*domains); i++)
		if (bytes_equal(node->domain, domains[i])) {
			is_known = true;
			prefix = domains[i];
			colon = ":";
		}
	if (is_known && node->op_type.len < NAME_MAX_LENGTH)
		snprintf(name, KEY_MAX, "%s%s%.*s", prefix, colon, (int)node->op_type.len,
			(const char *)node->op_type.data);
}

/* Rows of the default domain may begin before the operator does. */
static bool has_begun(const char *name, int64_t version)
{
	return strchr(name, ':') || schema_find(name, version);
}

/* The last row of the operator that begins at `version` or before, or NULL. */
static const struct infer_rule *find_rule(const char *name, int64_t version)
{
	size_t low = 0, high = infer_table.count;

	while (low < high) {
		size_t middle = (low + high) / 2;
		const struct infer_rule *row = &infer_table.rows[middle];
		int order = strcmp(row->op_type, name);

		if (order < 0 || (order == 0 && row->since <= version))
			low = middle + 1;
		else
			high = middle;
	}
	if (!low || strcmp(infer_table.rows[low - 1].op_type, name) != 0)
		return NULL;
	return &infer_table.rows[low - 1];
}

/* These rules take a sparse tensor for a dense one without extents. */
static bool fails_on_sparse(const struct infer_context *c)
{
	static const char *const strict[] = {"MatMul", "Gemm", "Conv"};
	bool found = false;

	for (size_t i = 0; i < sizeof(strict) / sizeof(*strict); i++)
		found = found || bytes_equal(c->node->op_type, strict[i]);
	for (size_t i = 0; found && i < c->node->n_input; i++)
		if (infer_input(c, i).kind == INFER_SPARSE)
			return true;
	return false;
}

static bool apply(struct infer_context *c, const struct infer_rule *rule)
{
	if (fails_on_sparse(c))
		return false;
	if (rule->type < 0 && !infer_copy_type(c, (size_t)(-1 - rule->type), 0))
		return false;
	if (rule->type > 0 && !infer_set_type(c, 0, rule->type))
		return false;
	if (rule->needs && !infer_has_shapes(c, (size_t)rule->needs))
		return true;
	return rule->function ? rule->function(c) : infer_copy_shape(c, 0, 0);
}

/* What a list of extents says in short. */
static void finish(struct known_shape *shape)
{
	shape->length = shape->rank == 1 && shape->dims ? shape->dims[0] : -1;
}

bool infer_outputs(struct infer_values *known, const struct model *model,
	const Onnx__NodeProto *node, struct known_shape *out, bool *gives_up)
{
	char name[KEY_MAX];
	struct infer_context c = {
		.known = known, .model = model, .node = node, .out = out};
	const struct infer_rule *rule;

	for (size_t i = 0; i < node->n_output; i++)
		out[i] = (struct known_shape)INFER_NOTHING;
	*gives_up = false;
	name_of(node, name);
	c.opset = infer_version(known, node->domain);
	rule = find_rule(name, c.opset);
	if (!rule || !has_begun(name, c.opset))
		return true;
	c.argument = rule->argument;
	*gives_up = !apply(&c, rule);
	for (size_t i = 0; i < node->n_output; i++) {
		if (*gives_up)
			out[i] = (struct known_shape)INFER_NOTHING;
		finish(&out[i]);
	}
	return !c.no_memory;
}
