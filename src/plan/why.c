/* The chain of reasons for the type of a tensor or node, as sentences. */
#include "plan/telling.h"

#include "plan/entry.h"

#include "base/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define ARROW "\xe2\x94\x80\xe2\x96\xb6" /* ─▶ */
#define CONVERTS "\xe2\x87\x84"          /* ⇄ */

void telling_say(struct telling *t, enum why_rule rule, tensor_id tensor, node_id node,
	const char *format, ...)
{
	char text[1024];
	const char *copy;
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	copy = arena_strndup(&t->why->arena, text, strlen(text));
	if (!copy || !ARRAY_PUSH(t->why, (struct why_step){rule, tensor, node, copy}))
		t->lost = true;
}

/* Escaped names without quotes, in a ring of buffers. */
static const char *shown(const char *text)
{
	static _Thread_local char ring[8][120];
	static _Thread_local unsigned next;
	char *out = ring[next++ % 8];

	return text_escape(out, sizeof(ring[0]), text, strlen(text));
}

const char *telling_tensor(const struct telling *t, tensor_id tensor)
{
	return shown(graph_tensor_name(t->o->graph, tensor));
}

const char *telling_node(const struct telling *t, node_id node)
{
	return shown(graph_node_label(t->o->graph, node));
}

const char *telling_type(unsigned type)
{
	return type ? qtypes[type].brief : "float";
}

void telling_nodes(const struct telling *t, const node_id *nodes, uint32_t count,
	char *out, size_t room)
{
	size_t used = 0;

	*out = '\0';
	for (uint32_t i = 0; i < count && used + 130 < room; i++) {
		if (i == 6) {
			snprintf(out + used, room - used, " and %u more",
				(unsigned)(count - i));
			return;
		}
		used += (size_t)snprintf(out + used, room - used, "%s%s", i ? " " : "",
			telling_node(t, nodes[i]));
	}
}

/* The choice at the bottom: a seed or a loaded entry. */
void telling_cause(struct telling *t, const struct cause *cause)
{
	char words[200];
	const struct seed *seed;

	if (cause->seed == GRAPH_NONE) {
		telling_say(t, WHY_GIVEN, cause->tensor, GRAPH_NONE,
			"%s is %s by the overrides of %s",
			telling_tensor(t, cause->tensor),
			telling_type(overrides_find(&t->o->entries, cause->tensor)
					     ? t->o->tensors[cause->tensor].stored
					     : QTYPE_NONE),
			t->d->given->name ? shown(t->d->given->name) : "the file");
		return;
	}
	seed = &t->d->seeds.items[cause->seed];
	switch (seed->kind) {
	case SEED_TENSOR:
		telling_say(t, WHY_SEED, seed->tensor, GRAPH_NONE,
			"you set %s to %s%s  (seed)", telling_tensor(t, seed->tensor),
			telling_type(seed->type),
			seed->symmetric == YES ? " symmetric" : "");
		break;
	case SEED_NODE:
		telling_say(t, WHY_SEED, GRAPH_NONE, seed->node,
			"you set node %s to %s  (seed)", telling_node(t, seed->node),
			telling_type(seed->type));
		break;
	case SEED_READER:
		telling_say(t, WHY_SEED, seed->tensor, seed->node,
			"you set %s  (seed of one reader)",
			seed_words(t->o->graph, seed, words, sizeof(words)));
		break;
	}
}

void telling_reach(struct telling *t, node_id node, const struct node_request *r)
{
	const struct graph *g = t->o->graph;
	tensor_id from = r->cause.tensor;

	if (from == GRAPH_NONE)
		return;
	if (g->tensors[from].producer == node)
		telling_say(t, WHY_PRODUCER, from, node,
			"%s makes it, so %s runs in %s  (node rule: one type in, one "
			"out)",
			telling_node(t, node), telling_node(t, node),
			telling_type(r->info.type));
	else
		telling_say(t, WHY_READER, from, node, "%s reads it, so %s runs in %s",
			telling_node(t, node), telling_node(t, node),
			telling_type(r->info.type));
}

/* Why a node was asked: the cause, then how it reaches the node. */
void telling_request(struct telling *t, node_id node, const struct node_request *r)
{
	telling_cause(t, &r->cause);
	telling_reach(t, node, r);
}

