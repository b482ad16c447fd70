/* Outcomes brought up to date after edits, against those made of nothing: thousands of
 * random edits, undone and redone, every field compared. */
#include "build.h"
#include "plan_models.h"
#include "plan_oracle.h"

#include "plan/entry.h"
#include "plan/json.h"

#include <stdlib.h>
#include <string.h>

/* Mostly of 16 bits, or of 8: then a list with 16 often stands behind some, and is put
 * first. */
static bool narrow;

static enum qtype some_type(void)
{
	static const enum qtype types[2][7] = {
		{QTYPE_U16, QTYPE_U16, QTYPE_U16, QTYPE_U16, QTYPE_S16, QTYPE_S8,
			QTYPE_U8},
		{QTYPE_S8, QTYPE_S8, QTYPE_S8, QTYPE_S8, QTYPE_U8, QTYPE_U16, QTYPE_S16}};

	return types[narrow][rand() % 7];
}

static enum tristate some_symmetry(void)
{
	return rand() % 5 ? UNSET : YES;
}

/* Readers of a tensor, some of them. */
static void choose_readers(struct plan *plan, tensor_id tensor)
{
	struct error err = ERROR_INIT;
	uint32_t count, chosen = 0;
	const struct graph_reader *readers =
		graph_readers_of(plan->graph, tensor, &count);
	node_id nodes[64], last = GRAPH_NONE;

	for (uint32_t i = 0; i < count && chosen < 64; i++) {
		if (readers[i].node != last && rand() % 2)
			nodes[chosen++] = readers[i].node;
		last = readers[i].node;
	}
	plan_set_readers(plan, tensor, nodes, chosen, some_type(), &err);
}

static void edit_params(struct plan *plan, tensor_id tensor)
{
	struct error err = ERROR_INIT;
	struct param_edit edit = {.tensor = tensor, .converted = rand() % 3 == 0};

	switch (rand() % 4) {
	case 0:
		edit.set.has = ENTRY_RMIN | ENTRY_RMAX;
		edit.set.rmin = -1;
		edit.set.rmax = (float)(rand() % 9);
		break;
	case 1:
		edit.set.has = ENTRY_SCALE | ENTRY_ZERO_POINT;
		edit.set.scale = 0.5f;
		edit.set.zero_point = rand() % 5;
		break;
	case 2:
		edit.set.has = ENTRY_SYMMETRIC;
		edit.set.symmetric = true;
		break;
	default: /* takes the edit back */
		break;
	}
	plan_set_params(plan, &edit, &err);
}

static void drop_given(struct plan *plan)
{
	struct error err = ERROR_INIT;

	if (plan->given->count)
		plan_demote_tensor(plan,
			plan->given->lists[(uint32_t)rand() % plan->given->count].tensor,
			&err);
}

static void promote_many(struct plan *plan)
{
	struct error err = ERROR_INIT;
	node_id from = (node_id)rand() % plan->graph->main_nodes;

	for (node_id n = from; n < plan->graph->main_nodes && n < from + 8; n++)
		plan_promote_node(plan, n, QTYPE_NONE, UNSET, &err);
}

static void name_region(struct plan *plan)
{
	struct error err = ERROR_INIT;

	if (plan->seeds.count)
		plan_name_region(plan, (size_t)rand() % plan->seeds.count,
			rand() % 2 ? "left" : NULL, rand() % 2 ? "a note" : NULL, &err);
}

static void edit(struct plan *plan)
{
	struct error err = ERROR_INIT;
	tensor_id tensor = (tensor_id)rand() % plan->graph->main_tensors;
	node_id node = (node_id)rand() % plan->graph->main_nodes;
	size_t seed = plan->seeds.count ? (size_t)rand() % plan->seeds.count : 0;
	uint32_t yielded;
	char names[80];

	switch (rand() % 22) {
	case 0:
	case 1:
	case 2:
	case 3:
		plan_promote_tensor(plan, tensor, some_type(), some_symmetry(), &err);
		break;
	case 4:
	case 5:
		plan_promote_node(plan, node, some_type(), some_symmetry(), &err);
		break;
	case 6:
		choose_readers(plan, tensor);
		break;
	case 7:
	case 8:
		plan_demote_tensor(plan, tensor, &err);
		break;
	case 9:
		plan_demote_node(plan, node, &err);
		break;
	case 10:
	case 11:
		plan_remove_seed(plan, seed, &err);
		break;
	case 12:
		edit_params(plan, tensor);
		break;
	case 13:
		drop_given(plan);
		break;
	case 14:
		promote_many(plan);
		break;
	case 15:
		name_region(plan);
		break;
	case 16:
		plan_yield_given(plan, &yielded, names, sizeof(names), &err);
		break;
	case 17:
	case 18:
	case 19:
		plan_undo(plan);
		break;
	default:
		plan_redo(plan);
	}
}

