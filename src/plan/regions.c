/* Regions: connected components of nodes whose seen type is not the base type. */
#include "plan/cache.h"

#include <stdlib.h>
#include <string.h>

/* A node of a region while they are found. */
struct member {
	node_id node;
	uint32_t parent; /* union-find over positions */
	uint32_t seed;   /* of the root: oldest seed that reaches it, or GRAPH_NONE */
	uint32_t region; /* of the root */
};

struct find {
	struct outcome *o;
	struct outcome_details *d;
	struct member *members; /* ascending by node */
	uint32_t count;
};

static uint32_t root_of(struct find *f, uint32_t at)
{
	while (f->members[at].parent != at) {
		f->members[at].parent = f->members[f->members[at].parent].parent;
		at = f->members[at].parent;
	}
	return at;
}

/* While they are found, a node's `region` is its position among the members. */
static uint32_t position_of(const struct find *f, node_id node)
{
	return outcome_is_member(f->o, node) ? f->d->nodes[node].region : GRAPH_NONE;
}

static void join(struct find *f, uint32_t a, uint32_t b)
{
	a = root_of(f, a);
	b = root_of(f, b);
	if (a < b)
		f->members[b].parent = a;
	else
		f->members[a].parent = b;
}

static void join_readers(struct find *f, uint32_t at)
{
	const struct graph *g = f->o->graph;
	const struct graph_node *n = &g->nodes[f->members[at].node];

	for (uint32_t i = 0; i < n->output_count; i++) {
		tensor_id out = g->slots[n->first_output + i];
		uint32_t count;
		const struct graph_reader *readers;

		if (out == GRAPH_NONE)
			continue;
		readers = graph_readers_of(g, out, &count);
		for (uint32_t k = 0; k < count; k++)
			if (graph_is_main(g, readers[k].node) &&
				outcome_is_member(f->o, readers[k].node))
				join(f, at, position_of(f, readers[k].node));
	}
}

/* Calls `visit` with each region (root position) that a seed reaches. */
static void visit_seed(struct find *f, uint32_t index,
	void (*visit)(struct find *f, uint32_t seed, uint32_t root))
{
	const struct seed *seed = &f->d->seeds.items[index];
	const struct graph *g = f->o->graph;
	const struct graph_tensor *t;

	if (seed->kind != SEED_TENSOR) {
		if (outcome_is_member(f->o, seed->node))
			visit(f, index, root_of(f, position_of(f, seed->node)));
		return;
	}
	t = &g->tensors[seed->tensor];
	if (t->producer != GRAPH_NONE && outcome_is_member(f->o, t->producer))
		visit(f, index, root_of(f, position_of(f, t->producer)));
	for (uint32_t i = 0; i < t->reader_count; i++) {
		node_id node = g->readers[t->first_reader + i].node;

		if (graph_is_main(g, node) && outcome_is_member(f->o, node))
			visit(f, index, root_of(f, position_of(f, node)));
	}
}

static void note_oldest(struct find *f, uint32_t seed, uint32_t root)
{
	if (f->members[root].seed == GRAPH_NONE)
		f->members[root].seed = seed;
}

static struct region *region_of(struct find *f, uint32_t root)
{
	return (struct region *)f->o->regions + f->members[root].region;
}

/* Counts at first (without an array), then enters. A seed visits a region once. */
static void enter_seed(struct find *f, uint32_t seed, uint32_t root)
{
	struct region *r = region_of(f, root);
	uint32_t *seeds = (uint32_t *)r->seeds;

	if (seeds && (!r->seed_count || seeds[r->seed_count - 1] != seed))
		seeds[r->seed_count++] = seed;
	else if (!seeds)
		r->seed_count++;
}

static int compare_roots(const void *a, const void *b)
{
	const struct member *x = *(const struct member *const *)a;
	const struct member *y = *(const struct member *const *)b;

	if (x->seed != y->seed)
		return x->seed < y->seed ? -1 : 1;
	return x->node < y->node ? -1 : x->node > y->node;
}

/* They mostly are in order: seeds of many nodes at once follow the nodes. */
static void sort_roots(struct member **roots, uint32_t count)
{
	for (uint32_t i = 1; i < count; i++)
		if (compare_roots(&roots[i - 1], &roots[i]) > 0) {
			qsort(roots, count, sizeof(*roots), compare_roots);
			return;
		}
}

static void write_letter(char out[8], uint32_t index)
{
	char digits[8];
	int n = 0;

	for (index++; index && n < 7; index = (index - 1) / 26)
		digits[n++] = (char)('A' + (index - 1) % 26);
	for (int i = 0; i < n; i++)
		out[i] = digits[n - 1 - i];
	out[n] = '\0';
}

