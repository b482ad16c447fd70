#include "ui/words.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *word_type(unsigned type)
{
	return type && type < QTYPE_COUNT ? qtypes[type].brief : "-";
}

const char *word_tensor_type(const struct outcome *outcome, tensor_id tensor)
{
	const struct tensor_state *state = &outcome->tensors[tensor];

	if (state->flags & STATE_BIAS)
		return "i32";
	if (state->stored)
		return qtypes[state->stored].brief;
	return element_is_float(outcome->graph->tensors[tensor].element_type) ? "-" : ".";
}

bool node_is_promoted(const struct outcome *outcome, node_id node)
{
	const struct node_state *state = &outcome->nodes[node];

	return state->seen && state->seen != outcome->base;
}

char tensor_mark(const struct outcome *outcome, tensor_id tensor)
{
	unsigned flags = tensor == GRAPH_NONE ? 0 : outcome->tensors[tensor].flags;

	if (flags & STATE_CONFLICT)
		return '!';
	if (flags & (STATE_SEED | STATE_EDITED))
		return '*';
	if (flags & STATE_GIVEN)
		return 'l';
	return flags & STATE_IMPLIED && outcome->tensors[tensor].stored != outcome->base
		       ? '+'
		       : ' ';
}

char node_mark(const struct outcome *outcome, node_id node)
{
	unsigned flags = outcome->nodes[node].flags;
	char mark = tensor_mark(outcome, graph_output_of(outcome->graph, node, 0));

	if (flags & STATE_CONFLICT || mark == '!')
		return '!';
	if (flags & STATE_SEED || mark == '*')
		return '*';
	if (mark == 'l')
		return mark;
	return node_is_promoted(outcome, node) ? '+' : ' ';
}

static enum role role_of_mark(char mark)
{
	switch (mark) {
	case '!':
		return ROLE_ERROR;
	case '*':
		return ROLE_SEED;
	case '+':
	case 'l':
		return ROLE_IMPLIED;
	default:
		return ROLE_TEXT;
	}
}

enum role node_role(const struct outcome *outcome, node_id node)
{
	return role_of_mark(node_mark(outcome, node));
}

enum role tensor_role(const struct outcome *outcome, tensor_id tensor)
{
	enum role role = role_of_mark(tensor_mark(outcome, tensor));

	if (role == ROLE_TEXT && graph_is_constant(outcome->graph, tensor))
		return ROLE_MUTED;
	return role;
}

char *word_extents(const struct graph *graph, tensor_id tensor, char *out, size_t room)
{
	const struct graph_tensor *t = &graph->tensors[tensor];
	size_t at = 0;

	snprintf(out, room, "%s", t->rank < 0 ? "?" : t->rank == 0 ? "[]" : "");
	for (int32_t i = 0; i < t->rank && at + 24 < room; i++) {
		int64_t extent = graph->dims[t->first_dim + (uint32_t)i];
		const char *cross = i ? "x" : "";

		if (extent >= 0)
			at += (size_t)snprintf(
				out + at, room - at, "%s%lld", cross, (long long)extent);
		else
			at += (size_t)snprintf(out + at, room - at, "%s%s", cross,
				extent == -1 ? "?" : "N");
	}
	return out;
}

char *word_origin(const struct graph *graph, tensor_id tensor, char *out, size_t room)
{
	const struct graph_tensor *t = &graph->tensors[tensor];
	char extents[64];

	word_extents(graph, tensor, extents, sizeof(extents));
	if (graph_is_constant(graph, tensor))
		snprintf(out, room, "const %s", extents);
	else if (t->flags & TENSOR_INPUT)
		snprintf(out, room, "graph input");
	else if (t->producer == GRAPH_NONE)
		snprintf(out, room, "not made here");
	else
		snprintf(out, room, "by %s", graph_op_type(graph, t->producer));
	return out;
}

int type_bits(unsigned type)
{
	return type && type < QTYPE_COUNT ? qtypes[type].bits : 32;
}

char *word_number(uint64_t number, char out[32])
{
	char digits[24];
	int n = snprintf(digits, sizeof(digits), "%llu", (unsigned long long)number);
	char *at = out;

	for (int i = 0; i < n; i++) {
		if (i && (n - i) % 3 == 0 && n > 4)
			*at++ = ' ';
		*at++ = digits[i];
	}
	*at = '\0';
	return out;
}

char *word_share(uint64_t done, uint64_t whole, uint64_t spent, char out[48])
{
	double share = whole ? (double)done / (double)whole : 0;
	double left = share > 0.02 ? (double)spent * (1 - share) / share / 1000 : 0;

	if (spent >= 1000 && left >= 1)
		snprintf(out, 48, "%u %%, %.0f s left", (unsigned)(share * 100), left);
	else
		snprintf(out, 48, "%u %%", (unsigned)(share * 100));
	return out;
}

const char *word_bar(int eighths)
{
	static const char *const bars[] = {" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};

	return bars[eighths];
}

char *word_bytes(uint64_t bytes, char out[32])
{
	static const char *const units[] = {"B", "kB", "MB", "GB", "TB"};
	double value = (double)bytes;
	int unit = 0;

	while (value >= 1000 && unit < 4) {
		value /= 1000;
		unit++;
	}
	snprintf(
		out, 32, unit && value < 100 ? "%.1f %s" : "%.0f %s", value, units[unit]);
	return out;
}

char *word_path(const char *path, char *out, size_t room)
{
	const char *home = getenv("HOME");
	size_t n = home && *home == '/' ? strlen(home) : 0;
	bool below = n > 1 && !strncmp(path, home, n) && path[n] == '/';

	snprintf(out, room, "%s%s", below ? "~" : "", below ? path + n : path);
	return out;
}
