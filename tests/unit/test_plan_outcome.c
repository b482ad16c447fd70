#include "plan_models.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void why(struct fixture *f, tensor_id tensor, const char *const *steps)
{
	struct why_list list;
	struct error err = ERROR_INIT;
	size_t i;

	cr_assert(outcome_why_tensor(fixture_outcome(f), tensor, &list, &err));
	for (i = 0; steps[i]; i++) {
		const char *text = i ? list.items[i - 1].text : list.title;

		cr_assert_leq(i, list.count);
		cr_assert_str_eq(text, steps[i]);
	}
	cr_assert_eq(list.count, i - 1);
	why_release(&list);
}

Test(plan_outcome, the_chain_of_reasons)
{
	struct fixture f = fixture_mixed8();

	fixture_seed(&f, "Op4_out=QUInt16");
	why(&f, tensor_of(&f, "Op5_out"),
		(const char *const[]){"Op5_out  u16 \xe2\x87\x84 u8  for Op6",
			"you set Op4_out to u16  (seed)",
			"Op5 reads it, so Op5 runs in u16",
			"Op5 makes Op5_out, so Op5_out is u16",
			"Op6 is at base u8, so Op5_out is converted for it",
			"to lose this pair: promote Op6 too, or demote Op4_out",
			"in the file:  Op5 \xe2\x94\x80\xe2\x96\xb6 Q16 "
			"\xe2\x94\x80\xe2\x96\xb6 "
			"DQ16 \xe2\x94\x80\xe2\x96\xb6 Q8 \xe2\x94\x80\xe2\x96\xb6 DQ8 "
			"\xe2\x94\x80\xe2\x96\xb6 Op6",
			NULL});
	why(&f, tensor_of(&f, "Op2_out"),
		(const char *const[]){"Op2_out  u8 \xe2\x87\x84 u16  for Op4",
			"u8 is the default for activations",
			"you set Op4_out to u16  (seed)",
			"Op4 makes it, so Op4 runs in u16  (node rule: one type in, one "
			"out)",
			"Op2_out is u8, so it is converted to u16 for Op4",
			"to lose this pair: promote Op2 too, or demote Op4_out",
			"in the file:  Op2 \xe2\x94\x80\xe2\x96\xb6 Q8 "
			"\xe2\x94\x80\xe2\x96\xb6 "
			"DQ8 \xe2\x94\x80\xe2\x96\xb6 Q16 \xe2\x94\x80\xe2\x96\xb6 DQ16 "
			"\xe2\x94\x80\xe2\x96\xb6 Op4",
			NULL});
	why(&f, tensor_of(&f, "input_0"),
		(const char *const[]){
			"input_0  u8", "u8 is the default for activations", NULL});
	fixture_free(&f);
}

Test(plan_outcome, states_boundaries_regions_cost)
{
	struct fixture f = fixture_mixed8();
	const struct outcome *o;
	const struct boundary *b;

	fixture_seed(&f, "Op4_out=QUInt16");
	o = fixture_outcome(&f);
	cr_assert_eq(o->boundary_count, 3);
	cr_assert_eq(o->cost.conversions, 3);
	cr_assert_eq(o->cost.conversion_bytes, 3 * 6 * 3);
	cr_assert_eq(o->cost.wide_nodes, 2);
	cr_assert_eq(o->cost.quantized_nodes, 8);
	b = outcome_boundary(o, tensor_of(&f, "Op2_out"));
	cr_assert_eq(b->from, QTYPE_U8);
	cr_assert_eq(b->to, QTYPE_U16);
	cr_assert_eq(b->reader_count, 1);
	cr_assert_eq(b->readers[0], node_of(&f, "Op4"));
	cr_assert_eq(b->stay_count, 2);
	cr_assert_eq(b->stays[0], node_of(&f, "Op7"));
	cr_assert_eq(b->stays[1], node_of(&f, "Op8"));
	cr_assert_eq(b->region, 0);
	cr_assert_eq(o->region_count, 1);
	cr_assert_str_eq(o->regions[0].letter, "A");
	cr_assert_eq(o->regions[0].node_count, 2);
	cr_assert_eq(o->nodes[node_of(&f, "Op5")].seen, QTYPE_U16);
	cr_assert(o->nodes[node_of(&f, "Op5")].flags & STATE_IMPLIED);
	cr_assert(o->nodes[node_of(&f, "Op6")].flags & STATE_CONVERTS);
	cr_assert(o->tensors[tensor_of(&f, "Op4_out")].flags & STATE_SEED);
	cr_assert(o->tensors[tensor_of(&f, "Op5_out")].flags & STATE_IMPLIED);
	cr_assert_eq(
		outcome_seen(o, tensor_of(&f, "Op2_out"), node_of(&f, "Op4")), QTYPE_U16);
	fixture_free(&f);
}