static bool allot_lists(struct find *f)
{
	for (uint32_t i = 0; i < f->o->region_count; i++) {
		struct region *r = (struct region *)&f->o->regions[i];

		r->nodes =
			arena_alloc(&f->d->regions, r->node_count * sizeof(node_id) + 1);
		r->seeds = arena_alloc(
			&f->d->regions, (r->seed_count + (size_t)1) * sizeof(uint32_t));
		if (!r->nodes || !r->seeds)
			return false;
		r->node_count = r->seed_count = 0;
	}
	return true;
}

static void name_region(struct find *f, struct region *r)
{
	r->name = r->note = "";
	for (uint32_t i = 0; i < r->seed_count; i++) {
		const struct seed *seed = &f->d->seeds.items[r->seeds[i]];

		if (!*r->name && seed->region)
			r->name = seed->region;
		if (!*r->note && seed->note)
			r->note = seed->note;
	}
	r->type = (enum qtype)f->o->nodes[r->nodes[0]].seen;
}

static bool fill_regions(struct find *f)
{
	for (uint32_t i = 0; i < f->count; i++)
		region_of(f, root_of(f, i))->node_count++;
	for (uint32_t i = 0; i < f->d->seeds.count; i++)
		visit_seed(f, i, enter_seed);
	if (!allot_lists(f))
		return false;
	for (uint32_t i = 0; i < f->count; i++) {
		struct region *r = region_of(f, root_of(f, i));

		((node_id *)r->nodes)[r->node_count++] = f->members[i].node;
	}
	for (uint32_t i = 0; i < f->d->seeds.count; i++)
		visit_seed(f, i, enter_seed);
	for (uint32_t i = 0; i < f->count; i++)
		f->d->nodes[f->members[i].node].region = f->members[root_of(f, i)].region;
	for (uint32_t i = 0; i < f->o->region_count; i++)
		name_region(f, (struct region *)&f->o->regions[i]);
	return true;
}

/* The roots in order of their oldest seed, and a region for each. */
static bool number_regions(struct find *f)
{
	struct member **roots = malloc((f->count + (size_t)1) * sizeof(*roots));
	struct region *regions;
	uint32_t count = 0;

	for (uint32_t i = 0; roots && i < f->count; i++)
		if (root_of(f, i) == i)
			roots[count++] = &f->members[i];
	regions = arena_zalloc(&f->d->regions, count + (size_t)1, sizeof(*regions));
	if (roots && regions) {
		sort_roots(roots, count);
		for (uint32_t i = 0; i < count; i++) {
			roots[i]->region = i;
			write_letter(regions[i].letter, i);
		}
	}
	free(roots);
	f->o->regions = regions;
	f->o->region_count = count;
	return roots && regions;
}

/* A boundary belongs to the region of its producer, else of its first reader there. */
static void place_boundaries(struct outcome *o)
{
	for (uint32_t i = 0; i < o->boundary_count; i++) {
		struct boundary *b = (struct boundary *)&o->boundaries[i];
		node_id producer = o->graph->tensors[b->tensor].producer;

		b->region = GRAPH_NONE;
		if (producer != GRAPH_NONE)
			b->region = o->nodes[producer].region;
		for (uint32_t k = 0; k < b->reader_count && b->region == GRAPH_NONE; k++)
			b->region = o->nodes[b->readers[k]].region;
	}
}

static bool find_members(struct find *f)
{
	const struct node_list *nodes = &f->d->members;

	f->count = (uint32_t)nodes->count;
	f->members = malloc((nodes->count + 1) * sizeof(*f->members));
	for (uint32_t i = 0; f->members && i < f->count; i++) {
		f->members[i] = (struct member){
			.node = nodes->items[i], .parent = i, .seed = GRAPH_NONE};
		f->d->nodes[nodes->items[i]].region = i;
	}
	return f->members;
}

bool outcome_find_regions(struct outcome *o)
{
	struct outcome_details *d = o->details;
	struct find f = {.o = o, .d = d};
	bool ok = find_members(&f);

	arena_clear(&d->regions);
	for (uint32_t i = 0; ok && i < f.count; i++)
		join_readers(&f, i);
	for (uint32_t i = 0; ok && i < d->seeds.count; i++)
		visit_seed(&f, i, note_oldest);
	ok = ok && number_regions(&f) && fill_regions(&f);
	free(f.members);
	if (ok)
		place_boundaries(o);
	return ok;
}
