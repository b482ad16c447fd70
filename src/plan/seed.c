/* Seeds as text: the forms of command-line.md 2. */
#include "base/output.h"
#include "base/text.h"
#include "graph/search.h"
#include "plan/closure.h"
#include "plan/telling.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SEED_FILE_LIMIT = 1 << 26 };

struct parse {
	const struct graph *graph;
	struct seed_list *seeds;
	const char *text; /* the whole seed, for messages */
	struct seed like; /* type and symmetry */
	struct error *err;
};

static bool push(struct parse *p, enum seed_kind kind, tensor_id tensor, node_id node)
{
	struct seed seed = p->like;

	seed.kind = kind;
	seed.tensor = tensor;
	seed.node = node;
	return ARRAY_PUSH(p->seeds, seed) || error_set_memory(p->err, "seeds");
}

/* Splits "THING=TYPE[,symmetric]"; the length of THING, or SIZE_MAX. */
static size_t split(struct parse *p)
{
	const char *equals = strrchr(p->text, '=');
	const char *type = equals ? equals + 1 : NULL;
	const char *comma = type ? strchr(type, ',') : NULL;
	size_t length = !type ? 0 : comma ? (size_t)(comma - type) : strlen(type);

	if (!equals || equals == p->text) {
		error_set(p->err, ERROR_USAGE,
			"seed %s: it has no %s; write NAME=TYPE, as in Op4_out=QUInt16",
			text_quoted_z(p->text), equals ? "name" : "type");
		return SIZE_MAX;
	}
	p->like.type = qtype_parse(type, length);
	p->like.symmetric = comma ? YES : UNSET;
	if (p->like.type == QTYPE_NONE)
		error_set(p->err, ERROR_USAGE,
			"seed %s: %s is no quantization type; take QUInt8, QInt8, "
			"QUInt16, QInt16, QUInt4 or QInt4",
			text_quoted_z(p->text), text_quoted(type, length));
	else if (comma && strcmp(comma, ",symmetric") != 0)
		error_set(p->err, ERROR_USAGE,
			"seed %s: only \",symmetric\" may stand behind the type; leave "
			"the rest out",
			text_quoted_z(p->text));
	else
		return (size_t)(equals - p->text);
	return SIZE_MAX;
}

static bool not_found(
	struct parse *p, char kind, const char *what, const char *name, size_t length)
{
	char near[320];

	graph_suggest(p->graph, kind, name, length, near, sizeof(near));
	return error_set(p->err, ERROR_REFUSED, "seed %s: no %s %s%s%s%s",
		text_quoted_z(p->text), what, text_quoted(name, length),
		*near ? "; did you mean " : "; qdqedit info lists the names", near,
		*near ? "?" : "");
}

/* Name accessors for search_select. */
static const char *tensor_at(const void *graph, uint32_t index)
{
	return graph_tensor_name(graph, index);
}

static const char *node_at(const void *graph, uint32_t index)
{
	return graph_node_name(graph, index);
}

static const char *type_at(const void *graph, uint32_t index)
{
	return graph_op_type(graph, index);
}

/* Constants are meant by a pattern only if it finds nothing else. */
static bool push_tensors(struct parse *p, const struct search_hits *hits)
{
	size_t before = p->seeds->count;

	for (int constants = 0; constants < 2 && p->seeds->count == before; constants++)
		for (size_t i = 0; i < hits->count; i++) {
			tensor_id t = hits->items[i];

			if (plan_is_float(p->graph, t) &&
				graph_is_constant(p->graph, t) == (bool)constants &&
				!push(p, SEED_TENSOR, t, GRAPH_NONE))
				return false;
		}
	return true;
}

static bool select_tensors(struct parse *p, const char *pattern, bool *found)
{
	struct search_hits hits = {0};
	size_t before = p->seeds->count;
	bool ok = search_select(pattern, p->graph->main_tensors, tensor_at, p->graph,
			  &hits, p->err) &&
		  push_tensors(p, &hits);

	ARRAY_RELEASE(&hits);
	*found = p->seeds->count > before;
	return ok;
}

static bool select_nodes(struct parse *p, const char *pattern,
	const char *(*name)(const void *arg, uint32_t index), bool *found)
{
	struct search_hits hits = {0};
	bool ok = search_select(
		pattern, p->graph->main_nodes, name, p->graph, &hits, p->err);

	for (size_t i = 0; ok && i < hits.count; i++)
		ok = push(p, SEED_NODE, GRAPH_NONE, hits.items[i]);
	*found = hits.count > 0;
	ARRAY_RELEASE(&hits);
	return ok;
}

