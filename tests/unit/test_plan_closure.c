#include "plan_models.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define U16_OP4 "  \"Op4_out\": [{\"quant_type\": \"QUInt16\"}]"
#define TO16(t, n)                                                                       \
	"  \"" t "\": [{\"quant_type\": \"QUInt8\", \"convert\": {\"quant_type\": "      \
	"\"QUInt16\", \"recv_nodes\": [" n "]}}]"
#define TO8(t, n)                                                                        \
	"  \"" t "\": [{\"quant_type\": \"QUInt16\", \"convert\": {\"quant_type\": "     \
	"\"QUInt8\", \"recv_nodes\": [" n "]}}]"
#define U16(t) "  \"" t "\": [{\"quant_type\": \"QUInt16\"}]"
#define EXAMPLE                                                                          \
	"{\n" U16_OP4 ",\n" TO16("Op2_out", "\"Op4\"") ",\n" TO8(                        \
		"Op5_out", "\"Op6\"") ",\n" TO16("Op3_out", "\"Op5\"") "\n}\n"

/* Both modes must give the same text. */
static void expect(const char *seeds, const char *json)
{
	for (int ort = 0; ort < 2; ort++) {
		struct fixture f = fixture_mixed8();

		fixture_options(&f, ort, QTYPE_U8, false);
		fixture_seed(&f, seeds);
		cr_assert_str_eq(fixture_json(&f), json);
		cr_assert_str_empty(fixture_conflict(&f));
		fixture_free(&f);
	}
}

Test(plan_closure, eight_nodes_to_the_byte)
{
	expect("Op4_out=QUInt16", EXAMPLE);
}

Test(plan_closure, upgrade_output)
{
	expect("Op4_out=QUInt16 output_0=QUInt16",
		"{\n" U16_OP4
		",\n" U16("output_0") ",\n" TO16("Op2_out", "\"Op4\"") ",\n" U16(
			"Op5_out") ",\n" TO16("Op3_out", "\"Op5\"") "\n}\n");
}

Test(plan_closure, upgrade_input)
{
	expect("Op4_out=QUInt16 input_0=QUInt16",
		"{\n" U16_OP4 ",\n" U16("input_0") ",\n" TO16("Op2_out",
			"\"Op4\"") ",\n" TO8("Op5_out", "\"Op6\"") ",\n" TO16("Op3_out",
			"\"Op5\"") ",\n" TO8("Op1_out", "\"Op3\"") "\n}\n");
}

Test(plan_closure, symmetric_s16_over_s8)
{
	struct fixture f = fixture_mixed8();

	fixture_options(&f, true, QTYPE_S8, false);
	fixture_seed(&f, "Op4_out=QInt16,symmetric");
	cr_assert_str_eq(fixture_json(&f),
		"{\n"
		"  \"Op4_out\": [{\"quant_type\": \"QInt16\", \"symmetric\": true}],\n"
		"  \"Op2_out\": [{\"quant_type\": \"QInt8\", \"convert\": "
		"{\"quant_type\": "
		"\"QInt16\", \"symmetric\": true, \"recv_nodes\": [\"Op4\"]}}],\n"
		"  \"Op5_out\": [{\"quant_type\": \"QInt16\", \"symmetric\": true, "
		"\"convert\": {\"quant_type\": \"QInt8\", \"recv_nodes\": [\"Op6\"]}}],\n"
		"  \"Op3_out\": [{\"quant_type\": \"QInt8\", \"convert\": "
		"{\"quant_type\": "
		"\"QInt16\", \"symmetric\": true, \"recv_nodes\": [\"Op5\"]}}]\n"
		"}\n");
	fixture_free(&f);
}

