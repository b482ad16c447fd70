#include "rules/options.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

Test(rules, types_are_parsed_in_every_spelling)
{
	const struct {
		const char *text;
		enum qtype type;
	} cases[] = {{"QUInt8", QTYPE_U8}, {"quint16", QTYPE_U16}, {"s4", QTYPE_S4},
		{"INT16", QTYPE_S16}, {"QuantType.QInt8", QTYPE_S8},
		{"QUInt32", QTYPE_NONE}, {"", QTYPE_NONE}, {"none", QTYPE_NONE}};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		cr_assert_eq(qtype_parse(cases[i].text, strlen(cases[i].text)),
			cases[i].type, "%s", cases[i].text);
	cr_assert_eq(qtype_wider(QTYPE_S8), QTYPE_S16);
	cr_assert_eq(qtype_wider(QTYPE_U4), QTYPE_U16);
}

Test(rules, ranges_of_types)
{
	int32_t lo, hi;

	qtype_range(QTYPE_S8, true, false, &lo, &hi);
	cr_assert(lo == -127 && hi == 127);
	qtype_range(QTYPE_S8, true, true, &lo, &hi);
	cr_assert(lo == -64 && hi == 64);
	qtype_range(QTYPE_S4, true, false, &lo, &hi);
	cr_assert(lo == -8 && hi == 7);
	qtype_range(QTYPE_U16, false, true, &lo, &hi);
	cr_assert(lo == 0 && hi == 32767);
}

static void set(struct quant_options *options, const char *name, const char *value,
	const char *shown)
{
	struct error err = ERROR_INIT;
	char text[128];

	cr_assert(options_set(options, name, value, &err), "%s", err.text);
	for (size_t i = 0; i < option_table_count; i++) {
		if (strcmp(option_table[i].name, name) == 0)
			cr_assert_str_eq(options_get(options, &option_table[i], text,
						 sizeof(text)),
				shown);
	}
}

Test(rules, options_are_set_and_shown)
{
	struct quant_options options, copy;
	struct error err = ERROR_INIT;

	options_init(&options);
	set(&options, "QuantizeBias", "False", "false");
	cr_assert(options.no_quantize_bias);
	set(&options, "WeightSymmetric", "no", "false");
	cr_assert_eq(options.weight_symmetric, NO);
	set(&options, "WeightSymmetric", "none", "");
	set(&options, "BlockSize", "16", "16");
	set(&options, "MinimumRealRange", "0.0001", "0.0001");
	set(&options, "OpTypesToExcludeOutputQuantization", "MatMul,Conv", "MatMul,Conv");
	set(&options, "QDQOpTypePerChannelSupportToAxis",
		"MatMul:-1,LayerNormalization:0", "MatMul:-1,LayerNormalization:0");
	cr_assert(options_copy(&copy, &options, &err));
	cr_assert(options_equal(&copy, &options));
	copy.per_channel_axes[1].axis = 2;
	cr_assert_not(options_equal(&copy, &options));
	options_release(&options);
	cr_assert(text_list_has(&copy.op_types_to_exclude_output, "Conv", 4));
	options_release(&copy);
}

Test(rules, wrong_options_are_refused_whole)
{
	struct quant_options options, before;
	struct error err = ERROR_INIT;

	options_init(&options);
	cr_assert_not(options_set(&options, "QuantiseBias", "1", &err));
	cr_assert(strstr(err.text, "did you mean QuantizeBias?"), "%s", err.text);
	error_clear(&err);
	cr_assert_not(options_set(&options, "TensorQuantOverrides", "{}", &err));
	cr_assert(strstr(err.text, "--overrides"));
	error_clear(&err);
	set(&options, "QDQOpTypePerChannelSupportToAxis", "MatMul:0", "MatMul:0");
	cr_assert(options_copy(&before, &options, &err));
	const char *const wrong[][2] = {{"BlockSize", "-1"}, {"CalibPercentile", "101"},
		{"WeightSymmetric", "maybe"}, {"MinimumRealRange", "nan"},
		{"QDQOpTypePerChannelSupportToAxis", "MatMul:1,Add"}};
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		cr_assert_not(options_set(&options, wrong[i][0], wrong[i][1], &err), "%s",
			wrong[i][0]);
		cr_assert_eq(err.kind, ERROR_USAGE);
		error_clear(&err);
	}
	cr_assert(options_equal(&before, &options));
	options_release(&before);
	options_release(&options);
}

Test(rules, lists_come_from_files_too)
{
	struct text_list list = {0};
	struct error err = ERROR_INIT;
	char path[] = "/tmp/qdq-list-XXXXXX", at[64];
	int fd = mkstemp(path);
	FILE *file = fdopen(fd, "w");

	fputs("a,b\r\n\nc\n", file);
	fclose(file);
	snprintf(at, sizeof(at), "@%s", path);
	cr_assert(text_list_add(&list, "x,,y", &err));
	cr_assert(text_list_add(&list, at, &err), "%s", err.text);
	remove(path);
	cr_assert_eq(list.count, 4);
	cr_assert_str_eq(list.items[2], "a,b");
	cr_assert(text_list_has(&list, "c", 1));
	cr_assert_not(text_list_has(&list, "", 0));
	text_list_release(&list);
}
