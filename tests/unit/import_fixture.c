#include "import_fixture.h"

#include <stdlib.h>
#include <string.h>

struct reading import_bytes(
	struct fixture f, const char *format, const char *text, size_t length)
{
	struct reading r = {.f = f};
	struct error err = ERROR_INIT;
	const struct import_format *wanted = format ? import_find(format, &err) : NULL;

	r.done = import_read(&r.got, r.f.graph, r.f.plan->options, text, length, "f.json",
		wanted, &r.problems, &err);
	cr_assert_not(error_is_set(&err), "%s", err.text);
	cr_assert_eq(r.done, !problem_count(&r.problems, SEVERITY_ERROR));
	return r;
}

struct reading import_mixed8(const char *text)
{
	return import_bytes(fixture_mixed8(), NULL, text, strlen(text));
}

void import_end(struct reading *r)
{
	import_release(&r->got);
	problem_clear(&r->problems);
	fixture_free(&r->f);
}

const char *import_last_cause(const struct reading *r)
{
	return r->problems.count ? r->problems.items[r->problems.count - 1].cause : "";
}

void import_has_overrides(const struct reading *r, const char *json)
{
	size_t length;
	char *text = overrides_write(&r->got.overrides, r->f.graph, &length, NULL);

	cr_assert(r->done, "%s", import_last_cause(r));
	cr_expect_str_eq(text, json);
	free(text);
}

void import_has_range(
	const struct reading *r, const char *tensor, double low, double high)
{
	const struct range *range = ranges_find(&r->got.ranges, tensor_of(&r->f, tensor));

	cr_assert(range, "%s", tensor);
	cr_expect_float_eq(range->low, low, 1e-6);
	cr_expect_float_eq(range->high, high, 1e-6);
}

void import_gives(const char *text, const char *format, const char *json)
{
	struct reading r = import_mixed8(text);

	cr_assert(r.done, "%s", import_last_cause(&r));
	cr_expect_str_eq(r.got.format->name, format);
	import_has_overrides(&r, json);
	cr_expect_eq(unplaced_count(&r.problems, true), 0, "%s", import_last_cause(&r));
	import_end(&r);
}
