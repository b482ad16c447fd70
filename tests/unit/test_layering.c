/* The tree's own rules: no arrow upwards, no curses and no printing in the
 * engine, and HACKING.md has a line for every file. */
#include "support.h"

#include <criterion/criterion.h>
#include <dirent.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

/* A folder may include from lower layers and from itself. */
static const struct layer {
	const char *folder;
	int layer;
} layers[] = {
	{"base", 0},
	{"onnx", 1},
	{"ort", 1},
	{"infer", 2},
	{"opset", 3},
	{"graph", 4},
	{"rules", 5},
	{"plan", 6},
	{"quant", 7},
	{"calib", 7},
	{"eval", 8},
	{"export", 8},
	{"qdq", 8},
	{"job", 9},
	{"cli", 10},
	{"ui", 10},
};

enum { N_LAYERS = sizeof(layers) / sizeof(*layers) };

static int layer_of(const char *folder, size_t length)
{
	for (int i = 0; i < N_LAYERS; i++)
		if (strlen(layers[i].folder) == length &&
			!memcmp(layers[i].folder, folder, length))
			return i;
	return -1;
}

static bool ends_with(const char *text, const char *end)
{
	size_t n = strlen(text), m = strlen(end);

	return n >= m && !strcmp(text + n - m, end);
}

/* Calls `visit` for every .c and .h file of a folder of the source tree
 * ("src/base"); returns how many there were. */
static int each_file(
	const char *folder, void (*visit)(const char *folder, const char *name))
{
	DIR *dir = opendir(test_source(folder));
	int n = 0;

	for (struct dirent *e; dir && (e = readdir(dir));) {
		if (!ends_with(e->d_name, ".c") && !ends_with(e->d_name, ".h"))
			continue;
		visit(folder, e->d_name);
		n++;
	}
	if (dir)
		closedir(dir);
	return n;
}

static const char *folder_path(const struct layer *l)
{
	return strcmp(l->folder, "ui") ? test_text("src/%s", l->folder) : "ui";
}

static void each_file_of_all(void (*visit)(const char *folder, const char *name))
{
	int n = 0;

	for (int i = 0; i < N_LAYERS; i++)
		n += each_file(folder_path(&layers[i]), visit);
	cr_assert(
		n > 5, "only %d files found: is %s the source tree?", n, test_source(""));
}

/* One line `#include "..."` of the file. */
static void check_include(const char *folder, const char *name, const char *included)
{
	const char *own = strrchr(folder, '/');
	const char *slash = strchr(included, '/');
	int from, to;

	own = own ? own + 1 : folder;
	if (!slash) {
		cr_expect_str_eq(included, "config.h",
			"%s/%s: \"%s\": name the folder, as in \"%s/%s\"", folder, name,
			included, own, included);
		return;
	}
	from = layer_of(own, strlen(own));
	to = layer_of(included, (size_t)(slash - included));
	cr_expect(to >= 0, "%s/%s: \"%s\" is in no folder of the layers", folder, name,
		included);
	if (to >= 0)
		cr_expect(from == to || layers[to].layer < layers[from].layer,
			"%s/%s: includes \"%s\": an arrow upwards or sideways", folder,
			name, included);
}

static int curses_files;
static char last_curses_file[256];

static void check_curses(const char *folder, const char *name, const char *included)
{
	if (!strstr(included, "curses") && strcmp(included, "term.h"))
		return;
	cr_expect_str_eq(folder, "ui", "%s/%s includes <%s>", folder, name, included);
	if (strcmp(last_curses_file, name))
		curses_files++;
	snprintf(last_curses_file, sizeof(last_curses_file), "%s", name);
}

static void read_includes(const char *folder, const char *name)
{
	char *text = test_read_file(test_source(test_text("%s/%s", folder, name)), NULL);
	char *state = NULL, included[256], quote;

	for (char *l = strtok_r(text, "\n", &state); l;
		l = strtok_r(NULL, "\n", &state)) {
		if (sscanf(l, " # include %c%255[^\">]", &quote, included) != 2)
			continue;
		if (quote == '"')
			check_include(folder, name, included);
		else
			check_curses(folder, name, included);
	}
}

Test(layering, includes_go_down)
{
	each_file_of_all(read_includes);
	cr_expect(curses_files <= 3, "curses is included by %d files of ui, not by 3",
		curses_files);
}

/* Every folder of src is one of the layers above. */
Test(layering, folders_are_known)
{
	DIR *dir = opendir(test_source("src"));

	cr_assert_not_null(dir);
	for (struct dirent *e; (e = readdir(dir));)
		if (!strchr(e->d_name, '.'))
			cr_expect(layer_of(e->d_name, strlen(e->d_name)) >= 0,
				"src/%s is in no layer", e->d_name);
	closedir(dir);
}

static const char *const curses_symbols[] = {"initscr", "newterm", "endwin", "stdscr",
	"curscr", "newscr", "newwin", "newpad", "wadd", "waddn", "wmove", "wrefresh",
	"wnoutrefresh", "doupdate", "wgetch", "wget_wch", "keypad", "start_color",
	"init_pair", "COLOR_PAIR", "getmouse", "mousemask", "setupterm", "tigetstr",
	"tparm", "LINES", "COLS"};
static const char *const printing_symbols[] = {"exit", "_exit", "abort", "stdout",
	"stderr", "printf", "__printf_chk", "puts", "putchar", "perror", "vprintf"};

