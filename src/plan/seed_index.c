/* Which seed lies on a thing: a flat hash from (tensor, node) to position. */
#include "plan/edit.h"

#include <stdlib.h>

struct seed_index {
	uint32_t *slots; /* positions plus one, 0 is free */
	size_t slot_count;
	size_t indexed; /* seeds [0, indexed) are in it */
	bool stale;
};

static uint64_t hash(const struct seed *seed)
{
	uint64_t key = (uint64_t)seed->tensor << 32 | seed->node;

	key = (key ^ (key >> 31)) * UINT64_C(0x9e3779b97f4a7c15);
	return key ^ (key >> 29);
}

static bool same_thing(const struct seed *a, const struct seed *b)
{
	return a->tensor == b->tensor && a->node == b->node;
}

static void enter(struct plan *plan, size_t at)
{
	struct seed_index *index = plan->index;
	size_t slot = hash(&plan->seeds.items[at]) & (index->slot_count - 1);

	while (index->slots[slot])
		slot = (slot + 1) & (index->slot_count - 1);
	index->slots[slot] = (uint32_t)at + 1;
}

/* True if the index now covers all seeds. */
static bool refresh(struct plan *plan)
{
	struct seed_index *index = plan->index;
	size_t wanted = 64;

	if (!index)
		index = plan->index = calloc(1, sizeof(*index));
	if (!index)
		return false;
	while (wanted < plan->seeds.count * 2)
		wanted *= 2;
	if (index->stale || wanted > index->slot_count) {
		uint32_t *slots = calloc(wanted, sizeof(*slots));

		if (!slots)
			return false;
		free(index->slots);
		index->slots = slots;
		index->slot_count = wanted;
		index->indexed = 0;
		index->stale = false;
	}
	while (index->indexed < plan->seeds.count)
		enter(plan, index->indexed++);
	return true;
}

static size_t scan(const struct plan *plan, const struct seed *seed)
{
	for (size_t i = 0; i < plan->seeds.count; i++)
		if (same_thing(&plan->seeds.items[i], seed))
			return i;
	return SIZE_MAX;
}

size_t plan_find_seed(struct plan *plan, const struct seed *seed)
{
	struct seed_index *index;
	size_t slot;

	if (plan->seeds.count < 8 || !refresh(plan))
		return scan(plan, seed);
	index = plan->index;
	for (slot = hash(seed) & (index->slot_count - 1); index->slots[slot];
		slot = (slot + 1) & (index->slot_count - 1))
		if (same_thing(&plan->seeds.items[index->slots[slot] - 1], seed))
			return index->slots[slot] - 1;
	return SIZE_MAX;
}

void plan_index_stale(struct plan *plan)
{
	if (plan->index)
		plan->index->stale = true;
}

void plan_index_free(struct plan *plan)
{
	if (plan->index)
		free(plan->index->slots);
	free(plan->index);
	plan->index = NULL;
}
