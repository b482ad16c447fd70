/* What the float tensors of groups are called. */
#include "qdq/find.h"

#include <stdlib.h>
#include <string.h>

/* The tensors of each group whose names must stay: those that a graph input, a graph
 * output or a subgraph knows them by. */
struct fixed {
	tensor_id tensor; /* the first of them */
	tensor_id made;   /* the first DQ output of the group */
	uint32_t count;
};

static void look_at_tensor(struct finder *f, struct fixed *of, tensor_id tensor)
{
	const struct qdq_member *at = &f->qdq->of_tensor[tensor];
	struct qdq_group *group = &f->qdq->groups.items[at->group];
	struct fixed *fixed = &of[at->group];
	uint16_t flags = f->graph->tensors[tensor].flags;
	bool stays = flags & (TENSOR_OUTPUT | TENSOR_CAPTURED);

	if (at->side == SIDE_INTEGER)
		return;
	if (at->side == SIDE_SOURCE && f->graph->tensors[tensor].producer == GRAPH_NONE)
		stays = true;
	if (at->side != SIDE_SOURCE) {
		if (fixed->made == GRAPH_NONE)
			fixed->made = tensor;
		if (flags & TENSOR_OUTPUT) {
			group->output = true;
			group->output_converted = at->side == SIDE_CONVERTED;
		}
	}
	if (stays && fixed->count++ == 0)
		fixed->tensor = tensor;
}

static struct fixed *find_fixed(struct finder *f)
{
	struct fixed *of = calloc(f->qdq->groups.count + 1, sizeof(*of));

	if (!of)
		return NULL;
	for (size_t i = 0; i < f->qdq->groups.count; i++)
		of[i].tensor = of[i].made = GRAPH_NONE;
	for (tensor_id t = 0; t < f->graph->main_tensors; t++)
		if (f->qdq->of_tensor[t].side)
			look_at_tensor(f, of, t);
	return of;
}

/* Takes the groups away that have two such names; the others move up. */
static bool dissolve(struct finder *f, struct fixed *fixed)
{
	struct qdq *q = f->qdq;
	uint32_t *now = malloc((q->groups.count + 1) * sizeof(*now)), kept = 0;
	bool fine = now != NULL;

	for (size_t i = 0; fine && i < q->groups.count; i++) {
		now[i] = fixed[i].count > 1 ? UINT32_MAX : kept;
		if (now[i] == UINT32_MAX)
			continue;
		q->groups.items[kept] = q->groups.items[i];
		fixed[kept++] = fixed[i];
	}
	for (node_id n = 0; fine && n < f->graph->main_nodes; n++) {
		struct qdq_member *at = &q->of_node[n];
		struct qdq_stranger stranger = {
			n, "several of its tensors have names that must stay"};

		if (!at->role)
			continue;
		at->group = now[at->group];
		if (at->group != UINT32_MAX)
			continue;
		at->role = ROLE_NONE;
		fine = ARRAY_PUSH(&q->strangers, stranger);
	}
	for (tensor_id t = 0; fine && t < f->graph->tensor_count; t++) {
		struct qdq_member *at = &q->of_tensor[t];

		if (at->side)
			at->group = now[at->group];
		if (at->side && at->group == UINT32_MAX)
			at->side = SIDE_NONE;
	}
	q->groups.count = kept;
	free(now);
	return fine || find_no_memory(f);
}

/* ---- conversions for nobody */

/* Which sides of a group the nodes of the main graph read. */
struct reading {
	bool own, converted;
};

static struct reading *find_reading(struct finder *f)
{
	struct qdq *q = f->qdq;
	struct reading *of = calloc(q->groups.count + 1, sizeof(*of));

	for (tensor_id t = 0; of && t < f->graph->main_tensors; t++) {
		const struct qdq_member *at = &q->of_tensor[t];
		uint32_t count;
		const struct graph_reader *readers =
			graph_readers_of(f->graph, t, &count);

		if (at->side != SIDE_OWN && at->side != SIDE_CONVERTED)
			continue;
		for (uint32_t i = 0; i < count; i++) {
			if (!graph_is_main(f->graph, readers[i].node) ||
				q->of_node[readers[i].node].role)
				continue;
			of[at->group].own |= at->side == SIDE_OWN;
			of[at->group].converted |= at->side == SIDE_CONVERTED;
		}
	}
	return of;
}

