/* Presets: sets of nodes that are often worth 16 bit, promoted at once. */
#include "ui/extras.h"

#include "base/text.h"
#include "graph/search.h"
#include "ui/edit_steps.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Marks, of all main nodes, those that belong to a preset. */
struct pick {
	const struct outcome *o;
	const char *pattern;
	bool *nodes;
};

/* A weight proper, of two dimensions or more: scales of normalizations do not count. */
static bool reads_weight(const struct outcome *o, node_id node)
{
	const struct graph_node *n = &o->graph->nodes[node];

	for (uint32_t i = 0; i < n->input_count; i++) {
		tensor_id in = graph_input_of(o->graph, node, i);

		if (in != GRAPH_NONE && (o->tensors[in].flags & STATE_WEIGHT) &&
			(o->graph->tensors[in].flags & TENSOR_INITIALIZER) &&
			graph_constant(o->graph, in)->n_dims > 1)
			return true;
	}
	return false;
}

static bool reads_input(const struct outcome *o, node_id node)
{
	const struct graph_node *n = &o->graph->nodes[node];

	for (uint32_t i = 0; i < n->input_count; i++) {
		tensor_id in = graph_input_of(o->graph, node, i);

		if (in != GRAPH_NONE && (o->graph->tensors[in].flags & TENSOR_INPUT) &&
			!graph_is_constant(o->graph, in))
			return true;
	}
	return false;
}

static bool makes_output(const struct outcome *o, node_id node)
{
	const struct graph_node *n = &o->graph->nodes[node];

	for (uint32_t i = 0; i < n->output_count; i++) {
		tensor_id out = graph_output_of(o->graph, node, i);

		if (out != GRAPH_NONE && (o->graph->tensors[out].flags & TENSOR_OUTPUT))
			return true;
	}
	return false;
}

static bool is_quantized(const struct outcome *o, node_id node)
{
	return o->nodes[node].flags & STATE_QUANTIZED;
}

/* The first and the last node with a weight, in topological order; in a graph without
 * weights those at its inputs and outputs. */
static void pick_first_last(struct pick *p)
{
	const struct graph *g = p->o->graph;
	node_id first = GRAPH_NONE, last = GRAPH_NONE;

	for (uint32_t i = 0; i < g->main_nodes; i++) {
		node_id node = g->order[i];

		if (!is_quantized(p->o, node) || !reads_weight(p->o, node))
			continue;
		first = first == GRAPH_NONE ? node : first;
		last = node;
	}
	if (first != GRAPH_NONE) {
		p->nodes[first] = p->nodes[last] = true;
		return;
	}
	for (node_id n = 0; n < g->main_nodes; n++)
		p->nodes[n] = is_quantized(p->o, n) &&
			      (reads_input(p->o, n) || makes_output(p->o, n));
}

static void pick_inputs(struct pick *p)
{
	for (node_id n = 0; n < p->o->graph->main_nodes; n++)
		p->nodes[n] = is_quantized(p->o, n) && reads_input(p->o, n);
}

static void pick_outputs(struct pick *p)
{
	for (node_id n = 0; n < p->o->graph->main_nodes; n++)
		p->nodes[n] = is_quantized(p->o, n) && makes_output(p->o, n);
}

/* Additions of two activations: the joints of residual networks. */
static void pick_residual(struct pick *p)
{
	const struct graph *g = p->o->graph;

	for (node_id n = 0; n < g->main_nodes; n++) {
		tensor_id a, b;

		if (strcmp(graph_op_type(g, n), "Add") || !is_quantized(p->o, n) ||
			g->nodes[n].input_count != 2)
			continue;
		a = graph_input_of(g, n, 0);
		b = graph_input_of(g, n, 1);
		p->nodes[n] = a != GRAPH_NONE && b != GRAPH_NONE &&
			      !graph_is_constant(g, a) && !graph_is_constant(g, b);
	}
}

/* "A B C": nodes of these types. */
static void pick_types(struct pick *p)
{
	const struct graph *g = p->o->graph;

	for (node_id n = 0; n < g->main_nodes; n++) {
		const char *op = graph_op_type(g, n), *at = p->pattern;
		size_t length = strlen(op);

		for (; *at && !p->nodes[n]; at += strspn(at, " ")) {
			size_t k = strcspn(at, " ");

			p->nodes[n] = k == length && !strncmp(at, op, k) &&
				      is_quantized(p->o, n);
			at += k;
		}
	}
}

static void pick_prefix(struct pick *p)
{
	const struct graph *g = p->o->graph;
	char pattern[PROMPT_ROOM + 2];

	snprintf(pattern, sizeof(pattern), "%s*", p->pattern);
	for (node_id n = 0; n < g->main_nodes; n++)
		p->nodes[n] = is_quantized(p->o, n) &&
			      search_glob(pattern, graph_node_label(g, n));
}

