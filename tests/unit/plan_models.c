#include "plan_models.h"

#include "build.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MIXED8                                                                           \
	"Op1 Sigmoid input_0 -> Op1_out\nOp2 Cos input_1 -> Op2_out\n"                   \
	"Op3 Sin Op1_out -> Op3_out\nOp4 Tanh Op2_out -> Op4_out\n"                      \
	"Op5 Mul Op3_out,Op4_out -> Op5_out\nOp6 Relu Op5_out -> output_0\n"             \
	"Op7 Cos Op2_out -> output_1\nOp8 Sigmoid Op2_out -> output_2\n"                 \
	"!output_0\n!output_1\n!output_2\n"

struct name_set {
	char items[4096][40];
	size_t count;
};

static bool add_name(struct name_set *names, const char *name)
{
	for (size_t i = 0; i < names->count; i++)
		if (!strcmp(names->items[i], name))
			return false;
	cr_assert(names->count < 4096);
	snprintf(names->items[names->count++], 40, "%s", name);
	return true;
}

/* "W[3,4]" becomes an initializer "W"; the name without the shape goes to `out`. */
static void define(
	Onnx__GraphProto *graph, struct name_set *made, const char *word, char *out)
{
	const char *shape = strchr(word, '[');
	char dims[40];

	snprintf(out, 40, "%.*s", (int)(shape - word), word);
	if (!add_name(made, out))
		return;
	snprintf(dims, sizeof(dims), "%.*s", (int)strlen(shape) - 2, shape + 1);
	proto_initializer(graph, out, ELEMENT_FLOAT, dims, NULL);
}

static void add_node(
	Onnx__GraphProto *graph, struct name_set *made, struct name_set *read, char *line)
{
	char name[40], op[40], inputs[400], outputs[400], list[512] = "", one[40];
	char *save = NULL;

	cr_assert_eq(sscanf(line, "%39s %39s %399s -> %399s", name, op, inputs, outputs),
		4, "line: %s", line);
	for (char *word = strtok_r(inputs, ";", &save); word;
		word = strtok_r(NULL, ";", &save)) {
		if (strchr(word, '[')) {
			define(graph, made, word, one);
		} else {
			snprintf(one, sizeof(one), "%s", word);
			add_name(read, one);
		}
		snprintf(list + strlen(list), sizeof(list) - strlen(list), "%s%s",
			*list ? "," : "", one);
	}
	proto_node(graph, op, strcmp(name, "-") ? name : "", list, outputs);
	for (char *word = strtok_r(outputs, ",", &save); word;
		word = strtok_r(NULL, ",", &save)) {
		cr_assert(add_name(made, word));
		proto_value_info(graph, word, ELEMENT_FLOAT, "1,2,3");
	}
}

static void commas_to_semicolons(char *line)
{
	int depth = 0;
	char *end = strstr(line, "->");

	for (char *c = line; c < end; c++) {
		depth += (*c == '[') - (*c == ']');
		if (*c == ',' && !depth)
			*c = ';';
	}
}

static Onnx__ModelProto *describe(const char *description)
{
	Onnx__ModelProto *model = proto_model(21);
	struct name_set *made = calloc(1, sizeof(*made)),
			*read = calloc(1, sizeof(*read));
	char *text = strdup(description), *save = NULL;

	cr_assert(made && read && text);
	for (char *line = strtok_r(text, "\n", &save); line;
		line = strtok_r(NULL, "\n", &save)) {
		if (*line == '!') {
			proto_output(model->graph, line + 1, ELEMENT_FLOAT, "1,2,3");
			continue;
		}
		commas_to_semicolons(line);
		add_node(model->graph, made, read, line);
	}
	for (size_t i = 0; i < read->count; i++)
		if (add_name(made, read->items[i]))
			proto_input(model->graph, read->items[i], ELEMENT_FLOAT, "1,2,3");
	free(made);
	free(read);
	free(text);
	return model;
}

struct fixture fixture_of(Onnx__ModelProto *proto)
{
	struct fixture f;
	struct error err = ERROR_INIT;

	f.model = proto_open(proto);
	f.graph = graph_build(f.model, &err);
	cr_assert(f.graph, "%s", err.text);
	f.plan = plan_new(f.graph, &err);
	cr_assert(f.plan, "%s", err.text);
	return f;
}

struct fixture fixture_make(const char *description)
{
	struct fixture f = fixture_of(describe(description));

	fixture_options(&f, false, QTYPE_U8, false);
	return f;
}

void fixture_free(struct fixture *f)
{
	plan_free(f->plan);
	graph_free(f->graph);
	model_free(f->model);
}

