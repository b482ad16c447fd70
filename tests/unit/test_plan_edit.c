#include "plan_models.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

Test(plan_edit, undo_and_redo_by_groups)
{
	struct fixture f = fixture_mixed8();
	struct error err = ERROR_INIT;
	uint64_t before;

	plan_forget_history(f.plan);
	cr_assert_not(plan_is_dirty(f.plan));
	fixture_seed(&f, "Op4_out=QUInt16");
	cr_assert(plan_begin(f.plan, "two more", &err));
	fixture_seed(&f, "output_0=QUInt16 node:Op1=QInt16");
	plan_commit(f.plan);
	cr_assert_eq(plan_group_count(f.plan), 2);
	cr_assert_str_eq(plan_group_at(f.plan, 0).sentence, "Op4_out u16");
	cr_assert_eq(plan_group_at(f.plan, 1).changes, 2);
	cr_assert(plan_is_dirty(f.plan));
	before = f.plan->generation;
	cr_assert_str_eq(plan_undo(f.plan), "two more");
	cr_assert_eq(f.plan->seeds.count, 1);
	cr_assert_gt(f.plan->generation, before);
	cr_assert_str_eq(plan_undo(f.plan), "Op4_out u16");
	cr_assert_not(plan_is_dirty(f.plan));
	cr_assert_null(plan_undo(f.plan));
	cr_assert_str_eq(plan_redo(f.plan), "Op4_out u16");
	cr_assert_str_eq(plan_redo(f.plan), "two more");
	cr_assert_null(plan_redo(f.plan));
	cr_assert_eq(f.plan->seeds.count, 3);
	fixture_free(&f);
}

Test(plan_edit, saved_position)
{
	struct fixture f = fixture_mixed8();

	plan_forget_history(f.plan);
	fixture_seed(&f, "Op4_out=QUInt16");
	plan_mark_saved(f.plan);
	cr_assert_not(plan_is_dirty(f.plan));
	plan_undo(f.plan);
	cr_assert(plan_is_dirty(f.plan));
	plan_redo(f.plan);
	cr_assert_not(plan_is_dirty(f.plan));
	plan_undo(f.plan);
	fixture_seed(&f, "Op3_out=QUInt16");
	cr_assert(plan_is_dirty(f.plan));
	plan_undo(f.plan);
	cr_assert(plan_is_dirty(f.plan), "the saved state is gone with the redo");
	fixture_free(&f);
}

Test(plan_edit, abort_takes_back)
{
	struct fixture f = fixture_mixed8();
	struct error err = ERROR_INIT;

	plan_forget_history(f.plan);
	cr_assert(plan_begin(f.plan, "nothing", &err));
	fixture_seed(&f, "Op4_out=QUInt16 op:Cos=QUInt16");
	plan_abort(f.plan);
	cr_assert_eq(f.plan->seeds.count, 0);
	cr_assert_eq(plan_group_count(f.plan), 0);
	cr_assert_not(plan_is_dirty(f.plan));
	fixture_free(&f);
}

/* Everything that can be chosen, at random; the JSON after each group is remembered and
 * must come back on the way down and up. */
static void edit_at_random(struct fixture *f)
{
	struct error err = ERROR_INIT;
	tensor_id tensor = (tensor_id)rand() % f->graph->main_tensors;
	node_id node = (node_id)rand() % f->graph->main_nodes;
	struct param_edit edit = {.tensor = tensor};
	struct quant_options options;

	switch (rand() % 7) {
	case 0:
	case 1:
		plan_promote_tensor(f->plan, tensor, QTYPE_NONE, UNSET, &err);
		break;
	case 2:
		plan_promote_node(f->plan, node, QTYPE_NONE, UNSET, &err);
		break;
	case 3:
		plan_demote_tensor(f->plan, tensor, &err);
		break;
	case 4:
		plan_demote_node(f->plan, node, &err);
		break;
	case 5:
		edit.set.has = ENTRY_RMIN | ENTRY_RMAX;
		edit.set.rmin = -1;
		edit.set.rmax = (float)(rand() % 9);
		plan_set_params(f->plan, &edit, &err);
		break;
	default:
		cr_assert(options_copy(&options, f->plan->options, &err));
		options.per_channel = rand() % 2;
		options.ort_compatible = rand() % 4 == 0;
		cr_assert(plan_set_options(f->plan, &options, &err));
		options_release(&options);
	}
}