Test(plan_closure, further_cases)
{
	expect("Op2_out=QUInt16 Op4_out=QUInt16",
		"{\n" U16(
			"Op2_out") ",\n" U16_OP4
				   ",\n" TO16("input_1", "\"Op2\"") ",\n" U16(
					   "output_1") ",\n" U16("output_2") ",\n" TO8("O"
										       "p"
										       "5"
										       "_"
										       "o"
										       "u"
										       "t",
					   "\"Op6\"") ",\n" TO16("Op3_out",
					   "\"Op5\"") "\n}\n");
	expect("input_1=QUInt16", "{\n" U16("input_1") ",\n" TO8("Op2_out",
					  "\"Op4\", \"Op7\", \"Op8\"") "\n}\n");
	expect("input_1=QUInt16 Op4_out=QUInt16",
		"{\n" U16("input_1") ",\n" U16_OP4 ",\n" TO8(
			"Op2_out", "\"Op7\", \"Op8\"") ",\n" TO8("Op5_out",
			"\"Op6\"") ",\n" TO16("Op3_out", "\"Op5\"") "\n}\n");
	expect("output_0=QUInt16",
		"{\n" U16("output_0") ",\n" TO16("Op5_out", "\"Op6\"") "\n}\n");
}

static void refuse(const char *load, const char *seeds, const char *id)
{
	struct fixture f = fixture_mixed8();

	fixture_options(&f, true, QTYPE_U8, false);
	if (*load)
		fixture_load(&f, load);
	fixture_seed(&f, seeds);
	cr_assert_str_eq(fixture_conflict(&f), id);
	fixture_free(&f);
}

Test(plan_closure, the_fixers_errors)
{
	refuse("", "Op4_out=QUInt16 Op3_out=QInt16", "E1");
	refuse("", "Op4_out=QUInt16 output_1=QInt16", "E2");
	refuse("{\"Op2_out\": [{\"rmin\": 0, \"rmax\": 1}]}", "Op4_out=QUInt16", "E5");
	refuse("{\"Op3_out\": [{\"quant_type\": \"QUInt8\", \"convert\": "
	       "{\"quant_type\": "
	       "\"QInt16\", \"recv_nodes\": [\"Op5\"]}}]}",
		"Op4_out=QUInt16", "E6");
}

Test(plan_closure, a_reader_without_name)
{
	struct fixture f = fixture_make("a Sigmoid x -> y\n- Mul y,z -> w\n!w\n");

	fixture_options(&f, true, QTYPE_U8, false);
	fixture_seed(&f, "y=QUInt16");
	cr_assert_str_eq(fixture_conflict(&f), "E3");
	fixture_options(&f, false, QTYPE_U8, false);
	cr_assert_str_eq(fixture_conflict(&f), "E3");
	fixture_free(&f);
}

Test(plan_closure, partial_entries_are_completed)
{
	struct fixture f = fixture_mixed8();

	fixture_load(&f, "{\"Op2_out\": [{\"rmin\": 0, \"rmax\": 1}]}");
	fixture_seed(&f, "Op4_out=QUInt16");
	cr_assert_str_empty(fixture_conflict(&f));
	cr_assert(strstr(fixture_json(&f), "\"Op2_out\": [{\"quant_type\": \"QUInt8\", "
					   "\"rmin\": 0.0, \"rmax\": 1.0, "
					   "\"convert\": {\"quant_type\": \"QUInt16\", "
					   "\"recv_nodes\": [\"Op4\"]}}]"));
	fixture_free(&f);
}

Test(plan_closure, symmetric_alone_converts_nothing)
{
	struct fixture f = fixture_mixed8();

	fixture_load(&f, "{\"Op1_out\": [{\"symmetric\": true}]}");
	fixture_seed(&f, "output_1=QUInt16");
	cr_assert(!strstr(fixture_json(&f), "Op3_out"));
	cr_assert(!strstr(fixture_json(&f), "input_0"));
	fixture_free(&f);
}

Test(plan_closure, node_seeds_leave_the_next_node)
{
	struct fixture f = fixture_mixed8();

	fixture_seed(&f, "node:Op4=QUInt16 node:Op5=QUInt16");
	cr_assert_str_eq(fixture_json(&f),
		"{\n" U16_OP4 ",\n" TO16("Op2_out", "\"Op4\"") ",\n" TO8(
			"Op5_out", "\"Op6\"") ",\n" TO16("Op3_out", "\"Op5\"") "\n}\n");
	fixture_free(&f);
}

