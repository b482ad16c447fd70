#include "base/text.h"

#include <criterion/criterion.h>
#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void expect_f64(double value, const char *with_point, const char *without)
{
	char out[32];

	cr_expect_str_eq(text_f64(out, value, true), with_point);
	cr_expect_str_eq(text_f64(out, value, false), without);
}

Test(text, doubles_look_as_in_python)
{
	expect_f64(0.1, "0.1", "0.1");
	expect_f64(3, "3.0", "3");
	expect_f64(-0.0, "-0.0", "-0");
	expect_f64(1e-5, "1e-05", "1e-05");
	expect_f64(0.0001, "0.0001", "0.0001");
	expect_f64(0.00012345, "0.00012345", "0.00012345");
	expect_f64(
		3.921568634268624e-07, "3.921568634268624e-07", "3.921568634268624e-07");
	expect_f64(1e15, "1000000000000000.0", "1000000000000000");
	expect_f64(1e16, "1e+16", "1e+16");
	expect_f64(
		123456789012345680, "1.2345678901234568e+17", "1.2345678901234568e+17");
	expect_f64(1.7976931348623157e308, "1.7976931348623157e+308",
		"1.7976931348623157e+308");
	expect_f64(0x1p-1017, "7.120236347223045e-307", "7.120236347223045e-307");
	expect_f64(5e-324, "5e-324", "5e-324");
	expect_f64(-12.5, "-12.5", "-12.5");
	expect_f64((double)INFINITY, "Infinity", "Infinity");
	expect_f64((double)-INFINITY, "-Infinity", "-Infinity");
	expect_f64((double)NAN, "NaN", "NaN");
}

Test(text, floats_have_the_digits_of_a_float)
{
	char out[32];

	cr_expect_str_eq(text_f32(out, 0.1F, true), "0.1");
	cr_expect_str_eq(text_f32(out, 0.003921569F, true), "0.003921569");
	cr_expect_str_eq(text_f32(out, 1.0F / 3, true), "0.33333334");
	cr_expect_str_eq(text_f32(out, 1e8F, true), "100000000.0");
	cr_expect_str_eq(text_f32(out, 0x1p-96F, true), "1.2621775e-29");
	cr_expect_str_eq(text_f32(out, 1e-45F, true), "1e-45");
	cr_expect_str_eq(text_f32(out, 3.4028235e38F, true), "3.4028235e+38");
	cr_expect_str_eq(text_f32(out, 16777216.0F, false), "16777216");
}

Test(text, numbers_read_back)
{
	char out[32];
	uint64_t bits = 88172645463325252U;

	for (int i = 0; i < 20000; i++) {
		double value;
		float narrow;

		bits ^= bits << 13;
		bits ^= bits >> 7;
		bits ^= bits << 17;
		memcpy(&value, &bits, 8);
		memcpy(&narrow, &bits, 4);
		if (isfinite(value))
			cr_assert_eq(strtod(text_f64(out, value, true), NULL), value);
		if (isfinite(narrow))
			cr_assert_eq(strtof(text_f32(out, narrow, true), NULL), narrow);
	}
}

Test(text, numbers_have_no_comma_in_any_locale)
{
	static const char *const locales[] = {
		"de_DE.UTF-8", "fr_FR.UTF-8", "de_DE", "C.UTF-8"};
	char out[32];

	for (size_t i = 0; i < 4 && !setlocale(LC_ALL, locales[i]); i++)
		;
	cr_expect_str_eq(text_f64(out, 0.25, true), "0.25");
	cr_expect_str_eq(text_f64(out, 1.5e-9, true), "1.5e-09");
}

static const char *escaped(const char *text, size_t room)
{
	static char out[200];

	return text_escape(out, room, text, strlen(text));
}

Test(text, escape_shows_hostile_bytes)
{
	char out[40];

	cr_expect_str_eq(escaped("Op4_out", 200), "Op4_out");
	cr_expect_str_eq(escaped("a\n\t\x1b[31m\x7f", 200), "a\\x0a\\x09\\x1b[31m\\x7f");
	cr_expect_str_eq(escaped("\xff\xc3z", 200), "\\xff\\xc3z");
	cr_expect_str_eq(escaped("\xe2\x80\xae"
				 "evil",
				 200),
		"\\xe2\\x80\\xaeevil");
	cr_expect_str_eq(escaped("größe", 200), "größe");
	cr_expect_str_eq(text_escape(out, sizeof(out), "a\0b", 3), "a\\x00b");
}