/* "#12": the node at that place in the file, for nodes without a name. */
static node_id numbered_node(const struct graph *graph, const char *text)
{
	char *end;
	unsigned long index;

	if (text[0] != '#' || text[1] < '0' || text[1] > '9')
		return GRAPH_NONE;
	index = strtoul(text + 1, &end, 10);
	return *end || index >= graph->main_nodes ? GRAPH_NONE : (node_id)index;
}

static bool is_pattern(const char *text)
{
	size_t length = strlen(text);

	return search_is_glob(text) ||
	       (length > 2 && text[0] == '/' && text[length - 1] == '/');
}

static bool parse_node(struct parse *p, const char *name)
{
	node_id node = *name ? graph_find_node(p->graph, name, strlen(name)) : GRAPH_NONE;
	bool found = false;

	if (node == GRAPH_NONE)
		node = numbered_node(p->graph, name);
	if (node != GRAPH_NONE)
		return push(p, SEED_NODE, GRAPH_NONE, node);
	if (is_pattern(name) && !select_nodes(p, name, node_at, &found))
		return false;
	return found || not_found(p, 'n', "node", name, strlen(name));
}

static bool parse_op(struct parse *p, const char *name)
{
	bool found = false;

	for (node_id n = 0; n < p->graph->main_nodes; n++)
		if (!strcmp(graph_op_type(p->graph, n), name)) {
			found = true;
			if (!push(p, SEED_NODE, GRAPH_NONE, n))
				return false;
		}
	if (!found && is_pattern(name) && !select_nodes(p, name, type_at, &found))
		return false;
	return found || not_found(p, 'o', "operator", name, strlen(name));
}

/* "A>B": every ">" may be the one that divides. `*read` says whether A is a tensor. */
static bool parse_reader(struct parse *p, const char *name, bool *done)
{
	const char *at = name;

	*done = false;
	while ((at = strchr(at, '>'))) {
		tensor_id tensor = graph_find_tensor(p->graph, name, (size_t)(at - name));
		node_id node;

		at++;
		if (tensor == GRAPH_NONE)
			continue;
		*done = true;
		node = graph_find_node(p->graph, at, strlen(at));
		if (node == GRAPH_NONE)
			node = numbered_node(p->graph, at);
		if (node == GRAPH_NONE)
			return not_found(p, 'n', "node", at, strlen(at));
		return push(p, SEED_READER, tensor, node);
	}
	return true;
}

static bool parse_tensor(struct parse *p, const char *name)
{
	tensor_id tensor = graph_find_tensor(p->graph, name, strlen(name));

	if (tensor == GRAPH_NONE)
		return not_found(p, 't', "tensor", name, strlen(name));
	return push(p, SEED_TENSOR, tensor, GRAPH_NONE);
}

/* A name that is a node's, not a tensor's, is told so. */
static bool unknown_thing(struct parse *p, const char *name)
{
	if (graph_find_node(p->graph, name, strlen(name)) != GRAPH_NONE)
		return error_set(p->err, ERROR_REFUSED,
			"seed %s: no tensor %s; that is a node: write node:%s",
			text_quoted_z(p->text), text_quoted_z(name), name);
	return not_found(p, 't', is_pattern(name) ? "float tensor matches" : "tensor",
		name, strlen(name));
}

static bool parse_thing(struct parse *p, const char *name)
{
	bool done = false;

	if (graph_find_tensor(p->graph, name, strlen(name)) != GRAPH_NONE)
		return parse_tensor(p, name);
	if (!strncmp(name, "node:", 5))
		return parse_node(p, name + 5);
	if (!strncmp(name, "op:", 3))
		return parse_op(p, name + 3);
	if (!strncmp(name, "tensor:", 7))
		return parse_tensor(p, name + 7);
	if (!parse_reader(p, name, &done) || done)
		return !error_is_set(p->err);
	if (is_pattern(name) && !select_tensors(p, name, &done))
		return false;
	return done || unknown_thing(p, name);
}

static bool parse_one(struct parse *p)
{
	size_t length = split(p), before = p->seeds->count;
	char *thing;
	bool ok;

	if (length == SIZE_MAX)
		return false;
	thing = strndup(p->text, length);
	ok = thing ? parse_thing(p, thing) : error_set_memory(p->err, "seeds");
	free(thing);
	if (!ok)
		p->seeds->count = before;
	return ok;
}

/* Cuts off the line at `text` and white space behind it; the next one. */
static char *cut_line(char *text)
{
	size_t end = strcspn(text, "\n");
	char *next = text + end + (text[end] == '\n');

	while (end && strchr(" \t\r", text[end - 1]))
		end--;
	text[end] = '\0';
	return next;
}