/* Overrides cannot say that no node sees the converted side while some see the own. */
static bool drop_conversions(struct finder *f)
{
	struct qdq *q = f->qdq;
	struct reading *reading = find_reading(f);
	bool fine = reading != NULL;

	for (node_id n = 0; fine && n < f->graph->main_nodes; n++) {
		struct qdq_member *at = &q->of_node[n];
		struct qdq_stranger stranger = {
			n, "no node of the main graph reads what it converts"};
		tensor_id out = graph_output_of(f->graph, n, 0);

		if ((at->role != ROLE_Q_AGAIN && at->role != ROLE_DQ_AGAIN) ||
			!reading[at->group].own || reading[at->group].converted)
			continue;
		q->groups.items[at->group].converted = (struct qdq_params){0};
		q->groups.items[at->group].node_count--;
		q->of_tensor[out].side = SIDE_NONE;
		at->role = ROLE_NONE;
		fine = ARRAY_PUSH(&q->strangers, stranger);
	}
	free(reading);
	return fine || find_no_memory(f);
}

/* ---- the names of constants */

static const char *const integer_endings[] = {"_quantized", NULL};
static const char *const float_endings[] = {
	"_DequantizeLinear_Output", "_DequantizeLinear", "_dequantized", NULL};

/* The length without the first ending that the name has, 0 if it has none. */
static size_t without_ending(const char *name, size_t length, const char *const *endings)
{
	for (; *endings; endings++) {
		size_t cut = strlen(*endings);

		if (length > cut && !memcmp(name + length - cut, *endings, cut))
			return length - cut;
	}
	return 0;
}

static bool is_free(const struct finder *f, uint32_t group, const char *name, size_t n)
{
	tensor_id found = graph_find_tensor(f->graph, name, n);

	if (names_find(&f->qdq->names, name, n) != NAME_NONE)
		return false;
	return found == GRAPH_NONE ||
	       (f->qdq->of_tensor[found].side && f->qdq->of_tensor[found].group == group);
}

static const char *name_of(const struct finder *f, tensor_id tensor, size_t *length)
{
	name_id name = f->graph->tensors[tensor].name;

	*length = names_length(&f->graph->names, name);
	return names_text(&f->graph->names, name);
}

/* As ONNX Runtime names them, where such a name is free; else the name behind the DQ. */
static const char *constant_name(
	const struct finder *f, uint32_t group, const struct fixed *fixed, size_t *length)
{
	size_t whole;
	const char *integers = name_of(f, f->qdq->groups.items[group].source, &whole);
	const char *made;

	*length = without_ending(integers, whole, integer_endings);
	if (*length && is_free(f, group, integers, *length))
		return integers;
	made = name_of(f, fixed->made, &whole);
	*length = without_ending(made, whole, float_endings);
	if (!*length || !is_free(f, group, made, *length))
		*length = whole;
	return made;
}

static bool name_group(struct finder *f, uint32_t group, const struct fixed *fixed)
{
	struct qdq_group *g = &f->qdq->groups.items[group];
	bool computed = g->kind == QDQ_ACTIVATION || g->kind == QDQ_FLOAT_WEIGHT;
	size_t length;
	const char *name;
	name_id id;

	if (fixed->count)
		name = name_of(f, fixed->tensor, &length);
	else if (computed)
		name = name_of(f, g->source, &length);
	else
		name = constant_name(f, group, fixed, &length);
	id = names_add(&f->qdq->names, name, length);
	if (id == NAME_NONE)
		return find_no_memory(f);
	g->name = names_text(&f->qdq->names, id);
	g->name_length = (uint32_t)length;
	return true;
}

bool find_names(struct finder *f)
{
	struct fixed *fixed = drop_conversions(f) ? find_fixed(f) : NULL;
	bool fine = fixed && dissolve(f, fixed);

	if (!fixed)
		find_no_memory(f);
	for (uint32_t i = 0; fine && i < f->qdq->groups.count; i++)
		fine = name_group(f, i, &fixed[i]);
	free(fixed);
	return fine;
}
