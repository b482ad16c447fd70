/* Results of automatic mixed precision: AIMET's lists, Quark's subgraphs and scores. */
#include "base/text.h"
#include "export/importer.h"
#include "plan/scores_reader.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- AIMET's lists */

static bool is_amp_row(const json_t *list, bool accuracy)
{
	struct amp_row row;

	return json_is_array(list) && amp_row_read(json_array_get(list, 0), &row) &&
	       json_is_array(json_array_get(json_array_get(list, 0), 0)) == accuracy;
}

bool import_detect_accuracy(const struct import_input *input)
{
	return is_amp_row(input->root, true);
}

bool import_detect_pareto(const struct import_input *input)
{
	return is_amp_row(input->root, false);
}

bool import_detect_ranking(const struct import_input *input)
{
	return json_is_array(json_object_get(input->root, "ranking"));
}

/* One side of a candidate: "(16, int)". */
struct candidate_side {
	long bits; /* 0: not there */
	bool is_float;
};

/* Takes the text of a candidate apart, as Python prints it: numbers behind an opening
 * bracket are widths, activations first. */
static void parse_candidate(const char *text, struct candidate_side sides[2])
{
	int side = -1;

	for (const char *p = text; *p; p++) {
		if ((*p == '(' || *p == '[') && isdigit((unsigned char)p[1]) &&
			side < 1) {
			sides[++side].bits = strtol(p + 1, NULL, 10);
		} else if (side >= 0 && !strncmp(p, "float", 5)) {
			sides[side].is_float = true;
		}
	}
}

static bool read_candidate(const json_t *value, struct candidate_side sides[2])
{
	char *text = json_is_string(value) ? NULL : json_dumps(value, JSON_COMPACT);

	memset(sides, 0, 2 * sizeof(*sides));
	if (text || json_is_string(value))
		parse_candidate(text ? text : json_string_value(value), sides);
	free(text);
	return sides[0].bits;
}

/* What the last row that names a tensor says of it. */
struct points {
	struct importer *importer;
	enum qtype *types; /* by tensor; QTYPE_NONE: nothing, or float */
};

static void put_point(struct points *p, const char *kind, const json_t *name,
	struct candidate_side *sides)
{
	struct importer *m = p->importer;
	const char *text = json_string_value(name);
	size_t length = json_string_length(name);
	bool weight = !strcmp(kind, "weight");
	const struct candidate_side *side = &sides[weight && sides[1].bits];
	enum qtype like = weight ? m->options->weight_type : m->options->activation_type;
	tensor_id tensor = graph_find_tensor(m->graph, text, length);

	if (tensor == GRAPH_NONE)
		return; /* told by the reader of scores */
	m->stays_float[tensor] = side->is_float;
	p->types[tensor] =
		side->is_float ? QTYPE_NONE
			       : qtype_of_bits((int)side->bits, qtypes[like].is_signed);
	if (!side->is_float && !p->types[tensor])
		unplaced_add(&m->unplaced, tensor, text, length, "",
			"%ld bits are no quantization type here", side->bits);
}

static void read_point(struct points *p, size_t at, const json_t *list)
{
	struct candidate_side sides[2];
	struct amp_row row;
	const char *kind;
	char place[32];

	if (!amp_row_read(list, &row) || !read_candidate(row.candidate, sides)) {
		snprintf(place, sizeof(place), "[%zu]", at);
		import_fault(p->importer, place,
			"AIMET's rows are [operations, score, group, candidate]",
			"this is no point of a curve");
		return;
	}
	for (size_t i = 0; i < json_array_size(row.group); i++) {
		const json_t *name = amp_member_name(json_array_get(row.group, i), &kind);

		if (name)
			put_point(p, kind, name, sides);
	}
}

static void push_seed(struct importer *m, const struct seed *seed)
{
	if (!ARRAY_PUSH(&m->out->seeds, *seed))
		import_lose(m);
}

/* Types that differ from the default become seeds. */
static void seed_points(struct points *p)
{
	struct importer *m = p->importer;
	const struct graph *g = m->graph;

	for (tensor_id tensor = 0; tensor < g->main_tensors; tensor++) {
		enum qtype usual = graph_is_constant(g, tensor)
					   ? m->options->weight_type
					   : m->options->activation_type;

		if (p->types[tensor] && p->types[tensor] != usual)
			push_seed(m, &(struct seed){.kind = SEED_TENSOR,
					     .tensor = tensor,
					     .node = GRAPH_NONE,
					     .type = p->types[tensor],
					     .symmetric = UNSET});
	}
}

void import_read_pareto(struct importer *importer, const struct import_input *input)
{
	struct points p = {importer, NULL};

	import_read_scores(importer, input);
	if (importer->failed)
		return;
	p.types = calloc(importer->graph->tensor_count + (size_t)1, sizeof(*p.types));
	if (!p.types) {
		import_lose(importer);
		return;
	}
	for (size_t i = 0; i < json_array_size(input->root) && !importer->failed; i++)
		read_point(&p, i, json_array_get(input->root, i));
	if (!importer->failed)
		seed_points(&p);
	free(p.types);
	import_note(importer,
		"the types are those of its last point; tensors that are in no row stay "
		"at the default");
}

/* ---- Quark */

bool import_detect_sensitivity(const struct import_input *input)
{
	const json_t *results = json_object_get(input->root, "results");

	return json_is_array(results) &&
	       (json_object_get(input->root, "cache_key") ||
		       json_object_get(json_array_get(results, 0), "candidate_nodes"));
}

