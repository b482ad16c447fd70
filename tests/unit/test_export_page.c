/* The page: read by a strict parser, and looked at by a browser. */
#include "cli_fixture.h"
#include "export_fixture.h"
#include "plan_models.h"

#include <criterion/criterion.h>
#include <string.h>

#define PAGE_NAME "page.html"

static json_t *read_page(const char *text)
{
	const char *path = test_path(PAGE_NAME);
	struct test_result r;
	json_t *page;

	test_write_text(path, text);
	r = TEST_PYTHON("tests/unit/export_page.py", path);
	cr_assert_eq(r.status, 0, "%s", r.err);
	page = json_loads(r.out, 0, NULL);
	cr_assert(page);
	cr_expect_eq(json_array_size(json_object_get(page, "errors")), 0, "%s",
		json_dumps(json_object_get(page, "errors"), 0));
	return page;
}

static const json_t *table(const json_t *page, const char *heading)
{
	return json_object_get(json_object_get(page, "tables"), heading);
}

static const char *cell(const json_t *table, size_t row, size_t column)
{
	return json_string_value(json_array_get(json_array_get(table, row), column));
}

/* Nothing that would leave the page, one script, and that the one its policy names. */
static void expect_contained(const json_t *page, const char *text)
{
	const json_t *links = json_object_get(page, "links");
	const json_t *scripts = json_object_get(page, "scripts");

	for (size_t i = 0; i < json_array_size(links); i++)
		cr_expect_eq(*json_string_value(json_array_get(links, i)), '#');
	cr_expect_not(strstr(text, "http:") || strstr(text, "https:") ||
		      strstr(text, "url(") || strstr(text, "@import"));
	cr_assert_eq(json_array_size(scripts), 1);
	test_write_text(
		test_path("script"), json_string_value(json_array_get(scripts, 0)));
	cr_expect(strstr(text,
		test_text("script-src 'sha256-%.44s'",
			TEST_RUN(test_need_python(), "-c",
				"import sys, hashlib, base64\n"
				"print(base64.b64encode(hashlib.sha256(open(sys.argv[1], "
				"'rb').read()).digest()).decode())",
				test_path("script"))
				.out)));
}

static void expect_conversions(const struct exported *e, const json_t *page)
{
	const json_t *rows = table(page, "Conversions");
	const struct outcome *o = e->source.outcome;

	cr_assert_eq(json_array_size(rows), o->boundary_count + 1);
	for (uint32_t i = 0; i < o->boundary_count; i++) {
		const struct boundary *b = &o->boundaries[i];

		cr_expect_str_eq(cell(rows, i + 1, 0),
			graph_tensor_name(e->source.graph, b->tensor));
		cr_expect_str_eq(cell(rows, i + 1, 1), qtypes[b->from].brief);
		cr_expect_str_eq(cell(rows, i + 1, 2), qtypes[b->to].brief);
		cr_expect(strstr(cell(rows, i + 1, 3),
			graph_node_label(e->source.graph, b->readers[0])));
		cr_expect(*cell(rows, i + 1, 6), "no reason");
	}
}

/* Every item of the plan stands on the page, so that nothing is lost. */
static void expect_items(const struct exported *e, const json_t *page)
{
	const struct export_items *items = &e->source.items;
	const json_t *choices = table(page, "Choices");
	size_t row = 1;

	for (size_t i = 0; i < items->count; i++) {
		if (items->items[i].bulk)
			continue;
		cr_expect_str_eq(cell(choices, row, 0), items->items[i].word);
		cr_expect_str_eq(cell(choices, row, 1), items->items[i].subject);
		cr_expect_str_eq(cell(choices, row++, 2), items->items[i].detail);
	}
	cr_expect_eq(json_array_size(choices), row);
}

static void expect_tensors(const struct exported *e, const json_t *page)
{
	const json_t *rows = table(page, "Tensors");
	size_t row = 1;

	for (tensor_id t = 0; t < e->source.graph->main_tensors; t++) {
		const struct range *range = ranges_find(e->source.ranges, t);

		if (!export_is_row(&e->source, t))
			continue;
		cr_expect_str_eq(
			cell(rows, row, 0), graph_tensor_name(e->source.graph, t));
		if (range) {
			cr_expect_eq(strtof(cell(rows, row, 7), NULL), (float)range->low);
			cr_expect_eq(
				strtof(cell(rows, row, 8), NULL), (float)range->high);
		}
		row++;
	}
	cr_expect_eq(json_array_size(rows), row);
}

Test(export_page, eight_nodes)
{
	struct exported e = export_eight("html");
	json_t *page = read_page(e.text);
	const json_t *texts = json_object_get(page, "texts");

	expect_contained(page, e.text);
	expect_conversions(&e, page);
	expect_items(&e, page);
	expect_tensors(&e, page);
	for (int i = 1; i <= 8; i++)
		cr_expect(json_has(texts, test_text("Op%d", i)));
	cr_expect(json_has(texts, "A: QUInt16"));
	cr_expect_eq(e.made.losses.count, 0);
	cr_expect_eq(json_array_size(table(page, "Other tools")), export_format_count);
}

