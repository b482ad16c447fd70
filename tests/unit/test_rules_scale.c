/* Golden values of qdq-semantics.md 1.3 to 1.5 and Appendix C6. */
#include "onnx/tensor.h"
#include "rules/scale.h"

#include <criterion/criterion.h>
#include <math.h>

struct golden {
	enum qtype type;
	bool symmetric, reduced;
	int32_t zero_point;
	float scale;
};

Test(rules, scales_of_one_range)
{
	const struct golden cases[] = {
		{QTYPE_S8, false, false, -45, 0.01568627543747425f},
		{QTYPE_S8, false, true, -22, 0.03125f},
		{QTYPE_S8, true, false, 0, 0.021259842440485954f},
		{QTYPE_S8, true, true, 0, 0.04218750074505806f},
		{QTYPE_U8, false, false, 83, 0.01568627543747425f},
		{QTYPE_U8, false, true, 41, 0.031496062874794006f},
		{QTYPE_U8, true, false, 128, 0.021176470443606377f},
		{QTYPE_U8, true, true, 64, 0.04251968488097191f},
		{QTYPE_S16, false, false, -11469, 6.103608757257462e-05f},
		{QTYPE_S16, false, true, -5734, 0.0001220703125f},
		{QTYPE_S16, true, false, 0, 8.239997987402603e-05f},
		{QTYPE_S16, true, true, 0, 0.00016479492478538305f},
		{QTYPE_U16, false, false, 21299, 6.103608757257462e-05f},
		{QTYPE_U16, false, true, 10649, 0.00012207403779029846f},
		{QTYPE_U16, true, false, 32768, 8.239872113335878e-05f},
		{QTYPE_U16, true, true, 16384, 0.00016479995974805206f}};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct scale_rule rule = {.type = cases[i].type,
			.element = ELEMENT_FLOAT,
			.symmetric = cases[i].symmetric,
			.reduced = cases[i].reduced};
		struct scale scale;

		cr_assert(scale_from_range(&rule, -1.3f, 2.7f, &scale));
		cr_expect_eq(scale.zero_point, cases[i].zero_point, "case %zu", i);
		cr_expect_eq((float)scale.value, cases[i].scale, "case %zu", i);
	}
}

static void expect(
	struct scale_rule rule, double low, double high, int32_t zero_point, double value)
{
	struct scale scale;

	cr_assert(scale_from_range(&rule, low, high, &scale));
	cr_expect_eq(
		scale.zero_point, zero_point, "%g %g: %d", low, high, scale.zero_point);
	cr_expect_eq(scale.value, value, "%g %g: %.17g", low, high, scale.value);
}

Test(rules, tiny_and_one_sided_ranges)
{
	struct scale_rule rule = {.type = QTYPE_U8,
		.element = ELEMENT_FLOAT,
		.has_minimum = true,
		.minimum = 0.0001};
	struct scale scale;

	expect(rule, 0, 0, 0, 3.921568634268624e-07f);
	expect(rule, -1e-6f, 1e-6f, 3, 3.921568634268624e-07f);
	rule.symmetric = true;
	expect(rule, 0, 0, 128, 7.843137268537248e-07f);
	rule = (struct scale_rule){.type = QTYPE_U8, .element = ELEMENT_FLOAT};
	expect(rule, -3, -2, 255, 0.0117647061124444f);
	expect(rule, -1e-37f, 1e-37f, 0, 1.0);
	rule.symmetric = true;
	expect(rule, 0, 0, 0, 1.0);
	cr_assert_not(scale_from_range(&rule, NAN, 1, &scale));
}

Test(rules, restricted_asymmetric_scales)
{
	struct scale_rule rule = {.type = QTYPE_U8,
		.element = ELEMENT_FLOAT,
		.restricted = true,
		.restricted_in_f32 = true};

	expect(rule, -1, 3, 128, 0.023622047156095505f);
	expect(rule, 0.5, 3, 0, 0.0117647061124444f);
	expect(rule, -3, -2, 128, 0.0234375f);
	expect(rule, 0, 0, 0, 0.003921568859368563f);
	rule.has_minimum = true;
	rule.minimum = 0.0001;
	expect(rule, -1e-6f, 1e-6f, 128, 7.795275678290636e-07f);
	rule.type = QTYPE_U16; /* only UINT8 is restricted */
	expect(rule, -1, 3, 16384, 6.103608757257462e-05f);
}

Test(rules, half_precision_scales)
{
	const struct {
		enum qtype type;
		double low, high;
		uint16_t bits;
		int32_t zero_point;
	} cases[] = {{QTYPE_U16, -1, 1, 512, 32768}, {QTYPE_U16, 0.2, 0.8, 205, 0},
		{QTYPE_U16, 0.1, 0.7, 179, 0}, {QTYPE_U16, -3, 3, 1536, 32768},
		{QTYPE_U16, 0, 4.5, 1152, 0}, {QTYPE_U16, 0, 60000, 15187, 0},
		{QTYPE_U8, -40000, 40000, 23783, 127}, {QTYPE_U8, 0, 1, 7172, 0},
		{QTYPE_U8, 0, 1e-8, 15360, 0}};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct scale_rule rule = {
			.type = cases[i].type, .element = ELEMENT_FLOAT16};
		struct scale scale;

		cr_assert(scale_from_range(&rule,
			scale_round(ELEMENT_FLOAT16, cases[i].low),
			scale_round(ELEMENT_FLOAT16, cases[i].high), &scale));
		cr_expect_eq(half_from_double(scale.value), cases[i].bits, "case %zu", i);
		cr_expect_eq(scale.zero_point, cases[i].zero_point, "case %zu", i);
	}
}

Test(rules, scales_of_blocks)
{
	struct scale_rule rule = {
		.type = QTYPE_S8, .element = ELEMENT_FLOAT, .symmetric = true};
	struct scale scale;

	cr_assert(scale_from_block(&rule, 1, 3, &scale));
	cr_expect_eq((float)scale.value, 0.023622047156095505f);
	cr_assert(scale_from_block(&rule, 0, 0, &scale));
	cr_expect(scale.value == 1.0 && scale.zero_point == 0);
	rule = (struct scale_rule){.type = QTYPE_U8, .element = ELEMENT_FLOAT};
	cr_assert(scale_from_block(&rule, -2, 4, &scale));
	cr_expect_eq(scale.zero_point, 85);
	cr_assert(scale_from_block(&rule, -5, 7, &scale));
	cr_expect_eq(scale.zero_point, 106);
}
