/* Lists for tools without conversions: read as those tools read them, they name exactly
 * the nodes that the plan promotes or excludes. */
#include "cli_fixture.h"
#include "export_fixture.h"
#include "plan_models.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* ---- Plans. */

/* Names that mean something to shells, JSON and regular expressions. */
#define ODD "a.b*[c]$(d)'\"\\x"
static struct exported odd_plan(const char *format)
{
	static struct fixture f;
	struct exported e = {0};
	struct error err = ERROR_INIT;

	f = fixture_make(
		ODD " Tanh x -> t,1\nacb Add t,1;x -> u\nplain Sin u -> v\n"
		    "more Mul v;x -> w\na.c Sin w -> w2\nabc Cos w2 -> w3\n!w3\n");
	fixture_seed(&f, "node:" ODD "=QUInt16 node:acb=QUInt16 node:a.c=QUInt16");
	cr_assert(export_open(&e.source, f.plan, fixture_outcome(&f), NULL, "m", &err));
	export_again(&e, format);
	return e;
}

/* The recognizer with a node that is excluded besides. */
static struct exported excluding(const char *format)
{
	struct quant_options options;
	struct error err = ERROR_INIT;

	options_init(&options);
	options.per_channel = true;
	cr_assert(text_list_add(
		&options.nodes_to_exclude, "p2o.Conv.7,p2o.MatMul.1", &err));
	return export_plan(test_need_model("rec.onnx"), NULL, NULL, &options,
		"node:p2o.Conv.35=QUInt16", format);
}

static bool should_be_float(const struct exported *e, node_id node)
{
	const char *name = graph_node_name(e->source.graph, node);
	enum qtype seen = (enum qtype)e->source.outcome->nodes[node].seen;

	return (seen && qtypes[seen].bits > 8) ||
	       text_list_has(&e->source.options->nodes_to_exclude, name, strlen(name));
}

/* The names of all nodes as a JSON list, for programs. */
static const char *all_names(const struct exported *e)
{
	json_t *list = json_array();

	for (node_id n = 0; n < e->source.graph->main_nodes; n++)
		json_array_append_new(
			list, json_string(graph_node_name(e->source.graph, n)));
	return json_dumps(list, 0);
}

/* `list` holds exactly the nodes that should be float. */
static void expect_nodes(const struct exported *e, const json_t *list)
{
	size_t count = 0;

	for (node_id n = 0; n < e->source.graph->main_nodes; n++) {
		const char *name = graph_node_name(e->source.graph, n);

		cr_expect_eq(json_has(list, name), should_be_float(e, n), "%s", name);
		count += should_be_float(e, n);
	}
	cr_expect(count > 0);
	cr_expect_eq(json_array_size(list), count);
}

/* What is told: a region each changes its meaning. */
static void expect_meaning(const struct exported *e)
{
	size_t regions = 0;

	for (size_t i = 0; i < e->made.losses.count; i++)
		regions += e->made.losses.items[i].kind == LOSS_MEANING;
	cr_expect_eq(regions, e->source.outcome->region_count);
	cr_expect_eq(losses_of(e, "exclude", NULL), 0);
}

static json_t *through(const struct exported *e, const char *program)
{
	const char *out = export_through(e, test_need_python(),
		test_text("names = %s\n%s", all_names(e), program));
	json_t *json = json_loads(out, 0, NULL);

	cr_assert(json, "%s", out);
	return json;
}

/* ---- The formats, each for three plans. */

typedef struct exported (*make_plan)(const char *format);
static const make_plan plans[] = {export_eight, odd_plan, excluding};

static void expect_format(const char *format, const char *program)
{
	for (size_t i = 0; i < 3; i++) {
		struct exported e = plans[i](format);

		expect_nodes(&e, through(&e, program));
		expect_meaning(&e);
	}
}

Test(export_lists, nncf)
{
	static const char program[] =
		"import sys, types, json\n"
		"m = types.ModuleType('nncf')\n"
		"m.IgnoredScope = lambda names, validate: (names, validate)\n"
		"sys.modules['nncf'] = m\n"
		"space = {}\n"
		"exec(sys.stdin.read(), space)\n"
		"assert space['ignored_scope'][1] is True\n"
		"print(json.dumps(space['ignored_scope'][0]))\n";

	expect_format("nncf", program);
}