static const struct node_request *request_of_node(const struct telling *t, node_id node)
{
	uint32_t at = node == GRAPH_NONE ? GRAPH_NONE : t->o->nodes[node].why;

	return at == GRAPH_NONE ? NULL : &t->d->asked.nodes.items[at];
}

static const struct request *request_of_tensor(const struct telling *t, tensor_id tensor)
{
	uint32_t at = t->o->tensors[tensor].why;

	return at == GRAPH_NONE ? NULL : &t->d->asked.requests.items[at];
}

static const struct seed *seed_on(const struct telling *t, tensor_id tensor)
{
	uint32_t at = t->d->seed_on[tensor];

	return at ? &t->d->seeds.items[at - 1] : NULL;
}

static void say_not_quantized(struct telling *t, tensor_id tensor)
{
	const struct graph_tensor *g = &t->o->graph->tensors[tensor];
	uint16_t flags = t->o->tensors[tensor].flags;
	const char *text = "no quantized node marks it, so it stays float";

	if (g->scope)
		text = "it is inside a subgraph, which is not quantized";
	else if (flags & STATE_BIAS)
		text = "it is a bias: stored as int32 with the scale of input and weight";
	else if (!g->element_type)
		text = "its type is not known, so it stays as it is";
	else if (!plan_is_float(t->o->graph, tensor))
		text = "it is not a float tensor";
	telling_say(t, WHY_FLOAT, tensor, GRAPH_NONE, "%s", text);
}

/* Why it is stored in its type. */
static void say_stored(struct telling *t, tensor_id tensor)
{
	const struct tensor_state *state = &t->o->tensors[tensor];
	const struct request *r = request_of_tensor(t, tensor);
	const struct seed *seed = seed_on(t, tensor);
	node_id producer = t->o->graph->tensors[tensor].producer;
	const struct node_request *maker = request_of_node(t, producer);

	if (seed) {
		struct cause cause = {(uint32_t)(seed - t->d->seeds.items), tensor};

		telling_cause(t, &cause);
	} else if (state->flags & STATE_GIVEN) {
		struct cause cause = {GRAPH_NONE, tensor};

		telling_cause(t, &cause);
	} else if (r && r->constant) {
		const struct ask *ask = &t->d->asked.asks.items[r->first_ask];

		telling_request(t, ask->node, request_of_node(t, ask->node));
		telling_say(t, WHY_CONSTANT, tensor, ask->node,
			"%s is a constant operand of %s and follows it",
			telling_tensor(t, tensor), telling_node(t, ask->node));
	} else if (r && r->has_producer && maker) {
		telling_request(t, producer, maker);
		telling_say(t, WHY_OUTPUT, tensor, producer, "%s makes %s, so %s is %s",
			telling_node(t, producer), telling_tensor(t, tensor),
			telling_tensor(t, tensor), telling_type(state->stored));
	} else if (state->provider < t->o->graph->tensor_count) {
		telling_say(t, WHY_SHARED, state->provider, GRAPH_NONE,
			"it shares scale and zero point with %s, which is %s",
			telling_tensor(t, state->provider), telling_type(state->stored));
	} else {
		telling_say(t, WHY_BASE, tensor, GRAPH_NONE, "%s is the default for %s",
			telling_type(state->stored),
			state->flags & STATE_WEIGHT ? "weights" : "activations");
	}
}

/* Readers at base type behind a promoted producer, or promoted readers behind a base
 * one: why the conversion is there. */
static void say_conversion(struct telling *t, const struct boundary *b)
{
	char readers[800];
	bool wanted = false;

	telling_nodes(t, b->readers, b->reader_count, readers, sizeof(readers));
	for (uint32_t i = 0; i < b->reader_count && !wanted; i++) {
		const struct node_request *r = request_of_node(t, b->readers[i]);

		if (!r || r->info.type != b->to)
			continue;
		wanted = true;
		telling_request(t, b->readers[i], r);
	}
	if (!b->reader_count)
		telling_say(t, WHY_CONVERT, b->tensor, GRAPH_NONE,
			"%s is converted to %s, but no reader takes that",
			telling_tensor(t, b->tensor), telling_type(b->to));
	else if (!wanted && b->to == t->o->base)
		telling_say(t, WHY_CONVERT, b->tensor, b->readers[0],
			"%s %s at base %s, so %s is converted for %s", readers,
			b->reader_count == 1 ? "is" : "are", telling_type(b->to),
			telling_tensor(t, b->tensor),
			b->reader_count == 1 ? "it" : "them");
	else
		telling_say(t, WHY_CONVERT, b->tensor, b->readers[0],
			"%s is %s, so it is converted to %s for %s",
			telling_tensor(t, b->tensor), telling_type(b->from),
			telling_type(b->to), readers);
}