Test(plan_closure, reader_seed_is_one_conversion)
{
	struct fixture f = fixture_mixed8();

	fixture_seed(&f, "Op2_out>Op4=QUInt16");
	cr_assert_str_eq(fixture_json(&f), "{\n" TO16("Op2_out", "\"Op4\"") "\n}\n");
	cr_assert_eq(fixture_outcome(&f)->region_count, 0);
	fixture_free(&f);
}

/* L2: x U16, a S16 in x -> p -> t -> {A -> a, B -> b}. */
#define L2 "p Sigmoid x -> t\nA Cos t -> a\nB Sin t -> b\n!a\n!b\n"

Test(plan_closure, a_third_type_is_a_conflict)
{
	struct fixture f = fixture_make(L2);

	fixture_seed(&f, "x=QUInt16 a=QInt16");
	cr_assert_str_eq(fixture_conflict(&f), "L1");
	fixture_options(&f, true, QTYPE_U8, false);
	cr_assert_str_empty(fixture_conflict(&f));
	fixture_free(&f);
}

Test(plan_closure, all_conflicts_are_listed)
{
	struct fixture f = fixture_mixed8();

	fixture_seed(&f, "Op4_out=QUInt16 Op3_out=QInt16 output_1=QInt16");
	cr_assert_geq(fixture_outcome(&f)->conflicts, 2);
	fixture_free(&f);
}

Test(plan_closure, constants_of_promoted_nodes_follow)
{
	struct fixture f =
		fixture_make("n Add x,K[3] -> y\nm MatMul y,W[3,3] -> z\n!z\n");
	const struct outcome *o;

	fixture_seed(&f, "y=QUInt16");
	o = fixture_outcome(&f);
	cr_assert_eq(o->tensors[tensor_of(&f, "K")].stored, QTYPE_U16);
	cr_assert_eq(o->tensors[tensor_of(&f, "W")].stored, QTYPE_S8);
	cr_assert_eq(o->cost.weight_bytes[QTYPE_U16], 6);
	cr_assert_eq(o->cost.weight_bytes[QTYPE_S8], 9);
	cr_assert_eq(o->cost.weight_bytes[QTYPE_U8], 0);
	fixture_options(&f, true, QTYPE_U8, false);
	cr_assert_null(strstr(fixture_json(&f), "\"K\""));
	fixture_free(&f);
}

Test(plan_closure, seed_on_an_initializer_stays_there)
{
	struct fixture f = fixture_make("n Add x,K[3] -> y\n!y\n");

	fixture_seed(&f, "K=QUInt16");
	cr_assert_str_eq(fixture_json(&f), "{\n" U16("K") "\n}\n");
	fixture_free(&f);
}

Test(plan_closure, excluded_nodes_are_no_receivers)
{
	struct fixture f = fixture_mixed8();
	struct quant_options options;
	struct error err = ERROR_INIT;

	options_init(&options);
	options.all_op_types = true;
	cr_assert(text_list_add(&options.nodes_to_exclude, "Op6", &err));
	cr_assert(plan_set_options(f.plan, &options, &err));
	fixture_seed(&f, "Op4_out=QUInt16");
	cr_assert(strstr(fixture_json(&f), U16("Op5_out")));
	options_release(&options);
	fixture_free(&f);
}

Test(plan_closure, wide_entry_goes_to_the_front)
{
	struct fixture f = fixture_mixed8();

	fixture_seed(&f, "Op1_out=QUInt8 Op4_out=QUInt16");
	cr_assert_eq(strncmp(fixture_json(&f), "{\n" U16_OP4, strlen(U16_OP4) + 2), 0);
	fixture_options(&f, true, QTYPE_U8, false);
	cr_assert_neq(strncmp(fixture_json(&f), "{\n" U16_OP4, strlen(U16_OP4) + 2), 0);
	fixture_free(&f);
}

