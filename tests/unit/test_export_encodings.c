/* Encodings of AIMET and QAIRT: what is written, read again by the importer, is what the
 * plan has; where it is not, the report says so, and nowhere else. */
#include "cli_fixture.h"
#include "export_fixture.h"
#include "plan_models.h"

#include "export/import.h"

#include <math.h>
#include <string.h>

/* With the plan's options, but for the nodes that those exclude. */
static struct imported read_back(const struct exported *e)
{
	struct quant_options options = *e->source.options;
	struct imported got = {0};
	struct problem_list problems = {0};
	struct error err = ERROR_INIT;

	options.nodes_to_exclude = (struct text_list){0};
	cr_assert(import_read(&got, e->source.graph, &options, e->text, strlen(e->text),
			  "f", NULL, &problems, &err),
		"%s", err.text);
	return got;
}

/* The type and zero point that a signed grid with zero points has in versions 0 and 1. */
static void expect_grid(const struct exported *e, tensor_id t, const struct entry *got,
	uint64_t at, bool shifted)
{
	const struct export_tensor *want = &e->source.tensors[t];
	const char *name = graph_tensor_name(e->source.graph, t);
	int32_t shift = shifted ? 1 << (qtypes[want->type].bits - 1) : 0;
	enum qtype type = !shifted                  ? want->type
			  : want->type == QTYPE_S16 ? QTYPE_U16
						    : QTYPE_U8;

	cr_expect_eq(got->own.type, type, "%s", name);
	cr_expect_eq(got->own.scale, (float)want->scales[at], "%s", name);
	cr_expect_eq(got->own.zero_point, want->zero_points[at] + shift, "%s", name);
}

/* True if a signed tensor has a zero point. */
static bool is_shifted(const struct export_tensor *want)
{
	bool any = false;

	for (uint64_t i = 0; i < want->count; i++)
		any |= want->zero_points[i] != 0;
	return any && qtypes[want->type].is_signed;
}

/* Every tensor of the graph; the numbers of the report that must be. */
static void expect_same(const struct exported *e, const struct imported *got, bool old)
{
	size_t shifted = 0, axes = 0, floats = 0;

	for (tensor_id t = 0; t < e->source.graph->main_tensors; t++) {
		const struct export_tensor *want = &e->source.tensors[t];
		const struct entry_list *list = overrides_find(&got->overrides, t);
		const char *name = graph_tensor_name(e->source.graph, t);
		bool shift;

		if (!export_is_row(&e->source, t) || want->kind == NUMBERS_BIAS)
			continue;
		floats += want->kind == NUMBERS_FLOAT;
		cr_assert_eq(list != NULL, want->kind != NUMBERS_FLOAT, "%s", name);
		if (!list)
			continue;
		cr_assert_eq(list->count, want->count, "%s", name);
		shift = old && is_shifted(want);
		shifted += shift;
		for (uint32_t i = 0; i < list->count; i++)
			expect_grid(e, t, &list->entries[i], i, shift);
		if (want->axis >= 0 && list->entries[0].own.axis != want->axis) {
			cr_expect(loss_of(e, "axis", name), "%s", name);
			axes++;
		}
	}
	cr_expect_eq(losses_of(e, "type", "unsigned"), shifted);
	cr_expect_eq(losses_of(e, "axis", NULL), axes);
	cr_expect_eq(losses_of(e, "float", NULL), old ? floats : 0);
}

/* The conversions are lost, all of them, and nothing else is unsaid. */
static void expect_conversions_lost(const struct exported *e, size_t others)
{
	size_t readers = 0;

	for (uint32_t i = 0; i < e->source.outcome->boundary_count; i++)
		readers += e->source.outcome->boundaries[i].reader_count;
	cr_expect_eq(losses_of(e, "convert", "one type for each tensor"), readers);
	cr_expect_eq(e->made.losses.count, readers + others, "%s",
		loss_text(&e->made.losses, &readers));
}

