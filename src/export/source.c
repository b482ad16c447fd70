/* What formats read: opening it, and the numbers of all tensors. */
#include "base/text.h"
#include "export/writer.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- The names that nodes have in the file. */

/* First output to node name, of the model in the file. */
struct name_map {
	struct names outputs;
	const ProtobufCBinaryData **node; /* by id of the output's name */
	size_t room;
};

static bool map_names(struct name_map *map, const Onnx__GraphProto *graph)
{
	for (size_t i = 0; i < graph->n_node; i++) {
		const Onnx__NodeProto *node = graph->node[i];
		name_id id;

		if (!node->n_output)
			continue;
		id = names_add(&map->outputs, (const char *)node->output[0].data,
			node->output[0].len);
		if (id == NAME_NONE || !array_reserve((void **)&map->node, &map->room,
					       (size_t)id + 1, sizeof(*map->node)))
			return false;
		map->node[id] = &node->name;
	}
	return true;
}

/* The old name of a node if it has another one now. */
static bool find_old_name(
	struct export_source *s, const struct name_map *map, node_id node)
{
	tensor_id t = graph_output_of(s->graph, node, 0);
	const char *now = graph_node_name(s->graph, node);
	const ProtobufCBinaryData *old;
	const char *name;
	name_id id;

	if (t == GRAPH_NONE)
		return true;
	name = graph_tensor_name(s->graph, t);
	id = names_find(&map->outputs, name, strlen(name));
	if (id == NAME_NONE)
		return true;
	old = map->node[id];
	if (old->len == strlen(now) && !memcmp(old->data, now, old->len))
		return true;
	s->old_names[node] = arena_strndup(
		&s->arena, old->len ? (const char *)old->data : "", old->len);
	return s->old_names[node] != NULL;
}

static bool find_old_names(
	struct export_source *s, const struct model *input, struct error *err)
{
	struct name_map map = {0};
	bool fine;

	if (!input || input == s->graph->model)
		return true;
	s->old_names =
		arena_zalloc(&s->arena, s->graph->main_nodes, sizeof(*s->old_names));
	fine = s->old_names && map_names(&map, input->proto->graph);
	for (node_id n = 0; fine && n < s->graph->main_nodes; n++)
		fine = find_old_name(s, &map, n);
	names_clear(&map.outputs);
	free(map.node);
	return fine || error_set_memory(err, "the names of nodes");
}

bool export_open(struct export_source *source, const struct plan *plan,
	const struct outcome *outcome, const struct model *input, const char *title,
	struct error *err)
{
	*source = (struct export_source){.graph = plan->graph,
		.plan = plan,
		.options = plan->options,
		.ranges = plan->ranges,
		.outcome = outcome,
		.entries = &outcome->entries,
		.title = title};
	return find_old_names(source, input, err) && export_list_items(source, err);
}

bool export_take_scores(
	struct export_source *source, const struct scores *scores, struct error *err)
{
	double *of =
		arena_alloc(&source->arena, source->graph->tensor_count * sizeof(*of));
	const char *name = *scores->measure   ? scores->measure
			   : scores->decibels ? "SQNR dB"
					      : "score";

	if (!of)
		return error_set_memory(err, "the scores");
	for (tensor_id t = 0; t < source->graph->tensor_count; t++)
		of[t] = (double)NAN;
	for (size_t i = 0; i < scores->count; i++) {
		double *at = &of[scores->items[i].tensor];

		*at = isnan(*at) ? scores->items[i].value : *at;
	}
	source->scores = of;
	source->score_name = arena_strndup(&source->arena, name, strlen(name));
	if (!source->score_name)
		return error_set_memory(err, "the scores");
	return export_list_scores(source, err);
}

void export_close(struct export_source *source)
{
	ARRAY_RELEASE(&source->items);
	arena_clear(&source->arena);
	*source = (struct export_source){0};
}

/* ---- Numbers. */

struct measuring {
	struct export_source *source;
	struct inspection *inspection;
	struct error *err;
};

