/* The integers of weights and biases that are quantized anew. */
#include "qdq/rewrite_parts.h"

#include "base/text.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static Onnx__TensorProto *new_integers(
	struct rewriting *r, const struct qdq_group *group, int32_t element)
{
	const Onnx__TensorProto *old = graph_constant(r->file, group->source);

	return model_new_tensor(r->model, (const char *)old->name.data, old->name.len,
		element, old->dims, old->n_dims);
}

static bool set_weight(struct rewriting *r, uint32_t index)
{
	const struct qdq_group *group = rewriting_group(r, index);
	const struct weight *w = r->wishes[index].weight;
	Onnx__TensorProto *made;

	if (group->kind == QDQ_FLOAT_WEIGHT)
		return true; /* the floats stay, only its scale is another */
	made = new_integers(r, group, qtypes[w->type].element_type);
	if (!made)
		return rewriting_no_memory(r);
	return weight_attach(w, r->model, made, 0, r->err) &&
	       rewriting_replace(r, group->source, made);
}

/* ---- biases */

/* The scale of element `i`: one, or one for each index of the axis. */
static double bias_scale(const struct rewriting *r, uint32_t index, uint64_t i)
{
	const struct qdq_params *own = &rewriting_group(r, index)->own;
	const Onnx__TensorProto *t =
		graph_constant(r->file, rewriting_group(r, index)->source);
	uint64_t inner = 1;

	for (size_t d = (size_t)(own->axis + 1); own->axis >= 0 && d < t->n_dims; d++)
		inner *= (uint64_t)t->dims[d];
	return r->wishes[index].own.scales[own->axis < 0 ? 0 : i / inner % own->count];
}

static bool note_saturation(struct rewriting *r, uint32_t index)
{
	return problem_add(r->notes, SEVERITY_WARNING, "bias", PROBLEM_NOWHERE,
		       PROBLEM_NOWHERE, text_quoted_z(rewriting_group(r, index)->name),
		       "does not fit into int32 with its new scale and is cut off",
		       "promote its weight too") ||
	       rewriting_no_memory(r);
}

static bool set_bias(struct rewriting *r, uint32_t index)
{
	const struct wish *wish = &r->wishes[index];
	Onnx__TensorProto *made =
		new_integers(r, rewriting_group(r, index), ELEMENT_INT32);
	size_t size = (size_t)wish->value_count * sizeof(int32_t);
	unsigned char *bytes = made ? arena_alloc(&r->model->arena, size) : NULL;
	bool saturates = false;

	if (!bytes)
		return rewriting_no_memory(r);
	for (uint64_t i = 0; i < wish->value_count; i++) {
		double q = rint(wish->values[i] / bias_scale(r, index, i));
		int32_t integer = (int32_t)fmin(fmax(q, INT32_MIN), INT32_MAX);

		saturates |= q > INT32_MAX || q < INT32_MIN;
		memcpy(bytes + i * sizeof(integer), &integer, sizeof(integer));
	}
	made->has_raw_data = 1;
	made->raw_data = (ProtobufCBinaryData){size, bytes};
	r->changes->biases++;
	return rewriting_replace(r, rewriting_group(r, index)->source, made) &&
	       (!saturates || note_saturation(r, index));
}

static bool note_weights(struct rewriting *r)
{
	char cause[160];

	if (!r->changes->weights)
		return true;
	snprintf(cause, sizeof(cause),
		"%u constant%s quantized anew, from what the old integers stand for",
		(unsigned)r->changes->weights,
		r->changes->weights == 1 ? " was" : "s were");
	return problem_add(r->notes, SEVERITY_NOTE, "requantized", PROBLEM_NOWHERE,
		       PROBLEM_NOWHERE, "", cause, "") ||
	       rewriting_no_memory(r);
}

bool rewriting_set_constants(struct rewriting *r)
{
	for (uint32_t i = 0; i < r->qdq->groups.count; i++) {
		const struct wish *wish = &r->wishes[i];

		if (wish->weight && !set_weight(r, i))
			return false;
		if (wish->values && !set_bias(r, i))
			return false;
		r->changes->weights +=
			wish->weight && rewriting_group(r, i)->kind == QDQ_WEIGHT;
	}
	return note_weights(r);
}
