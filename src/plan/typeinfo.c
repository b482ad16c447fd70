/* The fixer's type information (qdq-semantics.md 8.1). */
#include "plan/closure.h"

static bool agree(enum tristate a, enum tristate b)
{
	return a == UNSET || b == UNSET || a == b;
}

bool type_info_equal(const struct type_info *a, const struct type_info *b)
{
	return a->type == b->type && a->has_axis == b->has_axis &&
	       (!a->has_axis || a->axis == b->axis) &&
	       agree(a->symmetric, b->symmetric) &&
	       agree(a->reduce_range, b->reduce_range);
}

static enum tristate state_of(unsigned has, unsigned key, bool value)
{
	return !(has & key) ? UNSET : value ? YES : NO;
}

struct type_info type_info_of(const struct entry_params *p)
{
	return (struct type_info){
		.type = p->has & ENTRY_TYPE ? p->type : QTYPE_NONE,
		.symmetric = state_of(p->has, ENTRY_SYMMETRIC, p->symmetric),
		.reduce_range = state_of(p->has, ENTRY_REDUCE_RANGE, p->reduce_range),
		.has_axis = p->has & ENTRY_AXIS,
		.axis = p->axis,
	};
}

void type_info_save(const struct type_info *info, struct entry_params *p)
{
	if (info->type != QTYPE_NONE) {
		p->has |= ENTRY_TYPE;
		p->type = info->type;
	}
	if (info->symmetric != UNSET) {
		p->has |= ENTRY_SYMMETRIC;
		p->symmetric = info->symmetric == YES;
	}
	if (info->reduce_range != UNSET) {
		p->has |= ENTRY_REDUCE_RANGE;
		p->reduce_range = info->reduce_range == YES;
	}
	if (info->has_axis) {
		p->has |= ENTRY_AXIS;
		p->axis = info->axis;
	}
}