/* `many` edits in groups of some; an outcome is asked for after each, and in some
 * groups in between. */
static void edit_and_check(struct plan *plan, unsigned many)
{
	struct error err = ERROR_INIT;

	for (unsigned i = 0; i < many; i++) {
		struct plan *copy = plan_snapshot(plan, &err);
		const struct outcome *before = plan_outcome(copy, &err);
		bool grouped = rand() % 4 == 0;

		plan_outcome(plan, &err);
		plan_watch(plan);
		if (grouped)
			cr_assert(plan_begin(plan, "group", &err));
		for (int k = rand() % 3; k >= 0; k--) {
			edit(plan);
			if (rand() % 3 == 0)
				plan_oracle_check(plan);
		}
		if (grouped && rand() % 4 == 0)
			plan_abort(plan);
		plan_commit(plan);
		plan_oracle_check(plan);
		plan_oracle_check_changes(plan, before);
		plan_free(copy);
	}
}

static void exclude_output(struct plan *plan, const char *op)
{
	struct quant_options options;
	struct error err = ERROR_INIT;

	cr_assert(options_copy(&options, plan->options, &err));
	cr_assert(text_list_push(
		&options.op_types_to_exclude_output, op, strlen(op), &err));
	cr_assert(plan_set_options(plan, &options, &err));
	options_release(&options);
}

static void set_options(struct plan *plan, int variant)
{
	struct quant_options options;
	struct error err = ERROR_INIT;

	cr_assert(options_copy(&options, plan->options, &err));
	options.activation_type = variant % 3 == 2 ? QTYPE_S8 : QTYPE_U8;
	options.activation_symmetric = variant % 5 == 4;
	options.dedicated_qdq_pair = variant % 4 == 3;
	options.ort_compatible = variant % 7 == 6;
	options.keep_constants = variant % 2;
	if (variant % 3 == 1) {
		cr_assert(text_list_push(&options.nodes_to_exclude, "n7", 2, &err));
		cr_assert(text_list_push(&options.nodes_to_exclude, "n11", 3, &err));
	}
	cr_assert(plan_set_options(plan, &options, &err));
	options_release(&options);
	if (variant % 2)
		exclude_output(plan, "Add");
}

static const char *const given[] = {NULL,
	"{\"t3\": [{\"quant_type\": \"u16\"}], \"t9\": [{\"rmin\": 0, \"rmax\": 1}]}",
	"{\"t2\": [{\"rmin\": 0, \"rmax\": 2}], \"t5\": [{\"quant_type\": \"u8\", "
	"\"convert\": {\"quant_type\": \"u16\"}}], \"t8\": [{\"quant_type\": \"s16\"}], "
	"\"t1\": [{\"symmetric\": true}]}"};

Test(plan_update, random_graphs)
{
	for (unsigned seed = 0; seed < 42; seed++) {
		struct fixture f = fixture_random(seed, 20 + seed % 4 * 30);

		narrow = seed % 4 == 1;
		set_options(f.plan, (int)seed);
		if (given[seed % 3] && seed % 7 != 6)
			fixture_load(&f, given[seed % 3]);
		edit_and_check(f.plan, 60);
		fixture_free(&f);
	}
}

/* Each node a Mul with the one constant; some without a name; a graph output within. */
static struct fixture make_chain(unsigned nodes, const char *second)
{
	char *text = malloc(nodes * 60 + 60);
	size_t used = 0;
	struct fixture f;

	cr_assert(text);
	for (unsigned i = 0; i < nodes; i++)
		used += (size_t)(i % 9 == 8
					 ? sprintf(text + used, "- Mul t%u,%s -> t%u\n",
						   i - 1, second, i)
				 : i ? sprintf(text + used, "n%u Mul t%u,%s -> t%u\n", i,
					       i - 1, second, i)
				     : sprintf(text + used, "n0 Mul in,K[2,3] -> t0\n"));
	sprintf(text + used, "!t%u\n!t%u\n", nodes / 2, nodes - 1);
	f = fixture_make(text);
	free(text);
	return f;
}

