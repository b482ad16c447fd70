#include "quant/wiring.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool text_reserve(struct wiring *w, size_t need)
{
	size_t before = w->text_room;

	if (!array_reserve((void **)&w->texts, &w->text_room, need, sizeof(*w->texts)))
		return false;
	for (size_t i = before; i < w->text_room; i++)
		w->texts[i] = (struct text_info){NO_LINK, NO_LINK, 0, 0, 0};
	return true;
}

const char *wiring_text(const struct wiring *w, text_id text, size_t *length)
{
	const struct names *pool = &w->graph->names;
	name_id id = text;

	if (text >= w->graph->names.count) {
		pool = &w->own;
		id -= w->graph->names.count;
	}
	if (length)
		*length = names_length(pool, id);
	return names_text(pool, id);
}

text_id wiring_intern(struct wiring *w, const char *bytes, size_t length)
{
	name_id id = names_find(&w->graph->names, bytes, length);

	if (id != NAME_NONE)
		return id;
	id = names_add(&w->own, bytes, length);
	if (id == NAME_NONE ||
		!text_reserve(w, (size_t)w->graph->names.count + w->own.count))
		return NO_TEXT;
	return w->graph->names.count + id;
}

/* ---- chains of slots */

static uint32_t *head_of(struct wiring *w, text_id text, bool output)
{
	return output ? &w->texts[text].writers : &w->texts[text].readers;
}

static void link_slot(struct wiring *w, uint32_t slot, text_id text, bool output)
{
	uint32_t *head = head_of(w, text, output);

	w->slots[slot].text = text;
	w->slots[slot].previous = NO_LINK;
	w->slots[slot].next = *head;
	if (*head != NO_LINK)
		w->slots[*head].previous = slot;
	*head = slot;
}

static void unlink_slot(struct wiring *w, uint32_t slot, bool output)
{
	struct slot *s = &w->slots[slot];

	if (s->previous == NO_LINK)
		*head_of(w, s->text, output) = s->next;
	else
		w->slots[s->previous].next = s->next;
	if (s->next != NO_LINK)
		w->slots[s->next].previous = s->previous;
}

static void rename_chain(struct wiring *w, text_id from, text_id to, bool output)
{
	uint32_t slot = *head_of(w, from, output);

	if (from == to)
		return;
	*head_of(w, from, output) = NO_LINK;
	while (slot != NO_LINK) {
		uint32_t next = w->slots[slot].next;

		link_slot(w, slot, to, output);
		slot = next;
	}
}

void wiring_rename_inputs(struct wiring *w, text_id from, text_id to)
{
	rename_chain(w, from, to, false);
}

void wiring_rename_outputs(struct wiring *w, text_id from, text_id to)
{
	rename_chain(w, from, to, true);
}

text_id wiring_node_name(const struct wiring *w, uint32_t node)
{
	return node < w->graph->main_nodes ? w->graph->nodes[node].name
					   : w->nodes[node - w->graph->main_nodes].name;
}

void wiring_rename_stamped(struct wiring *w, text_id from, text_id to, uint32_t stamp)
{
	uint32_t slot = w->texts[from].readers;

	while (slot != NO_LINK) {
		uint32_t next = w->slots[slot].next;
		text_id name = wiring_node_name(w, w->slots[slot].node);

		if (w->texts[name].stamp == stamp) {
			unlink_slot(w, slot, false);
			link_slot(w, slot, to, false);
		}
		slot = next;
	}
}

void wiring_rename_node(struct wiring *w, node_id node, text_id from, text_id to)
{
	const struct graph_node *n = &w->graph->nodes[node];

	for (uint32_t i = n->first_input; i < n->first_input + n->input_count; i++) {
		if (w->slots[i].text != from)
			continue;
		unlink_slot(w, i, false);
		link_slot(w, i, to, false);
	}
}

/* ---- set-up */

static void add_slots(struct wiring *w, const struct marks *m, node_id n, uint32_t first,
	uint32_t count)
{
	for (uint32_t i = first; i < first + count; i++) {
		tensor_id tensor = m->slots[i];

		w->slots[i].node = n;
		if (tensor == GRAPH_NONE)
			continue;
		w->slots[i].text =
			tensor < w->graph->tensor_count
				? w->graph->tensors[tensor].name
				: wiring_intern(w, marks_tensor_name(m, tensor),
					  strlen(marks_tensor_name(m, tensor)));
	}
}

static void chain_slots(struct wiring *w, uint32_t first, uint32_t count, bool output)
{
	for (uint32_t i = first + count; i-- > first;) {
		if (w->slots[i].text != NO_TEXT)
			link_slot(w, i, w->slots[i].text, output);
	}
}