Test(export_encodings, eight_nodes)
{
	static const char *const formats[] = {
		"encodings", "encodings-0.6.1", "encodings-2.0.0"};
	struct exported e = export_eight(NULL);

	for (size_t i = 0; i < 3; i++) {
		struct imported got;

		export_again(&e, formats[i]);
		got = read_back(&e);
		expect_same(&e, &got, i < 2);
		expect_conversions_lost(&e, 2); /* op-types, the seed */
		cr_expect_eq(got.excluded.count, 0);
		import_release(&got);
	}
}

/* The three files of export-formats.md 5, number by number. */
Test(export_encodings, bytes)
{
	struct exported e = export_eight("encodings");

	cr_expect(strstr(e.text,
		"    {\"name\": \"Op4_out\", \"enc_type\": \"PER_TENSOR\", \"dtype\": "
		"\"INT\", \"bw\": 16, \"is_sym\": false, \"scale\": [2.3651484e-05], "
		"\"offset\": [-31710]},\n"));
	cr_expect_eq(json_array_size(json_object_get(e.json, "excluded_layers")), 0);
	export_again(&e, "encodings-0.6.1");
	cr_expect(
		strstr(e.text, "    \"input_0\": [{\"bitwidth\": 8, \"dtype\": \"int\", "
			       "\"is_symmetric\": \"False\", \"min\": -1.0039216, "
			       "\"max\": 2.9960785, \"offset\": -64, "
			       "\"scale\": 0.015686275}],\n"));
	cr_expect(
		strstr(e.text, "\"is_symmetric\": \"True\", \"per_channel_quantization\""
			       ": \"False\""));
	export_again(&e, "encodings-2.0.0");
	cr_expect(
		strstr(e.text, "    {\"name\": \"Op2_out\", \"output_dtype\": \"uint8\", "
			       "\"y_scale\": 0.00745098, \"y_zero_point\": 121},\n"));
}

/* Weights per channel, biases, and what stays float, of a real model. */
Test(export_encodings, recognizer)
{
	static const char *const formats[] = {
		"encodings", "encodings-0.6.1", "encodings-2.0.0"};
	struct exported e = export_rec(NULL);

	for (size_t i = 0; i < 3; i++) {
		struct imported got;
		size_t length;

		export_again(&e, formats[i]);
		cr_assert(e.json, "%s", formats[i]);
		got = read_back(&e);
		expect_same(&e, &got, i < 2);
		cr_expect_eq(losses_of(&e, "option", NULL), i < 2 ? 0 : 1);
		cr_expect_eq(losses_of(&e, "range", NULL),
			losses_of(&e, "range", "without effect"), "%s",
			loss_text(&e.made.losses, &length));
		cr_expect_eq(got.excluded.count, 0);
		import_release(&got);
	}
}

static const json_t *encoding_of(
	const struct exported *e, const char *part, const char *name)
{
	const json_t *list = json_object_get(e->json, part);

	return json_is_array(list) ? json_find(list, "name", name)
				   : json_array_get(json_object_get(list, name), 0);
}

static double number(const json_t *object, const char *key)
{
	const json_t *value = json_object_get(object, key);

	return json_number_value(json_is_array(value) ? json_array_get(value, 0) : value);
}

/* Biases are int32 with a symmetric grid and the scale that the quantizer gives them. */
Test(export_encodings, biases)
{
	struct exported e = export_rec("encodings");
	size_t biases = 0;

	for (tensor_id t = 0; t < e.source.graph->main_tensors; t++) {
		const struct export_tensor *want = &e.source.tensors[t];
		const json_t *record;

		if (!export_is_row(&e.source, t) || want->kind != NUMBERS_BIAS)
			continue;
		record = encoding_of(
			&e, "param_encodings", graph_tensor_name(e.source.graph, t));
		cr_assert(record);
		cr_expect_eq(number(record, "bw"), 32);
		cr_expect_eq(number(record, "offset"), -2147483648.0);
		cr_expect_eq(
			json_array_size(json_object_get(record, "scale")), want->count);
		cr_expect_eq((float)number(record, "scale"), (float)want->scales[0]);
		biases++;
	}
	cr_expect(biases > 0);
}