Test(plan_closure, loaded_entries_stay_as_they_are)
{
	struct fixture f = fixture_mixed8();

	fixture_load(&f, "{\"Op1_out\":[{\"quant_type\":\"QUInt8\"}],"
			 "\"Op4_out\":[{\"quant_type\":\"u16\"}]}");
	cr_assert_str_eq(fixture_json(&f),
		"{\n  \"Op1_out\": [{\"quant_type\": \"QUInt8\"}],\n" U16_OP4 "\n}\n");
	fixture_free(&f);
}

Test(plan_closure, seeds_that_contradict_loaded_entries)
{
	struct fixture f = fixture_mixed8();
	struct error err = ERROR_INIT;
	char names[64];
	uint32_t count;

	fixture_load(&f, EXAMPLE);
	fixture_seed(&f, "output_0=QUInt16");
	cr_assert_str_eq(fixture_conflict(&f), "given");
	cr_assert(plan_yield_given(f.plan, &count, names, sizeof(names), &err));
	cr_assert_eq(count, 1);
	cr_assert_str_eq(names, "Op5_out");
	cr_assert_str_empty(fixture_conflict(&f));
	cr_assert(strstr(fixture_json(&f), U16("Op5_out")));
	fixture_free(&f);
}

Test(plan_closure, loaded_overrides_become_seeds)
{
	struct fixture f = fixture_mixed8();
	struct error err = ERROR_INIT;
	enum adopted how;

	fixture_load(&f, EXAMPLE);
	cr_assert(plan_adopt_given(f.plan, &how, &err));
	cr_assert_eq(how, ADOPTED_ALL);
	cr_assert_eq(f.plan->seeds.count, 1);
	cr_assert_str_eq(fixture_json(&f), EXAMPLE);
	fixture_free(&f);
}

/* A choice that is there already and equal to a loaded entry is no bar. */
Test(plan_closure, loaded_overrides_become_seeds_where_one_is_chosen)
{
	struct fixture f = fixture_mixed8();
	struct error err = ERROR_INIT;
	enum adopted how;

	fixture_load(&f, EXAMPLE);
	fixture_seed(&f, "Op4_out=QUInt16");
	cr_assert(plan_adopt_given(f.plan, &how, &err), "%s", err.text);
	cr_assert_eq(how, ADOPTED_ALL);
	cr_assert_eq(f.plan->seeds.count, 1);
	cr_assert_eq(f.plan->given->count, 0);
	cr_assert_str_eq(fixture_json(&f), EXAMPLE);
	cr_assert(plan_undo(f.plan));
	cr_assert_eq(f.plan->given->count, 4);
	/* where the file would be another, nothing is done */
	fixture_seed(&f, "output_0=QInt16");
	cr_assert(plan_adopt_given(f.plan, &how, &err), "%s", err.text);
	cr_assert_eq(how, ADOPTED_NOTHING);
	cr_assert_eq(f.plan->given->count, 4);
	fixture_free(&f);
}

/* Entries that somebody else wrote in another order become choices too, and that is told
 * apart. */
Test(plan_closure, loaded_overrides_in_another_order_become_seeds)
{
	static const char *const before[] = {U16("Op4_out"), "\"Op2_out\": "};
	struct fixture f = fixture_mixed8();
	struct error err = ERROR_INIT;
	enum adopted how;

	fixture_load(&f, "{\"Op3_out\": [{\"quant_type\": \"QUInt8\", \"convert\": "
			 "{\"quant_type\": "
			 "\"QUInt16\", \"recv_nodes\": [\"Op5\"]}}],\n"
			 "\"Op5_out\": [{\"quant_type\": \"QUInt16\", \"convert\": "
			 "{\"quant_type\": \"QUInt8\", \"recv_nodes\": [\"Op6\"]}}],\n"
			 "\"Op2_out\": [{\"quant_type\": \"QUInt8\", \"convert\": "
			 "{\"quant_type\": \"QUInt16\", \"recv_nodes\": [\"Op4\"]}}],\n"
			 "\"Op4_out\": [{\"quant_type\": \"QUInt16\"}]}");
	cr_assert(plan_adopt_given(f.plan, &how, &err), "%s", err.text);
	cr_assert_eq(how, ADOPTED_REORDERED);
	cr_assert_eq(f.plan->seeds.count, 1);
	cr_assert_eq(f.plan->given->count, 0);
	cr_assert_lt(
		strstr(fixture_json(&f), before[0]), strstr(fixture_json(&f), before[1]));
	fixture_free(&f);
}