Test(text, escape_cuts_in_the_middle)
{
	cr_expect_str_eq(escaped("abcdefghij", 11), "abcdefghij");
	cr_expect_str_eq(escaped("abcdefghij", 10), "abcd..hij");
	cr_expect_str_eq(escaped("ää\xff\xff\xff\xff zz", 12), "ää.. zz");
	cr_expect_str_eq(escaped("abcdef", 3), "..");
	cr_expect_str_eq(escaped("abcdef", 2), ".");
	cr_expect_str_eq(escaped("abcdef", 1), "");
}

Test(text, quoted_survives_eight_calls)
{
	char long_name[1000];
	const char *first = text_quoted_z("first");

	for (int i = 0; i < 8; i++)
		text_quoted_z("other");
	cr_expect_str_eq(first, "'first'");
	memset(long_name, 'x', sizeof(long_name));
	cr_expect_lt(strlen(text_quoted(long_name, sizeof(long_name))), 124);
}

Test(text, an_empty_path_shows)
{
	cr_expect_str_eq(text_path(""), "''");
	cr_expect_str_eq(text_path("a\x1b.onnx"), "a\\x1b.onnx");
}

Test(text, utf8_is_checked_strictly)
{
	int32_t code;

	cr_expect(text_is_utf8("aé€😀", strlen("aé€😀")));
	cr_expect_not(text_is_utf8("\xc0\x80", 2));
	cr_expect_not(text_is_utf8("\xed\xa0\x80", 3));
	cr_expect_not(text_is_utf8("\xf4\x90\x80\x80", 4));
	cr_expect_not(text_is_utf8("\xe2\x82", 2));
	cr_expect_eq(text_decode("€x", 4, &code), 3);
	cr_expect_eq(code, 0x20AC);
	cr_expect_eq(text_decode("\x80", 1, &code), 1);
	cr_expect_eq(code, -1);
}

Test(text, widths)
{
	cr_expect_eq(text_width_of('a'), 1);
	cr_expect_eq(text_width_of(0x1b), -1);
	cr_expect_eq(text_width_of(0x85), -1);
	cr_expect_eq(text_width_of(-1), -1);
	cr_expect_eq(text_width_of(0xE9), 1);
	cr_expect_eq(text_width_of(0x0301), 0);
	cr_expect_eq(text_width_of(0x4E2D), 2);
	cr_expect_eq(text_width_of(0xAC00), 2);
	cr_expect_eq(text_width_of(0x1F600), 2);
	cr_expect_eq(text_width_of(0xFF21), 2);
	cr_expect_eq(text_width_of(0x21C4), 1);
	cr_expect_eq(text_width_of(0x2500), 1);
	cr_expect_eq(text_width("a\u00e9e\u0301\u4e2d"), 5);
	cr_expect_eq(text_width("\x1b\x80"
				"b"),
		2);
}

Test(text, nearest)
{
	char far[200];
	struct text_nearest near = {"mermaad", 7, 3, NULL};
	static const char *const texts[] = {"markdown", "mermaids", "mermaid", "merman"};

	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++)
		text_offer(&near, texts[i]);
	cr_expect_eq(near.found, texts[2]);
	near = (struct text_nearest){"mer", 3, 3, NULL};
	text_offer(&near, "mermaid");
	cr_expect_str_eq(near.found, "mermaid");
	near = (struct text_nearest){"html", 4, 3, NULL};
	text_offer(&near, "markdown");
	cr_expect_null(near.found);
	memset(far, 'x', sizeof(far));
	near = (struct text_nearest){far, sizeof(far), 100, NULL};
	text_offer(&near, "mermaid");
	cr_expect_null(near.found);
}

Test(text, natural_order)
{
	cr_expect_lt(text_natural_cmp("a2", "a10"), 0);
	cr_expect_gt(text_natural_cmp("a10b", "a10a"), 0);
	cr_expect_eq(text_natural_cmp("x7", "x7"), 0);
	cr_expect_lt(text_natural_cmp("a", "a1"), 0);
	cr_expect_neq(text_natural_cmp("a01", "a1"), 0);
	cr_expect_lt(text_natural_cmp("a01", "a2"), 0);
}

static unsigned distance(const char *a, const char *b, unsigned limit)
{
	return text_distance(a, strlen(a), b, strlen(b), limit);
}

Test(text, edit_distance_is_bounded)
{
	cr_expect_eq(distance("kitten", "sitting", 5), 3);
	cr_expect_eq(distance("kitten", "sitting", 3), 3);
	cr_expect_eq(distance("kitten", "sitting", 2), 3);
	cr_expect_eq(distance("", "abc", 5), 3);
	cr_expect_eq(distance("abc", "", 2), 3);
	cr_expect_eq(distance("same", "same", 0), 0);
	cr_expect_eq(distance("same", "sane", 0), 1);
	cr_expect_eq(distance("Op4_out", "Op44_out", 2), 1);
}
