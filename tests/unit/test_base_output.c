#include "base/log.h"
#include "base/output.h"
#include "base/problem.h"
#include "support.h"

#include <criterion/criterion.h>
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

static void enter(void)
{
	cr_assert_eq(chdir(test_folder()), 0);
}

TestSuite(output, .init = enter);

static size_t files(void)
{
	DIR *dir = opendir(".");
	size_t count = 0;

	while (readdir(dir))
		count++;
	closedir(dir);
	return count - 2;
}

static void put(const char *path, const char *text)
{
	struct error err = ERROR_INIT;

	cr_assert(output_text(path, text, strlen(text), true, &err), "%s", err.text);
}

static void expect_text(const char *path, const char *text)
{
	struct error err = ERROR_INIT;
	size_t length;
	char *found = input_read(path, 1 << 20, &length, &err);

	cr_assert(found, "%s", err.text);
	cr_expect_eq(length, strlen(text));
	cr_expect_str_eq(found, text);
	free(found);
}

Test(output, appears_at_the_commit)
{
	struct error err = ERROR_INIT;
	struct output out;

	cr_assert(output_open(&out, "a.txt", false, -1, &err));
	cr_expect_eq(strncmp(out.temporary, ".a.txt.", 7), 0);
	cr_expect(output_write(&out, "hello ", 6, &err));
	cr_expect_neq(access("a.txt", F_OK), 0);
	cr_expect(output_write(&out, "world", 5, &err));
	cr_assert(output_commit(&out, &err));
	cr_expect_eq(out.written, 11);
	expect_text("a.txt", "hello world");
	cr_expect_eq(files(), 1);
	output_abort(&out);
}

Test(output, large_writes_keep_their_order)
{
	struct error err = ERROR_INIT;
	struct output out;
	size_t size = 200001, length;
	char *bytes = malloc(size), *back;

	for (size_t i = 0; i < size; i++)
		bytes[i] = (char)('a' + i % 23);
	cr_assert(output_open(&out, "b", false, -1, &err));
	cr_expect(output_write(&out, bytes, 7, &err));
	cr_expect(output_write(&out, bytes + 7, 70000, &err));
	cr_expect(output_write(&out, bytes + 70007, size - 70007, &err));
	cr_assert(output_commit(&out, &err));
	back = input_read("b", size, &length, &err);
	cr_assert(back);
	cr_expect_eq(length, size);
	cr_expect_eq(memcmp(bytes, back, size), 0);
	cr_expect_null(input_read("b", size - 1, &length, &err));
	cr_expect_eq(err.kind, ERROR_REFUSED);
	free(bytes);
	free(back);
}

Test(output, abort_leaves_nothing)
{
	struct error err = ERROR_INIT;
	struct output out;

	cr_assert(output_open(&out, "a.txt", false, -1, &err));
	cr_expect(output_write(&out, "x", 1, &err));
	cr_expect_eq(files(), 1);
	output_abort(&out);
	cr_expect_eq(files(), 0);
	output_abort(&out);
}

Test(output, abort_all_removes_open_ones_only)
{
	struct error err = ERROR_INIT;
	struct output a, b;

	put("done", "1");
	cr_assert(output_open(&a, "a", false, -1, &err));
	cr_assert(output_open(&b, "b", false, -1, &err));
	cr_expect_eq(files(), 3);
	output_abort_all();
	cr_expect_eq(files(), 1);
	expect_text("done", "1");
	output_abort(&a);
	output_abort(&b);
}

/* What an interruption may say: a file that is only passed on does not count. */
Test(output, knows_of_one_in_place)
{
	struct output_folder folder;
	struct error err = ERROR_INIT;

	cr_assert(output_folder_make(&folder, "model.onnx", &err), "%s", err.text);
	cr_assert(output_text(folder.file, "x", 1, false, &err), "%s", err.text);
	cr_expect_not(output_was_placed());
	output_folder_remove(&folder);
	cr_assert(output_text(test_path("f"), "x", 1, false, &err), "%s", err.text);
	cr_expect(output_was_placed());
}

Test(output, existing_file_needs_force_and_keeps_its_mode)
{
	struct error err = ERROR_INIT;
	struct stat status;

	put("a", "old");
	cr_assert_eq(chmod("a", 0640), 0);
	cr_expect_not(output_text("a", "new", 3, false, &err));
	cr_expect_str_eq(err.text, "a: exists; use --force to replace it");
	expect_text("a", "old");
	put("a", "new");
	expect_text("a", "new");
	cr_assert_eq(stat("a", &status), 0);
	cr_expect_eq(status.st_mode & 07777, 0640);
}

