/* Edits of seeds: promoting and demoting. */
#include "base/text.h"
#include "plan/cache.h"
#include "plan/edit.h"
#include "plan/telling.h"

#include <stdio.h>
#include <string.h>

static bool check_tensor(const struct plan *plan, tensor_id tensor, struct error *err)
{
	const char *name = text_quoted_z(graph_tensor_name(plan->graph, tensor));

	if (plan->graph->tensors[tensor].scope)
		return error_set(err, ERROR_REFUSED,
			"%s: tensors inside subgraphs are not quantized; promote the "
			"node around them",
			name);
	if (!plan->graph->tensors[tensor].element_type)
		return error_set(err, ERROR_REFUSED,
			"%s: the type of this tensor is not known; run shape inference "
			"on the model first",
			name);
	if (!plan_is_float(plan->graph, tensor))
		return error_set(err, ERROR_REFUSED,
			"%s: not a float tensor, so it has no quantization type; choose "
			"another",
			name);
	return true;
}

static bool check_node(const struct plan *plan, node_id node, struct error *err)
{
	if (graph_is_main(plan->graph, node))
		return true;
	return error_set(err, ERROR_REFUSED,
		"%s: nodes inside subgraphs are not quantized; promote the node around "
		"it",
		text_quoted_z(graph_node_label(plan->graph, node)));
}

static bool check_reader(
	const struct plan *plan, tensor_id tensor, node_id node, struct error *err)
{
	char readers[768];

	for (uint32_t i = 0; i < plan->graph->nodes[node].input_count; i++)
		if (graph_input_of(plan->graph, node, i) == tensor)
			return true;
	telling_readers(plan->graph, tensor, readers, sizeof(readers));
	return error_set(err, ERROR_REFUSED, "%s: %s does not read it; %s",
		text_quoted_z(graph_tensor_name(plan->graph, tensor)),
		text_quoted_z(graph_node_label(plan->graph, node)), readers);
}

static bool check_seed(
	const struct plan *plan, const struct seed *seed, struct error *err)
{
	return (seed->kind == SEED_NODE || check_tensor(plan, seed->tensor, err)) &&
	       (seed->kind == SEED_TENSOR || check_node(plan, seed->node, err)) &&
	       (seed->kind != SEED_READER ||
		       check_reader(plan, seed->tensor, seed->node, err));
}

/* Region names and notes of a seed from elsewhere are copied. */
static bool own_texts(struct plan *plan, struct seed *seed, const struct seed *old)
{
	if (old && old->region == seed->region && old->note == seed->note)
		return true;
	if (seed->region && !(seed->region = plan_text(plan, seed->region)))
		return false;
	return !seed->note || (seed->note = plan_text(plan, seed->note));
}

bool plan_add_seed(struct plan *plan, const struct seed *wanted, struct error *err)
{
	struct seed seed = *wanted;
	size_t at;
	const struct seed *old;
	char words[200] = "";
	struct edit edit;
	bool ok;

	if (!check_seed(plan, &seed, err))
		return false;
	if (seed.kind == SEED_TENSOR)
		seed.node = GRAPH_NONE;
	if (seed.kind == SEED_NODE)
		seed.tensor = GRAPH_NONE;
	if (seed.type == QTYPE_NONE)
		seed.type = qtype_wider(plan->options->activation_type);
	at = plan_find_seed(plan, &seed);
	old = at == SIZE_MAX ? NULL : &plan->seeds.items[at];
	if (old && !seed.region)
		seed.region = old->region;
	if (old && !seed.note)
		seed.note = old->note;
	if (old && old->type == seed.type && old->symmetric == seed.symmetric &&
		old->region == seed.region && old->note == seed.note)
		return true;
	if (!own_texts(plan, &seed, old))
		return error_set_memory(err, "plan");
	if (!plan_edit_is_open(plan))
		seed_words(plan->graph, &seed, words, sizeof(words));
	if (!plan_edit_begin(plan, &edit, words, err))
		return false;
	ok = old ? plan_edit_replace_seed(plan, at, &seed, err)
		 : plan_edit_insert_seed(plan, &seed, err);
	return plan_edit_end(plan, &edit, ok);
}