Test(plan_update, chains_with_a_shared_constant)
{
	for (unsigned seed = 0; seed < 12; seed++) {
		struct fixture f = make_chain(30 + seed, seed % 3 ? "K[2,3]" : "in");

		srand(seed);
		narrow = seed % 4 == 1;
		set_options(f.plan, (int)seed % 6);
		if (given[seed % 3])
			fixture_load(&f, given[seed % 3]);
		edit_and_check(f.plan, 80);
		fixture_free(&f);
	}
}

/* Long rows of tensors that share the parameters of one. */
Test(plan_update, shared_parameters)
{
	struct fixture f = fixture_make(
		"n0 Sigmoid in -> t0\nn1 Reshape t0,S[3] -> t1\nn2 Transpose t1 -> t2\n"
		"n3 Reshape t2,S[3] -> t3\nn4 Relu t3 -> t4\nn5 MaxPool t4 -> t5\n"
		"n6 Transpose t5 -> t6\nn7 Add t6,t1 -> t7\nn8 Reshape t7,S[3] -> t8\n"
		"n9 MatMul t8,W[3,3] -> t9\nn10 Transpose t9 -> t10\n"
		"n11 Gemm t10,W[3,3],B[3] -> t11\nn12 Add t6,K[2,3] -> t12\n"
		"n13 Mul t0,K[2,3] -> t13\n!t11\n!t3\n!t12\n!t13\n");

	for (int variant = 0; variant < 6; variant++) {
		srand((unsigned)variant);
		narrow = false;
		set_options(f.plan, variant);
		edit_and_check(f.plan, 200);
	}
	fixture_free(&f);
}

/* The list that is put first changes, and its boundary with it. */
Test(plan_update, another_list_goes_first)
{
	struct fixture f = make_chain(14, "in");
	struct error err = ERROR_INIT;

	fixture_seed(&f, "node:n1=QInt8 node:n5=QUInt16 node:n10=QUInt16");
	plan_oracle_check(f.plan);
	cr_assert(plan_remove_seed(f.plan, 1, &err));
	plan_oracle_check(f.plan);
	plan_undo(f.plan);
	plan_oracle_check(f.plan);
	fixture_free(&f);
}

/* A node that nobody asks sees another type because what it reads shares parameters: a
 * warning about another of its operands goes. */
Test(plan_update, a_constant_beside_a_shared_tensor)
{
	struct fixture f = fixture_make(
		"n0 Sigmoid in -> t0\nn1 MaxPool t0 -> t1\nn2 Add t1,K[2,3] -> t2\n"
		"n3 Mul in,K[2,3] -> t3\n!t2\n!t3\n");
	struct error err = ERROR_INIT;

	set_options(f.plan, 0);
	exclude_output(f.plan, "Add");
	fixture_seed(&f, "node:n3=QUInt16");
	cr_assert_eq(problem_count(&fixture_outcome(&f)->problems, SEVERITY_WARNING), 1);
	fixture_seed(&f, "t0>n1=QUInt16");
	plan_oracle_check(f.plan);
	cr_assert_eq(problem_count(&fixture_outcome(&f)->problems, SEVERITY_WARNING), 0);
	cr_assert(plan_remove_seed(f.plan, 1, &err));
	plan_oracle_check(f.plan);
	fixture_free(&f);
}

/* Nodes inside a subgraph read tensors of the main graph: nothing is asked of them. */
Test(plan_update, readers_in_subgraphs)
{
	Onnx__ModelProto *m = proto_model(17);
	Onnx__GraphProto *then = proto_body(), *other = proto_body();
	Onnx__NodeProto *node;
	struct fixture f;

	proto_input(m->graph, "x", ELEMENT_FLOAT, "1,4");
	proto_input(m->graph, "c", ELEMENT_BOOL, "");
	proto_node(m->graph, "Sigmoid", "n0", "x", "a");
	proto_node(m->graph, "Tanh", "n1", "a", "b");
	proto_node(then, "Sin", "then1", "a", "t");
	proto_output(then, "t", ELEMENT_FLOAT, "1,4");
	proto_node(other, "Cos", "else1", "b", "e");
	proto_output(other, "e", ELEMENT_FLOAT, "1,4");
	node = proto_node(m->graph, "If", "n2", "c", "y");
	proto_graph(node, "then_branch", then);
	proto_graph(node, "else_branch", other);
	proto_node(m->graph, "Add", "n3", "y,b", "z");
	proto_output(m->graph, "z", ELEMENT_FLOAT, "1,4");
	f = fixture_of(m);
	fixture_options(&f, false, QTYPE_U8, false);
	srand(1);
	narrow = false;
	edit_and_check(f.plan, 300);
	fixture_free(&f);
}
