/* Copies of biases that two nodes share, and their names (qdq-semantics.md 5.1). */
#include "base/text.h"
#include "rules/marking.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NUMBER_LIMIT (INT64_MAX / 100)

static bool is_blank(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r') || (c >= 0x1c && c <= 0x1f);
}

/* A text that Python's int() takes: -1 if it does not or the number is negative. */
static int64_t parse_suffix(const char *text, size_t length)
{
	const char *at = text, *end = text + length;
	bool negative = false, digit = false;
	int64_t value = 0;

	while (at < end && is_blank(*at))
		at++;
	while (at < end && is_blank(end[-1]))
		end--;
	if (at < end && (*at == '+' || *at == '-'))
		negative = *at++ == '-';
	for (; at < end; at++) {
		if (*at == '_' && digit) {
			digit = false;
			continue;
		}
		if (*at < '0' || *at > '9')
			return -1;
		digit = true;
		value = value > NUMBER_LIMIT ? NUMBER_LIMIT * 10
					     : value * 10 + (*at - '0');
	}
	return !digit || (negative && value) ? -1 : value;
}

static bool may_be_number(char c)
{
	return (c >= '0' && c <= '9') || c == '_' || c == '+' || c == '-' || is_blank(c);
}

/* Enters what an initializer's name says about the names it begins with. */
static void note_name(struct marking *k, const char *name, size_t length)
{
	for (size_t cut = length; cut-- > 0 && may_be_number(name[cut]);) {
		int64_t number = parse_suffix(name + cut, length - cut);
		tensor_id base = graph_find_tensor(k->graph, name, cut);
		name_id copy = names_find(&k->copying.names, name, cut);

		if (base == GRAPH_NONE && copy != NAME_NONE)
			base = k->graph->tensor_count + copy;
		if (base != GRAPH_NONE && number > k->copying.largest[base])
			k->copying.largest[base] = number;
	}
}

static const char *initializer_name(const struct marking *k, tensor_id t, size_t *length)
{
	if (k->graph->tensors[t].scope != 0 || !marking_is_initializer(k, t))
		return NULL;
	*length = names_length(&k->graph->names, k->graph->tensors[t].name);
	return graph_tensor_name(k->graph, t);
}

static void note_longer(struct marking *k, tensor_id base, const char *name,
	size_t length, const char *other, size_t other_length)
{
	int64_t number;

	if (other_length <= length || memcmp(other, name, length) != 0)
		return;
	number = parse_suffix(other + length, other_length - length);
	if (number > k->copying.largest[base])
		k->copying.largest[base] = number;
}

/* The same for a copy that is copied itself: initializers and copies older than it. */
static void note_base(struct marking *k, tensor_id base, const char *name)
{
	size_t length = strlen(name), other_length;

	for (tensor_id t = 0; t < k->graph->main_tensors; t++) {
		const char *other = initializer_name(k, t, &other_length);

		if (other)
			note_longer(k, base, name, length, other, other_length);
	}
	for (uint32_t i = 0; i < k->m->copy_count; i++)
		note_longer(k, base, name, length, k->m->copies[i].name,
			strlen(k->m->copies[i].name));
}

static bool start_copying(struct marking *k)
{
	struct copying *c = &k->copying;
	size_t length;

	if (c->largest)
		return true;
	c->largest = malloc(k->room * sizeof(*c->largest));
	c->first = malloc(((size_t)k->graph->names.count + 1) * sizeof(*c->first));
	c->next = malloc(((size_t)k->graph->main_nodes + 1) * sizeof(*c->next));
	if (!c->largest || !c->first || !c->next)
		return error_set_memory(k->err, "copies of biases");
	memset(c->largest, 0xff, k->room * sizeof(*c->largest));
	memset(c->first, 0xff, ((size_t)k->graph->names.count + 1) * sizeof(*c->first));
	for (node_id n = k->graph->main_nodes; n-- > 0;) {
		c->next[n] = c->first[k->graph->nodes[n].name];
		c->first[k->graph->nodes[n].name] = n;
	}
	for (tensor_id t = 0; t < k->graph->main_tensors; t++) {
		const char *name = initializer_name(k, t, &length);

		if (name)
			note_name(k, name, length);
	}
	return true;
}

void marking_copying_release(struct copying *c)
{
	names_clear(&c->names);
	free(c->largest);
	free(c->first);
	free(c->next);
	*c = (struct copying){0};
}

/* `b<k>`; by default, if a tensor has that name already, with _1, _2, ... (Q10). */
static char *name_copy(struct marking *k, tensor_id bias)
{
	const char *base = marks_tensor_name(k->m, bias);
	size_t room = strlen(base) + 48;
	char *name = malloc(room);
	int64_t number = k->copying.largest[bias] + 1;

	if (!name) {
		error_set_memory(k->err, "copies of biases");
		return NULL;
	}
	snprintf(name, room, "%s%lld", base, (long long)number);
	for (int i = 1; !k->options->ort_compatible &&
			graph_find_tensor(k->graph, name, strlen(name)) != GRAPH_NONE;
		i++)
		snprintf(name, room, "%s%lld_%d", base, (long long)number, i);
	return name;
}

/* The copy's own id, or the tensor whose name it took. */
static bool place_copy(struct marking *k, const char *name, tensor_id original,
	uint32_t index, tensor_id *copy)
{
	struct marks *m = k->m;
	tensor_id taken = graph_find_tensor(k->graph, name, strlen(name));

	*copy = k->graph->tensor_count + index;
	if (taken == GRAPH_NONE)
		return true;
	if (!m->stands_for) {
		m->stands_for = malloc(
			((size_t)k->graph->tensor_count + 1) * sizeof(*m->stands_for));
		if (!m->stands_for)
			return error_set_memory(k->err, "copies of biases");
		for (tensor_id t = 0; t < k->graph->tensor_count; t++)
			m->stands_for[t] = t;
	}
	m->stands_for[taken] = original;
	*copy = taken;
	return true;
}

/* The slots of all nodes with this node's name read the copy. */
static void redirect(struct marking *k, node_id node, tensor_id from, tensor_id to)
{
	uint32_t n = k->copying.first[k->graph->nodes[node].name];

	for (; n != NO_SLOT; n = k->copying.next[n]) {
		const struct graph_node *reader = &k->graph->nodes[n];

		for (uint32_t i = 0; i < reader->input_count; i++) {
			if (k->m->slots[reader->first_input + i] == from)
				k->m->slots[reader->first_input + i] = to;
		}
	}
}

bool marking_copy_bias(struct marking *k, node_id node, tensor_id bias, tensor_id *copy)
{
	struct marks *m = k->m;
	tensor_id original = marks_original(k->m, bias);
	char *name;

	if (!start_copying(k))
		return false;
	if (bias >= k->graph->tensor_count)
		note_base(k, bias, marks_tensor_name(m, bias));
	name = name_copy(k, bias);
	if (!name)
		return false;
	if (!array_reserve((void **)&m->copies, &k->copy_room, (size_t)m->copy_count + 1,
		    sizeof(*m->copies)) ||
		names_add(&k->copying.names, name, strlen(name)) == NAME_NONE) {
		free(name);
		return error_set_memory(k->err, "copies of biases");
	}
	m->copies[m->copy_count++] = (struct bias_copy){original, name};
	if (!place_copy(k, name, original, m->copy_count - 1, copy))
		return false;
	note_name(k, name, strlen(name));
	redirect(k, node, bias, *copy);
	return true;
}