static void chain_node(struct wiring *w, const struct marks *m, node_id n)
{
	const struct graph_node *node = &w->graph->nodes[n];

	add_slots(w, m, n, node->first_input, node->input_count);
	add_slots(w, m, n, node->first_output, node->output_count);
	if (m->node_flags[n] & NODE_REMOVED)
		return;
	chain_slots(w, node->first_input, node->input_count, false);
	chain_slots(w, node->first_output, node->output_count, true);
}

static void flag_names(struct wiring *w)
{
	const struct graph *g = w->graph;

	for (tensor_id t = 0; t < g->tensor_count; t++)
		w->texts[g->tensors[t].name].flags |= TEXT_VALUE;
	for (node_id n = 0; n < g->node_count; n++)
		w->texts[g->nodes[n].name].flags |= TEXT_NODE;
	for (uint32_t i = 0; i < g->output_count; i++) {
		if (g->outputs[i] != GRAPH_NONE)
			w->texts[g->tensors[g->outputs[i]].name].flags |= TEXT_OUTPUT;
	}
}

static bool intern_copies(struct wiring *w, const struct marks *m)
{
	for (uint32_t i = 0; i < m->copy_count; i++) {
		text_id text =
			wiring_intern(w, m->copies[i].name, strlen(m->copies[i].name));

		if (text == NO_TEXT)
			return false;
		w->texts[text].flags |= TEXT_VALUE;
	}
	return true;
}

bool wiring_init(
	struct wiring *w, const struct marks *m, bool keep_collisions, struct error *err)
{
	const struct graph *g = m->graph;

	*w = (struct wiring){.graph = g,
		.keep_collisions = keep_collisions,
		.first_collision = NO_TEXT};
	if (!text_reserve(w, (size_t)g->names.count + 1) ||
		!array_reserve((void **)&w->slots, &w->slot_room,
			(size_t)g->slot_count + 1, sizeof(*w->slots)) ||
		!intern_copies(w, m))
		return error_set_memory(err, "names");
	for (size_t i = 0; i < g->slot_count; i++)
		w->slots[i] = (struct slot){NO_TEXT, NO_LINK, NO_LINK, 0};
	w->slot_count = g->slot_count;
	for (node_id n = g->main_nodes; n-- > 0;)
		chain_node(w, m, n);
	flag_names(w);
	return true;
}

void wiring_release(struct wiring *w)
{
	names_clear(&w->own);
	free(w->texts);
	free(w->slots);
	free(w->nodes);
	free(w->scratch);
	*w = (struct wiring){0};
}

/* ---- new names and nodes */

static text_id join(struct wiring *w, text_id base, const char *suffix, unsigned number)
{
	size_t length, room;
	const char *text = wiring_text(w, base, &length);
	int rest;

	room = length + strlen(suffix) + 16;
	if (!array_reserve((void **)&w->scratch, &w->scratch_room, room, 1))
		return NO_TEXT;
	memcpy(w->scratch, text, length);
	rest = number ? snprintf(w->scratch + length, room - length, "%s_%u", suffix,
				number)
		      : snprintf(w->scratch + length, room - length, "%s", suffix);
	return wiring_intern(w, w->scratch, length + (size_t)rest);
}

text_id wiring_fresh(
	struct wiring *w, text_id base, const char *suffix, enum text_flag flag)
{
	text_id text = join(w, base, suffix, 0);
	unsigned number = 0;

	while (!w->keep_collisions && text != NO_TEXT && (w->texts[text].flags & flag))
		text = join(w, base, suffix, ++number);
	if (text == NO_TEXT)
		return NO_TEXT;
	if (number && !w->collisions++)
		w->first_collision = text;
	w->texts[text].flags |= flag;
	return text;
}

static bool add_slot(struct wiring *w, uint32_t node, text_id text, bool output)
{
	if (w->slot_count >= NO_LINK || !array_reserve((void **)&w->slots, &w->slot_room,
						w->slot_count + 1, sizeof(*w->slots)))
		return false;
	w->slots[w->slot_count] = (struct slot){NO_TEXT, NO_LINK, NO_LINK, node};
	link_slot(w, (uint32_t)w->slot_count++, text, output);
	return true;
}

bool wiring_add(struct wiring *w, enum new_kind kind, text_id name,
	const text_id inputs[3], text_id output, int32_t axis, int64_t block)
{
	uint32_t id = w->graph->main_nodes + (uint32_t)w->node_count;
	struct new_node node = {kind, name, (uint32_t)w->slot_count, axis, block};

	if (name == NO_TEXT || output == NO_TEXT ||
		!array_reserve((void **)&w->nodes, &w->node_room, w->node_count + 1,
			sizeof(*w->nodes)))
		return false;
	for (uint32_t i = 0; i < new_node_inputs(&node); i++) {
		if (inputs[i] == NO_TEXT || !add_slot(w, id, inputs[i], false))
			return false;
	}
	if (!add_slot(w, id, output, true))
		return false;
	w->nodes[w->node_count++] = node;
	return true;
}