static struct exported export_convnet(
	const struct quant_options *options, const char *seeds, const char *format)
{
	struct session_request demo = {.demo = "convnet"};
	struct error err = ERROR_INIT;
	struct session *s = session_open(&demo, false, &progress_never, &err);
	struct quant_options merged;

	cr_assert(s, "%s", err.text);
	cr_assert(options_copy(&merged, s->plan->options, &err));
	merged.activation_type = options->activation_type;
	merged.weight_type = options->weight_type;
	merged.per_channel = options->per_channel;
	merged.block_size = options->block_size;
	return export_plan(NULL, "convnet", NULL, &merged, seeds, format);
}

/* Signed and asymmetric: the same grid, written unsigned, and said. */
Test(export_encodings, signed_asymmetric)
{
	struct quant_options options;
	struct exported e;
	struct imported got;

	options_init(&options);
	options.activation_type = QTYPE_S8;
	e = export_convnet(&options, "", "encodings");
	cr_expect(losses_of(&e, "type", "unsigned") > 3);
	cr_expect_eq(losses_of(&e, "option", "not its sign"), 1);
	got = read_back(&e);
	expect_same(&e, &got, true);
	export_again(&e, "encodings-2.0.0");
	cr_expect_eq(losses_of(&e, "type", NULL), 0);
	got = read_back(&e);
	expect_same(&e, &got, false);
}

Test(export_encodings, four_bits)
{
	struct quant_options options;
	struct exported e;
	struct imported got;

	options_init(&options);
	options.weight_type = QTYPE_S4;
	e = export_convnet(&options, "", "encodings");
	cr_expect(strstr(e.text, "\"bw\": 4, \"is_sym\": true"));
	cr_expect(strstr(e.text, "\"param_bitwidth\": 4"));
	got = read_back(&e);
	expect_same(&e, &got, true);
	export_again(&e, "encodings-2.0.0");
	cr_expect(strstr(e.text, "\"output_dtype\": \"int4\""));
}

/* A matrix in blocks of two rows: 4 by 3 values, 2 by 3 scales. AIMET has them column by
 * column in 1.0.0, and lists in lists in 2.0.0; 0.6.1 has none. */
Test(export_encodings, blocks)
{
	struct fixture f = fixture_make("mm MatMul x;W[4,3] -> y\n!y\n");
	struct exported e = {0};
	struct error err = ERROR_INIT;
	struct export_tensor *w;
	const json_t *record, *list;
	static const double scales[] = {1, 2, 3, 4, 5, 6};
	static const int32_t zeros[6];

	cr_assert(export_open(&e.source, f.plan, fixture_outcome(&f), NULL, "m", &err));
	e.source.tensors = calloc(f.graph->main_tensors, sizeof(*w));
	w = &e.source.tensors[tensor_of(&f, "W")];
	*w = (struct export_tensor){.kind = NUMBERS_CONSTANT,
		.type = QTYPE_S8,
		.element = ELEMENT_FLOAT,
		.count = 6,
		.scales = scales,
		.zero_points = zeros,
		.axis = 0,
		.block = 2,
		.symmetric = true,
		.shares = GRAPH_NONE};
	export_again(&e, "encodings");
	record = encoding_of(&e, "param_encodings", "W");
	cr_expect_str_eq(json_text(record, "enc_type"), "PER_BLOCK");
	cr_expect_eq(number(record, "block_size"), 2);
	list = json_object_get(record, "scale");
	for (size_t i = 0; i < 6; i++)
		cr_expect_eq(json_number_value(json_array_get(list, i)),
			scales[i % 2 * 3 + i / 2]);
	export_again(&e, "encodings-2.0.0");
	record = json_find(json_object_get(e.json, "encodings"), "name", "W");
	list = json_array_get(json_object_get(record, "y_scale"), 1);
	cr_expect_eq(json_array_size(json_object_get(record, "y_scale")), 2);
	cr_expect_eq(json_array_size(list), 3);
	cr_expect_eq(json_number_value(json_array_get(list, 2)), 6);
	export_again(&e, "encodings-0.6.1");
	cr_expect_not(encoding_of(&e, "param_encodings", "W"));
	cr_expect(loss_of(&e, "blocks", "W"));
}