static const struct preset {
	const char *name, *help;
	void (*pick)(struct pick *p);
	const char *types; /* for pick_types */
} presets[] = {
	{"first-last", "the first and the last layer with weights", pick_first_last,
		NULL},
	{"inputs", "what reads the graph's inputs", pick_inputs, NULL},
	{"outputs", "what makes the graph's outputs", pick_outputs, NULL},
	{"softmax", "every Softmax", pick_types, "Softmax LogSoftmax"},
	{"layernorm", "every normalization of a layer", pick_types,
		"LayerNormalization SkipLayerNormalization SimplifiedLayerNormalization "
		"SkipSimplifiedLayerNormalization RMSNormalization GroupNormalization "
		"InstanceNormalization"},
	{"matmul", "every MatMul and Gemm", pick_types, "MatMul Gemm"},
	{"conv", "every convolution", pick_types, "Conv ConvTranspose"},
	{"residual", "every Add of two activations", pick_residual, NULL},
	{"prefix", "PATTERN: nodes whose names begin so", pick_prefix, NULL},
};

enum { PRESETS = sizeof(presets) / sizeof(*presets) };

static uint32_t count_picked(const struct pick *p)
{
	uint32_t count = 0;

	for (node_id n = 0; n < p->o->graph->main_nodes; n++)
		count += p->nodes[n];
	return count;
}

static unsigned promote_picked(
	struct ui *ui, const struct pick *p, const char *what, enum qtype type)
{
	struct edit edit;
	bool done = true;

	if (!edit_begin(&edit, ui, what))
		return DID_FAIL;
	for (node_id n = 0; done && n < p->o->graph->main_nodes; n++)
		if (p->nodes[n])
			done = plan_promote_node(
				ui->session->plan, n, type, UNSET, &edit.err);
	return edit_end(&edit, done);
}

static unsigned list_presets(struct ui *ui)
{
	char *text = malloc(PRESETS * 120 + 1);
	size_t at = 0;

	for (int i = 0; text && i < PRESETS; i++)
		at += (size_t)sprintf(
			text + at, " %-12s  %.80s\n", presets[i].name, presets[i].help);
	return ui_show_text(ui, "preset NAME [TYPE]", text);
}

static const struct preset *find(const char *args, size_t n)
{
	for (int i = 0; i < PRESETS; i++)
		if (strlen(presets[i].name) == n && !strncmp(presets[i].name, args, n))
			return &presets[i];
	return NULL;
}

/* The words behind the name: a pattern, if the preset takes one, and a type. */
static bool read_rest(const char *rest, bool wants_pattern, char *pattern, size_t room,
	enum qtype *type)
{
	size_t n = wants_pattern ? strcspn(rest, " ") : 0;

	snprintf(pattern, room, "%.*s", (int)n, rest);
	rest += n + strspn(rest + n, " ");
	if (*rest)
		*type = qtype_parse(rest, strlen(rest));
	return *type != QTYPE_NONE && (n || !wants_pattern);
}

unsigned preset_run(struct ui *ui, const char *args)
{
	size_t n = strcspn(args, " ");
	const struct preset *preset = find(args, n);
	enum qtype type = qtype_wider(ui->outcome->base);
	char pattern[PROMPT_ROOM], clean[80], what[200];
	struct pick p = {.o = ui->outcome, .pattern = pattern};
	uint32_t count;
	unsigned did;

	if (!n)
		return list_presets(ui);
	if (!preset)
		return ui_say(ui, SEVERITY_ERROR, "no preset %s; :preset lists them",
			text_escape(clean, sizeof(clean), args, n));
	if (!read_rest(args + n + strspn(args + n, " "), preset->pick == pick_prefix,
		    pattern, sizeof(pattern), &type))
		return ui_say(ui, SEVERITY_ERROR,
			"preset %s%s [TYPE]; types are u16 s16 ...", preset->name,
			preset->pick == pick_prefix ? " PATTERN" : "");
	if (preset->types)
		p.pattern = preset->types;
	p.nodes = calloc((size_t)ui->outcome->graph->main_nodes + 1, sizeof(*p.nodes));
	if (!p.nodes)
		return ui_say(ui, SEVERITY_ERROR, "out of memory");
	preset->pick(&p);
	count = count_picked(&p);
	text_escape(clean, sizeof(clean), pattern, strlen(pattern));
	snprintf(what, sizeof(what), "%s%s%s: %u node%s %s", preset->name,
		*clean ? " " : "", clean, count, text_s(count), qtypes[type].brief);
	did = count ? promote_picked(ui, &p, what, type)
		    : ui_say(ui, SEVERITY_ERROR, "preset %s%s%s: no quantized node is so",
			      preset->name, *clean ? " " : "", clean);
	free(p.nodes);
	return did;
}
