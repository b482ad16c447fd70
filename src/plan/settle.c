/* Step 2 of the closure in default mode: every reader's wish is known, one entry holds
 * two types; what does not fit is a conflict, and all of them are told. */
#include "plan/closure.h"
#include "plan/entry.h"

#include "base/text.h"

#include <stdlib.h>

/* The tensor at hand. Scratch arrays serve all of them. */
struct settle {
	struct closure *c;
	const struct request *request;
	struct entry_list *list; /* its list, or NULL */
	enum qtype stored;
	name_id no_name;          /* the empty name, NAME_NONE if no node has it */
	struct type_info convert; /* to which readers are converted; NONE: to nothing */
	const struct cause *because;
	name_id *names; /* receivers */
	size_t room;
	uint32_t count;
};

static const char *name_of(const struct settle *s)
{
	return text_quoted_z(graph_tensor_name(s->c->graph, s->request->tensor));
}

static const struct entry *entry_of(const struct settle *s)
{
	return s->list && s->list->count ? &s->list->entries[0] : NULL;
}

/* Whether a loaded entry, not the closure, says what readers see. */
static bool is_given(const struct settle *s)
{
	const struct entry *entry = entry_of(s);

	return entry && (entry->own.has & (ENTRY_TYPE | ENTRY_CONVERT)) &&
	       plan_given(s->c->plan, s->request->tensor);
}

static enum qtype seen_by_entry(const struct settle *s, node_id node)
{
	const struct entry *entry = entry_of(s);

	return entry && entry_converts_for(entry, s->c->graph, node) ? entry->convert.type
								     : s->stored;
}

static void third_type(struct settle *s, node_id node, enum qtype type)
{
	closure_tell(s->c, SEVERITY_ERROR, "L1", s->request->tensor, node,
		"give its readers one type beside its own",
		"%s would need a third type: it is %s, converted to %s, and %s wants %s",
		name_of(s), qtypes[s->stored].brief, qtypes[s->convert.type].brief,
		text_quoted_z(graph_node_label(s->c->graph, node)), qtypes[type].brief);
}

static void add_receiver(struct settle *s, node_id node, const struct type_info *info)
{
	name_id name = s->c->graph->nodes[node].name;

	if (s->convert.type == QTYPE_NONE)
		s->convert = *info;
	if (s->convert.type != info->type) {
		third_type(s, node, info->type);
		return;
	}
	if (s->convert.symmetric == UNSET)
		s->convert.symmetric = info->symmetric;
	if (name == s->no_name) {
		closure_tell(s->c, SEVERITY_ERROR, "E3", s->request->tensor, node,
			"give it one: qdqedit prepare",
			"this reader of %s has no name, so it cannot be named as a "
			"receiver",
			name_of(s));
		return;
	}
	if (!array_reserve(
		    (void **)&s->names, &s->room, s->count + (size_t)1, sizeof(name_id)))
		s->c->lost = true;
	else if (!s->count || s->names[s->count - 1] != name)
		s->names[s->count++] = name;
}

static void contradicts_given(
	struct settle *s, node_id node, const struct ask *ask, enum qtype seen)
{
	char words[200];

	closure_tell(s->c, SEVERITY_ERROR, "given", s->request->tensor, node,
		"remove the loaded entry (d) or the seed",
		"the loaded entry gives %s the type %s, %s wants %s",
		text_quoted_z(graph_node_label(s->c->graph, node)), qtypes[seen].brief,
		closure_cause_words(s->c, &ask->cause, words, sizeof(words)),
		qtypes[ask->info.type].brief);
}

/* A reader of a tensor with a loaded entry. */
static void settle_given_reader(struct settle *s, node_id node, const struct ask *ask)
{
	const struct entry *entry = entry_of(s);
	enum qtype seen = seen_by_entry(s, node);

	if (!ask || ask->info.type == seen)
		return;
	if ((entry->own.has & ENTRY_CONVERT) &&
		(seen != s->stored || entry->convert.type != ask->info.type)) {
		contradicts_given(s, node, ask, seen);
		return;
	}
	add_receiver(s, node, &ask->info);
}

