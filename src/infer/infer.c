/* What is inferred of values, node by node, and how it meets what is declared. */
#include "infer/state.h"

#include <string.h>

static const struct known_shape unknown = INFER_NOTHING;

/* A value, below 0 too. */
static bool is_value(const struct infer_run *run, int64_t extent)
{
	const char *name;
	int64_t value;

	return extent >= 0 ||
	       (extent < INFER_UNKNOWN && infer_symbol_value(run, extent, &value, &name));
}

static bool contradict(const struct infer_run *run, const struct known_shape *a,
	const struct known_shape *b)
{
	if (infer_is_nothing(a) || infer_is_nothing(b))
		return false;
	if (a->kind != b->kind || (a->type && b->type && a->type != b->type))
		return true;
	if (a->rank < 0 || b->rank < 0)
		return false;
	if (a->rank != b->rank)
		return true;
	for (int64_t i = 0; a->dims && b->dims && i < a->rank; i++)
		if (a->dims[i] != b->dims[i] && is_value(run, a->dims[i]) &&
			is_value(run, b->dims[i]))
			return true;
	return false;
}

/* Values win, then names that are there already. */
static bool merge_dims(struct infer_values *known, struct known_shape *target,
	const struct known_shape *inferred)
{
	int64_t *dims = NULL;

	for (int64_t i = 0; inferred->dims && i < target->rank; i++) {
		int64_t have = target->dims[i], found = inferred->dims[i];

		if (have == found ||
			(have != INFER_UNKNOWN && !is_value(known->run, found)))
			continue;
		if (!dims) {
			dims = infer_alloc(known, (size_t)target->rank, sizeof(*dims));
			if (!dims)
				return false;
			memcpy(dims, target->dims, (size_t)target->rank * sizeof(*dims));
		}
		dims[i] = found;
	}
	if (dims)
		infer_put_dims(target, dims, target->rank);
	return true;
}

bool infer_merge(struct infer_values *known, struct known_shape *target,
	const struct known_shape *inferred, bool *conflict)
{
	*conflict = contradict(known->run, target, inferred);
	if (*conflict || infer_is_nothing(inferred))
		return true;
	if (infer_is_nothing(target))
		target->kind = inferred->kind;
	if (!target->type)
		target->type = inferred->type;
	if (inferred->rank < 0)
		return true;
	if (target->rank < 0) {
		infer_put_dims(target, inferred->dims, inferred->rank);
		return true;
	}
	return merge_dims(known, target, inferred);
}

static bool add_info(struct infer_values *known, const struct infer_value *value)
{
	return !known->graph ||
	       ARRAY_PUSH(&known->added, (name_id)(value - known->values.items));
}

bool infer_note(struct infer_values *known, ProtobufCBinaryData name,
	struct known_shape inferred, bool *conflict)
{
	struct infer_value *value;

	*conflict = false;
	if (infer_is_nothing(&inferred))
		return true;
	if (!infer_materialize(known, &inferred))
		return false;
	value = infer_look_up(known, name);
	if (value)
		return infer_merge(known, &value->now, &inferred, conflict);
	value = infer_entry(known, name);
	if (!value || !add_info(known, value))
		return false;
	inferred.data = value->now.data;
	inferred.is_constant = value->now.is_constant;
	inferred.fails = false;
	value->now = inferred;
	value->has_type = true;
	value->is_open = false;
	return true;
}

/* ---- nodes */

static struct known_shape *unknown_outputs(
	struct infer_values *known, const Onnx__NodeProto *node)
{
	struct known_shape *out = infer_alloc(known, node->n_output, sizeof(*out));

	for (size_t i = 0; out && i < node->n_output; i++)
		out[i] = unknown;
	return out;
}

static bool note_failed(struct infer_values *known, const Onnx__NodeProto *node)
{
	for (size_t i = 0; i < node->n_output; i++) {
		struct infer_value *value;

		if (node->output[i].len == 0)
			continue;
		value = infer_entry(known, node->output[i]);
		if (!value)
			return false;
		value->now.fails = true;
	}
	return true;
}

static bool note_outputs(struct infer_values *known, const Onnx__NodeProto *node,
	const struct known_shape *out)
{
	for (size_t i = 0; i < node->n_output; i++) {
		bool conflict;

		if (node->output[i].len == 0)
			continue;
		if (!infer_note(known, node->output[i], out[i], &conflict))
			return false;
		if (conflict)
			return true;
	}
	if (node->n_output && (out[0].is_constant || out[0].data)) {
		struct infer_value *value = infer_entry(known, node->output[0]);

		if (!value)
			return false;
		value->now.data = out[0].data;
		value->now.is_constant = out[0].is_constant;
	}
	return true;
}

static bool infer_node(struct infer_values *known, const struct model *model,
	const Onnx__NodeProto *node)
{
	bool is_default = node->domain.len == 0 || bytes_equal(node->domain, "ai.onnx");
	struct known_shape *out = unknown_outputs(known, node);
	bool gives_up = false, found = false, ok = out;

	if (ok && is_default)
		ok = infer_bodies_of(known, model, node, out, &found, &gives_up);
	if (ok && is_default && !found)
		ok = infer_by_body(known, model, node, out, &found);
	if (ok && !is_default && model->proto->n_functions)
		ok = infer_called(known, model, node, out, &found);
	if (ok && !found)
		ok = infer_outputs(known, model, node, out, &gives_up);
	if (!ok)
		return false;
	return gives_up ? note_failed(known, node) : note_outputs(known, node, out);
}

bool infer_nodes(struct infer_values *known, const struct model *model,
	Onnx__NodeProto *const *nodes, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (!infer_node(known, model, nodes[i]))
			return false;
	return true;
}