Test(export_lists, inc)
{
	static const char program[] =
		"import sys, json, re\n"
		"d = json.load(sys.stdin)\n"
		"assert all(v == {'activation': {'dtype': ['fp32']}, "
		"'weight': {'dtype': ['fp32']}} for v in d.values())\n"
		"print(json.dumps([n for n in names if any(re.fullmatch(k, n) for k in "
		"d)]))"
		"\n";

	expect_format("inc", program);
}

Test(export_lists, inc3)
{
	for (size_t i = 0; i < 3; i++) {
		struct exported e = plans[i]("inc3");
		const json_t *all = json_object_get(e.json, "global");

		expect_nodes(&e, json_object_get(all, "nodes_to_exclude"));
		expect_meaning(&e);
		cr_expect_eq(json_integer_value(json_object_get(all, "weight_type")), 3);
		cr_expect_eq(json_is_true(json_object_get(all, "per_channel")), i == 2);
		cr_expect_eq(losses_of(&e, "option", NULL), i == 2 ? 0 : 1);
	}
}

/* Run by a shell in which `python` writes down what it is given. */
Test(export_lists, modelopt)
{
	const char *fake = test_path("python");
	static const char matches[] =
		"import sys, json, re\n"
		"given = sys.stdin.read().split('\\1')\n"
		"assert given[:3] == ['-m', 'modelopt.onnx.quantization', "
		"'--onnx_path=m o.onnx'], given\n"
		"at = given.index('--nodes_to_exclude')\n"
		"end = given.index('--keep')\n"
		"print(json.dumps([n for n in names if any(re.match(k, n) for k in "
		"given[at + 1:end])]))\n";

	test_write_text(fake, "#!/bin/sh\nprintf '%s\\0' \"$@\"\n");
	chmod(fake, 0755);
	for (size_t i = 0; i < 3; i++) {
		struct exported e = plans[i]("modelopt");
		struct exported given = e;
		struct test_result r;

		test_write_text(test_path("run.sh"), e.text);
		r = cli_shell(
			"PATH=.:$PATH sh run.sh 'm o.onnx' --keep | tr '\\000' '\\001'");
		cr_assert_eq(r.status, 0, "%s", r.err);
		given.text = r.out;
		expect_nodes(&e, through(&given, test_text("%s", matches)));
		expect_meaning(&e);
	}
}

Test(export_lists, asked_first)
{
	static const char *const formats[] = {"nncf", "inc", "inc3", "modelopt"};

	cli_begin();
	for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++) {
		const char *command = test_text(
			"export m.onnx --format %s -c o.json --op-types all", formats[i]);

		cli_refuses(command, 1, "stay float there (2 nodes in all)");
		cli_refuses(command, 1, "--accept-float");
	}
	cli_refuses("export m.onnx --format inc -c o.json --op-types all "
		    "--nodes-to-exclude Op5",
		1, "stay float there (1 node in all)");
	cli_answer("export m.onnx --format nncf -c o.json --op-types all --accept-float "
		   "--quiet");
	cli_answer("export m.onnx --format inc --op-types all --quiet");
}

/* ---- TIDL */

static bool list_has(const struct exported *e, const char *option, const char *name)
{
	const char *list = json_text(e->json, test_text("advanced_options:%s", option));
	char *save = NULL, *copy = test_text("%s", list);

	for (char *word = strtok_r(copy, ",", &save); word;
		word = strtok_r(NULL, ",", &save))
		if (!strcmp(word, name))
			return true;
	return false;
}

/* Its Quark pass knows no type with 4 bits. */
Test(export_lists, olive)
{
	struct exported e = export_plan(NULL, "convnet", NULL, NULL,
		"stem_out=QUInt16\nstem.weight=QInt4", "olive");

	cr_expect_str_eq(e.text,
		"{\n  \"stem_out\": [{\"quant_type\": \"UInt16\"}],\n"
		"  \"stem_relu_out\": [{\"quant_type\": \"UInt16\"}]\n}\n");
	cr_expect(loss_of(&e, "type", "stem.weight"));
	cr_expect_eq(losses_of(&e, "type", "4-bit"), 1);
}