Test(plan_closure, saved_result_closes_to_itself)
{
	for (unsigned seed = 0; seed < 30; seed++) {
		struct fixture f = fixture_random(seed, 40), g;
		char text[32], *saved;

		snprintf(text, sizeof(text), "t%u=QUInt16", seed % 40);
		fixture_seed(&f, text);
		saved = strdup(fixture_json(&f));
		g = fixture_random(seed, 40);
		fixture_load(&g, saved);
		cr_assert_str_eq(fixture_json(&g), saved);
		free(saved);
		fixture_free(&g);
		fixture_free(&f);
	}
}

/* Every reader that was asked sees the type; no entry holds a conversion to itself. */
Test(plan_closure, properties_on_random_graphs)
{
	for (unsigned seed = 0; seed < 100; seed++) {
		struct fixture f = fixture_random(seed, 60);
		const struct outcome *o;
		char text[64];

		snprintf(text, sizeof(text), "t%u=QUInt16 node:n%u=QUInt16", seed % 60,
			(seed * 7) % 60);
		fixture_seed(&f, text);
		o = fixture_outcome(&f);
		cr_assert_str_empty(fixture_conflict(&f));
		for (uint32_t i = 0; i < o->boundary_count; i++) {
			const struct boundary *b = &o->boundaries[i];

			cr_assert_neq(b->from, b->to);
			for (uint32_t k = 0; k < b->reader_count; k++)
				cr_assert_eq(o->nodes[b->readers[k]].seen, b->to);
			for (uint32_t k = 0; k < b->stay_count; k++)
				cr_assert_eq(o->nodes[b->stays[k]].seen, b->from);
		}
		for (node_id n = 0; n < f.graph->main_nodes; n++)
			for (uint32_t k = 0; k < f.graph->nodes[n].input_count; k++) {
				tensor_id in = graph_input_of(f.graph, n, k);

				if (in != GRAPH_NONE && o->nodes[n].seen &&
					(o->tensors[in].flags &
						(STATE_QUANTIZED | STATE_CONSTANT)) ==
						STATE_QUANTIZED)
					cr_assert_eq(
						outcome_seen(o, in, n), o->nodes[n].seen);
			}
		fixture_free(&f);
	}
}

/* The text without the lines of constants, which follow in default mode only, and
 * without what separates lines. */
static void strip(const char *json, char *out)
{
	for (const char *line = json; *line; line += strcspn(line, "\n") + 1) {
		size_t length = strcspn(line, "\n");

		if (strncmp(line, "  \"K", 4) != 0) {
			memcpy(out, line, length);
			out += length - (length && line[length - 1] == ',');
		}
	}
	*out = '\0';
}

/* With tensor seeds of one type on valid graphs there is nothing to mend. */
Test(plan_closure, both_modes_agree_where_nothing_is_mended)
{
	for (unsigned seed = 0; seed < 200; seed++) {
		struct fixture f = fixture_random(seed, 50);
		char text[96], *ours = malloc(1 << 16), *theirs = malloc(1 << 16);

		snprintf(text, sizeof(text), "t%u=QUInt16 t%u=QUInt16 t%u=QUInt16",
			seed % 50, (seed * 13 + 5) % 50, (seed * 31 + 7) % 50);
		fixture_seed(&f, text);
		strip(fixture_json(&f), ours);
		fixture_options(&f, true, QTYPE_U8, false);
		cr_assert_str_empty(fixture_conflict(&f));
		strip(fixture_json(&f), theirs);
		cr_assert_str_eq(ours, theirs);
		free(ours);
		free(theirs);
		fixture_free(&f);
	}
}