struct fixture fixture_mixed8(void)
{
	return fixture_make(MIXED8);
}

struct fixture fixture_random(unsigned seed, unsigned nodes)
{
	static const char *const ops[] = {
		"Add", "Mul", "Relu", "Sigmoid", "Concat", "Reshape", "MatMul"};
	char *text = malloc(nodes * 120 + 200);
	size_t used = 0;
	struct fixture f;

	srand(seed);
	cr_assert(text);
	for (unsigned i = 0; i < nodes; i++) {
		const char *op = i ? ops[(unsigned)rand() % 7] : "Sigmoid";
		unsigned back = i < 12 ? i + 1 : 12;
		int a = (int)i - 1 - rand() % (int)back,
		    b = (int)i - 1 - rand() % (int)back;
		char second[32] = "";
		bool two =
			!strcmp(op, "Add") || !strcmp(op, "Mul") || !strcmp(op, "Concat");

		if (two && rand() % 4 == 0)
			snprintf(second, sizeof(second), ",K%u[2,3]", i);
		else if (two && b < 0)
			snprintf(second, sizeof(second), ",in");
		else if (two)
			snprintf(second, sizeof(second), ",t%d", b);
		if (!strcmp(op, "MatMul"))
			snprintf(second, sizeof(second), ",W%u[3,3]", i);
		if (!strcmp(op, "Reshape"))
			snprintf(second, sizeof(second), ",S%u[3]", i);
		used += (size_t)sprintf(text + used, "n%u %s ", i, op);
		used += (size_t)(a < 0 ? sprintf(text + used, "in")
				       : sprintf(text + used, "t%d", a));
		used += (size_t)sprintf(text + used, "%s -> t%u\n", second, i);
	}
	sprintf(text + used, "!t%u\n", nodes - 1);
	f = fixture_make(text);
	free(text);
	return f;
}

void fixture_options(
	struct fixture *f, bool ort_compatible, enum qtype type, bool symmetric)
{
	struct quant_options options;
	struct error err = ERROR_INIT;

	options_init(&options);
	options.all_op_types = true;
	options.ort_compatible = ort_compatible;
	options.activation_type = type;
	options.activation_symmetric = symmetric;
	cr_assert(plan_set_options(f->plan, &options, &err), "%s", err.text);
	options_release(&options);
}

tensor_id tensor_of(const struct fixture *f, const char *name)
{
	tensor_id tensor = graph_find_tensor(f->graph, name, strlen(name));

	cr_assert_neq(tensor, GRAPH_NONE, "no tensor %s", name);
	return tensor;
}

node_id node_of(const struct fixture *f, const char *name)
{
	node_id node = graph_find_node(f->graph, name, strlen(name));

	cr_assert_neq(node, GRAPH_NONE, "no node %s", name);
	return node;
}

void fixture_seed(struct fixture *f, const char *seeds)
{
	char *text = strdup(seeds), *save = NULL;

	for (char *word = strtok_r(text, " ", &save); word;
		word = strtok_r(NULL, " ", &save)) {
		struct seed_list list = {0};
		struct error err = ERROR_INIT;

		cr_assert(seed_parse(f->graph, word, &list, &err), "%s", err.text);
		for (size_t i = 0; i < list.count; i++)
			cr_assert(plan_add_seed(f->plan, &list.items[i], &err), "%s",
				err.text);
		ARRAY_RELEASE(&list);
	}
	free(text);
}

void fixture_load(struct fixture *f, const char *json)
{
	struct problem_list problems = {0};
	struct error err = ERROR_INIT;

	cr_assert(plan_load_overrides(
			  f->plan, json, strlen(json), "in.json", &problems, &err),
		"%s: %s", problems.count ? problems.items[0].place : err.text,
		problems.count ? problems.items[0].cause : "");
	problem_clear(&problems);
}

const struct outcome *fixture_outcome(struct fixture *f)
{
	struct error err = ERROR_INIT;
	const struct outcome *outcome = plan_outcome(f->plan, &err);

	cr_assert(outcome, "%s", err.text);
	return outcome;
}

const char *fixture_json(struct fixture *f)
{
	static char *text;
	size_t length;

	free(text);
	text = overrides_write(&fixture_outcome(f)->entries, f->graph, &length, NULL);
	cr_assert(text);
	cr_assert_eq(strlen(text), length);
	return text;
}

const char *fixture_conflict(struct fixture *f)
{
	const struct outcome *o = fixture_outcome(f);

	for (size_t i = 0; i < o->problems.count; i++)
		if (o->problems.items[i].severity == SEVERITY_ERROR)
			return o->problems.items[i].id;
	return "";
}