bool import_detect_subgraphs(const struct import_input *input)
{
	return json_is_array(json_object_get(input->root, "subgraphs"));
}

/* One subgraph: all nodes from its start nodes forward up to its end nodes. */
struct walk {
	struct importer *importer;
	bool *seen, *ends; /* by node of the main graph */
	bool *taken;       /* by an earlier subgraph */
	node_id *queue;
	uint32_t count;
};

static void walk_to(struct walk *w, node_id node)
{
	if (!graph_is_main(w->importer->graph, node) || w->seen[node])
		return;
	w->seen[node] = true;
	w->queue[w->count++] = node;
}

static void walk_readers(struct walk *w, node_id node)
{
	const struct graph *g = w->importer->graph;

	for (uint32_t i = 0; i < g->nodes[node].output_count; i++) {
		tensor_id tensor = graph_output_of(g, node, i);
		const struct graph_reader *readers;
		uint32_t count;

		if (tensor == GRAPH_NONE)
			continue;
		readers = graph_readers_of(g, tensor, &count);
		for (uint32_t k = 0; k < count; k++)
			walk_to(w, graph_ancestor(g, readers[k].node, 0));
	}
}

/* The nodes of a list of names; each is handed to `put`. */
static bool walk_names(struct walk *w, const json_t *names, const char *place,
	void (*put)(struct walk *walk, node_id node))
{
	struct importer *m = w->importer;

	if (!json_is_array(names))
		return import_fault(m, place, "write a list of names of nodes",
			"start_nodes or end_nodes is missing");
	for (size_t i = 0; i < json_array_size(names); i++) {
		const json_t *name = json_array_get(names, i);
		node_id node;

		if (!json_is_string(name))
			return import_fault(m, place, "write names of nodes",
				"%s where the name of a node belongs",
				plan_json_kind(name));
		node = graph_find_node(
			m->graph, json_string_value(name), json_string_length(name));
		if (node == GRAPH_NONE)
			unplaced_name(&m->unplaced, 'n', json_string_value(name),
				json_string_length(name));
		else
			put(w, node);
	}
	return true;
}

static void mark_end(struct walk *w, node_id node)
{
	w->ends[node] = true;
}

/* "Op4, Op5 to uint16": the type that the description ends with, else 16 bit. */
static enum qtype type_in(const struct importer *m, const char *description)
{
	const char *to = NULL;
	enum qtype type;

	for (const char *p = strstr(description, " to "); p; p = strstr(p + 1, " to "))
		to = p + 4;
	type = to ? qtype_parse(to, strlen(to)) : QTYPE_NONE;
	return type ? type : qtype_wider(m->options->activation_type);
}

static void seed_walk(struct walk *w, const json_t *subgraph)
{
	struct importer *m = w->importer;
	const char *name = import_text(subgraph, "name");
	const char *region = arena_strndup(&m->out->arena, name, strlen(name));
	enum qtype type = type_in(m, import_text(subgraph, "description"));

	if (!region)
		import_lose(m);
	if (!*name)
		region = NULL;
	for (uint32_t i = 0; i < w->count; i++) {
		if (w->taken[w->queue[i]])
			continue;
		w->taken[w->queue[i]] = true;
		push_seed(m, &(struct seed){.kind = SEED_NODE,
				     .tensor = GRAPH_NONE,
				     .node = w->queue[i],
				     .type = type,
				     .symmetric = UNSET,
				     .region = region});
		region = NULL;
	}
}

static void read_subgraph(struct walk *w, size_t at, const json_t *subgraph)
{
	uint32_t nodes = w->importer->graph->main_nodes;
	char place[48];

	snprintf(place, sizeof(place), "subgraphs[%zu]", at);
	memset(w->seen, 0, nodes * sizeof(*w->seen));
	memset(w->ends, 0, nodes * sizeof(*w->ends));
	w->count = 0;
	if (!walk_names(w, json_object_get(subgraph, "end_nodes"), place, mark_end) ||
		!walk_names(w, json_object_get(subgraph, "start_nodes"), place, walk_to))
		return;
	for (uint32_t i = 0; i < w->count; i++)
		if (!w->ends[w->queue[i]])
			walk_readers(w, w->queue[i]);
	seed_walk(w, subgraph);
}

/* A file of many subgraphs walks the model once for each. */
enum { SUBGRAPHS_MAX = 10000 };

void import_read_subgraphs(struct importer *importer, const struct import_input *input)
{
	const json_t *list = json_object_get(input->root, "subgraphs");
	size_t room = importer->graph->main_nodes + (size_t)1;
	struct walk w = {importer, calloc(room, sizeof(bool)), calloc(room, sizeof(bool)),
		calloc(room, sizeof(bool)), calloc(room, sizeof(node_id)), 0};

	if (!w.seen || !w.ends || !w.taken || !w.queue)
		import_lose(importer);
	else if (json_array_size(list) > SUBGRAPHS_MAX)
		import_fault(importer, "subgraphs", "split it", "too many subgraphs");
	else
		for (size_t i = 0; i < json_array_size(list) && !importer->failed; i++)
			read_subgraph(&w, i, json_array_get(list, i));
	if (json_is_true(json_object_get(input->root, "quantized")))
		import_note(importer, "its names are those of a quantized model");
	free(w.seen);
	free(w.ends);
	free(w.taken);
	free(w.queue);
}
