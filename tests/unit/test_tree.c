/* What stands around the program: set-up, installation, completion. */
#include "support.h"

#include <criterion/criterion.h>
#include <string.h>
#include <unistd.h>

Test(tree, bootstrap_explains_itself)
{
	struct test_result r = TEST_RUN(test_source("bootstrap"), "--help");

	cr_assert_eq(r.status, 0);
	cr_assert(strstr(r.out, "./bootstrap run [MODEL"), "%s", r.out);
	r = TEST_RUN(test_source("bootstrap"), "build");
	cr_assert_eq(r.status, 2);
	cr_assert(strstr(r.err, "usage: ./bootstrap"), "%s", r.err);
}

/* A model that cannot be fetched: one line, exit code 1, nothing left. */
Test(tree, models_that_cannot_be_fetched)
{
	static const char *const environment[] = {
		"npm_config_registry=http://127.0.0.1:9", "npm_config_fetch_retries=0",
		"npm_config_cache=none", NULL};
	const char *argv[] = {test_source("tests/models.sh"), test_path("models"),
		"/nonexistent/python", NULL};
	struct test_result r;

	r = test_run_with(
		&(struct test_command){.argv = argv, .environment = environment});
	cr_assert_eq(r.status, 1);
	cr_assert(strstr(r.err, "tests/models.sh: "), "%s", r.err);
	cr_assert(
		strchr(r.err, '\n') == strrchr(r.err, '\n'), "several lines: %s", r.err);
	cr_assert_str_eq(TEST_RUN("ls", argv[1]).out, "");
}

Test(tree, install_puts_everything_under_destdir)
{
	static const char *const files[] = {"bin/qdqedit", "share/man/man1/qdqedit.1",
		"share/bash-completion/completions/qdqedit",
		"share/qdqedit/scripts/first-steps.script",
		"share/qdqedit/scripts/numbers.script",
		"share/qdqedit/scripts/regions.script"};
	struct test_result r = TEST_RUN("make", "-s", "-C", test_built(""), "prefix=/p",
		"install", test_text("DESTDIR=%s", test_folder()));

	cr_assert_eq(r.status, 0, "%s", r.err);
	for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++)
		cr_expect_eq(
			access(test_path("p/%s", files[i]), R_OK), 0, "no %s", files[i]);
}

/* What bash offers for the words given, the last being the one begun. */
static const char *completed(const char *words)
{
	const char *script = test_text(
		". '%s' && COMP_WORDS=('%s' %s) && "
		"COMP_CWORD=$((${#COMP_WORDS[@]} - 1)) && _qdqedit "
		"2>/dev/null; echo \" ${COMPREPLY[*]} \"",
		test_source("data/completion/qdqedit.bash"), test_program(), words);

	return TEST_RUN("bash", "-c", script).out;
}

static void expect_offer(const char *words, const char *offered)
{
	const char *got = completed(words);

	cr_expect(strstr(got, test_text(" %s ", offered)), "'%s' offers '%s', not '%s'",
		words, got, offered);
}

Test(tree, completion_offers_what_help_tells)
{
	test_need_program("bash");
	expect_offer("q", "quantize");
	expect_offer("quantize --op", "--op-types --opset-policy");
	expect_offer("quantize --opset-policy ''", "keep raise");
	expect_offer("quantize --opset-policy = k", "keep");
	expect_offer("export --format ort-s", "ort-script");
	expect_offer("quantize --activation-type QUInt1", "QUInt16");
	expect_offer("quantize --set WeightSym", "WeightSymmetric=");
	expect_offer("help prom", "promote");
	expect_offer(test_text("info '%s'", test_source("confi")),
		test_source("configure.ac"));
}