/* Copies of one scale and zero point. */
static bool keep_scale(
	struct export_source *s, struct export_tensor *e, const struct scale *scale)
{
	double *value = arena_alloc(&s->arena, sizeof(*value));
	int32_t *zero = arena_alloc(&s->arena, sizeof(*zero));

	if (!value || !zero)
		return false;
	*value = scale->value;
	*zero = scale->zero_point;
	e->scales = value;
	e->zero_points = zero;
	e->count = 1;
	e->type = scale->type;
	e->element = scale->element;
	return true;
}

static void find_range(
	const struct export_source *s, struct export_tensor *e, tensor_id tensor)
{
	const struct entry *entry = overrides_entry(s->entries, tensor);
	const struct range *range = ranges_find(s->ranges, tensor);
	const unsigned ends = ENTRY_RMIN | ENTRY_RMAX;

	if (entry && (entry->own.has & ends) == ends) {
		const struct param_edit *edit = plan_find_params(s->plan, tensor, false);

		e->origin = edit && (edit->set.has & ends) ? ORIGIN_TYPED : ORIGIN_LOADED;
		e->low = entry->own.rmin;
		e->high = entry->own.rmax;
	} else if (range) {
		e->origin = ORIGIN_MEASURED;
		e->low = range->low;
		e->high = range->high;
	}
}

static bool is_symmetric(const struct export_source *s, tensor_id tensor)
{
	const struct entry *entry = overrides_entry(s->entries, tensor);

	if (entry && (entry->own.has & ENTRY_SYMMETRIC))
		return entry->own.symmetric;
	return s->options->activation_symmetric;
}

static bool take_activation(
	struct export_source *s, struct export_tensor *e, const struct tensor_numbers *n)
{
	e->symmetric = is_symmetric(s, n->tensor);
	if (n->converted)
		e->converted = n->second.scale;
	return keep_scale(s, e, &n->first.scale);
}

/* Scales and zero points are copied: the inspection ends. */
static bool take_constant(
	struct measuring *m, struct export_tensor *e, const struct tensor_numbers *n)
{
	const struct weight *w = inspection_weight(m->inspection, n->tensor);
	struct arena *arena = &m->source->arena;
	size_t count = w ? (size_t)w->scale_count : 0;
	double *scales = arena_zalloc(arena, count, sizeof(*scales));
	int32_t *zeros = arena_zalloc(arena, count, sizeof(*zeros));

	if (!scales || !zeros)
		return false;
	if (!w)
		return true;
	memcpy(scales, w->scales, count * sizeof(*scales));
	memcpy(zeros, w->zero_points, count * sizeof(*zeros));
	*e = (struct export_tensor){.kind = NUMBERS_CONSTANT,
		.type = w->type,
		.element = w->element,
		.count = count,
		.scales = scales,
		.zero_points = zeros,
		.axis = w->axis,
		.block = w->block,
		.symmetric = w->symmetric,
		.reduced = w->reduced,
		.shares = e->shares,
		.origin = w->given ? ORIGIN_NONE : ORIGIN_DATA,
		.low = w->low,
		.high = w->high};
	return true;
}

/* One scale for each of its weight's (qdq-semantics.md 5.3). */
static bool take_bias(
	struct measuring *m, struct export_tensor *e, const struct tensor_numbers *n)
{
	const struct weight *w = inspection_weight(m->inspection, n->bias.weight);
	size_t count = w ? (size_t)w->scale_count : 1;
	double *scales = arena_zalloc(&m->source->arena, count, sizeof(*scales));
	int32_t f = n->bias.element;

	if (!scales)
		return false;
	for (size_t i = 0; i < count; i++) {
		double of_weight = w ? w->scales[i] : n->bias.weight_scale;

		scales[i] = scale_round(f, n->bias.input_scale * of_weight);
		scales[i] = scale_round(f, scales[i] * scale_round(f, n->bias.beta));
	}
	e->element = f;
	e->scales = scales;
	e->count = count;
	e->axis = count > 1 ? 0 : -1;
	e->symmetric = true;
	return true;
}