bool plan_promote_tensor(struct plan *plan, tensor_id tensor, enum qtype type,
	enum tristate symmetric, struct error *err)
{
	struct seed seed = {SEED_TENSOR, tensor, GRAPH_NONE, type, symmetric, NULL, NULL};

	return plan_add_seed(plan, &seed, err);
}

bool plan_promote_node(struct plan *plan, node_id node, enum qtype type,
	enum tristate symmetric, struct error *err)
{
	struct seed seed = {SEED_NODE, GRAPH_NONE, node, type, symmetric, NULL, NULL};

	return plan_add_seed(plan, &seed, err);
}

bool plan_promote_reader(struct plan *plan, tensor_id tensor, node_id node,
	enum qtype type, enum tristate symmetric, struct error *err)
{
	struct seed seed = {SEED_READER, tensor, node, type, symmetric, NULL, NULL};

	return plan_add_seed(plan, &seed, err);
}

bool plan_remove_seed(struct plan *plan, size_t index, struct error *err)
{
	char words[200], sentence[220];
	struct edit edit;

	if (index >= plan->seeds.count)
		return true;
	seed_words(plan->graph, &plan->seeds.items[index], words, sizeof(words));
	snprintf(sentence, sizeof(sentence), "%s removed", words);
	if (!plan_edit_begin(plan, &edit, sentence, err))
		return false;
	return plan_edit_end(plan, &edit, plan_edit_remove_seed(plan, index, err));
}

bool plan_name_region(struct plan *plan, size_t index, const char *name, const char *note,
	struct error *err)
{
	struct seed seed;
	struct edit edit;

	if (index >= plan->seeds.count)
		return error_set(err, ERROR_REFUSED,
			"region: no seed founds it; promote something first");
	seed = plan->seeds.items[index];
	seed.region = name && *name ? plan_text(plan, name) : NULL;
	seed.note = note && *note ? plan_text(plan, note) : NULL;
	if ((name && *name && !seed.region) || (note && *note && !seed.note))
		return error_set_memory(err, "plan");
	if (!plan_edit_begin(plan, &edit, "region named", err))
		return false;
	return plan_edit_end(
		plan, &edit, plan_edit_replace_seed(plan, index, &seed, err));
}

bool plan_set_readers(struct plan *plan, tensor_id tensor, const node_id *nodes,
	uint32_t count, enum qtype type, struct error *err)
{
	struct edit edit;
	bool ok = true;

	if (!check_tensor(plan, tensor, err) ||
		!plan_edit_begin(plan, &edit, "readers chosen", err))
		return false;
	for (size_t i = plan->seeds.count; i > 0 && ok; i--) {
		const struct seed *seed = &plan->seeds.items[i - 1];
		bool wanted = seed->kind != SEED_READER || seed->tensor != tensor;

		for (uint32_t k = 0; k < count && !wanted; k++)
			wanted = nodes[k] == seed->node;
		if (!wanted)
			ok = plan_edit_remove_seed(plan, i - 1, err);
	}
	for (uint32_t k = 0; k < count && ok; k++)
		ok = plan_promote_reader(plan, tensor, nodes[k], type, UNSET, err);
	return plan_edit_end(plan, &edit, ok);
}

bool plan_clear(struct plan *plan, struct error *err)
{
	struct edit edit;
	bool ok = plan_edit_begin(plan, &edit, "all choices forgotten", err);

	if (!ok)
		return false;
	while (ok && plan->seeds.count)
		ok = plan_edit_remove_seed(plan, plan->seeds.count - 1, err);
	while (ok && plan->params.count)
		ok = plan_edit_remove_param(plan, plan->params.count - 1, err);
	while (ok && plan->dropped.count) {
		struct change change = {.kind = CHANGE_DROP,
			.at = plan->dropped.count - 1,
			.has_before = true};

		change.before.tensor = plan->dropped.items[change.at];
		ok = plan_edit_apply(plan, &change, err);
	}
	return plan_edit_end(plan, &edit, ok);
}
