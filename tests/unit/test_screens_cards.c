/* Golden screens of every card, prompt and message at three sizes, in colour, mono and
 * ASCII: in this process, so that what depends on files, dates and measurements can be
 * set. `make golden` writes them anew. */
#include "golden.h"
#include "job/suggest.h"
#include "support.h"
#include "ui/cards.h"
#include "ui/command.h"
#include "ui_fixture.h"

#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* ---- What is shown. */

static void welcome(struct ui *ui)
{
	ui_open_card(ui, CARD_START);
}

/* Models below the home folder, one with a long name. */
static void recent(struct ui *ui)
{
	static const char *const names[] = {"nets/resnet50.onnx",
		"nets/a folder/encoder-with-a-very-long-name-of-the-year-2026.onnx",
		"work.qdq"};
	char *text = "";

	setenv("XDG_STATE_HOME", test_path("state"), 1);
	cr_assert_eq(TEST_RUN("mkdir", "-p", test_path("state/qdqedit"),
			     test_text("%s/nets/a folder", getenv("HOME")))
			     .status,
		0);
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		char *path = test_text("%s/%s", getenv("HOME"), names[i]);

		test_write_text(path, "");
		text = test_text("%s%s\n", text, path);
	}
	test_write_text(test_path("state/qdqedit/recent"), text);
	ui_command(ui, "recent");
}

static void recover(struct ui *ui)
{
	struct safety *safety = &ui->safety;
	struct timespec times[2] = {{1764000000, 0}, {1764000000, 0}};

	snprintf(
		safety->left_over, sizeof(safety->left_over), "%s", test_path("journal"));
	test_write_text(safety->left_over, "");
	cr_assert_eq(utimensat(AT_FDCWD, safety->left_over, times, 0), 0);
	safety->left = (struct journal_summary){.edits = 7,
		.last = {"op_12/attention/query_out u16", "u16 for Op4",
			"demoted Op7_out"}};
	snprintf(safety->left.model, sizeof(safety->left.model), "%s/nets/resnet50.onnx",
		getenv("HOME"));
	ui_open_card(ui, CARD_RECOVER);
}

static void measured(struct ui *ui)
{
	struct ranges ranges = {0};
	struct error err = ERROR_INIT;

	cr_assert(ranges_copy(
		&ranges, ui->session->plan->ranges, ui->session->graph, &err));
	ranges.measured = true;
	cr_assert(plan_begin(ui->session->plan, "calibrated, minmax, 8 samples", &err));
	cr_assert(plan_set_ranges(ui->session->plan, &ranges, &err), "%s", err.text);
	plan_commit(ui->session->plan);
	ranges_release(&ranges);
	cr_assert(ui_update(ui, &err), "%s", err.text);
}

static void quit_all(struct ui *ui)
{
	measured(ui);
	editor_keys(ui, "jjp/Op7<Enter>pq");
}

static void quit_ranges(struct ui *ui)
{
	measured(ui);
	plan_mark_saved(ui->session->plan);
	editor_keys(ui, "q");
}

static void suggest(struct ui *ui)
{
	static const struct suggest_point points[] = {{1, 2, 3, 28.25, false, true},
		{2, 4, 4, 33.5, false, true}, {3, 4, 4, 33.75, false, false},
		{5, 8, 2, 41.125, false, true}, {8, 10, 0, 70, false, true}};
	struct suggest_report *report = calloc(1, sizeof(*report));
	struct suggestion *found = &report->found;

	*found = (struct suggestion){.ranking = calloc(8, sizeof(*found->ranking)),
		.ranked = 8,
		.curve = malloc(sizeof(points)),
		.points = 5,
		.weights_only = 72,
		.all_wide = 70,
		.all_narrow = 21.5,
		.current = 21.5,
		.chosen = points[3],
		.type = QTYPE_U16,
		.target = 41};
	memcpy(found->curve, points, sizeof(points));
	report->real = 41.0625;
	ui->measure.suggested = report;
	ui->measure.suggested_generation = ui->session->plan->generation;
	ui_command(ui, "curve");
	editor_keys(ui, "jj");
}

static void changed_on_disk(struct ui *ui)
{
	const char *path = "choices-of-the-encoder.json";

	test_write_text(path, "{}\n");
	ui->session->overrides_path = strdup(path);
	safety_note_files(ui);
	test_write_text(path, "{ }\n");
	editor_keys(ui, "jp:w<Enter>");
}

static void messages(struct ui *ui)
{
	ui_command(ui, "w");
	ui_command(ui, "seed Op9_out=QUInt16");
	ui_command(ui, "messages");
}

/* Keys in notation, or a function; a card is shown without what is around it on the
 * largest screen. */