static bool measure_tensor(struct measuring *m, tensor_id tensor)
{
	struct export_tensor *e = &m->source->tensors[tensor];
	struct tensor_numbers n;

	if (!inspection_tensor(m->inspection, tensor, false, &n, m->err))
		return false;
	e->kind = n.kind;
	e->axis = -1;
	find_range(m->source, e, tensor);
	e->shares = n.tensor != tensor ? n.tensor : GRAPH_NONE;
	switch (n.kind) {
	case NUMBERS_ACTIVATION:
		return take_activation(m->source, e, &n);
	case NUMBERS_CONSTANT:
		return take_constant(m, e, &n);
	case NUMBERS_BIAS:
		return take_bias(m, e, &n);
	default:
		return true;
	}
}

bool export_measure(struct export_source *s, struct error *err)
{
	struct measuring m = {s, NULL, err};
	bool fine;

	if (s->tensors)
		return true;
	s->tensors = arena_zalloc(&s->arena, s->graph->main_tensors, sizeof(*s->tensors));
	if (!s->tensors)
		return error_set_memory(err, "the numbers");
	m.inspection = inspection_open(s->graph, s->options, s->entries, s->ranges, err);
	fine = m.inspection && inspection_measure(m.inspection, err);
	for (tensor_id t = 0; fine && t < s->graph->main_tensors; t++)
		fine = measure_tensor(&m, t);
	inspection_close(m.inspection);
	if (!fine)
		s->tensors = NULL;
	return fine || (!error_is_set(err) && error_set_memory(err, "the numbers"));
}

/* ---- Words. */

bool export_is_row(const struct export_source *source, tensor_id tensor)
{
	const struct graph_tensor *t = &source->graph->tensors[tensor];

	return tensor < source->graph->main_tensors && !(t->flags & TENSOR_UNDEFINED) &&
	       (source->outcome->tensors[tensor].stored != QTYPE_NONE ||
		       element_is_float(t->known_type));
}

enum qtype export_usual_type(const struct export_source *source, tensor_id tensor)
{
	return source->outcome->tensors[tensor].flags & STATE_CONSTANT
		       ? source->options->weight_type
		       : source->options->activation_type;
}

const char *export_who(const struct export_source *source, tensor_id tensor)
{
	static const struct {
		unsigned flag;
		const char *word;
	} words[] = {
		{STATE_BIAS, "bias"},
		{STATE_SEED, "asked"},
		{STATE_EDITED, "asked"},
		{STATE_GIVEN, "loaded"},
		{STATE_IMPLIED, "inferred"},
	};
	const struct tensor_state *state = &source->outcome->tensors[tensor];

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (state->flags & words[i].flag)
			return words[i].word;
	}
	if (state->stored == QTYPE_NONE)
		return "float";
	return state->provider != GRAPH_NONE ? "shared" : "default";
}

char *export_reason(
	const struct export_source *source, tensor_id tensor, struct error *err)
{
	struct why_list why = {0};
	struct json_out out = {0};
	size_t length;
	char *text = NULL;

	if (outcome_why_tensor(source->outcome, tensor, &why, err)) {
		for (size_t i = 0; i < why.count; i++) {
			if (why.items[i].rule >= WHY_REMEDY)
				continue;
			plan_json_puts(&out, out.length ? "; " : "");
			plan_json_puts(&out, why.items[i].text);
		}
		text = plan_json_finish(&out, &length);
		if (!text)
			error_set_memory(err, "the reasons");
	}
	why_release(&why);
	return text;
}

const struct region *export_region(const struct export_source *source, node_id node)
{
	uint32_t region = node == GRAPH_NONE || !graph_is_main(source->graph, node)
				  ? GRAPH_NONE
				  : source->outcome->nodes[node].region;

	return region == GRAPH_NONE ? NULL : &source->outcome->regions[region];
}