Test(output, file_that_appears_meanwhile_is_kept)
{
	struct error err = ERROR_INIT;
	struct output out;

	cr_assert(output_open(&out, "a", false, -1, &err));
	put("a", "other");
	cr_expect_not(output_commit(&out, &err));
	expect_text("a", "other");
	cr_expect_eq(files(), 1);
}

Test(output, input_is_refused_also_through_links)
{
	static const char *const names[] = {"in", "hard", "soft", "./in"};
	int fd;

	put("in", "model");
	cr_assert_eq(link("in", "hard"), 0);
	cr_assert_eq(symlink("in", "soft"), 0);
	fd = open("in", O_RDONLY);
	for (size_t i = 0; i < 4; i++) {
		struct error err = ERROR_INIT;
		struct output out;

		cr_expect_not(output_open(&out, names[i], true, fd, &err));
		cr_expect(strstr(err.text, "is the input file"), "%s", err.text);
	}
	close(fd);
	expect_text("in", "model");
}

Test(output, symbolic_link_stays_one)
{
	struct stat status;

	put("real", "old");
	cr_assert_eq(symlink("real", "link"), 0);
	put("link", "new");
	expect_text("real", "new");
	cr_assert_eq(lstat("link", &status), 0);
	cr_expect(S_ISLNK(status.st_mode));
}

Test(output, places_that_cannot_be_written)
{
	static const char *const names[] = {"none/a", "", "."};

	for (size_t i = 0; i < 3; i++) {
		struct error err = ERROR_INIT;

		cr_expect_not(output_text(names[i], "x", 1, true, &err));
		cr_expect(strchr(err.text, ';'), "%s", err.text);
	}
	cr_expect_eq(files(), 0);
}

Test(output, full_disk_is_an_error)
{
	struct error err = ERROR_INIT;

	cr_expect_not(output_text("/dev/full", "x", 1, false, &err));
	cr_expect(strstr(err.text, "free some space"), "%s", err.text);
	cr_expect_eq(access("/dev/full", F_OK), 0);
}

Test(output, file_size_limit_leaves_nothing)
{
	struct error err = ERROR_INIT;
	struct rlimit limit = {4096, 4096};
	struct output out;
	char block[70000] = {0};

	signal(SIGXFSZ, SIG_IGN);
	cr_assert_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
	cr_assert(output_open(&out, "a", false, -1, &err));
	cr_expect_not(output_write(&out, block, sizeof(block), &err));
	output_abort(&out);
	cr_expect_eq(files(), 0);
}

Test(output, longest_name_still_has_a_temporary)
{
	char name[256];

	memset(name, 'n', 255);
	name[255] = '\0';
	put(name, "x");
	expect_text(name, "x");
	cr_expect_eq(files(), 1);
}

Test(output, reading_what_is_not_there)
{
	struct error err = ERROR_INIT;
	size_t length;

	cr_expect_null(input_read("none", 100, &length, &err));
	cr_expect_str_eq(err.text, "none: cannot be read: No such file or directory; "
				   "check the name");
	error_clear(&err);
	cr_expect_null(input_read(".", 100, &length, &err));
	cr_expect_eq(err.kind, ERROR_IO);
}

Test(problem, list_copies_and_counts)
{
	struct problem_list list = {0};
	char text[] = "overrides.json";

	cr_expect(problem_add(&list, SEVERITY_NOTE, "n", 1, 2, text, "c", NULL));
	cr_expect(problem_add(&list, SEVERITY_ERROR, "e", PROBLEM_NOWHERE,
		PROBLEM_NOWHERE, "p", "c", "r"));
	text[0] = 'X';
	cr_expect_str_eq(list.items[0].place, "overrides.json");
	cr_expect_str_eq(list.items[0].remedy, "");
	cr_expect_eq(problem_count(&list, SEVERITY_NOTE), 2);
	cr_expect_eq(problem_count(&list, SEVERITY_WARNING), 1);
	problem_clear(&list);
	cr_expect_eq(list.count, 0);
}

Test(log, ring_keeps_the_newest)
{
	static struct log_line lines[LOG_LINES + 10];
	size_t count;

	log_add(LOG_WARNING, "first %d\n", 1);
	cr_assert_eq(log_read(0, lines, 10), 1);
	cr_expect_str_eq(lines[0].text, "first 1");
	cr_expect_eq(lines[0].level, LOG_WARNING);
	for (int i = 0; i < LOG_LINES + 5; i++)
		log_add(LOG_INFO, "line %d\x1b", i);
	count = log_read(0, lines, LOG_LINES + 10);
	cr_assert_eq(count, LOG_LINES);
	cr_expect_eq(lines[0].number + LOG_LINES - 1, lines[count - 1].number);
	cr_expect_str_eq(lines[0].text, "line 5\\x1b");
	cr_expect_eq(log_read(lines[count - 1].number, lines, 10), 0);
}
