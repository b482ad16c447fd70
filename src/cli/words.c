#include "cli/words.h"

#include "base/text.h"
#include "cli/print.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static const char *in_ring(const char *text)
{
	static char ring[8][256];
	static unsigned next;
	char *out = ring[next++ % 8];

	return text_escape(out, sizeof(ring[0]), text, strlen(text));
}

const char *words_tensor(const struct graph *graph, tensor_id tensor)
{
	return in_ring(graph_tensor_name(graph, tensor));
}

const char *words_node(const struct graph *graph, node_id node)
{
	return in_ring(graph_node_label(graph, node));
}

char *words_nodes(const struct graph *graph, const node_id *nodes, uint32_t count)
{
	char *text = NULL;
	size_t length;
	FILE *out = open_memstream(&text, &length);

	if (!out)
		return NULL;
	for (uint32_t i = 0; i < count; i++)
		fprintf(out, "%s%s", i ? ", " : "", words_node(graph, nodes[i]));
	if (!count)
		fputc('-', out);
	return fclose(out) == 0 ? text : NULL;
}

void answer_written(const char *path, const struct write_result *written, int64_t before,
	int64_t after)
{
	answer("%s: %" PRIu64 " bytes", text_path(path), written->bytes);
	if (written->side_bytes)
		answer(" and %" PRIu64 " in a side file", written->side_bytes);
	answer(", opset %" PRId64, after);
	if (after != before)
		answer(" (was %" PRId64 ")", before);
}

bool check_closure(const struct outcome *outcome, struct error *err)
{
	return !outcome->conflicts || problem_check(&outcome->problems, err);
}

void print_cost(FILE *out, const struct cost *cost)
{
	fprintf(out, "%u DQ->Q conversion%s, %u of %u nodes in 16 bit", cost->conversions,
		text_s(cost->conversions), cost->wide_nodes, cost->main_nodes);
	if (cost->conversion_bytes)
		fprintf(out, ", %" PRIu64 " bytes through them", cost->conversion_bytes);
	if (cost->unknown_shapes)
		fprintf(out, ", %u of unknown shape", cost->unknown_shapes);
	fputc('\n', out);
}

json_t *json_tensor_name(const struct graph *graph, tensor_id tensor)
{
	const char *name = graph_tensor_name(graph, tensor);

	return print_json_text(name, strlen(name));
}

json_t *json_node_name(const struct graph *graph, node_id node)
{
	const char *name = graph_node_label(graph, node);

	return print_json_text(name, strlen(name));
}

json_t *json_nodes(const struct graph *graph, const node_id *nodes, uint32_t count)
{
	json_t *array = json_array();

	for (uint32_t i = 0; i < count; i++)
		json_array_append_new(array, json_node_name(graph, nodes[i]));
	return array;
}

json_t *json_overrides(const struct outcome *outcome)
{
	size_t length;
	char *text = overrides_write(&outcome->entries, outcome->graph, &length, NULL);
	json_t *overrides = text ? json_loadb(text, length, 0, NULL) : NULL;

	free(text);
	return overrides;
}

json_t *json_boundaries(const struct outcome *outcome)
{
	json_t *array = json_array();

	for (uint32_t i = 0; i < outcome->boundary_count; i++) {
		const struct boundary *b = &outcome->boundaries[i];
		json_t *one = json_pack("{s:o, s:s, s:s, s:o, s:o, s:I}", "tensor",
			json_tensor_name(outcome->graph, b->tensor), "from",
			qtypes[b->from].name, "to", qtypes[b->to].name, "readers",
			json_nodes(outcome->graph, b->readers, b->reader_count), "stays",
			json_nodes(outcome->graph, b->stays, b->stay_count), "bytes",
			(json_int_t)b->bytes);

		if (b->region < outcome->region_count)
			json_object_set_new(one, "region",
				json_string(outcome->regions[b->region].letter));
		json_array_append_new(array, one);
	}
	return array;
}

json_t *json_cost(const struct cost *cost)
{
	json_t *weights = json_object();

	for (int t = QTYPE_NONE; t < QTYPE_COUNT; t++) {
		if (cost->weight_bytes[t])
			json_object_set_new(weights, t ? qtypes[t].name : "float",
				json_integer((json_int_t)cost->weight_bytes[t]));
	}
	return json_pack("{s:i, s:I, s:i, s:i, s:i, s:i, s:o}", "conversions",
		(int)cost->conversions, "conversion_bytes",
		(json_int_t)cost->conversion_bytes, "unknown_shapes",
		(int)cost->unknown_shapes, "quantized_nodes", (int)cost->quantized_nodes,
		"wide_nodes", (int)cost->wide_nodes, "nodes", (int)cost->main_nodes,
		"weight_bytes", weights);
}