static void say_reader_seeds(struct telling *t, tensor_id tensor)
{
	for (uint32_t i = 0; i < t->d->seeds.count; i++) {
		struct cause cause = {i, tensor};

		if (t->d->seeds.items[i].kind == SEED_READER &&
			t->d->seeds.items[i].tensor == tensor)
			telling_cause(t, &cause);
	}
}

static void say_edits(struct telling *t, tensor_id tensor)
{
	static const struct {
		unsigned keys;
		const char *text;
	} kinds[] = {{ENTRY_SCALE | ENTRY_ZERO_POINT, "scale and zero point"},
		{ENTRY_RMIN | ENTRY_RMAX, "range"}, {ENTRY_SYMMETRIC, "symmetry"},
		{ENTRY_REDUCE_RANGE, "reduced range"}};

	for (size_t i = 0; i < t->d->params.count; i++) {
		const struct param_edit *edit = &t->d->params.items[i];

		if (edit->tensor != tensor)
			continue;
		if (edit->channel_count)
			telling_say(t, WHY_EDIT, tensor, GRAPH_NONE,
				"you set its parameters for each channel");
		for (size_t k = 0; k < sizeof(kinds) / sizeof(kinds[0]); k++)
			if (edit->set.has & kinds[k].keys)
				telling_say(t, WHY_EDIT, tensor, GRAPH_NONE,
					"you set its %s%s", kinds[k].text,
					edit->converted ? " behind the conversion" : "");
	}
}

static void say_remedy(struct telling *t, const struct boundary *b)
{
	char nodes[800] = "", remove[200] = "";
	node_id producer = t->o->graph->tensors[b->tensor].producer;
	bool out = b->to == t->o->base && b->from != t->o->base;
	const struct node_request *r =
		request_of_node(t, out               ? producer
				   : b->reader_count ? b->readers[0]
						     : GRAPH_NONE);

	if (out)
		telling_nodes(t, b->readers, b->reader_count, nodes, sizeof(nodes));
	else if (producer != GRAPH_NONE)
		snprintf(nodes, sizeof(nodes), "%s", telling_node(t, producer));
	if (r && r->cause.seed != GRAPH_NONE) {
		const struct seed *seed = &t->d->seeds.items[r->cause.seed];

		snprintf(remove, sizeof(remove), "%s",
			seed->tensor != GRAPH_NONE ? telling_tensor(t, seed->tensor)
						   : telling_node(t, seed->node));
	} else if (r) {
		snprintf(
			remove, sizeof(remove), "%s", telling_tensor(t, r->cause.tensor));
	}
	if (*nodes && *remove)
		telling_say(t, WHY_REMEDY, b->tensor, GRAPH_NONE,
			"to lose this pair: promote %s too, or demote %s", nodes, remove);
	else if (*remove)
		telling_say(t, WHY_REMEDY, b->tensor, GRAPH_NONE,
			"to lose this pair: promote %s, or demote %s",
			telling_tensor(t, b->tensor), remove);
}

static void say_chain(struct telling *t, const struct boundary *b)
{
	node_id producer = t->o->graph->tensors[b->tensor].producer;
	char readers[800];
	int from = qtypes[b->from].bits, to = qtypes[b->to].bits;

	telling_nodes(t, b->readers, b->reader_count, readers, sizeof(readers));
	telling_say(t, WHY_CHAIN, b->tensor, GRAPH_NONE,
		"in the file:  %s " ARROW " Q%d " ARROW " DQ%d " ARROW " Q%d " ARROW
		" DQ%d " ARROW " %s",
		producer == GRAPH_NONE ? telling_tensor(t, b->tensor)
				       : telling_node(t, producer),
		from, from, to, to, *readers ? readers : "(no reader)");
}