Test(export_lists, tidl)
{
	struct exported e = export_eight("tidl");

	cr_expect_str_eq(
		json_text(e.json, "advanced_options:output_feature_16bit_names_list"),
		"Op4,Op5");
	cr_expect_str_eq(
		json_text(e.json, "advanced_options:params_16bit_names_list"), "");
	cr_expect(loss_of(&e, "layer", "Op4")); /* Tanh follows its input */
	cr_expect_not(loss_of(&e, "layer", "Op5"));
	cr_expect_eq(losses_of(&e, "type", NULL), 0);
	cr_expect_eq(losses_of(&e, "convert", NULL), 3);
}

Test(export_lists, tidl_of_the_recognizer)
{
	struct exported e = export_rec("tidl");
	const struct graph *g = e.source.graph;

	for (node_id n = 0; n < g->main_nodes; n++) {
		tensor_id t = graph_output_of(g, n, 0);
		enum qtype type = (enum qtype)e.source.outcome->tensors[t].stored;

		if (!graph_is_constant(g, t))
			cr_expect_eq(list_has(&e, "output_feature_16bit_names_list",
					     graph_node_name(g, n)),
				type && qtypes[type].bits == 16);
	}
	cr_expect_eq(losses_of(&e, "layer", NULL), 0);
}

Test(export_lists, tidl_names)
{
	struct fixture f = fixture_make("a;b Sin x -> y\nc Add y;x -> z\n!z\n");
	struct exported e = {0};
	struct error err = ERROR_INIT;
	const char *old[2] = {"p,q", ""};

	fixture_seed(&f, "node:c=QUInt16 node:a;b=QUInt16");
	cr_assert(export_open(&e.source, f.plan, fixture_outcome(&f), NULL, "m", &err));
	e.source.old_names = old;
	export_again(&e, "tidl");
	/* unnamed in the file: TIDL goes by the output */
	cr_expect_str_eq(
		json_text(e.json, "advanced_options:output_feature_16bit_names_list"),
		"z");
	cr_expect(loss_of(&e, "layer", "p,q"));
	cr_expect_eq(losses_of(&e, "node", NULL), 0);
}

/* ---- Model Explorer */

Test(export_lists, overlay)
{
	struct exported e = export_rec("explorer");
	const struct graph *g = e.source.graph;
	const json_t *data = json_object_iter_value(json_object_iter(e.json)),
		     *results = json_object_get(data, "results");
	size_t count = 0;

	for (tensor_id t = 0; t < g->main_tensors; t++) {
		enum qtype type = (enum qtype)e.source.outcome->tensors[t].stored;
		const json_t *result = json_object_get(results, graph_tensor_name(g, t));

		if (!type || graph_is_constant(g, t) ||
			g->tensors[t].producer == GRAPH_NONE)
			continue;
		cr_expect_eq(json_integer_value(json_object_get(result, "value")),
			qtypes[type].bits);
		count++;
	}
	cr_expect_eq(json_object_size(results), count);
	cr_expect_eq(losses_of(&e, "type", NULL), losses_of(&e, "type", "constants"));
}

Test(export_lists, overlay_of_scores)
{
	struct fixture f = fixture_mixed8();
	struct exported e = {0};
	struct error err = ERROR_INIT;
	struct tensor_score score = {.tensor = tensor_of(&f, "Op4_out"), .value = 31.5};
	struct scores scores = {.items = &score, .count = 1, .measure = "SNR dB"};
	json_t *data;

	cr_assert(export_open(&e.source, f.plan, fixture_outcome(&f), NULL, "m", &err));
	cr_expect_not(export_make(
		&e.source, export_find("explorer-scores", &err), "m", &e.made, &err));
	cr_expect(strstr(err.text, "--scores"), "%s", err.text);
	cr_assert(export_take_scores(&e.source, &scores, &err));
	export_again(&e, "explorer");
	cr_expect_eq(losses_of(&e, "score", NULL), 1);
	export_again(&e, "explorer-scores");
	cr_expect_eq(losses_of(&e, "score", NULL), 0);
	data = json_object_iter_value(json_object_iter(e.json));
	cr_expect_str_eq(json_text(data, "name"), "SNR dB");
	data = json_object_get(data, "results");
	cr_expect_eq(json_object_size(data), 1);
	cr_expect_eq(json_number_value(
			     json_object_get(json_object_get(data, "Op4_out"), "value")),
		31.5);
}