static bool fault_in_line(struct parse *p, const char *path, size_t number)
{
	struct error cause = *p->err;

	return error_set(p->err, cause.kind, "%s: line %zu: %s", text_path(path), number,
		cause.text);
}

/* One seed a line; empty lines and lines that begin with # are passed over. */
static bool parse_file(struct parse *p, const char *path)
{
	size_t length, number = 1, before = p->seeds->count;
	char *text = input_read(path, SEED_FILE_LIMIT, &length, p->err), *line, *next;
	bool ok = text;

	for (line = text; ok && line && *line; line = next, number++) {
		next = cut_line(line);
		p->text = line;
		if (*line && *line != '#')
			ok = parse_one(p) || fault_in_line(p, path, number);
	}
	free(text);
	if (!ok)
		p->seeds->count = before;
	return ok;
}

bool seed_parse(const struct graph *graph, const char *text, struct seed_list *seeds,
	struct error *err)
{
	struct error own = ERROR_INIT;
	struct parse p = {graph, seeds, text, {.region = NULL}, err ? err : &own};

	if (text[0] == '@' && !strchr(text, '='))
		return parse_file(&p, text + 1);
	return parse_one(&p);
}

static const char *node_word(const struct graph *graph, node_id node, char out[24])
{
	const char *name = graph_node_name(graph, node);

	if (*name)
		return name;
	snprintf(out, 24, "#%u", (unsigned)node);
	return out;
}

char *seed_text(const struct graph *graph, const struct seed *seed)
{
	const char *tensor = "", *node = "", *before = "", *between = "";
	char number[24], *out;
	size_t room;

	if (seed->tensor != GRAPH_NONE)
		tensor = graph_tensor_name(graph, seed->tensor);
	if (seed->node != GRAPH_NONE)
		node = node_word(graph, seed->node, number);
	if (seed->kind == SEED_NODE)
		before = "node:";
	else if (seed->kind == SEED_READER)
		between = ">";
	else if (tensor[0] == '@')
		before = "tensor:";
	room = strlen(tensor) + strlen(node) + 48;
	out = malloc(room);
	if (out)
		snprintf(out, room, "%s%s%s%s=%s%s", before, tensor, between, node,
			qtypes[seed->type].name,
			seed->symmetric == YES ? ",symmetric" : "");
	return out;
}

char *seed_words(
	const struct graph *graph, const struct seed *seed, char *out, size_t room)
{
	char tensor[96] = "", node[96] = "";
	const char *text;

	if (seed->tensor != GRAPH_NONE) {
		text = graph_tensor_name(graph, seed->tensor);
		text_escape(tensor, sizeof(tensor), text, strlen(text));
	}
	if (seed->node != GRAPH_NONE) {
		text = graph_node_label(graph, seed->node);
		text_escape(node, sizeof(node), text, strlen(text));
	}
	snprintf(out, room, "%s%s%s%s %s%s", seed->kind == SEED_NODE ? "node " : "",
		tensor, seed->kind == SEED_READER ? " for " : "", node,
		qtypes[seed->type].brief, seed->symmetric == YES ? " symmetric" : "");
	return out;
}

/* "Op4, Op7, Op8", after eight "..."; returns how many are named. */
static unsigned list_readers(
	const struct graph *graph, tensor_id tensor, char *out, size_t room)
{
	const struct graph_tensor *t = &graph->tensors[tensor];
	node_id last = GRAPH_NONE;
	size_t used = 0;
	unsigned shown = 0;

	*out = '\0';
	for (uint32_t i = 0; i < t->reader_count && used + 80 < room; i++) {
		node_id node = graph->readers[t->first_reader + i].node;
		const char *label = graph_node_label(graph, node);
		char name[64];

		if (!graph_is_main(graph, node) || node == last)
			continue;
		last = node;
		if (shown++ == 8) {
			snprintf(out + used, room - used, ", ...");
			break;
		}
		text_escape(name, sizeof(name), label, strlen(label));
		used += (size_t)snprintf(
			out + used, room - used, "%s%s", shown > 1 ? ", " : "", name);
	}
	return shown;
}

void telling_readers(const struct graph *graph, tensor_id tensor, char *out, size_t room)
{
	char names[700];
	unsigned shown = list_readers(graph, tensor, names, sizeof(names));

	snprintf(out, room, "%s%s",
		!shown       ? "no node does"
		: shown == 1 ? "its only reader is "
			     : "its readers are ",
		names);
}