static void settle_reader(struct settle *s, node_id node)
{
	const struct closure *c = s->c;
	const struct ask *ask = c->wishes->of[node].number == c->wishes->number
					? &c->asked->asks.items[c->wishes->of[node].ask]
					: NULL;
	struct type_info base = {.type = c->options->activation_type,
		.symmetric = UNSET,
		.reduce_range = UNSET};

	if (is_given(s))
		settle_given_reader(s, node, ask);
	else if (ask && ask->info.type != s->stored)
		add_receiver(s, node, &ask->info);
	else if (!ask && base.type != s->stored)
		add_receiver(s, node, &base);
}

/* Notes which reader asked what; two wishes of one reader are a conflict. */
static void index_asks(struct settle *s)
{
	struct closure *c = s->c;
	char first[200], second[200];

	for (uint32_t i = s->request->first_ask; i != GRAPH_NONE;
		i = c->asked->asks.items[i].next) {
		const struct ask *ask = &c->asked->asks.items[i], *before;
		struct wish *wish = &c->wishes->of[ask->node];

		if (wish->number != c->wishes->number) {
			*wish = (struct wish){c->wishes->number, i};
			continue;
		}
		before = &c->asked->asks.items[wish->ask];
		if (before->info.type != ask->info.type)
			closure_tell(c, SEVERITY_ERROR, "L1", s->request->tensor,
				ask->node, "keep one of the two",
				"shall see it as %s by %s and as %s by %s",
				qtypes[before->info.type].brief,
				closure_cause_words(
					c, &before->cause, first, sizeof(first)),
				qtypes[ask->info.type].brief,
				closure_cause_words(
					c, &ask->cause, second, sizeof(second)));
	}
}

/* The type the tensor is stored in. */
static void settle_stored(struct settle *s)
{
	const struct entry *entry = entry_of(s);
	const struct request *r = s->request;
	char words[200];

	s->stored = r->has_producer ? r->producer.type : s->c->options->activation_type;
	if (!entry || !(entry->own.has & ENTRY_TYPE))
		return;
	if (r->has_producer && entry->own.type != r->producer.type)
		closure_tell(s->c, SEVERITY_ERROR, "E5", r->tensor, GRAPH_NONE,
			"remove one of the two",
			"its entry says %s, but its producer runs in %s because of %s",
			qtypes[entry->own.type].brief, qtypes[r->producer.type].brief,
			closure_cause_words(
				s->c, &r->producer_cause, words, sizeof(words)));
	s->stored = entry->own.type;
}

static struct entry_list *list_of(struct settle *s)
{
	struct closure *c = s->c;
	struct entry_list *list = overrides_add(c->entries, c->graph, s->request->tensor);

	if (!list || (!list->count && !entry_list_set_count(c->entries, list, 1))) {
		c->lost = true;
		return NULL;
	}
	return list;
}

static void save_entry(struct settle *s)
{
	const struct request *r = s->request;
	struct type_info own = {
		.type = s->stored, .symmetric = UNSET, .reduce_range = UNSET};
	bool converts = s->convert.type != QTYPE_NONE;
	struct entry *entry;

	if (!entry_of(s) && !converts && s->stored == s->c->options->activation_type)
		return;
	if (!entry_of(s) || converts || r->has_producer)
		s->list = list_of(s);
	if (!s->list)
		return;
	entry = &s->list->entries[0];
	if (!(entry->own.has & ENTRY_TYPE) &&
		(converts || s->stored != s->c->options->activation_type)) {
		if (r->has_producer && !(entry->own.has & ENTRY_SYMMETRIC) &&
			!(entry->own.has & ENTRY_SCALE))
			own.symmetric = r->producer.symmetric;
		type_info_save(&own, &entry->own);
	}
	if (!converts)
		return;
	if (!(entry->own.has & ENTRY_CONVERT)) {
		entry->own.has |= ENTRY_CONVERT;
		entry->convert = (struct entry_params){0};
		s->convert.reduce_range = UNSET;
		type_info_save(&s->convert, &entry->convert);
	}
	if (!s->count)
		return;
	if (!entry->receiver_count
			? !entry_set_receivers(s->c->entries, entry, s->names, s->count)
			: !entry_add_receivers(s->c->entries, s->c->graph, s->list,
				  s->names, s->count))
		s->c->lost = true;
}