/* Fails for each undefined symbol in the output of nm that is in the list, or
 * begins with an entry of it if `prefix`. */
static void refuse_symbols(
	const char *nm, const char *const list[], size_t n, bool prefix)
{
	char *text = test_text("%s", nm), *state = NULL, symbol[256];

	for (char *l = strtok_r(text, "\n", &state); l;
		l = strtok_r(NULL, "\n", &state)) {
		const char *u = strstr(l, " U ");

		if (!u || sscanf(u, " U %255[^@\n]", symbol) != 1)
			continue;
		for (size_t i = 0; i < n; i++)
			cr_expect(prefix ? strncmp(symbol, list[i], strlen(list[i]))
					 : strcmp(symbol, list[i]),
				"%.*s uses %s", (int)(u - l), l, symbol);
	}
}

#define N(list) (sizeof(list) / sizeof(*list))

Test(layering, library_has_no_curses)
{
	struct test_result r;

	test_need_program("nm");
	r = TEST_RUN("nm", "-A", "-u", test_built("libqdqedit.a"));
	cr_assert_eq(r.status, 0, "%s", r.err);
	cr_assert(strstr(r.out, " U malloc"), "nm shows nothing: %.200s", r.out);
	refuse_symbols(r.out, curses_symbols, N(curses_symbols), true);
}

/* Left out: the generated schema (protobuf-c's assertions are not ours) and the
 * one file that writes results to standard output when it is asked to. */
Test(layering, engine_does_not_print_or_exit)
{
	struct test_result r;

	test_need_program("nm");
	r = TEST_RUN("sh", "-c",
		"cd \"$1\" && ls src/*/*.o | grep -v -e '^src/cli/' -e pb-c -e "
		"base/output | xargs nm "
		"-A -u",
		"sh", test_built(""));
	cr_assert_eq(r.status, 0, "%s", r.err);
	cr_assert(strstr(r.out, " U malloc"), "nm shows nothing: %.200s", r.out);
	refuse_symbols(r.out, printing_symbols, N(printing_symbols), false);
}

static const char *hacking;

/* The section of HACKING.md that begins with "### folder", NUL-ended. */
static char *hacking_section(const char *folder)
{
	const char *head = strstr(hacking, test_text("\n### %s\n", folder));
	const char *end = head ? strstr(head + 1, "\n### ") : NULL;

	if (!head)
		return NULL;
	return test_text("%.*s", end ? (int)(end - head) : (int)strlen(head), head);
}

/* A file `x.c` is named as `x.c` or as `x.[ch]`. */
static void check_named(const char *folder, const char *name)
{
	char *section = hacking_section(folder);
	int stem = (int)strlen(name) - 2;

	if (ends_with(name, ".pb-c.h") || ends_with(name, ".pb-c.c"))
		return;
	cr_assert_not_null(section, "HACKING.md has no section '### %s'", folder);
	cr_expect(strstr(section, test_text("\n- `%s`: ", name)) ||
			  strstr(section, test_text("\n- `%.*s.[ch]`: ", stem, name)),
		"HACKING.md has no line for %s/%s", folder, name);
}

static void check_named_once(const char *section, const char *name)
{
	const char *line = test_text("\n- `%s`:", name);
	const char *first = strstr(section, line);

	cr_expect(!first || !strstr(first + 1, line), "HACKING.md names %s twice", name);
}

/* Every file that a section names is there, and named once. */
static void check_there(const char *folder)
{
	char *section = hacking_section(folder), *lines, *state = NULL, name[256], *both;

	if (!section)
		return;
	lines = test_text("%s", section);
	for (char *l = strtok_r(lines, "\n", &state); l;
		l = strtok_r(NULL, "\n", &state)) {
		if (sscanf(l, "- `%255[^`]`:", name) != 1)
			continue;
		check_named_once(section, name);
		both = strstr(name, "[ch]");
		for (int i = 0; i < (both ? 2 : 1); i++) {
			const char *path;
			FILE *file;

			if (both)
				strcpy(both, i ? "h" : "c");
			path = test_source(test_text("%s/%s", folder, name));
			file = fopen(path, "r");
			cr_expect_not_null(file,
				"HACKING.md names %s/%s, which is not there", folder,
				name);
			if (file)
				fclose(file);
		}
	}
}

Test(layering, hacking_names_every_file)
{
	static const char *const more[] = {"src", "data", "tests", "tests/unit",
		"tests/peer", "tests/screens", "tests/tty", "tests/fuzz", "tests/bench"};

	hacking = test_read_file(test_source("HACKING.md"), NULL);
	each_file_of_all(check_named);
	each_file("src", check_named);
	each_file("tests/unit", check_named);
	for (int i = 0; i < N_LAYERS; i++)
		check_there(folder_path(&layers[i]));
	for (size_t i = 0; i < N(more); i++)
		check_there(more[i]);
}

static const char *makefile;

static void check_listed(const char *folder, const char *name)
{
	const char *path = test_text("\t%s/%s", folder, name);
	const char *at = makefile;

	while ((at = strstr(at, path)) && !strchr(" \n", at[strlen(path)]))
		at++;
	cr_expect_not_null(at, "Makefile.am does not list %s/%s", folder, name);
}

/* Headers too: else they are not in the release archive. */
Test(layering, makefile_lists_every_file)
{
	makefile = test_read_file(test_source("Makefile.am"), NULL);
	each_file_of_all(check_listed);
	each_file("tests/unit", check_listed);
}
