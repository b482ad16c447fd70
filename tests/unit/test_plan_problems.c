#include "plan_models.h"

#include <string.h>

static bool has(struct fixture *f, const char *id)
{
	const struct outcome *o = fixture_outcome(f);

	for (size_t i = 0; i < o->problems.count; i++)
		if (!strcmp(o->problems.items[i].id, id))
			return true;
	return false;
}

static void set(struct fixture *f, const char *name, const char *value)
{
	struct quant_options options;
	struct error err = ERROR_INIT;

	cr_assert(options_copy(&options, f->plan->options, &err));
	cr_assert(options_set(&options, name, value, &err), "%s", err.text);
	cr_assert(plan_set_options(f->plan, &options, &err));
	options_release(&options);
}

Test(plan_problems, quirks_are_told_where_they_touch)
{
	struct fixture f = fixture_make("- Cos x -> y\ng Gather y,i -> z\n"
					"c Conv z,W[2,2,1,1],y_scale[2] -> v\n!v\n");

	cr_assert_not(has(&f, "Q10"));
	cr_assert_not(has(&f, "Q11"));
	cr_assert_not(has(&f, "Q23"));
	cr_assert_not(has(&f, "Q35"));
	fixture_options(&f, true, QTYPE_U8, false);
	cr_assert(has(&f, "Q10"));
	cr_assert(has(&f, "Q11"));
	set(&f, "OpTypesToExcludeOutputQuantization", "Gather");
	cr_assert(has(&f, "Q23"));
	set(&f, "BlockSize", "2");
	cr_assert(has(&f, "Q35"));
	cr_assert_not(has(&f, "Q22"));
	set(&f, "QuantizeBias", "false");
	cr_assert(has(&f, "Q22"));
	fixture_free(&f);
}

Test(plan_problems, operators_in_options_that_nobody_knows)
{
	struct fixture f = fixture_make("first Cos x -> y\nsecond Mine y -> z\n!z\n");
	struct quant_options options;
	struct error err = ERROR_INIT;
	const char *const known[] = {"Cos", "Mine", "Softmax"};

	options_init(&options);
	for (int i = 0; i < 3; i++)
		cr_assert(text_list_add(&options.op_types, known[i], &err));
	cr_assert(plan_set_options(f.plan, &options, &err));
	cr_assert_not(has(&f, UNKNOWN_OPERATOR));
	cr_assert(text_list_add(&options.op_types, "Coz", &err));
	cr_assert(plan_set_options(f.plan, &options, &err));
	cr_assert(has(&f, UNKNOWN_OPERATOR));
	options_release(&options);
	fixture_free(&f);
}

Test(plan_problems, names_in_options_that_no_node_has)
{
	struct fixture f = fixture_make("first Cos x -> y\nsecond Sin y -> z\n!z\n");
	struct quant_options options;
	struct error err = ERROR_INIT;
	const struct problem *p;

	options_init(&options);
	cr_assert(text_list_add(&options.nodes_to_exclude, "first", &err));
	cr_assert(plan_set_options(f.plan, &options, &err));
	cr_assert_not(has(&f, UNKNOWN_NODE));
	cr_assert(text_list_add(&options.nodes_to_quantize, "secnd", &err));
	cr_assert(plan_set_options(f.plan, &options, &err));
	cr_assert(has(&f, UNKNOWN_NODE));
	p = &fixture_outcome(&f)->problems.items[0];
	cr_assert_eq(p->severity, SEVERITY_WARNING);
	cr_assert(strstr(p->remedy, "'second'"), "%s", p->remedy);
	options_release(&options);
	fixture_free(&f);
}

Test(plan_problems, seeds_and_entries_without_effect)
{
	struct fixture f = fixture_make("a Cos x -> y\nb Sin y -> z\n!z\n");
	struct quant_options options;
	struct error err = ERROR_INIT;

	options_init(&options);
	cr_assert(text_list_add(&options.op_types, "Sin", &err));
	cr_assert(plan_set_options(f.plan, &options, &err));
	fixture_seed(&f, "z=u16");
	cr_assert_not(has(&f, "no-effect"));
	fixture_seed(&f, "node:a=u16");
	cr_assert(has(&f, "no-effect"));
	plan_undo(f.plan);
	fixture_seed(&f, "x=u16");
	cr_assert(has(&f, "no-effect"));
	plan_undo(f.plan);
	fixture_load(&f, "{\"x\": [{\"quant_type\": \"u16\"}]}");
	cr_assert(has(&f, "no-effect"));
	options_release(&options);
	fixture_free(&f);
}

Test(plan_problems, readers_that_are_not_quantized)
{
	struct fixture f = fixture_mixed8();
	struct quant_options options;
	struct error err = ERROR_INIT;

	fixture_seed(&f, "Op4_out=u16");
	cr_assert_not(has(&f, "Q31"));
	cr_assert(options_copy(&options, f.plan->options, &err));
	cr_assert(text_list_add(&options.nodes_to_exclude, "Op7", &err));
	cr_assert(plan_set_options(f.plan, &options, &err));
	cr_assert(has(&f, "Q31"));
	options_release(&options);
	fixture_free(&f);
}

Test(plan_problems, dedicated_pairs_and_conversions)
{
	struct fixture f = fixture_mixed8();

	set(&f, "DedicatedQDQPair", "true");
	fixture_seed(&f, "Op4_out=u16");
	cr_assert(has(&f, "dedicated"));
	fixture_free(&f);
}

Test(plan_problems, a_shared_constant)
{
	struct fixture f = fixture_make("a Add x,K[3] -> y\nb Add w,K -> z\n!y\n!z\n");

	fixture_seed(&f, "node:a=u16");
	cr_assert(has(&f, "L6"));
	fixture_seed(&f, "node:b=u16");
	cr_assert_not(has(&f, "L6"));
	fixture_free(&f);
}