static void say_conflicts(struct telling *t, tensor_id tensor, node_id node)
{
	for (size_t i = 0; i < t->o->problems.count; i++) {
		const struct problem *p = &t->o->problems.items[i];

		if (p->severity != SEVERITY_ERROR ||
			(tensor != GRAPH_NONE ? p->tensor != tensor : p->node != node))
			continue;
		telling_say(t, WHY_CONFLICT, tensor, node, "%s; %s", p->cause, p->remedy);
	}
}

static void title_tensor(struct telling *t, tensor_id tensor, const struct boundary *b)
{
	char readers[140] = "";
	const struct tensor_state *state = &t->o->tensors[tensor];

	if (b)
		telling_nodes(t, b->readers, b->reader_count < 1 ? 0 : 1, readers,
			sizeof(readers));
	if (b && b->reader_count)
		snprintf(t->why->title, sizeof(t->why->title),
			"%s  %s " CONVERTS " %s  for %s%s", telling_tensor(t, tensor),
			telling_type(b->from), telling_type(b->to),
			telling_node(t, b->readers[0]),
			b->reader_count > 1 ? " ..." : "");
	else
		snprintf(t->why->title, sizeof(t->why->title), "%s  %s",
			telling_tensor(t, tensor),
			state->flags & STATE_BIAS ? "i32 bias"
						  : telling_type(state->stored));
}

bool telling_finish(struct telling *t, struct error *err)
{
	if (!t->lost)
		return true;
	why_release(t->why);
	return error_set_memory(err, "reasons");
}

bool outcome_why_tensor(const struct outcome *outcome, tensor_id tensor,
	struct why_list *why, struct error *err)
{
	struct telling t = {outcome, outcome->details, why, false};
	const struct boundary *b = outcome_boundary(outcome, tensor);

	*why = (struct why_list){0};
	title_tensor(&t, tensor, b);
	if (outcome->tensors[tensor].stored == QTYPE_NONE)
		say_not_quantized(&t, tensor);
	else
		say_stored(&t, tensor);
	say_reader_seeds(&t, tensor);
	if (b)
		say_conversion(&t, b);
	say_edits(&t, tensor);
	say_conflicts(&t, tensor, GRAPH_NONE);
	if (b) {
		say_remedy(&t, b);
		say_chain(&t, b);
	}
	return telling_finish(&t, err);
}

static void say_unselected(struct telling *t, node_id node)
{
	if (!graph_is_main(t->o->graph, node))
		telling_say(t, WHY_FLOAT, GRAPH_NONE, node,
			"it is inside a subgraph, which is not quantized");
	else if (!(t->o->nodes[node].flags & STATE_SELECTED))
		telling_say(t, WHY_FLOAT, GRAPH_NONE, node,
			"it is not selected: its type %s or its name is left out by the "
			"options",
			shown(graph_op_type(t->o->graph, node)));
	else
		telling_say(t, WHY_FLOAT, GRAPH_NONE, node,
			"it is selected, but none of its tensors is quantized");
}

bool outcome_why_node(const struct outcome *outcome, node_id node, struct why_list *why,
	struct error *err)
{
	struct telling t = {outcome, outcome->details, why, false};
	const struct node_state *state = &outcome->nodes[node];
	const struct node_request *r = request_of_node(&t, node);

	*why = (struct why_list){0};
	snprintf(why->title, sizeof(why->title), "%s  %s  %s", telling_node(&t, node),
		shown(graph_op_type(outcome->graph, node)), telling_type(state->seen));
	if (state->seen == QTYPE_NONE)
		say_unselected(&t, node);
	else if (r)
		telling_request(&t, node, r);
	else
		telling_say(&t, WHY_BASE, GRAPH_NONE, node,
			"%s is the default for activations", telling_type(state->seen));
	if (state->region != GRAPH_NONE)
		telling_say(&t, WHY_OUTPUT, GRAPH_NONE, node,
			"it belongs to region %s%s%s",
			outcome->regions[state->region].letter,
			*outcome->regions[state->region].name ? ", " : "",
			shown(outcome->regions[state->region].name));
	say_conflicts(&t, GRAPH_NONE, node);
	return telling_finish(&t, err);
}

void why_release(struct why_list *why)
{
	ARRAY_RELEASE(why);
	arena_clear(&why->arena);
}
