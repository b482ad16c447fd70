/* The first two minutes: somebody who has never seen the program promotes Op4_out, sees
 * three conversions, learns why, and saves. Each key is taken from what the screen says
 * at that moment; all new text is read at READING characters a second, a key takes one
 * second. */
#include "support.h"
#include "tests/tty/pty.h"

#include <criterion/criterion.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { READING = 20, SECONDS = 120, LINES = 64, COLUMNS = 256 };

struct newcomer {
	struct pty *pty;
	char *seen; /* the screen that was read last */
	int keys, screens;
	size_t read; /* characters */
};

/* Columns [from, to) of the n-th row, blanks where it is shorter. */
static void cut(const char *screen, int row, int from, int to, char *out)
{
	int x = 0;

	while (row-- > 0 && (screen = strchr(screen, '\n')))
		screen++;
	for (; screen && *screen && *screen != '\n' && x < to; screen++, x++)
		if (x >= from)
			*out++ = *screen;
	for (; x < to; x++)
		if (x >= from)
			*out++ = ' ';
	*out = '\0';
}

/* Runs of blanks become one. */
static void squeeze(char *text)
{
	char *out = text;

	for (char *at = text; *at; at++)
		if (*at != ' ' || (out > text && out[-1] != ' '))
			*out++ = *at;
	*out = '\0';
}

/* What is written in the box with this title, as one line; of a box without sides (on a
 * small screen) the two rows below the title. */
static char *box_text(const char *screen, const char *title)
{
	const char *at = strstr(screen, title), *line = screen;
	char *text = "", part[COLUMNS];
	int row = 0, from = 0, to = COLUMNS - 1;

	cr_assert(at, "no box '%s' on\n%s", title, screen);
	for (const char *end; (end = strchr(line, '\n')) && end < at; line = end + 1)
		row++;
	while (at > line && *at != '+')
		at--;
	if (*at == '+') {
		from = (int)(at - line);
		to = from + 1 + (int)strcspn(at + 1, "+");
	}
	for (int i = 0; i < LINES; i++) {
		cut(screen, row + i, from, to, part);
		if (*at != '+' && i == 3)
			break;
		text = test_text("%s %s", text, *at == '+' ? part + 1 : part);
		if (i && *at == '+' && part[0] == '+')
			break;
	}
	squeeze(text);
	return text;
}

/* Letters and digits of the words that were not at their place before; lines between
 * nodes and panes are not read. */
static size_t new_letters(const char *row, const char *before)
{
	size_t count = 0, n;

	for (const char *word = row; *word; word += n) {
		n = strcspn(word, " ");
		for (size_t i = 0; strncmp(word, before + (word - row), n) && i < n; i++)
			count += isgraph((unsigned char)word[i]) &&
				 !strchr("|-+`#~", word[i]);
		n += !n;
	}
	return count;
}

static size_t read_screen(struct newcomer *who)
{
	char row[COLUMNS], before[COLUMNS];
	size_t count = 0;
	char *now;

	pty_settle(who->pty);
	now = strdup(pty_screen(who->pty));
	for (int y = 0; y < LINES; y++) {
		cut(now, y, 0, COLUMNS - 1, row);
		cut(who->seen ? who->seen : "", y, 0, COLUMNS - 1, before);
		count += new_letters(row, before);
	}
	who->screens += count > 0;
	who->seen = now;
	return count;
}

static size_t letters(const char *text)
{
	size_t count = 0;

	for (; *text; text++)
		count += isgraph((unsigned char)*text) != 0;
	return count;
}

/* Reads the box, and what else changed: not what the first card stands over. */
static const char *read_box(struct newcomer *who, const char *title)
{
	bool first = !who->seen;
	size_t changed;
	const char *text;

	pty_expect(who->pty, title);
	changed = read_screen(who);
	text = box_text(who->seen, title);
	who->read += first ? letters(text) : changed;
	return text;
}

/* Finds the hint in the box and types the key that it names: what stands behind
 * "press", or what the hint begins with. */