static void settle_tensor(struct settle *s)
{
	struct closure *c = s->c;
	uint32_t count;
	const struct graph_reader *readers =
		graph_readers_of(c->graph, s->request->tensor, &count);
	node_id last = GRAPH_NONE;

	s->convert = (struct type_info){.symmetric = UNSET, .reduce_range = UNSET};
	s->count = 0;
	settle_stored(s);
	index_asks(s);
	for (uint32_t i = 0; i < count && !c->lost; i++) {
		if (readers[i].node != last && base_is_selected(c->base, readers[i].node))
			settle_reader(s, readers[i].node);
		last = readers[i].node;
	}
	if (!c->lost)
		save_entry(s);
}

/* L6: an activation-marked constant takes the type of the first node that asked. What a
 * person gave it stays. */
static void settle_constant(struct settle *s)
{
	struct closure *c = s->c;
	const struct ask *ask = &c->asked->asks.items[s->request->first_ask];
	struct type_info info = ask->info;

	for (uint32_t i = ask->next; i != GRAPH_NONE; i = c->asked->asks.items[i].next)
		if (c->asked->asks.items[i].info.type != info.type)
			closure_tell(c, SEVERITY_ERROR, "L1", s->request->tensor,
				c->asked->asks.items[i].node, "give its readers one type",
				"the constant %s is wanted as %s and as %s", name_of(s),
				qtypes[info.type].brief,
				qtypes[c->asked->asks.items[i].info.type].brief);
	if (entry_of(s) && (entry_of(s)->own.has & ENTRY_TYPE))
		return;
	if (!entry_of(s) && info.type == c->options->activation_type)
		return;
	s->list = list_of(s);
	for (uint32_t i = 0; s->list && i < s->list->count; i++) {
		struct entry_params *own = &s->list->entries[i].own;

		own->has |= ENTRY_TYPE;
		own->type = info.type;
		if (info.symmetric != UNSET &&
			!(own->has & (ENTRY_SYMMETRIC | ENTRY_SCALE))) {
			own->has |= ENTRY_SYMMETRIC;
			own->symmetric = info.symmetric == YES;
		}
	}
}

static void settle_request(struct settle *s, const struct request *request)
{
	struct closure *c = s->c;

	s->request = request;
	s->list = (struct entry_list *)overrides_find(c->entries, request->tensor);
	c->wishes->number++;
	if (request->constant)
		settle_constant(s);
	else if (c->tensors[request->tensor].flags & STATE_QUANTIZED)
		settle_tensor(s);
}

/* The requests on the tensors of the scope, in the order of all; what nobody asks any
 * more is none. */
static void settle_scope(struct settle *s)
{
	struct closure *c = s->c;
	struct request_refs refs = {0};

	for (size_t i = 0; i < c->scope->tensors.count && !c->lost; i++) {
		uint32_t *at = &c->tensors[c->scope->tensors.items[i]].why;

		if (*at != GRAPH_NONE && !asked_drop_empty(c->asked, at))
			c->lost = !asked_list(c->asked, &refs, *at);
	}
	asked_sort(&refs);
	for (size_t i = 0; i < refs.count && !c->lost; i++)
		settle_request(s, refs.items[i].request);
	ARRAY_RELEASE(&refs);
}

void closure_settle(struct closure *c)
{
	struct settle s = {.c = c, .no_name = names_find(&c->graph->names, "", 0)};

	c->stage = STAGE_SETTLE;
	if (!c->wishes->of)
		c->wishes->of =
			calloc(c->graph->node_count + (size_t)1, sizeof(*c->wishes->of));
	if (!c->wishes->of)
		c->lost = true;
	else if (c->scope)
		settle_scope(&s);
	for (size_t i = 0; !c->scope && i < c->asked->requests.count && !c->lost; i++)
		settle_request(&s, &c->asked->requests.items[i]);
	free(s.names);
}