Test(export_page, recognizer)
{
	struct exported e = export_rec("html");
	json_t *page = read_page(e.text);

	expect_contained(page, e.text);
	expect_conversions(&e, page);
	expect_items(&e, page);
	expect_tensors(&e, page);
	cr_expect_eq(losses_of(&e, "convert", NULL), 0);
}

/* Names that would be markup, a region's name and note among them. */
#define EVIL "<img src=x onerror=document.title=String(13)>"
static const char *hostile_page(void)
{
	cli_begin();
	test_write_text(test_path("p.qdq"),
		"qdqedit project 1\nmodel {\"file\": \"m.onnx\"}\noption op-types "
		"\"all\"\n"
		"seed {\"tensor\": \"Op4_out\", \"type\": \"QUInt16\", \"region\": "
		"\"" EVIL "</title>\", \"note\": \"'\\\"&amp;<!--<script>\"}\n");
	return cli_answer("export p.qdq --format html --quiet");
}

Test(export_page, hostile_names)
{
	const char *text = hostile_page();
	json_t *page = read_page(text);
	const json_t *tags = json_object_get(page, "tags");

	expect_contained(page, text);
	cr_expect_str_eq(cell(table(page, "Regions"), 1, 1), EVIL "</title>");
	cr_expect_str_eq(cell(table(page, "Regions"), 1, 2), "'\"&amp;<!--<script>");
	cr_expect_not(json_has(tags, "img"));
}

/* ---- In a browser. */

static const char *need_browser(void)
{
	static const char *const names[] = {"chromium-headless-shell", "chromium",
		"chromium-browser", "google-chrome", "chrome"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		struct test_result r =
			TEST_RUN("sh", "-c", test_text("command -v %s", names[i]));

		if (r.status == 0)
			return names[i];
	}
	test_skip_without("a browser (chromium-headless-shell)");
}

/* The document after its scripts have run. */
static char *look(const char *text, const char *option)
{
	const char *path = test_path(PAGE_NAME);
	const char *argv[] = {need_browser(), "--headless", "--no-sandbox",
		"--disable-gpu", "--disable-dev-shm-usage",
		test_text("--user-data-dir=%s", test_path("browser")), option,
		test_text("file://%s", path), NULL};
	struct test_result r;

	test_write_text(path, text);
	r = test_run_with(&(struct test_command){.argv = argv, .seconds = 120});
	cr_assert_eq(r.status, 0, "%s", r.err);
	return r.out;
}

/* The script runs under the page's policy: heads have become buttons. Nothing else did.
 */
Test(export_page, browser)
{
	char *seen = look(export_eight("html").text, "--dump-dom");

	cr_expect(strstr(seen, "<th scope=\"col\"><button>Tensor</button></th>"), "%s",
		seen);
	cr_expect(strstr(seen, "<title>mixed8: quantization</title>"), "%s", seen);
	seen = look(hostile_page(), "--dump-dom");
	cr_expect(strstr(seen, "<button>Tensor</button>"));
	cr_expect_not(strstr(seen, "<title>13</title>"));
}

/* The rows of conversions after one and two clicks on "Tensor"; the policy is taken out
 * so that the test's own script may click. */
Test(export_page, browser_sorts)
{
	struct exported e = export_eight("html");
	const char *policy = strstr(e.text, "<meta http-equiv"), *end, *first;

	cr_assert(policy);
	end = strchr(policy, '\n');
	for (int clicks = 1; clicks <= 2; clicks++) {
		char *seen = look(test_text("%.*s%s<script>for (let i = 0; i < %d; i++) "
					    "document.querySelector('th button').click()"
					    "</script>",
					  (int)(policy - e.text), e.text, end, clicks),
			"--dump-dom");

		first = strstr(seen, "<h2>Conversions</h2>");
		cr_assert(first);
		first = strstr(first, "<tr><td>");
		cr_assert(first);
		cr_expect_eq(strncmp(first + 8, clicks == 1 ? "Op2_out" : "Op5_out", 7),
			0, "%.40s", first);
		cr_expect(strstr(seen, clicks == 1 ? "aria-sort=\"ascending\""
						   : "aria-sort=\"descending\""));
	}
}

/* It prints: a PDF of more than a page's worth of bytes. */
Test(export_page, browser_prints)
{
	const char *path = test_path("page.pdf");
	size_t length;

	look(export_eight("html").text, test_text("--print-to-pdf=%s", path));
	cr_expect(!strncmp(test_read_file(path, &length), "%PDF-", 5));
	cr_expect(length > 5000);
}