Test(plan_edit, undo_is_the_identity)
{
	enum { STEPS = 60 };
	for (unsigned seed = 0; seed < 8; seed++) {
		struct fixture f = fixture_random(seed, 30);
		char *texts[STEPS + 1];
		size_t position[STEPS + 1];
		struct error err = ERROR_INIT;

		fixture_load(&f, "{\"t3\": [{\"quant_type\": \"u16\"}], \"t9\": "
				 "[{\"rmin\": 0, \"rmax\": 1}]}");
		plan_forget_history(f.plan);
		for (int i = 0; i <= STEPS; i++) {
			texts[i] = strdup(fixture_json(&f));
			position[i] = plan_undo_position(f.plan);
			if (i == STEPS)
				break;
			cr_assert(plan_begin(f.plan, "step", &err));
			edit_at_random(&f);
			plan_commit(f.plan);
		}
		for (int i = STEPS; i >= 0; i--) {
			while (plan_undo_position(f.plan) > position[i])
				plan_undo(f.plan);
			cr_assert_str_eq(fixture_json(&f), texts[i]);
		}
		cr_assert_not(plan_is_dirty(f.plan));
		for (int i = 0; i <= STEPS; i++) {
			while (plan_undo_position(f.plan) < position[i])
				plan_redo(f.plan);
			cr_assert_str_eq(fixture_json(&f), texts[i]);
			free(texts[i]);
		}
		fixture_free(&f);
	}
}

Test(plan_edit, demote)
{
	struct fixture f = fixture_mixed8();
	struct error err = ERROR_INIT;

	fixture_seed(&f, "Op4_out=QUInt16");
	cr_assert(plan_demote_tensor(f.plan, tensor_of(&f, "Op5_out"), &err),
		"an implied row loses what implies it");
	cr_assert_eq(f.plan->seeds.count, 0);
	cr_assert_not(plan_demote_tensor(f.plan, tensor_of(&f, "Op5_out"), &err));
	cr_assert_not(error_is_set(&err));
	fixture_seed(&f, "node:Op4=QUInt16");
	cr_assert(plan_demote_node(f.plan, node_of(&f, "Op4"), &err));
	fixture_seed(&f, "Op4_out=QUInt16");
	cr_assert(plan_demote_node(f.plan, node_of(&f, "Op5"), &err));
	cr_assert_eq(f.plan->seeds.count, 0);
	fixture_load(&f, "{\"Op4_out\": [{\"quant_type\": \"u16\"}]}");
	cr_assert(plan_demote_tensor(f.plan, tensor_of(&f, "Op4_out"), &err));
	cr_assert_str_eq(fixture_json(&f), "{}\n");
	plan_undo(f.plan);
	cr_assert(strstr(fixture_json(&f), "Op4_out"));
	fixture_free(&f);
}

Test(plan_edit, many_rows_at_once)
{
	struct fixture f = fixture_mixed8();
	struct error err = ERROR_INIT;
	tensor_id tensors[2] = {tensor_of(&f, "output_1"), tensor_of(&f, "Op1_out")};
	node_id nodes[2] = {node_of(&f, "Op5"), node_of(&f, "Op8")};

	fixture_load(&f, "{\"output_2\": [{\"quant_type\": \"u16\"}]}");
	fixture_seed(&f, "node:Op4=u16 output_1=u16 node:Op3=u16 Op4_out>Op5=u16 "
			 "node:Op6=u16");
	cr_assert(plan_demote_rows(f.plan, tensors, 2, nodes, 2, &err));
	cr_assert_eq(f.plan->seeds.count, 2,
		"Op3 implied Op1_out, the reader seed lay on "
		"Op5, output_2 was loaded for Op8");
	cr_assert_eq(f.plan->seeds.items[0].node, node_of(&f, "Op4"));
	cr_assert_eq(f.plan->seeds.items[1].node, node_of(&f, "Op6"));
	cr_assert_eq(f.plan->dropped.count, 1);
	cr_assert_str_eq(plan_undo(f.plan), "4 rows demoted");
	cr_assert_eq(f.plan->seeds.count, 5);
	cr_assert_eq(f.plan->seeds.items[3].kind, SEED_READER);
	fixture_free(&f);
}

Test(plan_edit, readers_picker)
{
	struct fixture f = fixture_mixed8();
	struct error err = ERROR_INIT;
	node_id nodes[2] = {node_of(&f, "Op4"), node_of(&f, "Op8")};
	tensor_id tensor = tensor_of(&f, "Op2_out");

	cr_assert(plan_set_readers(f.plan, tensor, nodes, 2, QTYPE_NONE, &err));
	cr_assert(strstr(fixture_json(&f), "[\"Op4\", \"Op8\"]"));
	cr_assert(plan_set_readers(f.plan, tensor, nodes + 1, 1, QTYPE_S16, &err));
	cr_assert(strstr(fixture_json(&f), "\"QInt16\", \"recv_nodes\": [\"Op8\"]"));
	cr_assert(plan_set_readers(f.plan, tensor, NULL, 0, QTYPE_NONE, &err));
	cr_assert_str_eq(fixture_json(&f), "{}\n");
	fixture_free(&f);
}