static void follow(struct newcomer *who, const char *title, const char *hint)
{
	const char *text = read_box(who, title), *at = strstr(text, hint);
	char key[2] = "";

	cr_assert(at, "'%s' is not in '%s'", hint, text);
	key[0] = at[strncmp(at + 1, "ress ", 5) ? 0 : 6];
	pty_type(who->pty, key);
	who->keys++;
}

static void type(struct newcomer *who, const char *keys)
{
	pty_type(who->pty, keys);
	who->keys += (int)strlen(keys);
}

/* Down, until the row under the cursor is that of the node. */
static void go_to(struct newcomer *who, const char *node)
{
	for (int steps = 0; steps < 20; steps++) {
		char row[COLUMNS];
		const char *at;

		pty_expect(who->pty, "\n>");
		pty_settle(who->pty);
		at = strstr(pty_screen(who->pty), "\n>");
		cr_assert(at);
		snprintf(row, sizeof(row), "%.*s", 30, at);
		if (strstr(row, node))
			return;
		type(who, "j");
		pty_expect_gone(who->pty, row);
	}
	cr_assert(false, "%s was not reached", node);
}

/* What the boxes say, on a wide screen and on a small one. */
static const struct step {
	const char *wide, *narrow, *hint, *narrow_hint;
	const char *sees[3]; /* after the key */
} steps[] = {
	{" welcome ", " welcome ", "t the tour", "t the tour", {NULL}},
	{" 1 of 7 ", "Tour 1/7", "j and k move", "j and k move", {NULL}},
	{" 2 of 7 ", "Tour 2/7", "press p", "Press p", {"3 DQ>Q"}},
	{" 3 of 7 ", "Tour 3/7", "Press 3", "3 shows", {"Op2_out", "Op3_out", "Op5_out"}},
	{" 4 of 7 ", "Tour 4/7", "Press w", "w says why",
		{"you set Op4_out to u16", "Op4 makes it, so"}},
};

static void save(struct newcomer *who, bool narrow)
{
	const char *file = test_path("my.json");
	const char *text = read_box(who, narrow ? "Tour 5/7" : " 5 of 7 ");

	cr_assert(strstr(text, ":w FILE"), "%s", text);
	/* a name of one's own; the path of the test has more letters */
	who->keys += (int)strlen(":w my.json\r");
	pty_type(who->pty, test_text(":w %s\r", file));
	pty_expect(who->pty, "written to");
	who->read += read_screen(who);
	cr_assert(strstr(test_read_file(file, NULL), "\"recv_nodes\": [\"Op6\"]"));
}

static void the_job(int w, int h, int most_keys)
{
	const char *const program[] = {test_program(), "--ascii", "--color=never", NULL};
	const char *const environment[] = {"QDQEDIT_ORT_LIB=none", NULL};
	struct newcomer who = {.pty = pty_start(w, h, program, environment)};
	bool narrow = w < 80;
	double seconds;

	for (size_t i = 0; i < sizeof(steps) / sizeof(*steps); i++) {
		const struct step *step = &steps[i];

		follow(&who, narrow ? step->narrow : step->wide,
			narrow ? step->narrow_hint : step->hint);
		if (i == 1)
			go_to(&who, "Op4");
		for (int k = 0; k < 3 && step->sees[k]; k++)
			pty_expect(who.pty, step->sees[k]);
	}
	save(&who, narrow);
	seconds = (double)who.read / READING + who.keys;
	fprintf(stderr, "newcomer at %dx%d: %d keys, %d screens, %zu letters, %.0f s\n",
		w, h, who.keys, who.screens, who.read, seconds);
	cr_expect_leq(who.keys, most_keys);
	cr_expect_lt(seconds, SECONDS);
	pty_type(who.pty, "\x1bZQ");
	cr_assert_eq(pty_end(who.pty), 0);
}

Test(newcomer, promotes_sees_why_and_saves_at_80x24)
{
	the_job(80, 24, 20);
}

Test(newcomer, promotes_sees_why_and_saves_at_40x10)
{
	the_job(40, 10, 20);
}
