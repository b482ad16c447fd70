/* Everything that is in a plan, one item each: what a report of losses is made of. */
#include "base/text.h"
#include "export/writer.h"

#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { TEXT_MOST = 400 };

struct lister {
	struct export_source *source;
	bool failed;
};

static const char *keep(struct lister *l, const char *text)
{
	char *copy = arena_strndup(&l->source->arena, text, strlen(text));

	l->failed |= !copy;
	return copy;
}

static const char *escaped(struct lister *l, const char *text)
{
	char out[TEXT_MOST];

	return keep(l, text_escape(out, sizeof(out), text, strlen(text)));
}

static const char *name_of(struct lister *l, tensor_id tensor)
{
	return escaped(l, graph_tensor_name(l->source->graph, tensor));
}

static const char *say(struct lister *l, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

static const char *say(struct lister *l, const char *format, ...)
{
	char out[3 * TEXT_MOST];
	va_list args;

	va_start(args, format);
	vsnprintf(out, sizeof(out), format, args);
	va_end(args);
	return keep(l, out);
}

static void add(struct lister *l, const struct export_item *item)
{
	l->failed = l->failed || !ARRAY_PUSH(&l->source->items, *item);
}

/* An item about a tensor. */
static void add_own(struct lister *l, enum export_part part, const char *word,
	const char *subject, const char *detail, tensor_id tensor)
{
	const struct export_item item = {
		part, word, subject, detail, tensor, GRAPH_NONE, GRAPH_NONE, false};

	add(l, &item);
}

/* What both sides of an entry can have beside a type; `part` 0: the part that the key
 * has on its own side. */
static void list_keys(struct lister *l, const struct entry_params *p, tensor_id tensor,
	const char *subject, enum export_part part)
{
	char low[32], high[32];

	if (p->has & ENTRY_SCALE)
		add_own(l, part ? part : PART_SCALES, "scale", subject,
			say(l, "%s / %d", text_f32(low, p->scale, false), p->zero_point),
			tensor);
	if (p->has & (ENTRY_RMIN | ENTRY_RMAX))
		add_own(l, part ? part : PART_RANGES, "range", subject,
			say(l, "%s .. %s",
				p->has & ENTRY_RMIN ? text_f32(low, p->rmin, false) : "",
				p->has & ENTRY_RMAX ? text_f32(high, p->rmax, false)
						    : ""),
			tensor);
	if (p->has & ENTRY_SYMMETRIC)
		add_own(l, part ? part : PART_FLAGS, "symmetric", subject,
			p->symmetric ? "true" : "false", tensor);
	if (p->has & ENTRY_REDUCE_RANGE)
		add_own(l, part ? part : PART_FLAGS, "reduce_range", subject,
			p->reduce_range ? "true" : "false", tensor);
}

static void list_entry(struct lister *l, const struct entry_list *list)
{
	const struct entry *e = list->entries;
	tensor_id t = list->tensor;
	const char *name = name_of(l, t);

	if (!list->count)
		return;
	if ((e->own.has & ENTRY_TYPE) && e->own.type != export_usual_type(l->source, t))
		add_own(l, PART_TYPES, "type", name, qtypes[e->own.type].brief, t);
	if (e->own.has & ENTRY_AXIS)
		add_own(l, PART_CHANNELS, "axis", name,
			say(l, "axis %d, %u %s", e->own.axis, list->count,
				list->count == 1 ? "entry for all" : "channels"),
			t);
	if (list->count == 1)
		list_keys(l, &e->own, t, name, (enum export_part)0);
	if (e->own.has & ENTRY_CONVERT)
		list_keys(l, &e->convert, t, say(l, "%s (converted)", name),
			PART_CONVERTED);
}

static void add_conversion(struct lister *l, struct export_item *item, node_id reader)
{
	const struct graph *g = l->source->graph;

	item->node = reader;
	item->subject = say(l, "%s -> %s", name_of(l, item->tensor),
		escaped(l, graph_node_label(g, reader)));
	add(l, item);
}

/* All readers, where an entry names none. */
static void list_all_readers(struct lister *l, struct export_item *item)
{
	const struct graph *g = l->source->graph;
	const struct graph_reader *readers;
	uint32_t count;

	readers = graph_readers_of(g, item->tensor, &count);
	for (uint32_t i = 0; i < count; i++) {
		if (graph_is_main(g, readers[i].node) &&
			(!i || readers[i].node != readers[i - 1].node))
			add_conversion(l, item, readers[i].node);
	}
}

/* One item for each reader that an entry converts for, whether it takes effect or not. */
static void list_conversions(struct lister *l, const struct entry_list *list)
{
	const struct export_source *s = l->source;
	const struct entry *e = list->entries;
	const struct boundary *b = outcome_boundary(s->outcome, list->tensor);
	struct export_item item = {.part = PART_CONVERSIONS,
		.word = "convert",
		.tensor = list->tensor,
		.index = GRAPH_NONE};
	enum qtype from;

	if (!list->count || !(e->own.has & ENTRY_CONVERT))
		return;
	from = b                         ? b->from
	       : e->own.has & ENTRY_TYPE ? e->own.type
					 : export_usual_type(s, list->tensor);
	item.detail = say(l, "%s>%s", qtypes[from].brief, qtypes[e->convert.type].brief);
	if (!(e->convert.has & ENTRY_RECEIVERS)) {
		list_all_readers(l, &item);
		return;
	}
	item.part = PART_READERS;
	for (uint32_t i = 0; i < e->receiver_count; i++) {
		const struct names *names = &s->graph->names;
		node_id reader =
			graph_find_node(s->graph, names_text(names, e->receivers[i]),
				names_length(names, e->receivers[i]));

		if (reader != GRAPH_NONE)
			add_conversion(l, &item, reader);
	}
}

static bool list_option(void *arg, const struct option_item *option)
{
	struct lister *l = arg;
	const struct graph *g = l->source->graph;
	struct export_item item = {.part = option->part,
		.word = option->word,
		.subject = escaped(l, option->name),
		.detail = escaped(l, option->value),
		.tensor = GRAPH_NONE,
		.node = GRAPH_NONE,
		.index = GRAPH_NONE};

	if (!strcmp(option->word, "exclude") || !strcmp(option->word, "only"))
		item.node = graph_find_node(g, option->name, strlen(option->name));
	add(l, &item);
	return !l->failed;
}

static void list_regions(struct lister *l)
{
	const struct outcome *o = l->source->outcome;

	for (uint32_t i = 0; i < o->region_count; i++) {
		const struct region *r = &o->regions[i];
		struct export_item item = {.part = PART_REGIONS,
			.word = "region",
			.tensor = GRAPH_NONE,
			.node = GRAPH_NONE,
			.index = i};

		if (!*r->name && !*r->note)
			continue;
		item.subject =
			*r->name ? escaped(l, r->name) : say(l, "region %s", r->letter);
		item.detail = *r->note ? escaped(l, r->note)
				       : say(l, "%u node%s", r->node_count,
						 text_s(r->node_count));
		add(l, &item);
	}
}

static void list_seeds(struct lister *l)
{
	const struct plan *plan = l->source->plan;
	char words[TEXT_MOST];

	for (size_t i = 0; i < plan->seeds.count; i++) {
		const struct seed *s = &plan->seeds.items[i];
		struct export_item item = {.part = PART_REASONS,
			.word = "seed",
			.subject =
				keep(l, seed_words(plan->graph, s, words, sizeof(words))),
			.detail = s->symmetric == YES ? "symmetric" : "",
			.tensor = s->tensor,
			.node = s->node,
			.index = (uint32_t)i};

		add(l, &item);
	}
}

static const char *range_words(struct lister *l, double low, double high)
{
	char a[32], b[32];

	return say(l, "%s .. %s", text_f32(a, (float)low, false),
		text_f32(b, (float)high, false));
}

static void list_ranges(struct lister *l)
{
	const struct ranges *ranges = l->source->ranges;

	for (uint32_t i = 0; i < ranges->count; i++) {
		tensor_id t = ranges->order[i];
		struct export_item item = {.part = PART_RANGES,
			.word = "range",
			.subject = name_of(l, t),
			.detail = range_words(l, ranges->of[t].low, ranges->of[t].high),
			.tensor = t,
			.node = GRAPH_NONE,
			.index = GRAPH_NONE,
			.bulk = true};

		add(l, &item);
	}
}

/* Ranges of tensors that an opset raise will make. */
static void list_foreign_ranges(struct lister *l)
{
	const struct ranges *ranges = l->source->ranges;
	const struct names *names = &ranges->foreign_names;

	for (name_id i = 0; i < names->count; i++) {
		struct export_item item = {.part = PART_RANGES,
			.word = "range",
			.subject = escaped(l, names_text(names, i)),
			.detail = range_words(
				l, ranges->foreign[i].low, ranges->foreign[i].high),
			.tensor = GRAPH_NONE,
			.node = GRAPH_NONE,
			.index = GRAPH_NONE,
			.bulk = true};

		add(l, &item);
	}
}

static void list_scores(struct lister *l)
{
	const struct export_source *s = l->source;

	for (tensor_id t = 0; t < s->graph->main_tensors; t++) {
		struct export_item item = {.part = PART_SCORES,
			.word = "score",
			.tensor = t,
			.node = GRAPH_NONE,
			.index = GRAPH_NONE,
			.bulk = true};
		char value[32];

		if (isnan(s->scores[t]))
			continue;
		item.subject = name_of(l, t);
		item.detail = say(l, "%s %s", text_f32(value, (float)s->scores[t], false),
			s->score_name);
		add(l, &item);
	}
}

bool export_list_items(struct export_source *source, struct error *err)
{
	struct lister l = {source, false};

	export_each_option(source->options, list_option, &l);
	list_seeds(&l);
	list_regions(&l);
	for (uint32_t i = 0; i < source->entries->count; i++)
		list_entry(&l, &source->entries->lists[i]);
	for (uint32_t i = 0; i < source->entries->count; i++)
		list_conversions(&l, &source->entries->lists[i]);
	list_ranges(&l);
	list_foreign_ranges(&l);
	return !l.failed || error_set_memory(err, "the export");
}

bool export_list_scores(struct export_source *source, struct error *err)
{
	struct lister l = {source, false};

	list_scores(&l);
	return !l.failed || error_set_memory(err, "the scores");
}