Test(plan_edit, parameters_are_laid_over)
{
	struct fixture f = fixture_mixed8();
	struct error err = ERROR_INIT;
	struct param_edit edit = {.tensor = tensor_of(&f, "Op4_out"),
		.set = {.has = ENTRY_TYPE | ENTRY_SCALE | ENTRY_ZERO_POINT,
			.type = QTYPE_U16,
			.scale = 0.5f,
			.zero_point = 300}};

	cr_assert(plan_set_params(f.plan, &edit, &err), "%s", err.text);
	cr_assert(strstr(fixture_json(&f), "\"Op4_out\": [{\"quant_type\": \"QUInt16\", "
					   "\"scale\": 0.5, \"zero_point\": 300}]"));
	cr_assert(strstr(fixture_json(&f), "Op5_out"), "the type is a seed");
	edit.set = (struct entry_params){
		.has = ENTRY_RMIN | ENTRY_RMAX, .rmin = 0, .rmax = 1};
	cr_assert(plan_set_params(f.plan, &edit, &err), "%s", err.text);
	cr_assert(strstr(fixture_json(&f), "\"Op4_out\": [{\"quant_type\": \"QUInt16\", "
					   "\"rmin\": 0.0, \"rmax\": 1.0}]"));
	edit.set =
		(struct entry_params){.has = ENTRY_SCALE | ENTRY_ZERO_POINT, .scale = 2};
	cr_assert(plan_set_params(f.plan, &edit, &err), "%s", err.text);
	fixture_load(&f, "{\"output_1\": [{\"rmin\": 0, \"rmax\": 1}]}");
	edit.tensor = tensor_of(&f, "output_1");
	cr_assert(plan_set_params(f.plan, &edit, &err), "%s", err.text);
	cr_assert(strstr(
		fixture_json(&f), "\"output_1\": [{\"scale\": 2.0, \"zero_point\": 0}]"));
	edit.set.has = 0;
	cr_assert(plan_set_params(f.plan, &edit, &err));
	edit.tensor = tensor_of(&f, "Op4_out");
	cr_assert(plan_set_params(f.plan, &edit, &err));
	cr_assert_eq(f.plan->params.count, 0);
	edit = (struct param_edit){.tensor = tensor_of(&f, "Op5_out"),
		.converted = true,
		.set = {.has = ENTRY_SYMMETRIC, .symmetric = true}};
	cr_assert(plan_set_params(f.plan, &edit, &err), "%s", err.text);
	cr_assert(strstr(fixture_json(&f), "\"convert\": {\"quant_type\": \"QUInt8\", "
					   "\"symmetric\": true, \"recv_nodes\""));
	fixture_free(&f);
}

Test(plan_edit, wrong_parameters_are_refused)
{
	struct fixture f = fixture_mixed8();
	struct error err = ERROR_INIT;
	struct param_edit edit = {.tensor = tensor_of(&f, "Op4_out"),
		.set = {.has = ENTRY_SCALE | ENTRY_ZERO_POINT,
			.scale = 1,
			.zero_point = 300}};

	cr_assert_not(plan_set_params(f.plan, &edit, &err));
	cr_assert(strstr(err.text, "outside QUInt8"), "%s", err.text);
	error_clear(&err);
	edit.converted = true;
	cr_assert_not(plan_set_params(f.plan, &edit, &err));
	error_clear(&err);
	edit = (struct param_edit){.tensor = tensor_of(&f, "Op4_out"),
		.set = {.has = ENTRY_REDUCE_RANGE, .reduce_range = true}};
	cr_assert_not(plan_set_params(f.plan, &edit, &err));
	cr_assert_eq(f.plan->params.count, 0);
	fixture_free(&f);
}

Test(plan_edit, snapshots_live_on_their_own)
{
	struct fixture f = fixture_mixed8();
	struct error err = ERROR_INIT;
	struct plan *copy, *live = f.plan;
	char *text;

	fixture_seed(&f, "Op4_out=QUInt16");
	cr_assert(plan_name_region(f.plan, 0, "attention", "keep", &err));
	text = strdup(fixture_json(&f));
	copy = plan_snapshot(f.plan, &err);
	cr_assert_eq(copy->generation, live->generation);
	fixture_seed(&f, "output_1=QInt16");
	plan_free(live);
	f.plan = copy;
	cr_assert_str_eq(fixture_json(&f), text);
	cr_assert_str_eq(fixture_outcome(&f)->regions[0].name, "attention");
	free(text);
	fixture_free(&f);
}
