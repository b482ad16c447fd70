/* The options of a view as arguments for the command line. */
#include "qdq/view.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct text ARRAY_OF(char);

static bool put(struct text *text, const char *bytes, size_t length)
{
	if (!ARRAY_ROOM(text, length + 1))
		return false;
	memcpy(text->items + text->count, bytes, length);
	text->count += length;
	text->items[text->count] = '\0';
	return true;
}

static bool put_z(struct text *text, const char *bytes)
{
	return put(text, bytes, strlen(bytes));
}

/* A word as a shell reads it. */
static bool put_quoted(struct text *text, const char *word)
{
	bool fine = put_z(text, "'");

	for (; fine && *word; word++)
		fine = *word == '\'' ? put_z(text, "'\\''") : put(text, word, 1);
	return fine && put_z(text, "'");
}

static bool put_list(struct text *text, const char *option, const struct text_list *list)
{
	bool fine = true;

	for (size_t i = 0; fine && i < list->count; i++)
		fine = put_z(text, option) && put_quoted(text, list->items[i]);
	return fine;
}

static bool put_op_types(struct text *text, const struct text_list *list)
{
	bool fine = !list->count || put_z(text, " --op-types ");

	for (size_t i = 0; fine && i < list->count; i++)
		fine = (i == 0 || put_z(text, ",")) && put_z(text, list->items[i]);
	return fine;
}

static bool has_dedicated_pairs(const struct qdq_view *view)
{
	for (size_t i = 0; i < view->qdq->groups.count; i++) {
		const struct qdq_group *group = &view->qdq->groups.items[i];
		uint32_t count = 0;

		for (uint32_t k = 0; k < group->node_count; k++)
			count +=
				view->qdq
					->of_node[view->qdq->nodes[group->first_node + k]]
					.role == ROLE_Q;
		if (count > 1)
			return true;
	}
	return false;
}

static bool put_extra(struct text *text, const struct qdq_view *view)
{
	const struct quant_options *o = &view->options;
	char block[64] = "";
	const char *weights = o->weight_symmetric == YES  ? " --set WeightSymmetric=true"
			      : o->weight_symmetric == NO ? " --set WeightSymmetric=false"
							  : "";

	if (o->block_size)
		snprintf(block, sizeof(block), " --set BlockSize=%lld",
			(long long)o->block_size);
	return (!o->activation_symmetric ||
		       put_z(text, " --set ActivationSymmetric=true")) &&
	       put_z(text, weights) && put_z(text, block) &&
	       (!o->add_qdq_pair_to_weight ||
		       put_z(text, " --set AddQDQPairToWeight=true")) &&
	       (!has_dedicated_pairs(view) ||
		       put_z(text, " --set DedicatedQDQPair=true")) &&
	       (!o->no_quantize_bias || put_z(text, " --set QuantizeBias=false")) &&
	       (!o->use_contrib_ops || put_z(text, " --set UseQDQContribOps=true"));
}

/* A Constant that was quantized as activations are. */
static bool needs_constants(const struct qdq_view *view)
{
	for (size_t i = 0; i < view->qdq->groups.count; i++) {
		const struct qdq_group *group = &view->qdq->groups.items[i];

		if (group->kind == QDQ_ACTIVATION &&
			(view->file->tensors[group->source].flags & TENSOR_CONSTANT))
			return true;
	}
	return false;
}

char *qdq_options_text(const struct qdq_view *view)
{
	const struct quant_options *o = &view->options;
	struct text text = {0};

	if (put_z(&text, "--activation-type ") &&
		put_z(&text, qtypes[o->activation_type].name) &&
		put_z(&text, " --weight-type ") &&
		put_z(&text, qtypes[o->weight_type].name) &&
		(!o->per_channel || put_z(&text, " --per-channel")) &&
		(!needs_constants(view) || put_z(&text, " --keep-constants")) &&
		(!o->all_op_types || put_z(&text, " --op-types all")) &&
		put_op_types(&text, &o->op_types) &&
		put_list(&text, " --nodes-to-exclude ", &o->nodes_to_exclude) &&
		(o->opset_policy == OPSET_RAISE ||
			put_z(&text, " --opset-policy keep")) &&
		put_extra(&text, view))
		return text.items;
	ARRAY_RELEASE(&text);
	return NULL;
}