/* Refused where a scale is missing, with the way out. */
Test(export_encodings, need_ranges)
{
	struct fixture f = fixture_mixed8();
	struct export_source source;
	struct export_result made;
	struct error err = ERROR_INIT;

	cr_assert(export_open(&source, f.plan, fixture_outcome(&f), NULL, "m", &err));
	cr_expect_not(
		export_make(&source, export_find("encodings", &err), "m", &made, &err));
	cr_expect(strstr(err.text, "range"), "%s", err.text);
}

/* Given numbers, flags and exclusions: what of them a file has, and what not. */
#define LINE                                                                             \
	"export m.onnx --op-types all -r ranges.json -c x.json --nodes-to-exclude Op7 "  \
	"--json --format "
static json_t *losses_with(const char *format)
{
	cli_begin();
	test_write_text(test_path("x.json"),
		"{\"Op4_out\": [{\"quant_type\": \"QUInt16\", \"scale\": 0.5, "
		"\"zero_point\": 3}], \"Op1_out\": [{\"symmetric\": true}], "
		"\"output_2\": "
		"[{\"quant_type\": \"QInt8\", \"symmetric\": true}], \"Op3_out\": "
		"[{\"rmin\": -1.0, \"rmax\": 6.0}]}");
	return json_object_get(cli_json(test_text(LINE "%s", format)), "losses");
}

static const char *why_lost(const json_t *losses, const char *item, const char *subject)
{
	const char *why = "";

	for (size_t i = 0; i < json_array_size(losses); i++) {
		const json_t *loss = json_array_get(losses, i);

		if (!strcmp(json_text(loss, "item"), item) &&
			!strcmp(json_text(loss, "subject"), subject))
			why = json_text(loss, "why");
	}
	return why;
}

Test(export_encodings, what_is_lost)
{
	json_t *losses = losses_with("encodings");

	cr_expect(strstr(why_lost(losses, "range", "Op4_out"), "scale and zero point"));
	cr_expect(strstr(why_lost(losses, "range", "Op3_out"), "another range"));
	cr_expect(strstr(why_lost(losses, "symmetric", "Op1_out"), "in the offset"));
	cr_expect(strstr(why_lost(losses, "range", "output_1"), "stays float"));
	cr_expect(strstr(why_lost(losses, "float", "output_1"), "half precision"));
	cr_expect(*why_lost(losses, "option", "op-types"));
	cr_expect_eq(json_array_size(losses), 6, "%s", json_dumps(losses, 0));
}

Test(export_encodings, what_the_newest_loses)
{
	json_t *losses = losses_with("encodings-2.0.0");

	cr_expect(strstr(why_lost(losses, "exclude", "Op7"), "--float_fallback"));
	cr_expect(strstr(why_lost(losses, "symmetric", "Op1_out"), "in the zero point"));
	cr_expect(strstr(why_lost(losses, "symmetric", "output_2"), "in the zero point"));
	cr_expect_eq(json_array_size(losses), 7, "%s", json_dumps(losses, 0));
}

/* A node that is excluded but writes what another reads quantized: only 1.0.0 says so. */
Test(export_encodings, excluded_nodes)
{
	struct quant_options options;
	struct error err = ERROR_INIT;
	struct exported e;
	struct imported got;

	options_init(&options);
	options.all_op_types = true;
	cr_assert(text_list_add(&options.nodes_to_exclude, "Op2,Op7", &err));
	cli_begin();
	e = export_plan(test_path("m.onnx"), NULL, test_path("ranges.json"), &options, "",
		"encodings");
	cr_expect_eq(losses_of(&e, "exclude", NULL), 0);
	got = read_back(&e);
	cr_expect(text_list_has(&got.excluded, "Op2", 3));
	cr_expect(text_list_has(&got.excluded, "Op7", 3));
	export_again(&e, "encodings-0.6.1");
	cr_expect_eq(losses_of(&e, "exclude", "others read it"), 1);
	got = read_back(&e);
	cr_expect_eq(text_list_has(&got.excluded, "Op2", 3), 0);
	cr_expect(text_list_has(&got.excluded, "Op7", 3));
}
