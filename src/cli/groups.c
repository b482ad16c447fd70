#include "cli/groups.h"

#include "base/text.h"
#include "cli/print.h"

#include <stdio.h>
#include <string.h>

static const struct {
	const char *one, *many, *json;
} kinds[QDQ_KINDS] = {
	[QDQ_ACTIVATION] = {"activation", "activations", "activation"},
	[QDQ_WEIGHT] = {"weight", "weights", "weight"},
	[QDQ_FLOAT_WEIGHT] = {"float weight behind Q and DQ",
		"float weights behind Q and DQ", "float_weight"},
	[QDQ_BIAS] = {"int32 bias", "int32 biases", "bias"},
};

/* ---- text */

static void print_kind(const struct qdq *qdq, enum qdq_kind kind, const char *head)
{
	uint32_t types[QTYPE_COUNT] = {0}, converted = 0;
	bool first = true;

	for (size_t i = 0; i < qdq->groups.count; i++) {
		const struct qdq_group *group = &qdq->groups.items[i];

		if (group->kind != kind)
			continue;
		types[group->own.type]++;
		converted += group->converted.element != 0;
	}
	answer("%-10s  %u %s", head, qdq->kinds[kind],
		qdq->kinds[kind] == 1 ? kinds[kind].one : kinds[kind].many);
	for (int t = QTYPE_NONE + 1; t < QTYPE_COUNT; t++) {
		if (!types[t])
			continue;
		answer("%s %u %s", first ? ":" : ",", types[t], qtypes[t].brief);
		first = false;
	}
	if (converted)
		answer("; %u converted for some readers", converted);
	answer("\n");
}

static void print_strangers(const struct qdq *qdq)
{
	struct qdq_reason reasons[QDQ_REASONS];
	uint32_t count = qdq_list_reasons(qdq, reasons);

	for (uint32_t i = 0; i < count; i++) {
		uint32_t others = reasons[i].count - 1;

		answer("%-10s  %s", i ? "" : "not edited",
			text_quoted_z(graph_node_label(qdq->graph, reasons[i].first)));
		if (others)
			answer(" and %u other%s", others, text_s(others));
		answer(": %s\n", reasons[i].reason);
	}
}

void groups_text(const struct qdq *qdq)
{
	const char *head = "quantized";

	for (int kind = 0; kind < QDQ_KINDS; kind++) {
		if (!qdq->kinds[kind])
			continue;
		print_kind(qdq, (enum qdq_kind)kind, head);
		head = "";
	}
	print_strangers(qdq);
}

/* ---- JSON */

static json_t *json_side(const struct qdq_params *p)
{
	json_t *object =
		json_pack("{s:s}", "type", p->type ? qtypes[p->type].name : "int32");

	if (p->axis >= 0)
		json_object_set_new(object, "axis", json_integer(p->axis));
	if (p->block)
		json_object_set_new(object, "block_size", json_integer(p->block));
	if (p->axis >= 0)
		json_object_set_new(object, "scales", json_integer((json_int_t)p->count));
	if (p->count == 1) {
		json_object_set_new(object, "scale", json_real(p->value));
		json_object_set_new(object, "zero_point", json_integer(p->zero));
	}
	return object;
}

static json_t *json_group(const struct qdq *qdq, const struct qdq_group *group)
{
	json_t *nodes = json_array();
	json_t *object = json_pack("{s:o, s:s, s:o}", "tensor",
		print_json_text(group->name, group->name_length), "kind",
		kinds[group->kind].json, "stored", json_side(&group->own));

	for (uint32_t i = 0; i < group->node_count; i++) {
		const char *name =
			graph_node_label(qdq->graph, qdq->nodes[group->first_node + i]);

		json_array_append_new(nodes, print_json_text(name, strlen(name)));
	}
	if (group->converted.element)
		json_object_set_new(object, "converted", json_side(&group->converted));
	json_object_set_new(object, "nodes", nodes);
	return object;
}

json_t *groups_json(const struct qdq *qdq)
{
	json_t *groups = json_array(), *strangers = json_array();

	for (size_t i = 0; i < qdq->groups.count; i++)
		json_array_append_new(groups, json_group(qdq, &qdq->groups.items[i]));
	for (size_t i = 0; i < qdq->strangers.count; i++) {
		const struct qdq_stranger *s = &qdq->strangers.items[i];
		const char *name = graph_node_label(qdq->graph, s->node);

		json_array_append_new(
			strangers, json_pack("{s:o, s:s}", "node",
					   print_json_text(name, strlen(name)), "reason",
					   s->reason));
	}
	return json_pack("{s:i, s:o, s:o}", "conversions", (int)qdq->conversions,
		"groups", groups, "not_edited", strangers);
}
