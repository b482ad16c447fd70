/* The closure told rule by rule. */
#include "plan_models.h"

#include <string.h>

static struct why_list steps_of(struct fixture *f)
{
	struct why_list steps;
	struct error err = ERROR_INIT;

	cr_assert(outcome_steps(fixture_outcome(f), &steps, &err), "%s", err.text);
	return steps;
}

static void begins(const struct why_list *steps, size_t i, const char *text)
{
	cr_assert_lt(i, steps->count);
	cr_assert(!strncmp(steps->items[i].text, text, strlen(text)), "%zu: %s", i,
		steps->items[i].text);
}

Test(plan_steps, one_seed_from_the_first_rule_to_the_last)
{
	struct fixture f = fixture_mixed8();
	struct why_list steps;

	fixture_seed(&f, "Op4_out=QUInt16");
	steps = steps_of(&f);
	cr_assert_eq(steps.count, 8);
	begins(&steps, 0, "you set Op4_out to u16");
	begins(&steps, 1, "Op4 makes it, so Op4 runs in u16");
	begins(&steps, 2, "Op5 reads it, so Op5 runs in u16");
	begins(&steps, 3, "Op4_out: Op4 makes it in u16, and its readers see that");
	begins(&steps, 4, "Op2_out: Op2 was not asked and makes it in u8, Op4 sees u16");
	begins(&steps, 5, "Op5_out: Op5 makes it in u16, Op6 sees u8: one DQ→Q pair");
	begins(&steps, 6, "Op3_out: Op3 was not asked and makes it in u8, Op5 sees u16");
	begins(&steps, 7, "nobody else is asked: 1 region, 3 DQ→Q pairs");
	for (size_t i = 0; i + 1 < steps.count; i++)
		cr_assert(steps.items[i].tensor != GRAPH_NONE ||
			  steps.items[i].node != GRAPH_NONE);
	why_release(&steps);
	fixture_free(&f);
}

Test(plan_steps, nothing_chosen_readers_and_conflicts)
{
	struct fixture f = fixture_mixed8();
	struct why_list steps = steps_of(&f);

	cr_assert_eq(steps.count, 1);
	begins(&steps, 0, "nothing was chosen");
	why_release(&steps);
	fixture_seed(&f, "Op2_out>Op7=QUInt16");
	steps = steps_of(&f);
	begins(&steps, 0, "you set Op2_out for Op7 u16");
	begins(&steps, 1, "Op2_out: Op2 was not asked and makes it in u8, Op7 sees u16");
	why_release(&steps);
	fixture_seed(&f, "node:Op4=QUInt16 Op4_out=QInt16");
	steps = steps_of(&f);
	begins(&steps, steps.count - 2, "'");
	cr_assert_eq(steps.items[steps.count - 2].rule, WHY_CONFLICT);
	why_release(&steps);
	fixture_free(&f);
}