static const struct shown {
	const char *name, *keys;
	void (*make)(struct ui *ui);
} all[] = {
	{"welcome", NULL, welcome},
	{"recent", NULL, recent},
	{"recover", NULL, recover},
	{"quit", "jjp<Esc>q", NULL},
	{"quit-all", NULL, quit_all},
	{"quit-ranges", NULL, quit_ranges},
	{"help", "?", NULL},
	{"help-filtered", "?fold", NULL},
	{"help-empty", "?xyzzy", NULL},
	{"readers", "/Op2<Enter>c", NULL},
	{"form", "/Op4<Enter>e", NULL},
	{"types", "P", NULL},
	{"choice", "/Op2<Enter>gr", NULL},
	{"undolist", "/Op4<Enter>pjp:undolist<Enter>", NULL},
	{"messages", NULL, messages},
	{"settings", ":set<Enter>", NULL},
	{"explain", ":explain<Space>boundary<Enter>", NULL},
	{"in-file", "/Op4<Enter>pF", NULL},
	{"diff", "/Op4<Enter>pD", NULL},
	{"presets", ":preset<Enter>", NULL},
	{"map", ":map<Enter>", NULL},
	{"export", "/Op4<Enter>p:export<Enter>", NULL},
	{"suggest", NULL, suggest},
	{"tour", ":tour<Enter>", NULL},
	{"palette", ":sa", NULL},
	{"palette-empty", ":xyzzy", NULL},
	{"go", "<C-p>op", NULL},
	{"search-fault", "/is:nothing", NULL},
	{"filter-empty", "\\xyzzy", NULL},
	{"changed-on-disk", NULL, changed_on_disk},
};

/* ---- Comparing. */

static const struct variant {
	const char *name;
	enum paint_mode paint;
	bool ascii;
} variants[] = {
	{"colour", PAINT_256, false},
	{"mono", PAINT_MONO, false},
	{"ascii", PAINT_MONO, true},
};

static const struct {
	int w, h;
} sizes[] = {{80, 24}, {40, 10}, {160, 45}};

static struct ui *editor(const struct variant *variant, int w, int h)
{
	struct ui *ui = editor_on_demo("mixed8");

	cr_assert_eq(chdir(test_folder()), 0);
	ui->settings.paint = ui->frame.paint = variant->paint;
	ui->settings.ascii = ui->frame.ascii = variant->ascii;
	ui_resize(ui, w, h);
	ui->now = 1000;
	ui_draw(ui);
	return ui;
}

/* A card with its border, or all of the screen. */
static struct rect what_of(const struct ui *ui)
{
	struct rect box = ui->card_place;

	if (ui->frame.w < 160 || !ui_card(ui))
		return (struct rect){0, 0, ui->frame.w, ui->frame.h};
	return (struct rect){box.x - 2, box.y - 1, box.w + 4, box.h + 2};
}

static char *dump_one(const struct shown *shown, const struct variant *variant, int size)
{
	struct ui *ui = editor(variant, sizes[size].w, sizes[size].h);
	char *text;

	if (shown->make)
		shown->make(ui);
	else
		editor_keys(ui, shown->keys);
	ui_draw(ui);
	text = frame_dump_part(&ui->frame, what_of(ui), true);
	ui_free(ui);
	return test_text(
		"== %s-%dx%d\n%s", shown->name, sizes[size].w, sizes[size].h, text);
}

static void check_ascii(const char *text)
{
	for (; *text; text++)
		cr_assert((*text >= 32 && *text < 127) || *text == '\n');
}

/* The names of what differs, for the message. */
static void compare(const char *now, const char *golden, const char *path)
{
	char name[80] = "";
	size_t n = 0;

	for (; *now && *now == *golden; now++, golden++)
		if (!n || now[-1] == '\n') {
			sscanf(now, "== %79s", name);
			n = 1;
		}
	cr_expect(*now == *golden, "%s differs at %s; look at it, then make golden", path,
		name);
}

Test(screens_cards, every_card_at_three_sizes)
{
	setenv("TZ", "UTC", 1);
	for (size_t v = 0; v < sizeof(variants) / sizeof(*variants); v++) {
		const char *path = test_source(
			test_text("tests/screens/all.%s.txt", variants[v].name));
		char *text = NULL;
		size_t length;
		FILE *out = open_memstream(&text, &length);

		for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++)
			for (int size = 0; size < 3; size++)
				fputs(dump_one(&all[i], &variants[v], size), out);
		fclose(out);
		golden_mask_totals(text);
		if (variants[v].ascii)
			check_ascii(text);
		if (getenv("QDQEDIT_TEST_GOLDEN"))
			test_write_text(path, text);
		else
			compare(text, test_read_file(path, NULL), path);
	}
}

/* Every card has its golden here. */
Test(screens_cards, no_card_is_left_out)
{
	bool seen[CARD_COUNT] = {[CARD_NONE] = true};

	for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++) {
		struct ui *ui = editor(&variants[0], 80, 24);

		if (all[i].make)
			all[i].make(ui);
		else
			editor_keys(ui, all[i].keys);
		seen[ui_card(ui)] = true;
		ui_free(ui);
	}
	for (int card = 0; card < CARD_COUNT; card++)
		cr_expect(seen[card], "card %d has no golden screen", card);
}