Test(plan_outcome, regions_merge_and_keep_the_older_name)
{
	struct fixture f = fixture_mixed8();
	struct error err = ERROR_INIT;
	const struct outcome *o;

	fixture_seed(&f, "node:Op1=QUInt16 node:Op5=QUInt16");
	cr_assert(plan_name_region(f.plan, 0, "left", NULL, &err));
	cr_assert(plan_name_region(f.plan, 1, "right", "a note", &err));
	o = fixture_outcome(&f);
	cr_assert_eq(o->region_count, 2);
	cr_assert_str_eq(o->regions[1].letter, "B");
	cr_assert_str_eq(o->regions[1].name, "right");
	fixture_seed(&f, "node:Op3=QUInt16");
	o = fixture_outcome(&f);
	cr_assert_eq(o->region_count, 1);
	cr_assert_str_eq(o->regions[0].name, "left");
	cr_assert_str_eq(o->regions[0].note, "a note");
	cr_assert_eq(o->regions[0].seed_count, 3);
	fixture_free(&f);
}

Test(plan_outcome, the_message_after_an_edit)
{
	struct fixture f = fixture_mixed8();
	struct error err = ERROR_INIT;
	const struct outcome *after;
	struct outcome_diff diff;
	char text[200];

	fixture_outcome(&f);
	plan_watch(f.plan);
	fixture_seed(&f, "Op4_out=QUInt16");
	after = fixture_outcome(&f);
	cr_assert(plan_take_changes(f.plan, &diff, &err));
	cr_assert(outcome_sentence(after, &diff, "Op4_out u16", f.plan->seeds.items, 1,
		text, sizeof(text), &err));
	cr_assert_str_eq(text, "Op4_out u16. 1 node follows (Op5), 3 DQ\xe2\x86\x92Q");
	cr_assert_eq(diff.tensor_count, 4);
	cr_assert_eq(diff.node_count, 2);
	cr_assert_eq(diff.conversions, 3);
	outcome_diff_release(&diff);
	fixture_free(&f);
}

Test(plan_outcome, sharing_tensors_follow_their_provider)
{
	struct fixture f = fixture_make("a Sigmoid x -> y\nr Reshape y,S[3] -> z\n"
					"t Transpose z -> w\nb Relu w -> v\n!v\n");
	const struct outcome *o;

	fixture_load(&f, "{\"y\": [{\"quant_type\": \"u16\"}], \"w\": [{\"quant_type\": "
			 "\"u8\"}]}");
	o = fixture_outcome(&f);
	cr_assert_eq(o->tensors[tensor_of(&f, "z")].stored, QTYPE_U16);
	cr_assert_eq(o->tensors[tensor_of(&f, "w")].stored, QTYPE_U16);
	cr_assert_eq(o->tensors[tensor_of(&f, "w")].provider, tensor_of(&f, "z"));
	cr_assert_eq(problem_count(&o->problems, SEVERITY_WARNING), 1);
	cr_assert_str_eq(o->problems.items[0].id, "Q12");
	fixture_free(&f);
}

Test(plan_outcome, impact)
{
	struct fixture f = fixture_mixed8();
	const struct outcome *o = fixture_outcome(&f);

	cr_assert_eq(outcome_impact_of_tensor(o, tensor_of(&f, "Op4_out")), 4);
	fixture_free(&f);
}

Test(plan_outcome, a_removed_entry_is_no_longer_given)
{
	struct fixture f = fixture_mixed8();
	struct error err = ERROR_INIT;
	tensor_id tensor = tensor_of(&f, "Op5_out");

	fixture_load(&f, "{\"Op5_out\": [{\"quant_type\": \"u8\"}]}");
	cr_assert(fixture_outcome(&f)->tensors[tensor].flags & STATE_GIVEN);
	cr_assert(plan_demote_tensor(f.plan, tensor, &err));
	fixture_seed(&f, "Op4_out=u16");
	cr_assert_not(fixture_outcome(&f)->tensors[tensor].flags & STATE_GIVEN);
	cr_assert(fixture_outcome(&f)->tensors[tensor].flags & STATE_IMPLIED);
	fixture_free(&f);
}
